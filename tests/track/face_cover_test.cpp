#include "track/face_cover.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <optional>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace retinue {
namespace {

using std::chrono::milliseconds;
using testing::IsEmpty;
using testing::SizeIs;

constexpr milliseconds kFrameTime{40};
constexpr std::size_t kPatient = 100;

MediaTime frame(int index) {
  return {kFrameTime * index};
}

Face face_at(float x, float y, std::uint32_t track = 1, float size = 100) {
  Face face;
  face.box = {x - size / 2, y - size / 2, size, size};
  face.track = TrackId{track};
  return face;
}

/// By the even-odd rule.
bool contains(const HiddenRegion& region, Point<FramePx> p) {
  bool inside = false;
  const auto& corners = region.outline;
  for (std::size_t i = 0, j = corners.size() - 1; i < corners.size(); j = i++) {
    const bool between = (corners[i].y > p.y) != (corners[j].y > p.y);
    const float share = (p.y - corners[i].y) / (corners[j].y - corners[i].y);
    if (between && p.x < corners[i].x + share * (corners[j].x - corners[i].x)) inside = !inside;
  }
  return inside;
}

bool hides(const std::vector<HiddenRegion>& regions, Point<FramePx> p) {
  return std::ranges::any_of(regions, [p](const auto& region) { return contains(region, p); });
}

/// The regions of each of `frames`, whose faces are given; 40 ms apart.
std::vector<std::vector<HiddenRegion>> cover_all(const std::vector<std::vector<Face>>& frames,
                                                 std::size_t look_ahead) {
  FaceCover cover({.look_ahead = look_ahead});
  std::vector<std::vector<HiddenRegion>> covered;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    cover.add(frames[i], frame(static_cast<int>(i)));
    while (auto regions = cover.take(false))
      covered.push_back(*std::move(regions));
  }
  while (auto regions = cover.take(true))
    covered.push_back(*std::move(regions));
  return covered;
}

TEST(FaceCover, HidesMoreThanTheBoxOfAFaceWithoutLandmarks) {
  const auto covered = cover_all({{face_at(200, 200)}}, 0);
  EXPECT_TRUE(hides(covered[0], {140, 200}));
  EXPECT_TRUE(hides(covered[0], {200, 260}));
  EXPECT_FALSE(hides(covered[0], {100, 200}));
}

TEST(FaceCover, HidesTheOvalOfAMeshThatIsLargerThanItsBox) {
  Face face = face_at(200, 200);
  // A flat ellipse; the oval's points are some of its edge.
  for (std::size_t i = 0; i < kFaceLandmarkCount; ++i) {
    const auto angle = 2 * std::numbers::pi_v<float> * static_cast<float>(i) / kFaceLandmarkCount;
    face.landmarks.push_back({200 + 100 * std::cos(angle), 200 + 20 * std::sin(angle), 0});
  }
  const auto covered = cover_all({{face}}, 0);
  ASSERT_THAT(covered[0], SizeIs(1));
  EXPECT_TRUE(hides(covered[0], {310, 200}));
  EXPECT_FALSE(hides(covered[0], {330, 200}));
  // And all of the box, widened.
  EXPECT_TRUE(hides(covered[0], {200, 265}));
}

TEST(FaceCover, FollowsAFaceThroughAGapOfItsTrackWhenFramesMayWait) {
  std::vector<std::vector<Face>> frames(11);
  frames[0] = {face_at(200, 200)};
  frames[10] = {face_at(700, 300)};
  const auto covered = cover_all(frames, kPatient);
  ASSERT_THAT(covered, SizeIs(11));
  for (int i = 0; i <= 10; ++i) {
    const Point<FramePx> center{200 + 50.0F * static_cast<float>(i),
                                200 + 10.0F * static_cast<float>(i)};
    const auto& regions = covered[static_cast<std::size_t>(i)];
    EXPECT_TRUE(hides(regions, center)) << i;
    EXPECT_TRUE(hides(regions, center + Point<FramePx>{45, 45})) << i;
  }
  EXPECT_FALSE(hides(covered[5], {200, 200}));
}

TEST(FaceCover, GivesEachFrameAtOnceWhileAllFacesAreFound) {
  FaceCover cover({.look_ahead = kPatient});
  for (int i = 0; i < 5; ++i) {
    cover.add({face_at(200, 200), face_at(500, 200, 2)}, frame(i));
    EXPECT_TRUE(cover.take(false));
    EXPECT_FALSE(cover.take(false));
  }
}

TEST(FaceCover, HoldsAndGrowsTheLastRegionForASecondWhereNothingMayWait) {
  std::vector<std::vector<Face>> frames(30);
  frames[0] = {face_at(200, 200)};
  const auto covered = cover_all(frames, 0);
  ASSERT_THAT(covered, SizeIs(30));
  EXPECT_FALSE(hides(covered[0], {320, 200}));
  EXPECT_TRUE(hides(covered[1], {200, 200}));
  EXPECT_TRUE(hides(covered[24], {320, 200}));
  EXPECT_THAT(covered[26], IsEmpty());
}

TEST(FaceCover, AFaceThatDoesNotComeBackIsHeldAndGrownInARecordingToo) {
  std::vector<std::vector<Face>> frames(40);
  frames[0] = {face_at(200, 200)};
  EXPECT_EQ(cover_all(frames, kPatient)[20].size(), cover_all(frames, 0)[20].size());
  EXPECT_TRUE(hides(cover_all(frames, kPatient)[24], {320, 200}));
}

TEST(FaceCover, LetsNoMoreFramesWaitThanItMay) {
  FaceCover cover({.look_ahead = 3});
  cover.add({face_at(200, 200)}, frame(0));
  ASSERT_TRUE(cover.take(false));
  for (int i = 1; i <= 3; ++i) {
    cover.add({}, frame(i));
    EXPECT_FALSE(cover.take(false));
  }
  cover.add({}, frame(4));
  const auto regions = cover.take(false);
  ASSERT_TRUE(regions);
  EXPECT_TRUE(hides(*regions, {200, 200}));
  EXPECT_FALSE(cover.take(false));
}

TEST(FaceCover, ANewSceneForgetsFacesButNotTheFramesThatWait) {
  FaceCover cover({.look_ahead = kPatient});
  cover.add({face_at(200, 200)}, frame(0));
  ASSERT_TRUE(cover.take(false));
  cover.add({}, frame(1));
  EXPECT_FALSE(cover.take(false));
  cover.reset();
  const auto before = cover.take(false);
  ASSERT_TRUE(before);
  EXPECT_TRUE(hides(*before, {200, 200}));
  cover.add({}, frame(2));
  const auto after = cover.take(false);
  ASSERT_TRUE(after);
  EXPECT_THAT(*after, IsEmpty());
}

TEST(FaceCover, GivesAsManyFramesAsItGotForAnyPatternOfMisses) {
  std::uint32_t pattern = 1;
  for (int round = 0; round < 200; ++round) {
    std::vector<std::vector<Face>> frames(50);
    for (auto& faces : frames) {
      pattern = pattern * 1664525 + 1013904223;
      if ((pattern >> 20 & 3) != 0) faces.push_back(face_at(200, 200));
      if ((pattern >> 24 & 1) != 0) faces.push_back(face_at(600, 200, 2));
    }
    for (const std::size_t look_ahead : {std::size_t{0}, std::size_t{4}, kPatient}) {
      const auto covered = cover_all(frames, look_ahead);
      ASSERT_THAT(covered, SizeIs(50));
      bool seen = false;
      for (std::size_t i = 0; i < frames.size(); ++i) {
        seen = seen || std::ranges::any_of(
                           frames[i], [](const Face& face) { return face.track == TrackId{1}; });
        // Found again within a second at the latest: no frame between shows it.
        EXPECT_TRUE(!seen || hides(covered[i], {200, 200})) << i;
      }
    }
  }
}

}  // namespace
}  // namespace retinue
