/// The outputs of MediaPipe's two body models.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "postprocess/person_detection.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

/// `persons` becomes the persons in the outputs of one picture, best first. Their boxes are squares
/// around the circle that the model predicts, which holds the whole body: its centre is the middle
/// of the hips. Allocates nothing where it has room for all that are better than the minimum.
///
/// Bazarevsky et al., "BlazePose: On-device Real-time Body Pose tracking", CVPRW 2020. 2254
/// anchors, as in MediaPipe's pose_detection: two for each cell of stride 8, two of 16, six of 32,
/// at the cell's centre.
///
/// `outputs`: f32 [1, 2254, 12]: centre and size, then four keypoints, the first two of which are
/// the circle's centre and a point on it, all in pixels from the anchor; f32 [1, 2254, 1]: logits.
/// Or the other way round. The input is 224 x 224.
///
/// Errors  invalid_argument: outputs of other shapes or types. corrupt_input: a person with numbers
///         that are not finite.
Result<void> blazepose_persons(std::span<const TensorView> outputs,
                               const PersonDetectionSettings& settings,
                               std::vector<PersonDetection>& persons);

/// The landmarks of one body, in pixels of the input; world_m as the model sees it, in metres, not
/// turned back with the region.
///
/// BlazePose GHUM 3D model card, 2021.
///
/// `outputs`: f32 with 195 numbers: x, y, z, logits of visibility and presence for each of 39
/// points, 33 of which are landmarks; with 117: x, y, z of the world points; with 1: presence, a
/// probability. In any order; others are ignored.
///
/// Errors  invalid_argument: one of the outputs is missing. corrupt_input: numbers that are not
///         finite.
Result<BodyLandmarks<TensorPx>> blazepose_landmarks(std::span<const TensorView> outputs);

/// COCO's 17 among BlazePose's 33, visibility as score.
template <typename Space>
BodyKeypoints<Space> body_keypoints_of(const BodyLandmarks<Space>& landmarks) {
  constexpr std::array<std::size_t, kBodyKeypointCount> kIndices = {
      0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28};
  BodyKeypoints<Space> keypoints;
  for (std::size_t i = 0; i < kBodyKeypointCount; ++i)
    keypoints[i] = {landmarks.points[kIndices[i]].xy(), landmarks.visibility[kIndices[i]]};
  return keypoints;
}

}  // namespace retinue
