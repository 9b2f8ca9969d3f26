/// Predictors of action units that look at one feature each: unit i at feature i.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "face/openface_predictors.hpp"
#include "models/temporary_folder.hpp"

namespace retinue {

struct TinyPredictor {
  std::int32_t type = 0;  ///< The file's first number: 0, 1, 4 or 5.
  double cutoff = 0;      ///< Of type 1.
  std::size_t feature = 0;
  double bias = 0;
};

/// A `.dat` file.
inline std::string bytes_of(const TinyPredictor& predictor) {
  std::string bytes;
  const auto add = [&bytes](const auto& number) {
    const std::size_t at = bytes.size();
    bytes.resize(at + sizeof(number));
    std::memcpy(bytes.data() + at, &number, sizeof(number));
  };
  const auto add_header = [&](std::int32_t rows, std::int32_t columns) {
    add(rows);
    add(columns);
    add(std::int32_t{6});
  };
  constexpr auto kCount = static_cast<std::int32_t>(kOpenFaceFeatureCount);
  add(predictor.type);
  if (predictor.type == 1) add(predictor.cutoff);
  add_header(1, kCount);
  bytes.append(kOpenFaceFeatureCount * sizeof(double), '\0');  // No means.
  add_header(kCount, 1);
  for (std::size_t i = 0; i < kOpenFaceFeatureCount; ++i)
    add(i == predictor.feature ? 1.0 : 0.0);
  add(predictor.bias);
  if (predictor.type >= 4) {
    add(1.0);
    add(0.0);
  }
  return bytes;
}

/// Intensities are the features themselves, presences whether they are above 1. AU01 (cutoff 0.25)
/// and AU02 (no cutoff) are dynamic, their presences and AU28's, too.
inline OpenFacePredictors tiny_predictors() {
  const TemporaryFolder folder;
  std::vector<std::filesystem::path> files;
  const auto add = [&](const std::string& unit, const char* kind, const TinyPredictor& predictor) {
    const std::filesystem::path file = folder.path() / ("AU_" + unit + "_" + kind + ".dat");
    write_text(file, bytes_of(predictor));
    files.push_back(file);
  };
  for (std::size_t i = 0; i < kActionUnitCount; ++i) {
    const std::string unit = std::to_string(std::stoi(std::string(kActionUnitNames[i].substr(2))));
    const bool dynamic = i < 2 || i >= kActionUnitIntensityCount;
    if (i < kActionUnitIntensityCount) add(unit, "static_intensity", {.type = 0, .feature = i});
    if (i < 2)
      add(unit, "dynamic_intensity", {.type = 1, .cutoff = i == 0 ? 0.25 : -1, .feature = i});
    add(unit, "static", {.type = 4, .feature = i, .bias = -1});
    if (dynamic) add(unit, "dynamic", {.type = 5, .feature = i, .bias = -1});
  }
  Result<OpenFacePredictors> predictors = OpenFacePredictors::read(files, "tiny predictors");
  if (!predictors) {
    ADD_FAILURE() << predictors.error().message();
    return {};
  }
  return *std::move(predictors);
}

}  // namespace retinue
