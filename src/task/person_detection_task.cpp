#include "task/person_detection_task.hpp"

#include <algorithm>
#include <cmath>

#include "postprocess/blazepose.hpp"
#include "postprocess/detr.hpp"
#include "postprocess/fastestdet.hpp"
#include "postprocess/nanodet.hpp"
#include "postprocess/yolo.hpp"
#include "postprocess/yolox.hpp"
#include "task/detector_input.hpp"

namespace retinue {

namespace {

constexpr float kUnit = 1.0F / 255;

/// How the picture lies in the input.
enum class Fit { top_left, centered, stretched };

/// What a family was trained to see and to say.
struct Preparation {
  Fit fit = Fit::centered;
  SampleSpec spec;
  float min_score = 0.4F;
  float max_iou = 0.65F;  ///< Of two persons that are kept: as the family's own code has it.
};

/// In the order R, G, B, as SampleSpec has them. Grey letterboxes are 114, as in YOLO's. Nullopt:
/// the family finds no persons.
std::optional<Preparation> preparation_of(ModelFamily family) {
  const auto spec = [](ChannelOrder channels, std::array<float, 3> mean, std::array<float, 3> scale,
                       float border) {
    return SampleSpec{.channels = channels,
                      .mean = mean,
                      .scale = scale,
                      .border = Border::constant,
                      .border_value = border};
  };
  constexpr std::array<float, 3> kZero{};
  constexpr std::array<float, 3> kOne{1, 1, 1};
  constexpr std::array<float, 3> kUnits{kUnit, kUnit, kUnit};
  constexpr std::array<float, 3> kImageNetMean{123.675F, 116.28F, 103.53F};
  constexpr std::array<float, 3> kImageNetScale{1 / 58.395F, 1 / 57.12F, 1 / 57.375F};
  switch (family) {
    case ModelFamily::yolox:
      return Preparation{Fit::top_left, spec(ChannelOrder::bgr, kZero, kOne, 114), 0.4F, 0.65F};
    case ModelFamily::nanodet:
      return Preparation{Fit::centered, spec(ChannelOrder::bgr, kImageNetMean, kImageNetScale, 0),
                         0.4F, 0.6F};
    case ModelFamily::picodet:
      return Preparation{Fit::stretched, spec(ChannelOrder::rgb, kImageNetMean, kImageNetScale, 0),
                         0.4F, 0.6F};
    case ModelFamily::fastestdet:
      return Preparation{Fit::stretched, spec(ChannelOrder::bgr, kZero, kUnits, 0), 0.5F, 0.45F};
    case ModelFamily::rtdetr:
      return Preparation{Fit::stretched, spec(ChannelOrder::rgb, kZero, kUnits, 0), 0.5F, 1.0F};
    case ModelFamily::blazepose_detector:
      return Preparation{Fit::centered,
                         spec(ChannelOrder::rgb, {127.5F, 127.5F, 127.5F},
                              {1 / 127.5F, 1 / 127.5F, 1 / 127.5F}, 0),
                         0.5F, 0.3F};
    case ModelFamily::yolov5:
    case ModelFamily::yolov8:
    case ModelFamily::yolov10:
    case ModelFamily::yolo_pose:
    case ModelFamily::yolov10_pose:
      return Preparation{Fit::centered, spec(ChannelOrder::rgb, kZero, kUnits, 114), 0.4F, 0.65F};
    case ModelFamily::yunet:
    case ModelFamily::mediapipe_face_mesh:
    case ModelFamily::mediapipe_blendshapes:
    case ModelFamily::gaze_adas:
    case ModelFamily::gaze_bins:
    case ModelFamily::gaze_angles:
    case ModelFamily::gaze360:
    case ModelFamily::movenet:
    case ModelFamily::simcc:
    case ModelFamily::pose_heatmaps:
    case ModelFamily::blazepose_landmarks:
      break;
  }
  return std::nullopt;
}

/// Where the picture lies in the detector's input.
struct Placement {
  Size input;
  Affine<UprightPx, TensorPx> upright_from_tensor;
};

/// `fixed`: the model's own size where it has one, else 0 x 0.
Placement place(const Box<UprightPx>& picture, Fit fit, int detect_size, Size fixed) {
  const auto width = static_cast<double>(picture.width);
  const auto height = static_cast<double>(picture.height);
  const auto [input, scale] = detector_input(picture, detect_size, fixed);
  if (fit == Fit::stretched) {
    return {input, {.xx = width / input.width, .yy = height / input.height}};
  }
  Affine<UprightPx, TensorPx> map{.xx = 1 / scale, .yy = 1 / scale};
  if (fit == Fit::centered) {
    map.x0 = (width - input.width / scale) / 2;
    map.y0 = (height - input.height / scale) / 2;
  }
  return {input, map};
}

class PersonDetectionStep final : public Step {
 public:
  PersonDetectionStep(const LoadedModel& model, const Preparation& preparation,
                      const PersonTaskSettings& settings, DetectionFrames frames)
      : session_(model.session),
        frames_(frames),
        family_(model.family),
        preparation_(preparation),
        detect_size_(settings.detect_size.value_or(kPersonDetectSize)) {
    if (settings.min_score) preparation_.min_score = *settings.min_score;
    postprocess_.max_iou = preparation.max_iou;
    postprocess_.max_persons = settings.max_persons;
    postprocess_.person_class = model.person_class;
    const TensorDescription& input = session_->inputs()[0];
    preparation_.spec.type = input.type;
    if (input.shape[2] > 0 && input.shape[3] > 0)
      fixed_ = {static_cast<int>(input.shape[3]), static_cast<int>(input.shape[2])};
    // Boxes come in pixels of the picture whose size is asked for: the input's own.
    if (session_->inputs().size() > 1) {
      picture_size_.resize(ElementType::int64, {1, 2});
      auto* const size = static_cast<std::int64_t*>(picture_size_.view().data);
      size[0] = fixed_.width;
      size[1] = fixed_.height;
      constant_inputs_.push_back(picture_size_.view());
    }
  }

  std::string_view name() const override { return "persons"; }
  const Session* session() const override { return session_.get(); }

  bool applies(const FrameAnalysis& analysis) const override {
    if (frames_ == DetectionFrames::all) return true;
    if (frames_ == DetectionFrames::due) return analysis.detection_due;
    return analysis.follower != nullptr && !analysis.persons_detected &&
           analysis.follower->persons.wants_detection();
  }

  void begin(FrameAnalysis& analysis) const override { analysis.persons_detected = true; }
  std::size_t request_count(const FrameAnalysis&) const override { return 1; }
  std::span<const TensorView> constant_inputs() const override { return constant_inputs_; }

  Shape input_shape(const FrameAnalysis& analysis) const override {
    const Size size = placement_of(analysis).input;
    return {1, 3, size.height, size.width};
  }

  std::vector<Shape> output_shapes(const Shape& input_shape) const override {
    std::vector<Shape> shapes = Step::output_shapes(input_shape);
    if (std::ranges::none_of(shapes, &Shape::has_open_axis)) return shapes;
    std::vector<Shape> inputs = {input_shape};
    for (const TensorView& constant : constant_inputs_)
      inputs.push_back(constant.shape);
    // An input that does not run fails with its reason when it is run.
    return session_->output_shapes(inputs).value_or(std::move(shapes));
  }

  Result<void> prepare(const FrameAnalysis& analysis, std::size_t, Sampler& sampler,
                       TensorView input) const override {
    return sampler.sample(analysis.frame, placement_of(analysis).upright_from_tensor,
                          preparation_.spec, input);
  }

  Result<void> postprocess(FrameAnalysis& analysis, std::size_t,
                           std::span<const TensorView> outputs) const override {
    const Placement placement = placement_of(analysis);
    PersonDetectionSettings settings = postprocess_;
    settings.min_score = preparation_.min_score * (analysis.frame.is_still() ? 1.0F : 0.5F);
    TRY(detect(outputs, placement.input, settings, analysis.person_detections));
    for (const PersonDetection& found : analysis.person_detections) {
      const PersonIn<TensorPx> person{.track = {},
                                      .score = std::min(found.score, 1.0F),
                                      .box = found.box,
                                      .weak = found.score < preparation_.min_score,
                                      .keypoints = found.keypoints,
                                      .landmarks = {}};
      analysis.persons.push_back(transformed(placement.upright_from_tensor, person));
    }
    return {};
  }

 private:
  Placement placement_of(const FrameAnalysis& analysis) const {
    return place(analysis.frame.geometry().upright_bounds(), preparation_.fit, detect_size_,
                 fixed_);
  }

  Result<void> detect(std::span<const TensorView> outputs, Size input,
                      const PersonDetectionSettings& settings,
                      std::vector<PersonDetection>& persons) const {
    switch (family_) {
      case ModelFamily::yolox:
        return yolox_persons(outputs, input, settings, persons);
      case ModelFamily::nanodet:
      case ModelFamily::picodet:
        return nanodet_persons(outputs, input, settings, persons);
      case ModelFamily::fastestdet:
        return fastestdet_persons(outputs, input, settings, persons);
      case ModelFamily::yolov5:
        return yolov5_persons(outputs, settings, persons);
      case ModelFamily::yolov8:
        return yolov8_persons(outputs, settings, persons);
      case ModelFamily::yolov10:
      case ModelFamily::yolov10_pose:
        return yolov10_persons(outputs, settings, persons);
      case ModelFamily::yolo_pose:
        return yolo_pose_persons(outputs, settings, persons);
      case ModelFamily::rtdetr:
        return detr_persons(outputs, input, settings, persons);
      case ModelFamily::blazepose_detector:
        return blazepose_persons(outputs, settings, persons);
      case ModelFamily::yunet:
      case ModelFamily::mediapipe_face_mesh:
      case ModelFamily::mediapipe_blendshapes:
      case ModelFamily::gaze_adas:
      case ModelFamily::gaze_bins:
      case ModelFamily::gaze_angles:
      case ModelFamily::gaze360:
      case ModelFamily::movenet:
      case ModelFamily::simcc:
      case ModelFamily::pose_heatmaps:
      case ModelFamily::blazepose_landmarks:
        break;  // Refused by create_person_detection.
    }
    return fail(ErrorCode::internal, "detecting persons: not a detector");
  }

  std::shared_ptr<const Session> session_;
  DetectionFrames frames_;
  ModelFamily family_;
  Preparation preparation_;
  int detect_size_;
  Size fixed_;
  PersonDetectionSettings postprocess_;
  Tensor picture_size_;
  std::vector<TensorView> constant_inputs_;
};

}  // namespace

Result<std::unique_ptr<Step>> create_person_detection(const LoadedModel& model,
                                                      const PersonTaskSettings& settings,
                                                      DetectionFrames frames) {
  const std::string doing = "preparing the model '" + model.name + "' for persons: ";
  const std::optional<Preparation> preparation = preparation_of(model.family);
  if (!preparation) {
    return fail(ErrorCode::unsupported,
                doing + "the family " + std::string(name_of(model.family)) + " finds none");
  }
  const TensorDescription& input = model.session->inputs()[0];
  if (input.type != ElementType::float32 || input.shape.rank() != 4 || input.shape[1] != 3) {
    return fail(ErrorCode::unsupported, doing + "found the input " +
                                            std::string(name_of(input.type)) +
                                            to_string(input.shape) + ", need float32 [N, 3, H, W]");
  }
  const bool fixed = input.shape[2] > 0 && input.shape[3] > 0;
  if (!fixed && (model.session->inputs().size() > 1 || model.family == ModelFamily::rtdetr)) {
    return fail(ErrorCode::unsupported,
                doing + "its input has no size; export it with one, such as 640 x 640");
  }
  return std::make_unique<PersonDetectionStep>(model, *preparation, settings, frames);
}

}  // namespace retinue
