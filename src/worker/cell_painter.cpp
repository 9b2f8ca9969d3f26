#include "worker/cell_painter.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

#include "sink/hidden_regions.hpp"
#include "sink/overlay.hpp"
#include "sink/text_strip.hpp"
#include "view/grid.hpp"

namespace retinue {

namespace {

/// The part of `picture` that begins at (x, y).
Preview part_of(const Preview& picture, int x, int y, Size size) {
  return {.bgrx = picture.bgrx + y * picture.stride_bytes + std::ptrdiff_t{4} * x,
          .stride_bytes = picture.stride_bytes,
          .size = size};
}

/// The shown picture's pixels from the frame's, both upright: scaled, and turned over to mirror it.
Affine<FramePx, UprightPx> picture_from_upright(const Box<UprightPx>& upright, Size picture,
                                                bool mirrored) {
  Affine<FramePx, UprightPx> map{.xx = picture.width / static_cast<double>(upright.width),
                                 .yy = picture.height / static_cast<double>(upright.height)};
  if (mirrored) {
    map.xx = -map.xx;
    map.x0 = picture.width;
  }
  return map;
}

/// What was measured, in the pixels of the shown picture.
FrameResult seen_in(Size picture, const Affine<FramePx, FramePx>& picture_from_frame, bool mirrored,
                    const FrameResult& result) {
  FrameResult seen = result;
  seen.size = picture;
  for (HiddenRegion& region : seen.hidden) {
    for (Point<FramePx>& corner : region.outline)
      corner = picture_from_frame * corner;
  }
  for (Face& face : seen.faces) {
    face = transformed(picture_from_frame, std::move(face));
    if (mirrored && face.head_pose) {
      face.head_pose->yaw_deg = -face.head_pose->yaw_deg;
      face.head_pose->roll_deg = -face.head_pose->roll_deg;
    }
    if (mirrored && face.gaze) {
      const auto turn_over = [](GazeDirection& gaze) { gaze.yaw_deg = -gaze.yaw_deg; };
      turn_over(face.gaze->direction);
      if (face.gaze->left) turn_over(*face.gaze->left);
      if (face.gaze->right) turn_over(*face.gaze->right);
    }
  }
  for (Person& person : seen.persons)
    person = transformed(picture_from_frame, person);
  return seen;
}

}  // namespace

Size CellPainter::picture_size(const Frame& frame) {
  const Box<UprightPx> upright = frame.geometry().upright_bounds();
  return {std::max(1, static_cast<int>(std::lround(upright.width))),
          std::max(1, static_cast<int>(std::lround(upright.height)))};
}

void CellPainter::paint(const ShownFrame* shown, const std::string& name, const std::string& status,
                        const ViewState& state, const Preview& area) {
  const int strip_px = std::min(kStripPx, area.size.height);
  const Preview strip = part_of(area, 0, 0, {area.size.width, strip_px});
  const Size room_size{area.size.width, area.size.height - strip_px};
  Result<void> painted;
  if (room_size.height > 0) {
    const Preview room = part_of(area, 0, strip_px, room_size);
    fill_picture(room, kRoomColor);
    if (shown != nullptr) painted = paint_picture(*shown, state, room);
  }
  draw_text_strip(strip, name, painted ? status : painted.error().message());
}

Result<void> CellPainter::paint_picture(const ShownFrame& shown, const ViewState& state,
                                        const Preview& room) {
  if (!sampler_) sampler_ = TRY(create_sampler(Device{}));
  const PictureGeometry& geometry = shown.frame.geometry();
  const Size size = fitted(picture_size(shown.frame), room.size);
  const Affine<FramePx, UprightPx> from_upright =
      picture_from_upright(geometry.upright_bounds(), size, state.mirrored);

  picture_.resize(ElementType::uint8, {1, size.height, size.width, 4});
  // The picture's pixels are the tensor's.
  const Affine<UprightPx, FramePx> map = from_upright.inverse();
  const Affine<UprightPx, TensorPx> upright_from_tensor{map.xx, map.xy, map.x0,
                                                        map.yx, map.yy, map.y0};
  constexpr SampleSpec kSpec{
      .layout = TensorLayout::nhwc, .channels = ChannelOrder::bgrx, .type = ElementType::uint8};
  const TensorView view = picture_.view();
  TRY(sampler_->sample(shown.frame, upright_from_tensor, kSpec, view));

  const Preview picture{static_cast<std::byte*>(view.data), std::ptrdiff_t{4} * size.width, size};
  const Affine<FramePx, FramePx> picture_from_frame =
      from_upright * geometry.frame_from_upright().inverse();
  const FrameResult seen = seen_in(size, picture_from_frame, state.mirrored, shown.result);
  hide_regions(seen.hidden, picture);
  draw_overlay(seen, picture,
               {.boxes = state.boxes,
                .contours = state.landmarks,
                .skeletons = state.landmarks,
                .head_pose = state.gaze,
                .gaze = state.gaze,
                .blendshapes = state.blendshapes});
  const Preview middle =
      part_of(room, (room.size.width - size.width) / 2, (room.size.height - size.height) / 2, size);
  for (int row = 0; row < size.height; ++row) {
    std::memcpy(middle.bgrx + row * middle.stride_bytes, picture.bgrx + row * picture.stride_bytes,
                static_cast<std::size_t>(picture.stride_bytes));
  }
  return {};
}

void CellPainter::paint_help(const Preview& window) {
  std::vector<TextRow> rows;
  for (const KeyHelp& help : key_help())
    rows.push_back({std::string(help.key), std::string(help.what)});
  draw_text_panel(window, rows);
}

}  // namespace retinue
