#include "track/box_tracker.hpp"

#include <chrono>
#include <cmath>
#include <optional>
#include <random>
#include <set>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "track/person_tracker.hpp"

namespace retinue {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using Ids = std::vector<std::optional<TrackId>>;

MediaTime at_s(double s) {
  return {std::chrono::nanoseconds(std::llround(s * 1e9))};
}

/// A person of 60 x 150 pixels, or so, with their centre at (x, y).
BoxObservation person_at(double x, double y, double scale = 1) {
  const auto width = static_cast<float>(60 * scale);
  const auto height = static_cast<float>(150 * scale);
  return {{static_cast<float>(x) - width / 2, static_cast<float>(y) - height / 2, width, height}};
}

BoxObservation weak(BoxObservation observation) {
  observation.weak = true;
  return observation;
}

Ids update(BoxTracker& tracker, const std::vector<BoxObservation>& observations, double time_s) {
  const auto ids = tracker.update(observations, at_s(time_s));
  return {ids.begin(), ids.end()};
}

TrackId id(std::uint32_t value) {
  return TrackId{value};
}

TEST(BoxTracker, NumbersTheFirstObjectsInTheirOrder) {
  BoxTracker tracker;
  EXPECT_THAT(update(tracker, {}, 0), IsEmpty());
  EXPECT_THAT(update(tracker, {person_at(100, 200), person_at(400, 200)}, 0.1),
              ElementsAre(id(1), id(2)));
}

TEST(BoxTracker, GoesByThePlaceAndNotByTheOrder) {
  BoxTracker tracker;
  update(tracker, {person_at(100, 200), person_at(400, 200)}, 0);
  EXPECT_THAT(update(tracker, {person_at(402, 200), person_at(101, 200)}, 0.03),
              ElementsAre(id(2), id(1)));
}

TEST(BoxTracker, AWeakBoxContinuesATrackAndBeginsNone) {
  BoxTracker tracker;
  update(tracker, {person_at(100, 200)}, 0);
  EXPECT_THAT(update(tracker, {weak(person_at(102, 200)), weak(person_at(600, 200))}, 0.03),
              ElementsAre(id(1), std::nullopt));
}

TEST(BoxTracker, ACertainBoxGoesBeforeAWeakOne) {
  BoxTracker tracker;
  update(tracker, {person_at(100, 200)}, 0);
  // The weak one is nearer.
  EXPECT_THAT(update(tracker, {weak(person_at(100, 200)), person_at(110, 200)}, 0.03),
              ElementsAre(std::nullopt, id(1)));
}

TEST(BoxTracker, AWeakBoxDoesNotBringBackWhoWasLost) {
  BoxTracker tracker;
  update(tracker, {person_at(100, 200)}, 0);
  update(tracker, {}, 0.03);
  EXPECT_THAT(update(tracker, {weak(person_at(100, 200))}, 0.06), ElementsAre(std::nullopt));
  EXPECT_THAT(update(tracker, {person_at(100, 200)}, 0.1), ElementsAre(id(1)));
}

TEST(BoxTracker, ABoxOnAnotherBeginsNoTrack) {
  BoxTracker tracker;
  // 15 pixels of 60 apart: IoU 0.6.
  EXPECT_THAT(update(tracker, {person_at(100, 200), person_at(115, 200)}, 0),
              ElementsAre(id(1), std::nullopt));
  EXPECT_THAT(update(tracker, {person_at(115, 200), person_at(100, 200)}, 0.03),
              ElementsAre(std::nullopt, id(1)));
}

TEST(BoxTracker, WhoIsKnownKeepsTheirTrackBeforeAnother) {
  BoxTracker tracker;
  for (int i = 0; i < 10; ++i) {
    // From a width apart to a quarter of one.
    const double x = 160 - 5 * i;
    EXPECT_THAT(update(tracker, {person_at(100, 200), person_at(x, 200)}, i / 30.0),
                ElementsAre(id(1), id(2)))
        << "frame " << i;
  }
}

TEST(BoxTracker, KeepsTheIdsOfObjectsThatCross) {
  BoxTracker tracker;
  Ids before;
  for (int i = 0; i <= 90; ++i) {
    // They pass each other at a distance in depth: one is larger.
    const double x = 100 + i * 6;
    const Ids ids = update(tracker, {person_at(x, 200), person_at(740 - x, 215, 1.25)}, i / 30.0);
    ASSERT_THAT(ids, SizeIs(2));
    if (i > 0) {
      EXPECT_EQ(ids, before) << "frame " << i;
    }
    before = ids;
  }
}

TEST(BoxTracker, KeepsTheIdOfWhoIsHiddenWhileCrossing) {
  BoxTracker tracker;
  for (int i = 0; i <= 90; ++i) {
    const double x = 100 + i * 6;
    std::vector<BoxObservation> seen = {person_at(x, 200)};
    // The farther one cannot be seen behind the nearer.
    const bool hidden = std::abs(x - (740 - x)) < 50;
    if (!hidden) seen.push_back(person_at(740 - x, 190, 0.8));
    const Ids ids = update(tracker, seen, i / 30.0);
    EXPECT_EQ(ids[0], id(1)) << "frame " << i;
    if (!hidden) {
      EXPECT_EQ(ids[1], id(2)) << "frame " << i;
    }
  }
}

TEST(BoxTracker, KeepsTheIdsOfThoseWhoAreFoundInPartWhileTheyPassBehind) {
  BoxTracker tracker;
  for (int i = 0; i <= 110; ++i) {
    // One stands; another passes behind, of whom only what the first does not hide is found.
    const auto left = static_cast<float>(40 + 4 * i);
    const Box<FramePx> front = {240, 100, 90, 190};
    Box<FramePx> behind = {left, 110, 80, 160};
    if (behind.right() > front.x && behind.right() < front.right()) {
      behind.width = front.x - behind.x;  // Less than nothing where it is hidden.
    } else if (behind.x < front.right() && behind.right() >= front.right()) {
      behind = {front.right(), 110, behind.right() - front.right(), 160};
    }
    std::vector<BoxObservation> seen = {{front}};
    if (behind.width > 20) seen.push_back({behind});
    const Ids ids = update(tracker, seen, i / 30.0);
    EXPECT_EQ(ids[0], id(1)) << i;
    if (seen.size() > 1) {
      EXPECT_EQ(ids[1], id(2)) << i;
    }
  }
}

TEST(BoxTracker, KnowsAgainWhoWalkedOnOutOfSight) {
  BoxTracker tracker;
  for (int i = 0; i < 30; ++i)
    update(tracker, {person_at(100 + i * 5, 200)}, i / 30.0);
  // One second behind a pillar: 150 pixels farther, 2.5 widths.
  for (int i = 30; i < 60; ++i)
    update(tracker, {}, i / 30.0);
  EXPECT_THAT(update(tracker, {person_at(100 + 60 * 5, 200)}, 2), ElementsAre(id(1)));
}

TEST(BoxTracker, KnowsAgainWhoStoppedOutOfSight) {
  BoxTracker tracker;
  for (int i = 0; i < 30; ++i)
    update(tracker, {person_at(100 + i * 5, 200)}, i / 30.0);
  EXPECT_THAT(update(tracker, {person_at(250, 200)}, 2), ElementsAre(id(1)));
}

TEST(BoxTracker, ForgetsAfterTheTimeThatWasSet) {
  BoxTracker tracker({.forget_after = std::chrono::milliseconds(500)});
  update(tracker, {person_at(100, 200)}, 0);
  EXPECT_THAT(update(tracker, {person_at(100, 200)}, 0.5), ElementsAre(id(1)));
  EXPECT_THAT(update(tracker, {person_at(100, 200)}, 1.01), ElementsAre(id(2)));
}

TEST(BoxTracker, FarAwayIsSomebodyElse) {
  BoxTracker tracker;
  update(tracker, {person_at(100, 200)}, 0);
  EXPECT_THAT(update(tracker, {person_at(400, 200)}, 0.1), ElementsAre(id(2)));
}

TEST(BoxTracker, ResetEndsAllTracksAndUsesNoIdAgain) {
  BoxTracker tracker;
  update(tracker, {person_at(100, 200)}, 0);
  tracker.reset();
  EXPECT_THAT(update(tracker, {person_at(100, 200)}, 0.03), ElementsAre(id(2)));
}

TEST(BoxTracker, TimesThatDoNotIncreaseDoNotMatter) {
  BoxTracker tracker;
  update(tracker, {person_at(100, 200)}, 1);
  EXPECT_THAT(update(tracker, {person_at(100, 200)}, 1), ElementsAre(id(1)));
  EXPECT_THAT(update(tracker, {person_at(100, 200)}, 0.5), ElementsAre(id(1)));
}

/// How many ids three walkers have in ten seconds, seen with a tremble of two pixels at these
/// intervals, and with a share of the boxes missing.
std::size_t ids_of_three_walkers(const std::vector<double>& intervals_s, double missing) {
  std::mt19937 random(11);
  std::normal_distribution<double> tremble(0, 2);
  std::uniform_real_distribution<double> chance(0, 1);
  BoxTracker tracker;
  std::set<std::uint32_t> ids;
  std::size_t frame = 0;
  for (double t = 0; t < 10; t += intervals_s[frame++ % intervals_s.size()]) {
    std::vector<BoxObservation> seen;
    for (const auto& [x0, vx, y] : {std::tuple{50.0, 90.0, 200.0}, std::tuple{1100.0, -70.0, 420.0},
                                    std::tuple{300.0, 40.0, 640.0}}) {
      if (chance(random) < missing) continue;
      seen.push_back(person_at(x0 + vx * t + tremble(random), y + tremble(random)));
    }
    for (const std::optional<TrackId>& found : update(tracker, seen, t))
      ids.insert(found->value);
  }
  return ids.size();
}

TEST(BoxTracker, IdsDoNotDependOnTheFrameRate) {
  for (const double rate : {60.0, 30.0, 15.0, 10.0, 5.0})
    EXPECT_EQ(ids_of_three_walkers({1 / rate}, 0), 3U) << rate << " frames a second";
}

TEST(BoxTracker, IdsSurviveAVariableRateAndBoxesThatAreMissing) {
  EXPECT_EQ(ids_of_three_walkers({0.02, 0.2, 0.04, 0.01, 0.35}, 0), 3U);
  EXPECT_EQ(ids_of_three_walkers({1.0 / 30}, 0.3), 3U);
  EXPECT_EQ(ids_of_three_walkers({0.02, 0.2, 0.04, 0.01, 0.35}, 0.2), 3U);
}

TEST(BoxTracker, IdsSurviveACameraThatTurnsFast) {
  BoxTracker tracker;
  for (int i = 0; i < 30; ++i) {
    // From standing still to 1200 pixels a second, to and fro.
    const double pan = i < 10 ? 0 : 40.0 * std::abs((i - 10) % 10 - 5) - 200;
    EXPECT_THAT(update(tracker, {person_at(600 + pan, 200), person_at(800 + pan, 220)}, i / 30.0),
                ElementsAre(id(1), id(2)))
        << "frame " << i;
  }
}

/// Four persons, where a camera sees them that has panned by `pan` and zoomed by `zoom` about the
/// corner.
std::vector<BoxObservation> four_persons(double pan, double zoom = 1) {
  std::vector<BoxObservation> seen;
  for (const auto& [x, y, scale] : {std::tuple{210.0, 300.0, 1.0}, std::tuple{395.0, 260.0, 0.8},
                                    std::tuple{520.0, 330.0, 1.2}, std::tuple{800.0, 280.0, 0.9}})
    seen.push_back(person_at(zoom * x + pan, zoom * y, zoom * scale));
  return seen;
}

const Ids kFourIds = {TrackId{1}, TrackId{2}, TrackId{3}, TrackId{4}};

TEST(BoxTracker, IdsSurviveACameraThatTurnsByWidthsBetweenTwoFrames) {
  // 185 pixels are what is between the first two: the second looks as if it were the first.
  for (const double pan : {-250.0, -185.0, 130.0, 185.0, 325.0}) {
    BoxTracker tracker;
    update(tracker, four_persons(0), 0);
    update(tracker, four_persons(0), 0.03);
    EXPECT_EQ(update(tracker, four_persons(pan), 0.2), kFourIds) << pan;
    EXPECT_EQ(update(tracker, four_persons(pan), 0.23), kFourIds) << "standing still again";
  }
}

TEST(BoxTracker, IdsSurviveACameraThatZoomsFast) {
  for (const double zoom : {1.3, 1 / 1.3}) {
    BoxTracker tracker;
    update(tracker, four_persons(0), 0);
    EXPECT_EQ(update(tracker, four_persons(0, zoom), 0.2), kFourIds) << zoom;
  }
}

TEST(BoxTracker, WhoIsHiddenWhileTheCameraTurnsIsKnownAgain) {
  BoxTracker tracker;
  update(tracker, four_persons(0), 0);
  std::vector<BoxObservation> three = four_persons(300);
  three.erase(three.begin() + 1);
  EXPECT_THAT(update(tracker, three, 0.2), ElementsAre(id(1), id(3), id(4)));
  EXPECT_EQ(update(tracker, four_persons(300), 0.3), kFourIds);
}

TEST(PersonTracker, TakesOutWeakPersonsThatContinueNoTrack) {
  PersonTracker tracker;
  std::vector<Person> persons(2);
  persons[0].box = {0, 0, 50, 100};
  persons[1].box = {300, 0, 50, 100};
  persons[1].weak = true;
  tracker.update(persons, at_s(0));
  ASSERT_THAT(persons, SizeIs(1));
  EXPECT_EQ(persons[0].track, id(1));
  persons[0].weak = true;
  tracker.update(persons, at_s(0.03));
  ASSERT_THAT(persons, SizeIs(1));
  EXPECT_EQ(persons[0].track, id(1));
}

}  // namespace
}  // namespace retinue
