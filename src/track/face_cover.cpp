#include "track/face_cover.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "geometry/convex_hull.hpp"
#include "perception/face_mesh_contours.hpp"

namespace retinue {

namespace {

/// The oval ends below the hair and before the ears.
constexpr float kWidenMesh = 1.25F;
/// A detector's box ends at the brows of some faces. With less, detectors know a head by what is
/// left of it.
constexpr float kWidenBox = 1.4F;
constexpr std::size_t kEllipseCorners = 24;
/// Between two places a face may have moved otherwise than straight on.
constexpr float kWidenGap = 1.2F;

Box<FramePx> bounds_of(const HiddenRegion& region) {
  const auto [left, right] = std::ranges::minmax(region.outline, {}, &Point<FramePx>::x);
  const auto [top, bottom] = std::ranges::minmax(region.outline, {}, &Point<FramePx>::y);
  return {left.x, top.y, right.x - left.x, bottom.y - top.y};
}

Box<FramePx> widened(const Box<FramePx>& box, float factor) {
  const float more_x = box.width * (factor - 1) / 2;
  const float more_y = box.height * (factor - 1) / 2;
  return {box.x - more_x, box.y - more_y, box.width + 2 * more_x, box.height + 2 * more_y};
}

HiddenRegion region_of(const Box<FramePx>& box) {
  return {
      {{box.x, box.y}, {box.right(), box.y}, {box.right(), box.bottom()}, {box.x, box.bottom()}}};
}

std::vector<Point<FramePx>> ellipse_in(const Box<FramePx>& box) {
  std::vector<Point<FramePx>> corners;
  for (std::size_t i = 0; i < kEllipseCorners; ++i) {
    const auto angle = static_cast<float>(2 * std::numbers::pi * static_cast<double>(i) /
                                          static_cast<double>(kEllipseCorners));
    corners.push_back({box.center().x + std::cos(angle) * box.width / 2,
                       box.center().y + std::sin(angle) * box.height / 2});
  }
  return corners;
}

std::vector<Point<FramePx>> widened_oval(const Face& face) {
  HiddenRegion oval;
  for (const LandmarkIndex index : kFaceOval)
    oval.outline.push_back(face.landmarks[index].xy());
  const Point<FramePx> center = bounds_of(oval).center();
  for (Point<FramePx>& corner : oval.outline)
    corner = center + (corner - center) * kWidenMesh;
  return std::move(oval.outline);
}

HiddenRegion region_of(const Face& face) {
  std::vector<Point<FramePx>> outline = ellipse_in(widened(face.box, kWidenBox));
  if (face.landmarks.size() != kFaceLandmarkCount) return {std::move(outline)};
  const std::vector<Point<FramePx>> oval = widened_oval(face);
  outline.insert(outline.end(), oval.begin(), oval.end());
  return {convex_hull(std::move(outline))};
}

Box<FramePx> between(const Box<FramePx>& a, const Box<FramePx>& b, float share_of_b) {
  const auto mix = [share_of_b](float from, float to) { return from + (to - from) * share_of_b; };
  return {mix(a.x, b.x), mix(a.y, b.y), mix(a.width, b.width), mix(a.height, b.height)};
}

}  // namespace

void FaceCover::add(const std::vector<Face>& faces, MediaTime time) {
  Waiting& frame = waiting_.emplace_back(Waiting{.time = time, .regions = {}, .missed = {}});
  for (const Face& face : faces) {
    frame.regions.push_back(region_of(face));
    if (face.track) see(face, frame.regions.back(), time);
  }
  std::erase_if(tracks_, [this, time](const Track& track) {
    return time.since_start - track.seen.since_start > settings_.hold;
  });
  const std::size_t number = first_waiting_ + waiting_.size() - 1;
  for (const Track& track : tracks_) {
    if (track.seen_frame == number) continue;
    const double share = std::chrono::duration<double>(time.since_start - track.seen.since_start) /
                         std::chrono::duration<double>(settings_.hold);
    const auto growth = static_cast<float>(1 + std::clamp(share, 0.0, 1.0));
    frame.missed.push_back({track.id, widened(track.box, growth)});
  }
}

void FaceCover::see(const Face& face, const HiddenRegion& region, MediaTime time) {
  const std::size_t number = first_waiting_ + waiting_.size() - 1;
  const Box<FramePx> box = bounds_of(region);
  const auto known = std::ranges::find(tracks_, *face.track, &Track::id);
  if (known == tracks_.end()) {
    tracks_.push_back({*face.track, box, time, number});
    return;
  }
  fill_gap(*known, box, time);
  *known = {*face.track, box, time, number};
}

void FaceCover::fill_gap(const Track& before, const Box<FramePx>& after, MediaTime time) {
  const std::size_t first = std::max(before.seen_frame + 1, first_waiting_);
  const std::size_t end = first_waiting_ + waiting_.size() - 1;
  const double whole_s = seconds_between(before.seen, time);
  for (std::size_t number = first; number < end; ++number) {
    Waiting& frame = waiting_[number - first_waiting_];
    const auto missed = std::ranges::find(frame.missed, before.id, &Missed::id);
    if (missed == frame.missed.end()) continue;
    const double share = whole_s > 0 ? seconds_between(before.seen, frame.time) / whole_s : 0;
    const Box<FramePx> box = between(before.box, after, static_cast<float>(share));
    frame.regions.push_back(region_of(widened(box, kWidenGap)));
    frame.missed.erase(missed);
  }
}

bool FaceCover::may_come_back(const Waiting& frame) const {
  return std::ranges::any_of(frame.missed, [this](const Missed& missed) {
    return std::ranges::find(tracks_, missed.id, &Track::id) != tracks_.end();
  });
}

std::optional<std::vector<HiddenRegion>> FaceCover::take(bool at_end) {
  if (waiting_.empty()) return std::nullopt;
  Waiting& frame = waiting_.front();
  const bool may_wait = !at_end && waiting_.size() <= settings_.look_ahead;
  if (may_wait && may_come_back(frame)) return std::nullopt;
  std::vector<HiddenRegion> regions = std::move(frame.regions);
  for (const Missed& missed : frame.missed)
    regions.push_back(region_of(missed.box));
  waiting_.pop_front();
  ++first_waiting_;
  return regions;
}

}  // namespace retinue
