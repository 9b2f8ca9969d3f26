#include "task/person_follower.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "task/analysis_of.hpp"

namespace retinue {
namespace {

FrameAnalysis next_frame() {
  return analysis_of({.stored = {1280, 720}});
}

/// What a detector finds: a person 100 pixels wide and 300 high around (x, y).
PersonIn<UprightPx> detection(float x, float y, float score = 0.9F) {
  return {.track = {},
          .score = score,
          .box = {x - 50, y - 150, 100, 300},
          .weak = score < 0.4F,
          .keypoints = {},
          .landmarks = {}};
}

/// A body around (x, y), `scale` times as large as that of `detection`: points on a rough grid.
void give_pose(PersonIn<UprightPx>& person, float x, float y, float scale = 1, float score = 0.8F) {
  person.keypoints.emplace();
  for (std::size_t i = 0; i < kBodyKeypointCount; ++i) {
    const auto column = static_cast<float>(i % 2) * 2 - 1;
    const float row = (static_cast<float>(i) - 8) / 8;
    (*person.keypoints)[i] = {{x + 40 * scale * column, y + 140 * scale * row}, score};
  }
}

/// A frame in which the detector finds these, and each has a pose.
void detect(PersonFollower& follower, const std::vector<PersonIn<UprightPx>>& persons) {
  FrameAnalysis analysis = next_frame();
  analysis.persons = persons;
  analysis.persons_detected = true;
  follower.expect(analysis);
  for (PersonIn<UprightPx>& person : analysis.persons)
    give_pose(person, person.box.center().x, person.box.center().y);
  follower.remember(analysis);
}

TEST(PersonFollower, WantsADetectionWhenItKnowsNothingYet) {
  PersonFollower follower;
  EXPECT_TRUE(follower.wants_detection());
  detect(follower, {});
  EXPECT_FALSE(follower.wants_detection()) << "an empty picture is known to be empty";
  follower.reset();
  EXPECT_TRUE(follower.wants_detection());
}

TEST(PersonFollower, WhileNobodyIsThereALiveSourceLooksAtEveryFrame) {
  PersonFollower follower;
  follower.set_detect_while_empty(true);
  detect(follower, {});
  EXPECT_TRUE(follower.wants_detection());
  detect(follower, {detection(300, 300)});
  EXPECT_FALSE(follower.wants_detection());
}

TEST(PersonFollower, ExpectsAPersonWhereTheyWere) {
  PersonFollower follower;
  detect(follower, {detection(300, 300)});
  FrameAnalysis next = next_frame();
  follower.expect(next);
  ASSERT_EQ(next.persons.size(), 1U);
  EXPECT_EQ(next.persons[0].box, detection(300, 300).box);
  EXPECT_FLOAT_EQ(next.persons[0].score, 0.9F);
}

TEST(PersonFollower, TheBoxMovesAndGrowsWithTheBody) {
  PersonFollower follower;
  detect(follower, {detection(300, 300)});
  FrameAnalysis next = next_frame();
  follower.expect(next);
  give_pose(next.persons[0], 320, 310, 1.5F);
  follower.remember(next);
  ASSERT_EQ(next.persons.size(), 1U);
  const Box<UprightPx> box = next.persons[0].box;
  EXPECT_NEAR(box.center().x, 320, 1e-3);
  EXPECT_NEAR(box.center().y, 310, 1e-3);
  EXPECT_NEAR(box.width, 150, 1e-3);
  EXPECT_NEAR(box.height, 450, 1e-3);
}

TEST(PersonFollower, ABoxThatWentAroundComesBackAsItWas) {
  PersonFollower follower;
  detect(follower, {detection(300, 300)});
  Box<UprightPx> box;
  for (int step = 1; step <= 40; ++step) {
    FrameAnalysis next = next_frame();
    follower.expect(next);
    const bool away = step < 40;
    give_pose(next.persons[0], away ? 300.3F + static_cast<float>(step) : 300, 300,
              away ? 1.0F + 0.01F * static_cast<float>(step) : 1);
    follower.remember(next);
    box = next.persons[0].box;
  }
  EXPECT_NEAR(box.x, 250, 1e-2);
  EXPECT_NEAR(box.y, 150, 1e-2);
  EXPECT_NEAR(box.width, 100, 1e-2);
}

TEST(PersonFollower, AnArmThatIsStretchedOutDoesNotMoveTheBox) {
  PersonFollower follower;
  detect(follower, {detection(300, 300)});
  FrameAnalysis next = next_frame();
  follower.expect(next);
  give_pose(next.persons[0], 300, 300);
  constexpr auto kLeftWrist = static_cast<std::size_t>(BodyKeypoint::left_wrist);
  (*next.persons[0].keypoints)[kLeftWrist].at.x += 200;
  follower.remember(next);
  EXPECT_NEAR(next.persons[0].box.x, 250, 1e-3);
  EXPECT_NEAR(next.persons[0].box.width, 100, 1e-3);
}

TEST(PersonFollower, UncertainPointsDoNotMoveTheBox) {
  PersonFollower follower;
  detect(follower, {detection(300, 300)});
  FrameAnalysis next = next_frame();
  follower.expect(next);
  give_pose(next.persons[0], 300, 300);
  (*next.persons[0].keypoints)[0] = {{900, 700}, 0.1F};
  follower.remember(next);
  EXPECT_NEAR(next.persons[0].box.center().x, 300, 1e-3);
}

TEST(PersonFollower, APersonWhosePointsAreLostLeavesAndIsLookedForAtOnce) {
  PersonFollower follower;
  detect(follower, {detection(300, 300), detection(800, 300)});
  FrameAnalysis next = next_frame();
  follower.expect(next);
  ASSERT_EQ(next.persons.size(), 2U);
  give_pose(next.persons[0], 300, 300, 1, 0.1F);
  give_pose(next.persons[1], 800, 300);
  follower.remember(next);
  ASSERT_EQ(next.persons.size(), 1U);
  EXPECT_NEAR(next.persons[0].box.center().x, 800, 1e-3);
  EXPECT_TRUE(follower.wants_detection());
}

TEST(PersonFollower, APersonWithoutCertainPointsKeepsTheirBoxForAWhile) {
  PersonFollower follower;
  FrameAnalysis first = next_frame();
  first.persons = {detection(300, 300)};
  first.persons_detected = true;
  follower.expect(first);
  give_pose(first.persons[0], 300, 300, 1, 0.1F);
  follower.remember(first);
  for (int frame = 0; frame < PersonFollower::kMostHeldFrames; ++frame) {
    EXPECT_FALSE(follower.wants_detection());
    FrameAnalysis next = next_frame();
    follower.expect(next);
    ASSERT_EQ(next.persons.size(), 1U);
    give_pose(next.persons[0], 300, 300, 1, 0.1F);
    follower.remember(next);
    ASSERT_EQ(next.persons.size(), 1U);
    EXPECT_EQ(next.persons[0].box, detection(300, 300).box);
  }
  EXPECT_TRUE(follower.wants_detection());
}

TEST(PersonFollower, WhomTheDetectorDoesNotSeeIsNotThere) {
  PersonFollower follower;
  detect(follower, {detection(300, 300), detection(800, 300)});
  detect(follower, {detection(300, 300)});
  FrameAnalysis next = next_frame();
  follower.expect(next);
  EXPECT_EQ(next.persons.size(), 1U);
}

TEST(PersonFollower, AWeakDetectionIsFollowedOnlyAsTheContinuationOfSomebody) {
  PersonFollower follower;
  detect(follower, {detection(300, 300)});
  detect(follower, {detection(310, 300, 0.3F), detection(800, 300, 0.3F)});
  FrameAnalysis next = next_frame();
  follower.expect(next);
  ASSERT_EQ(next.persons.size(), 1U);
  EXPECT_NEAR(next.persons[0].box.center().x, 310, 1e-3);
}

TEST(PersonFollower, TwoWhoArriveInOnePlaceAreOne) {
  PersonFollower follower;
  detect(follower, {detection(300, 300), detection(400, 300)});
  FrameAnalysis next = next_frame();
  follower.expect(next);
  give_pose(next.persons[0], 350, 300);
  give_pose(next.persons[1], 352, 300);
  follower.remember(next);
  EXPECT_EQ(next.persons.size(), 1U);
  EXPECT_TRUE(follower.wants_detection()) << "the other may be elsewhere";
}

}  // namespace
}  // namespace retinue
