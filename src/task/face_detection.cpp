#include "task/face_detection.hpp"

#include "postprocess/yunet.hpp"
#include "task/detector_input.hpp"

namespace retinue {

namespace {

/// Where the picture lies in the detector's input.
struct Letterbox {
  Size input;
  Affine<UprightPx, TensorPx> upright_from_tensor;
};

/// `fixed`: the model's own size where it has one, else 0 x 0.
Letterbox letterbox(const Box<UprightPx>& picture, int detect_size, Size fixed) {
  const DetectorInput seen = detector_input(picture, detect_size, fixed);
  return {seen.size, {.xx = 1 / seen.scale, .yy = 1 / seen.scale}};
}

class FaceDetection final : public Step {
 public:
  FaceDetection(std::shared_ptr<const Session> session, const FaceTaskSettings& settings,
                DetectionFrames frames)
      : session_(std::move(session)), detect_size_(settings.detect_size), frames_(frames) {
    postprocess_.max_faces = settings.max_faces;
    if (settings.min_score) postprocess_.min_score = *settings.min_score;
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
    const Size size = letterbox_of(analysis).input;
    return {1, 3, size.height, size.width};
  }

  std::vector<Shape> output_shapes(const Shape& input_shape) const override {
    std::vector<Shape> shapes;
    for (const std::int64_t values : {1, 1, 4, 10}) {
      for (const std::int64_t stride : {8, 16, 32}) {
        shapes.push_back({1, (input_shape[2] / stride) * (input_shape[3] / stride), values});
      }
    }
    return shapes;
  }

  Result<void> prepare(const FrameAnalysis& analysis, std::size_t, Sampler& sampler,
                       TensorView input) const override {
    constexpr SampleSpec kSpec{
        .channels = ChannelOrder::bgr, .border = Border::constant, .border_value = 0};
    return sampler.sample(analysis.frame, letterbox_of(analysis).upright_from_tensor, kSpec, input);
  }

  Result<void> postprocess(FrameAnalysis& analysis, std::size_t,
                           std::span<const TensorView> outputs) const override {
    const Letterbox box = letterbox_of(analysis);
    TRY(yunet_faces(outputs, box.input, postprocess_, analysis.detections));
    for (const FaceIn<TensorPx>& face : analysis.detections) {
      analysis.faces.push_back(transformed(box.upright_from_tensor, face));
    }
    return {};
  }

 private:
  Letterbox letterbox_of(const FrameAnalysis& analysis) const {
    const int default_size = analysis.frame.is_still() ? kStillDetectSize : kVideoDetectSize;
    return letterbox(analysis.frame.geometry().upright_bounds(),
                     detect_size_.value_or(default_size), fixed_);
  }

  std::shared_ptr<const Session> session_;
  std::optional<int> detect_size_;
  DetectionFrames frames_;
  Size fixed_;
  YunetSettings postprocess_;
};

}  // namespace

std::unique_ptr<Step> create_face_detection(std::shared_ptr<const Session> session,
                                            const FaceTaskSettings& settings,
                                            DetectionFrames frames) {
  return std::make_unique<FaceDetection>(std::move(session), settings, frames);
}

}  // namespace retinue
