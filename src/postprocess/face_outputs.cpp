#include "postprocess/face_outputs.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace retinue {

namespace {

bool is_finite(const FaceIn<TensorPx>& face) {
  const Box<TensorPx>& box = face.box;
  return std::isfinite(face.score) && std::isfinite(box.x) && std::isfinite(box.y) &&
         std::isfinite(box.width) && std::isfinite(box.height) &&
         std::ranges::all_of(face.keypoints, [](const Point<TensorPx>& p) {
           return std::isfinite(p.x) && std::isfinite(p.y);
         });
}

}  // namespace

Result<void> check_finite(const std::vector<FaceIn<TensorPx>>& faces, std::string_view model) {
  if (std::ranges::all_of(faces, is_finite)) return {};
  return fail(ErrorCode::corrupt_input, "reading " + std::string(model) +
                                            "'s outputs: a face has numbers that are not finite");
}

}  // namespace retinue
