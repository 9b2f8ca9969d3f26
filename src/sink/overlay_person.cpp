// Box, label and skeleton of one person.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "sink/overlay_layers.hpp"

namespace retinue {

namespace {

using enum BodyKeypoint;

struct Bone {
  BodyKeypoint from;
  BodyKeypoint to;
};

constexpr std::array kMiddleBones = {Bone{left_shoulder, right_shoulder}, Bone{left_hip, right_hip},
                                     Bone{nose, left_eye}, Bone{nose, right_eye}};
constexpr std::array kLeftBones = {Bone{left_eye, left_ear},     Bone{left_shoulder, left_elbow},
                                   Bone{left_elbow, left_wrist}, Bone{left_shoulder, left_hip},
                                   Bone{left_hip, left_knee},    Bone{left_knee, left_ankle}};
constexpr std::array kRightBones = {
    Bone{right_eye, right_ear},     Bone{right_shoulder, right_elbow},
    Bone{right_elbow, right_wrist}, Bone{right_shoulder, right_hip},
    Bone{right_hip, right_knee},    Bone{right_knee, right_ankle}};

/// Points below it are guesses.
constexpr float kMinScore = 0.3F;

SrgbColor mixed(const SrgbColor& a, const SrgbColor& b, double share) {
  return {a.red + (b.red - a.red) * share, a.green + (b.green - a.green) * share,
          a.blue + (b.blue - a.blue) * share};
}

bool is_seen(const ScoredPoint<FramePx>& point) {
  return point.score >= kMinScore;
}

}  // namespace

OverlayScale person_scale(Size picture, const Box<FramePx>& person) {
  const auto short_edge = static_cast<float>(std::min(picture.width, picture.height));
  const float thinnest_px = std::max(0.8F, short_edge / 900);
  const float height_px = std::max(person.width, person.height);
  return {.detail = OverlayDetail::full,
          .face_px = height_px,
          .line_px = std::clamp(height_px / 220, thinnest_px, std::max(1.6F, short_edge / 300)),
          .font_px = std::clamp(height_px / 16, 9.0F, caption_font_px(picture))};
}

void draw_person_box(Canvas& canvas, const Person& person, const OverlayScale& scale) {
  const float edge = std::min(person.box.width, person.box.height);
  if (edge <= 0) return;
  canvas.add_rounded_box(person.box, edge * 0.04F);
  canvas.stroke_halo(scale.line_px * 0.7F);
  canvas.stroke(color_of(person.track), scale.line_px * 0.7F, 0.9);
}

void draw_person_label(Canvas& canvas, const Person& person, const OverlayScale& scale) {
  const float gap = scale.font_px * 0.4F;
  // In the bottom corner: above the box are the labels of faces.
  const auto bottom = static_cast<float>(canvas.size().height);
  Point<FramePx> left{std::max(person.box.x, 0.0F) + gap,
                      std::min(person.box.bottom(), bottom) - gap};
  canvas.set_font(scale.font_px, FontWeight::bold);
  if (person.track) {
    const std::string id = 'P' + std::to_string(person.track->value);
    canvas.draw_text(left, id, color_of(person.track));
    left.x += canvas.text_width(id) + gap;
  }
  const long percent = std::lround(std::clamp(person.score, 0.0F, 1.0F) * 100);
  canvas.set_font(scale.font_px * 0.85F, FontWeight::normal);
  canvas.draw_text(left, std::to_string(percent) + '%', {1, 1, 1});
}

void draw_skeleton(Canvas& canvas, const Person& person, const OverlayScale& scale) {
  if (!person.keypoints) return;
  const BodyKeypoints<FramePx>& points = *person.keypoints;
  const auto at = [&points](BodyKeypoint keypoint) {
    return points[static_cast<std::size_t>(keypoint)];
  };
  const auto draw = [&](const auto& bones, const SrgbColor& color) {
    bool any = false;
    for (const Bone& bone : bones) {
      if (!is_seen(at(bone.from)) || !is_seen(at(bone.to))) continue;
      canvas.add_line(at(bone.from).at, at(bone.to).at);
      any = true;
    }
    if (!any) return;
    canvas.stroke_halo(scale.line_px * 1.3F);
    canvas.stroke(color, scale.line_px * 1.3F);
  };
  // The person's left is warm, their right cool; what lies between has the colour of the track.
  const SrgbColor left = mixed(color_of(person.track), {1, 0.62, 0.25}, 0.75);
  const SrgbColor right = mixed(color_of(person.track), {0.35, 0.72, 1}, 0.75);
  draw(kMiddleBones, color_of(person.track));
  draw(kLeftBones, left);
  draw(kRightBones, right);
  for (const ScoredPoint<FramePx>& point : points) {
    if (is_seen(point)) canvas.add_circle(point.at, scale.line_px * 1.5F);
  }
  canvas.fill({1, 1, 1}, 0.95);
}

}  // namespace retinue
