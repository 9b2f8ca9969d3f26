/// What the window of a run shows: the newest picture of each source that is being read.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/mutex.hpp"
#include "telemetry/stage.hpp"
#include "view/window.hpp"
#include "view/window_content.hpp"
#include "worker/cell_painter.hpp"
#include "worker/pause_gate.hpp"
#include "worker/view_cell.hpp"

namespace retinue {

/// A source that may be shown.
struct ViewedSource {
  std::string name;  ///< Passwords masked.
  bool live = false;
};

/// Live sources have a cell each. Lossless ones share as many cells as are read at once: one that
/// begins takes the place of the one that ended longest ago.
///
/// Only the newest frame of a cell is kept; pictures are made of it when the window paints, on the
/// window's thread. While paused, the pictures stay and lossless sources are not read on; live ones
/// are measured on.
class ViewBoard final : public WindowContent {
 public:
  /// `window` is borrowed: woken when there is something new.
  explicit ViewBoard(Window& window) : window_(window) {}

  // Thread-safe: the run's side. Sources are named by their index in the list.

  /// Called once, before the others; never for a run that fails before its first source.
  void start(std::vector<ViewedSource> sources, std::size_t lossless_at_once);
  void begin(std::size_t source);
  void publish(std::size_t source, ShownFrame newest, std::int64_t superseded);
  void end(std::size_t source, ViewPhase phase);
  /// Nothing comes any more.
  void finish();
  /// The run was told to stop: the window need not stay for its pictures.
  void stop();

  PauseGate& pause_gate() { return pause_; }
  /// What painting cost.
  const Stage& stage() const { return stage_; }

  // The window's side.
  std::size_t cell_count() const override { return cell_count_.load(std::memory_order_acquire); }
  bool update(std::size_t cell, const ViewState& state) override;
  std::optional<Size> picture_size() const override;
  int strip_px() const override;
  void paint(std::size_t cell, const ViewState& state, const Preview& area) override;
  void paint_help(const Preview& window) override;
  std::string title(const ViewState& state) const override;
  void set_paused(bool paused) override { pause_.set_paused(paused); }
  std::chrono::milliseconds repaint_interval() const override;
  bool is_over(const ViewState& state) const override;

 private:
  /// Which source a cell shows.
  struct Place {
    std::size_t source = 0;
    bool shared = false;  ///< Lossless sources take it in turn.
    bool open = false;
    std::uint64_t order = 0;  ///< Grows with each use.
  };

  std::optional<std::size_t> cell_of(std::size_t source) REQUIRES(mutex_);
  std::size_t cell_for(std::size_t source) REQUIRES(mutex_);
  bool is_still() const;
  void step_back();

  Window& window_;
  PauseGate pause_;
  Stage stage_{"view"};
  std::atomic<bool> finished_ = false;
  std::atomic<bool> stopped_ = false;
  /// Released after all below is in place; from then on the vector and the deque keep their sizes.
  std::atomic<std::size_t> cell_count_ = 0;
  std::vector<ViewedSource> sources_;
  std::deque<ViewCell> cells_;
  bool any_live_ = false;

  Mutex mutex_;
  std::vector<Place> places_ GUARDED_BY(mutex_);
  std::uint64_t uses_ GUARDED_BY(mutex_) = 0;

  // The window's thread only.
  CellPainter painter_;
  bool stepped_back_ = false;
};

}  // namespace retinue
