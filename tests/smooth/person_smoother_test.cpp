#include "smooth/person_smoother.hpp"

#include <chrono>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace retinue {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

MediaTime frame(int index, double fps = 30) {
  return {nanoseconds(std::llround(index / fps * 1e9))};
}

/// A person of 100 x 225 pixels, the middle of their box at (x, y), with everything measured.
Person person_at(std::uint32_t track, float x, float y) {
  Person person;
  person.track = TrackId{track};
  person.score = 0.9F;
  person.box = {x - 50, y - 112.5F, 100, 225};
  BodyKeypoints<FramePx>& keypoints = person.keypoints.emplace();
  for (std::size_t i = 0; i < kBodyKeypointCount; ++i)
    keypoints[i] = {{x + static_cast<float>(i), y - static_cast<float>(i)}, 0.7F};
  BodyLandmarks<FramePx>& landmarks = person.landmarks.emplace();
  landmarks.presence = 0.8F;
  for (std::size_t i = 0; i < kBodyLandmarkCount; ++i) {
    landmarks.points[i] = {x, y + static_cast<float>(i), -x};
    landmarks.visibility[i] = 0.6F;
    landmarks.world_m[i] = {x / 100, y / 100, 0};
  }
  return person;
}

Person smoothed(PersonSmoother& smoother, const Person& person, MediaTime time) {
  std::vector<Person> persons = {person};
  smoother.smooth(persons, time);
  return persons[0];
}

float nose_x(const Person& person) {
  return (*person.keypoints)[0].at.x;
}

void expect_same(const Person& a, const Person& b) {
  EXPECT_EQ(a.box, b.box);
  for (std::size_t i = 0; i < kBodyKeypointCount; ++i)
    EXPECT_EQ((*a.keypoints)[i].at, (*b.keypoints)[i].at);
  EXPECT_EQ(a.landmarks->points, b.landmarks->points);
  EXPECT_EQ(a.landmarks->world_m, b.landmarks->world_m);
}

TEST(PersonSmoother, NoPersonsAreNoWork) {
  PersonSmoother smoother;
  std::vector<Person> persons;
  smoother.smooth(persons, frame(0));
  EXPECT_TRUE(persons.empty());
}

TEST(PersonSmoother, LeavesTheFirstSightOfAPersonAlone) {
  PersonSmoother smoother;
  const Person person = person_at(1, 200, 300);
  expect_same(smoothed(smoother, person, frame(0)), person);
}

TEST(PersonSmoother, LeavesAPersonWithoutATrackAlone) {
  PersonSmoother smoother;
  smoothed(smoother, person_at(1, 200, 300), frame(0));
  Person person = person_at(1, 210, 300);
  person.track.reset();
  expect_same(smoothed(smoother, person, frame(1)), person);
}

TEST(PersonSmoother, SmoothsEverythingThatMovesButTheScores) {
  PersonSmoother smoother;
  smoothed(smoother, person_at(1, 200, 300), frame(0));
  const Person raw = person_at(1, 202, 302);
  const Person smooth = smoothed(smoother, raw, frame(1));
  EXPECT_LT(smooth.box.x, raw.box.x);
  EXPECT_LT(smooth.box.bottom(), raw.box.bottom());
  EXPECT_LT((*smooth.keypoints)[16].at.y, (*raw.keypoints)[16].at.y);
  EXPECT_LT(smooth.landmarks->points[32].x, raw.landmarks->points[32].x);
  EXPECT_GT(smooth.landmarks->points[0].z, raw.landmarks->points[0].z);
  EXPECT_LT(smooth.landmarks->world_m[5][1], raw.landmarks->world_m[5][1]);
  EXPECT_EQ(smooth.score, raw.score);
  EXPECT_EQ((*smooth.keypoints)[0].score, 0.7F);
  EXPECT_EQ(smooth.landmarks->presence, 0.8F);
  EXPECT_EQ(smooth.landmarks->visibility, raw.landmarks->visibility);
}

TEST(PersonSmoother, AStillPersonIsAtLeastThreeTimesStiller) {
  std::mt19937 random(6);
  // A per cent of the person's size.
  std::normal_distribution<float> noise(0, 1.5F);
  PersonSmoother smoother;
  double raw_change = 0;
  double smooth_change = 0;
  Person last_raw;
  Person last_smooth;
  for (int i = 0; i < 300; ++i) {
    const Person raw = person_at(1, 200 + noise(random), 300);
    const Person smooth = smoothed(smoother, raw, frame(i));
    if (i >= 30) {
      raw_change += std::abs(static_cast<double>(nose_x(raw) - nose_x(last_raw)));
      smooth_change += std::abs(static_cast<double>(nose_x(smooth) - nose_x(last_smooth)));
    }
    last_raw = raw;
    last_smooth = smooth;
  }
  EXPECT_LT(smooth_change, raw_change / 3);
}

TEST(PersonSmoother, APersonWhoWalksLagsByLessThanAFrame) {
  constexpr float kSpeed = 5;  // Pixels a frame: a size a second, as one walks.
  PersonSmoother smoother;
  for (int i = 0; i < 60; ++i) {
    const Person raw = person_at(1, 200 + kSpeed * static_cast<float>(i), 300);
    const Person smooth = smoothed(smoother, raw, frame(i));
    if (i < 15) continue;  // Until the speed is known.
    EXPECT_LT(nose_x(raw) - nose_x(smooth), kSpeed) << i;
  }
}

TEST(PersonSmoother, TheSizeOfThePersonDoesNotMatter) {
  PersonSmoother small;
  PersonSmoother large;
  for (int i = 0; i < 20; ++i) {
    const Person raw = person_at(1, 200 + 10 * std::sin(static_cast<float>(i)), 300);
    Person twice = raw;
    twice.box = {2 * raw.box.x, 2 * raw.box.y, 2 * raw.box.width, 2 * raw.box.height};
    for (ScoredPoint<FramePx>& point : *twice.keypoints)
      point.at = point.at * 2;
    EXPECT_NEAR(nose_x(smoothed(large, twice, frame(i))),
                2 * nose_x(smoothed(small, raw, frame(i))), 0.01);
  }
}

TEST(PersonSmoother, TracksDoNotTouchEachOther) {
  PersonSmoother both;
  PersonSmoother alone;
  for (int i = 0; i < 20; ++i) {
    std::vector<Person> persons = {person_at(2, static_cast<float>(900 - 20 * i), 100),
                                   person_at(1, 200 + std::sin(static_cast<float>(i)), 300)};
    const Person expected = smoothed(alone, persons[1], frame(i));
    both.smooth(persons, frame(i));
    expect_same(persons[1], expected);
  }
}

TEST(PersonSmoother, ATrackThatWasAwayStartsAnew) {
  PersonSmoother smoother;
  smoothed(smoother, person_at(1, 200, 300), {milliseconds(0)});
  const Person person = person_at(1, 210, 300);
  expect_same(smoothed(smoother, person, {milliseconds(501)}), person);
}

TEST(PersonSmoother, ATimeThatGoesBackStartsAnew) {
  PersonSmoother smoother;
  smoothed(smoother, person_at(1, 200, 300), {milliseconds(1000)});
  const Person person = person_at(1, 210, 300);
  expect_same(smoothed(smoother, person, {milliseconds(10)}), person);
}

TEST(PersonSmoother, StartsAnewAfterAReset) {
  PersonSmoother smoother;
  smoothed(smoother, person_at(1, 200, 300), frame(0));
  smoother.reset();
  const Person person = person_at(1, 210, 300);
  expect_same(smoothed(smoother, person, frame(1)), person);
}

TEST(PersonSmoother, ANewTrackHasNothingOfOneThatEnded) {
  PersonSmoother smoother;
  smoothed(smoother, person_at(1, 900, 300), {milliseconds(0)});
  std::vector<Person> nobody;
  smoother.smooth(nobody, {milliseconds(1000)});
  const Person person = person_at(2, 210, 300);
  expect_same(smoothed(smoother, person, {milliseconds(1040)}), person);
}

TEST(PersonSmoother, APersonMayLackEverythingButTheirBox) {
  PersonSmoother smoother;
  for (int i = 0; i < 3; ++i) {
    Person person;
    person.track = TrackId{1};
    person.box = {10, 10, 0, 0};  // And be empty.
    EXPECT_EQ(smoothed(smoother, person, frame(i)).box, person.box);
  }
}

TEST(PersonSmoother, WhatWasNotMeasuredInAFrameGoesOnFromTheFrameBefore) {
  PersonSmoother smoother;
  PersonSmoother without;  // Never saw the frame between.
  smoothed(smoother, person_at(1, 200, 300), frame(0));
  smoothed(without, person_at(1, 200, 300), frame(0));
  Person bare = person_at(1, 200, 300);
  bare.keypoints.reset();
  bare.landmarks.reset();
  smoothed(smoother, bare, frame(1));
  const Person back = smoothed(smoother, person_at(1, 210, 310), frame(2));
  const Person expected = smoothed(without, person_at(1, 210, 310), frame(2));
  EXPECT_EQ(nose_x(back), nose_x(expected));
  EXPECT_EQ(back.landmarks->points, expected.landmarks->points);
  EXPECT_EQ(back.landmarks->world_m, expected.landmarks->world_m);
}

}  // namespace
}  // namespace retinue
