/// The outputs of the YOLO families of Ultralytics and kin as persons. All are in pixels of the
/// input; in each, `persons` becomes the persons in the output of one picture, best first, and
/// nothing is allocated where it has room for all that are better than the minimum.
///
/// Errors  invalid_argument: outputs of other shapes or types. corrupt_input: a person with numbers
///         that are not finite.
#pragma once

#include <span>
#include <vector>

#include "base/result.hpp"
#include "postprocess/person_detection.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

/// YOLOv5 and v7, anchors applied. One output, f32 [1, N, 5 + classes]: centre, size, objectness
/// and the probability of each class; the score is the product of the last two. Jocher et al.,
/// "YOLOv5", doi:10.5281/zenodo.3908559, 2020.
Result<void> yolov5_persons(std::span<const TensorView> outputs,
                            const PersonDetectionSettings& settings,
                            std::vector<PersonDetection>& persons);

/// YOLOX whose graph decodes its boxes (`--decode_in_inference`): rows as of YOLOv5. The raw head
/// is yolox_persons'.
Result<void> yolox_decoded_persons(std::span<const TensorView> outputs,
                                   const PersonDetectionSettings& settings,
                                   std::vector<PersonDetection>& persons);

/// YOLOv8, v9, v11, v12, anchor-free. One output, f32 [1, 4 + classes, N]: centre, size, and the
/// probability of each class.
/// Jocher, Chaurasia, Qiu, "Ultralytics YOLO", 2023.
Result<void> yolov8_persons(std::span<const TensorView> outputs,
                            const PersonDetectionSettings& settings,
                            std::vector<PersonDetection>& persons);

/// YOLOv10 and YOLO26, end to end: nothing overlaps, and nothing is suppressed. One output, f32
/// [1, N, 6]: left, top, right, bottom, score, index of the class; of pose models [1, N, 57], the
/// keypoints behind that.
/// Wang et al., "YOLOv10: Real-Time End-to-End Object Detection", NeurIPS 2024.
Result<void> yolov10_persons(std::span<const TensorView> outputs,
                             const PersonDetectionSettings& settings,
                             std::vector<PersonDetection>& persons);

/// YOLOv8-pose and its successors. One output, f32 [1, 5 + 17 · 3, N]: centre, size, score, and x,
/// y, probability of each keypoint; [1, 5 + 17 · 2, N] of models whose keypoints have no
/// probability: they get the person's score. Maji et al., "YOLO-Pose", CVPRW 2022.
Result<void> yolo_pose_persons(std::span<const TensorView> outputs,
                               const PersonDetectionSettings& settings,
                               std::vector<PersonDetection>& persons);

}  // namespace retinue
