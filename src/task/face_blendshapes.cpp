#include "task/face_blendshapes.hpp"

#include <algorithm>

#include "postprocess/blendshapes.hpp"
#include "task/nth_face.hpp"

namespace retinue {

namespace {

bool has_landmarks(const FaceIn<UprightPx>& face) {
  return !face.landmarks.empty();
}

class FaceBlendshapes final : public Step {
 public:
  explicit FaceBlendshapes(std::shared_ptr<const Session> session) : session_(std::move(session)) {}

  std::string_view name() const override { return "blendshapes"; }
  const Session* session() const override { return session_.get(); }
  std::size_t request_count(const FrameAnalysis& analysis) const override {
    return static_cast<std::size_t>(std::ranges::count_if(analysis.faces, has_landmarks));
  }
  Shape input_shape(const FrameAnalysis&) const override {
    return {1, static_cast<std::int64_t>(kBlendshapeLandmarkCount), 2};
  }

  Result<void> prepare(const FrameAnalysis& analysis, std::size_t request, Sampler&,
                       TensorView input) const override {
    return write_blendshape_landmarks(nth_face(analysis.faces, request, has_landmarks).landmarks,
                                      input);
  }

  Result<void> postprocess(FrameAnalysis& analysis, std::size_t request,
                           std::span<const TensorView> outputs) const override {
    const Blendshapes blendshapes = TRY(read_blendshapes(outputs[0]));
    nth_face(analysis.faces, request, has_landmarks).blendshapes = blendshapes;
    return {};
  }

 private:
  std::shared_ptr<const Session> session_;
};

}  // namespace

std::unique_ptr<Step> create_face_blendshapes(std::shared_ptr<const Session> session) {
  return std::make_unique<FaceBlendshapes>(std::move(session));
}

}  // namespace retinue
