#include "task/emotion_task.hpp"

#include <utility>

#include "postprocess/emotions.hpp"
#include "task/face_picture_task.hpp"
#include "task/face_region.hpp"

namespace retinue {

namespace {

/// FER2013's pictures reach from the brows or the hair to the chin. Of scales from 0.8 to 1.6 and
/// shifts of 0 and 0.05 this kept the least sure of ten smiles happiest (0.93) and took a surprised
/// and a neutral face for what they are; from 1.2 on the net was less sure of all of them.
constexpr FaceSquare kSquare{.scale = 1, .shift_to_chin = 0.05F, .min_side_px = 2};

Affine<UprightPx, TensorPx> place(const FaceIn<UprightPx>& face, Size size) {
  return region_from_tensor(face_square(face, kSquare), size);
}

}  // namespace

Result<std::unique_ptr<Step>> create_emotion(std::shared_ptr<const Session> session) {
  constexpr float kMiddle = 127.5F;
  return create_face_picture_step(
      {.name = "emotion",
       .spec = {.channels = ChannelOrder::grey, .mean = {kMiddle}, .scale = {1 / kMiddle}},
       .open_side = 64,
       .place = place,
       .read = [](std::span<const TensorView> outputs, FaceIn<UprightPx>& face) -> Result<void> {
         face.emotions = TRY(read_emotions(outputs[0]));
         return {};
       }},
      std::move(session));
}

}  // namespace retinue
