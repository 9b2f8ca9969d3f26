/// Action units from blendshapes and the mesh: how far each unit is drawn, and what that means.
#pragma once

#include <array>
#include <span>

#include "geometry/point.hpp"
#include "geometry/space.hpp"
#include "perception/action_unit.hpp"
#include "perception/face.hpp"

namespace retinue {

/// How far each unit is drawn, in [0, 1], indexed by ActionUnit. In units of its own, which
/// ActionUnitScale explains.
using ActionUnitActivations = std::array<float, kActionUnitCount>;

/// Weighted sums of blendshapes, after what Apple says that each coefficient moves
/// (ARFaceAnchor.BlendShapeLocation) and what the Facial Action Coding System says that each unit
/// moves. A unit of two sides is the mean of both. docs/action-units.md has the table with a reason
/// for every line. Three units need more than a sum:
///
///   AU06  sqrt(eyeSquint · mouthSmile): the model's own cheekSquint is always 0.
///   AU09  how near the nose wings are to the inner eye corners, less what a smile does to that:
///         the model's own noseSneer is always 0.
///   AU25  the gap between the inner lips.
///
/// Distances are over that of the outer eye corners, all in three dimensions, so that they hardly
/// depend on where the head turns. `landmarks`: kFaceLandmarkCount points; where pixels are not
/// square the distances are as wrong as the pixels are.
ActionUnitActivations action_unit_activations(const Blendshapes& blendshapes,
                                              std::span<const Point3<FramePx>> landmarks);

/// What activations of a unit mean, for people in general. From the distribution of the
/// coefficients over still faces and strong expressions: the model gives some of its coefficients
/// much less than their range.
struct ActionUnitScale {
  float neutral;  ///< Of a face at rest.
  float full;     ///< From where on the unit is at its maximum.
  /// How far above `neutral` a person's own neutral may lie. Small where people hold an expression
  /// for a whole recording: a long smile is no neutral face.
  float max_shift;
};
const std::array<ActionUnitScale, kActionUnitCount>& action_unit_scales();

/// Intensities and presences of `activations` for a person whose face at rest has `neutral`:
/// intensity = 5 · (activation − neutral) / (full − neutral of the scale), clamped to [0, 5]; a
/// unit is present from intensity 1 on. AU28's presence is decided in the same way.
ActionUnits action_units_above(const ActionUnitActivations& neutral,
                               const ActionUnitActivations& activations);

}  // namespace retinue
