#include "view/view_state.hpp"

#include <array>

namespace retinue {

namespace {

constexpr std::int32_t kEscape = 27;

constexpr std::array<KeyHelp, 8> kKeyHelp = {{
    {"q, Esc", "quit"},
    {"space", "pause"},
    {"m", "mirror"},
    {"l", "landmarks"},
    {"b", "boxes"},
    {"g", "gaze, head direction"},
    {"s", "blendshapes"},
    {"h, ?", "these keys"},
}};

}  // namespace

std::optional<ViewAction> action_of_key(std::int32_t character) {
  switch (character) {
    case 'q':
    case kEscape:
      return ViewAction::quit;
    case ' ':
      return ViewAction::toggle_pause;
    case 'm':
      return ViewAction::toggle_mirror;
    case 'l':
      return ViewAction::toggle_landmarks;
    case 'b':
      return ViewAction::toggle_boxes;
    case 'g':
      return ViewAction::toggle_gaze;
    case 's':
      return ViewAction::toggle_blendshapes;
    case 'h':
    case '?':
      return ViewAction::toggle_help;
    default:
      return std::nullopt;
  }
}

ViewState after(ViewAction action, ViewState state) {
  const auto toggle = [](bool& flag) { flag = !flag; };
  switch (action) {
    case ViewAction::quit:
      break;
    case ViewAction::toggle_pause:
      toggle(state.paused);
      break;
    case ViewAction::toggle_mirror:
      toggle(state.mirrored);
      break;
    case ViewAction::toggle_landmarks:
      toggle(state.landmarks);
      break;
    case ViewAction::toggle_boxes:
      toggle(state.boxes);
      break;
    case ViewAction::toggle_gaze:
      toggle(state.gaze);
      break;
    case ViewAction::toggle_blendshapes:
      toggle(state.blendshapes);
      break;
    case ViewAction::toggle_help:
      toggle(state.help);
      break;
  }
  return state;
}

std::span<const KeyHelp> key_help() {
  return kKeyHelp;
}

}  // namespace retinue
