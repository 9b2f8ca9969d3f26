#include "preprocess/cpu/reference_sampler.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "preprocess/cpu/hdr_curve.hpp"
#include "preprocess/cpu/sample_request.hpp"

namespace retinue {

namespace {

using Color3 = std::array<double, 3>;

struct Position {
  double x = 0;
  double y = 0;
};

/// One axis of a component: how many samples it has, and where they lie in stored pixels.
struct SampleAxis {
  int count = 1;
  double first_centre_px = 0.5;
  double pitch_px = 1;

  /// In units of samples, whose centres are at +0.5.
  double place(double stored_px) const { return (stored_px - first_centre_px) / pitch_px + 0.5; }
};

SampleAxis sample_axis(int pixels, int log2, bool on_first_pixel) {
  const int pitch = 1 << log2;
  return {.count = (pixels + pitch - 1) / pitch,
          .first_centre_px = on_first_pixel ? 0.5 : pitch / 2.0,
          .pitch_px = static_cast<double>(pitch)};
}

/// Side of the window over which means are taken, from what one step along the tensor's axes adds
/// along one axis of the samples.
double window_side(double per_x, double per_y) {
  const double length = std::sqrt(per_x * per_x + per_y * per_y);
  if (length < 1 + std::sqrt(0.05)) return 1;
  return length < 2 ? 1 + std::pow(length - 1, 2) : length;
}

/// Share of the window of `width` around `centre` that lies on sample `index`, when the first and
/// the last sample go on for ever.
double share(double centre, double width, int index, int count) {
  constexpr double kForEver = std::numeric_limits<double>::infinity();
  const double left = index == 0 ? -kForEver : index;
  const double right = index == count - 1 ? kForEver : index + 1;
  const double overlap = std::min(right, centre + width / 2) - std::max(left, centre - width / 2);
  return std::max(overlap, 0.0) / width;
}

struct IndexRange {
  int first = 0;
  int last = 0;
};

/// The samples that have a share in a window, and perhaps some that have none.
IndexRange touched(double centre, double width, int count) {
  const auto index = [count](double place) {
    return static_cast<int>(std::clamp(std::floor(place), 0.0, count - 1.0));
  };
  return {index(centre - width / 2), index(centre + width / 2)};
}

class ReferenceSampler {
 public:
  explicit ReferenceSampler(const SampleRequest& request)
      : request_(request), layout_(layout_of(request.picture.format)) {}

  /// R, G, B in [0, 255] at the centre of a tensor pixel, border included.
  Color3 color_at(int column, int row) const {
    const Position tensor{column + 0.5, row + 0.5};
    const double inside = request_.spec.border == Border::constant ? share_inside(tensor) : 1;
    const auto border = static_cast<double>(request_.spec.border_value);
    Color3 color = picture_color(tensor);
    for (double& value : color)
      value = inside * value + (1 - inside) * border;
    return color;
  }

 private:
  Position stored(Position tensor) const {
    const auto& map = request_.stored_from_tensor;
    return {map.xx * tensor.x + map.xy * tensor.y + map.x0,
            map.yx * tensor.x + map.yy * tensor.y + map.y0};
  }

  double code(const Component& component, int x, int y) const {
    const Plane& plane = request_.picture.planes[component.plane];
    const std::byte* at = plane.data + y * plane.stride_bytes + component.offset_bytes +
                          std::ptrdiff_t{x} * component.step_bytes;
    if (layout_.bytes_per_sample() == 1) return std::to_integer<int>(*at);
    const int low = std::to_integer<int>(at[0]);
    const int high = std::to_integer<int>(at[1]);
    return (high << 8 | low) >> component.shift_bits;
  }

  struct Grid {
    SampleAxis x;
    SampleAxis y;
    double window_width = 1;
    double window_height = 1;
  };

  Grid grid(const Component& component) const {
    const auto& map = request_.stored_from_tensor;
    const ChromaLocation location = request_.picture.color.chroma;
    const SampleAxis x = sample_axis(request_.picture.size.width, component.log2_x,
                                     location != ChromaLocation::center);
    const SampleAxis y = sample_axis(request_.picture.size.height, component.log2_y,
                                     location == ChromaLocation::top_left);
    return {x, y, side(map.xx / x.pitch_px, map.xy / x.pitch_px),
            side(map.yx / y.pitch_px, map.yy / y.pitch_px)};
  }

  double side(double per_x, double per_y) const {
    return request_.spec.low_pass ? window_side(per_x, per_y) : 1;
  }

  double mean(const Component& component, const Grid& grid, Position centre) const {
    const IndexRange rows = touched(centre.y, grid.window_height, grid.y.count);
    const IndexRange columns = touched(centre.x, grid.window_width, grid.x.count);
    double sum = 0;
    for (int y = rows.first; y <= rows.last; ++y) {
      const double row_share = share(centre.y, grid.window_height, y, grid.y.count);
      for (int x = columns.first; x <= columns.last; ++x) {
        const double column_share = share(centre.x, grid.window_width, x, grid.x.count);
        sum += row_share * column_share * code(component, x, y);
      }
    }
    return sum;
  }

  double value(const Component& component, Position tensor) const {
    const Grid grid = this->grid(component);
    const Position at{grid.x.place(stored(tensor).x), grid.y.place(stored(tensor).y)};
    const auto& map = request_.stored_from_tensor;
    const bool rows_stay_rows = map.xy == 0 && map.yx == 0;
    const bool rows_become_columns = map.xx == 0 && map.yy == 0;
    const bool same_size = grid.window_width == 1 && grid.window_height == 1;
    if (rows_stay_rows || rows_become_columns || same_size) return mean(component, grid, at);

    // Bilinear between the means at the nearest points (k + 1/2) * stride.
    const double stride_x = std::floor(grid.window_width);
    const double stride_y = std::floor(grid.window_height);
    const double left = (std::floor(at.x / stride_x - 0.5) + 0.5) * stride_x;
    const double top = (std::floor(at.y / stride_y - 0.5) + 0.5) * stride_y;
    const double fx = (at.x - left) / stride_x;
    const double fy = (at.y - top) / stride_y;
    return (1 - fy) * (1 - fx) * mean(component, grid, {left, top}) +
           (1 - fy) * fx * mean(component, grid, {left + stride_x, top}) +
           fy * (1 - fx) * mean(component, grid, {left, top + stride_y}) +
           fy * fx * mean(component, grid, {left + stride_x, top + stride_y});
  }

  Color3 picture_color(Position tensor) const {
    Color3 values{};
    for (std::size_t i = 0; i < layout_.component_count(); ++i)
      values[i] = value(layout_.components[i], tensor);
    Color3 color = rgb_from(values);
    for (double& component : color) {
      const double in_gamut = std::clamp(component, 0.0, 1.0);
      component = 255 * sdr_from(request_.picture.color.transfer, in_gamut);
    }
    return color;
  }

  /// ITU-R BT.601, 709 and 2020 (non-constant luminance), equations for digital representation.
  Color3 rgb_from(const Color3& codes) const {
    const double unit = std::exp2(layout_.depth_bits - 8);
    const double full_scale = std::exp2(layout_.depth_bits) - 1;
    if (layout_.model == ColorModel::rgb)
      return {codes[0] / full_scale, codes[1] / full_scale, codes[2] / full_scale};
    const bool limited = request_.picture.color.range == ColorRange::limited;
    const double luma = limited ? (codes[0] - 16 * unit) / (219 * unit) : codes[0] / full_scale;
    if (layout_.model == ColorModel::gray) return {luma, luma, luma};
    const double chroma_scale = limited ? 224 * unit : full_scale;
    const double blue_difference = (codes[1] - 128 * unit) / chroma_scale;
    const double red_difference = (codes[2] - 128 * unit) / chroma_scale;
    double red_share = 0.299;
    double blue_share = 0.114;
    if (request_.picture.color.matrix == ColorMatrix::bt709) {
      red_share = 0.2126;
      blue_share = 0.0722;
    } else if (request_.picture.color.matrix == ColorMatrix::bt2020) {
      red_share = 0.2627;
      blue_share = 0.0593;
    }
    const double red = luma + 2 * (1 - red_share) * red_difference;
    const double blue = luma + 2 * (1 - blue_share) * blue_difference;
    const double green =
        (luma - red_share * red - blue_share * blue) / (1 - red_share - blue_share);
    return {red, green, blue};
  }

  /// How much of a tensor pixel's window lies in the picture.
  double share_inside(Position tensor) const {
    const auto& map = request_.stored_from_tensor;
    const auto axis = [](double centre, double width, int extent) {
      const double overlap =
          std::min<double>(extent, centre + width / 2) - std::max(0.0, centre - width / 2);
      return std::clamp(overlap / width, 0.0, 1.0);
    };
    const Size size = request_.picture.size;
    return axis(stored(tensor).x, side(map.xx, map.xy), size.width) *
           axis(stored(tensor).y, side(map.yx, map.yy), size.height);
  }

  SampleRequest request_;
  const PixelFormatLayout& layout_;
};

/// Writes the channels of one pixel where the layout wants them.
class PixelWriter {
 public:
  explicit PixelWriter(const SampleRequest& request) : request_(request) {}

  void write(int column, int row, const Color3& rgb) const {
    const SampleSpec& spec = request_.spec;
    if (spec.channels == ChannelOrder::grey) return put(index(column, row, 0), grey(rgb));
    for (std::size_t i = 0; i < 3; ++i) {
      const std::size_t channel = spec.channels == ChannelOrder::rgb ? i : 2 - i;
      const auto mean = static_cast<double>(spec.mean[i]);
      const auto scale = static_cast<double>(spec.scale[i]);
      put(index(column, row, channel), (rgb[i] - mean) * scale);
    }
    if (spec.channels == ChannelOrder::bgrx) put(index(column, row, 3), 255);
  }

 private:
  double grey(const Color3& rgb) const {
    double color = 0;
    for (std::size_t i = 0; i < 3; ++i)
      color += static_cast<double>(kGreyWeights[i]) * rgb[i];
    const SampleSpec& spec = request_.spec;
    return (color - static_cast<double>(spec.mean[0])) * static_cast<double>(spec.scale[0]);
  }

  std::size_t index(int column, int row, std::size_t channel) const {
    const auto x = static_cast<std::size_t>(column);
    const auto y = static_cast<std::size_t>(row);
    const auto width = static_cast<std::size_t>(request_.size.width);
    const auto height = static_cast<std::size_t>(request_.size.height);
    if (request_.spec.layout == TensorLayout::nchw) return (channel * height + y) * width + x;
    if (request_.spec.channels == ChannelOrder::grey) return y * width + x;
    const std::size_t channels = request_.spec.channels == ChannelOrder::bgrx ? 4 : 3;
    return (y * width + x) * channels + channel;
  }

  void put(std::size_t index, double value) const {
    if (request_.spec.type == ElementType::float32) {
      static_cast<float*>(request_.out)[index] = static_cast<float>(value);
    } else {
      const double rounded = std::clamp(std::nearbyint(value), 0.0, 255.0);
      static_cast<std::uint8_t*>(request_.out)[index] = static_cast<std::uint8_t>(rounded);
    }
  }

  SampleRequest request_;
};

}  // namespace

Result<void> sample_by_definition(const Frame& frame,
                                  const Affine<UprightPx, TensorPx>& upright_from_tensor,
                                  const SampleSpec& spec, const TensorView& out) {
  const SampleRequest request = TRY(checked_request(frame, upright_from_tensor, spec, out));
  const ReferenceSampler sampler(request);
  const PixelWriter writer(request);
  for (int row = 0; row < request.size.height; ++row) {
    for (int column = 0; column < request.size.width; ++column)
      writer.write(column, row, sampler.color_at(column, row));
  }
  return {};
}

}  // namespace retinue
