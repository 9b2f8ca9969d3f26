// Box, label, outlines and axes of one face.
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <string>

#include "perception/face_mesh_contours.hpp"
#include "sink/head_axes.hpp"
#include "sink/overlay_layers.hpp"

namespace retinue {

namespace {

SrgbColor lightened(const SrgbColor& color, double share) {
  return {color.red + (1 - color.red) * share, color.green + (1 - color.green) * share,
          color.blue + (1 - color.blue) * share};
}

/// Adds outlines of one mesh to the path of a canvas.
class Outlines {
 public:
  Outlines(Canvas& canvas, const Face& face) : canvas_(canvas), landmarks_(face.landmarks) {}

  void add(std::span<const LandmarkIndex> indices, PathEnd end) {
    std::array<Point<FramePx>, kFaceOval.size()> points;
    for (std::size_t i = 0; i < indices.size(); ++i)
      points[i] = landmarks_[indices[i]].xy();
    canvas_.add_polyline(std::span(points).first(indices.size()), end);
  }

  /// Nothing while the lids are shut.
  void add_iris(const std::array<LandmarkIndex, 5>& indices, LandmarkIndex upper_lid,
                LandmarkIndex lower_lid) {
    const Point<FramePx> center = landmarks_[indices[0]].xy();
    float radius_px = 0;
    for (std::size_t i = 1; i < indices.size(); ++i)
      radius_px += distance(center, landmarks_[indices[i]].xy()) / 4;
    const float opening_px = distance(landmarks_[upper_lid].xy(), landmarks_[lower_lid].xy());
    if (opening_px > radius_px * 0.6F) canvas_.add_circle(center, radius_px);
  }

 private:
  Canvas& canvas_;
  std::span<const Point3<FramePx>> landmarks_;
};

Point<FramePx> nose_of(const Face& face) {
  return face.landmarks.size() == kFaceLandmarkCount ? face.landmarks[kNoseTip].xy()
                                                     : face.keypoints[2];
}

}  // namespace

void draw_box(Canvas& canvas, const Face& face, const OverlayScale& scale) {
  const float edge = std::min(face.box.width, face.box.height);
  if (edge <= 0) return;
  const float line_px = scale.line_px * 1.2F;
  canvas.add_corners(face.box, edge * 0.2F, edge * 0.07F);
  canvas.stroke_halo(line_px);
  canvas.stroke(color_of(face.track), line_px);
}

void draw_label(Canvas& canvas, const Face& face, const OverlayScale& scale) {
  const float gap = scale.font_px * 0.4F;
  // Above the box; inside it when the picture ends there.
  const float above = face.box.y - gap;
  const bool fits_above = above - scale.font_px >= 0;
  Point<FramePx> left{std::max(face.box.x, 0.0F), above};
  if (!fits_above) left = {left.x + gap, std::max(face.box.y, 0.0F) + gap + scale.font_px};

  canvas.set_font(scale.font_px, FontWeight::bold);
  if (face.track) {
    const std::string id = std::to_string(face.track->value);
    canvas.draw_text(left, id, color_of(face.track));
    left.x += canvas.text_width(id) + gap;
  }
  if (scale.detail == OverlayDetail::box) return;
  const long percent = std::lround(std::clamp(face.score, 0.0F, 1.0F) * 100);
  canvas.set_font(scale.font_px * 0.85F, FontWeight::normal);
  canvas.draw_text(left, std::to_string(percent) + '%', {1, 1, 1});
}

void draw_contours(Canvas& canvas, const Face& face, const OverlayScale& scale) {
  if (face.landmarks.size() != kFaceLandmarkCount) return;
  if (scale.detail == OverlayDetail::box) return;
  const bool detailed = scale.detail == OverlayDetail::full;
  const SrgbColor color = color_of(face.track);
  Outlines outlines(canvas, face);

  outlines.add(kFaceOval, PathEnd::closed);
  if (detailed) {
    outlines.add(kLeftEyebrow, PathEnd::closed);
    outlines.add(kRightEyebrow, PathEnd::closed);
    outlines.add(kNoseBridge, PathEnd::open);
    outlines.add(kNoseBase, PathEnd::open);
    canvas.stroke_halo(scale.line_px * 0.8F);
  }
  canvas.stroke(color, scale.line_px * 0.8F, 0.8);

  outlines.add(kLeftEye, PathEnd::closed);
  outlines.add(kRightEye, PathEnd::closed);
  outlines.add(kOuterLips, PathEnd::closed);
  if (detailed) {
    outlines.add(kInnerLips, PathEnd::closed);
    outlines.add_iris(kLeftIris, kLeftUpperLid, kLeftLowerLid);
    outlines.add_iris(kRightIris, kRightUpperLid, kRightLowerLid);
    canvas.stroke_halo(scale.line_px);
  }
  canvas.stroke(lightened(color, 0.45), scale.line_px);
}

void draw_head_axes(Canvas& canvas, const Face& face, const OverlayScale& scale) {
  if (!face.head_pose || scale.detail == OverlayDetail::box) return;
  const HeadAxes axes = head_axes(*face.head_pose);
  const Point<FramePx> origin = nose_of(face);
  const float line_px = scale.line_px * 1.4F;
  const auto end_of = [&](const Direction& direction, float length_px) {
    return origin + Point<FramePx>{static_cast<float>(direction[0]) * length_px,
                                   static_cast<float>(direction[1]) * length_px};
  };
  const auto draw = [&](Point<FramePx> end, const SrgbColor& color) {
    canvas.add_line(origin, end);
    canvas.stroke_halo(line_px);
    canvas.stroke(color, line_px);
  };
  const Point<FramePx> nose_end = end_of(axes.forward, scale.face_px * 0.5F);
  draw(end_of(axes.right, scale.face_px * 0.28F), {1, 0.36, 0.34});
  draw(end_of(axes.down, scale.face_px * 0.28F), {0.36, 0.88, 0.42});
  draw(nose_end, {0.38, 0.66, 1});
  // The tip stays visible when the nose points at the camera.
  canvas.add_circle(nose_end, line_px * 1.5F);
  canvas.fill({0.38, 0.66, 1});
}

void draw_gaze(Canvas& canvas, const Face& face, const OverlayScale& scale) {
  if (!face.gaze || scale.detail == OverlayDetail::box) return;
  constexpr SrgbColor kColor{1, 0.84, 0.25};
  const float line_px = scale.line_px * 1.4F;
  const Direction direction = direction_of(face.gaze->direction);
  const float length_px = scale.face_px * 0.75F;
  const Point<FramePx> arrow{static_cast<float>(direction[0]) * length_px,
                             static_cast<float>(direction[1]) * length_px};
  const bool has_mesh = face.landmarks.size() == kFaceLandmarkCount;
  const auto draw = [&](const std::optional<GazeDirection>& eye, Point<FramePx> from) {
    if (!eye) return;
    const Point<FramePx> tip = from + arrow;
    const float seen_px = std::hypot(arrow.x, arrow.y);
    canvas.add_line(from, tip);
    const float head_px = std::min(line_px * 4, seen_px * 0.5F);
    if (seen_px > line_px) {
      const Point<FramePx> back = arrow * (-head_px / seen_px);
      const Point<FramePx> side{-back.y, back.x};
      const std::array<Point<FramePx>, 3> head = {tip + back + side * 0.6F, tip,
                                                  tip + back - side * 0.6F};
      canvas.add_polyline(head, PathEnd::open);
    }
    canvas.stroke_halo(line_px);
    canvas.stroke(kColor, line_px);
    // Where the eye is stays visible when it looks into the camera.
    canvas.add_circle(from, line_px * 1.2F);
    canvas.fill(kColor);
  };
  draw(face.gaze->right, has_mesh ? face.landmarks[kRightIris[0]].xy() : face.keypoints[0]);
  draw(face.gaze->left, has_mesh ? face.landmarks[kLeftIris[0]].xy() : face.keypoints[1]);
}

}  // namespace retinue
