#include "track/person_linker.hpp"

#include <chrono>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace retinue {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

MediaTime frame(int index) {
  return {std::chrono::milliseconds(33) * index};
}

/// A face of `size` pixels that looks into the camera, its centre at (x, y).
Face face_at(std::uint32_t track, float x, float y, float size = 30) {
  Face face;
  face.track = TrackId{track};
  face.box = {x - size / 2, y - size / 2, size, size};
  face.keypoints = {{{x - size / 5, y - size / 8},
                     {x + size / 5, y - size / 8},
                     {x, y + size / 10},
                     {x - size / 6, y + size / 3},
                     {x + size / 6, y + size / 3}}};
  return face;
}

/// A person who stands, the middle of their box's top at (x, y).
Person person_at(std::uint32_t track, float x, float y, float width = 80, float height = 200) {
  Person person;
  person.track = TrackId{track};
  person.box = {x - width / 2, y, width, height};
  return person;
}

void set_point(Person& person, BodyKeypoint which, Point<FramePx> at, float score = 0.9F) {
  (*person.keypoints)[static_cast<std::size_t>(which)] = {at, score};
}

/// The same with a pose whose head is around (x, y).
Person with_head(Person person, float x, float y, float score = 0.9F) {
  person.keypoints.emplace();
  set_point(person, BodyKeypoint::nose, {x, y + 3}, score);
  set_point(person, BodyKeypoint::right_eye, {x - 6, y - 4}, score);
  set_point(person, BodyKeypoint::left_eye, {x + 6, y - 4}, score);
  set_point(person, BodyKeypoint::right_ear, {x - 13, y - 1}, score);
  set_point(person, BodyKeypoint::left_ear, {x + 13, y - 1}, score);
  return person;
}

using Links = std::vector<std::optional<std::uint32_t>>;

Links link(PersonLinker& linker, std::vector<Face> faces, const std::vector<Person>& persons,
           MediaTime time = frame(0)) {
  linker.link(faces, persons, time);
  Links links;
  for (const Face& face : faces)
    links.push_back(face.person ? std::optional(face.person->value) : std::nullopt);
  return links;
}

Links links_of(const std::vector<Face>& faces, const std::vector<Person>& persons) {
  PersonLinker linker;
  return link(linker, faces, persons);
}

TEST(PersonLinker, LinksNobodyWhereNobodyIs) {
  EXPECT_THAT(links_of({}, {}), IsEmpty());
  EXPECT_THAT(links_of({}, {person_at(1, 100, 50)}), IsEmpty());
  EXPECT_THAT(links_of({face_at(1, 100, 70)}, {}), ElementsAre(std::nullopt));
}

TEST(PersonLinker, AFaceInTheUpperPartOfABoxIsThatPersons) {
  EXPECT_THAT(links_of({face_at(1, 105, 72)}, {person_at(7, 100, 50)}), ElementsAre(7));
}

TEST(PersonLinker, AFaceOfAPortraitIsThatPersons) {
  // Head and shoulders: the face is in the middle of the box.
  EXPECT_THAT(links_of({face_at(1, 320, 210, 180)}, {person_at(7, 330, 30, 460, 420)}),
              ElementsAre(7));
}

TEST(PersonLinker, AFaceBesideOrBelowOrTooLargeIsNotThatPersons) {
  const std::vector<Person> persons = {person_at(7, 100, 50)};
  EXPECT_THAT(links_of({face_at(1, 160, 72)}, persons), ElementsAre(std::nullopt));
  EXPECT_THAT(links_of({face_at(1, 100, 200)}, persons), ElementsAre(std::nullopt));
  EXPECT_THAT(links_of({face_at(1, 100, 100, 120)}, persons), ElementsAre(std::nullopt));
}

TEST(PersonLinker, ReplacesALinkThatAFaceBringsAlong) {
  std::vector<Face> faces = {face_at(1, 100, 72)};
  faces[0].person = TrackId{77};
  PersonLinker linker;
  linker.link(faces, {}, frame(0));
  EXPECT_FALSE(faces[0].person);
}

TEST(PersonLinker, APersonHasOneFace) {
  const Links links =
      links_of({face_at(1, 130, 100), face_at(2, 100, 72)}, {person_at(7, 100, 50)});
  EXPECT_THAT(links, ElementsAre(std::nullopt, 7));
}

TEST(PersonLinker, AChildBeforeAParentHasItsOwnFace) {
  const std::vector<Person> persons = {person_at(1, 100, 50, 90, 220),
                                       person_at(2, 105, 140, 60, 130)};
  EXPECT_THAT(links_of({face_at(1, 105, 160, 26), face_at(2, 100, 75)}, persons),
              ElementsAre(2, 1));
}

TEST(PersonLinker, PersonsWhoOverlapHaveTheirOwnFaces) {
  // Both faces are within both boxes.
  const std::vector<Person> persons = {person_at(1, 100, 50, 120, 200),
                                       person_at(2, 140, 55, 120, 200)};
  EXPECT_THAT(links_of({face_at(1, 135, 78), face_at(2, 95, 74)}, persons), ElementsAre(2, 1));
}

TEST(PersonLinker, TakesThePairsThatFitBestOnTheWhole) {
  // The first face fits both, and the first person slightly better; the second fits only that.
  const std::vector<Person> persons = {person_at(1, 100, 50, 120, 200),
                                       person_at(2, 150, 50, 80, 200)};
  EXPECT_THAT(links_of({face_at(1, 120, 74), face_at(2, 60, 74)}, persons), ElementsAre(2, 1));
}

TEST(PersonLinker, GoesByThePosesHeadRatherThanTheBox) {
  // Somebody stretches an arm over another's head: the face is nearer to the other's middle.
  const std::vector<Person> persons = {with_head(person_at(1, 100, 50, 160, 200), 160, 74),
                                       with_head(person_at(2, 160, 45, 90, 200), 125, 72)};
  EXPECT_THAT(links_of({face_at(1, 160, 74)}, persons), ElementsAre(1));
}

TEST(PersonLinker, AFaceApartFromThePosesHeadIsNotThatPersons) {
  // A face on a shirt, or of somebody before them whom the detector missed.
  const Person person = with_head(person_at(1, 100, 50, 120, 240), 100, 72);
  EXPECT_THAT(links_of({face_at(1, 100, 130)}, {person}), ElementsAre(std::nullopt));
}

TEST(PersonLinker, GoesByTheEarsWhereThePoseHasNothingElse) {
  const auto ear_only = [](Person person, float x, float y) {
    person.keypoints.emplace();
    set_point(person, BodyKeypoint::left_ear, {x, y});
    return person;
  };
  const std::vector<Person> persons = {ear_only(person_at(1, 100, 50, 160, 200), 160, 74),
                                       ear_only(person_at(2, 160, 45, 90, 200), 125, 72)};
  EXPECT_THAT(links_of({face_at(1, 160, 74)}, persons), ElementsAre(1));
}

TEST(PersonLinker, GoesByTheBoxWhereThePoseIsNotSure) {
  const Person person = with_head(person_at(1, 100, 50), 400, 300, 0.1F);
  EXPECT_THAT(links_of({face_at(1, 100, 72)}, {person}), ElementsAre(1));
}

TEST(PersonLinker, AFaceStaysWithItsPersonWhileAnotherFitsAsWell) {
  PersonLinker linker;
  for (int i = 0; i <= 40; ++i) {
    // The second walks past behind the first, whose face alone is seen.
    const auto x = static_cast<float>(200 - 5 * i);
    EXPECT_THAT(
        link(linker, {face_at(1, 104, 74)}, {person_at(1, 100, 50), person_at(2, x, 48)}, frame(i)),
        ElementsAre(1))
        << i;
  }
}

TEST(PersonLinker, AFaceGoesToWhomItFitsMuchBetter) {
  PersonLinker linker;
  // Alone, it is taken for the one behind; then the one before them is found, and the poses are.
  EXPECT_THAT(link(linker, {face_at(1, 104, 100)}, {person_at(1, 100, 50)}), ElementsAre(1));
  const std::vector<Person> persons = {with_head(person_at(1, 100, 50), 100, 72),
                                       with_head(person_at(2, 104, 80), 104, 100)};
  EXPECT_THAT(link(linker, {face_at(1, 104, 100)}, persons, frame(1)), ElementsAre(2));
}

TEST(PersonLinker, AFaceIsNobodysWhileItsPersonIsMissedForAMoment) {
  PersonLinker linker;
  const std::vector<Face> face = {face_at(1, 100, 72)};
  const std::vector<Person> both = {person_at(1, 100, 50), person_at(2, 100, 50)};
  EXPECT_THAT(link(linker, face, {both[0]}), ElementsAre(1));
  for (int i = 1; i <= 15; ++i)
    EXPECT_THAT(link(linker, face, {both[1]}, frame(i)), ElementsAre(std::nullopt)) << i;
  EXPECT_THAT(link(linker, face, both, frame(16)), ElementsAre(1));
}

TEST(PersonLinker, AFaceWhosePersonLeftFindsAnother) {
  PersonLinker linker;
  link(linker, {face_at(1, 100, 72)}, {person_at(1, 100, 50)});
  EXPECT_THAT(link(linker, {face_at(1, 100, 72)}, {person_at(2, 100, 50)}, frame(16)),
              ElementsAre(2));
}

TEST(PersonLinker, AFaceGoesBackToThePersonItWasWithForLongest) {
  PersonLinker linker;
  const std::vector<Face> face = {face_at(1, 100, 72)};
  const std::vector<Person> both = {person_at(1, 105, 50), person_at(2, 100, 50)};
  for (int i = 0; i < 60; ++i)
    link(linker, face, {both[0]}, frame(i));
  for (int i = 60; i < 80; ++i)
    link(linker, face, {both[1]}, frame(i));
  EXPECT_THAT(link(linker, face, both, frame(80)), ElementsAre(1));
}

TEST(PersonLinker, ForgetsWhoWasWithWhomAtAReset) {
  const std::vector<Person> both = {person_at(1, 130, 50, 100), person_at(2, 100, 50, 100)};
  PersonLinker linker;
  link(linker, {face_at(1, 105, 72)}, {both[0]});
  EXPECT_THAT(link(linker, {face_at(1, 105, 72)}, both, frame(1)), ElementsAre(1));
  linker.reset();
  EXPECT_THAT(link(linker, {face_at(1, 105, 72)}, both, frame(2)), ElementsAre(2));
}

TEST(PersonLinker, BoxesWithoutMeaningDoNotDisturbTheOthers) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<Person> persons = {person_at(1, nan, nan), person_at(2, 100, 50),
                                       person_at(3, 100, 50, 0, 0)};
  EXPECT_THAT(links_of({face_at(1, nan, 70), face_at(2, 100, 72)}, persons),
              ElementsAre(std::nullopt, 2));
}

}  // namespace
}  // namespace retinue
