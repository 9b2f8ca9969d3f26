/// What a window shows.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "frame/preview.hpp"
#include "geometry/box.hpp"
#include "view/view_state.hpp"

namespace retinue {

/// A grid of cells that paint themselves. All is called on the window's thread.
class WindowContent {
 public:
  virtual ~WindowContent() = default;
  WindowContent() = default;
  WindowContent(const WindowContent&) = delete;
  WindowContent& operator=(const WindowContent&) = delete;
  WindowContent(WindowContent&&) = delete;
  WindowContent& operator=(WindowContent&&) = delete;

  /// 0 until there is something to show; the same from then on.
  virtual std::size_t cell_count() const = 0;

  /// Goes over to the newest picture of a cell, unless paused, and to its newest figures. True if
  /// the cell has to be painted anew.
  virtual bool update(std::size_t cell, const ViewState& state) = 0;

  /// Of the first picture that there was, with square pixels; the window's first size follows it.
  virtual std::optional<Size> picture_size() const = 0;

  /// Height of the strip with a cell's name.
  virtual int strip_px() const = 0;

  /// Fills the whole of `area`, which is a part of the window.
  virtual void paint(std::size_t cell, const ViewState& state, const Preview& area) = 0;

  /// Paints the keys over the whole window; the same each time.
  virtual void paint_help(const Preview& window) = 0;

  virtual std::string title(const ViewState& state) const = 0;

  /// Told at once: who makes the pictures may wait meanwhile.
  virtual void set_paused(bool paused) = 0;

  /// Least time from one painting to the next.
  virtual std::chrono::milliseconds repaint_interval() const = 0;

  /// No new picture will come, and what is shown need not stay.
  virtual bool is_over(const ViewState& state) const = 0;
};

}  // namespace retinue
