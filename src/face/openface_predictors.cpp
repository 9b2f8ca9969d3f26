#include "face/openface_predictors.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <system_error>
#include <type_traits>
#include <utility>

#include "base/file_bytes.hpp"

namespace retinue {

namespace {

constexpr std::int32_t kFloat64 = 6;  // OpenCV's CV_64F.

/// The file's first number.
enum Type : std::int32_t {
  static_regression = 0,
  dynamic_regression = 1,
  static_classifier = 4,
  dynamic_classifier = 5
};

tl::unexpected<Error> corrupt(std::string_view name, const std::string& found) {
  return fail(ErrorCode::corrupt_input,
              "reading action-unit predictor '" + std::string(name) + "': " + found);
}

/// Little-endian numbers, one after the other.
class Reader {
 public:
  Reader(std::span<const std::byte> bytes, std::string_view name) : rest_(bytes), name_(name) {}

  template <typename Number>
  Result<Number> number() {
    if (rest_.size() < sizeof(Number)) return corrupt(name_, "it ends too early");
    Number value;
    std::memcpy(&value, rest_.data(), sizeof(Number));
    rest_ = rest_.subspan(sizeof(Number));
    if constexpr (std::is_floating_point_v<Number>) {
      if (!std::isfinite(value)) return corrupt(name_, "it has a number that is not finite");
    }
    return value;
  }

  /// A row or column of kOpenFaceFeatureCount numbers.
  Result<std::vector<double>> vector() {
    const auto rows = TRY(number<std::int32_t>());
    const auto columns = TRY(number<std::int32_t>());
    const auto type = TRY(number<std::int32_t>());
    constexpr auto kCount = static_cast<std::int32_t>(kOpenFaceFeatureCount);
    const bool fits = (rows == 1 && columns == kCount) || (rows == kCount && columns == 1);
    if (!fits || type != kFloat64) {
      return corrupt(name_, "found a matrix of " + std::to_string(rows) + "x" +
                                std::to_string(columns) + " of type " + std::to_string(type) +
                                ", expected " + std::to_string(kCount) + " of type 6");
    }
    std::vector<double> values(kOpenFaceFeatureCount);
    for (double& value : values)
      value = TRY(number<double>());
    return values;
  }

  bool at_end() const { return rest_.empty(); }

 private:
  std::span<const std::byte> rest_;
  std::string_view name_;
};

/// "AU_12_static….dat" is AU12.
std::optional<ActionUnit> unit_of(std::string_view name) {
  if (!name.starts_with("AU_")) return std::nullopt;
  name.remove_prefix(3);
  int number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || end == name.data() + name.size() || *end != '_') return std::nullopt;
  for (std::size_t i = 0; i < kActionUnitCount; ++i) {
    int known = 0;
    std::from_chars(kActionUnitNames[i].data() + 2,
                    kActionUnitNames[i].data() + kActionUnitNames[i].size(), known);
    if (known == number) return static_cast<ActionUnit>(i);
  }
  return std::nullopt;
}

/// A share of the frames, or -1.
Result<double> read_cutoff(Reader& reader, std::string_view name) {
  const double cutoff = TRY(reader.number<double>());
  const bool is_share = cutoff >= 0 && cutoff < 1;
  if (!is_share && cutoff != -1) return corrupt(name, "its cutoff is no share");
  return cutoff;
}

/// From the numbers of the classes above and below 0.
Result<bool> read_present_above(Reader& reader, std::string_view name) {
  const double above = TRY(reader.number<double>());
  const double below = TRY(reader.number<double>());
  if (above == below) return corrupt(name, "both of its classes are the same");
  return above > below;
}

}  // namespace

void openface_features(const ShapeModel& model, const ShapeFit& fit,
                       const Affine<TensorPx, UprightPx>& map,
                       std::span<const Point<UprightPx>, kIbugLandmarkCount> landmarks,
                       std::span<std::uint8_t, kAlignedFaceBytes> rgb, OpenFaceFeatures& out) {
  mask_aligned_face(map, landmarks, rgb);
  const std::span<double, kOpenFaceFeatureCount> features(out);
  fhog(rgb, features.first<kFhogCount>());
  model.deformation(fit, features.subspan<kFhogCount, kShapeCoordinateCount>());
  std::ranges::copy(fit.modes, features.last<kShapeModeCount>().begin());
}

Result<OpenFacePredictor> OpenFacePredictor::parse(std::span<const std::byte> bytes,
                                                   std::string_view name) {
  const std::string_view file = name.substr(name.find_last_of('/') + 1);
  const std::optional<ActionUnit> unit = unit_of(file);
  if (!unit) {
    return fail(ErrorCode::invalid_argument,
                "reading action-unit predictor '" + std::string(name) +
                    "': its name says no unit that there is, expected one as AU_12_static.dat");
  }
  Reader reader(bytes, name);
  const auto type = TRY(reader.number<std::int32_t>());
  const bool regression = type == static_regression || type == dynamic_regression;
  if (!regression && type != static_classifier && type != dynamic_classifier)
    return corrupt(name, "found type " + std::to_string(type) + ", expected 0, 1, 4 or 5");
  OpenFacePredictor predictor{.name = std::string(file),
                              .unit = *unit,
                              .kind = regression ? Kind::intensity : Kind::presence,
                              .dynamic = type == dynamic_regression || type == dynamic_classifier};
  if (type == dynamic_regression) predictor.cutoff = TRY(read_cutoff(reader, name));
  const std::vector<double> means = TRY(reader.vector());
  predictor.weights = TRY(reader.vector());
  predictor.offset = TRY(reader.number<double>());
  for (std::size_t i = 0; i < kOpenFaceFeatureCount; ++i)
    predictor.offset -= means[i] * predictor.weights[i];
  if (predictor.kind == Kind::presence) {
    predictor.present_above = TRY(read_present_above(reader, name));
  } else if (*unit == ActionUnit::au28) {
    return corrupt(name, "it is an intensity of AU28, which has a presence only");
  }
  if (!reader.at_end()) return corrupt(name, "it goes on after its end");
  return predictor;
}

OpenFaceValues operator-(const OpenFaceValues& a, const OpenFaceValues& b) {
  OpenFaceValues difference;
  std::ranges::transform(a.intensity, b.intensity, difference.intensity.begin(), std::minus<>());
  std::ranges::transform(a.presence, b.presence, difference.presence.begin(), std::minus<>());
  return difference;
}

ActionUnits action_units_of(const OpenFaceValues& values) {
  ActionUnits units;
  std::ranges::transform(values.intensity, units.intensity.begin(), [](double value) {
    return static_cast<float>(std::clamp(value, 0.0, 5.0));
  });
  std::ranges::transform(values.presence, units.present.begin(),
                         [](double value) { return value > 0; });
  return units;
}

double OpenFacePredictor::value(const OpenFaceFeatures& features,
                                const OpenFaceFeatures& median) const {
  double sum = offset;
  if (dynamic) {
    for (std::size_t i = 0; i < kOpenFaceFeatureCount; ++i)
      sum += (features[i] - median[i]) * weights[i];
  } else {
    for (std::size_t i = 0; i < kOpenFaceFeatureCount; ++i)
      sum += features[i] * weights[i];
  }
  return kind == Kind::presence && !present_above ? -sum : sum;
}

Result<OpenFacePredictors> OpenFacePredictors::load(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const char* part : {"svr_combined", "svm_combined"}) {
    const std::filesystem::path subfolder = folder / part;
    std::error_code error;
    std::filesystem::directory_iterator entry(subfolder, error);
    if (error) {
      return fail(ErrorCode::not_found, "reading action-unit predictors '" + subfolder.string() +
                                            "': " + error.message());
    }
    for (; entry != std::filesystem::directory_iterator(); entry.increment(error)) {
      if (!error && entry->path().extension() == ".dat") files.push_back(entry->path());
    }
  }
  return read(files, folder.string());
}

Result<OpenFacePredictors> OpenFacePredictors::read(std::span<const std::filesystem::path> files,
                                                    std::string_view origin) {
  OpenFacePredictors model;
  for (const std::filesystem::path& file : files) {
    const std::vector<std::byte> bytes = TRY(read_file(file));
    OpenFacePredictor predictor = TRY(OpenFacePredictor::parse(bytes, file.string()));
    model.predictors_.push_back(std::move(predictor));
  }
  std::ranges::sort(model.predictors_, {}, &OpenFacePredictor::name);
  for (std::size_t i = 0; i < kActionUnitCount; ++i) {
    using Kind = OpenFacePredictor::Kind;
    const auto unit = static_cast<ActionUnit>(i);
    const bool lacks_intensity =
        i < kActionUnitIntensityCount && model.find(unit, Kind::intensity, false) == nullptr;
    if (lacks_intensity || model.find(unit, Kind::presence, false) == nullptr) {
      return fail(ErrorCode::not_found, "reading action-unit predictors '" + std::string(origin) +
                                            "': there is no static " +
                                            (lacks_intensity ? "intensity" : "presence") + " of " +
                                            std::string(kActionUnitNames[i]));
    }
  }
  return model;
}

ActionUnits OpenFacePredictors::of_picture(const OpenFaceFeatures& features) const {
  return action_units_of(picture_values(features));
}

ActionUnits OpenFacePredictors::of_frame(const OpenFaceFeatures& features,
                                         const OpenFaceFeatures& median) const {
  OpenFaceValues found;
  for (std::size_t i = 0; i < kActionUnitCount; ++i) {
    const auto [intensity, presence] = chosen(static_cast<ActionUnit>(i), true);
    if (intensity != nullptr) found.intensity[i] = intensity->value(features, median);
    found.presence[i] = presence->value(features, median);
  }
  return action_units_of(found);
}

OpenFaceValues OpenFacePredictors::picture_values(const OpenFaceFeatures& features) const {
  return values(features, false);
}

OpenFaceValues OpenFacePredictors::frame_values(const OpenFaceFeatures& features) const {
  return values(features, true);
}

OpenFaceValues OpenFacePredictors::values(const OpenFaceFeatures& features,
                                          bool in_recording) const {
  static constexpr OpenFaceFeatures kNothing{};
  OpenFaceValues found;
  for (std::size_t i = 0; i < kActionUnitCount; ++i) {
    const auto [intensity, presence] = chosen(static_cast<ActionUnit>(i), in_recording);
    if (intensity != nullptr) found.intensity[i] = intensity->value(features, kNothing);
    found.presence[i] = presence->value(features, kNothing);
  }
  return found;
}

OpenFaceValues OpenFacePredictors::rest_values(const OpenFaceFeatures& median) const {
  const auto taken_off = [&median](const OpenFacePredictor* predictor) {
    if (predictor == nullptr || !predictor->dynamic) return 0.0;
    double sum = 0;
    for (std::size_t i = 0; i < kOpenFaceFeatureCount; ++i)
      sum += median[i] * predictor->weights[i];
    const bool turned =
        predictor->kind == OpenFacePredictor::Kind::presence && !predictor->present_above;
    return turned ? -sum : sum;
  };
  OpenFaceValues rest;
  for (std::size_t i = 0; i < kActionUnitCount; ++i) {
    const auto [intensity, presence] = chosen(static_cast<ActionUnit>(i), true);
    if (i < kActionUnitIntensityCount) rest.intensity[i] = taken_off(intensity);
    rest.presence[i] = taken_off(presence);
  }
  return rest;
}

std::optional<double> OpenFacePredictors::cutoff(ActionUnit unit) const {
  const OpenFacePredictor* predictor = chosen(unit, true).intensity;
  if (predictor == nullptr || !predictor->dynamic) return std::nullopt;
  return predictor->cutoff;
}

OpenFacePredictors::Chosen OpenFacePredictors::chosen(ActionUnit unit, bool in_recording) const {
  using Kind = OpenFacePredictor::Kind;
  const bool has_intensity = static_cast<std::size_t>(unit) < kActionUnitIntensityCount;
  // AU28 has no intensity to go by; OpenFace's presence of it is dynamic.
  const bool dynamic =
      in_recording && (!has_intensity || find(unit, Kind::intensity, true) != nullptr);
  Chosen chosen;
  if (has_intensity) chosen.intensity = find(unit, Kind::intensity, dynamic);
  chosen.presence = find(unit, Kind::presence, dynamic);
  if (chosen.presence == nullptr) chosen.presence = find(unit, Kind::presence, false);
  return chosen;
}

/// Of several, the one trained on all data sets ("comb"), which sorts last.
const OpenFacePredictor* OpenFacePredictors::find(ActionUnit unit, OpenFacePredictor::Kind kind,
                                                  bool dynamic) const {
  const OpenFacePredictor* found = nullptr;
  for (const OpenFacePredictor& predictor : predictors_) {
    if (predictor.unit == unit && predictor.kind == kind && predictor.dynamic == dynamic)
      found = &predictor;
  }
  return found;
}

}  // namespace retinue
