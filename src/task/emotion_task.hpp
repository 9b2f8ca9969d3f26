/// The task "emotion": which of the basic emotions each face shows.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "task/step.hpp"

namespace retinue {

/// For models of the family fer2013. A square around the face (face_square), turned upright; grey,
/// -1..1, as mini_XCEPTION was trained: Arriaga, Valdenegro-Toro, Plöger, "Real-time Convolutional
/// Neural Networks for Emotion and Gender Classification", 2017.
///
/// Errors  unsupported: another input.
Result<std::unique_ptr<Step>> create_emotion(std::shared_ptr<const Session> session);

}  // namespace retinue
