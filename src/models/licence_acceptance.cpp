#include "models/licence_acceptance.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include "base/file_bytes.hpp"

namespace retinue {
namespace {

std::filesystem::path path_of(const std::filesystem::path& cache_folder, std::string_view name) {
  return cache_folder / "licences" / name;
}

}  // namespace

std::string licence_terms(const ModelLicence& licence) {
  return licence.spdx + (licence.non_commercial ? ", not for commercial use: " : ": ") +
         licence.note;
}

bool is_accepted(const std::filesystem::path& cache_folder, std::string_view name,
                 const ModelLicence& licence) {
  if (!licence.non_commercial) return true;
  if (cache_folder.empty()) return false;
  const Result<std::vector<std::byte>> accepted = read_file(path_of(cache_folder, name));
  const std::string terms = licence_terms(licence);
  return accepted && std::ranges::equal(*accepted, std::as_bytes(std::span(terms)));
}

Result<void> accept_licence(const std::filesystem::path& cache_folder, std::string_view name,
                            const ModelLicence& licence) {
  if (cache_folder.empty()) {
    return fail(ErrorCode::resource_exhausted,
                "the acceptance of the licence of '" + std::string(name) +
                    "' cannot be remembered: there is no cache folder, as neither XDG_CACHE_HOME "
                    "nor HOME is set");
  }
  const std::string terms = licence_terms(licence);
  return write_file_atomically(path_of(cache_folder, name), std::as_bytes(std::span(terms)));
}

Result<void> require_acceptance(const std::filesystem::path& cache_folder, std::string_view name,
                                const ModelLicence& licence) {
  if (is_accepted(cache_folder, name, licence)) return {};
  const std::string model(name);
  return fail(ErrorCode::invalid_argument,
              "the licence of '" + model + "' has not been accepted (" + licence_terms(licence) +
                  "); `retinue models pull " + model + " --accept-licence` accepts it");
}

}  // namespace retinue
