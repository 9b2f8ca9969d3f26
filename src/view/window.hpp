/// A window on the desktop: SDL, which no other module knows of.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "view/window_content.hpp"

namespace retinue {

/// Shows a WindowContent and obeys its keys. At most one in a process, made and used on the
/// process' main thread, as some systems demand; only `wake` is thread-safe.
///
/// SDL installs no signal handlers, and the screen saver stays as it is.
class Window {
 public:
  /// Why `show` returned.
  enum class End {
    quit,  ///< The user closed the window.
    over,  ///< The content is over.
  };

  /// Connects to the display; nothing is seen yet.
  ///
  /// Errors  unavailable: there is no display, or it cannot be used.
  static Result<std::unique_ptr<Window>> create();

  virtual ~Window() = default;
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;
  Window(Window&&) = delete;
  Window& operator=(Window&&) = delete;

  /// Shows `content` from when it has cells until the user quits or it is over. The window is gone
  /// afterwards.
  virtual End show(WindowContent& content) = 0;

  /// The content has something new, or is over.
  virtual void wake() = 0;

 protected:
  Window() = default;
};

}  // namespace retinue
