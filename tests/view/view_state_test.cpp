#include "view/view_state.hpp"

#include <string>

#include <gmock/gmock.h>

namespace retinue {
namespace {

TEST(ViewKeys, HaveTheActionsOfTheContract) {
  EXPECT_EQ(action_of_key('q'), ViewAction::quit);
  EXPECT_EQ(action_of_key(' '), ViewAction::toggle_pause);
  EXPECT_EQ(action_of_key('m'), ViewAction::toggle_mirror);
  EXPECT_EQ(action_of_key('l'), ViewAction::toggle_landmarks);
  EXPECT_EQ(action_of_key('b'), ViewAction::toggle_boxes);
  EXPECT_EQ(action_of_key('g'), ViewAction::toggle_gaze);
}

TEST(ViewKeys, QuitWithEscapeToo) {
  EXPECT_EQ(action_of_key(27), ViewAction::quit);
}

TEST(ViewKeys, DoNothingThatIsNotListed) {
  for (const char key : {'a', 'z', '\t', '0'})
    EXPECT_FALSE(action_of_key(key)) << key;
}

TEST(ViewKeys, AreAllInTheHelp) {
  std::string keys;
  for (const KeyHelp& help : key_help())
    keys.append(help.key).append(" ");

  for (const char* key : {"q", "Esc", "space", "m", "l", "b", "g", "s", "h"})
    EXPECT_THAT(keys, testing::HasSubstr(key));
}

TEST(ViewState, ShowsEveryLayerAtFirst) {
  const ViewState state;

  EXPECT_TRUE(state.landmarks && state.boxes && state.gaze && state.blendshapes);
  EXPECT_FALSE(state.paused || state.mirrored || state.help);
}

TEST(ViewState, EachActionTogglesOneThing) {
  EXPECT_EQ(after(ViewAction::toggle_pause, {}), (ViewState{.paused = true}));
  EXPECT_EQ(after(ViewAction::toggle_mirror, {}), (ViewState{.mirrored = true}));
  EXPECT_EQ(after(ViewAction::toggle_landmarks, {}), (ViewState{.landmarks = false}));
  EXPECT_EQ(after(ViewAction::toggle_boxes, {}), (ViewState{.boxes = false}));
  EXPECT_EQ(after(ViewAction::toggle_gaze, {}), (ViewState{.gaze = false}));
  EXPECT_EQ(after(ViewAction::toggle_blendshapes, {}), (ViewState{.blendshapes = false}));
  EXPECT_EQ(after(ViewAction::toggle_help, {}), (ViewState{.help = true}));
  EXPECT_EQ(after(ViewAction::quit, {}), ViewState{});
}

TEST(ViewState, ASecondPressUndoesTheFirst) {
  for (const ViewAction action :
       {ViewAction::toggle_pause, ViewAction::toggle_mirror, ViewAction::toggle_landmarks,
        ViewAction::toggle_boxes, ViewAction::toggle_gaze, ViewAction::toggle_blendshapes,
        ViewAction::toggle_help}) {
    EXPECT_EQ(after(action, after(action, {})), ViewState{});
  }
}

}  // namespace
}  // namespace retinue
