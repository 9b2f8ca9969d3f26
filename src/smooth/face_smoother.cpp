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
    filters_.begin(time, kDirections);
    for (std::size_t i = 0; i < direction.size(); ++i)
      direction[i] = filters_(i, direction[i]);
    return gaze_direction(direction);
  }
  void reset() { filters_.reset(); }

 private:
  OneEuroFilters<3> filters_;
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
  OneEuroFilters<4> box;
  OneEuroFilters<2 * kFaceKeypointCount> keypoints;
  OneEuroFilters<3 * kFaceLandmarkCount> landmarks;
  OneEuroFilters<kBlendshapeCount> blendshapes;
  std::array<AngleFilter, 3> angles;
  OneEuroFilters<3> translation;
  std::array<DirectionFilter, 3> gaze;  ///< Both eyes, left, right.
  OneEuroFilters<kEmotionNames.size()> emotions;

  void smooth(Face& face, MediaTime time);
  void reset();
};

void FaceSmoother::FaceFilters::smooth(Face& face, MediaTime time) {
  const double size = size_of(face.box);
  smooth_box(box, face.box, time, kPoints, size);

  keypoints.begin(time, kPoints, size);
  for (std::size_t i = 0; i < kFaceKeypointCount; ++i) {
    keypoints.smooth(2 * i, face.keypoints[i].x);
    keypoints.smooth(2 * i + 1, face.keypoints[i].y);
  }
  if (!face.landmarks.empty()) {
    landmarks.begin(time, kPoints, size);
    for (std::size_t i = 0; i < face.landmarks.size(); ++i) {
      landmarks.smooth(3 * i, face.landmarks[i].x);
      landmarks.smooth(3 * i + 1, face.landmarks[i].y);
      landmarks.smooth(3 * i + 2, face.landmarks[i].z);
    }
  }
  if (face.blendshapes) {
    blendshapes.begin(time, kCoefficients);
    for (std::size_t i = 0; i < kBlendshapeCount; ++i)
      blendshapes.smooth(i, (*face.blendshapes)[i]);
  }
  if (face.head_pose) {
    HeadPose& pose = *face.head_pose;
    pose.yaw_deg = angles[0](pose.yaw_deg, time);
    pose.pitch_deg = angles[1](pose.pitch_deg, time);
    pose.roll_deg = angles[2](pose.roll_deg, time);
    // A face is about 200 mm: the same settings as its points then mean the same.
    constexpr double kFaceSizeMm = 200;
    translation.begin(time, kPoints, kFaceSizeMm);
    for (std::size_t i = 0; i < 3; ++i)
      translation.smooth(i, pose.translation_mm[i]);
  }
  if (face.gaze) {
    face.gaze->direction = gaze[0](face.gaze->direction, time);
    if (face.gaze->left) face.gaze->left = gaze[1](*face.gaze->left, time);
    if (face.gaze->right) face.gaze->right = gaze[2](*face.gaze->right, time);
  }
  if (face.emotions) {
    emotions.begin(time, kCoefficients);
    for (std::size_t i = 0; i < kEmotionNames.size(); ++i)
      emotions.smooth(i, (*face.emotions)[i]);
    // Each filter goes at a pace of its own.
    const float sum = std::accumulate(face.emotions->begin(), face.emotions->end(), 0.0F);
    for (float& probability : *face.emotions)
      probability /= sum;
  }
}

void FaceSmoother::FaceFilters::reset() {
  box.reset();
  keypoints.reset();
  landmarks.reset();
  blendshapes.reset();
  translation.reset();
  emotions.reset();
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
