#include "task/person_follower.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "task/frame_analysis.hpp"

namespace retinue {

namespace {

using Keypoints = BodyKeypoints<UprightPx>;

/// Of MoveNet, a point below is mostly hidden.
constexpr float kCertainScore = 0.3F;
constexpr std::size_t kLeastCertainPoints = 4;
constexpr float kSamePersonIou = 0.3F;
/// Mean distance of two persons' points below which they are one, in heights of the box.
constexpr float kSamePlace = 0.05F;

/// Head, shoulders and hips: what moves with the body as a whole.
constexpr std::array<std::size_t, 9> kTrunk{0, 1, 2, 3, 4, 5, 6, 11, 12};
constexpr std::array<std::size_t, kBodyKeypointCount> kAll{0, 1,  2,  3,  4,  5,  6,  7, 8,
                                                           9, 10, 11, 12, 13, 14, 15, 16};

bool is_certain(const ScoredPoint<UprightPx>& point) {
  return point.score >= kCertainScore;
}

bool can_be_followed(const Keypoints& points) {
  return static_cast<std::size_t>(std::ranges::count_if(points, is_certain)) >= kLeastCertainPoints;
}

/// Where points went that are certain in both.
struct Motion {
  Point<UprightPx> from;  ///< Their mean before...
  Point<UprightPx> to;    ///< ...and now.
  float scale = 1;
};

/// The least-squares translation and scale. Nullopt: fewer than two points.
std::optional<Motion> motion_of(const Keypoints& before, const Keypoints& now,
                                std::span<const std::size_t> points) {
  const auto both_certain = [&](std::size_t i) {
    return is_certain(before[i]) && is_certain(now[i]);
  };
  Motion motion;
  float count = 0;
  for (const std::size_t i : points) {
    if (!both_certain(i)) continue;
    motion.from = motion.from + before[i].at;
    motion.to = motion.to + now[i].at;
    ++count;
  }
  if (count < 2) return std::nullopt;
  motion.from = motion.from * (1 / count);
  motion.to = motion.to * (1 / count);
  float spread_before = 0;
  float spread_now = 0;
  for (const std::size_t i : points) {
    if (!both_certain(i)) continue;
    const Point<UprightPx> a = before[i].at - motion.from;
    const Point<UprightPx> b = now[i].at - motion.to;
    spread_before += a.x * a.x + a.y * a.y;
    spread_now += b.x * b.x + b.y * b.y;
  }
  if (spread_before > 0 && spread_now > 0) motion.scale = std::sqrt(spread_now / spread_before);
  return motion;
}

std::optional<Motion> motion_of(const Keypoints& before, const Keypoints& now) {
  const std::optional<Motion> trunk = motion_of(before, now, kTrunk);
  return trunk ? trunk : motion_of(before, now, kAll);
}

Box<UprightPx> moved(const Box<UprightPx>& box, const Motion& motion) {
  return {motion.to.x + (box.x - motion.from.x) * motion.scale,
          motion.to.y + (box.y - motion.from.y) * motion.scale, box.width * motion.scale,
          box.height * motion.scale};
}

/// Whether the points are those of one body, that was found twice.
bool are_in_one_place(const PersonIn<UprightPx>& a, const PersonIn<UprightPx>& b) {
  if (!a.keypoints || !b.keypoints) return false;
  float distance = 0;
  float count = 0;
  for (std::size_t i = 0; i < kBodyKeypointCount; ++i) {
    if (!is_certain((*a.keypoints)[i]) || !is_certain((*b.keypoints)[i])) continue;
    const Point<UprightPx> apart = (*a.keypoints)[i].at - (*b.keypoints)[i].at;
    distance += std::hypot(apart.x, apart.y);
    ++count;
  }
  const float height = std::max(a.box.height, b.box.height);
  return count >= kLeastCertainPoints && distance / count < kSamePlace * height;
}

}  // namespace

void PersonFollower::expect(FrameAnalysis& analysis) {
  began_ = true;
  lost_ = false;
  if (analysis.persons_detected) return;
  for (const Expected& expected : expected_) {
    analysis.persons.push_back({.track = {},
                                .score = expected.score,
                                .box = expected.box,
                                .weak = expected.weak,
                                .keypoints = {},
                                .landmarks = {}});
  }
}

void PersonFollower::remember(FrameAnalysis& analysis) {
  std::swap(expected_, before_);
  expected_.clear();
  std::vector<PersonIn<UprightPx>>& persons = analysis.persons;
  const bool detected = analysis.persons_detected;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < persons.size(); ++i) {
    PersonIn<UprightPx>& person = persons[i];
    const std::optional<Expected> next = follow(person, detected ? nullptr : &before_[i]);
    const auto begin = persons.begin();
    const bool twice = !detected && std::any_of(begin, begin + static_cast<std::ptrdiff_t>(kept),
                                                [&person](const PersonIn<UprightPx>& other) {
                                                  return are_in_one_place(person, other);
                                                });
    lost_ = lost_ || !next || twice;
    if (!next || twice) continue;
    // One that the detector is not certain of counts only as the continuation of somebody.
    if (!detected || !person.weak || is_known(person.box)) expected_.push_back(*next);
    if (kept != i) persons[kept] = std::move(person);
    ++kept;
  }
  persons.resize(kept);
  holds_ =
      std::ranges::any_of(expected_, [](const Expected& person) { return !person.seen_keypoints; });
  held_frames_ = detected ? 0 : held_frames_ + 1;
}

void PersonFollower::reset() {
  expected_.clear();
  holds_ = false;
  held_frames_ = 0;
  began_ = false;
  lost_ = false;
}

std::optional<PersonFollower::Expected> PersonFollower::follow(PersonIn<UprightPx>& person,
                                                               const Expected* before) {
  const bool has_points = person.keypoints && can_be_followed(*person.keypoints);
  Expected next{.box = person.box,
                .score = person.score,
                .weak = person.weak,
                .seen_box = person.box,
                .seen_keypoints = {}};
  if (before != nullptr && before->seen_keypoints) {
    if (!has_points) return std::nullopt;
    const std::optional<Motion> motion = motion_of(*before->seen_keypoints, *person.keypoints);
    if (!motion) return std::nullopt;
    person.box = moved(before->seen_box, *motion);
    next = *before;
    next.box = person.box;
    return next;
  }
  if (has_points) next.seen_keypoints = person.keypoints;
  return next;
}

bool PersonFollower::is_known(const Box<UprightPx>& box) const {
  return std::ranges::any_of(
      before_, [&box](const Expected& known) { return iou(known.box, box) >= kSamePersonIou; });
}

}  // namespace retinue
