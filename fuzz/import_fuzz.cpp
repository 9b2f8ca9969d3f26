// Any bytes at all go through the import of models. What comes out must be a model again, and
// importing it once more, or with its first output alone, must not fail.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "models/import.hpp"
#include "models/model_family.hpp"
#include "models/model_signature.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto imported = retinue::import_model(std::as_bytes(std::span(data, size)));
  if (!imported) return 0;
  const auto signature = retinue::read_signature(imported->graph);
  if (!signature) std::abort();
  for (const retinue::ModelTask task : retinue::kModelTasks) {
    (void)retinue::recognise_family(*signature, task);
  }
  if (!retinue::import_model(imported->graph)) std::abort();
  if (signature->outputs.empty()) return 0;
  const std::vector<std::string> first{signature->outputs.front().name};
  const auto cut = retinue::import_model(std::as_bytes(std::span(data, size)), first);
  if (!cut || !retinue::import_model(cut->graph)) std::abort();
  return 0;
}
