#include "task/face_embedding_task.hpp"

#include <utility>

#include "face/arcface_alignment.hpp"
#include "postprocess/face_embedding.hpp"
#include "task/face_picture_task.hpp"

namespace retinue {

Result<std::unique_ptr<Step>> create_face_embedding(std::shared_ptr<const Session> session) {
  constexpr float kMiddle = 127.5F;
  return create_face_picture_step(
      {.name = "embedding",
       .spec = {.mean = {kMiddle, kMiddle, kMiddle},
                .scale = {1 / kMiddle, 1 / kMiddle, 1 / kMiddle},
                .border = Border::constant},
       .open_side = 112,
       .place = [](const FaceIn<UprightPx>& face,
                   Size size) { return picture_from_arcface(face.keypoints, size); },
       .read = [](std::span<const TensorView> outputs, FaceIn<UprightPx>& face) -> Result<void> {
         face.embedding = TRY(read_face_embedding(outputs[0]));
         return {};
       }},
      std::move(session));
}

}  // namespace retinue
