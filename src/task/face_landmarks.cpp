#include "task/face_landmarks.hpp"

#include <algorithm>
#include <cmath>

#include "face/head_pose.hpp"
#include "postprocess/face_mesh.hpp"
#include "task/face_region.hpp"

namespace retinue {

namespace {

constexpr float kMinPresence = 0.5F;  // MediaPipe's min_face_presence_confidence.

/// The mesh's input and output, whatever region it looks at.
class FaceMeshModel {
 public:
  explicit FaceMeshModel(std::shared_ptr<const Session> session) : session_(std::move(session)) {
    const Shape& shape = session_->inputs()[0].shape;
    size_ = {static_cast<int>(shape[3]), static_cast<int>(shape[2])};
  }

  const Session* session() const { return session_.get(); }
  Shape input_shape() const { return {1, 3, size_.height, size_.width}; }

  Result<void> prepare(const Frame& frame, const RotatedBox<UprightPx>& region, Sampler& sampler,
                       TensorView input) const {
    constexpr float kUnit = 1.0F / 255;
    constexpr SampleSpec kSpec{.channels = ChannelOrder::rgb, .scale = {kUnit, kUnit, kUnit}};
    return sampler.sample(frame, region_from_tensor(region, size_), kSpec, input);
  }

  /// Sets presence and landmarks, unless the mesh saw no face: then only a presence that is absent.
  Result<void> postprocess(FaceIn<UprightPx>& face, const RotatedBox<UprightPx>& region,
                           std::span<const TensorView> outputs) const {
    const FaceMesh mesh = TRY(face_mesh(outputs[0], outputs[1]));
    if (mesh.presence < kMinPresence) {
      if (!face.presence) face.presence = mesh.presence;
      return {};
    }
    face.presence = mesh.presence;
    const Affine<UprightPx, TensorPx> map = region_from_tensor(region, size_);
    const auto z_scale = static_cast<float>(map.scale());
    face.landmarks.clear();
    face.landmarks.reserve(mesh.landmarks.size());
    for (const Point3<TensorPx>& landmark : mesh.landmarks) {
      const Point<UprightPx> xy = map * landmark.xy();
      face.landmarks.push_back({xy.x, xy.y, landmark.z * z_scale});
    }
    return {};
  }

 private:
  std::shared_ptr<const Session> session_;
  Size size_;
};

class FaceLandmarks final : public Step {
 public:
  explicit FaceLandmarks(std::shared_ptr<const Session> session) : mesh_(std::move(session)) {}

  std::string_view name() const override { return "landmarks"; }
  const Session* session() const override { return mesh_.session(); }
  std::size_t request_count(const FrameAnalysis& analysis) const override {
    return analysis.faces.size();
  }
  Shape input_shape(const FrameAnalysis&) const override { return mesh_.input_shape(); }

  /// Followed faces have their regions already. Room for the landmarks is made here, where one lane
  /// has the frame.
  void begin(FrameAnalysis& analysis) const override {
    for (FaceIn<UprightPx>& face : analysis.faces)
      analysis.spare_landmarks.give_to(face);
    for (std::size_t i = analysis.regions.size(); i < analysis.faces.size(); ++i)
      analysis.regions.push_back(face_region(analysis.faces[i]));
  }

  Result<void> prepare(const FrameAnalysis& analysis, std::size_t request, Sampler& sampler,
                       TensorView input) const override {
    return mesh_.prepare(analysis.frame, analysis.regions[request], sampler, input);
  }

  Result<void> postprocess(FrameAnalysis& analysis, std::size_t request,
                           std::span<const TensorView> outputs) const override {
    return mesh_.postprocess(analysis.faces[request], analysis.regions[request], outputs);
  }

 private:
  FaceMeshModel mesh_;
};

class FaceLandmarksSecondLook final : public Step {
 public:
  explicit FaceLandmarksSecondLook(std::shared_ptr<const Session> session)
      : mesh_(std::move(session)) {}

  std::string_view name() const override { return "landmarks"; }
  const Session* session() const override { return mesh_.session(); }
  Shape input_shape(const FrameAnalysis&) const override { return mesh_.input_shape(); }

  /// A followed face is looked at in the region of its own landmarks anyway.
  bool applies(const FrameAnalysis& analysis) const override {
    return analysis.follower == nullptr;
  }

  /// Chosen once, by the first look's landmarks.
  void begin(FrameAnalysis& analysis) const override {
    constexpr float kTurnedDegrees = 30;
    analysis.second_looks.clear();
    for (std::size_t i = 0; i < analysis.faces.size(); ++i) {
      const FaceIn<UprightPx>& face = analysis.faces[i];
      if (face.landmarks.empty()) continue;
      const std::optional<HeadPose> pose = head_pose(face.landmarks, analysis.camera);
      if (!pose || std::abs(pose->yaw_deg) < kTurnedDegrees) continue;
      analysis.second_looks.push_back({i, face_region_of_landmarks(face)});
    }
  }

  std::size_t request_count(const FrameAnalysis& analysis) const override {
    return analysis.second_looks.size();
  }

  Result<void> prepare(const FrameAnalysis& analysis, std::size_t request, Sampler& sampler,
                       TensorView input) const override {
    return mesh_.prepare(analysis.frame, analysis.second_looks[request].region, sampler, input);
  }

  Result<void> postprocess(FrameAnalysis& analysis, std::size_t request,
                           std::span<const TensorView> outputs) const override {
    const FrameAnalysis::SecondLook& look = analysis.second_looks[request];
    return mesh_.postprocess(analysis.faces[look.face], look.region, outputs);
  }

 private:
  FaceMeshModel mesh_;
};

}  // namespace

std::unique_ptr<Step> create_face_landmarks(std::shared_ptr<const Session> session) {
  return std::make_unique<FaceLandmarks>(std::move(session));
}

std::unique_ptr<Step> create_face_landmarks_second_look(std::shared_ptr<const Session> session) {
  return std::make_unique<FaceLandmarksSecondLook>(std::move(session));
}

}  // namespace retinue
