#include "task/openface_task.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <utility>

#include "base/object_pool.hpp"
#include "face/openface_alignment.hpp"
#include "perception/ibug_landmarks.hpp"

namespace retinue {

namespace {

bool is_usable(const Affine<TensorPx, UprightPx>& map) {
  const auto numbers = {map.xx, map.xy, map.x0, map.yx, map.yy, map.y0};
  return std::ranges::all_of(numbers, [](double number) { return std::isfinite(number); }) &&
         std::isnormal(map.determinant());
}

/// Not of a mesh that has fallen into a point, or nearly so: a face of a few pixels has no
/// expression.
bool has_shape(std::span<const Point<UprightPx>, kIbugLandmarkCount> landmarks) {
  constexpr float kLeastExtentPx = 5;
  const auto [left, right] = std::ranges::minmax(landmarks, {}, &Point<UprightPx>::x);
  const auto [top, bottom] = std::ranges::minmax(landmarks, {}, &Point<UprightPx>::y);
  return std::max(right.x - left.x, bottom.y - top.y) >= kLeastExtentPx;
}

class OpenFaceFit final : public Step {
 public:
  explicit OpenFaceFit(std::shared_ptr<const OpenFaceModel> model) : model_(std::move(model)) {}

  std::string_view name() const override { return "shape-fit"; }

  void finish(FrameAnalysis& analysis) const override {
    analysis.aligned_faces.clear();
    for (std::size_t i = 0; i < analysis.faces.size(); ++i) {
      const FaceIn<UprightPx>& face = analysis.faces[i];
      if (face.landmarks.size() != kFaceLandmarkCount) continue;
      FrameAnalysis::AlignedFace aligned{.face = i};
      std::ranges::transform(kMeshOfIbug, aligned.landmarks.begin(),
                             [&face](std::size_t n) { return face.landmarks[n].xy(); });
      if (!has_shape(aligned.landmarks)) continue;
      aligned.fit = model_->shape.fit(aligned.landmarks);
      aligned.aligned_from_picture =
          aligned_from_picture(model_->shape, aligned.fit, aligned.landmarks);
      if (is_usable(aligned.aligned_from_picture)) analysis.aligned_faces.push_back(aligned);
    }
  }

 private:
  std::shared_ptr<const OpenFaceModel> model_;
};

class OpenFaceMeasuring final : public Step {
 public:
  explicit OpenFaceMeasuring(std::shared_ptr<const OpenFaceModel> model)
      : model_(std::move(model)) {}

  std::string_view name() const override { return "action-units"; }
  std::size_t request_count(const FrameAnalysis& analysis) const override {
    return analysis.aligned_faces.size();
  }
  Shape input_shape(const FrameAnalysis&) const override {
    return {1, kAlignedFaceSide, kAlignedFaceSide, 3};
  }

  Result<void> prepare(const FrameAnalysis& analysis, std::size_t request, Sampler& sampler,
                       TensorView input) const override {
    // OpenFace's own warp is bilinear: with a low-pass single intensities differ by up to 0.4.
    constexpr SampleSpec kSpec{.layout = TensorLayout::nhwc,
                               .channels = ChannelOrder::rgb,
                               .type = ElementType::uint8,
                               .border = Border::constant,
                               .low_pass = false};
    return sampler.sample(analysis.frame,
                          analysis.aligned_faces[request].aligned_from_picture.inverse(), kSpec,
                          input);
  }

  Result<void> postprocess(FrameAnalysis& analysis, std::size_t request,
                           std::span<const TensorView> pictures) const override {
    const FrameAnalysis::AlignedFace& aligned = analysis.aligned_faces[request];
    const std::span<std::uint8_t, kAlignedFaceBytes> rgb(
        static_cast<std::uint8_t*>(pictures[0].data), kAlignedFaceBytes);
    const std::shared_ptr<OpenFaceMeasurement> measured = pool_.take();
    openface_features(model_->shape, aligned.fit, aligned.aligned_from_picture, aligned.landmarks,
                      rgb, measured->features);
    measured->of_picture = analysis.frame.is_still();
    measured->values = measured->of_picture ? model_->predictors.picture_values(measured->features)
                                            : model_->predictors.frame_values(measured->features);
    analysis.faces[aligned.face].openface = measured;
    return {};
  }

 private:
  struct Measurements {
    using Object = OpenFaceMeasurement;
    static Object make() { return {}; }
    static void clear(Object&) {}
  };

  std::shared_ptr<const OpenFaceModel> model_;
  mutable ObjectPool<Measurements> pool_;  ///< Thread-safe; its objects travel with their faces.
};

}  // namespace

std::unique_ptr<Step> create_openface_fit(std::shared_ptr<const OpenFaceModel> model) {
  return std::make_unique<OpenFaceFit>(std::move(model));
}

std::unique_ptr<Step> create_openface_measurement(std::shared_ptr<const OpenFaceModel> model) {
  return std::make_unique<OpenFaceMeasuring>(std::move(model));
}

}  // namespace retinue
