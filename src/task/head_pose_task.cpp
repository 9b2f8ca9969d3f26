#include "task/head_pose_task.hpp"

#include "face/head_pose.hpp"

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

}  // namespace

std::unique_ptr<Step> create_head_pose() {
  return std::make_unique<HeadPoseStep>();
}

}  // namespace retinue
