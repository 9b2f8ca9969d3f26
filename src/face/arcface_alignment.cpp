#include "face/arcface_alignment.hpp"

#include <algorithm>
#include <cmath>

#include "face/planar_fit.hpp"

namespace retinue {

namespace {

constexpr double kTemplateSide = 112;

struct Position {
  double x;
  double y;
};

/// The person's right eye, left eye, nose, right and left corner of the mouth.
constexpr std::array<Position, kFaceKeypointCount> kTemplate = {{{38.2946, 51.6963},
                                                                 {73.5318, 51.5014},
                                                                 {56.0252, 71.7366},
                                                                 {41.5493, 92.3655},
                                                                 {70.7299, 92.2041}}};

}  // namespace

Affine<UprightPx, TensorPx> picture_from_arcface(
    const std::array<Point<UprightPx>, kFaceKeypointCount>& keypoints, Size size) {
  const double unit = size.width / kTemplateSide;
  std::array<PlanarPair, kFaceKeypointCount> pairs;
  for (std::size_t i = 0; i < kFaceKeypointCount; ++i) {
    pairs[i] = {.from_x = static_cast<double>(keypoints[i].x),
                .from_y = static_cast<double>(keypoints[i].y),
                .to_x = unit * (kTemplate[i].x + 0.5),
                .to_y = unit * (kTemplate[i].y + 0.5)};
  }
  const PlanarFit fit = planar_fit(pairs);
  constexpr double kLeastScale = 1e-3;
  const auto greatest_scale = static_cast<double>(size.width);
  const double length = std::hypot(fit.along, fit.across);
  const double scale = fit.from_extent > 0
                           ? std::clamp(length / fit.from_extent, kLeastScale, greatest_scale)
                           : greatest_scale;
  // `scale` and the turn are those of the map into the aligned picture; its inverse is asked for.
  auto map = Similarity<UprightPx, TensorPx>{.scale = 1 / scale,
                                             .angle_rad = -std::atan2(fit.across, fit.along)}
                 .affine();
  map.x0 = fit.from_x - (map.xx * fit.to_x + map.xy * fit.to_y);
  map.y0 = fit.from_y - (map.yx * fit.to_x + map.yy * fit.to_y);
  return map;
}

}  // namespace retinue
