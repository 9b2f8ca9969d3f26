#include "task/head_pose_task.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "face/head_pose.hpp"
#include "face/viewing_ray.hpp"
#include "postprocess/head_pose_adas.hpp"
#include "task/nth_face.hpp"

namespace retinue {

namespace {

class HeadPoseStep final : public Step {
 public:
  std::string_view name() const override { return "head-pose"; }

  void finish(FrameAnalysis& analysis) const override {
    for (FaceIn<UprightPx>& face : analysis.faces) {
      if (!face.landmarks.empty()) face.head_pose = head_pose(face.landmarks, analysis.camera);
    }
  }
};

bool has_head(const FaceIn<UprightPx>& face) {
  return face.head_pose.has_value();
}

class HeadPoseNet final : public Step {
 public:
  HeadPoseNet(std::shared_ptr<const Session> session, const HeadPoseAdasOrder& order)
      : session_(std::move(session)), order_(order) {}

  std::string_view name() const override { return "head-pose"; }
  const Session* session() const override { return session_.get(); }
  std::size_t batch_limit() const override {
    constexpr std::size_t kFacesPerBatch = 8;
    return session_->inputs()[0].shape[0] < 0 ? kFacesPerBatch : 1;
  }
  std::size_t request_count(const FrameAnalysis& analysis) const override {
    return static_cast<std::size_t>(std::ranges::count_if(analysis.faces, has_head));
  }
  Shape input_shape(const FrameAnalysis&) const override { return {1, 3, kSide, kSide}; }

  Result<void> prepare(const FrameAnalysis& analysis, std::size_t request, Sampler& sampler,
                       TensorView input) const override {
    constexpr float kMinSidePx = 2;
    constexpr SampleSpec kSpec{.channels = ChannelOrder::bgr};
    const Box<UprightPx>& box = nth_face(analysis.faces, request, has_head).box;
    const RotatedBox<UprightPx> region{.center = box.center(),
                                       .width = std::max(kMinSidePx, box.width),
                                       .height = std::max(kMinSidePx, box.height),
                                       .angle_rad = 0};
    return sampler.sample(analysis.frame, region_from_tensor(region, {kSide, kSide}), kSpec, input);
  }

  Result<void> postprocess(FrameAnalysis& analysis, std::size_t request,
                           std::span<const TensorView> outputs) const override {
    FaceIn<UprightPx>& face = nth_face(analysis.faces, request, has_head);
    HeadPose head = TRY(read_head_pose_adas(outputs, order_));
    head.translation_mm = face.head_pose->translation_mm;
    face.head_pose = ViewingRay(analysis.camera, face.box.center()).camera_from_ray(head);
    return {};
  }

 private:
  static constexpr int kSide = 60;

  std::shared_ptr<const Session> session_;
  HeadPoseAdasOrder order_;
};

}  // namespace

Result<std::unique_ptr<Step>> create_head_pose_net(std::shared_ptr<const Session> session) {
  HeadPoseAdasOrder order{};
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto found =
        std::ranges::find(session->outputs(), kHeadPoseAdasOutputs[i], &TensorDescription::name);
    if (found == session->outputs().end()) {
      return fail(ErrorCode::unsupported, "preparing head poses: '" + session->name() +
                                              "' has no output " +
                                              std::string(kHeadPoseAdasOutputs[i]));
    }
    order[i] = static_cast<std::size_t>(found - session->outputs().begin());
  }
  return std::make_unique<HeadPoseNet>(std::move(session), order);
}

std::unique_ptr<Step> create_head_pose() {
  return std::make_unique<HeadPoseStep>();
}

}  // namespace retinue
