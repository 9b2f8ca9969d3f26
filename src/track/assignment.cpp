#include "track/assignment.hpp"

#include <algorithm>
#include <limits>

namespace retinue {

std::span<const std::optional<std::size_t>> Assignment::solve(std::span<const float> costs,
                                                              std::size_t rows, std::size_t columns,
                                                              float limit) {
  answer_.assign(rows, std::nullopt);
  if (rows == 0 || columns == 0) return answer_;
  // The method gives every row a column, so the smaller side has the rows. Costs above the limit
  // become the limit: such a pair stands for staying alone.
  const bool turned = rows > columns;
  const std::size_t n = turned ? columns : rows;
  const std::size_t m = turned ? rows : columns;
  costs_.resize(n * m);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      const float cost = std::min(costs[r * columns + c], limit);
      costs_[turned ? c * m + r : r * m + c] = static_cast<double>(cost);
    }
  }
  row_potential_.assign(n + 1, 0);
  column_potential_.assign(m + 1, 0);
  row_of_column_.assign(m + 1, 0);
  previous_column_.assign(m + 1, 0);
  for (std::size_t row = 1; row <= n; ++row)
    augment(row, m);
  for (std::size_t column = 1; column <= m; ++column) {
    if (row_of_column_[column] == 0) continue;
    const std::size_t r = turned ? column - 1 : row_of_column_[column] - 1;
    const std::size_t c = turned ? row_of_column_[column] - 1 : column - 1;
    if (costs[r * columns + c] < limit) answer_[r] = c;
  }
  return answer_;
}

void Assignment::augment(std::size_t row, std::size_t columns) {
  constexpr double kFar = std::numeric_limits<double>::max();
  row_of_column_[0] = row;
  slack_.assign(columns + 1, kFar);
  visited_.assign(columns + 1, false);
  std::size_t column = 0;
  do {
    visited_[column] = true;
    const std::size_t r = row_of_column_[column];
    double shortest = kFar;
    std::size_t nearest = 0;
    for (std::size_t c = 1; c <= columns; ++c) {
      if (visited_[c]) continue;
      const double reduced =
          costs_[(r - 1) * columns + c - 1] - row_potential_[r] - column_potential_[c];
      if (reduced < slack_[c]) {
        slack_[c] = reduced;
        previous_column_[c] = column;
      }
      if (slack_[c] < shortest) {
        shortest = slack_[c];
        nearest = c;
      }
    }
    for (std::size_t c = 0; c <= columns; ++c) {
      if (visited_[c]) {
        row_potential_[row_of_column_[c]] += shortest;
        column_potential_[c] -= shortest;
      } else {
        slack_[c] -= shortest;
      }
    }
    column = nearest;
  } while (row_of_column_[column] != 0);
  while (column != 0) {
    const std::size_t before = previous_column_[column];
    row_of_column_[column] = row_of_column_[before];
    column = before;
  }
}

}  // namespace retinue
