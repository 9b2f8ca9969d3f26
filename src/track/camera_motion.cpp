#include "track/camera_motion.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace retinue {

namespace {

using Motion = Affine<FramePx, FramePx>;

constexpr std::size_t kMostBoxes = 12;
/// Share of the boxes' overlap with where they were expected, from which the camera stood still.
constexpr float kStillOverlap = 0.7F;
constexpr float kMinPairOverlap = 0.3F;
/// A motion must explain this much more than none.
constexpr float kMinGain = 1.5F;
/// Boxes of the same object between two frames are at most this much larger or smaller.
constexpr double kMostScale = 1.5;
/// And at most this many times its height away.
constexpr double kFarthest = 3;

bool finite(const Box<FramePx>& box) {
  return std::isfinite(box.x) && std::isfinite(box.y) && std::isfinite(box.area()) &&
         box.area() > 0;
}

/// Finite boxes, the largest first.
void take_largest(std::span<const Box<FramePx>> boxes, std::vector<Box<FramePx>>& out) {
  out.clear();
  for (const Box<FramePx>& box : boxes) {
    if (finite(box)) out.push_back(box);
  }
  // Ties are broken by place: the answer depends on the boxes alone.
  std::ranges::sort(out, [](const Box<FramePx>& a, const Box<FramePx>& b) {
    return std::tuple(-a.area(), a.x, a.y, a.width) < std::tuple(-b.area(), b.x, b.y, b.width);
  });
  if (out.size() > kMostBoxes) out.resize(kMostBoxes);
}

double scale_between(const Box<FramePx>& from, const Box<FramePx>& to) {
  return std::sqrt(static_cast<double>(to.area()) / static_cast<double>(from.area()));
}

/// Scales, and then takes the centre of one box onto that of the other.
Motion motion_between(const Box<FramePx>& from, const Box<FramePx>& to, double scale) {
  return {.xx = scale,
          .x0 = static_cast<double>(to.center().x) - scale * static_cast<double>(from.center().x),
          .yy = scale,
          .y0 = static_cast<double>(to.center().y) - scale * static_cast<double>(from.center().y)};
}

bool possible(const Box<FramePx>& from, const Box<FramePx>& to, double scale) {
  const auto apart = static_cast<double>(distance(from.center(), to.center()));
  return scale < kMostScale && scale > 1 / kMostScale &&
         apart < kFarthest * static_cast<double>(from.height);
}

/// Of as many as there are; the upper one of an even number.
double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

}  // namespace

CameraMotion::Agreement CameraMotion::agreement(const Motion& motion) {
  pairs_.clear();
  taken_.assign(seen_.size(), false);
  Agreement agreement;
  for (std::size_t e = 0; e < expected_.size(); ++e) {
    const Box<FramePx> moved = bounds(motion, expected_[e]);
    std::optional<std::size_t> nearest;
    float most = kMinPairOverlap;
    for (std::size_t s = 0; s < seen_.size(); ++s) {
      const float overlap = taken_[s] ? 0 : iou(moved, seen_[s]);
      if (overlap <= most) continue;
      most = overlap;
      nearest = s;
    }
    if (!nearest) continue;
    taken_[*nearest] = true;
    pairs_.push_back({e, *nearest});
    agreement.overlap += most;
    ++agreement.pairs;
  }
  return agreement;
}

CameraMotion::Motion CameraMotion::median_motion() {
  scales_.clear();
  for (const auto& [e, s] : pairs_)
    scales_.push_back(scale_between(expected_[e], seen_[s]));
  const double scale = median(scales_);
  xs_.clear();
  ys_.clear();
  for (const auto& [e, s] : pairs_) {
    const Motion motion = motion_between(expected_[e], seen_[s], scale);
    xs_.push_back(motion.x0);
    ys_.push_back(motion.y0);
  }
  return {.xx = scale, .x0 = median(xs_), .yy = scale, .y0 = median(ys_)};
}

std::optional<Affine<FramePx, FramePx>> CameraMotion::estimate(
    std::span<const Box<FramePx>> expected, std::span<const Box<FramePx>> seen) {
  take_largest(expected, expected_);
  take_largest(seen, seen_);
  const std::size_t most_pairs = std::min(expected_.size(), seen_.size());
  if (most_pairs < 2) return std::nullopt;
  const Agreement still = agreement(Motion{});
  if (still.overlap >= kStillOverlap * static_cast<float>(most_pairs)) return std::nullopt;
  Agreement best;
  Motion best_motion;
  for (const Box<FramePx>& from : expected_) {
    for (const Box<FramePx>& to : seen_) {
      const double scale = scale_between(from, to);
      if (!possible(from, to, scale)) continue;
      const Motion motion = motion_between(from, to, scale);
      const Agreement now = agreement(motion);
      if (now.overlap <= best.overlap) continue;
      best = now;
      best_motion = motion;
    }
  }
  if (best.pairs < 2 || 2 * best.pairs <= most_pairs || best.overlap < kMinGain * still.overlap)
    return std::nullopt;
  agreement(best_motion);
  return median_motion();
}

}  // namespace retinue
