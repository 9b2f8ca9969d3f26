#include "view/window.hpp"

#include <cstdlib>

#include <gmock/gmock.h>

namespace retinue {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// Each of these runs in a process of its own, as ctest starts them.
void set_displays(const char* x11, const char* wayland) {
  const auto set = [](const char* name, const char* value) {
    // NOLINTBEGIN(concurrency-mt-unsafe): there is one thread
    if (value == nullptr) {
      unsetenv(name);
    } else {
      setenv(name, value, 1);
    }
    // NOLINTEND(concurrency-mt-unsafe)
  };
  set("DISPLAY", x11);
  set("WAYLAND_DISPLAY", wayland);
  set("SDL_VIDEODRIVER", nullptr);
}

TEST(Window, SaysThatNoDisplayIsSet) {
  set_displays(nullptr, nullptr);

  const Result<std::unique_ptr<Window>> window = Window::create();

  ASSERT_FALSE(window);
  EXPECT_EQ(window.error().code(), ErrorCode::unavailable);
  EXPECT_THAT(window.error().message(), AllOf(HasSubstr("DISPLAY"), HasSubstr("not set")));
}

TEST(Window, NamesTheDisplayThatItCannotUse) {
  set_displays(":54321", nullptr);

  const Result<std::unique_ptr<Window>> window = Window::create();

  ASSERT_FALSE(window);
  EXPECT_THAT(window.error().message(), HasSubstr("DISPLAY=:54321"));
}

}  // namespace
}  // namespace retinue
