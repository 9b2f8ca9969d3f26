#include "worker/view_cell.hpp"

#include <filesystem>
#include <utility>

#include <fmt/format.h>

namespace retinue {

namespace {

/// Figures that change more often cannot be read.
constexpr std::chrono::milliseconds kMeasuringTime{500};

std::string short_name(const std::string& source) {
  if (source.find("://") != std::string::npos) return source;
  std::string file = std::filesystem::path(source).filename().string();
  return file.empty() ? source : file;
}

}  // namespace

void ViewCell::assign(std::string source, bool live) {
  const MutexLock lock(mutex_);
  facts_ = {.source = std::move(source), .live = live, .delivered = facts_.delivered};
}

void ViewCell::set_phase(ViewPhase phase) {
  const MutexLock lock(mutex_);
  facts_.phase = phase;
}

void ViewCell::put(ShownFrame newest, std::int64_t superseded) {
  {
    const MutexLock lock(mutex_);
    ++facts_.delivered;
    ++facts_.of_source;
    facts_.superseded = superseded;
    facts_.latency_ms = newest.result.latency_ms.value_or(0);
  }
  newest_.put(std::move(newest));
}

bool ViewCell::update(bool paused, Clock::time_point now) {
  std::optional<ShownFrame> newest;
  if (!paused) newest = newest_.take();
  const bool is_new = newest.has_value();
  if (is_new) shown_ = std::move(newest);
  Facts facts;
  {
    const MutexLock lock(mutex_);
    facts = facts_;
  }
  measure(facts, now);
  // A frozen picture keeps the name of its source.
  std::string name = short_name(paused && shown_ ? *shown_->result.source : facts.source);
  std::string status = status_of(facts, paused);
  const bool is_changed = name != name_ || status != status_;
  name_ = std::move(name);
  status_ = std::move(status);
  return is_new || is_changed;
}

void ViewCell::measure(const Facts& facts, Clock::time_point now) {
  if (!measured_at_) {
    if (facts.delivered == 0) return;
    measured_at_ = now;
    delivered_then_ = facts.delivered;
  }
  const auto elapsed = now - *measured_at_;
  if (elapsed < kMeasuringTime) return;
  frames_per_s_ = static_cast<double>(facts.delivered - delivered_then_) /
                  std::chrono::duration<double>(elapsed).count();
  latency_ms_ = facts.latency_ms;
  measured_at_ = now;
  delivered_then_ = facts.delivered;
}

std::string ViewCell::status_of(const Facts& facts, bool paused) const {
  switch (facts.phase) {
    case ViewPhase::opening:
      return "opening";
    case ViewPhase::ended:
      return "ended";
    case ViewPhase::failed:
      return "failed";
    case ViewPhase::running:
      break;
  }
  if (paused && !facts.live) return "paused";
  std::string text = paused ? "paused" : "";
  if (!frames_per_s_) return text;
  if (paused) text += "  ";
  text += fmt::format("{:.0f} fps", *frames_per_s_);
  if (!facts.live) return text;
  const auto superseded = static_cast<double>(facts.superseded);
  const double all = superseded + static_cast<double>(facts.of_source);
  return text + fmt::format("  {:.0f} ms  {:.1f} % dropped", latency_ms_, 100 * superseded / all);
}

}  // namespace retinue
