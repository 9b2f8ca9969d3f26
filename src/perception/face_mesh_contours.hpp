/// Which points of the face mesh make its outlines.
///
/// Source: MediaPipe, `face_mesh_connections.py` (FACEMESH_CONTOURS, FACEMESH_NOSE and the iris
/// points), whose edges are joined here to polylines. Left and right are the person's.
#pragma once

#include <array>
#include <cstdint>

namespace retinue {

using LandmarkIndex = std::uint16_t;

// Closed: the last point joins the first.
inline constexpr std::array<LandmarkIndex, 36> kFaceOval = {
    10,  338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58,  132, 93,  234, 127, 162, 21,  54,  103, 67,  109};
inline constexpr std::array<LandmarkIndex, 20> kOuterLips = {
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185};
inline constexpr std::array<LandmarkIndex, 20> kInnerLips = {
    78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191};
inline constexpr std::array<LandmarkIndex, 16> kLeftEye = {263, 249, 390, 373, 374, 380, 381, 382,
                                                           362, 398, 384, 385, 386, 387, 388, 466};
inline constexpr std::array<LandmarkIndex, 16> kRightEye = {33,  7,   163, 144, 145, 153, 154, 155,
                                                            133, 173, 157, 158, 159, 160, 161, 246};
/// Lower edge outwards, upper edge back: the outline of the brow.
inline constexpr std::array<LandmarkIndex, 10> kLeftEyebrow = {285, 295, 282, 283, 276,
                                                               300, 293, 334, 296, 336};
inline constexpr std::array<LandmarkIndex, 10> kRightEyebrow = {55, 65, 52,  53, 46,
                                                                70, 63, 105, 66, 107};

// Open.
inline constexpr std::array<LandmarkIndex, 6> kNoseBridge = {168, 6, 197, 195, 5, 4};
inline constexpr std::array<LandmarkIndex, 5> kNoseBase = {98, 97, 2, 326, 327};

/// Centre first, then four points of the rim.
inline constexpr std::array<LandmarkIndex, 5> kRightIris = {468, 469, 470, 471, 472};
inline constexpr std::array<LandmarkIndex, 5> kLeftIris = {473, 474, 475, 476, 477};

inline constexpr LandmarkIndex kNoseTip = 4;

/// Middle of the lids' edges.
inline constexpr LandmarkIndex kRightUpperLid = 159;
inline constexpr LandmarkIndex kRightLowerLid = 145;
inline constexpr LandmarkIndex kLeftUpperLid = 386;
inline constexpr LandmarkIndex kLeftLowerLid = 374;

}  // namespace retinue
