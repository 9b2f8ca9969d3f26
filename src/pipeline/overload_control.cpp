#include "pipeline/overload_control.hpp"

#include <algorithm>

namespace retinue {

namespace {

constexpr std::chrono::seconds kWindow{1};
constexpr int kCalmWindowsToRecover = 5;
/// One frame in this many may be dropped in a calm second.
constexpr std::int64_t kTolerated = 20;

LoadLevel moved(LoadLevel level, int by) {
  const int last = static_cast<int>(LoadLevel::dropping);
  return static_cast<LoadLevel>(std::clamp(static_cast<int>(level) + by, 0, last));
}

}  // namespace

bool OverloadControl::capture(ArrivalTime now, bool replaced_another) {
  bool changed = false;
  if (captured_ == 0) window_begin_ = now;
  if (now - window_begin_ >= kWindow) {
    changed = end_window();
    window_begin_ = now;
  }
  ++captured_;
  if (replaced_another) ++replaced_;
  return changed;
}

int OverloadControl::detect_every() const {
  switch (level_) {
    case LoadLevel::normal:
      return 5;
    case LoadLevel::reduced:
      return 10;
    case LoadLevel::minimal:
    case LoadLevel::dropping:
      return 30;
  }
  __builtin_unreachable();
}

bool OverloadControl::end_window() {
  const bool overloaded = replaced_ * kTolerated > captured_;
  captured_ = 0;
  replaced_ = 0;
  const LoadLevel before = level_;
  if (overloaded) {
    calm_windows_ = 0;
    level_ = moved(level_, 1);
  } else if (++calm_windows_ >= kCalmWindowsToRecover) {
    calm_windows_ = 0;
    level_ = moved(level_, -1);
  }
  return level_ != before;
}

}  // namespace retinue
