/// Convolutions by their definition, one multiplication after the other, to compare with.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "kernels/convolution_constants.hpp"

namespace retinue {

/// A picture [rows, columns, channels].
struct PlainPicture {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::size_t channels = 0;
  std::vector<float> elements;

  PlainPicture(std::size_t row_count, std::size_t column_count, std::size_t channel_count)
      : rows(row_count),
        columns(column_count),
        channels(channel_count),
        elements(row_count * column_count * channel_count) {}

  float& at(std::size_t row, std::size_t column, std::size_t channel) {
    return elements.at((row * columns + column) * channels + channel);
  }
  /// Zero outside.
  float at(std::ptrdiff_t row, std::ptrdiff_t column, std::size_t channel) const {
    const bool inside = row >= 0 && column >= 0 && row < static_cast<std::ptrdiff_t>(rows) &&
                        column < static_cast<std::ptrdiff_t>(columns);
    if (!inside) return 0.0F;
    const std::size_t pixel =
        static_cast<std::size_t>(row) * columns + static_cast<std::size_t>(column);
    return elements.at(pixel * channels + channel);
  }
};

/// Owns what ConvolutionConstants borrows.
struct PlainConstants {
  std::vector<float> weights, bias, slope;

  ConvolutionConstants view() const { return {.weights = weights, .bias = bias, .slope = slope}; }
};

/// Numbers between -scale and scale, the same in every run.
inline std::vector<float> numbers(std::size_t count, float scale, std::uint32_t seed) {
  std::minstd_rand random(seed);
  std::uniform_real_distribution<float> uniform(-scale, scale);
  std::vector<float> values(count);
  for (float& value : values)
    value = uniform(random);
  return values;
}

/// Slopes as the 478-point mesh has them: negative ones, and some far above 1.
inline PlainConstants plain_constants(std::size_t outputs, std::size_t window, std::uint32_t seed) {
  return {.weights = numbers(outputs * window, 0.5F, seed),
          .bias = numbers(outputs, 1.0F, seed + 1),
          .slope = numbers(outputs, 5.0F, seed + 2)};
}

struct PlainWindow {
  std::size_t kernel = 1;
  std::size_t stride = 1;
  std::size_t top = 0;   ///< Rows of zeros above.
  std::size_t left = 0;  ///< Columns of zeros before.
  bool depthwise = false;
};

inline float prelu(const PlainConstants& constants, std::size_t channel, double x) {
  const auto value = static_cast<float>(x);
  return value > 0.0F || constants.slope.empty() ? value : value * constants.slope[channel];
}

/// The convolution's sums before its PReLU, `rows` x `columns` of them.
inline PlainPicture convolve(const PlainPicture& x, const PlainConstants& constants,
                             const PlainWindow& window, std::size_t rows, std::size_t columns) {
  const std::size_t inputs = window.depthwise ? 1 : x.channels;
  const std::size_t taps = window.kernel * window.kernel;
  const std::size_t outputs = constants.weights.size() / (inputs * taps);
  PlainPicture y(rows, columns, outputs);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      for (std::size_t o = 0; o < outputs; ++o) {
        double sum = constants.bias.empty() ? 0.0 : static_cast<double>(constants.bias[o]);
        for (std::size_t i = 0; i < inputs; ++i) {
          for (std::size_t tap = 0; tap < taps; ++tap) {
            const auto at_row =
                static_cast<std::ptrdiff_t>(row * window.stride + tap / window.kernel) -
                static_cast<std::ptrdiff_t>(window.top);
            const auto at_column =
                static_cast<std::ptrdiff_t>(column * window.stride + tap % window.kernel) -
                static_cast<std::ptrdiff_t>(window.left);
            const float weight = constants.weights[(o * inputs + i) * taps + tap];
            const float input = x.at(at_row, at_column, window.depthwise ? o : i);
            sum += static_cast<double>(weight) * static_cast<double>(input);
          }
        }
        y.at(row, column, o) = static_cast<float>(sum);
      }
    }
  }
  return y;
}

inline PlainPicture activated(PlainPicture x, const PlainConstants& constants) {
  for (std::size_t i = 0; i < x.elements.size(); ++i) {
    x.elements[i] = prelu(constants, i % x.channels, static_cast<double>(x.elements[i]));
  }
  return x;
}

/// A few roundings of the largest value.
inline void expect_near(const std::vector<float>& actual, const std::vector<float>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  float largest = 1.0F;
  for (const float value : expected)
    largest = std::max(largest, std::abs(value));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_NEAR(actual[i], expected[i], 4e-6F * largest) << "at " << i;
  }
}

/// A test for each kind of vectors that this machine has.
class OnEveryTarget : public testing::TestWithParam<std::int64_t> {
 protected:
  void SetUp() override { hwy::SetSupportedTargetsForTest(GetParam()); }
  void TearDown() override { hwy::SetSupportedTargetsForTest(0); }
};

inline std::string target_name(const testing::TestParamInfo<std::int64_t>& info) {
  return hwy::TargetName(info.param);
}

}  // namespace retinue
