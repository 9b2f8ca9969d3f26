#include "sink/overlay.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "sink/canvas.hpp"
#include "sink/overlay_layers.hpp"

namespace retinue {

namespace {

/// "frame 12   0:00.400"
std::string caption_of(const FrameResult& result) {
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(result.time.since_start).count();
  const auto minutes = milliseconds / 60'000;
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%llu   %lld:%02lld.%03lld",
                static_cast<unsigned long long>(*result.frame), static_cast<long long>(minutes),
                static_cast<long long>(milliseconds / 1000 % 60),
                static_cast<long long>(milliseconds % 1000));
  return text.data();
}

void draw_caption(Canvas& canvas, const FrameResult& result) {
  const float font_px = caption_font_px(canvas.size());
  canvas.set_font(font_px, FontWeight::normal);
  const auto bottom = static_cast<float>(canvas.size().height);
  canvas.draw_text({font_px * 0.8F, bottom - font_px * 0.8F}, caption_of(result), {1, 1, 1});
}

}  // namespace

float caption_font_px(Size picture) {
  const auto short_edge = static_cast<float>(std::min(picture.width, picture.height));
  return std::clamp(short_edge / 52, 10.0F, 64.0F);
}

OverlayScale overlay_scale(Size picture, const Box<FramePx>& face) {
  const auto short_edge = static_cast<float>(std::min(picture.width, picture.height));
  const float face_px = std::sqrt(std::max(face.area(), 1.0F));
  // Large pictures are looked at from afar or scaled down: their thinnest line is thicker.
  const float thinnest_px = std::max(0.7F, short_edge / 1000);
  const float line_px = std::clamp(face_px / 130, thinnest_px, std::max(1.4F, short_edge / 360));
  OverlayDetail detail = OverlayDetail::full;
  if (face_px < 110 * thinnest_px) detail = OverlayDetail::outline;
  if (face_px < 55 * thinnest_px) detail = OverlayDetail::box;
  return {.detail = detail,
          .face_px = face_px,
          .line_px = line_px,
          .font_px = std::clamp(face_px / 9, 9.0F, caption_font_px(picture))};
}

void draw_overlay(const FrameResult& result, const Preview& picture,
                  const OverlaySettings& settings) {
  if (!result.frame) return;
  if (result.faces.empty() && result.persons.empty() && !settings.caption) return;
  Canvas canvas(picture);
  if (settings.caption) draw_caption(canvas, result);
  // Persons first: their faces are drawn over them.
  const auto for_each_person = [&](auto&& draw) {
    for (const Person& person : result.persons)
      draw(person, person_scale(picture.size, person.box));
  };
  for_each_person([&](const Person& person, const OverlayScale& scale) {
    if (settings.boxes) draw_person_box(canvas, person, scale);
  });
  for_each_person([&](const Person& person, const OverlayScale& scale) {
    if (settings.skeletons) draw_skeleton(canvas, person, scale);
  });
  for_each_person([&](const Person& person, const OverlayScale& scale) {
    if (settings.boxes) draw_person_label(canvas, person, scale);
  });
  // Layer by layer, so that no face's outline hides another's label.
  const auto for_each_face = [&](auto&& draw) {
    for (const Face& face : result.faces)
      draw(face, overlay_scale(picture.size, face.box));
  };
  for_each_face([&](const Face& face, const OverlayScale& scale) {
    // Drawn features make a face of a hidden one again.
    if (settings.contours && result.hidden.empty()) draw_contours(canvas, face, scale);
    if (settings.boxes) draw_box(canvas, face, scale);
  });
  for_each_face([&](const Face& face, const OverlayScale& scale) {
    if (settings.head_pose) draw_head_axes(canvas, face, scale);
    if (settings.gaze) draw_gaze(canvas, face, scale);
  });
  if (settings.blendshapes) {
    std::vector<Box<FramePx>> taken;
    for_each_face([&](const Face& face, const OverlayScale&) { taken.push_back(face.box); });
    for_each_face([&](const Face& face, const OverlayScale& scale) {
      draw_blendshape_bars(canvas, face, scale, taken);
    });
  }
  for_each_face([&](const Face& face, const OverlayScale& scale) {
    if (settings.boxes) draw_label(canvas, face, scale);
  });
}

}  // namespace retinue
