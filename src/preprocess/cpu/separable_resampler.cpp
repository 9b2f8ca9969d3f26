#include "preprocess/cpu/separable_resampler.hpp"

#include <algorithm>

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

SeparableResampler::WindowRange SeparableResampler::blocks(int j) const {
  const bool of_bytes = group_.bytes_per_sample == 1 && group_.step_bytes == 1;
  const bool square = across_.taps() == down_.taps() && has_block_means(down_.taps());
  if (!of_bytes || !square || j < down_.means_begin() || j >= down_.means_end()) return {};
  return {across_.means_begin(), across_.means_end()};
}

void SeparableResampler::mean_blocks(int j, WindowRange windows, const std::array<float*, 3>& out) {
  for (std::size_t c = 0; c < static_cast<std::size_t>(group_.count); ++c) {
    find_rows(j, group_.plane[c], across_.first(windows.first));
    retinue::mean_blocks({.rows = rows_,
                          .next_rows = next_rows_,
                          .count = static_cast<std::size_t>(windows.last - windows.first)},
                         out[group_.component[c]] + windows.first);
  }
}

void SeparableResampler::row(int j, int first, int last, const std::array<float*, 3>& out) {
  WindowRange in_blocks = blocks(j);
  in_blocks = {std::max(in_blocks.first, first), std::min(in_blocks.last, last)};
  if (in_blocks.is_empty()) return blend(j, {first, last}, out);
  // Blending writes beyond its last window.
  if (first < in_blocks.first) blend(j, {first, in_blocks.first}, out);
  mean_blocks(j, in_blocks, out);
  if (in_blocks.last < last) blend(j, {in_blocks.last, last}, out);
}

}  // namespace retinue
