/// The common form of tasks that ask a model about a picture of each face: where the picture is
/// taken, how it is prepared, and what the answer means. Such a task is these four things.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/result.hpp"
#include "geometry/affine.hpp"
#include "task/step.hpp"

namespace retinue {

struct FacePictureTask {
  std::string_view name;  ///< The task's, in statistics.
  SampleSpec spec;        ///< float32, nchw.
  int open_side = 0;      ///< Of the square input, where the model leaves it open.
  /// Where the face is: from the model's input of `size` to the picture.
  Affine<UprightPx, TensorPx> (*place)(const FaceIn<UprightPx>& face, Size size) = nullptr;
  /// Takes the model's outputs for one face.
  Result<void> (*read)(std::span<const TensorView> outputs, FaceIn<UprightPx>& face) = nullptr;
};

/// One request a face. The model takes f32 [N, C, S, S], C as the spec has channels.
///
/// Errors  unsupported: it does not.
Result<std::unique_ptr<Step>> create_face_picture_step(const FacePictureTask& task,
                                                       std::shared_ptr<const Session> session);

}  // namespace retinue
