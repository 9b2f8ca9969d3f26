/// MediaPipe's blendshape network: which landmarks it reads and what its output means.
#pragma once

#include <array>
#include <span>

#include "base/result.hpp"
#include "geometry/point.hpp"
#include "geometry/space.hpp"
#include "perception/face.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

/// How many of the mesh's landmarks the network reads.
inline constexpr std::size_t kBlendshapeLandmarkCount = 146;

/// Writes the landmarks that the network reads. It normalises them itself, so any similarity of the
/// picture gives the same answer, but pixels must be square.
///
/// `landmarks`: kFaceLandmarkCount points. `input`: f32 [1, 146, 2].
///
/// Errors  invalid_argument: another number of landmarks, another shape or type of input.
Result<void> write_blendshape_landmarks(std::span<const Point3<UprightPx>> landmarks,
                                        TensorView input);

/// `output`: f32 with 52 numbers, in the order of blendshape_names(). Clamped to [0, 1].
///
/// MediaPipe Blendshape V2 model card, 2022. The indices are those of MediaPipe's
/// face_blendshapes_graph.cc (Apache-2.0).
///
/// Errors  invalid_argument: another number or type; corrupt_input: numbers that are not finite.
Result<Blendshapes> read_blendshapes(const TensorView& output);

}  // namespace retinue
