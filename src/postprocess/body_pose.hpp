/// The outputs of models that find the 17 points of one body in a region: MoveNet, SimCC heads and
/// heat-map heads. All answers are in pixels of the model's input, corner origin.
///
/// Errors  invalid_argument: outputs of other shapes or types. corrupt_input: numbers that are not
///         finite.
#pragma once

#include <span>

#include "base/result.hpp"
#include "perception/person.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

/// MoveNet for a single pose. `outputs`: one of f32 with 51 numbers: y and x as shares of the
/// input, and score, of each keypoint. Google, "MoveNet.SinglePose" model card, 2021.
Result<BodyKeypoints<TensorPx>> movenet_keypoints(std::span<const TensorView> outputs,
                                                  Size input_size);

/// RTMPose and other SimCC heads. `outputs`: f32 [1, 17, W · k] and [1, 17, H · k]: for each
/// keypoint a score for each k-th of a pixel's column and row; the keypoint is where both are
/// greatest, its score the lesser of the two maxima, in [0, 1].
///
/// Li et al., "SimCC: a Simple Coordinate Classification Perspective for Human Pose Estimation",
/// ECCV 2022; Jiang et al., "RTMPose", 2023. Bin i is the pixel centre i / k: the corner convention
/// adds a half.
Result<BodyKeypoints<TensorPx>> simcc_keypoints(std::span<const TensorView> outputs,
                                                Size input_size);

/// Heat-map heads (SimpleBaseline, HRNet, ViTPose). `outputs`: one of f32 [1, 17, h, w]; the
/// keypoint is the cell with the greatest value, moved by a quarter of a cell towards the greater
/// of its neighbours in each direction; its score that value, in [0, 1]. Cell i stands for the
/// pixel centre i · W / w: the corner convention adds a half.
///
/// Xiao, Wu, Wei, "Simple Baselines for Human Pose Estimation and Tracking", ECCV 2018.
Result<BodyKeypoints<TensorPx>> heatmap_keypoints(std::span<const TensorView> outputs,
                                                  Size input_size);

}  // namespace retinue
