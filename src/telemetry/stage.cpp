#include "telemetry/stage.hpp"

namespace retinue {

Stage& StageTable::stage(std::string_view name) {
  const MutexLock lock(mutex_);
  for (Stage& stage : stages_) {
    if (stage.name() == name) return stage;
  }
  return stages_.emplace_back(name, trace_);
}

}  // namespace retinue
