#include "task/face_detection.hpp"

#include <array>

#include "task/detector_input.hpp"

namespace retinue {

namespace {

class FaceDetection final : public Step {
 public:
  FaceDetection(std::shared_ptr<const Session> session, const FaceTaskSettings& settings,
                const FaceDetector& detector, DetectionFrames frames)
      : session_(std::move(session)),
        detect_size_(settings.detect_size),
        frames_(frames),
        detector_(detector),
        max_faces_(settings.max_faces) {
    if (settings.min_score) detector_.min_score = *settings.min_score;
    const Shape& input = session_->inputs()[0].shape;
    if (input[2] > 0 && input[3] > 0)
      fixed_ = {static_cast<int>(input[3]), static_cast<int>(input[2])};
  }

  std::string_view name() const override { return "faces"; }
  const Session* session() const override { return session_.get(); }

  bool applies(const FrameAnalysis& analysis) const override {
    if (frames_ == DetectionFrames::all) return true;
    if (frames_ == DetectionFrames::due) return analysis.detection_due;
    return analysis.follower != nullptr && !analysis.detected &&
           analysis.follower->faces.wants_detection();
  }

  void begin(FrameAnalysis& analysis) const override { analysis.detected = true; }
  std::size_t request_count(const FrameAnalysis&) const override { return 1; }

  Shape input_shape(const FrameAnalysis& analysis) const override {
    const Size size = placement_of(analysis).input;
    return {1, 3, size.height, size.width};
  }

  std::vector<Shape> output_shapes(const Shape& input_shape) const override {
    if (detector_.output_shapes != nullptr) return detector_.output_shapes(input_shape);
    std::vector<Shape> shapes = Step::output_shapes(input_shape);
    if (fixed_.width > 0) return shapes;
    // Exporters write down the shapes of the size that they exported with. An input that does not
    // run fails with its reason when it is run.
    return session_->output_shapes(std::array{input_shape}).value_or(std::move(shapes));
  }

  Result<void> prepare(const FrameAnalysis& analysis, std::size_t, Sampler& sampler,
                       TensorView input) const override {
    return sampler.sample(analysis.frame, placement_of(analysis).upright_from_tensor,
                          detector_.spec, input);
  }

  Result<void> postprocess(FrameAnalysis& analysis, std::size_t,
                           std::span<const TensorView> outputs) const override {
    const PicturePlacement placement = placement_of(analysis);
    TRY(detector_.read(outputs, placement.input, detector_.min_score, max_faces_,
                       analysis.detections));
    for (const FaceIn<TensorPx>& face : analysis.detections) {
      analysis.faces.push_back(transformed(placement.upright_from_tensor, face));
    }
    return {};
  }

 private:
  PicturePlacement placement_of(const FrameAnalysis& analysis) const {
    const int default_size = analysis.frame.is_still() ? kStillDetectSize : kVideoDetectSize;
    return place_picture(analysis.frame.geometry().upright_bounds(), detector_.fit,
                         detect_size_.value_or(default_size), fixed_);
  }

  std::shared_ptr<const Session> session_;
  std::optional<int> detect_size_;
  DetectionFrames frames_;
  Size fixed_;
  FaceDetector detector_;
  std::size_t max_faces_;
};

}  // namespace

std::unique_ptr<Step> create_face_detection(std::shared_ptr<const Session> session,
                                            const FaceTaskSettings& settings,
                                            const FaceDetector& detector, DetectionFrames frames) {
  return std::make_unique<FaceDetection>(std::move(session), settings, detector, frames);
}

}  // namespace retinue
