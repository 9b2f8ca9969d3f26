#include "face/fhog.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numbers>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace retinue {
namespace {

using Rgb = std::array<std::uint8_t, kAlignedFaceBytes>;
using Channels = std::array<double, kFhogCount>;

std::unique_ptr<Channels> fhog_of(const Rgb& rgb) {
  auto out = std::make_unique<Channels>();
  fhog(rgb, *out);
  return out;
}

/// Every pixel's gray is `gray(x, y)`.
template <typename Gray>
std::unique_ptr<Rgb> picture(Gray gray) {
  auto rgb = std::make_unique<Rgb>();
  for (int y = 0; y < kAlignedFaceSide; ++y)
    for (int x = 0; x < kAlignedFaceSide; ++x)
      for (int c = 0; c < 3; ++c)
        (*rgb)[static_cast<std::size_t>(3 * (y * kAlignedFaceSide + x) + c)] =
            static_cast<std::uint8_t>(gray(x, y));
  return rgb;
}

double channel(const Channels& channels, std::size_t row, std::size_t column, std::size_t index) {
  return channels[(row * kFhogSide + column) * kFhogChannels + index];
}

/// Slow and obvious: for each cell, over all pixels.
std::unique_ptr<Channels> plain_fhog(const Rgb& rgb) {
  constexpr int kCells = kAlignedFaceSide / 8;
  const auto pixel = [&rgb](int x, int y, int c) {
    return static_cast<double>(rgb[static_cast<std::size_t>(3 * (y * kAlignedFaceSide + x) + c)]);
  };
  std::vector<std::array<double, 18>> cells(kCells * kCells);
  for (int y = 1; y < kAlignedFaceSide - 1; ++y) {
    for (int x = 1; x < kAlignedFaceSide - 1; ++x) {
      double gx = 0;
      double gy = 0;
      for (int c = 0; c < 3; ++c) {
        const double cx = pixel(x + 1, y, c) - pixel(x - 1, y, c);
        const double cy = pixel(x, y + 1, c) - pixel(x, y - 1, c);
        if (cx * cx + cy * cy > gx * gx + gy * gy) {
          gx = cx;
          gy = cy;
        }
      }
      const long nearest = std::lround(std::atan2(gy, gx) / (std::numbers::pi / 9));
      auto direction = static_cast<std::size_t>((nearest + 18) % 18);
      // Straight down or up is as near to one direction as to the next: the first gets it.
      if (gx == 0) direction = gy > 0 ? 4 : 13;
      for (int row = 0; row < kCells; ++row) {
        for (int column = 0; column < kCells; ++column) {
          const double wy = 1 - std::abs(y + 0.5 - (8 * row + 4)) / 8;
          const double wx = 1 - std::abs(x + 0.5 - (8 * column + 4)) / 8;
          if (wx > 0 && wy > 0)
            cells[static_cast<std::size_t>(row * kCells + column)][direction] +=
                wx * wy * std::hypot(gx, gy);
        }
      }
    }
  }
  const auto cell = [&cells](int row, int column) -> const std::array<double, 18>& {
    return cells[static_cast<std::size_t>(row * kCells + column)];
  };
  const auto energy = [&cell](int row, int column) {
    double sum = 0;
    for (std::size_t i = 0; i < 9; ++i)
      sum += std::pow(cell(row, column)[i] + cell(row, column)[i + 9], 2);
    return sum;
  };
  auto out = std::make_unique<Channels>();
  std::size_t next = 0;
  for (int row = 1; row <= 12; ++row) {
    for (int column = 1; column <= 12; ++column) {
      std::vector<double> norms;
      for (const int down : {1, -1})
        for (const int right : {1, -1})
          norms.push_back(std::sqrt(energy(row, column) + energy(row + down, column) +
                                    energy(row, column + right) +
                                    energy(row + down, column + right) + 1e-4));
      const auto& h = cell(row, column);
      for (std::size_t i = 0; i < 18; ++i) {
        double sum = 0;
        for (const double norm : norms)
          sum += std::min(h[i] / norm, 0.2);
        (*out)[next++] = sum / 2;
      }
      for (std::size_t i = 0; i < 9; ++i) {
        double sum = 0;
        for (const double norm : norms)
          sum += std::min((h[i] + h[i + 9]) / norm, 0.2);
        (*out)[next++] = sum / 2;
      }
      for (const double norm : norms) {
        double sum = 0;
        for (std::size_t i = 0; i < 18; ++i)
          sum += std::min(h[i] / norm, 0.2);
        (*out)[next++] = 0.2357 * sum;
      }
    }
  }
  return out;
}

TEST(Fhog, OfAPictureWithoutContrastIsNothing) {
  const auto channels = fhog_of(*picture([](int, int) { return 90; }));
  for (const double value : *channels)
    ASSERT_EQ(value, 0);
}

TEST(Fhog, AnEdgeCountsForTheDirectionInWhichItGetsBrighter) {
  const auto to_right = fhog_of(*picture([](int x, int) { return x < 60 ? 20 : 200; }));
  const auto to_left = fhog_of(*picture([](int x, int) { return x < 60 ? 200 : 20; }));
  EXPECT_GT(channel(*to_right, 5, 6, 0), 0.3);
  EXPECT_EQ(channel(*to_right, 5, 6, 9), 0);
  EXPECT_GT(channel(*to_left, 5, 6, 9), 0.3);
  EXPECT_EQ(channel(*to_left, 5, 6, 0), 0);
  EXPECT_EQ(channel(*to_left, 5, 6, 18), channel(*to_right, 5, 6, 18)) << "the same orientation";
}

TEST(Fhog, IsThatOfASlowOneOnNoise) {
  std::mt19937 random(5);
  std::uniform_int_distribution<int> value(0, 255);
  Rgb rgb{};
  for (std::uint8_t& byte : rgb)
    byte = static_cast<std::uint8_t>(value(random));
  const auto ours = fhog_of(rgb);
  const auto plain = plain_fhog(rgb);
  for (std::size_t i = 0; i < kFhogCount; ++i)
    ASSERT_NEAR((*ours)[i], (*plain)[i], 1e-9) << i;
}

}  // namespace
}  // namespace retinue
