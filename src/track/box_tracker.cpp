#include "track/box_tracker.hpp"

#include <algorithm>

namespace retinue {

namespace {

Box<FramePx> grown(const Box<FramePx>& box, float share) {
  const float x = box.width * share;
  const float y = box.height * share;
  return {box.x - x, box.y - y, box.width + 2 * x, box.height + 2 * y};
}

}  // namespace

void BoxTracker::predict(MediaTime time) {
  const double interval_s = std::max(0.0, seconds_between(time_, time));
  time_ = time;
  std::erase_if(tracks_, [&](const Track& track) {
    return time.since_start - track.last_seen.since_start > settings_.forget_after;
  });
  for (Track& track : tracks_) {
    track.hidden = !track.matched;
    track.matched = false;
    track.filter.predict(interval_s, track.hidden);
  }
}

float BoxTracker::closeness(const Track& track, const Box<FramePx>& box, Stage stage) const {
  if (stage != Stage::grown) return iou(track.filter.box(), box);
  const Box<FramePx> wide = grown(box, settings_.growth);
  return std::max(iou(grown(track.filter.box(), settings_.growth), wide),
                  iou(grown(track.last_box, settings_.growth), wide));
}

void BoxTracker::match(std::span<const BoxObservation> observations, Stage stage) {
  const bool weak = stage == Stage::weak;
  open_tracks_.clear();
  open_boxes_.clear();
  for (std::size_t t = 0; t < tracks_.size(); ++t) {
    // A weak box says too little to bring back who was lost.
    if (!tracks_[t].matched && !(weak && tracks_[t].hidden)) open_tracks_.push_back(t);
  }
  for (std::size_t b = 0; b < observations.size(); ++b) {
    if (!ids_[b] && observations[b].weak == weak) open_boxes_.push_back(b);
  }
  if (open_tracks_.empty() || open_boxes_.empty()) return;
  costs_.clear();
  for (const std::size_t t : open_tracks_) {
    for (const std::size_t b : open_boxes_)
      costs_.push_back(1 - closeness(tracks_[t], observations[b].box, stage));
  }
  const float limit = 1 - (weak ? settings_.min_weak_iou : settings_.min_iou);
  const auto columns = assignment_.solve(costs_, open_tracks_.size(), open_boxes_.size(), limit);
  for (std::size_t row = 0; row < columns.size(); ++row) {
    if (!columns[row]) continue;
    Track& track = tracks_[open_tracks_[row]];
    const std::size_t b = open_boxes_[*columns[row]];
    // Found far from where it was expected, its old speed misleads.
    if (stage == Stage::grown) track.filter = BoxFilter<FramePx>(observations[b].box);
    track.filter.correct(observations[b].box);
    track.last_box = observations[b].box;
    track.last_seen = time_;
    track.matched = true;
    ids_[b] = track.id;
  }
}

bool BoxTracker::may_begin(std::span<const BoxObservation> observations, std::size_t index) const {
  if (observations[index].weak) return false;
  for (std::size_t b = 0; b < observations.size(); ++b) {
    if (ids_[b] && iou(observations[b].box, observations[index].box) > settings_.max_birth_iou)
      return false;
  }
  return true;
}

std::span<const std::optional<TrackId>> BoxTracker::update(
    std::span<const BoxObservation> observations, MediaTime time) {
  ids_.assign(observations.size(), std::nullopt);
  predict(time);
  match(observations, Stage::certain);
  match(observations, Stage::weak);
  match(observations, Stage::grown);
  for (std::size_t b = 0; b < observations.size(); ++b) {
    if (ids_[b] || !may_begin(observations, b)) continue;
    ids_[b] = TrackId{++last_id_};
    tracks_.push_back({.id = *ids_[b],
                       .filter = BoxFilter<FramePx>(observations[b].box),
                       .last_box = observations[b].box,
                       .last_seen = time,
                       .hidden = false,
                       .matched = true});
  }
  return ids_;
}

}  // namespace retinue
