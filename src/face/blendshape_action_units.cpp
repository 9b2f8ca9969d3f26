#include "face/blendshape_action_units.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

namespace retinue {

namespace {

/// A coefficient that has a left and a right counts as their mean under its name without them.
struct Term {
  ActionUnit unit;
  std::string_view blendshape;
  float weight;
};

/// docs/action-units.md repeats these with their reasons.
constexpr std::array kTerms = {
    Term{ActionUnit::au01, "browInnerUp", 1},       Term{ActionUnit::au02, "browOuterUp", 1},
    Term{ActionUnit::au04, "browDown", 1},          Term{ActionUnit::au05, "eyeWide", 1},
    Term{ActionUnit::au07, "eyeSquint", 1},         Term{ActionUnit::au10, "mouthUpperUp", 1},
    Term{ActionUnit::au10, "mouthSmile", -0.4F},    Term{ActionUnit::au12, "mouthSmile", 1},
    Term{ActionUnit::au14, "mouthDimple", 1},       Term{ActionUnit::au15, "mouthFrown", 1},
    Term{ActionUnit::au17, "mouthShrugLower", 1},   Term{ActionUnit::au20, "mouthStretch", 1},
    Term{ActionUnit::au20, "mouthSmile", -0.2F},    Term{ActionUnit::au23, "mouthPress", 0.6F},
    Term{ActionUnit::au23, "mouthRollLower", 0.2F}, Term{ActionUnit::au23, "mouthRollUpper", 0.2F},
    Term{ActionUnit::au26, "jawOpen", 1},           Term{ActionUnit::au45, "eyeBlink", 1},
    Term{ActionUnit::au28, "mouthRollLower", 0.5F}, Term{ActionUnit::au28, "mouthRollUpper", 0.5F},
};

struct IndexedTerm {
  std::size_t unit;
  std::size_t blendshape;
  float weight;
};

std::size_t index_of(std::string_view blendshape) {
  const auto& names = blendshape_names();
  const auto* const found = std::ranges::find(names, blendshape);
  assert(found != names.end());
  return static_cast<std::size_t>(found - names.begin());
}

std::vector<IndexedTerm> indexed_terms() {
  std::vector<IndexedTerm> indexed;
  for (const Term& term : kTerms) {
    const auto unit = static_cast<std::size_t>(term.unit);
    const std::string name(term.blendshape);
    if (std::ranges::find(blendshape_names(), name) != blendshape_names().end()) {
      indexed.push_back({unit, index_of(name), term.weight});
    } else {
      indexed.push_back({unit, index_of(name + "Left"), term.weight / 2});
      indexed.push_back({unit, index_of(name + "Right"), term.weight / 2});
    }
  }
  return indexed;
}

float mean_of_sides(const Blendshapes& blendshapes, std::size_t left) {
  return (blendshapes[left] + blendshapes[left + 1]) / 2;  // The right follows the left.
}

float distance(const Point3<FramePx>& a, const Point3<FramePx>& b) {
  return std::hypot(a.x - b.x, a.y - b.y, a.z - b.z);
}

/// Of the mesh, over the distance of the outer eye corners.
struct MeshMeasures {
  float nose_wing_to_eye = 0;  ///< From the nose wings to the inner eye corners; mean of the sides.
  float lip_gap = 0;           ///< Between the middles of the inner lips.
};

MeshMeasures measures_of(std::span<const Point3<FramePx>> landmarks) {
  constexpr std::size_t kRightOuterCorner = 33;
  constexpr std::size_t kLeftOuterCorner = 263;
  constexpr std::size_t kRightInnerCorner = 133;
  constexpr std::size_t kLeftInnerCorner = 362;
  constexpr std::size_t kRightNoseWing = 129;
  constexpr std::size_t kLeftNoseWing = 358;
  constexpr std::size_t kUpperLip = 13;
  constexpr std::size_t kLowerLip = 14;
  assert(landmarks.size() == kFaceLandmarkCount);
  const auto between = [landmarks](std::size_t a, std::size_t b) {
    return distance(landmarks[a], landmarks[b]);
  };
  const float eyes = std::max(between(kRightOuterCorner, kLeftOuterCorner), 1e-3F);
  return {.nose_wing_to_eye = (between(kRightNoseWing, kRightInnerCorner) +
                               between(kLeftNoseWing, kLeftInnerCorner)) /
                              (2 * eyes),
          .lip_gap = between(kUpperLip, kLowerLip) / eyes};
}

}  // namespace

ActionUnitActivations action_unit_activations(const Blendshapes& blendshapes,
                                              std::span<const Point3<FramePx>> landmarks) {
  static const std::vector<IndexedTerm> terms = indexed_terms();
  static const std::size_t eye_squint = index_of("eyeSquintLeft");
  static const std::size_t mouth_smile = index_of("mouthSmileLeft");
  ActionUnitActivations activations{};
  for (const IndexedTerm& term : terms)
    activations[term.unit] += term.weight * blendshapes[term.blendshape];

  const auto of = [&activations](ActionUnit unit) -> float& {
    return activations[static_cast<std::size_t>(unit)];
  };
  const float squint = mean_of_sides(blendshapes, eye_squint);
  const float smile = mean_of_sides(blendshapes, mouth_smile);
  of(ActionUnit::au06) = std::sqrt(std::max(0.0F, squint * smile));
  const MeshMeasures mesh = measures_of(landmarks);
  // The wings of a nose at rest are 0.43 of the eyes' distance from the corners, and 0.08 nearer
  // when it is wrinkled as far as it goes; a broad smile alone brings them 0.04 nearer.
  of(ActionUnit::au09) = (0.43F - mesh.nose_wing_to_eye) / 0.08F - 0.5F * smile;
  of(ActionUnit::au25) = mesh.lip_gap;
  for (float& activation : activations)
    activation = std::clamp(activation, 0.0F, 1.0F);
  return activations;
}

const std::array<ActionUnitScale, kActionUnitCount>& action_unit_scales() {
  static constexpr std::array<ActionUnitScale, kActionUnitCount> kScales = {{
      {.neutral = 0.05F, .full = 0.80F, .max_shift = 0.50F},   // AU01
      {.neutral = 0.08F, .full = 0.70F, .max_shift = 0.40F},   // AU02
      {.neutral = 0.02F, .full = 0.80F, .max_shift = 0.60F},   // AU04
      {.neutral = 0.006F, .full = 0.15F, .max_shift = 0.08F},  // AU05
      {.neutral = 0.10F, .full = 0.90F, .max_shift = 0.20F},   // AU06
      {.neutral = 0.35F, .full = 0.85F, .max_shift = 0.30F},   // AU07
      {.neutral = 0.10F, .full = 1.00F, .max_shift = 0.50F},   // AU09
      {.neutral = 0.03F, .full = 0.80F, .max_shift = 0.15F},   // AU10
      {.neutral = 0.05F, .full = 1.00F, .max_shift = 0.20F},   // AU12
      {.neutral = 0.01F, .full = 0.25F, .max_shift = 0.10F},   // AU14
      {.neutral = 0.00F, .full = 0.20F, .max_shift = 0.08F},   // AU15
      {.neutral = 0.01F, .full = 0.70F, .max_shift = 0.20F},   // AU17
      {.neutral = 0.02F, .full = 0.50F, .max_shift = 0.15F},   // AU20
      {.neutral = 0.05F, .full = 0.45F, .max_shift = 0.20F},   // AU23
      {.neutral = 0.01F, .full = 0.30F, .max_shift = 0.04F},   // AU25
      {.neutral = 0.02F, .full = 0.75F, .max_shift = 0.10F},   // AU26
      {.neutral = 0.15F, .full = 0.75F, .max_shift = 0.25F},   // AU45
      {.neutral = 0.10F, .full = 0.60F, .max_shift = 0.15F},   // AU28
  }};
  return kScales;
}

ActionUnits action_units_above(const ActionUnitActivations& neutral,
                               const ActionUnitActivations& activations) {
  constexpr float kMaxIntensity = 5;
  constexpr float kPresentFrom = 1;
  ActionUnits units;
  for (std::size_t i = 0; i < kActionUnitCount; ++i) {
    const ActionUnitScale& scale = action_unit_scales()[i];
    const float intensity =
        std::clamp(kMaxIntensity * (activations[i] - neutral[i]) / (scale.full - scale.neutral),
                   0.0F, kMaxIntensity);
    if (i < kActionUnitIntensityCount) units.intensity[i] = intensity;
    units.present[i] = intensity >= kPresentFrom;
  }
  return units;
}

}  // namespace retinue
