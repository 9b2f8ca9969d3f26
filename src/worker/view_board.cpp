#include "worker/view_board.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

namespace retinue {

namespace {

/// A recording is measured faster than anybody can watch it: every second picture of the display's
/// would be lost work.
constexpr std::chrono::milliseconds kLiveInterval{16};
constexpr std::chrono::milliseconds kLosslessInterval{33};

/// Lanes have niceness 0, or 10 in a live run. Five more is a third of their weight: enough to see
/// by, and a machine that is busy measuring keeps most of its time for that.
constexpr int kLiveNiceness = 15;
constexpr int kLosslessNiceness = 5;

}  // namespace

void ViewBoard::start(std::vector<ViewedSource> sources, std::size_t lossless_at_once) {
  sources_ = std::move(sources);
  {
    const MutexLock lock(mutex_);
    std::size_t shared = 0;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      if (!sources_[i].live && shared++ >= lossless_at_once) continue;
      any_live_ = any_live_ || sources_[i].live;
      places_.push_back({.source = i, .shared = !sources_[i].live});
      cells_.emplace_back().assign(sources_[i].name, sources_[i].live);
    }
  }
  cell_count_.store(cells_.size(), std::memory_order_release);
  window_.wake();
}

void ViewBoard::begin(std::size_t source) {
  {
    const MutexLock lock(mutex_);
    const std::size_t cell = cell_for(source);
    Place& place = places_[cell];
    place = {.source = source, .shared = place.shared, .open = true, .order = ++uses_};
    cells_[cell].assign(sources_[source].name, sources_[source].live);
    cells_[cell].set_phase(ViewPhase::running);
  }
  window_.wake();
}

void ViewBoard::publish(std::size_t source, ShownFrame newest, std::int64_t superseded) {
  std::optional<std::size_t> cell;
  {
    const MutexLock lock(mutex_);
    cell = cell_of(source);
  }
  if (!cell) return;
  cells_[*cell].put(std::move(newest), superseded);
  window_.wake();
}

void ViewBoard::end(std::size_t source, ViewPhase phase) {
  {
    const MutexLock lock(mutex_);
    const std::optional<std::size_t> cell = cell_of(source);
    if (!cell) return;
    places_[*cell].open = false;
    cells_[*cell].set_phase(phase);
  }
  window_.wake();
}

void ViewBoard::finish() {
  finished_.store(true);
  window_.wake();
}

void ViewBoard::stop() {
  stopped_.store(true);
  window_.wake();
}

std::optional<std::size_t> ViewBoard::cell_of(std::size_t source) {
  const auto place = std::ranges::find(places_, source, &Place::source);
  if (place == places_.end()) return std::nullopt;
  return static_cast<std::size_t>(place - places_.begin());
}

/// The cell that the source has already, or the shared one that is free longest, or, when all are
/// in use for a moment more, the one whose source began first.
std::size_t ViewBoard::cell_for(std::size_t source) {
  if (const std::optional<std::size_t> own = cell_of(source)) return *own;
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const Place& place = places_[i];
    if (!place.shared) continue;
    const auto rank = [this](std::size_t cell) RETINUE_TSA(no_thread_safety_analysis) {
      return std::pair(places_[cell].open, places_[cell].order);
    };
    if (!best || rank(i) < rank(*best)) best = i;
  }
  return *best;
}

bool ViewBoard::update(std::size_t cell, const ViewState& state) {
  return cells_[cell].update(state.paused, ViewCell::Clock::now());
}

std::optional<Size> ViewBoard::picture_size() const {
  for (std::size_t i = 0; i < cell_count(); ++i) {
    if (const ShownFrame* shown = cells_[i].shown()) return CellPainter::picture_size(shown->frame);
  }
  return std::nullopt;
}

int ViewBoard::strip_px() const {
  return CellPainter::kStripPx;
}

void ViewBoard::paint(std::size_t cell, const ViewState& state, const Preview& area) {
  if (!stepped_back_) step_back();
  const StageTimer timer(stage_);
  const ViewCell& shown = cells_[cell];
  painter_.paint(shown.shown(), shown.name(), shown.status(), state, area);
}

void ViewBoard::step_back() {
  stepped_back_ = true;
  // Best effort. On Linux this is the calling thread's alone.
  static_cast<void>(setpriority(PRIO_PROCESS, 0, any_live_ ? kLiveNiceness : kLosslessNiceness));
}

void ViewBoard::paint_help(const Preview& window) {
  CellPainter::paint_help(window);
}

std::string ViewBoard::title(const ViewState& state) const {
  std::string title = state.paused ? "paused - " : "";
  title += cell_count() == 1 ? cells_.front().name() : std::to_string(cell_count()) + " sources";
  return title + " - retinue";
}

std::chrono::milliseconds ViewBoard::repaint_interval() const {
  return any_live_ ? kLiveInterval : kLosslessInterval;
}

bool ViewBoard::is_over(const ViewState& state) const {
  if (!finished_.load()) return false;
  return stopped_.load() || !(state.paused || is_still());
}

/// The last pictures are no moments of a video: they are worth looking at for longer than it took
/// to measure them.
bool ViewBoard::is_still() const {
  bool any = false;
  for (std::size_t i = 0; i < cell_count(); ++i) {
    const ShownFrame* shown = cells_[i].shown();
    if (shown == nullptr) continue;
    if (!shown->frame.is_still()) return false;
    any = true;
  }
  return any;
}

}  // namespace retinue
