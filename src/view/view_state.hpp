/// What the keys of a window change.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace retinue {

struct ViewState {
  bool paused = false;
  bool mirrored = false;
  bool landmarks = true;
  bool boxes = true;
  bool gaze = true;  ///< Where people look, and the direction of the head.
  bool blendshapes = true;
  bool help = false;  ///< The keys are shown.

  friend bool operator==(const ViewState&, const ViewState&) = default;
};

enum class ViewAction {
  quit,
  toggle_pause,
  toggle_mirror,
  toggle_landmarks,
  toggle_boxes,
  toggle_gaze,
  toggle_blendshapes,
  toggle_help,
};

/// What a key does; nothing for other keys. `character`: what the key types without modifiers, as
/// ASCII (27 is Escape).
std::optional<ViewAction> action_of_key(std::int32_t character);

/// The state after an action; `quit` changes nothing.
ViewState after(ViewAction action, ViewState state);

/// A key and what it does, for people.
struct KeyHelp {
  std::string_view key;
  std::string_view what;
};

std::span<const KeyHelp> key_help();

}  // namespace retinue
