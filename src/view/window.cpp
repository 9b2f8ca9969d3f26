#include "view/window.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#define SDL_MAIN_HANDLED  // main() is ours.
#include <SDL.h>

#include "base/mutex.hpp"
#include "view/grid.hpp"

namespace retinue {

namespace {

using Clock = std::chrono::steady_clock;

/// How soon a key is seen. SDL could wait for keys and be woken by other threads; but on X it does
/// so by a message to the window, which ends the process if the window has just gone.
constexpr std::chrono::milliseconds kKeyInterval{10};
/// Figures change without a new picture, too.
constexpr std::chrono::milliseconds kLongestStale{250};
/// How long the window waits for the first picture, whose size it takes.
constexpr std::chrono::milliseconds kFirstPictureWait{1500};
constexpr Size kSizeWithoutPicture{960, 540};
/// Of the screen, for what the desktop puts around windows.
constexpr double kShareOfScreen = 0.9;

/// Empty when it is not set.
std::string environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing here sets it
  return value == nullptr ? "" : value;
}

/// The displays that the environment names, and SDL's drivers for them.
struct Displays {
  std::string names;
  std::string drivers;
};

Displays displays() {
  Displays found;
  const auto add = [&found](const char* variable, const char* driver) {
    const std::string name = environment(variable);
    if (name.empty()) return;
    const char* separator = found.names.empty() ? "" : ",";
    found.names.append(separator).append(variable).append("=").append(name);
    found.drivers.append(separator).append(driver);
  };
  add("DISPLAY", "x11");
  add("WAYLAND_DISPLAY", "wayland");
  // Left to itself, SDL would go on to drivers that show nothing to anybody; the user may want one.
  if (const std::string chosen = environment("SDL_VIDEODRIVER"); !chosen.empty())
    found = {.names = "SDL_VIDEODRIVER=" + chosen, .drivers = chosen};
  return found;
}

tl::unexpected<Error> no_display(const std::string& why) {
  return fail(ErrorCode::unavailable, "opening a window: no display: " + why);
}

struct DestroyWindow {
  void operator()(SDL_Window* window) const { SDL_DestroyWindow(window); }
};
struct FreeSurface {
  void operator()(SDL_Surface* surface) const { SDL_FreeSurface(surface); }
};

/// SDL's video part, for as long as it lives.
class Video {
 public:
  Video() = default;
  ~Video() {
    if (started_) SDL_Quit();
  }
  Video(const Video&) = delete;
  Video& operator=(const Video&) = delete;
  Video(Video&&) = delete;
  Video& operator=(Video&&) = delete;

  Result<void> start() {
    const Displays found = displays();
    if (found.names.empty()) return no_display("DISPLAY and WAYLAND_DISPLAY are not set");
    SDL_SetMainReady();
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
    SDL_SetHint(SDL_HINT_APP_NAME, "retinue");
    SDL_SetHint(SDL_HINT_VIDEODRIVER, found.drivers.c_str());
    if (SDL_Init(SDL_INIT_VIDEO) != 0)
      return no_display("connecting to " + found.names + ": " + SDL_GetError());
    started_ = true;
    // Keys are commands here, no text for an input method.
    SDL_StopTextInput();
    // Pictures are made on the CPU: X gets them by shared memory, without a detour over OpenGL.
    const char* driver = SDL_GetCurrentVideoDriver();
    if (driver != nullptr && std::string(driver) == "x11")
      SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
    return {};
  }

 private:
  bool started_ = false;
};

class SdlWindow final : public Window {
 public:
  Result<void> open() {
    TRY(video_.start());
    window_.reset(SDL_CreateWindow("retinue", SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED,
                                   kSizeWithoutPicture.width, kSizeWithoutPicture.height,
                                   SDL_WINDOW_HIDDEN | SDL_WINDOW_RESIZABLE));
    if (!window_) return no_display(SDL_GetError());
    return {};
  }

  End show(WindowContent& content) override;
  void wake() override;

 private:
  End end(End end);
  /// True if somebody called `wake`.
  bool wait_until(Clock::time_point deadline);
  /// True when the user quits.
  bool obey_events(WindowContent& content);
  bool obey(const SDL_Event& event, WindowContent& content);
  bool is_visible() const;
  /// Shows the window once its first size is known.
  bool has_appeared(WindowContent& content);
  void fit(const WindowContent& content);
  /// A first picture that came behind the window gives it its size, unless the user already has.
  void fit_late_picture(const WindowContent& content);
  void repaint(WindowContent& content);
  Preview pixels_of(const CellArea& area);
  bool prepare_pixels(Size size);

  Video video_;
  std::unique_ptr<SDL_Window, DestroyWindow> window_;
  /// The whole window, in the format of Preview.
  std::unique_ptr<SDL_Surface, FreeSurface> pixels_;
  std::optional<Clock::time_point> cells_since_;
  bool all_dirty_ = true;
  ViewState state_;
  std::string title_;
  Size fitted_size_ = kSizeWithoutPicture;
  bool fits_picture_ = false;

  Mutex mutex_;
  std::condition_variable_any woken_;
  bool wake_wanted_ GUARDED_BY(mutex_) = false;
};

Window::End SdlWindow::show(WindowContent& content) {
  Clock::time_point next_repaint = Clock::now();
  bool shown = false;
  bool has_news = true;
  for (;;) {
    const Clock::time_point next_look = Clock::now() + kKeyInterval;
    const bool waits_for_news = !shown || !(has_news || all_dirty_);
    if (wait_until(waits_for_news ? next_look : std::min(next_look, next_repaint))) has_news = true;
    if (obey_events(content)) return end(End::quit);
    // Asked before the last look at what is new, and after it.
    const bool was_over = content.is_over(state_);
    if (!shown && has_appeared(content)) shown = true;
    const Clock::time_point now = Clock::now();
    const bool is_stale = has_news || all_dirty_ || now - next_repaint > kLongestStale;
    if (shown && is_stale && now >= next_repaint) {
      next_repaint = now + content.repaint_interval();
      has_news = false;
      repaint(content);
    }
    if (was_over && content.is_over(state_)) return end(End::over);
  }
}

Window::End SdlWindow::end(End end) {
  window_.reset();
  return end;
}

bool SdlWindow::has_appeared(WindowContent& content) {
  if (content.cell_count() == 0) return false;
  if (!cells_since_) cells_since_ = Clock::now();
  for (std::size_t cell = 0; cell < content.cell_count(); ++cell)
    content.update(cell, state_);
  if (!content.picture_size() && Clock::now() - *cells_since_ < kFirstPictureWait) return false;
  fit(content);
  SDL_ShowWindow(window_.get());
  return true;
}

void SdlWindow::wake() {
  {
    const MutexLock lock(mutex_);
    wake_wanted_ = true;
  }
  woken_.notify_one();
}

bool SdlWindow::wait_until(Clock::time_point deadline) {
  const MutexLock lock(mutex_);
  // The analysis does not follow the lock into the lambda.
  woken_.wait_until(mutex_, deadline,
                    [this]() RETINUE_TSA(no_thread_safety_analysis) { return wake_wanted_; });
  return std::exchange(wake_wanted_, false);
}

bool SdlWindow::obey_events(WindowContent& content) {
  SDL_Event event;
  while (SDL_PollEvent(&event) != 0) {
    if (obey(event, content)) return true;
  }
  return false;
}

bool SdlWindow::obey(const SDL_Event& event, WindowContent& content) {
  if (event.type == SDL_QUIT) return true;
  if (event.type == SDL_WINDOWEVENT) {
    // Uncovered, resized, restored: what is shown is not what was painted.
    all_dirty_ = true;
    return event.window.event == SDL_WINDOWEVENT_CLOSE;
  }
  if (event.type != SDL_KEYDOWN || event.key.repeat != 0) return false;
  constexpr auto kShortcuts = KMOD_CTRL | KMOD_ALT | KMOD_GUI;
  const SDL_Keysym& key = event.key.keysym;
  if ((key.mod & kShortcuts) != 0) return false;
  // With Shift, the key of '/' is '?' on many keyboards; SDL names it by its plain character.
  const bool question_mark = key.sym == SDLK_SLASH && (key.mod & KMOD_SHIFT) != 0;
  const std::optional<ViewAction> action = action_of_key(question_mark ? '?' : key.sym);
  if (!action) return false;
  if (*action == ViewAction::quit) return true;
  state_ = after(*action, state_);
  if (*action == ViewAction::toggle_pause) content.set_paused(state_.paused);
  all_dirty_ = true;
  return false;
}

bool SdlWindow::is_visible() const {
  return (SDL_GetWindowFlags(window_.get()) & (SDL_WINDOW_MINIMIZED | SDL_WINDOW_HIDDEN)) == 0;
}

void SdlWindow::fit(const WindowContent& content) {
  fits_picture_ = content.picture_size().has_value();
  SDL_Rect screen{};
  if (SDL_GetDisplayUsableBounds(SDL_GetWindowDisplayIndex(window_.get()), &screen) != 0) return;
  const Size room{static_cast<int>(screen.w * kShareOfScreen),
                  static_cast<int>(screen.h * kShareOfScreen)};
  fitted_size_ = window_size_for(grid_of(content.cell_count()),
                                 content.picture_size().value_or(kSizeWithoutPicture),
                                 content.strip_px(), room);
  SDL_SetWindowSize(window_.get(), fitted_size_.width, fitted_size_.height);
  SDL_SetWindowPosition(window_.get(), SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED);
}

void SdlWindow::fit_late_picture(const WindowContent& content) {
  if (fits_picture_ || !content.picture_size()) return;
  Size size;
  SDL_GetWindowSize(window_.get(), &size.width, &size.height);
  if (size == fitted_size_) fit(content);
  fits_picture_ = true;
}

void SdlWindow::repaint(WindowContent& content) {
  if (std::string title = content.title(state_); title != title_) {
    SDL_SetWindowTitle(window_.get(), title.c_str());
    title_ = std::move(title);
  }
  const std::size_t cells = content.cell_count();
  std::vector<bool> changed(cells);
  bool any_changed = all_dirty_;
  for (std::size_t cell = 0; cell < cells; ++cell) {
    changed[cell] = content.update(cell, state_);
    any_changed = any_changed || changed[cell];
  }
  if (!any_changed || !is_visible()) return;
  fit_late_picture(content);
  // Of the window's present size: SDL makes a new one after a change.
  SDL_Surface* shown = SDL_GetWindowSurface(window_.get());
  if (shown == nullptr || !prepare_pixels({shown->w, shown->h})) {
    all_dirty_ = true;  // In the middle of a change: the next time.
    return;
  }
  const Size size{shown->w, shown->h};
  const Grid grid = grid_of(cells);
  const bool repaint_all = std::exchange(all_dirty_, false);
  for (std::size_t cell = 0; cell < cells; ++cell) {
    const CellArea area = area_of(cell, grid, size);
    const bool is_empty = area.size.width == 0 || area.size.height == 0;
    if ((repaint_all || changed[cell]) && !is_empty) content.paint(cell, state_, pixels_of(area));
  }
  if (state_.help) content.paint_help(pixels_of({.x = 0, .y = 0, .size = size}));
  // Converts, should the display not have 32 bits a pixel.
  SDL_BlitSurface(pixels_.get(), nullptr, shown, nullptr);
  SDL_UpdateWindowSurface(window_.get());
}

Preview SdlWindow::pixels_of(const CellArea& area) {
  auto* const first = static_cast<std::byte*>(pixels_->pixels);
  return {.bgrx = first + std::ptrdiff_t{area.y} * pixels_->pitch + std::ptrdiff_t{area.x} * 4,
          .stride_bytes = pixels_->pitch,
          .size = area.size};
}

bool SdlWindow::prepare_pixels(Size size) {
  if (pixels_ && pixels_->w == size.width && pixels_->h == size.height) return true;
  constexpr int kBitsPerPixel = 32;
  constexpr Uint32 kBgrxBytes =
      SDL_BYTEORDER == SDL_LIL_ENDIAN ? SDL_PIXELFORMAT_XRGB8888 : SDL_PIXELFORMAT_BGRX8888;
  pixels_.reset(
      SDL_CreateRGBSurfaceWithFormat(0, size.width, size.height, kBitsPerPixel, kBgrxBytes));
  all_dirty_ = true;
  return pixels_ != nullptr;
}

}  // namespace

Result<std::unique_ptr<Window>> Window::create() {
  auto window = std::make_unique<SdlWindow>();
  TRY(window->open());
  return std::unique_ptr<Window>(std::move(window));
}

}  // namespace retinue
