#include "preprocess/cpu/separable_resampler.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "preprocess/cpu/block_kernel.hpp"
#include "preprocess/cpu/separable_kernels.hpp"

namespace retinue {

void SeparableResampler::assign(const ComponentGroup& group, const AxisWindows& across,
                                const AxisWindows& down) {
  group_ = group;
  row_count_ = down.count;
  across_.assign(across, group.size.width);
  down_.assign(down, group.size.height);
  const auto samples = static_cast<std::size_t>(across_.end() - across_.begin());
  const auto numbers_per_step = static_cast<std::size_t>(group.step_bytes / group.bytes_per_sample);
  blended_.resize(samples * numbers_per_step + kRowPadding);
  quick_ = quick_windows();
  if (quick_ == Quick::columns) column_weights_ = column_weights();
}

void SeparableResampler::find_rows(int j, const std::byte* plane, int first) {
  rows_.clear();
  weights_.clear();
  for (int tap = 0; tap < down_.taps(); ++tap) {
    if (down_.weight(j, tap) == 0) continue;
    const std::ptrdiff_t row = down_.first(j) + tap;
    rows_.push_back(plane + row * group_.stride_bytes + std::ptrdiff_t{first} * group_.step_bytes);
    weights_.push_back(down_.weight(j, tap));
  }
  find_new_rows(j + 1, plane, first);
}

void SeparableResampler::find_new_rows(int j, const std::byte* plane, int first) {
  next_rows_.clear();
  if (j == row_count_) return;
  const int begin = std::max(down_.first(j), down_.first(j - 1) + down_.taps());
  const int end = down_.first(j) + down_.taps();
  for (std::ptrdiff_t row = begin; row < end; ++row) {
    next_rows_.push_back(plane + row * group_.stride_bytes +
                         std::ptrdiff_t{first} * group_.step_bytes);
  }
}

void SeparableResampler::blend_plane(int j, const std::byte* plane, int first, int last) {
  find_rows(j, plane, first);
  const int numbers_per_step = group_.step_bytes / group_.bytes_per_sample;
  const int skipped = (first - across_.begin()) * numbers_per_step;
  blend_rows({.rows = rows_,
              .weights = weights_,
              .next_rows = next_rows_,
              .count = static_cast<std::size_t>((last - first) * numbers_per_step),
              .bytes_per_number = group_.bytes_per_sample,
              .significant_bits = group_.significant_bits},
             blended_.data() + skipped);
}

void SeparableResampler::blend(int j, WindowRange windows, const std::array<float*, 3>& out) {
  const auto [a, b] = std::minmax({across_.first(windows.first), across_.first(windows.last - 1)});
  for (std::size_t c = 0; c < static_cast<std::size_t>(group_.count); ++c) {
    if (c == 0 || !group_.interleaved()) blend_plane(j, group_.plane[c], a, b + across_.taps());
    const int offset = group_.interleaved() ? group_.offset_bytes[c] / group_.bytes_per_sample : 0;
    blend_samples({.row = blended_.data() + offset,
                   .step = group_.step_bytes / group_.bytes_per_sample,
                   .first_window = windows.first,
                   .last_window = windows.last},
                  across_, out[group_.component[c]]);
  }
}

SeparableResampler::Quick SeparableResampler::quick_windows() const {
  const bool of_bytes = group_.bytes_per_sample == 1 && group_.step_bytes == 1;
  if (!of_bytes) return Quick::none;
  if (across_.taps() == down_.taps() && has_block_means(down_.taps())) return Quick::blocks;
  if (across_.taps() == 3 && across_.run_step() == 2 && down_.taps() == 2) return Quick::columns;
  return Quick::none;
}

SeparableResampler::WindowRange SeparableResampler::quick_range() const {
  if (quick_ == Quick::blocks) return {across_.means_begin(), across_.means_end()};
  return {across_.alike_begin(), across_.alike_end()};
}

/// Those of windows that are alike, as ColumnBlend has them. Rounded: what comes of bytes is less
/// than 0.02 off.
std::array<std::int16_t, 3> SeparableResampler::column_weights() const {
  const float units_of_a_row = 1 / (static_cast<float>(down_.taps()) * ColumnBlend::kWeightUnit);
  const auto units = [&](int tap) {
    return std::lround(units_of_a_row * across_.weight(across_.alike_begin(), tap));
  };
  // Where the picture is plain, nothing is lost.
  const auto middle = std::lround(units_of_a_row) - units(0) - units(2);
  return {static_cast<std::int16_t>(units(0)), static_cast<std::int16_t>(middle),
          static_cast<std::int16_t>(units(2))};
}

SeparableResampler::QuickRows SeparableResampler::quick_rows(int j, const std::byte* plane,
                                                             int first) const {
  QuickRows found{.count = static_cast<std::size_t>(down_.taps())};
  if (j + 1 < down_.means_end()) found.next_count = found.count;
  const std::byte* top = plane + std::ptrdiff_t{down_.first(j)} * group_.stride_bytes + first;
  for (std::size_t i = 0; i < found.count + found.next_count; ++i)
    found.pointers[i] = top + static_cast<std::ptrdiff_t>(i) * group_.stride_bytes;
  return found;
}

void SeparableResampler::quickly(int j, WindowRange windows, const std::array<float*, 3>& out) {
  if (quick_ == Quick::blocks) return mean_blocks(j, windows, out);
  blend_columns(j, windows, out);
}

void SeparableResampler::mean_blocks(int j, WindowRange windows, const std::array<float*, 3>& out) {
  for (std::size_t c = 0; c < static_cast<std::size_t>(group_.count); ++c) {
    const QuickRows rows = quick_rows(j, group_.plane[c], across_.first(windows.first));
    retinue::mean_blocks({.rows = rows.rows(),
                          .next_rows = rows.next_rows(),
                          .count = static_cast<std::size_t>(windows.last - windows.first)},
                         out[group_.component[c]] + windows.first);
  }
}

void SeparableResampler::blend_columns(int j, WindowRange windows,
                                       const std::array<float*, 3>& out) {
  for (std::size_t c = 0; c < static_cast<std::size_t>(group_.count); ++c) {
    const QuickRows rows = quick_rows(j, group_.plane[c], across_.first(windows.first));
    retinue::blend_columns({.rows = {rows.pointers[0], rows.pointers[1]},
                            .next_rows = rows.next_rows(),
                            .weights = column_weights_,
                            .count = static_cast<std::size_t>(windows.last - windows.first)},
                           out[group_.component[c]] + windows.first);
  }
}

void SeparableResampler::blend_rest(int j, WindowRange windows, const std::array<float*, 3>& out) {
  constexpr int kFew = 4;
  if (windows.is_empty()) return;
  if (windows.last - windows.first > kFew) return blend(j, windows, out);
  for (std::size_t c = 0; c < static_cast<std::size_t>(group_.count); ++c) {
    for (int i = windows.first; i < windows.last; ++i) {
      float sum = 0;
      for (int y = 0; y < down_.taps(); ++y) {
        const std::byte* row = group_.plane[c] +
                               std::ptrdiff_t{down_.first(j) + y} * group_.stride_bytes +
                               across_.first(i);
        for (int x = 0; x < across_.taps(); ++x) {
          const auto sample = static_cast<float>(std::to_integer<int>(row[x]));
          sum += down_.weight(j, y) * across_.weight(i, x) * sample;
        }
      }
      out[group_.component[c]][i] = sum;
    }
  }
}

void SeparableResampler::row(int j, int first, int last, const std::array<float*, 3>& out) {
  const bool rows_are_mean = j >= down_.means_begin() && j < down_.means_end();
  if (quick_ == Quick::none || !rows_are_mean) return blend(j, {first, last}, out);
  WindowRange quick = quick_range();
  quick = {std::max(quick.first, first), std::min(quick.last, last)};
  if (quick.is_empty()) return blend(j, {first, last}, out);
  // Blending writes beyond its last window.
  blend_rest(j, {first, quick.first}, out);
  quickly(j, quick, out);
  blend_rest(j, {quick.last, last}, out);
}

}  // namespace retinue
