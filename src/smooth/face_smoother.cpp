#include "smooth/face_smoother.hpp"

#include <array>
#include <cmath>
#include <numeric>

#include "smooth/box_smoothing.hpp"
#include "smooth/one_euro_filter.hpp"

namespace retinue {

namespace {

// Speeds are in face sizes a second and times are the frames' own: the cutoff follows the face's
// size and the frame rate. The points of a still face spread 3 times less than raw with these (2
// times where it has 50 pixels), and those of a moving one lag by less than 0.3 frames at 30 a
// second; tools/smoothing.py prints both, for other settings too.
constexpr OneEuroSettings kPoints{.min_cutoff_hz = 0.2, .beta = 60, .derivative_cutoff_hz = 1};
// Coefficients in [0, 1]: a blink takes about 0.1 s from 0 to 1.
constexpr OneEuroSettings kCoefficients{.min_cutoff_hz = 1.5, .beta = 6, .derivative_cutoff_hz = 2};
// Degrees: a shake of the head passes 100 a second.
constexpr OneEuroSettings kAngles{.min_cutoff_hz = 0.8, .beta = 0.3, .derivative_cutoff_hz = 2};

// Components of a direction of unit length. Eyes jump from place to place within some 0.05 s, and
// a net's answer trembles by degrees while they rest.
constexpr OneEuroSettings kDirections{.min_cutoff_hz = 0.8, .beta = 10, .derivative_cutoff_hz = 2};

/// Filters a direction as a vector: no angle wraps.
class DirectionFilter {
 public:
  GazeDirection operator()(const GazeDirection& gaze, MediaTime time) {
    Direction direction = direction_of(gaze);
    for (std::size_t i = 0; i < direction.size(); ++i)
      direction[i] = filters_[i](direction[i], time, kDirections);
    return gaze_direction(direction);
  }
  void reset() {
    for (OneEuroFilter& filter : filters_)
      filter.reset();
  }

 private:
  std::array<OneEuroFilter, 3> filters_;
};

/// Filters an angle that wraps at ±180 degrees along its shorter way.
class AngleFilter {
 public:
  float operator()(float angle_deg, MediaTime time) {
    const auto angle = static_cast<double>(angle_deg);
    unwrapped_deg_ = unwrapped_deg_ + std::remainder(angle - unwrapped_deg_, 360.0);
    return static_cast<float>(std::remainder(filter_(unwrapped_deg_, time, kAngles), 360.0));
  }
  void reset() {
    filter_.reset();
    unwrapped_deg_ = 0;
  }

 private:
  OneEuroFilter filter_;
  double unwrapped_deg_ = 0;
};

}  // namespace

struct FaceSmoother::FaceFilters {
  std::array<OneEuroFilter, 4> box;
  std::array<OneEuroFilter, 2 * kFaceKeypointCount> keypoints;
  std::array<OneEuroFilter, 3 * kFaceLandmarkCount> landmarks;
  std::array<OneEuroFilter, kBlendshapeCount> blendshapes;
  std::array<AngleFilter, 3> angles;
  std::array<OneEuroFilter, 3> translation;
  std::array<DirectionFilter, 3> gaze;  ///< Both eyes, left, right.
  std::array<OneEuroFilter, kEmotionNames.size()> emotions;

  void smooth(Face& face, MediaTime time);
  void reset();
};

void FaceSmoother::FaceFilters::smooth(Face& face, MediaTime time) {
  const double size = size_of(face.box);
  const auto apply = [time](OneEuroFilter& filter, float& value, const OneEuroSettings& settings,
                            double scale) { smooth_value(filter, value, time, settings, scale); };
  smooth_box(box, face.box, time, kPoints, size);

  for (std::size_t i = 0; i < kFaceKeypointCount; ++i) {
    apply(keypoints[2 * i], face.keypoints[i].x, kPoints, size);
    apply(keypoints[2 * i + 1], face.keypoints[i].y, kPoints, size);
  }
  for (std::size_t i = 0; i < face.landmarks.size(); ++i) {
    apply(landmarks[3 * i], face.landmarks[i].x, kPoints, size);
    apply(landmarks[3 * i + 1], face.landmarks[i].y, kPoints, size);
    apply(landmarks[3 * i + 2], face.landmarks[i].z, kPoints, size);
  }
  if (face.blendshapes) {
    for (std::size_t i = 0; i < kBlendshapeCount; ++i) {
      apply(blendshapes[i], (*face.blendshapes)[i], kCoefficients, 1);
    }
  }
  if (face.head_pose) {
    HeadPose& pose = *face.head_pose;
    pose.yaw_deg = angles[0](pose.yaw_deg, time);
    pose.pitch_deg = angles[1](pose.pitch_deg, time);
    pose.roll_deg = angles[2](pose.roll_deg, time);
    // A face is about 200 mm: the same settings as its points then mean the same.
    constexpr double kFaceSizeMm = 200;
    for (std::size_t i = 0; i < 3; ++i)
      apply(translation[i], pose.translation_mm[i], kPoints, kFaceSizeMm);
  }
  if (face.gaze) {
    face.gaze->direction = gaze[0](face.gaze->direction, time);
    if (face.gaze->left) face.gaze->left = gaze[1](*face.gaze->left, time);
    if (face.gaze->right) face.gaze->right = gaze[2](*face.gaze->right, time);
  }
  if (face.emotions) {
    for (std::size_t i = 0; i < emotions.size(); ++i)
      apply(emotions[i], (*face.emotions)[i], kCoefficients, 1);
    // Each filter goes at a pace of its own.
    const float sum = std::accumulate(face.emotions->begin(), face.emotions->end(), 0.0F);
    for (float& probability : *face.emotions)
      probability /= sum;
  }
}

void FaceSmoother::FaceFilters::reset() {
  reset_all(box);
  reset_all(keypoints);
  reset_all(landmarks);
  reset_all(blendshapes);
  reset_all(translation);
  reset_all(emotions);
  for (AngleFilter& filter : angles)
    filter.reset();
  for (DirectionFilter& filter : gaze)
    filter.reset();
}

FaceSmoother::FaceSmoother()
    : filters_(std::make_unique<TrackMemory<FaceFilters>>(kForgetFiltersAfter)) {}
FaceSmoother::~FaceSmoother() = default;
FaceSmoother::FaceSmoother(FaceSmoother&&) noexcept = default;
FaceSmoother& FaceSmoother::operator=(FaceSmoother&&) noexcept = default;

void FaceSmoother::smooth(std::vector<Face>& faces, MediaTime time) {
  filters_->forget_absent(time);
  for (Face& face : faces) {
    if (face.track) filters_->of(*face.track, time).smooth(face, time);
  }
}

void FaceSmoother::reset() {
  filters_->reset();
}

}  // namespace retinue
