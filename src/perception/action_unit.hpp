/// Facial action units: what the muscles of a face do, after the Facial Action Coding System.
/// Ekman, Friesen, Hager, "Facial Action Coding System", 2002.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace retinue {

/// The number in a name is the system's own. Those with an intensity come first.
enum class ActionUnit : std::uint8_t {
  au01,  ///< Inner brow raiser.
  au02,  ///< Outer brow raiser.
  au04,  ///< Brow lowerer.
  au05,  ///< Upper lid raiser.
  au06,  ///< Cheek raiser.
  au07,  ///< Lid tightener.
  au09,  ///< Nose wrinkler.
  au10,  ///< Upper lip raiser.
  au12,  ///< Lip corner puller.
  au14,  ///< Dimpler.
  au15,  ///< Lip corner depressor.
  au17,  ///< Chin raiser.
  au20,  ///< Lip stretcher.
  au23,  ///< Lip tightener.
  au25,  ///< Lips part.
  au26,  ///< Jaw drop.
  au45,  ///< Blink.
  au28   ///< Lip suck: presence only.
};
inline constexpr std::size_t kActionUnitCount = 18;
inline constexpr std::size_t kActionUnitIntensityCount = 17;

/// "AU01", in the order of the enumeration.
inline constexpr std::array<std::string_view, kActionUnitCount> kActionUnitNames = {
    "AU01", "AU02", "AU04", "AU05", "AU06", "AU07", "AU09", "AU10", "AU12",
    "AU14", "AU15", "AU17", "AU20", "AU23", "AU25", "AU26", "AU45", "AU28"};

/// Of one face in one frame; elements are indexed by ActionUnit.
struct ActionUnits {
  /// In [0, 5]: 0 nothing, 1 a trace, 5 as far as it goes (levels A to E of the system).
  std::array<float, kActionUnitIntensityCount> intensity{};
  std::array<bool, kActionUnitCount> present{};
};

}  // namespace retinue
