#include "smooth/person_smoother.hpp"

#include <array>

#include "smooth/box_smoothing.hpp"
#include "smooth/one_euro_filter.hpp"

namespace retinue {

namespace {

// Speeds are in sizes of the person a second: of the root of the box's area, some 1.1 m of whoever
// stands. With these a still person is 4 times stiller than raw, and one who swings from side to
// side lags by 0.4 to 0.6 frames at 30 a second; tools/smoothing.py --persons prints both, for
// other settings too.
constexpr OneEuroSettings kPoints{.min_cutoff_hz = 0.3, .beta = 40, .derivative_cutoff_hz = 1};

}  // namespace

struct PersonSmoother::PersonFilters {
  OneEuroFilters<4> box;
  OneEuroFilters<2 * kBodyKeypointCount> keypoints;
  OneEuroFilters<3 * kBodyLandmarkCount> landmarks;
  OneEuroFilters<3 * kBodyLandmarkCount> world;

  void smooth(Person& person, MediaTime time);
  void smooth(BodyLandmarks<FramePx>& body, MediaTime time, double size);
  void reset();
};

void PersonSmoother::PersonFilters::smooth(Person& person, MediaTime time) {
  const double size = size_of(person.box);
  smooth_box(box, person.box, time, kPoints, size);
  if (person.keypoints) {
    keypoints.begin(time, kPoints, size);
    for (std::size_t i = 0; i < kBodyKeypointCount; ++i) {
      Point<FramePx>& at = (*person.keypoints)[i].at;
      keypoints.smooth(2 * i, at.x);
      keypoints.smooth(2 * i + 1, at.y);
    }
  }
  if (person.landmarks) smooth(*person.landmarks, time, size);
}

void PersonSmoother::PersonFilters::smooth(BodyLandmarks<FramePx>& body, MediaTime time,
                                           double size) {
  constexpr double kPersonSizeM = 1.1;
  landmarks.begin(time, kPoints, size);
  world.begin(time, kPoints, kPersonSizeM);
  for (std::size_t i = 0; i < kBodyLandmarkCount; ++i) {
    Point3<FramePx>& point = body.points[i];
    landmarks.smooth(3 * i, point.x);
    landmarks.smooth(3 * i + 1, point.y);
    landmarks.smooth(3 * i + 2, point.z);
    for (std::size_t axis = 0; axis < 3; ++axis)
      world.smooth(3 * i + axis, body.world_m[i][axis]);
  }
}

void PersonSmoother::PersonFilters::reset() {
  box.reset();
  keypoints.reset();
  landmarks.reset();
  world.reset();
}

PersonSmoother::PersonSmoother()
    : filters_(std::make_unique<TrackMemory<PersonFilters>>(kForgetFiltersAfter)) {}
PersonSmoother::~PersonSmoother() = default;
PersonSmoother::PersonSmoother(PersonSmoother&&) noexcept = default;
PersonSmoother& PersonSmoother::operator=(PersonSmoother&&) noexcept = default;

void PersonSmoother::smooth(std::vector<Person>& persons, MediaTime time) {
  filters_->forget_absent(time);
  for (Person& person : persons) {
    if (person.track) filters_->of(*person.track, time).smooth(person, time);
  }
}

void PersonSmoother::reset() {
  filters_->reset();
}

}  // namespace retinue
