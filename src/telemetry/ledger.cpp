#include "telemetry/ledger.hpp"

namespace retinue {

std::string_view name_of(DropReason reason) {
  switch (reason) {
    case DropReason::not_selected:
      return "not_selected";
    case DropReason::superseded:
      return "superseded";
    case DropReason::interrupted:
      return "interrupted";
    case DropReason::failed:
      return "failed";
  }
  __builtin_unreachable();
}

std::int64_t FrameLedger::in_flight() const {
  std::int64_t left = captured() - delivered();
  for (const DropReason reason : kDropReasons)
    left -= dropped(reason);
  return left;
}

}  // namespace retinue
