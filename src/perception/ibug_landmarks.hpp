/// The 68 points of the iBUG 300-W annotation, as points of the face mesh.
/// Sagonas, Tzimiropoulos, Zafeiriou, Pantic, "300 Faces in-the-Wild Challenge", ICCVW 2013.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace retinue {

inline constexpr std::size_t kIbugLandmarkCount = 68;

/// Index of the mesh's landmark for each of the 68: outline, brows, nose, eyes, outer lips, inner
/// lips. The same as in tools/accuracy.py, which measures how well they agree.
inline constexpr std::array<std::uint16_t, kIbugLandmarkCount> kMeshOfIbug = {
    162, 234, 93,  58,  172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 389,
    71,  63,  105, 66,  107, 336, 296, 334, 293, 301, 168, 197, 5,   4,   75,  97,  2,
    326, 305, 33,  160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380, 61,  39,  37,
    0,   267, 269, 291, 405, 314, 17,  84,  181, 78,  82,  13,  312, 308, 317, 14,  87};

}  // namespace retinue
