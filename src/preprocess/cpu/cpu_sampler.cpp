#include "preprocess/cpu/cpu_sampler.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "preprocess/cpu/color_conversion.hpp"
#include "preprocess/cpu/component_group.hpp"
#include "preprocess/cpu/group_sampler.hpp"
#include "preprocess/cpu/pack_kernel.hpp"
#include "preprocess/cpu/sample_request.hpp"
#include "preprocess/cpu/separable_kernels.hpp"

namespace retinue {

namespace {

/// The windows of a tensor row's pixels, in stored pixels, along one axis.
ShareLine share_line(double first, double step, double width, int extent) {
  return {.first = first, .step = step, .width = width, .extent = extent};
}

struct PixelRange {
  int first = 0;
  int last = 0;

  bool is_empty() const { return first >= last; }
};

/// The pixels whose windows touch the picture along this axis, and perhaps some neighbours.
PixelRange touching(const ShareLine& line, PixelRange range) {
  const double reach = line.width / 2;
  if (line.step == 0) {
    const bool touches = line.first > -reach && line.first < line.extent + reach;
    return touches ? range : PixelRange{};
  }
  const double a = (-reach - line.first) / line.step;
  const double b = (line.extent + reach - line.first) / line.step;
  const auto whole_below = [&range](double place) {
    return static_cast<int>(std::clamp<double>(place, range.first, range.last));
  };
  return {whole_below(std::min(a, b)), whole_below(std::max(a, b) + 2)};
}

bool lies_inside(const ShareLine& line, int count) {
  const double last = line.first + (count - 1) * line.step;
  return std::min(line.first, last) >= line.width / 2 &&
         std::max(line.first, last) <= line.extent - line.width / 2;
}

class CpuSampler final : public Sampler {
 public:
  Result<void> sample(const Frame& frame, const Affine<UprightPx, TensorPx>& upright_from_tensor,
                      const SampleSpec& spec, TensorView out) override {
    request_ = TRY(checked_request(frame, upright_from_tensor, spec, out));
    prepare_groups();
    prepare_finish();
    for (int row = 0; row < request_.size.height; ++row)
      sample_row(row);
    return {};
  }

 private:
  void prepare_groups() {
    window_ = footprint(request_.stored_from_tensor, request_.spec.low_pass);
    groups_ = component_groups(request_.picture, request_.stored_from_tensor);
    for (std::size_t g = 0; g < groups_.count; ++g)
      samplers_[g].assign(groups_.groups[g], request_.size, request_.spec.low_pass);
    const std::size_t row_size = static_cast<std::size_t>(request_.size.width) + kRowPadding;
    for (std::vector<float>& codes : codes_)
      codes.resize(row_size);
    inside_.resize(row_size);
  }

  void prepare_finish() {
    const SampleSpec& spec = request_.spec;
    const Color& color = request_.picture.color;
    const ColorConversion rgb = color_conversion(layout_of(request_.picture.format), color);
    std::array<float, 3> units{1, 1, 1};
    for (std::size_t g = 0; g < groups_.count; ++g) {
      const ComponentGroup& group = groups_.groups[g];
      for (std::size_t c = 0; c < static_cast<std::size_t>(group.count); ++c)
        units[group.component[c]] = static_cast<float>(samplers_[g].unit());
    }
    const bool grey = spec.channels == ChannelOrder::grey;
    const bool reversed = spec.channels == ChannelOrder::bgr || spec.channels == ChannelOrder::bgrx;
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const std::size_t i = reversed ? 2 - channel : channel;
      for (std::size_t c = 0; c < 3; ++c)
        finish_.conversion.matrix[channel][c] = rgb.matrix[i][c] / units[c];
      finish_.conversion.offset[channel] = rgb.offset[i];
      finish_.scale[channel] = spec.scale[i];
      finish_.shift[channel] = -spec.mean[i] * spec.scale[i];
      if (grey) {
        finish_.scale[channel] = kGreyWeights[i] * spec.scale[0];
        finish_.shift[channel] = channel == 0 ? -spec.mean[0] * spec.scale[0] : 0;
      }
    }
    finish_.curve = curve_for(color.transfer);
    finish_.border_value = spec.border_value;
    finish_.layout = spec.layout;
    finish_.four_bytes = spec.channels == ChannelOrder::bgrx;
    finish_.summed = grey;
    finish_.type = spec.type;
    finish_.out = request_.out;
    finish_.width = static_cast<std::size_t>(request_.size.width);
    finish_.height = static_cast<std::size_t>(request_.size.height);
  }

  const float* curve_for(TransferFunction transfer) {
    if (transfer == TransferFunction::sdr) return nullptr;
    if (curve_.empty() || curve_transfer_ != transfer) {
      curve_ = sdr_curve(transfer);
      curve_transfer_ = transfer;
    }
    return curve_.data();
  }

  void sample_row(int row) {
    const auto y = static_cast<std::size_t>(row);
    const auto& map = request_.stored_from_tensor;
    const Size picture = request_.picture.size;
    const ShareLine across = share_line(map.xx * 0.5 + map.xy * (row + 0.5) + map.x0, map.xx,
                                        window_.width, picture.width);
    const ShareLine down = share_line(map.yx * 0.5 + map.yy * (row + 0.5) + map.y0, map.yx,
                                      window_.height, picture.height);
    const int count = request_.size.width;
    PixelRange range{0, count};
    bool blends = false;
    if (request_.spec.border == Border::constant) {
      range = touching(down, touching(across, range));
      blends = !lies_inside(across, count) || !lies_inside(down, count);
    }
    if (range.is_empty()) {
      pack_border_row(finish_, y);
      return;
    }
    const std::array<float*, 3> codes{codes_[0].data(), codes_[1].data(), codes_[2].data()};
    for (std::size_t g = 0; g < groups_.count; ++g)
      samplers_[g].row(row, range.first, range.last, codes);
    if (blends) {
      std::fill(inside_.begin(), inside_.end(), 1.0F);
      multiply_share_inside(across, finish_.width, inside_.data());
      multiply_share_inside(down, finish_.width, inside_.data());
    }
    pack_row(finish_,
             {.codes = {codes[0], codes[1], codes[2]}, .inside = blends ? inside_.data() : nullptr},
             y);
  }

  SampleRequest request_;
  Footprint window_;  ///< In stored pixels.
  ComponentGroups groups_;
  std::array<GroupSampler, 3> samplers_;
  PixelFinish finish_;
  std::array<std::vector<float>, 3> codes_;
  std::vector<float> inside_;
  std::vector<float> curve_;
  TransferFunction curve_transfer_ = TransferFunction::sdr;
};

}  // namespace

std::unique_ptr<Sampler> create_cpu_sampler() {
  return std::make_unique<CpuSampler>();
}

}  // namespace retinue
