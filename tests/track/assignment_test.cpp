#include "track/assignment.hpp"

#include <algorithm>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace retinue {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr float kLimit = 0.8F;

using Columns = std::vector<std::optional<std::size_t>>;

Columns solved(const std::vector<float>& costs, std::size_t rows, std::size_t columns) {
  Assignment assignment;
  const auto answer = assignment.solve(costs, rows, columns, kLimit);
  return {answer.begin(), answer.end()};
}

/// What an answer costs: its pairs, and the limit for each of the smaller side that is alone.
double cost_of(std::span<const std::optional<std::size_t>> answer, const std::vector<float>& costs,
               std::size_t rows, std::size_t columns) {
  double sum = 0;
  std::size_t pairs = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    if (!answer[row]) continue;
    sum += static_cast<double>(costs[row * columns + *answer[row]]);
    ++pairs;
  }
  return sum + static_cast<double>(kLimit) * static_cast<double>(std::min(rows, columns) - pairs);
}

/// The least cost, found by trying everything: each row alone or with any free column.
double least_cost(const std::vector<float>& costs, std::size_t rows, std::size_t columns,
                  std::size_t row, std::vector<bool>& taken, std::size_t pairs) {
  if (row == rows)
    return static_cast<double>(kLimit) * static_cast<double>(std::min(rows, columns) - pairs);
  double least = least_cost(costs, rows, columns, row + 1, taken, pairs);
  for (std::size_t column = 0; column < columns; ++column) {
    const float cost = costs[row * columns + column];
    if (taken[column] || cost >= kLimit) continue;
    taken[column] = true;
    least = std::min(least, static_cast<double>(cost) +
                                least_cost(costs, rows, columns, row + 1, taken, pairs + 1));
    taken[column] = false;
  }
  return least;
}

TEST(Assignment, OfNothingIsNothing) {
  EXPECT_THAT(solved({}, 0, 0), IsEmpty());
  EXPECT_THAT(solved({}, 0, 3), IsEmpty());
  EXPECT_THAT(solved({}, 2, 0), ElementsAre(std::nullopt, std::nullopt));
}

TEST(Assignment, TakesTheLeastSumAndNotTheLeastPairFirst) {
  // The cheapest pair (0, 0) would leave row 1 with 0.7.
  const std::vector<float> costs = {0.1F, 0.2F, 0.15F, 0.7F};
  EXPECT_THAT(solved(costs, 2, 2), ElementsAre(1U, 0U));
}

TEST(Assignment, LeavesPairsAloneThatCostTheLimit) {
  const std::vector<float> costs = {0.8F, 1.0F, 0.9F, 0.3F};
  EXPECT_THAT(solved(costs, 2, 2), ElementsAre(std::nullopt, 1U));
}

TEST(Assignment, GivesNoColumnTwice) {
  const std::vector<float> costs = {0.1F, 0.1F, 0.1F};
  const Columns answer = solved(costs, 3, 1);
  EXPECT_EQ(std::ranges::count(answer, std::optional<std::size_t>(0)), 1);
}

TEST(Assignment, CostsAsLittleAsTheBestOfAllThatThereAre) {
  std::mt19937 random(7);
  std::uniform_real_distribution<float> cost(0, 1);
  Assignment assignment;  // One for all: what it keeps must not matter.
  for (std::size_t rows = 1; rows <= 5; ++rows) {
    for (std::size_t columns = 1; columns <= 6; ++columns) {
      for (int round = 0; round < 40; ++round) {
        std::vector<float> costs(rows * columns);
        std::ranges::generate(costs, [&] { return cost(random); });
        const auto answer = assignment.solve(costs, rows, columns, kLimit);
        std::vector<bool> taken(columns);
        EXPECT_NEAR(cost_of(answer, costs, rows, columns),
                    least_cost(costs, rows, columns, 0, taken, 0), 1e-5)
            << rows << " x " << columns;
      }
    }
  }
}

}  // namespace
}  // namespace retinue
