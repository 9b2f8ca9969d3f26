#include "kernels/matrix_kernels.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <hwy/cache_control.h>

#include "kernels/row_kernels.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/matrix_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace retinue::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Full = hn::ScalableTag<float>;
/// For the columns that fill no whole vector.
using Rest = hn::CappedTag<float, kChannelStep>;

// Loops over registers are unrolled at any optimisation level, or the registers become memory.

/// Rows times two vectors of sums that a tile keeps in registers, of 32 or of 16.
#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
constexpr std::size_t kTileRows = 14;
#else
constexpr std::size_t kTileRows = 6;
#endif

/// The sums of kRows rows for kVectors vectors of columns.
template <std::size_t kRows, std::size_t kVectors, typename D>
using Tile = std::array<std::array<hn::Vec<D>, kVectors>, kRows>;

/// Adds the products of all `depth` steps. Every element of b is read once for all the rows, every
/// one of a once for all the vectors.
template <std::size_t kRows, std::size_t kVectors, typename D>
HWY_INLINE void add_products(D d, const Product& product, std::size_t row, std::size_t column,
                             Tile<kRows, kVectors, D>& sums) {
  using V = hn::Vec<D>;
  constexpr std::size_t kThirds = (kRows + 2) / 3;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t step = product.a_row_step;
  // One pointer for three rows: what an address can hold beside it is once or twice the step.
  std::array<const float*, kThirds> a{};
#pragma GCC unroll 16
  for (std::size_t t = 0; t < kThirds; ++t)
    a[t] = product.a + (row + 3 * t) * step;
  const float* b = product.b + column;
  const float* ahead = product.ahead;
  for (std::size_t k = 0; k < product.depth; ++k, b += product.b_step) {
    hwy::Prefetch(ahead);
    hwy::Prefetch(ahead + product.ahead_step / 2);
    ahead += product.ahead_step;
    std::array<V, kVectors> right;
#pragma GCC unroll 16
    for (std::size_t v = 0; v < kVectors; ++v)
      right[v] = hn::LoadU(d, b + v * lanes);
#pragma GCC unroll 16
    for (std::size_t r = 0; r < kRows; ++r) {
      const V left = hn::Set(d, a[r / 3][r % 3 * step]);
#pragma GCC unroll 16
      for (std::size_t v = 0; v < kVectors; ++v)
        sums[r][v] = hn::MulAdd(left, right[v], sums[r][v]);
    }
#pragma GCC unroll 16
    for (std::size_t t = 0; t < kThirds; ++t)
      a[t] += product.a_step;
  }
}

/// The sums as they start: the bias of the row or of the column.
template <std::size_t kRows, std::size_t kVectors, typename D>
HWY_INLINE void set_bias(D d, const Product& product, std::size_t row, std::size_t column,
                         Tile<kRows, kVectors, D>& sums) {
  const std::size_t lanes = hn::Lanes(d);
#pragma GCC unroll 16
  for (std::size_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
    for (std::size_t v = 0; v < kVectors; ++v) {
      if (product.row_bias != nullptr) {
        sums[r][v] = hn::Set(d, product.row_bias[row + r]);
      } else if (product.column_bias != nullptr) {
        sums[r][v] = hn::LoadU(d, product.column_bias + column + v * lanes);
      } else {
        sums[r][v] = hn::Zero(d);
      }
    }
  }
}

template <std::size_t kRows, std::size_t kVectors, typename D>
HWY_INLINE void multiply_tile(D d, const Product& product, std::size_t row, std::size_t column) {
  using V = hn::Vec<D>;
  const std::size_t lanes = hn::Lanes(d);
  Tile<kRows, kVectors, D> sums;
  set_bias<kRows, kVectors>(d, product, row, column, sums);
  add_products<kRows, kVectors>(d, product, row, column, sums);
#pragma GCC unroll 16
  for (std::size_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
    for (std::size_t v = 0; v < kVectors; ++v) {
      const std::size_t at = (row + r) * product.out_step + column + v * lanes;
      V sum = sums[r][v];
      if (product.residual != nullptr) sum = hn::Add(sum, hn::LoadU(d, product.residual + at));
      if (product.rectified) sum = hn::Max(sum, hn::Zero(d));
      hn::StoreU(sum, d, product.out + at);
    }
  }
}

/// All rows of kVectors vectors of columns.
template <std::size_t kVectors, typename D>
HWY_INLINE void multiply_columns(D d, const Product& product, std::size_t column) {
  constexpr std::size_t kHalf = kTileRows > 8 ? 8 : 4;
  std::size_t row = 0;
  for (std::size_t left = product.rows; left > 0; left = product.rows - row) {
    if (left >= kTileRows) {
      multiply_tile<kTileRows, kVectors>(d, product, row, column);
      row += kTileRows;
    } else if (left == kTileRows - 1) {
      multiply_tile<kTileRows - 1, kVectors>(d, product, row, column);
      row += kTileRows - 1;
    } else if (left >= kHalf) {
      multiply_tile<kHalf, kVectors>(d, product, row, column);
      row += kHalf;
    } else if (left >= 4) {
      multiply_tile<4, kVectors>(d, product, row, column);
      row += 4;
    } else if (left >= 2) {
      multiply_tile<2, kVectors>(d, product, row, column);
      row += 2;
    } else {
      multiply_tile<1, kVectors>(d, product, row, column);
      row += 1;
    }
  }
}

void multiply(const Product& product) {
  const Full full;
  const Rest rest;
  const std::size_t lanes = hn::Lanes(full);
  std::size_t column = 0;
  for (; column + 2 * lanes <= product.columns; column += 2 * lanes) {
    multiply_columns<2>(full, product, column);
  }
  for (; column + lanes <= product.columns; column += lanes) {
    multiply_columns<1>(full, product, column);
  }
  for (; column < product.columns; column += hn::Lanes(rest)) {
    multiply_columns<1>(rest, product, column);
  }
}

template <typename D>
HWY_INLINE void normalise_row(D d, const Normalization& normalization, const float* x, float* out) {
  using V = hn::Vec<D>;
  const std::size_t columns = normalization.scale.size();
  const std::size_t lanes = hn::Lanes(d);
  V sum = hn::Zero(d);
  for (std::size_t c = 0; c < columns; c += lanes)
    sum = hn::Add(sum, hn::LoadU(d, x + c));
  const auto count = static_cast<float>(columns);
  const V mean = hn::Set(d, hn::GetLane(hn::SumOfLanes(d, sum)) / count);
  V squares = hn::Zero(d);
  for (std::size_t c = 0; c < columns; c += lanes) {
    const V difference = hn::Sub(hn::LoadU(d, x + c), mean);
    squares = hn::MulAdd(difference, difference, squares);
  }
  const float variance = hn::GetLane(hn::SumOfLanes(d, squares)) / count;
  const V rate = hn::Set(d, 1.0F / std::sqrt(variance + normalization.epsilon));
  for (std::size_t c = 0; c < columns; c += lanes) {
    const V factor = hn::Mul(rate, hn::LoadU(d, normalization.scale.data() + c));
    hn::StoreU(hn::Mul(hn::Sub(hn::LoadU(d, x + c), mean), factor), d, out + c);
  }
}

template <typename D>
HWY_INLINE void normalise_rows(D d, const Normalization& normalization, const float* x,
                               std::size_t rows, float* out) {
  const std::size_t columns = normalization.scale.size();
  for (std::size_t row = 0; row < rows; ++row)
    normalise_row(d, normalization, x + row * columns, out + row * columns);
}

void normalise(const Normalization& normalization, const float* x, std::size_t rows, float* out) {
  const Full full;
  if (normalization.scale.size() % hn::Lanes(full) == 0) {
    return normalise_rows(full, normalization, x, rows, out);
  }
  normalise_rows(Rest(), normalization, x, rows, out);
}

MatrixKernels kernels() {
  return {.multiply = multiply, .normalise = normalise};
}

}  // namespace
}  // namespace retinue::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace retinue {
namespace {
HWY_EXPORT(kernels);
}  // namespace

void append_strips(std::span<const float> elements, const StripShape& shape,
                   std::vector<float>& packed) {
  for (std::size_t first = 0; first < shape.rows; first += shape.strip) {
    const std::size_t last = std::min(first + shape.strip, shape.rows);
    for (std::size_t column = 0; column < shape.columns; ++column) {
      for (std::size_t row = first; row < last; ++row)
        packed.push_back(elements[row * shape.columns + column]);
    }
  }
}

MatrixKernels matrix_kernels() {
  return HWY_DYNAMIC_DISPATCH(kernels)();
}

}  // namespace retinue
#endif
