#include "track/box_tracker.hpp"

#include <algorithm>
#include <cmath>

#include "track/hidden_side.hpp"

namespace retinue {

namespace {

Box<FramePx> grown(const Box<FramePx>& box, float share) {
  const float x = box.width * share;
  const float y = box.height * share;
  return {box.x - x, box.y - y, box.width + 2 * x, box.height + 2 * y};
}

/// The same box, but a pixel wide and high: a box without area overlaps nothing, not even itself.
Box<FramePx> at_least_a_pixel(const Box<FramePx>& box) {
  const Point<FramePx> center = box.center();
  const float width = std::max(box.width, 1.0F);
  const float height = std::max(box.height, 1.0F);
  return {center.x - width / 2, center.y - height / 2, width, height};
}

/// 0 as well where a box is not finite, or too large for its area to be.
float overlap(const Box<FramePx>& a, const Box<FramePx>& b) {
  const float share = iou(a, b);
  return std::isfinite(share) ? share : 0;
}

}  // namespace

void BoxTracker::predict(MediaTime time) {
  time_ = time;
  std::erase_if(tracks_, [&](const Track& track) {
    return time.since_start - track.last_seen.since_start > settings_.forget_after;
  });
  for (Track& track : tracks_) {
    track.hidden = !track.matched;
    track.matched = false;
    BoxFilter<FramePx> filter = track.filter;
    filter.predict(std::max(seconds_between(track.last_seen, time), 0.0), track.hidden);
    track.expected = filter.box();
  }
}

void BoxTracker::follow_camera() {
  expected_boxes_.clear();
  for (const Track& track : tracks_) {
    if (!track.hidden) expected_boxes_.push_back(track.expected);
  }
  seen_boxes_.clear();
  for (std::size_t b = 0; b < boxes_.size(); ++b) {
    if (!weak_[b]) seen_boxes_.push_back(boxes_[b]);
  }
  const auto motion = camera_motion_.estimate(expected_boxes_, seen_boxes_);
  if (!motion) return;
  for (Track& track : tracks_) {
    track.filter.move(*motion);
    track.expected = bounds(*motion, track.expected);
    // Where the others were in the frame before stays, for those that the motion does not explain.
    if (track.hidden) track.last_box = bounds(*motion, track.last_box);
  }
}

float BoxTracker::closeness(const Track& track, const Box<FramePx>& box, Stage stage) const {
  if (stage != Stage::grown) return overlap(track.expected, box);
  const Box<FramePx> wide = grown(box, settings_.growth);
  return std::max(overlap(grown(track.expected, settings_.growth), wide),
                  overlap(grown(track.last_box, settings_.growth), wide));
}

void BoxTracker::match(Stage stage) {
  const bool weak = stage == Stage::weak;
  open_tracks_.clear();
  open_boxes_.clear();
  for (std::size_t t = 0; t < tracks_.size(); ++t) {
    // A weak box says too little to bring back who was lost.
    if (!tracks_[t].matched && !(weak && tracks_[t].hidden)) open_tracks_.push_back(t);
  }
  for (std::size_t b = 0; b < boxes_.size(); ++b) {
    if (!ids_[b] && weak_[b] == weak) open_boxes_.push_back(b);
  }
  if (open_tracks_.empty() || open_boxes_.empty()) return;
  costs_.clear();
  for (const std::size_t t : open_tracks_) {
    for (const std::size_t b : open_boxes_)
      costs_.push_back(1 - closeness(tracks_[t], boxes_[b], stage));
  }
  const float limit = 1 - (weak ? settings_.min_weak_iou : settings_.min_iou);
  const auto columns = assignment_.solve(costs_, open_tracks_.size(), open_boxes_.size(), limit);
  for (std::size_t row = 0; row < columns.size(); ++row) {
    if (!columns[row]) continue;
    Track& track = tracks_[open_tracks_[row]];
    const std::size_t b = open_boxes_[*columns[row]];
    follow(track, b, stage);
    ids_[b] = track.id;
  }
}

void BoxTracker::follow(Track& track, std::size_t b, Stage stage) const {
  const Box<FramePx>& box = boxes_[b];
  if (stage == Stage::grown) {
    // Found far from where it was expected, its old speed misleads.
    track.filter = BoxFilter<FramePx>(box, settings_.filter);
  } else {
    track.filter.predict(std::max(0.0, seconds_between(track.last_seen, time_)), track.hidden);
    track.filter.correct(with_hidden_side(boxes_, b, track.expected));
  }
  track.last_box = box;
  track.last_seen = time_;
  track.matched = true;
}

bool BoxTracker::may_begin(std::size_t box) const {
  if (weak_[box]) return false;
  for (std::size_t b = 0; b < boxes_.size(); ++b) {
    if (ids_[b] && overlap(boxes_[b], boxes_[box]) > settings_.max_birth_iou) return false;
  }
  return true;
}

std::span<const std::optional<TrackId>> BoxTracker::update(
    std::span<const BoxObservation> observations, MediaTime time) {
  boxes_.clear();
  weak_.clear();
  for (const BoxObservation& observation : observations) {
    boxes_.push_back(at_least_a_pixel(observation.box));
    weak_.push_back(observation.weak);
  }
  ids_.assign(boxes_.size(), std::nullopt);
  predict(time);
  follow_camera();
  match(Stage::certain);
  match(Stage::weak);
  match(Stage::grown);
  for (std::size_t b = 0; b < boxes_.size(); ++b) {
    if (ids_[b] || !may_begin(b)) continue;
    const Box<FramePx>& box = boxes_[b];
    ids_[b] = TrackId{++last_id_};
    tracks_.push_back({.id = *ids_[b],
                       .filter = BoxFilter<FramePx>(box, settings_.filter),
                       .last_box = box,
                       .last_seen = time,
                       .expected = box,
                       .hidden = false,
                       .matched = true});
  }
  return ids_;
}

}  // namespace retinue
