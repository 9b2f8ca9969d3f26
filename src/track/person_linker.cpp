#include "track/person_linker.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <optional>
#include <utility>

namespace retinue {

namespace {

/// Links of tracks that are away longer are forgotten; trackers end such tracks earlier.
constexpr std::chrono::seconds kForgetAfter{5};
/// From this on a pair does not fit.
constexpr float kMostCost = 1;
/// What another person must fit better by to take over a face that was with one person only.
constexpr float kLoyalty = 0.3F;
/// A person who is missed for no longer than this comes back.
constexpr std::chrono::milliseconds kWait{500};
/// Of a point of the body, from which it is believed.
constexpr float kMinKeypointScore = 0.3F;

using FacePoint = std::pair<FaceKeypoint, BodyKeypoint>;
constexpr std::array<FacePoint, 3> kSharedPoints = {{
    {FaceKeypoint::right_eye, BodyKeypoint::right_eye},
    {FaceKeypoint::left_eye, BodyKeypoint::left_eye},
    {FaceKeypoint::nose_tip, BodyKeypoint::nose},
}};

/// The point, where the pose is sure of it.
std::optional<Point<FramePx>> sure_point(const Person& person, BodyKeypoint which) {
  const auto& point = (*person.keypoints)[static_cast<std::size_t>(which)];
  if (point.score < kMinKeypointScore) return std::nullopt;
  return point.at;
}

/// Mean distance of the face from the person's head as the pose shows it, in pixels; absent where
/// it does not.
std::optional<float> distance_from_head(const Face& face, const Person& person) {
  if (!person.keypoints) return std::nullopt;
  float sum = 0;
  float count = 0;
  const auto add = [&](std::optional<Point<FramePx>> body, Point<FramePx> of_face) {
    if (!body) return;
    sum += distance(*body, of_face);
    ++count;
  };
  for (const auto& [of_face, of_body] : kSharedPoints)
    add(sure_point(person, of_body), face.keypoints[static_cast<std::size_t>(of_face)]);
  if (count == 0) {
    // A head seen from the side or half hidden.
    add(sure_point(person, BodyKeypoint::left_ear), face.box.center());
    add(sure_point(person, BodyKeypoint::right_ear), face.box.center());
  }
  if (count == 0) return std::nullopt;
  return sum / count;
}

/// How far the face is from where the person's box would have it, in widths and heights of that
/// box; kMostCost where it cannot be theirs.
float distance_from_top(const Face& face, const Box<FramePx>& person) {
  constexpr float kWidestFace = 1.1F;       // In widths of the person: detectors tremble.
  constexpr float kUpperPart = 0.6F;        // Of a person of whom the picture shows the chest up.
  constexpr float kCenterBelowTop = 0.75F;  // In heights of the face, with brow and hair above it.
  const Point<FramePx> center = face.box.center();
  if (face.box.width > kWidestFace * person.width) return kMostCost;
  if (center.x < person.x || center.x > person.right()) return kMostCost;
  if (center.y < person.y || center.y > person.y + kUpperPart * person.height) return kMostCost;
  const float sideways = std::abs(center.x - person.center().x) / person.width;
  const float down =
      std::abs(center.y - (person.y + kCenterBelowTop * face.box.height)) / person.height;
  return (sideways + down) / 2;
}

/// How badly the face fits the person: 0 is best, kMostCost or more is not at all.
float cost_of(const Face& face, const Person& person) {
  const float size = std::sqrt(std::max(face.box.area(), 1.0F));
  const std::optional<float> apart = distance_from_head(face, person);
  const float cost = apart ? *apart / size : distance_from_top(face, person.box);
  return std::isfinite(cost) ? std::min(cost, kMostCost) : kMostCost;
}

}  // namespace

void PersonLinker::reset() {
  links_.clear();
  last_time_.reset();
}

bool PersonLinker::waits(const Face& face, const std::vector<Person>& persons,
                         MediaTime time) const {
  const Link* longest = nullptr;
  for (const Link& link : links_) {
    if (link.face != face.track) continue;
    if (longest == nullptr || link.together_s > longest->together_s) longest = &link;
  }
  if (longest == nullptr || time.since_start - longest->last_seen.since_start > kWait) return false;
  return std::ranges::find(persons, std::optional(longest->person), &Person::track) ==
         persons.end();
}

float PersonLinker::loyalty(const Face& face, const Person& person) const {
  double own_s = 0;
  double all_s = 0;
  for (const Link& link : links_) {
    if (link.face != face.track) continue;
    all_s += link.together_s;
    if (link.person == person.track) own_s = link.together_s;
  }
  return all_s > 0 ? kLoyalty * static_cast<float>(own_s / all_s) : 0;
}

void PersonLinker::remember(TrackId face, TrackId person, MediaTime time) {
  // A frame counts for something at any rate, and a gap for no more than a slow rate's.
  const double interval_s =
      last_time_ ? std::clamp(seconds_between(*last_time_, time), 0.001, 0.2) : 0.001;
  const auto known = std::ranges::find_if(
      links_, [&](const Link& link) { return link.face == face && link.person == person; });
  if (known == links_.end()) {
    links_.push_back({face, person, interval_s, time});
  } else {
    known->together_s += interval_s;
    known->last_seen = time;
  }
}

void PersonLinker::link(std::vector<Face>& faces, const std::vector<Person>& persons,
                        MediaTime time) {
  std::erase_if(links_, [time](const Link& link) {
    return time.since_start - link.last_seen.since_start > kForgetAfter;
  });
  costs_.clear();
  for (const Face& face : faces) {
    const bool nobodys = waits(face, persons, time);
    for (const Person& person : persons) {
      const float cost = nobodys ? kMostCost : cost_of(face, person);
      costs_.push_back(cost < kMostCost ? cost - loyalty(face, person) : cost);
    }
  }
  const auto columns = assignment_.solve(costs_, faces.size(), persons.size(), kMostCost);
  for (std::size_t i = 0; i < faces.size(); ++i) {
    Face& face = faces[i];
    face.person.reset();
    if (!columns[i]) continue;
    face.person = persons[*columns[i]].track;
    if (face.track && face.person) remember(*face.track, *face.person, time);
  }
  last_time_ = time;
}

}  // namespace retinue
