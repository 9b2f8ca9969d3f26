#include "track/face_tracker.hpp"

#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <set>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace retinue {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using testing::ElementsAre;
using testing::IsEmpty;

MediaTime at_ms(std::int64_t ms) {
  return {milliseconds(ms)};
}

/// Of the `index`-th frame of a video of 30 frames a second.
MediaTime frame(int index) {
  return {milliseconds(33) * index};
}

MediaTime at_s(double s) {
  return {nanoseconds(std::llround(s * 1e9))};
}

/// A face of 100 x 100 pixels, or of `size`, with its centre at (x, y).
Face face_at(float x, float y, float size = 100) {
  Face face;
  face.box = {x - size / 2, y - size / 2, size, size};
  return face;
}

std::vector<std::uint32_t> ids_of(const std::vector<Face>& faces) {
  std::vector<std::uint32_t> ids;
  ids.reserve(faces.size());
  for (const Face& face : faces)
    ids.push_back(face.track ? face.track->value : 0);
  return ids;
}

/// The ids that `tracker` gives to these faces.
std::vector<std::uint32_t> update(FaceTracker& tracker, std::vector<Face> faces, MediaTime time) {
  tracker.update(faces, time);
  return ids_of(faces);
}

TEST(FaceTracker, NoFacesAreNoTracks) {
  FaceTracker tracker;
  EXPECT_THAT(update(tracker, {}, at_ms(0)), IsEmpty());
}

TEST(FaceTracker, NumbersTheFirstFacesInTheirOrder) {
  FaceTracker tracker;
  EXPECT_THAT(update(tracker, {face_at(500, 100), face_at(100, 100)}, at_ms(0)), ElementsAre(1, 2));
}

TEST(FaceTracker, AFaceThatMovesKeepsItsId) {
  FaceTracker tracker;
  for (int i = 0; i < 60; ++i) {
    const auto x = static_cast<float>(100 + 10 * i);
    EXPECT_THAT(update(tracker, {face_at(x, 100)}, frame(i)), ElementsAre(1)) << i;
  }
}

TEST(FaceTracker, AFaceThatGetsFasterThanItsSizeAFrameKeepsItsId) {
  FaceTracker tracker;
  float x = 100;
  for (int i = 0; i < 20; ++i) {
    x += static_cast<float>(10 * i);  // 190 pixels between the last two frames.
    EXPECT_THAT(update(tracker, {face_at(x, 100)}, frame(i)), ElementsAre(1)) << i;
  }
}

TEST(FaceTracker, AFaceThatJumpsByHalfItsSizeKeepsItsId) {
  FaceTracker tracker;
  update(tracker, {face_at(100, 100)}, at_ms(0));
  EXPECT_THAT(update(tracker, {face_at(140, 140)}, at_ms(33)), ElementsAre(1));
}

TEST(FaceTracker, AFaceElsewhereIsAnother) {
  FaceTracker tracker;
  update(tracker, {face_at(100, 100)}, at_ms(0));
  EXPECT_THAT(update(tracker, {face_at(100, 100), face_at(400, 100)}, at_ms(33)),
              ElementsAre(1, 2));
}

TEST(FaceTracker, AFaceOfAnotherSizeBesideATrackIsAnother) {
  FaceTracker tracker;
  update(tracker, {face_at(100, 100, 100)}, at_ms(0));
  EXPECT_THAT(update(tracker, {face_at(130, 130, 30)}, at_ms(33)), ElementsAre(2));
}

TEST(FaceTracker, TheOrderOfTheDetectionsDoesNotMatter) {
  FaceTracker tracker;
  update(tracker, {face_at(100, 100), face_at(400, 100)}, at_ms(0));
  EXPECT_THAT(update(tracker, {face_at(405, 100), face_at(105, 100)}, at_ms(33)),
              ElementsAre(2, 1));
}

TEST(FaceTracker, FacesThatPassEachOtherKeepTheirIds) {
  FaceTracker tracker;
  for (int i = 0; i <= 60; ++i) {
    // They meet in frame 30, one above the other; their boxes overlap by a quarter there.
    const auto left = static_cast<float>(100 + 10 * i);
    const auto right = static_cast<float>(700 - 10 * i);
    EXPECT_THAT(update(tracker, {face_at(left, 100), face_at(right, 160)}, frame(i)),
                ElementsAre(1, 2))
        << i;
  }
}

TEST(FaceTracker, AFaceComesBackAsItselfAfterAShortAbsence) {
  FaceTracker tracker;
  update(tracker, {face_at(100, 100)}, at_ms(0));
  update(tracker, {}, at_ms(500));
  EXPECT_THAT(update(tracker, {face_at(110, 100)}, at_ms(1000)), ElementsAre(1));
}

TEST(FaceTracker, AFaceComesBackAsAnotherAfterALongAbsence) {
  FaceTracker tracker;
  update(tracker, {face_at(100, 100)}, at_ms(0));
  EXPECT_THAT(update(tracker, {face_at(100, 100)}, at_ms(1001)), ElementsAre(2));
}

TEST(FaceTracker, ForgetsAfterTheTimeThatItIsTold) {
  BoxTrackerSettings settings = kFaceTracking;
  settings.forget_after = milliseconds(200);
  FaceTracker tracker(settings);
  update(tracker, {face_at(100, 100)}, at_ms(0));
  EXPECT_THAT(update(tracker, {face_at(100, 100)}, at_ms(200)), ElementsAre(1));
  EXPECT_THAT(update(tracker, {face_at(100, 100)}, at_ms(401)), ElementsAre(2));
}

TEST(FaceTracker, AFaceThatWasMovingIsNotLookedForFarAway) {
  FaceTracker tracker;
  for (int i = 0; i < 10; ++i)
    update(tracker, {face_at(static_cast<float>(100 + 20 * i), 100)}, frame(i));
  // It stops and is hidden for 0.7 s: at its last speed it would be 400 pixels further.
  EXPECT_THAT(update(tracker, {face_at(380, 100)}, at_ms(1000)), ElementsAre(1));
}

TEST(FaceTracker, AFaceHiddenWhileItPassesBehindAnotherKeepsItsId) {
  FaceTracker tracker;
  for (int i = 0; i <= 60; ++i) {
    const auto left = static_cast<float>(100 + 10 * i);
    const auto right = static_cast<float>(700 - 10 * i);
    // The one behind is not seen while the boxes overlap by more than a third: 7 frames.
    const bool hidden = std::abs(left - right) < 67;
    std::vector<Face> faces = {face_at(left, 100)};
    std::vector<std::uint32_t> expected = {1};
    if (!hidden) {
      faces.push_back(face_at(right, 110, 90));
      expected.push_back(2);
    }
    EXPECT_EQ(update(tracker, faces, frame(i)), expected) << i;
  }
}

TEST(FaceTracker, NeverUsesAnIdAgain) {
  FaceTracker tracker;
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 50; ++i) {
    const std::vector<std::uint32_t> ids =
        update(tracker, {face_at(100, 100), face_at(400, 100)}, {milliseconds(2000) * i});
    seen.insert(ids.begin(), ids.end());
  }
  EXPECT_EQ(seen.size(), 100U);
}

TEST(FaceTracker, ResetEndsTheTracksButNotTheNumbers) {
  FaceTracker tracker;
  update(tracker, {face_at(100, 100)}, at_ms(0));
  tracker.reset();
  EXPECT_THAT(update(tracker, {face_at(100, 100)}, at_ms(33)), ElementsAre(2));
}

TEST(FaceTracker, ReplacesIdsThatFacesBringAlong) {
  FaceTracker tracker;
  std::vector<Face> faces = {face_at(100, 100)};
  faces[0].track = TrackId{77};
  tracker.update(faces, at_ms(0));
  EXPECT_THAT(ids_of(faces), ElementsAre(1));
}

class FaceTrackerFrameRate : public testing::TestWithParam<double> {};

TEST_P(FaceTrackerFrameRate, DoesNotChangeTheIds) {
  // One walks to the right, one nods, one comes after a second and leaves after two.
  const auto walking = [](double t) { return face_at(static_cast<float>(100 + 150 * t), 100); };
  const auto nodding = [](double t) {
    return face_at(300, static_cast<float>(400 + 30 * std::sin(2 * std::numbers::pi * t)));
  };
  FaceTracker tracker;
  const double fps = GetParam();
  for (int i = 0; i < static_cast<int>(3 * fps); ++i) {
    const double t = i / fps;
    std::vector<Face> faces = {walking(t), nodding(t)};
    std::vector<std::uint32_t> expected = {1, 2};
    if (t >= 1 && t < 2) {
      faces.push_back(face_at(800, 600));
      expected.push_back(3);
    }
    EXPECT_EQ(update(tracker, faces, at_s(t)), expected) << t << " s";
  }
}

INSTANTIATE_TEST_SUITE_P(Rates, FaceTrackerFrameRate, testing::Values(5.0, 12.0, 25.0, 60.0));

TEST(FaceTracker, ABurstOfFramesDoesNotThrowAFaceFarAway) {
  FaceTracker tracker;
  update(tracker, {face_at(100, 100)}, at_ms(0));
  // Damaged files have frames that are one tick of a 90 kHz clock apart: 2 pixels of the detector's
  // trembling would be a speed of 180000 pixels a second.
  update(tracker, {face_at(102, 100)}, {nanoseconds(11'111)});
  EXPECT_THAT(update(tracker, {face_at(101, 100)}, at_ms(100)), ElementsAre(1));
}

TEST(FaceTracker, ATimeThatDoesNotAdvanceKeepsTheIds) {
  FaceTracker tracker;
  update(tracker, {face_at(100, 100)}, at_ms(500));
  EXPECT_THAT(update(tracker, {face_at(105, 100)}, at_ms(500)), ElementsAre(1));
  EXPECT_THAT(update(tracker, {face_at(110, 100)}, at_ms(100)), ElementsAre(1));
  EXPECT_THAT(update(tracker, {face_at(115, 100)}, at_ms(600)), ElementsAre(1));
}

TEST(FaceTracker, EqualFacesAreToldApartByAgeAndOrder) {
  FaceTracker tracker;
  update(tracker, {face_at(100, 100), face_at(100, 100)}, at_ms(0));
  EXPECT_THAT(update(tracker, {face_at(100, 100), face_at(100, 100)}, at_ms(33)),
              ElementsAre(1, 2));
}

TEST(FaceTracker, AnEmptyBoxIsAFaceToo) {
  FaceTracker tracker;
  update(tracker, {face_at(100, 100, 0)}, at_ms(0));
  EXPECT_THAT(update(tracker, {face_at(100, 100, 0)}, at_ms(33)), ElementsAre(1));
}

TEST(FaceTracker, BoxesWithoutMeaningDoNotDisturbTheOthers) {
  FaceTracker tracker;
  update(tracker, {face_at(100, 100)}, at_ms(0));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (int i = 1; i < 4; ++i) {
    const std::vector<std::uint32_t> ids =
        update(tracker, {face_at(nan, 5), face_at(1e30F, 0, 1e30F), face_at(100, 100)}, at_ms(i));
    EXPECT_EQ(ids[2], 1U);
  }
}

}  // namespace
}  // namespace retinue
