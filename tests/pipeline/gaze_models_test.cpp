// Gaze models from a file's bytes to the gaze of a face: recognised, imported, batched, fed with
// real crops. The nets are small and answer with the mean colours that they see, so crop, channel
// order, normalisation and sign all show in the answer.
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "face/head_pose.hpp"
#include "face/posed_face.hpp"
#include "face/viewing_ray.hpp"
#include "models/temporary_folder.hpp"
#include "models/tiny_graph.hpp"
#include "pipeline/known_faces.hpp"
#include "pipeline/lane.hpp"
#include "preprocess/test_picture.hpp"
#include "task/gaze_task.hpp"
#include "task/task_list.hpp"

namespace retinue {
namespace {

constexpr std::array<double, 3> kFaceColor{200, 100, 50};
constexpr std::array<double, 3> kElsewhere{20, 220, 240};
/// A mean colour over edges that cross pixels, and colours that pass through YUV.
constexpr float kToleranceDeg = 0.7F;

/// ImageNet's normalisation of a colour in [0, 255].
double red(double value) {
  return (value / 255 - 0.485) / 0.229;
}
double blue(double value) {
  return (value / 255 - 0.406) / 0.225;
}

/// [1, 3, side, side] to one output for each of `heads`: weights [elements, 3] of the mean colours,
/// and biases.
struct Head {
  std::vector<float> weights;
  std::vector<float> biases;
};
TinyGraph net_of_means(std::int64_t side, const std::vector<Head>& heads) {
  TinyGraph graph;
  graph.input("image", {1, 3, side, side}).node("GlobalAveragePool", {"image"}, "means");
  for (std::size_t i = 0; i < heads.size(); ++i) {
    const std::string n = std::to_string(i);
    const auto elements = static_cast<std::int64_t>(heads[i].biases.size());
    graph.output("y" + n, {1, elements});
    graph.constant("w" + n, {elements, 3, 1, 1}, heads[i].weights);
    graph.constant("b" + n, {elements}, heads[i].biases).integers("s" + n, {1, elements});
    graph.node("Conv", {"means", "w" + n, "b" + n}, "c" + n);
    graph.node("Reshape", {"c" + n, "s" + n}, "y" + n);
  }
  return graph;
}

/// Logits whose expectation is the middle bin + 5 times the mean of `channel`: a bell around it.
Head bell(std::size_t bins, std::size_t channel) {
  Head head;
  for (std::size_t i = 0; i < bins; ++i) {
    const auto bin = static_cast<float>(i);
    for (std::size_t c = 0; c < 3; ++c)
      head.weights.push_back(c == channel ? 5 * bin : 0);
    head.biases.push_back(bin * static_cast<float>(bins) / 2 - bin * bin / 2);
  }
  return head;
}

constexpr Size kPicture{640, 480};
const PinholeCamera<UprightPx> kCamera = PinholeCamera<UprightPx>::from_field_of_view(
    {0, 0, 640, 480}, CameraSettings{}.horizontal_fov_rad);

/// The canonical face, about 100 px wide at 800 mm.
FaceIn<UprightPx> face_at(double x_mm, double y_mm, double roll_deg = 0) {
  FaceIn<UprightPx> face;
  face.landmarks = seen_as_mesh(posed_face(rotation(0, 0, roll_deg), {x_mm, y_mm, 800}), kCamera);
  face.head_pose = head_pose(face.landmarks, kCamera);
  const Point<UprightPx> nose = face.landmarks[4].xy();
  face.box = {nose.x - 50, nose.y - 60, 90, 110};
  return face;
}

class GazeModels : public testing::Test {
 protected:
  /// Where the picture has kFaceColor.
  using Place = std::function<bool(double x, double y)>;

  void paint(const Place& face) {
    picture_.render([&face](double x, double y) { return face(x, y) ? kFaceColor : kElsewhere; });
  }

  std::vector<Face> analyse(const TinyGraph& graph, ModelFamily expected,
                            const std::vector<FaceIn<UprightPx>>& faces) {
    const std::filesystem::path path = folder_.path() / "net.onnx";
    const std::vector<std::byte> bytes = graph.bytes();
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    const ModelStore store({.mirror = {}, .cache_folder = {}});
    const Result<ModelFile> file = load_model(store, path, ModelTask::gaze);
    if (!file) return failed(file.error());
    EXPECT_EQ(file->family, expected);
    const Result<LoadedModel> model = open_model(ModelTask::gaze, *file, {});
    if (!model) return failed(model.error());
    Result<std::unique_ptr<Step>> gaze = create_gaze(model->family, model->session);
    if (!gaze) return failed(gaze.error());
    batch_limit_ = (*gaze)->batch_limit();
    std::vector<std::unique_ptr<Step>> steps;
    steps.push_back(std::make_unique<KnownFaces>(faces));
    steps.push_back(*std::move(gaze));
    StageTable stages;
    Lane lane({.steps = steps, .stages = &stages}, *create_sampler({}));
    AnalysedFrame analysed = lane.analyse(picture_.frame());
    if (analysed.error) return failed(*analysed.error);
    return std::move(analysed.faces);
  }

  static void expect_gaze(const Face& face, double yaw_deg, double pitch_deg) {
    ASSERT_TRUE(face.gaze);
    EXPECT_NEAR(face.gaze->direction.yaw_deg, yaw_deg, kToleranceDeg);
    EXPECT_NEAR(face.gaze->direction.pitch_deg, pitch_deg, kToleranceDeg);
  }

  std::size_t batch_limit_ = 0;

 private:
  static std::vector<Face> failed(const Error& error) {
    ADD_FAILURE() << error.message();
    return {};
  }

  TemporaryFolder folder_;
  TestPicture picture_{{.format = PixelFormat::yuv444p, .size = kPicture}};
};

auto in_box(const Box<UprightPx>& box) {
  return [box](double x, double y) {
    return x >= static_cast<double>(box.x) && x < static_cast<double>(box.right()) &&
           y >= static_cast<double>(box.y) && y < static_cast<double>(box.bottom());
  };
}

/// Around the optical axis: the eyes of the canonical face lie 26 mm above its origin.
constexpr double kEyesUpMm = 26.4;

TEST_F(GazeModels, BinsOfTheFacesBoxBecomeAnglesToTheCamera) {
  const FaceIn<UprightPx> face = face_at(0, kEyesUpMm);
  paint(in_box(face.box));
  const double yaw = 5 * red(kFaceColor[0]);
  const double pitch = 5 * blue(kFaceColor[2]);

  const std::vector<Face> fine =
      analyse(net_of_means(64, {bell(90, 0), bell(90, 2)}), ModelFamily::gaze_bins, {face});
  ASSERT_EQ(fine.size(), 1U);
  expect_gaze(fine[0], -4 * yaw, 4 * pitch);

  const std::vector<Face> narrow =
      analyse(net_of_means(64, {bell(28, 0), bell(28, 2)}), ModelFamily::gaze_bins, {face});
  ASSERT_EQ(narrow.size(), 1U);
  expect_gaze(narrow[0], -3 * yaw, 3 * pitch);
}

TEST_F(GazeModels, FacesOfOneBatchKeepTheirOwnAnswers) {
  const std::vector<FaceIn<UprightPx>> faces = {face_at(-150, kEyesUpMm), face_at(150, kEyesUpMm)};
  paint(in_box(faces[1].box));
  const std::vector<Face> found =
      analyse(net_of_means(64, {bell(90, 0), bell(90, 2)}), ModelFamily::gaze_bins, faces);
  EXPECT_GT(batch_limit_, 1U);
  ASSERT_EQ(found.size(), 2U);
  const std::array<std::array<double, 3>, 2> colors = {kElsewhere, kFaceColor};
  for (std::size_t i = 0; i < 2; ++i) {
    const ViewingRay ray(kCamera, (faces[i].landmarks[33].xy() + faces[i].landmarks[133].xy() +
                                   faces[i].landmarks[263].xy() + faces[i].landmarks[362].xy()) *
                                      0.25F);
    const GazeDirection in_crop{static_cast<float>(-20 * red(colors[i][0])),
                                static_cast<float>(20 * blue(colors[i][2]))};
    const GazeDirection expected = gaze_direction(ray.camera_from_ray(direction_of(in_crop)));
    expect_gaze(found[i], expected.yaw_deg, expected.pitch_deg);
  }
}

TEST_F(GazeModels, ABlindNetSeesEveryFaceLookIntoTheCamera) {
  const std::vector<FaceIn<UprightPx>> faces = {face_at(-200, 100), face_at(200, kEyesUpMm)};
  const std::vector<Face> found =
      analyse(net_of_means(64, {{{0, 0, 0, 0, 0, 0}, {0, 0}}}), ModelFamily::gaze_angles, faces);
  ASSERT_EQ(found.size(), 2U);
  // The camera from 200 mm aside and 800 mm away; the eyes lie some 40 mm nearer than the origin.
  EXPECT_NEAR(found[0].gaze->direction.yaw_deg, 14.7, 1);
  EXPECT_GT(found[0].gaze->direction.pitch_deg, 3);
  EXPECT_NEAR(found[1].gaze->direction.yaw_deg, -14.7, 1);
}

TEST_F(GazeModels, AnglesAreThoseOfTheFaceTurnedUpright) {
  constexpr double kRoll = 30;
  const FaceIn<UprightPx> face = face_at(0, 0, kRoll);
  const auto middle = [&face](std::size_t a, std::size_t b) {
    return (face.landmarks[a].xy() + face.landmarks[b].xy()) * 0.5F;
  };
  const Point<UprightPx> eyes = (middle(33, 133) + middle(263, 362)) * 0.5F;
  const Point<UprightPx> center = (eyes + middle(98, 327)) * 0.5F;
  const double half = 70 * kCamera.focal_x / static_cast<double>(face.head_pose->translation_mm[2]);
  const double c = std::cos(kRoll * std::numbers::pi / 180);
  const double s = std::sin(kRoll * std::numbers::pi / 180);
  paint([=](double x, double y) {
    const double dx = x - static_cast<double>(center.x);
    const double dy = y - static_cast<double>(center.y);
    return std::abs(c * dx + s * dy) < half && std::abs(c * dy - s * dx) < half;
  });
  // Pitch from blue, yaw from red, 0.1 radians a unit.
  const std::vector<Face> found = analyse(net_of_means(64, {{{0, 0, 0.1F, 0.1F, 0, 0}, {0, 0}}}),
                                          ModelFamily::gaze_angles, {face});
  ASSERT_EQ(found.size(), 1U);
  constexpr double kDegPerRad = 180 / std::numbers::pi;
  const Direction in_crop =
      direction_of({static_cast<float>(-0.1 * red(kFaceColor[0]) * kDegPerRad),
                    static_cast<float>(0.1 * blue(kFaceColor[2]) * kDegPerRad)});
  const GazeDirection expected =
      gaze_direction(ViewingRay(kCamera, eyes).camera_from_ray(rolled(in_crop, kRoll)));
  expect_gaze(found[0], expected.yaw_deg, expected.pitch_deg);
}

TEST_F(GazeModels, Gaze360SeesASquareAroundTheFacesBox) {
  const FaceIn<UprightPx> face = face_at(0, kEyesUpMm);
  const Point<UprightPx> center = face.box.center();
  const float side = 1.3F * 110;
  paint(in_box({center.x - side / 2, center.y - side / 2, side, side}));
  const std::vector<Face> found =
      analyse(net_of_means(112, {{{0.1F, 0, 0, 0, 0, 0.1F, 0, 0, 0}, {0, 0, 1}}}),
              ModelFamily::gaze360, {face});
  ASSERT_EQ(found.size(), 1U);
  constexpr double kDegPerRad = 180 / std::numbers::pi;
  expect_gaze(found[0], -0.1 * red(kFaceColor[0]) * kDegPerRad,
              0.1 * blue(kFaceColor[2]) * kDegPerRad);
}

/// x from the blue of left_eye_image, y from the red of right_eye_image, both of 255; z is -1.
TinyGraph two_eye_net() {
  TinyGraph graph;
  graph.input("head_pose_angles", {1, 3}).input("left_eye_image", {1, 3, 60, 60});
  graph.input("right_eye_image", {1, 3, 60, 60}).output("gaze_vector", {1, 3});
  graph.node("GlobalAveragePool", {"left_eye_image"}, "left");
  graph.node("GlobalAveragePool", {"right_eye_image"}, "right");
  // Channels are blue, green, red.
  graph.constant("wl", {3, 3, 1, 1}, {1.0F / 255, 0, 0, 0, 0, 0, 0, 0, 0});
  graph.constant("wr", {3, 3, 1, 1}, {0, 0, 0, 0, 0, 1.0F / 255, 0, 0, 0});
  graph.constant("b", {3}, {0, 0, -1}).integers("s", {1, 3}).constant("none", {1}, {0});
  graph.node("Conv", {"left", "wl", "b"}, "cl").node("Conv", {"right", "wr"}, "cr");
  graph.node("Add", {"cl", "cr"}, "sum").node("Reshape", {"sum", "s"}, "eyes");
  graph.node("Mul", {"head_pose_angles", "none"}, "nothing");
  graph.node("Add", {"eyes", "nothing"}, "gaze_vector");
  return graph;
}

TEST_F(GazeModels, TheNetOfTwoEyesSeesThePicturesLeftEyeAsItsLeft) {
  const FaceIn<UprightPx> face = face_at(0, kEyesUpMm);
  paint([](double x, double) { return x < 320; });
  const std::vector<Face> found = analyse(two_eye_net(), ModelFamily::gaze_adas, {face});
  ASSERT_EQ(found.size(), 1U);
  const GazeDirection expected = gaze_direction({kFaceColor[2] / 255, -kElsewhere[0] / 255, -1});
  expect_gaze(found[0], expected.yaw_deg, expected.pitch_deg);
}

/// Puts the lids of one eye together.
void shut(FaceIn<UprightPx>& face, const std::array<std::array<std::size_t, 2>, 3>& lids) {
  for (const auto& [upper, lower] : lids)
    face.landmarks[upper] = face.landmarks[lower];
}
constexpr std::array<std::array<std::size_t, 2>, 3> kRightLids{
    {{160, 144}, {159, 145}, {158, 153}}};
constexpr std::array<std::array<std::size_t, 2>, 3> kLeftLids{{{387, 373}, {386, 374}, {385, 380}}};

TEST_F(GazeModels, AShutEyeHasNoGazeAndTwoShutEyesNoneAtAll) {
  std::vector<FaceIn<UprightPx>> faces(4, face_at(0, kEyesUpMm));
  shut(faces[1], kRightLids);
  shut(faces[2], kRightLids);
  shut(faces[2], kLeftLids);
  shut(faces[3], kLeftLids);
  const std::vector<Face> found =
      analyse(net_of_means(64, {{{0, 0, 0, 0, 0, 0}, {0, 0}}}), ModelFamily::gaze_angles, faces);
  ASSERT_EQ(found.size(), 4U);
  EXPECT_TRUE(found[0].gaze && found[0].gaze->left && found[0].gaze->right);
  EXPECT_TRUE(found[1].gaze && found[1].gaze->left && !found[1].gaze->right);
  EXPECT_FALSE(found[2].gaze);
  EXPECT_TRUE(found[3].gaze && !found[3].gaze->left && found[3].gaze->right);
}

TEST_F(GazeModels, TheIrisesSetTheEyesApartAroundTheModelsAnswer) {
  FaceIn<UprightPx> face = face_at(0, kEyesUpMm);
  const auto put_iris = [&face](std::size_t iris, std::size_t outer, std::size_t inner, float dx) {
    const Point<UprightPx> middle =
        (face.landmarks[outer].xy() + face.landmarks[inner].xy()) * 0.5F;
    face.landmarks[iris] = {middle.x + dx, middle.y, 0};
  };
  put_iris(468, 33, 133, 2);  // Both towards the nose.
  put_iris(473, 263, 362, -2);
  const std::vector<Face> found =
      analyse(net_of_means(64, {{{0, 0, 0, 0, 0, 0}, {0, 0}}}), ModelFamily::gaze_angles, {face});
  ASSERT_EQ(found.size(), 1U);
  const Gaze& gaze = found[0].gaze.value();
  EXPECT_GT(gaze.right->yaw_deg, gaze.direction.yaw_deg + 5);
  EXPECT_LT(gaze.left->yaw_deg, gaze.direction.yaw_deg - 5);
  EXPECT_NEAR((gaze.right->yaw_deg + gaze.left->yaw_deg) / 2, gaze.direction.yaw_deg, 1e-3);
  EXPECT_NEAR((gaze.right->pitch_deg + gaze.left->pitch_deg) / 2, gaze.direction.pitch_deg, 1e-3);
}

TEST_F(GazeModels, TheOpenEyeOfAWinkLooksWhereTheModelSays) {
  FaceIn<UprightPx> face = face_at(0, kEyesUpMm);
  shut(face, kLeftLids);
  const std::vector<Face> found =
      analyse(net_of_means(64, {{{0, 0, 0, 0, 0, 0}, {0, 0}}}), ModelFamily::gaze_angles, {face});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].gaze.value().right, found[0].gaze->direction);
}

TEST_F(GazeModels, FacesWithoutLandmarksOrHeadPoseHaveNoGaze) {
  std::vector<FaceIn<UprightPx>> faces(2, face_at(0, kEyesUpMm));
  faces[0].landmarks.clear();
  faces[1].head_pose.reset();
  const std::vector<Face> found =
      analyse(net_of_means(64, {{{0, 0, 0, 0, 0, 0}, {0, 0}}}), ModelFamily::gaze_angles, faces);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_FALSE(found[0].gaze || found[1].gaze);
}

TEST(CreateGaze, RefusesModelsOfOtherTasks) {
  TinyGraph graph;
  graph.input("x", {1, 2}).output("y", {1, 2}).node("Identity", {"x"}, "y");
  std::shared_ptr<const Session> session = *Session::create("tiny", graph.bytes());
  for (const ModelFamily family : {ModelFamily::yunet, ModelFamily::gaze_adas}) {
    const Result<std::unique_ptr<Step>> step = create_gaze(family, session);
    ASSERT_FALSE(step);
    EXPECT_EQ(step.error().code(), ErrorCode::invalid_argument);
  }
}

}  // namespace
}  // namespace retinue
