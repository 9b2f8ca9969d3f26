#include "face/openface_alignment.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "face/planar_fit.hpp"
#include "geometry/convex_hull.hpp"

namespace retinue {

namespace {

constexpr double kAlignedScale = 0.7;  // Aligned pixels a millimetre of the mean shape.

/// The landmarks that hardly move with expression.
constexpr std::array<std::size_t, 24> kRigid = {1,  2,  3,  4,  12, 13, 14, 15, 27, 28, 29, 31,
                                                32, 33, 34, 35, 36, 39, 40, 41, 42, 45, 46, 47};

struct Vertex {
  int x;
  int y;
  auto operator<=>(const Vertex&) const = default;
};

struct Corner {
  double x;
  double y;
};

}  // namespace

Affine<TensorPx, UprightPx> aligned_from_picture(
    const ShapeModel& model, const ShapeFit& fit,
    std::span<const Point<UprightPx>, kIbugLandmarkCount> landmarks) {
  const std::span<const double> mean = model.mean();
  std::array<PlanarPair, kRigid.size()> pairs;
  for (std::size_t k = 0; k < kRigid.size(); ++k) {
    const std::size_t i = kRigid[k];
    pairs[k] = {.from_x = static_cast<double>(landmarks[i].x),
                .from_y = static_cast<double>(landmarks[i].y),
                .to_x = kAlignedScale * mean[i],
                .to_y = kAlignedScale * mean[kIbugLandmarkCount + i]};
  }
  // The scale is that of the extents, as in OpenFace.
  const PlanarFit rigid = planar_fit(pairs);
  const double scale = std::sqrt(rigid.to_extent / std::max(rigid.from_extent, 1e-12));
  const double length = std::max(std::hypot(rigid.along, rigid.across), 1e-12);
  const double c = scale * rigid.along / length;
  const double s = scale * rigid.across / length;
  Affine<TensorPx, UprightPx> map{.xx = c, .xy = -s, .x0 = 0, .yx = s, .yy = c, .y0 = 0};
  const auto& [x, y] = fit.translation_px;
  map.x0 = kAlignedFaceSide / 2.0 - (c * x - s * y);
  map.y0 = kAlignedFaceSide / 2.0 - (s * x + c * y);
  return map;
}

void mask_aligned_face(const Affine<TensorPx, UprightPx>& map,
                       std::span<const Point<UprightPx>, kIbugLandmarkCount> landmarks,
                       std::span<std::uint8_t, kAlignedFaceBytes> rgb) {
  constexpr double kRaisedBy = 30;
  const auto is_raised = [](std::size_t i) {
    constexpr std::size_t kFirstOfJaw = 0;
    constexpr std::size_t kLastOfJaw = 16;
    constexpr std::size_t kLastOfBrows = 26;
    return i == kFirstOfJaw || (i >= kLastOfJaw && i <= kLastOfBrows);
  };
  std::vector<Corner> points;
  points.reserve(kIbugLandmarkCount);
  for (std::size_t i = 0; i < kIbugLandmarkCount; ++i) {
    const auto x = static_cast<double>(landmarks[i].x);
    const auto y = static_cast<double>(landmarks[i].y);
    Corner& corner = points.emplace_back(
        Corner{map.xx * x + map.xy * y + map.x0, map.yx * x + map.yy * y + map.y0});
    if (is_raised(i)) corner.y -= kRaisedBy;
  }
  std::vector<Vertex> vertices;
  for (const Corner& corner : convex_hull(std::move(points)))
    vertices.push_back({static_cast<int>(corner.x), static_cast<int>(corner.y)});

  for (int y = 0; y < kAlignedFaceSide; ++y) {
    float left = kAlignedFaceSide;
    float right = -1;
    for (std::size_t i = 0; i < vertices.size(); ++i) {
      const Vertex& a = vertices[i];
      const Vertex& b = vertices[(i + 1) % vertices.size()];
      if (y < std::min(a.y, b.y) || y > std::max(a.y, b.y)) continue;
      if (a.y == b.y) {
        left = std::min(left, static_cast<float>(std::min(a.x, b.x)));
        right = std::max(right, static_cast<float>(std::max(a.x, b.x)));
        continue;
      }
      const float slope = static_cast<float>(b.x - a.x) / static_cast<float>(b.y - a.y);
      const float x = static_cast<float>(y - a.y) * slope + static_cast<float>(a.x);
      left = std::min(left, x);
      right = std::max(right, x);
    }
    // Halves go inwards.
    const int first = std::clamp(static_cast<int>(std::floor(left + 0.5F)), 0, kAlignedFaceSide);
    const int last = std::min(static_cast<int>(std::ceil(right - 0.5F)), kAlignedFaceSide - 1);
    const auto row = rgb.subspan(std::size_t{3} * kAlignedFaceSide * static_cast<std::size_t>(y),
                                 std::size_t{3} * kAlignedFaceSide);
    for (int x = 0; x < kAlignedFaceSide; ++x) {
      if (x >= first && x <= last) continue;
      std::fill_n(row.begin() + std::ptrdiff_t{3} * x, 3, std::uint8_t{0});
    }
  }
}

}  // namespace retinue
