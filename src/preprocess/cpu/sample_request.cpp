#include "preprocess/cpu/sample_request.hpp"

#include <cmath>
#include <string>

namespace retinue {

namespace {

std::int64_t channels_of(ChannelOrder order) {
  switch (order) {
    case ChannelOrder::rgb:
    case ChannelOrder::bgr:
      return 3;
    case ChannelOrder::bgrx:
      return 4;
    case ChannelOrder::grey:
      return 1;
  }
  __builtin_unreachable();
}

Result<void> check_spec(const SampleSpec& spec) {
  if (spec.type != ElementType::float32 && spec.type != ElementType::uint8) {
    return fail(ErrorCode::invalid_argument, "sampling a frame into '" +
                                                 std::string(name_of(spec.type)) +
                                                 "': the sampler writes float32 or uint8");
  }
  if (spec.channels == ChannelOrder::bgrx &&
      (spec.type != ElementType::uint8 || spec.layout != TensorLayout::nhwc)) {
    return fail(ErrorCode::invalid_argument,
                "sampling a frame as bgrx: it is made as uint8 [1,H,W,4] only");
  }
  return {};
}

Result<Size> checked_size(const SampleSpec& spec, const TensorView& out) {
  TRY(check_spec(spec));
  const bool planar = spec.layout == TensorLayout::nchw;
  const std::int64_t channels = channels_of(spec.channels);
  const Shape& shape = out.shape;
  const bool fits = out.device.kind == Device::Kind::cpu && out.data != nullptr &&
                    out.type == spec.type && shape.rank() == 4 && shape[0] == 1 &&
                    shape[planar ? 1 : 3] == channels;
  if (!fits) {
    const std::string count = std::to_string(channels);
    const std::string wanted = planar ? "[1," + count + ",H,W]" : "[1,H,W," + count + "]";
    return fail(ErrorCode::invalid_argument,
                "sampling a frame into a tensor " + std::string(name_of(out.type)) + " '" +
                    to_string(shape) + "': expected " + std::string(name_of(spec.type)) + " " +
                    wanted + " in CPU memory");
  }
  const std::int64_t height = shape[planar ? 2 : 1];
  const std::int64_t width = shape[planar ? 3 : 2];
  constexpr std::int64_t kMaxEdge = 1 << 20;
  if (width < 1 || height < 1 || width > kMaxEdge || height > kMaxEdge) {
    return fail(ErrorCode::invalid_argument, "sampling a frame into a tensor '" + to_string(shape) +
                                                 "': edges of 1 to 1048576 pixels are possible");
  }
  return Size{static_cast<int>(width), static_cast<int>(height)};
}

bool is_usable(const Affine<StoredPx, TensorPx>& map) {
  for (const double number : {map.xx, map.xy, map.x0, map.yx, map.yy, map.y0}) {
    if (!std::isfinite(number)) return false;
  }
  return std::isnormal(map.determinant());
}

/// A turn by a right angle leaves rounding noise where zeros belong; a millionth of a pixel over
/// the whole tensor is nothing.
Affine<StoredPx, TensorPx> without_noise(Affine<StoredPx, TensorPx> map, Size size) {
  constexpr double kNothingPx = 1e-6;
  const auto is_nothing = [&](double per_x, double per_y) {
    return std::abs(per_x) * size.width < kNothingPx && std::abs(per_y) * size.height < kNothingPx;
  };
  if (is_nothing(map.yx, map.xy)) map.yx = map.xy = 0;
  if (is_nothing(map.xx, map.yy)) map.xx = map.yy = 0;
  return map;
}

}  // namespace

Result<SampleRequest> checked_request(const Frame& frame,
                                      const Affine<UprightPx, TensorPx>& upright_from_tensor,
                                      const SampleSpec& spec, const TensorView& out) {
  const HostPicture picture = TRY(frame.host_picture());
  const Size size = TRY(checked_size(spec, out));
  if (picture.size.width < 1 || picture.size.height < 1) {
    return fail(ErrorCode::invalid_argument,
                "sampling frame " + std::to_string(frame.times().index) + ": its picture is empty");
  }
  const auto stored_from_tensor =
      without_noise(frame.geometry().stored_from_upright() * upright_from_tensor, size);
  if (!is_usable(stored_from_tensor)) {
    return fail(ErrorCode::invalid_argument,
                "sampling frame " + std::to_string(frame.times().index) +
                    ": the map from the tensor to the frame is singular or not finite");
  }
  return SampleRequest{picture, stored_from_tensor, spec, size, out.data};
}

}  // namespace retinue
