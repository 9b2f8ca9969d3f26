#include "task/person_detection_task.hpp"

#include <algorithm>
#include <cmath>

#include "task/detector_input.hpp"
#include "task/person_detectors.hpp"

namespace retinue {

namespace {

class PersonDetectionStep final : public Step {
 public:
  PersonDetectionStep(const LoadedModel& model, const PersonDetector& detector,
                      const PersonTaskSettings& settings, DetectionFrames frames)
      : session_(model.session),
        frames_(frames),
        detector_(detector),
        detect_size_(settings.detect_size.value_or(kPersonDetectSize)) {
    if (settings.min_score) detector_.min_score = *settings.min_score;
    postprocess_.max_iou = detector.max_iou;
    postprocess_.max_persons = settings.max_persons;
    postprocess_.person_class = model.person_class;
    const TensorDescription& input = session_->inputs()[0];
    detector_.spec.type = input.type;
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
                          detector_.spec, input);
  }

  Result<void> postprocess(FrameAnalysis& analysis, std::size_t,
                           std::span<const TensorView> outputs) const override {
    const PicturePlacement placement = placement_of(analysis);
    PersonDetectionSettings settings = postprocess_;
    settings.min_score = detector_.min_score * (analysis.frame.is_still() ? 1.0F : 0.5F);
    TRY(detector_.read(outputs, placement.input, settings, analysis.person_detections));
    for (const PersonDetection& found : analysis.person_detections) {
      const PersonIn<TensorPx> person{.track = {},
                                      .score = std::min(found.score, 1.0F),
                                      .box = found.box,
                                      .weak = found.score < detector_.min_score,
                                      .keypoints = found.keypoints,
                                      .landmarks = {}};
      analysis.persons.push_back(transformed(placement.upright_from_tensor, person));
    }
    return {};
  }

 private:
  PicturePlacement placement_of(const FrameAnalysis& analysis) const {
    return place_picture(analysis.frame.geometry().upright_bounds(), detector_.fit, detect_size_,
                         fixed_);
  }

  std::shared_ptr<const Session> session_;
  DetectionFrames frames_;
  PersonDetector detector_;
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
  const PersonDetector* detector = person_detector_of(model.family);
  if (detector == nullptr) {
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
  return std::make_unique<PersonDetectionStep>(model, *detector, settings, frames);
}

}  // namespace retinue
