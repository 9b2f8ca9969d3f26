/// A statistical model of the shapes that faces take, as 68 points in three dimensions.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "geometry/point.hpp"
#include "geometry/space.hpp"
#include "perception/ibug_landmarks.hpp"

namespace retinue {

inline constexpr std::size_t kShapeModeCount = 34;
inline constexpr std::size_t kShapeCoordinateCount = 3 * kIbugLandmarkCount;

/// Where the model's shape lies in a picture, in scaled orthographic projection:
/// point = scale · (R · shape)_xy + translation, with R = Rx · Ry · Rz in camera axes.
struct ShapeFit {
  double scale = 0;  ///< Pixels for a unit of the model.
  std::array<double, 3> rotation_rad{};
  std::array<double, 2> translation_px{};
  std::array<double, kShapeModeCount> modes{};
};

/// The point distribution model of OpenFace: shape = mean + modes · parameters, coordinates in the
/// order x_0 … x_67, y_0 …, z_0 …, in millimetres of an average face.
/// Baltrušaitis, Robinson, Morency, "Constrained Local Neural Fields for robust facial landmark
/// detection in the wild", ICCVW 2013. Immutable; reentrant.
class ShapeModel {
 public:
  /// OpenFace's text: three matrices (mean 204x1, modes 204x34, variances of the modes), each as
  /// rows, columns, element type (6) and its numbers row by row; lines that begin with # are not
  /// read. `origin` names the text in messages.
  ///
  /// Errors  corrupt_input: a matrix is missing or of another shape, something is not a finite
  ///         number, a variance is not above 0.
  static Result<ShapeModel> parse(std::string_view text, std::string_view origin);

  /// A file's bytes: OpenFace's text, or the MAT-file that it was made from, with the matrices M
  /// (mean), V (modes) and E (variances). Errors as parse.
  static Result<ShapeModel> read(std::span<const std::byte> bytes, std::string_view origin);

  /// The shape nearest to `landmarks`: the least sum of squared distances in pixels plus squared
  /// parameters over their variances (the prior that a face is likely). Levenberg-Marquardt from
  /// the mean shape.
  ShapeFit fit(std::span<const Point<UprightPx>, kIbugLandmarkCount> landmarks) const;

  std::span<const double> mean() const { return mean_; }

  /// modes · parameters: how the face differs from the mean. `out`: kShapeCoordinateCount.
  void deformation(const ShapeFit& fit, std::span<double> out) const;

 private:
  ShapeModel() = default;

  static Result<ShapeModel> from_mat_file(std::span<const std::byte> bytes,
                                          std::string_view origin);
  Result<void> check(std::string_view origin) const;

  std::vector<double> mean_;       ///< kShapeCoordinateCount.
  std::vector<double> modes_;      ///< Row-major [kShapeCoordinateCount, kShapeModeCount].
  std::vector<double> variances_;  ///< kShapeModeCount.
};

}  // namespace retinue
