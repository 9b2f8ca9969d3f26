#include "preprocess/cpu/group_sampler.hpp"

#include <algorithm>
#include <cmath>

#include "preprocess/cpu/gather_kernel.hpp"
#include "preprocess/cpu/separable_kernels.hpp"
#include "preprocess/cpu/tensor_outline.hpp"

namespace retinue {

namespace {

using ComponentMap = Affine<ComponentPx, TensorPx>;

struct Windows {
  AxisWindows across;
  AxisWindows down;
};

/// At the pixels of a tensor whose rows are the grid's rows.
Windows windows_along_rows(const ComponentMap& map, const Footprint& window, Size size) {
  return {{map.xx * 0.5 + map.x0, map.xx, window.width, size.width},
          {map.yy * 0.5 + map.y0, map.yy, window.height, size.height}};
}

/// At the pixels of a tensor whose rows are the grid's columns. At least two, so that they can be
/// gathered.
Windows windows_along_columns(const ComponentMap& map, const Footprint& window, Size size) {
  return {{map.xy * 0.5 + map.x0, map.xy, window.width, std::max(size.height, 2)},
          {map.yx * 0.5 + map.y0, map.yx, window.height, std::max(size.width, 2)}};
}

struct Interval {
  double low = 0;
  double high = 0;
};

/// Places of the centres of all tensor pixels along one axis.
Interval places(double per_x, double per_y, double offset, Size size) {
  const double x_first = per_x * 0.5;
  const double x_last = per_x * (size.width - 0.5);
  const double y_first = per_y * 0.5;
  const double y_last = per_y * (size.height - 0.5);
  return {offset + std::min(x_first, x_last) + std::min(y_first, y_last),
          offset + std::max(x_first, x_last) + std::max(y_first, y_last)};
}

/// Points (k + 1/2) * stride between which all `places` lie. Beyond k = -1 and the first point
/// behind the picture every window shows the edge alone.
AxisWindows coarse_windows(Interval places, int stride, double width, int extent) {
  const double behind = std::ceil(static_cast<double>(extent) / stride);
  const double first = std::clamp(std::floor(places.low / stride - 0.5), -1.0, behind - 1);
  const double last = std::clamp(std::floor(places.high / stride - 0.5) + 1, first + 1, behind);
  return {(first + 0.5) * stride, static_cast<double>(stride), width,
          static_cast<int>(last - first) + 1};
}

Windows windows_on_coarse_grid(const ComponentGroup& group, const Footprint& window, Size size) {
  const ComponentMap& map = group.from_tensor;
  const CoarseGrid grid = coarse_grid(window);
  return {coarse_windows(places(map.xx, map.xy, map.x0, size), grid.stride_x, window.width,
                         group.size.width),
          coarse_windows(places(map.yx, map.yy, map.y0, size), grid.stride_y, window.height,
                         group.size.height)};
}

/// In the picture that windows make, window i is the sample whose centre is i + 1/2.
ComponentMap on_windows(const ComponentMap& map, const Windows& windows) {
  const auto& [across, down] = windows;
  return {.xx = map.xx / across.step,
          .xy = map.xy / across.step,
          .x0 = (map.x0 - across.first) / across.step + 0.5,
          .yx = map.yx / down.step,
          .yy = map.yy / down.step,
          .y0 = (map.y0 - down.first) / down.step + 0.5};
}

/// Of the time that gathering takes, most goes by words read: planes of bytes have four bytes in a
/// word of which two are used.
bool can_be_paired(const ComponentGroup& group) {
  return group.bytes_per_sample == 1 && group.step_bytes == 1 && group.count <= 2;
}

struct Region {
  int left = 0;
  int top = 0;
  int right = 0;  ///< Not included.
  int bottom = 0;
};

/// The samples of `grid` that may be taps of any pixel, at least two each way.
Region needed_region(const ComponentMap& map, Size tensor, Size grid) {
  const auto held = [](double place, int last) {
    return static_cast<int>(std::clamp<double>(place, 0, last));
  };
  // Centres of samples are at +1/2; a pixel's taps are its neighbours on both sides.
  const Interval x = places(map.xx, map.xy, map.x0, tensor);
  const Interval y = places(map.yx, map.yy, map.y0, tensor);
  return {.left = held(std::floor(x.low - 0.5) - 1, grid.width - 2),
          .top = held(std::floor(y.low - 0.5) - 1, grid.height - 2),
          .right = held(std::floor(x.high - 0.5) + 1, grid.width - 2) + 2,
          .bottom = held(std::floor(y.high - 0.5) + 1, grid.height - 2) + 2};
}

}  // namespace

void GroupSampler::assign(const ComponentGroup& group, Size size, bool low_pass) {
  source_ = group;
  const Footprint window = footprint(group.from_tensor, low_pass);
  const AxisAlignment alignment = axis_alignment(group.from_tensor);
  separable_ = alignment == AxisAlignment::rows_are_rows;
  if (separable_) {
    const Windows windows = windows_along_rows(group.from_tensor, window, size);
    resampler_.assign(group, windows.across, windows.down);
    return;
  }
  if (!window.shrinks() && can_gather(group)) {
    if (can_be_paired(group)) pair_samples(group, size);
    return;
  }
  const Windows windows = alignment == AxisAlignment::rows_are_columns
                              ? windows_along_columns(group.from_tensor, window, size)
                              : windows_on_coarse_grid(group, window, size);
  source_.from_tensor = on_windows(group.from_tensor, windows);
  const Size resampled{windows.across.count, windows.down.count};
  resample(group, windows.across, windows.down,
           TensorOutline(source_.from_tensor, size, resampled));
}

void GroupSampler::resample(const ComponentGroup& group, const AxisWindows& across,
                            const AxisWindows& down, const TensorOutline& outline) {
  resampler_.assign(group, across, down);
  const auto width = static_cast<std::size_t>(across.count);
  const auto height = static_cast<std::size_t>(down.count);
  const std::size_t row_size = width + AxisTaps::kPadding;  // Room for whole vectors.
  const std::size_t plane_size = row_size * height;
  const auto count = static_cast<std::size_t>(group.count);
  samples_.resize(plane_size * count);
  std::array<float*, 3> row{};
  for (std::size_t c = 0; c < count; ++c) {
    row_[c].resize(width + kRowPadding);
    row[group.component[c]] = row_[c].data();
  }

  const int unit = 1 << (16 - group.depth_bits);
  const float scale = static_cast<float>(unit) / static_cast<float>(group.unit);
  for (std::size_t j = 0; j < height; ++j) {
    const ColumnRange columns = outline.columns(static_cast<int>(j));
    if (columns.first >= columns.last) continue;
    resampler_.row(static_cast<int>(j), columns.first, columns.last, row);
    const auto first = static_cast<std::size_t>(columns.first);
    const auto used = static_cast<std::size_t>(columns.last) - first;
    for (std::size_t c = 0; c < count; ++c) {
      std::uint16_t* to = samples_.data() + c * plane_size + j * row_size;
      store_u16(row[group.component[c]] + first, scale, used, to + first);
    }
  }

  for (std::size_t c = 0; c < count; ++c)
    source_.plane[c] = reinterpret_cast<const std::byte*>(samples_.data() + c * plane_size);
  source_.offset_bytes = {};
  source_.stride_bytes = static_cast<std::ptrdiff_t>(row_size * sizeof(std::uint16_t));
  source_.step_bytes = sizeof(std::uint16_t);
  source_.bytes_per_sample = sizeof(std::uint16_t);
  source_.unit = unit;
  source_.significant_bits = 0xffff;
  source_.size = {across.count, down.count};
}

void GroupSampler::pair_samples(const ComponentGroup& group, Size tensor) {
  const Region region = needed_region(group.from_tensor, tensor, group.size);
  const auto width = static_cast<std::size_t>(region.right - region.left);
  const bool pairs_rows = group.count == 1;
  const int rows = region.bottom - region.top;
  samples_.resize(width * static_cast<std::size_t>(rows));
  auto* to = reinterpret_cast<std::byte*>(samples_.data());
  // The last row has none below it; nothing between it and the next is ever looked for.
  for (int row = region.top; row < region.bottom - (pairs_rows ? 1 : 0); ++row) {
    const std::ptrdiff_t at = row * group.stride_bytes + region.left;
    const std::byte* first = group.plane[0] + at;
    const std::byte* second = pairs_rows ? first + group.stride_bytes : group.plane[1] + at;
    interleave_bytes(first, second, width, to);
    to += 2 * width;
  }
  source_.plane = {};
  for (int c = 0; c < group.count; ++c)
    source_.plane[static_cast<std::size_t>(c)] =
        reinterpret_cast<const std::byte*>(samples_.data());
  source_.offset_bytes = {0, 1, 0};
  source_.stride_bytes = static_cast<std::ptrdiff_t>(2 * width);
  source_.step_bytes = 2;
  source_.rows_in_pairs = pairs_rows;
  source_.size = {region.right - region.left, rows};
  source_.from_tensor.x0 -= region.left;
  source_.from_tensor.y0 -= region.top;
}

void GroupSampler::row(int j, int first, int last, const std::array<float*, 3>& out) {
  if (separable_) {
    resampler_.row(j, first, last, out);
    return;
  }
  const ComponentMap& map = source_.from_tensor;
  const double x = first + 0.5;
  const double y = j + 0.5;
  std::array<float*, 3> from_first = out;
  for (float*& values : from_first)
    values += first;
  gather_line(source_,
              {.x = map.xx * x + map.xy * y + map.x0 - 0.5,
               .y = map.yx * x + map.yy * y + map.y0 - 0.5,
               .step_x = map.xx,
               .step_y = map.yx,
               .count = last - first},
              from_first);
}

}  // namespace retinue
