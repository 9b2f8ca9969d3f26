#include <limits>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "perception/example_result.hpp"
#include "perception/frame_result.hpp"

namespace retinue {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string text_of(const FrameResult& result) {
  std::string text;
  append_json(text, result);
  return text;
}

json json_of(const FrameResult& result) {
  return json::parse(text_of(result));
}

std::vector<std::string> keys_of(const json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items())
    keys.push_back(key);
  return keys;  // nlohmann sorts them.
}

TEST(FrameResultJson, HasTheKeysOfTheContract) {
  const json record = json_of(example_result());

  EXPECT_THAT(keys_of(record),
              ElementsAre("faces", "frame", "height", "persons", "source", "time_s", "width"));
  const json& face = record["faces"][0];
  EXPECT_THAT(keys_of(face),
              ElementsAre("action_units", "blendshapes", "box", "embedding", "emotion", "gaze",
                          "head_pose", "keypoints", "landmarks", "presence", "score", "track"));
  EXPECT_THAT(keys_of(face["gaze"]), ElementsAre("left", "pitch_deg", "right", "yaw_deg"));
  EXPECT_THAT(keys_of(face["gaze"]["left"]), ElementsAre("pitch_deg", "yaw_deg"));
  EXPECT_THAT(keys_of(face["head_pose"]),
              ElementsAre("pitch_deg", "roll_deg", "translation_mm", "yaw_deg"));
}

TEST(FrameResultJson, HasAnIntensityAndAPresenceForEachUnitButLipSuck) {
  const json units = json_of(example_result())["faces"][0]["action_units"];

  EXPECT_THAT(keys_of(units),
              ElementsAre("AU01", "AU02", "AU04", "AU05", "AU06", "AU07", "AU09", "AU10", "AU12",
                          "AU14", "AU15", "AU17", "AU20", "AU23", "AU25", "AU26", "AU28", "AU45"));
  EXPECT_EQ(units["AU05"], json::parse(R"({"intensity":0.75,"present":false})"));
  EXPECT_EQ(units["AU28"], json::parse(R"({"present":true})"));
}

TEST(FrameResultJson, HoldsTheNumbersOfTheResult) {
  const json record = json_of(example_result());

  EXPECT_EQ(record["source"], "walk.mp4");
  EXPECT_EQ(record["frame"], 12);
  EXPECT_DOUBLE_EQ(record["time_s"], 0.4);
  EXPECT_EQ(record["width"], 1280);
  EXPECT_EQ(record["height"], 720);
  const json& face = record["faces"][0];
  EXPECT_EQ(face["track"], 7);
  EXPECT_DOUBLE_EQ(face["score"], 0.9877);
  EXPECT_DOUBLE_EQ(face["presence"], 0.75);
  EXPECT_EQ(face["box"], json::parse("[100.5,50.25,80,96]"));
  EXPECT_EQ(face["head_pose"]["translation_mm"], json::parse("[12,-30.5,640.25]"));
  EXPECT_DOUBLE_EQ(face["head_pose"]["yaw_deg"], -3.13);  // Half away from zero.
  EXPECT_EQ(face["gaze"], json::parse(R"({"yaw_deg":-5.25,"pitch_deg":-1.5,
      "left":{"yaw_deg":-6.5,"pitch_deg":-2},"right":{"yaw_deg":-4,"pitch_deg":-1.25}})"));
}

TEST(FrameResultJson, HasEveryEmotionByItsNameAndTheWholeEmbedding) {
  const json face = json_of(example_result())["faces"][0];

  EXPECT_EQ(face["emotion"], json::parse(R"({"angry":0.05,"disgust":0,"fear":0.125,"happy":0.5,
      "sad":0.05,"surprise":0.125,"neutral":0.15})"));
  EXPECT_EQ(face["embedding"], json::parse("[0.6,0,-0.8]"));
}

TEST(FrameResultJson, NamesThePersonWhoseFaceItIs) {
  FrameResult result = example_result();
  result.persons = {example_person()};
  result.faces[0].person = result.persons[0].track;

  const json record = json_of(result);
  EXPECT_EQ(record["faces"][0]["track"], 7);
  EXPECT_EQ(record["faces"][0]["person"], 3);
  EXPECT_FALSE(record["persons"][0].contains("person"));
}

TEST(FrameResultJson, LeavesOutThePersonWhoIsNotKnown) {
  EXPECT_FALSE(json_of(example_result())["faces"][0].contains("person"));
}

TEST(FrameResultJson, LeavesOutTheGazeOfAShutEye) {
  FrameResult result = example_result();
  result.faces[0].gaze->left.reset();
  EXPECT_THAT(keys_of(json_of(result)["faces"][0]["gaze"]),
              ElementsAre("pitch_deg", "right", "yaw_deg"));

  result.faces[0].gaze.reset();
  EXPECT_FALSE(json_of(result)["faces"][0].contains("gaze"));
}

TEST(FrameResultJson, WritesEveryKeypointLandmarkAndBlendshape) {
  const json face = json_of(example_result())["faces"][0];

  EXPECT_EQ(face["keypoints"].size(), kFaceKeypointCount);
  EXPECT_EQ(face["keypoints"][2], json::parse("[140.5,98.25]"));
  ASSERT_EQ(face["landmarks"].size(), kFaceLandmarkCount);
  EXPECT_EQ(face["landmarks"][0], json::parse("[140.5,98.25,0]"));
  EXPECT_EQ(face["blendshapes"].size(), kBlendshapeCount);
  EXPECT_DOUBLE_EQ(face["blendshapes"]["_neutral"], 0.0);
  EXPECT_DOUBLE_EQ(face["blendshapes"]["jawOpen"], 0.25);
}

TEST(FrameResultJson, WritesBlendshapesInTheOrderOfTheModel) {
  const std::string text = text_of(example_result());

  std::size_t last = 0;
  for (const std::string_view name : blendshape_names()) {
    const std::size_t found = text.find('"' + std::string(name) + '"');
    ASSERT_NE(found, std::string::npos) << name;
    EXPECT_GT(found, last) << name;
    last = found;
  }
}

TEST(FrameResultJson, HasAnEmptyListWhenThereIsNoFace) {
  EXPECT_EQ(json_of(empty_result())["faces"], json::array());
}

TEST(FrameResultJson, HasNoFacesKeyWhenFacesWereNotAsked) {
  FrameResult result = empty_result();
  result.tasks = {};

  EXPECT_FALSE(json_of(result).contains("faces"));
}

TEST(FrameResultJson, HasPersonsWithTheKeysOfTheContract) {
  FrameResult result = empty_result();
  result.persons = {example_person()};

  const json person = json_of(result)["persons"][0];

  EXPECT_THAT(keys_of(person), ElementsAre("box", "keypoints", "score", "track"));
  EXPECT_EQ(person["track"], 3);
  EXPECT_DOUBLE_EQ(person["score"], 0.91);
  EXPECT_EQ(person["box"], json::parse("[200.5,40,120,300]"));
  ASSERT_EQ(person["keypoints"].size(), kBodyKeypointCount);
  EXPECT_EQ(person["keypoints"][0], json::parse("[200.5,40,0]"));
  EXPECT_DOUBLE_EQ(person["keypoints"][10][2], 0.5);
}

TEST(FrameResultJson, HasNoKeypointsOfAPersonWhosePoseWasNotMeasured) {
  FrameResult result = empty_result();
  result.persons = {example_person()};
  result.persons[0].keypoints.reset();
  result.persons[0].track.reset();

  EXPECT_THAT(keys_of(json_of(result)["persons"][0]), ElementsAre("box", "score"));
}

TEST(FrameResultJson, HasAnEmptyListWhenThereIsNoPerson) {
  EXPECT_EQ(json_of(empty_result())["persons"], json::array());
}

TEST(FrameResultJson, HasNoPersonsKeyWhenPersonsWereNotAsked) {
  FrameResult result = empty_result();
  result.tasks = {};

  EXPECT_FALSE(json_of(result).contains("persons"));
}

TEST(FrameResultJson, HasThe33LandmarksOfModelsThatFindThem) {
  FrameResult result = empty_result();
  result.persons = {example_person()};
  BodyLandmarks<FramePx>& landmarks = result.persons[0].landmarks.emplace();
  landmarks.presence = 0.75F;
  landmarks.points[32] = {10, 20, -5};
  landmarks.visibility[32] = 0.5F;
  landmarks.world_m[32] = {0.1234F, -0.5F, 0.25F};

  const json person = json_of(result)["persons"][0];

  EXPECT_DOUBLE_EQ(person["presence"], 0.75);
  ASSERT_EQ(person["landmarks"].size(), kBodyLandmarkCount);
  EXPECT_EQ(person["landmarks"][32], json::parse("[10,20,-5,0.5]"));
  ASSERT_EQ(person["world_landmarks_m"].size(), kBodyLandmarkCount);
  EXPECT_EQ(person["world_landmarks_m"][32], json::parse("[0.1234,-0.5,0.25]"));
}

TEST(FrameResultJson, LeavesOutWhatWasNotMeasured) {
  FrameResult result = example_result();
  Face& face = result.faces[0];
  face.track.reset();
  face.presence.reset();
  face.landmarks.clear();
  face.blendshapes.reset();
  face.head_pose.reset();
  face.gaze.reset();
  face.action_units.reset();
  face.embedding.reset();
  face.emotions.reset();

  EXPECT_THAT(keys_of(json_of(result)["faces"][0]), ElementsAre("box", "keypoints", "score"));
}

TEST(FrameResultJson, SaysWhyAPacketHasNoFrame) {
  const json record = json_of(error_result());

  EXPECT_THAT(keys_of(record), ElementsAre("error", "source", "time_s"));
  EXPECT_THAT(record["error"].get<std::string>(), HasSubstr("not H.264"));
}

TEST(FrameResultJson, MarksADiscontinuityAndNothingElse) {
  FrameResult result = empty_result();
  EXPECT_THAT(text_of(result), Not(HasSubstr("discontinuity")));

  result.discontinuity = true;
  EXPECT_EQ(json_of(result)["discontinuity"], true);
}

TEST(FrameResultJson, GivesCaptureTimesOfLiveSourcesInRfc3339) {
  using namespace std::chrono_literals;
  FrameResult result = empty_result();
  const std::chrono::sys_days day = std::chrono::year(2024) / 2 / 29;
  result.captured_at = CaptureTime{day + 23h + 5min + 7s + 89us, CaptureClock::rtcp};
  result.latency_ms = 12.3456;

  const json record = json_of(result);

  EXPECT_EQ(record["captured_at"], "2024-02-29T23:05:07.000089Z");
  EXPECT_EQ(record["clock"], "rtcp");
  EXPECT_DOUBLE_EQ(record["latency_ms"], 12.346);
}

TEST(FrameResultJson, StaysValidForAnySourceName) {
  FrameResult result = empty_result();
  result.source = std::make_shared<const std::string>("a \"b\"\n\xFF,ö.mp4");

  EXPECT_EQ(json_of(result)["source"], "a \"b\"\n\uFFFD,ö.mp4");
}

TEST(FrameResultJson, IsOneLine) {
  FrameResult result = example_result();
  result.source = std::make_shared<const std::string>("two\nlines");

  EXPECT_THAT(text_of(result), Not(HasSubstr("\n")));
}

TEST(FrameResultJson, NeverHoldsANumberThatIsNotFinite) {
  FrameResult result = example_result();
  result.faces[0].landmarks[3].z = std::numeric_limits<float>::quiet_NaN();
  // Debug builds stop where the bug is; release builds still write valid JSON.
#ifdef NDEBUG
  EXPECT_EQ(json_of(result)["faces"][0]["landmarks"][3][2], 0.0);
#else
  EXPECT_DEATH(text_of(result), "isfinite");
#endif
}

TEST(FrameResultJson, AppendsToWhatIsThere) {
  std::string text = "before ";
  append_json(text, empty_result());

  EXPECT_EQ(text.substr(0, 8), "before {");
}

}  // namespace
}  // namespace retinue
