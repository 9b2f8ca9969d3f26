// Time of one face's action units: from blendshapes, and through OpenFace's chain.
#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "face/action_unit_estimator.hpp"
#include "face/canonical_face.hpp"
#include "face/openface_median.hpp"
#include "face/openface_predictors.hpp"

namespace retinue {
namespace {

void from_blendshapes(benchmark::State& state) {
  std::vector<Face> faces(1);
  Face& face = faces[0];
  face.track = TrackId{1};
  for (const CanonicalLandmark& landmark : canonical_face())
    face.landmarks.push_back({landmark.x_mm, landmark.y_mm, landmark.z_mm});
  face.landmarks.resize(kFaceLandmarkCount);
  face.blendshapes.emplace().fill(0.3F);
  ActionUnitEstimator estimator;
  MediaTime time;
  for (auto _ : state) {
    time.since_start += std::chrono::milliseconds(40);
    estimator.estimate(faces, time);
    benchmark::DoNotOptimize(faces[0].action_units);
  }
}
BENCHMARK(from_blendshapes)->Unit(benchmark::kMicrosecond);

/// Everything but the sampling of the aligned face. Needs the mirror with OpenFace's files.
void openface_chain(benchmark::State& state) {
  const char* mirror = std::getenv("RETINUE_MIRROR");
  const std::filesystem::path folder =
      std::filesystem::path(mirror == nullptr ? "" : mirror) / "models" / "face_action_units";
  std::ifstream file(folder / "In-the-wild_aligned_PDM_68_from_mat.txt", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const Result<ShapeModel> model = ShapeModel::parse(text, "shape model");
  const Result<OpenFacePredictors> predictors =
      OpenFacePredictors::load(folder / "openface2" / "AU_predictors");
  if (!model || !predictors) {
    state.SkipWithError("OpenFace's model files are not under RETINUE_MIRROR");
    return;
  }
  // A face that is not the mean one: turned, scaled, and each point moved a little.
  std::array<Point<UprightPx>, kIbugLandmarkCount> landmarks;
  for (std::size_t i = 0; i < kIbugLandmarkCount; ++i) {
    const double x = model->mean()[i];
    const double y = model->mean()[kIbugLandmarkCount + i];
    const auto wave = static_cast<double>(i);
    landmarks[i] = {static_cast<float>(300 + 1.9 * x - 0.3 * y + 3 * std::sin(wave)),
                    static_cast<float>(200 + 0.3 * x + 1.9 * y + 3 * std::cos(2 * wave))};
  }
  std::array<std::uint8_t, kAlignedFaceBytes> rgb{};
  for (std::size_t i = 0; i < rgb.size(); ++i)
    rgb[i] = static_cast<std::uint8_t>((i * 2654435761U) >> 24U);
  OpenFaceFeatures features{};
  OpenFaceMedian median;
  for (auto _ : state) {
    const ShapeFit fit = model->fit(landmarks);
    const Affine<TensorPx, UprightPx> map = aligned_from_picture(*model, fit, landmarks);
    openface_features(*model, fit, map, landmarks, rgb, features);
    median.add(features);
    const ActionUnits units = predictors->of_frame(features, median.median());
    benchmark::DoNotOptimize(units);
  }
}
BENCHMARK(openface_chain)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace retinue
