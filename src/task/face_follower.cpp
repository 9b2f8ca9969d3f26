#include "task/face_follower.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "task/face_region.hpp"
#include "task/frame_analysis.hpp"

namespace retinue {

namespace {

using Landmarks = std::vector<Point3<UprightPx>>;

constexpr float kSameFaceIou = 0.3F;
constexpr float kSamePlaceIou = 0.6F;

Box<UprightPx> bounds_of(const Landmarks& landmarks) {
  Point<UprightPx> low{std::numeric_limits<float>::max(), std::numeric_limits<float>::max()};
  Point<UprightPx> high{std::numeric_limits<float>::lowest(), std::numeric_limits<float>::lowest()};
  for (const Point3<UprightPx>& p : landmarks) {
    low = {std::min(low.x, p.x), std::min(low.y, p.y)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y)};
  }
  return {low.x, low.y, high.x - low.x, high.y - low.y};
}

/// `box` in units of `unit`, from its corner. A flat unit counts as one pixel.
Box<UprightPx> relative(const Box<UprightPx>& box, const Box<UprightPx>& unit) {
  const float width = std::max(1.0F, unit.width);
  const float height = std::max(1.0F, unit.height);
  return {(box.x - unit.x) / width, (box.y - unit.y) / height, box.width / width,
          box.height / height};
}

/// The inverse of relative.
Box<UprightPx> absolute(const Box<UprightPx>& box, const Box<UprightPx>& unit) {
  const float width = std::max(1.0F, unit.width);
  const float height = std::max(1.0F, unit.height);
  return {unit.x + box.x * width, unit.y + box.y * height, box.width * width, box.height * height};
}

/// The detector's five points, read from the mesh.
std::array<Point<UprightPx>, kFaceKeypointCount> keypoints_of(const Landmarks& landmarks) {
  const auto between = [&landmarks](std::size_t a, std::size_t b) {
    return (landmarks[a].xy() + landmarks[b].xy()) * 0.5F;
  };
  // Corners of each eye, tip of the nose, corners of the mouth.
  return {between(33, 133), between(263, 362), landmarks[1].xy(), landmarks[61].xy(),
          landmarks[291].xy()};
}

/// Both keep their memory.
template <typename T>
void move_all(std::vector<T>& from, std::vector<T>& to) {
  to.clear();
  std::move(from.begin(), from.end(), std::back_inserter(to));
  from.clear();
}

}  // namespace

void FaceFollower::expect(FrameAnalysis& analysis, std::size_t max_faces) {
  began_ = true;
  lost_ = false;
  expected_ = followed_.size();
  seen_by_detector_.assign(expected_, false);

  std::vector<FaceIn<UprightPx>>& found = faces_;
  move_all(analysis.faces, found);
  known_.assign(found.size(), false);
  analysis.regions.clear();
  for (std::size_t i = 0; i < expected_; ++i) {
    const Followed& followed = followed_[i];
    std::size_t best = found.size();
    float best_iou = kSameFaceIou;
    for (std::size_t k = 0; k < found.size(); ++k) {
      const float overlap = iou(followed.box, found[k].box);
      // A detection is one face's at most.
      if (!known_[k] && overlap >= best_iou) {
        best = k;
        best_iou = overlap;
      }
    }
    if (best < found.size()) {
      known_[best] = true;
      seen_by_detector_[i] = true;
      analysis.faces.push_back(std::move(found[best]));
    } else {
      FaceIn<UprightPx> face;
      face.score = followed.score;
      face.box = followed.box;
      analysis.faces.push_back(std::move(face));
    }
    analysis.regions.push_back(followed.region);
  }
  for (std::size_t k = 0; k < found.size() && analysis.faces.size() < max_faces; ++k) {
    if (known_[k]) continue;
    analysis.regions.push_back(face_region(found[k]));
    analysis.faces.push_back(std::move(found[k]));
    seen_by_detector_.push_back(true);
  }
}

void FaceFollower::remember(FrameAnalysis& analysis) {
  move_all(followed_, before_);
  move_all(analysis.faces, faces_);
  move_all(analysis.regions, regions_);
  taken_.clear();
  if (analysis.detected) {
    held_.clear();
    held_frames_ = 0;
  }
  const std::size_t held_before = held_.size();
  for (std::size_t i = 0; i < faces_.size(); ++i) {
    FaceIn<UprightPx>& face = faces_[i];
    const bool was_followed = i < expected_;
    const bool seen = seen_by_detector_[i];
    if (face.landmarks.empty()) {
      lost_ = lost_ || was_followed;
      // Where a face was is no measurement, once the mesh has looked there in vain.
      if (!seen) continue;
      held_.push_back(face);
    } else {
      const Box<UprightPx> bounds = bounds_of(face.landmarks);
      const auto same_place = [&bounds](const Box<UprightPx>& other) {
        return iou(bounds, other) > kSamePlaceIou;
      };
      if (std::ranges::any_of(taken_, same_place)) continue;
      taken_.push_back(bounds);
      Box<UprightPx> box_in_bounds;
      if (seen) {
        box_in_bounds = relative(face.box, bounds);
      } else {
        box_in_bounds = before_[i].box_in_bounds;
        face.box = absolute(box_in_bounds, bounds);
        face.keypoints = keypoints_of(face.landmarks);
      }
      followed_.push_back({face_region_of_landmarks(face), face.box, face.score, box_in_bounds});
    }
    analysis.regions.push_back(regions_[i]);
    analysis.faces.push_back(std::move(face));
  }
  if (held_before != 0) ++held_frames_;
  for (std::size_t i = 0; i < held_before; ++i) {
    analysis.regions.push_back(face_region(held_[i]));
    analysis.faces.push_back(held_[i]);
  }
  // Of those that were left out.
  analysis.spare_landmarks.take_from(faces_);
}

void FaceFollower::reset() {
  followed_.clear();
  held_.clear();
  held_frames_ = 0;
  seen_by_detector_.clear();
  expected_ = 0;
  began_ = false;
  lost_ = false;
}

}  // namespace retinue
