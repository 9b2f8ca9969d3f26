#include "sink/openface_csv.hpp"

#include <cmath>
#include <map>
#include <numbers>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "perception/example_result.hpp"
#include "perception/ibug_landmarks.hpp"

namespace retinue {
namespace {

using Row = std::vector<std::string>;

Row split(const std::string& line) {
  Row fields;
  std::stringstream text(line + ",");
  for (std::string field; std::getline(text, field, ',');)
    fields.push_back(field);
  return fields;
}

std::vector<Row> rows_of(std::initializer_list<FrameResult> results) {
  const auto format = openface_csv();
  std::string text;
  format->append_header(text);
  for (const FrameResult& result : results)
    format->append_rows(text, result);
  std::vector<Row> rows;
  std::stringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    rows.push_back(split(line));
  return rows;
}

std::map<std::string, std::string> record(const std::vector<Row>& rows, std::size_t index) {
  EXPECT_EQ(rows.at(index).size(), rows[0].size());
  std::map<std::string, std::string> fields;
  for (std::size_t i = 0; i < rows[0].size(); ++i)
    fields[rows[0][i]] = rows[index][i];
  return fields;
}

FrameResult result_with_pose(float yaw_deg, float pitch_deg, float roll_deg) {
  FrameResult result = example_result();
  result.faces[0].head_pose = HeadPose{yaw_deg, pitch_deg, roll_deg, {1, 2, 600}};
  return result;
}

double number(const std::map<std::string, std::string>& fields, const std::string& column) {
  return std::stod(fields.at(column));
}

constexpr double kDegree = std::numbers::pi / 180;

TEST(OpenFaceCsv, HasTheColumnsOfFeatureExtractionInItsOrder) {
  // OpenFace 2.2.0, RecorderCSV::Open, without its eye landmarks.
  std::string expected =
      "frame,face_id,timestamp,confidence,success,gaze_0_x,gaze_0_y,gaze_0_z,gaze_1_x,gaze_1_y,"
      "gaze_1_z,gaze_angle_x,gaze_angle_y,pose_Tx,pose_Ty,pose_Tz,pose_Rx,pose_Ry,pose_Rz";
  for (const std::string axis : {"x", "y"})
    for (int i = 0; i < 68; ++i)
      expected += "," + axis + "_" + std::to_string(i);
  expected +=
      ",AU01_r,AU02_r,AU04_r,AU05_r,AU06_r,AU07_r,AU09_r,AU10_r,AU12_r,AU14_r,AU15_r,AU17_r,AU20_r,"
      "AU23_r,AU25_r,AU26_r,AU45_r,AU01_c,AU02_c,AU04_c,AU05_c,AU06_c,AU07_c,AU09_c,AU10_c,AU12_c,"
      "AU14_c,AU15_c,AU17_c,AU20_c,AU23_c,AU25_c,AU26_c,AU28_c,AU45_c\n";
  std::string header;
  openface_csv()->append_header(header);
  EXPECT_EQ(header, expected);
}

TEST(OpenFaceCsv, HasTheGazeOfTheEyeOnThePicturesLeftFirst) {
  FrameResult result = example_result();
  // The person's right eye looks to the picture's right, the left one is shut.
  result.faces[0].gaze = Gaze{.direction = {0, 30}, .left = {}, .right = GazeDirection{90, 0}};
  const auto fields = record(rows_of({result}), 1);
  EXPECT_NEAR(number(fields, "gaze_0_x"), 1, 1e-6);
  EXPECT_NEAR(number(fields, "gaze_0_z"), 0, 1e-6);
  EXPECT_NEAR(number(fields, "gaze_1_y"), -std::sin(30 * kDegree), 1e-6);
  EXPECT_NEAR(number(fields, "gaze_1_z"), -std::cos(30 * kDegree), 1e-6);
  EXPECT_NEAR(number(fields, "gaze_angle_x"), 0, 1e-3);
  EXPECT_NEAR(number(fields, "gaze_angle_y"), -30 * kDegree, 1e-3);
}

TEST(OpenFaceCsv, HasZerosForAFaceWithoutGaze) {
  FrameResult result = example_result();
  result.faces[0].gaze.reset();
  const auto fields = record(rows_of({result}), 1);
  for (const char* column : {"gaze_0_x", "gaze_0_z", "gaze_1_y", "gaze_angle_x"})
    EXPECT_EQ(number(fields, column), 0) << column;
}

TEST(OpenFaceCsv, CountsFramesFromOneAndFacesFromZero) {
  const auto fields = record(rows_of({example_result(12)}), 1);
  EXPECT_EQ(fields.at("frame"), "13");
  EXPECT_EQ(fields.at("face_id"), "6");
  EXPECT_EQ(fields.at("timestamp"), "0.400");
  EXPECT_EQ(fields.at("confidence"), "0.75");
  EXPECT_EQ(fields.at("success"), "1");
}

TEST(OpenFaceCsv, HasZerosWhereThereIsNoFace) {
  const auto fields = record(rows_of({empty_result(0)}), 1);
  for (const auto& [column, value] : fields) {
    if (column == "frame" || column == "timestamp") continue;
    EXPECT_EQ(value, "0") << column;
  }
  EXPECT_EQ(fields.at("frame"), "1");
}

TEST(OpenFaceCsv, AFaceWithoutAMeshIsNoSuccess) {
  FrameResult result = example_result();
  Face& face = result.faces[0];
  face.landmarks.clear();
  face.head_pose.reset();
  face.action_units.reset();
  const auto fields = record(rows_of({result}), 1);
  EXPECT_EQ(fields.at("success"), "0");
  EXPECT_EQ(fields.at("x_0"), "0");
  EXPECT_EQ(fields.at("pose_Tz"), "0");
  EXPECT_EQ(fields.at("AU12_r"), "0");
  EXPECT_EQ(fields.at("AU28_c"), "0");
}

TEST(OpenFaceCsv, HasNoRowForAPacketThatWasNotDecoded) {
  EXPECT_EQ(rows_of({error_result()}).size(), 1U);
}

TEST(OpenFaceCsv, HasOneRowPerFace) {
  FrameResult result = example_result();
  result.faces.push_back(example_face());
  result.faces[1].track = TrackId{1};
  const auto rows = rows_of({result});
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(record(rows, 2)["face_id"], "0");
}

TEST(OpenFaceCsv, HoldsTheIbugPointsWithPixelsCountedFromTheirCentres) {
  const FrameResult result = example_result();
  const auto fields = record(rows_of({result}), 1);
  for (const std::size_t i : {0U, 30U, 48U, 67U}) {
    const Point3<FramePx>& point = result.faces[0].landmarks[kMeshOfIbug[i]];
    EXPECT_NEAR(number(fields, "x_" + std::to_string(i)), static_cast<double>(point.x) - 0.5, 0.06);
    EXPECT_NEAR(number(fields, "y_" + std::to_string(i)), static_cast<double>(point.y) - 0.5, 0.06);
  }
}

TEST(OpenFaceCsv, TurnsTheHeadAboutOneAxisAsOpenFaceSaysIt) {
  // To the picture's right: the nose, which points along -z at rest, goes towards +x.
  auto fields = record(rows_of({result_with_pose(20, 0, 0)}), 1);
  EXPECT_NEAR(number(fields, "pose_Ry"), -20 * kDegree, 6e-4);
  EXPECT_NEAR(number(fields, "pose_Rx"), 0, 6e-4);
  // Upwards: OpenFace's pitch is positive downwards.
  fields = record(rows_of({result_with_pose(0, 15, 0)}), 1);
  EXPECT_NEAR(number(fields, "pose_Rx"), -15 * kDegree, 6e-4);
  // Clockwise as seen.
  fields = record(rows_of({result_with_pose(0, 0, 10)}), 1);
  EXPECT_NEAR(number(fields, "pose_Rz"), 10 * kDegree, 6e-4);
}

/// Plain matrices, multiplied one by one.
using Matrix = std::array<std::array<double, 3>, 3>;
Matrix product(const Matrix& a, const Matrix& b) {
  Matrix c{};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      for (std::size_t k = 0; k < 3; ++k)
        c[i][j] += a[i][k] * b[k][j];
  return c;
}
Matrix turn(std::size_t axis, double rad) {
  Matrix m{};
  const std::size_t a = (axis + 1) % 3;
  const std::size_t b = (axis + 2) % 3;
  m[axis][axis] = 1;
  m[a][a] = m[b][b] = std::cos(rad);
  m[a][b] = -std::sin(rad);
  m[b][a] = std::sin(rad);
  return m;
}

TEST(OpenFaceCsv, ItsAnglesMakeTheSameRotation) {
  for (const float yaw : {-50.0F, 10.0F, 80.0F}) {
    for (const float pitch : {-40.0F, 25.0F}) {
      for (const float roll : {-100.0F, 0.0F, 30.0F}) {
        const auto fields = record(rows_of({result_with_pose(yaw, pitch, roll)}), 1);
        const Matrix theirs =
            product(product(turn(0, number(fields, "pose_Rx")), turn(1, number(fields, "pose_Ry"))),
                    turn(2, number(fields, "pose_Rz")));
        const Matrix ours = product(product(turn(2, static_cast<double>(roll) * kDegree),
                                            turn(1, -static_cast<double>(yaw) * kDegree)),
                                    turn(0, -static_cast<double>(pitch) * kDegree));
        for (std::size_t i = 0; i < 3; ++i)
          for (std::size_t j = 0; j < 3; ++j)
            EXPECT_NEAR(theirs[i][j], ours[i][j], 2e-3);  // Three angles of three decimals.
      }
    }
  }
}

TEST(OpenFaceCsv, HoldsIntensitiesAndPresencesUnderTheirNames) {
  FrameResult result = example_result();
  ActionUnits units;
  units.intensity[static_cast<std::size_t>(ActionUnit::au12)] = 3.254F;
  units.present[static_cast<std::size_t>(ActionUnit::au12)] = true;
  units.present[static_cast<std::size_t>(ActionUnit::au28)] = true;
  result.faces[0].action_units = units;
  const auto fields = record(rows_of({result}), 1);
  EXPECT_EQ(fields.at("AU12_r"), "3.25");
  EXPECT_EQ(fields.at("AU12_c"), "1.0");
  EXPECT_EQ(fields.at("AU28_c"), "1.0");
  EXPECT_EQ(fields.at("AU45_c"), "0.0");
  EXPECT_EQ(fields.at("AU45_r"), "0.00");
}

}  // namespace
}  // namespace retinue
