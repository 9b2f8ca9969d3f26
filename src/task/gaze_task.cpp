#include "task/gaze_task.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "face/eyes.hpp"
#include "face/viewing_ray.hpp"
#include "postprocess/gaze_adas.hpp"
#include "postprocess/gaze_appearance.hpp"
#include "task/nth_face.hpp"

namespace retinue {

namespace {

/// No region is smaller: a face in profile may hide an eye's extent.
constexpr float kMinSidePx = 2;

bool is_measurable(const FaceIn<UprightPx>& face) {
  return !face.landmarks.empty() && face.head_pose &&
         (is_open(face.landmarks, Eye::right) || is_open(face.landmarks, Eye::left));
}

/// Clockwise, in radians, as RotatedBox has it.
float roll_rad(const HeadPose& head) {
  return head.roll_deg * std::numbers::pi_v<float> / 180;
}

/// What all families share: which faces are asked about, and where the answer goes.
class GazeStep : public Step {
 public:
  explicit GazeStep(std::shared_ptr<const Session> session) : session_(std::move(session)) {}

  std::string_view name() const override { return "gaze"; }
  const Session* session() const override { return session_.get(); }
  std::size_t request_count(const FrameAnalysis& analysis) const override {
    return static_cast<std::size_t>(std::ranges::count_if(analysis.faces, is_measurable));
  }

  Result<void> postprocess(FrameAnalysis& analysis, std::size_t request,
                           std::span<const TensorView> outputs) const override {
    FaceIn<UprightPx>& face = nth_face(analysis.faces, request, is_measurable);
    const ViewingRay ray(analysis.camera, between_eyes(face.landmarks));
    const Direction in_crop = TRY(read(outputs));
    const HeadPose head = ray.ray_from_camera(*face.head_pose);
    const Direction in_ray_axes =
        crop_is_upright() ? rolled(in_crop, static_cast<double>(head.roll_deg)) : in_crop;
    face.gaze = Gaze{.direction = gaze_direction(ray.camera_from_ray(in_ray_axes))};
    set_eyes(*face.gaze, face, analysis.camera);
    return {};
  }

 protected:
  /// In the axes of the crop.
  virtual Result<Direction> read(std::span<const TensorView> outputs) const = 0;

  /// The crop is turned by the head's roll.
  virtual bool crop_is_upright() const = 0;

 private:
  /// The irises' mean direction has an error of its own for each person, which both eyes share:
  /// only their difference is used.
  static void set_eyes(Gaze& gaze, const FaceIn<UprightPx>& face,
                       const PinholeCamera<UprightPx>& camera) {
    const bool left_open = is_open(face.landmarks, Eye::left);
    const bool right_open = is_open(face.landmarks, Eye::right);
    if (left_open) gaze.left = gaze.direction;
    if (right_open) gaze.right = gaze.direction;
    if (!left_open || !right_open) return;
    const std::optional<Direction> left =
        eye_direction(face.landmarks, *face.head_pose, camera, Eye::left);
    const std::optional<Direction> right =
        eye_direction(face.landmarks, *face.head_pose, camera, Eye::right);
    if (!left || !right) return;
    const GazeDirection left_gaze = gaze_direction(*left);
    const GazeDirection right_gaze = gaze_direction(*right);
    const float yaw_deg = std::remainder(left_gaze.yaw_deg - right_gaze.yaw_deg, 360.0F) / 2;
    const float pitch_deg = (left_gaze.pitch_deg - right_gaze.pitch_deg) / 2;
    gaze.left->yaw_deg += yaw_deg;
    gaze.left->pitch_deg += pitch_deg;
    gaze.right->yaw_deg -= yaw_deg;
    gaze.right->pitch_deg -= pitch_deg;
  }

  std::shared_ptr<const Session> session_;
};

class AdasGaze final : public GazeStep {
 public:
  enum Input : std::uint8_t { picture_left_eye, picture_right_eye, head_angles };
  /// What each input of the session is.
  using Inputs = std::array<Input, 3>;

  static std::optional<Inputs> inputs_of(const Session& session) {
    constexpr std::array<std::string_view, 3> kNames = {"left_eye_image", "right_eye_image",
                                                        "head_pose_angles"};
    if (session.inputs().size() != kNames.size()) return std::nullopt;
    Inputs inputs{};
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const auto* const found = std::ranges::find(kNames, session.inputs()[i].name);
      if (found == kNames.end()) return std::nullopt;
      inputs[i] = static_cast<Input>(found - kNames.begin());
    }
    return inputs;
  }

  AdasGaze(std::shared_ptr<const Session> session, const Inputs& inputs)
      : GazeStep(std::move(session)), inputs_(inputs) {
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      shapes_[i] = inputs_[i] == head_angles ? Shape{1, 3} : Shape{1, 3, kSide, kSide};
    }
  }

  Shape input_shape(const FrameAnalysis&) const override { return shapes_[0]; }
  std::span<const Shape> further_input_shapes() const override {
    return std::span(shapes_).subspan(1);
  }

  Result<void> prepare_inputs(const FrameAnalysis& analysis, std::size_t request, Sampler& sampler,
                              std::span<const TensorView> inputs) const override {
    const FaceIn<UprightPx>& face = nth_face(analysis.faces, request, is_measurable);
    const HeadPose head =
        ViewingRay(analysis.camera, between_eyes(face.landmarks)).ray_from_camera(*face.head_pose);
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (inputs_[i] == head_angles) {
        TRY(write_gaze_adas_angles(head, inputs[i]));
        continue;
      }
      const Eye eye = inputs_[i] == picture_left_eye ? Eye::right : Eye::left;
      const EyePlace place = eye_place(face.landmarks, eye);
      const float side_px = std::max(kMinSidePx, kEyeScale * place.width_px);
      const RotatedBox<UprightPx> region{
          .center = place.center, .width = side_px, .height = side_px, .angle_rad = roll_rad(head)};
      constexpr SampleSpec kSpec{.channels = ChannelOrder::bgr};
      TRY(sampler.sample(analysis.frame, region_from_tensor(region, {kSide, kSide}), kSpec,
                         inputs[i]));
    }
    return {};
  }

 protected:
  Result<Direction> read(std::span<const TensorView> outputs) const override {
    return read_gaze_adas(outputs[0]);
  }
  bool crop_is_upright() const override { return true; }

 private:
  static constexpr int kSide = 60;
  static constexpr float kEyeScale = 1.8F;

  Inputs inputs_;
  std::array<Shape, 3> shapes_;
};

/// How one family of nets that look at the whole face sees it and answers.
struct AppearanceFamily {
  ModelFamily family;
  int side;              ///< Of the picture, where the model leaves it open.
  bool crop_is_upright;  ///< The crop is turned by the head's roll.
  RotatedBox<UprightPx> (*region)(const FaceIn<UprightPx>& face,
                                  const PinholeCamera<UprightPx>& camera);
  /// In the axes of the crop.
  Result<Direction> (*read)(std::span<const TensorView> outputs);
};

RotatedBox<UprightPx> box_region(const FaceIn<UprightPx>& face,
                                 const PinholeCamera<UprightPx>& /*camera*/) {
  return {.center = face.box.center(),
          .width = std::max(kMinSidePx, face.box.width),
          .height = std::max(kMinSidePx, face.box.height),
          .angle_rad = 0};
}

RotatedBox<UprightPx> head_region(const FaceIn<UprightPx>& face,
                                  const PinholeCamera<UprightPx>& camera) {
  constexpr float kHeadScale = 1.3F;
  RotatedBox<UprightPx> region = box_region(face, camera);
  region.width = region.height = kHeadScale * std::max(region.width, region.height);
  return region;
}

RotatedBox<UprightPx> normalized_region(const FaceIn<UprightPx>& face,
                                        const PinholeCamera<UprightPx>& camera) {
  constexpr double kSideMm = 140;  // 224 pixels at a focal length of 960, 600 mm away.
  constexpr std::array<std::size_t, 2> kNoseWings = {98, 327};
  const Point<UprightPx> eyes = between_eyes(face.landmarks);
  const Point<UprightPx> nose =
      (face.landmarks[kNoseWings[0]].xy() + face.landmarks[kNoseWings[1]].xy()) * 0.5F;
  const HeadPose head = ViewingRay(camera, eyes).ray_from_camera(*face.head_pose);
  const double depth_mm = std::max(1.0, static_cast<double>(head.translation_mm[2]));
  const auto side_px =
      std::max(kMinSidePx, static_cast<float>(kSideMm * camera.focal_x / depth_mm));
  return {.center = (eyes + nose) * 0.5F,
          .width = side_px,
          .height = side_px,
          .angle_rad = roll_rad(head)};
}

Result<Direction> read_bins(std::span<const TensorView> outputs) {
  return read_gaze_bins(outputs[0], outputs[1]);
}

/// Readers of one output.
template <auto Read>
Result<Direction> read_only(std::span<const TensorView> outputs) {
  return Read(outputs[0]);
}

constexpr std::array kAppearanceFamilies{
    AppearanceFamily{ModelFamily::gaze_bins, 448, false, box_region, read_bins},
    AppearanceFamily{ModelFamily::gaze_angles, 224, true, normalized_region,
                     read_only<read_gaze_angles>},
    AppearanceFamily{ModelFamily::gaze360, 224, false, head_region, read_only<read_gaze360>},
};

/// Pitch and yaw from one picture of the face.
class AppearanceGaze final : public GazeStep {
 public:
  AppearanceGaze(const AppearanceFamily& family, std::shared_ptr<const Session> session)
      : GazeStep(std::move(session)), family_(family) {
    const Shape& shape = this->session()->inputs()[0].shape;
    side_ = shape[3] > 0 ? static_cast<int>(shape[3]) : family.side;
    // Large nets: a batch of faces is cheaper than one after the other.
    constexpr std::size_t kFacesPerBatch = 8;
    batch_limit_ = shape[0] < 0 ? kFacesPerBatch : 1;
  }

  std::size_t batch_limit() const override { return batch_limit_; }
  Shape input_shape(const FrameAnalysis&) const override { return {1, 3, side_, side_}; }

  Result<void> prepare(const FrameAnalysis& analysis, std::size_t request, Sampler& sampler,
                       TensorView input) const override {
    // ImageNet's, of colours in [0, 1].
    constexpr SampleSpec kSpec{
        .channels = ChannelOrder::rgb,
        .mean = {0.485F * 255, 0.456F * 255, 0.406F * 255},
        .scale = {1 / (0.229F * 255), 1 / (0.224F * 255), 1 / (0.225F * 255)}};
    const RotatedBox<UprightPx> region =
        family_.region(nth_face(analysis.faces, request, is_measurable), analysis.camera);
    return sampler.sample(analysis.frame, region_from_tensor(region, {side_, side_}), kSpec, input);
  }

 protected:
  Result<Direction> read(std::span<const TensorView> outputs) const override {
    return family_.read(outputs);
  }
  bool crop_is_upright() const override { return family_.crop_is_upright; }

 private:
  AppearanceFamily family_;
  int side_ = 0;
  std::size_t batch_limit_ = 1;
};

}  // namespace

Result<std::unique_ptr<Step>> create_gaze(ModelFamily family,
                                          std::shared_ptr<const Session> session) {
  if (family == ModelFamily::gaze_adas) {
    if (const auto inputs = AdasGaze::inputs_of(*session))
      return std::make_unique<AdasGaze>(std::move(session), *inputs);
  }
  const auto* const appearance =
      std::ranges::find(kAppearanceFamilies, family, &AppearanceFamily::family);
  if (appearance != kAppearanceFamilies.end()) {
    return std::make_unique<AppearanceGaze>(*appearance, std::move(session));
  }
  return fail(ErrorCode::invalid_argument,
              "preparing gaze: '" + session->name() + "', a model of " + "the family '" +
                  std::string(name_of(family)) + "', has not the inputs of a gaze model");
}

}  // namespace retinue
