#include "face/fhog.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
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

/// Every 20 degrees, as dlib rounds them.
constexpr std::array<std::array<double, 2>, 18> kDirections = {{{1, 0},
                                                                {0.9397, 0.3420},
                                                                {0.7660, 0.6428},
                                                                {0.5, 0.8660},
                                                                {0.1736, 0.9848},
                                                                {-0.1736, 0.9848},
                                                                {-0.5, 0.8660},
                                                                {-0.7660, 0.6428},
                                                                {-0.9397, 0.3420},
                                                                {-1, 0},
                                                                {-0.9397, -0.3420},
                                                                {-0.7660, -0.6428},
                                                                {-0.5, -0.8660},
                                                                {-0.1736, -0.9848},
                                                                {0.1736, -0.9848},
                                                                {0.5, -0.8660},
                                                                {0.7660, -0.6428},
                                                                {0.9397, -0.3420}}};

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
      std::size_t direction = 0;
      double nearest = 0;
      for (std::size_t i = 0; i < 18; ++i) {
        const double dot = gx * kDirections[i][0] + gy * kDirections[i][1];
        if (dot > nearest) {
          nearest = dot;
          direction = i;
        }
      }
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
      for (const int right : {1, -1})
        for (const int down : {1, -1})
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

TEST(Fhog, IsThatOfDlib) {
  // dlib 19.24, extract_fhog_features with cells of 8, on this picture: three cells, and the sums
  // of each channel over all cells.
  Rgb rgb{};
  std::uint32_t noise = 1;
  for (int y = 0; y < kAlignedFaceSide; ++y) {
    for (int x = 0; x < kAlignedFaceSide; ++x) {
      for (int c = 0; c < 3; ++c) {
        noise = noise * 1664525U + 1013904223U;
        const int base = (x * x + (2 + c) * y * x / 3 + y * (5 + c)) / 37 % 160;
        rgb[static_cast<std::size_t>(3 * (y * kAlignedFaceSide + x) + c)] =
            static_cast<std::uint8_t>(base + static_cast<int>((noise >> 24U) % 64));
      }
    }
  }
  constexpr std::array<double, kFhogChannels> kSums = {
      22.01212, 23.75628, 29.65386, 21.55990, 15.95918, 12.69645, 11.86672, 11.38690,
      18.12922, 35.77634, 13.53615, 37.81531, 23.88165, 8.31353,  9.21409,  13.27940,
      22.67662, 21.45155, 49.74244, 37.12930, 54.50743, 43.96069, 24.10564, 21.80900,
      24.75726, 31.93975, 38.87992, 39.86839, 40.84203, 42.36786, 43.30954};
  constexpr std::array<double, kFhogChannels> kFirst = {
      0.127068, 0.281630, 0.298522, 0.277606, 0.319928, 0.055713, 0.073892, 0.098061,
      0.093915, 0.068786, 0.212999, 0.202197, 0.188685, 0.232021, 0.105503, 0.034848,
      0.272245, 0.116297, 0.195853, 0.400000, 0.400000, 0.400000, 0.400000, 0.161216,
      0.108740, 0.369546, 0.210212, 0.333567, 0.352649, 0.363742, 0.392486};
  constexpr std::array<double, kFhogChannels> kInner = {
      0.110835, 0.149061, 0.238507, 0.183307, 0.021093, 0.031865, 0.108400, 0.032700,
      0.081876, 0.400000, 0.081978, 0.312695, 0.155776, 0.023956, 0.056494, 0.083967,
      0.109432, 0.100742, 0.400000, 0.231039, 0.400000, 0.327266, 0.045049, 0.088359,
      0.192367, 0.142132, 0.182619, 0.338335, 0.281243, 0.240648, 0.215832};
  constexpr std::array<double, kFhogChannels> kLast = {
      0.125372, 0.105905, 0.141471, 0.154070, 0.086086, 0.014339, 0.033245, 0.009142,
      0.063062, 0.400000, 0.116815, 0.400000, 0.116228, 0.014559, 0.027788, 0.028556,
      0.070370, 0.055921, 0.400000, 0.222720, 0.400000, 0.270298, 0.100645, 0.042127,
      0.061802, 0.079513, 0.118984, 0.236925, 0.231085, 0.231304, 0.226011};
  const auto ours = fhog_of(rgb);
  for (std::size_t i = 0; i < kFhogChannels; ++i) {
    double sum = 0;
    for (std::size_t row = 0; row < kFhogSide; ++row)
      for (std::size_t column = 0; column < kFhogSide; ++column)
        sum += channel(*ours, row, column, i);
    // dlib computes in 32 bits: where two gradients or directions are next to equal, it may take
    // the other one. Swapped channels would differ by 0.04.
    EXPECT_NEAR(sum / 144, kSums[i] / 144, 5e-4) << i;
    EXPECT_NEAR(channel(*ours, 0, 0, i), kFirst[i], 5e-4) << i;
    EXPECT_NEAR(channel(*ours, 3, 7, i), kInner[i], 5e-4) << i;
    EXPECT_NEAR(channel(*ours, 11, 11, i), kLast[i], 5e-4) << i;
  }
}

}  // namespace
}  // namespace retinue
