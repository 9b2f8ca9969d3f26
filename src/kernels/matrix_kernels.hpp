/// Products of small matrices, vectorised for the machine that runs them. Private to this module.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace retinue {

/// A matrix that is multiplied in strips of rows, each [columns, rows of the strip] in memory, one
/// after the other: in the order in which products read them. The last strip may be narrower.
struct StripShape {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::size_t strip = 0;  ///< Rows of a strip.
};

/// Appends to `packed` the first rows of `elements` [at least so many rows, columns].
void append_strips(std::span<const float> elements, const StripShape& shape,
                   std::vector<float>& packed);

/// result[i, j] = Σ a[i, k]·b[k, j] + bias. Extents in elements; steps in floats.
struct Product {
  std::size_t rows = 0;
  std::size_t columns = 0;  ///< A multiple of kChannelStep.
  std::size_t depth = 0;
  const float* a = nullptr;
  std::size_t a_row_step = 0;
  std::size_t a_step = 0;  ///< From a[i, k] to a[i, k + 1].
  const float* b = nullptr;
  std::size_t b_step = 0;              ///< From b[k, j] to b[k + 1, j].
  const float* row_bias = nullptr;     ///< [rows], or null: none.
  const float* column_bias = nullptr;  ///< [columns], or null: none.
  const float* residual = nullptr;     ///< Added, laid out as `out`, which it may be; or null.
  bool rectified = false;              ///< Negative results become 0.
  float* out = nullptr;
  std::size_t out_step = 0;  ///< From row to row.
  /// What is read after this product: fetched meanwhile, `ahead_step` floats for each of `depth`.
  const float* ahead = nullptr;
  std::size_t ahead_step = 0;  ///< At most two cache lines.
};

/// A normalisation of rows: (x − mean) / sqrt(variance + epsilon) · scale.
struct Normalization {
  std::span<const float> scale;  ///< One for each column.
  float epsilon = 0.0F;
};

/// The functions compiled for this machine's vectors.
struct MatrixKernels {
  void (*multiply)(const Product& product);
  /// `rows` rows of a multiple of kChannelStep columns.
  void (*normalise)(const Normalization& normalization, const float* x, std::size_t rows,
                    float* out);
};

MatrixKernels matrix_kernels();

}  // namespace retinue
