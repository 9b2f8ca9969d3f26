/// How a face looks to people: the basic emotions.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace retinue {

/// Ekman's six and a face at rest, in the order of FER2013, the data set that has them.
inline constexpr std::array<std::string_view, 7> kEmotionNames = {
    "angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"};

/// The probability of each emotion of kEmotionNames, in [0, 1]; their sum is 1.
using Emotions = std::array<float, kEmotionNames.size()>;

}  // namespace retinue
