#include "task/body_pose_task.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "postprocess/blazepose.hpp"
#include "postprocess/body_pose.hpp"

namespace retinue {

namespace {

constexpr float kMinPresence = 0.5F;  // MediaPipe's min_pose_presence_confidence.

SampleSpec spec_of(ModelFamily family) {
  constexpr float kUnit = 1.0F / 255;
  SampleSpec spec{.border = Border::constant, .border_value = 0};
  if (family == ModelFamily::simcc || family == ModelFamily::pose_heatmaps) {
    spec.mean = {123.675F, 116.28F, 103.53F};
    spec.scale = {1 / 58.395F, 1 / 57.12F, 1 / 57.375F};
  }
  if (family == ModelFamily::blazepose_landmarks) spec.scale = {kUnit, kUnit, kUnit};
  return spec;
}

class BodyPoseStep final : public Step {
 public:
  BodyPoseStep(const LoadedModel& model, const SampleSpec& spec, std::size_t batch)
      : session_(model.session), family_(model.family), spec_(spec) {
    const Shape& shape = session_->inputs()[0].shape;
    const bool planar = spec.layout == TensorLayout::nchw;
    size_ = {static_cast<int>(shape[planar ? 3 : 2]), static_cast<int>(shape[planar ? 2 : 1])};
    batch_ = shape[0] < 0 ? batch : 1;
  }

  std::string_view name() const override { return "pose"; }
  const Session* session() const override { return session_.get(); }
  std::size_t batch_limit() const override { return batch_; }
  std::size_t request_count(const FrameAnalysis& analysis) const override {
    return analysis.persons.size();
  }
  Shape input_shape(const FrameAnalysis&) const override {
    if (spec_.layout == TensorLayout::nchw) return {1, 3, size_.height, size_.width};
    return {1, size_.height, size_.width, 3};
  }

  Result<void> prepare(const FrameAnalysis& analysis, std::size_t request, Sampler& sampler,
                       TensorView input) const override {
    return sampler.sample(analysis.frame, map_of(analysis.persons[request]), spec_, input);
  }

  Result<void> postprocess(FrameAnalysis& analysis, std::size_t request,
                           std::span<const TensorView> outputs) const override {
    PersonIn<UprightPx>& person = analysis.persons[request];
    PersonIn<TensorPx> seen{
        .track = {}, .score = 0, .box = {}, .weak = false, .keypoints = {}, .landmarks = {}};
    if (family_ == ModelFamily::blazepose_landmarks) {
      const BodyLandmarks<TensorPx> landmarks = TRY(blazepose_landmarks(outputs));
      if (landmarks.presence < kMinPresence) return {};
      seen.landmarks = landmarks;
      seen.keypoints = body_keypoints_of(landmarks);
    } else {
      seen.keypoints = TRY(keypoints_of(outputs));
    }
    PersonIn<UprightPx> found = transformed(map_of(person), seen);
    person.keypoints = found.keypoints;
    person.landmarks = found.landmarks;
    return {};
  }

 private:
  Affine<UprightPx, TensorPx> map_of(const PersonIn<UprightPx>& person) const {
    return region_from_tensor(body_region(person.box, size_), size_);
  }

  Result<BodyKeypoints<TensorPx>> keypoints_of(std::span<const TensorView> outputs) const {
    if (family_ == ModelFamily::movenet) return movenet_keypoints(outputs, size_);
    if (family_ == ModelFamily::simcc) return simcc_keypoints(outputs, size_);
    return heatmap_keypoints(outputs, size_);
  }

  std::shared_ptr<const Session> session_;
  ModelFamily family_;
  SampleSpec spec_;
  Size size_;
  std::size_t batch_ = 1;
};

}  // namespace

RotatedBox<UprightPx> body_region(const Box<UprightPx>& box, Size input) {
  constexpr float kScale = 1.25F;
  const float aspect = static_cast<float>(input.width) / static_cast<float>(input.height);
  // A box of no extent still has to have a region: a pixel.
  const float height = std::max({1.0F, box.height, box.width / aspect}) * kScale;
  return {.center = box.center(), .width = height * aspect, .height = height, .angle_rad = 0};
}

Result<std::unique_ptr<Step>> create_body_pose(const LoadedModel& model,
                                               const PersonTaskSettings& settings) {
  constexpr std::array kFamilies = {ModelFamily::movenet, ModelFamily::simcc,
                                    ModelFamily::pose_heatmaps, ModelFamily::blazepose_landmarks};
  if (std::ranges::find(kFamilies, model.family) == kFamilies.end()) {
    return fail(ErrorCode::unsupported, "preparing the model '" + model.name +
                                            "' for poses: the family " +
                                            std::string(name_of(model.family)) + " finds none");
  }
  const TensorDescription& input = model.session->inputs()[0];
  const Shape& shape = input.shape;
  SampleSpec spec = spec_of(model.family);
  spec.type = input.type;
  if (shape.rank() == 4 && shape[3] == 3 && shape[1] != 3) spec.layout = TensorLayout::nhwc;
  const bool planar = spec.layout == TensorLayout::nchw;
  const bool sampled = input.type == ElementType::float32 || input.type == ElementType::uint8;
  if (shape.rank() != 4 || !sampled || shape[planar ? 1 : 3] != 3 || shape[2] <= 0 ||
      shape[planar ? 3 : 1] <= 0) {
    return fail(ErrorCode::unsupported, "preparing the model '" + model.name +
                                            "' for poses: found the input " +
                                            std::string(name_of(input.type)) + to_string(shape) +
                                            ", need a picture of fixed size in float32 or uint8");
  }
  return std::make_unique<BodyPoseStep>(model, spec, std::max<std::size_t>(1, settings.pose_batch));
}

}  // namespace retinue
