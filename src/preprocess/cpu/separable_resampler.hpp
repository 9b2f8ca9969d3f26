/// Means over windows that lie in rows and columns along the axes of a grid.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "preprocess/cpu/axis_taps.hpp"
#include "preprocess/cpu/block_kernel.hpp"
#include "preprocess/cpu/component_group.hpp"

namespace retinue {

/// Owns its taps and one row of scratch memory. Window (i, j) is the i-th `across` and the j-th
/// `down`.
class SeparableResampler {
 public:
  /// Borrows the group's samples until the next call.
  void assign(const ComponentGroup& group, const AxisWindows& across, const AxisWindows& down);

  /// out[component][i] = the mean over window (i, j), in the group's unit, for `first` <= i <
  /// `last`. Writes up to one vector beyond `last`.
  void row(int j, int first, int last, const std::array<float*, 3>& out);

 private:
  struct WindowRange {
    int first = 0;
    int last = 0;  ///< Not included.

    bool is_empty() const { return first >= last; }
  };

  /// Windows that have a kernel of their own. Their rows lie side by side.
  enum class Quick { none, blocks, columns };

  /// The samples of a window row that is quick, and of the one behind it, row by row.
  struct QuickRows {
    std::span<const std::byte* const> rows() const { return {pointers.data(), count}; }
    std::span<const std::byte* const> next_rows() const {
      return {pointers.data() + count, next_count};
    }

    std::array<const std::byte*, std::size_t{2} * kLargestBlock> pointers{};
    std::size_t count = 0;
    std::size_t next_count = 0;
  };

  Quick quick_windows() const;
  WindowRange quick_range() const;
  std::array<std::int16_t, 3> column_weights() const;
  /// Of window row `j`, from sample `first` on.
  QuickRows quick_rows(int j, const std::byte* plane, int first) const;
  void quickly(int j, WindowRange windows, const std::array<float*, 3>& out);
  void mean_blocks(int j, WindowRange windows, const std::array<float*, 3>& out);
  void blend_columns(int j, WindowRange windows, const std::array<float*, 3>& out);

  /// Any windows, by their weights.
  void blend(int j, WindowRange windows, const std::array<float*, 3>& out);

  /// Windows of bytes beside those that are quick: few, as a rule.
  void blend_rest(int j, WindowRange windows, const std::array<float*, 3>& out);

  /// Blends the rows of window row `j` of one plane into `blended_`, for samples `first` to `last`.
  void blend_plane(int j, const std::byte* plane, int first, int last);

  /// Finds `rows_`, and `next_rows_` for the row behind: those of window row `j` that have weights,
  /// from sample `first` on.
  void find_rows(int j, const std::byte* plane, int first);

  /// Those that window row `j` reads beyond the row before it. Rows end too soon for the processor
  /// to see them coming.
  void find_new_rows(int j, const std::byte* plane, int first);

  ComponentGroup group_;
  int row_count_ = 0;  ///< Of windows.
  AxisTaps across_;
  AxisTaps down_;
  Quick quick_ = Quick::none;
  std::array<std::int16_t, 3> column_weights_{};  ///< Of quick columns, as ColumnBlend has them.
  std::vector<const std::byte*> rows_;
  std::vector<float> weights_;
  std::vector<const std::byte*> next_rows_;
  std::vector<float> blended_;
};

}  // namespace retinue
