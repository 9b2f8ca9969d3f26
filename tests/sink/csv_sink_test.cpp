#include "sink/csv_sink.hpp"

#include <map>

#include <gmock/gmock.h>

#include "perception/example_result.hpp"
#include "sink/native_csv.hpp"
#include "sink/output_test.hpp"

namespace retinue {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

using Row = std::vector<std::string>;

/// A plain reader of RFC 4180, independent of what is tested.
std::vector<Row> parsed(const std::string& text) {
  std::vector<Row> rows;
  Row row(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      row.back() += '"';
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == ',') {
      row.emplace_back();
    } else if (!quoted && c == '\n') {
      rows.push_back(std::exchange(row, Row(1)));
    } else {
      row.back() += c;
    }
  }
  EXPECT_EQ(row, Row(1)) << "the last line has its end";
  return rows;
}

std::vector<Row> rows_of(const NativeCsvSettings& settings,
                         std::initializer_list<FrameResult> results) {
  const auto format = native_csv(settings);
  std::string text;
  format->append_header(text);
  for (const FrameResult& result : results)
    format->append_rows(text, result);
  return parsed(text);
}

/// The fields of row `index` by column.
std::map<std::string, std::string> record(const std::vector<Row>& rows, std::size_t index) {
  EXPECT_EQ(rows.at(index).size(), rows[0].size());
  std::map<std::string, std::string> fields;
  for (std::size_t i = 0; i < rows[0].size(); ++i)
    fields[rows[0][i]] = rows[index][i];
  return fields;
}

TaskSet only(TaskName task) {
  TaskSet tasks;
  tasks.insert(task);
  return tasks;
}

TEST(NativeCsv, BeginsWithTheColumnsOfTheContract) {
  std::string header;
  native_csv({.tasks = all_tasks()})->append_header(header);

  EXPECT_THAT(header, StartsWith("source,frame,time_s,kind,track,score,box_x,box_y,box_w,box_h,"));
}

TEST(NativeCsv, HasAColumnForEachScalarOfTheTasks) {
  EXPECT_EQ(rows_of({.tasks = only(TaskName::faces)}, {})[0].size(), 20U);
  EXPECT_EQ(rows_of({.tasks = only(TaskName::landmarks)}, {})[0].size(), 21U);
  EXPECT_EQ(rows_of({.tasks = only(TaskName::blendshapes)}, {})[0].size(), 21U + 52);
  EXPECT_EQ(rows_of({.tasks = only(TaskName::head_pose)}, {})[0].size(), 21U + 6);
  EXPECT_EQ(rows_of({.tasks = only(TaskName::gaze)}, {})[0].size(), 21U + 6 + 6);
  EXPECT_EQ(rows_of({.tasks = only(TaskName::action_units)}, {})[0].size(), 21U + 52 + 17 + 18);
  EXPECT_EQ(rows_of({.tasks = all_tasks(), .landmarks = true}, {})[0].size(),
            21U + 52 + 6 + 6 + 17 + 18 + 7 + 3 * 17 + 3 * 478 + 1);
  EXPECT_EQ(rows_of({.tasks = only(TaskName::emotion)}, {})[0].size(), 20U + 7);
  EXPECT_EQ(rows_of({.tasks = only(TaskName::embedding)}, {})[0].size(), 20U) << "no scalars";
  EXPECT_EQ(rows_of({.tasks = only(TaskName::persons)}, {})[0].size(), 10U);
  EXPECT_EQ(rows_of({.tasks = only(TaskName::pose)}, {})[0].size(), 10U + 3 * 17);
}

TEST(NativeCsv, NamesEveryColumnOnce) {
  Row header = rows_of({.tasks = all_tasks(), .landmarks = true}, {})[0];
  std::ranges::sort(header);

  EXPECT_EQ(std::ranges::adjacent_find(header), header.end());
}

TEST(NativeCsv, HoldsTheNumbersOfTheResult) {
  const auto fields =
      record(rows_of({.tasks = all_tasks(), .landmarks = true}, {example_result()}), 1);

  EXPECT_EQ(fields.at("source"), "walk.mp4");
  EXPECT_EQ(fields.at("frame"), "12");
  EXPECT_EQ(fields.at("time_s"), "0.400000");
  EXPECT_EQ(fields.at("kind"), "face");
  EXPECT_EQ(fields.at("track"), "7");
  EXPECT_EQ(fields.at("score"), "0.9877");
  EXPECT_EQ(fields.at("gaze_yaw_deg"), "-5.25");
  EXPECT_EQ(fields.at("gaze_left_pitch_deg"), "-2.00");
  EXPECT_EQ(fields.at("gaze_right_yaw_deg"), "-4.00");
  EXPECT_EQ(fields.at("box_x"), "100.50");
  EXPECT_EQ(fields.at("box_h"), "96.00");
  EXPECT_EQ(fields.at("nose_tip_x"), "140.50");
  EXPECT_EQ(fields.at("presence"), "0.7500");
  EXPECT_EQ(fields.at("_neutral"), "0.0000");
  EXPECT_EQ(fields.at("noseSneerRight"), "0.5100");
  EXPECT_EQ(fields.at("yaw_deg"), "-3.13");
  EXPECT_EQ(fields.at("translation_mm_z"), "640.25");
  EXPECT_EQ(fields.at("AU45_intensity"), "4.000");
  EXPECT_EQ(fields.at("AU28_present"), "1");
  EXPECT_EQ(fields.at("emotion_happy"), "0.5000");
  EXPECT_EQ(fields.at("emotion_neutral"), "0.1500");
  EXPECT_EQ(fields.at("landmark_0_x"), "140.50");
  EXPECT_EQ(fields.at("landmark_467_z"), "4.67");
}

TEST(NativeCsv, HasARowForEachPersonBehindTheFaces) {
  FrameResult result = example_result();
  result.persons = {example_person()};

  const auto rows = rows_of({.tasks = all_tasks(), .landmarks = true}, {result});

  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(record(rows, 1).at("kind"), "face");
  EXPECT_EQ(record(rows, 1).at("body_nose_x"), "");
  const auto person = record(rows, 2);
  EXPECT_EQ(person.at("kind"), "person");
  EXPECT_EQ(person.at("track"), "3");
  EXPECT_EQ(person.at("score"), "0.9100");
  EXPECT_EQ(person.at("box_w"), "120.00");
  EXPECT_EQ(person.at("yaw_deg"), "");
  EXPECT_EQ(person.at("landmark_0_x"), "");
  EXPECT_EQ(person.at("body_nose_x"), "200.50");
  EXPECT_EQ(person.at("body_right_wrist_score"), "0.5000");
}

TEST(NativeCsv, EndsWithThePersonWhoseFaceItIs) {
  FrameResult result = example_result();
  result.persons = {example_person()};
  result.faces[0].person = result.persons[0].track;
  result.faces.push_back(example_face());

  const auto rows = rows_of({.tasks = all_tasks(), .landmarks = true}, {result, empty_result()});

  EXPECT_EQ(rows[0].back(), "person");
  EXPECT_EQ(record(rows, 1).at("person"), "3");
  EXPECT_EQ(record(rows, 2).at("person"), "") << "nobody's that is known";
  EXPECT_EQ(record(rows, 3).at("person"), "") << "a person's own row";
  EXPECT_EQ(record(rows, 4).at("person"), "") << "a frame without any";
}

TEST(NativeCsv, HasEmptyFieldsForAPersonWithoutAPose) {
  FrameResult result = empty_result();
  result.persons = {example_person()};
  result.persons[0].keypoints.reset();

  EXPECT_EQ(record(rows_of({.tasks = all_tasks()}, {result}), 1).at("body_left_hip_y"), "");
}

TEST(NativeCsv, HasOneRowPerFace) {
  FrameResult result = example_result();
  result.faces.push_back(example_face({300, 50, 40, 40}));
  result.faces[1].track = TrackId{8};

  const auto rows = rows_of({.tasks = all_tasks()}, {result});

  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(record(rows, 1)["track"], "7");
  EXPECT_EQ(record(rows, 2)["track"], "8");
}

TEST(NativeCsv, HasOneRowOfEmptyFieldsForAFrameWithoutFaces) {
  const auto rows = rows_of({.tasks = all_tasks(), .landmarks = true}, {empty_result(3)});

  ASSERT_EQ(rows.size(), 2U);
  ASSERT_EQ(rows[1].size(), rows[0].size());
  EXPECT_THAT(Row(rows[1].begin(), rows[1].begin() + 4),
              ElementsAre("walk.mp4", "3", "0.400000", ""));
  EXPECT_EQ(std::count(rows[1].begin() + 4, rows[1].end(), ""),
            rows[1].end() - rows[1].begin() - 4);
}

TEST(NativeCsv, HasARowWithoutFrameForAPacketThatWasNotDecoded) {
  const auto fields = record(rows_of({.tasks = all_tasks()}, {error_result()}), 1);

  EXPECT_EQ(fields.at("frame"), "");
  EXPECT_EQ(fields.at("time_s"), "0.400000");
  EXPECT_EQ(fields.at("kind"), "error");
}

TEST(NativeCsv, LeavesFieldsOfUnmeasuredPartsEmpty) {
  FrameResult result = example_result();
  Face& face = result.faces[0];
  face.track.reset();
  face.presence.reset();
  face.landmarks.clear();
  face.blendshapes.reset();
  face.head_pose.reset();
  face.action_units.reset();

  const auto rows = rows_of({.tasks = all_tasks(), .landmarks = true}, {result});

  const auto fields = record(rows, 1);
  for (const std::string column :
       {"track", "presence", "jawOpen", "yaw_deg", "translation_mm_x", "AU12_intensity",
        "AU28_present", "landmark_0_x", "landmark_477_z"}) {
    EXPECT_EQ(fields.at(column), "") << column;
  }
  EXPECT_EQ(fields.at("score"), "0.9877");
}

TEST(NativeCsv, QuotesSourcesSoThatTheyAreReadBack) {
  for (const std::string source :
       {"a,b.mp4", "say \"hi\".mp4", "two\nlines", "cr\rhere", "plain"}) {
    FrameResult result = example_result();
    result.source = std::make_shared<const std::string>(source);

    EXPECT_EQ(record(rows_of({.tasks = all_tasks()}, {result}), 1)["source"], source);
  }
}

class CsvSinkTo : public OutputTest {};

TEST_F(CsvSinkTo, WritesTheHeaderEvenWithoutResults) {
  auto sink = CsvSink::create(path("a.csv"), native_csv({.tasks = all_tasks()}));
  ASSERT_TRUE(sink);
  ASSERT_TRUE((*sink)->finish(Completion::complete));

  EXPECT_EQ(parsed(content("a.csv")).size(), 1U);
}

TEST_F(CsvSinkTo, WritesTheRowsOfEveryResult) {
  auto sink = CsvSink::create(path("a.csv"), native_csv({.tasks = all_tasks()}));
  ASSERT_TRUE(sink);
  ASSERT_TRUE((*sink)->write(example_result(0), nullptr));
  ASSERT_TRUE((*sink)->write(empty_result(1), nullptr));
  ASSERT_TRUE((*sink)->finish(Completion::complete));

  const auto rows = parsed(content("a.csv"));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(record(rows, 2)["frame"], "1");
  EXPECT_TRUE(is_complete(path("a.csv")));
}

TEST(CsvSink, NamesTheFileWhenTheDiskIsFull) {
  const auto sink = CsvSink::create("/dev/full", native_csv({.tasks = all_tasks()}));

  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error().message(), "writing '/dev/full': no space left on device");
}

}  // namespace
}  // namespace retinue
