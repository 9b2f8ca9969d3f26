/// OpenFace's linear predictors of action units, from the files of its model folder.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "face/fhog.hpp"
#include "face/shape_model.hpp"
#include "perception/action_unit.hpp"

namespace retinue {

/// FHOG of the aligned face, deformation of the shape, parameters of the shape.
inline constexpr std::size_t kOpenFaceFeatureCount =
    kFhogCount + kShapeCoordinateCount + kShapeModeCount;
using OpenFaceFeatures = std::array<double, kOpenFaceFeatureCount>;

/// What the predictors look at, of a face with these landmarks. `rgb`: the aligned face, u8
/// [112, 112, 3], not yet masked; it is masked here. Reentrant.
void openface_features(const ShapeModel& model, const ShapeFit& fit,
                       const Affine<TensorPx, UprightPx>& map,
                       std::span<const Point<UprightPx>, kIbugLandmarkCount> landmarks,
                       std::span<std::uint8_t, kAlignedFaceBytes> rgb, OpenFaceFeatures& out);

/// One linear function of the features: a support vector regression of an intensity, or a support
/// vector machine that decides on a presence. A dynamic one sees the features less the person's
/// running median of them.
struct OpenFacePredictor {
  enum class Kind { intensity, presence };

  std::string name;  ///< Of the file.
  ActionUnit unit = ActionUnit::au01;
  Kind kind = Kind::intensity;
  bool dynamic = false;
  /// Of dynamic intensities: the share of a recording's frames in which the face is held to be at
  /// rest, for the correction of whole recordings.
  double cutoff = 0;
  std::vector<double> weights;  ///< kOpenFaceFeatureCount.
  double offset = 0;
  bool present_above = true;  ///< Of presences: which side of 0 means that the unit is present.

  /// The bytes of a `.dat` file called `name`, as "AU_12_static_intensity_comb.dat".
  ///
  /// Errors  corrupt_input: a length, type or matrix that is not OpenFace's, or a number that is
  /// not finite;
  ///         invalid_argument: the name does not say a unit. The message names the file.
  static Result<OpenFacePredictor> parse(std::span<const std::byte> bytes, std::string_view name);

  /// Before the intensity is clamped to [0, 5]; above 0 on the side of present for a presence.
  /// `median` is looked at by dynamic predictors only.
  double value(const OpenFaceFeatures& features, const OpenFaceFeatures& median) const;
};

/// A number for each unit, indexed by ActionUnit: what its predictor says, an intensity before it
/// is clamped and a presence above 0 where the unit is there.
struct OpenFaceValues {
  std::array<double, kActionUnitIntensityCount> intensity{};
  std::array<double, kActionUnitCount> presence{};
};

OpenFaceValues operator-(const OpenFaceValues& a, const OpenFaceValues& b);

/// Clamped intensities, and which units are there.
ActionUnits action_units_of(const OpenFaceValues& values);

/// One face in one frame, as the predictors see it.
struct OpenFaceMeasurement {
  OpenFaceFeatures features{};
  OpenFaceValues values;    ///< Of a frame: before the median is taken off.
  bool of_picture = false;  ///< A picture of its own: `values` are of static predictors.
};

/// All predictors of a model folder. Baltrušaitis, Mahmoud, Robinson, "Cross-dataset learning and
/// person-specific normalisation for automatic Action Unit detection", FG 2015. The weights are for
/// research that is not commercial only; nothing of this is used unless the user names the folder.
///
/// Immutable; reentrant.
class OpenFacePredictors {
 public:
  /// Reads `folder`/svr_combined/*.dat and `folder`/svm_combined/*.dat.
  ///
  /// Errors  not_found: no such folder, or a unit has no predictor of an intensity or presence;
  ///         unavailable: a file cannot be read; those of OpenFacePredictor::parse.
  static Result<OpenFacePredictors> load(const std::filesystem::path& folder);

  /// Reads these files. `origin` names them all in messages. Errors as load.
  static Result<OpenFacePredictors> read(std::span<const std::filesystem::path> files,
                                         std::string_view origin);

  std::span<const OpenFacePredictor> all() const { return predictors_; }

  /// Of one picture: static predictors only.
  ActionUnits of_picture(const OpenFaceFeatures& features) const;

  /// Of a frame of a recording: dynamic predictors for the units whose intensity has one, static
  /// ones for the others, as OpenFace chooses them.
  ActionUnits of_frame(const OpenFaceFeatures& features, const OpenFaceFeatures& median) const;

  // The same in pieces, for predictors are linear: of_picture is action_units_of(picture_values),
  // of_frame is action_units_of(frame_values - rest_values) but for rounding.

  OpenFaceValues picture_values(const OpenFaceFeatures& features) const;
  OpenFaceValues frame_values(const OpenFaceFeatures& features) const;

  /// What a person's median takes off a frame's values; 0 for units with static predictors.
  OpenFaceValues rest_values(const OpenFaceFeatures& median) const;

  /// OpenFacePredictor::cutoff of the unit's predictor in recordings; absent for static ones.
  std::optional<double> cutoff(ActionUnit unit) const;

 private:
  /// Those that say what a unit does; `intensity` is null for AU28.
  struct Chosen {
    const OpenFacePredictor* intensity = nullptr;
    const OpenFacePredictor* presence = nullptr;
  };

  Chosen chosen(ActionUnit unit, bool in_recording) const;
  OpenFaceValues values(const OpenFaceFeatures& features, bool in_recording) const;
  const OpenFacePredictor* find(ActionUnit unit, OpenFacePredictor::Kind kind, bool dynamic) const;

  std::vector<OpenFacePredictor> predictors_;  ///< Sorted by name.
};

}  // namespace retinue
