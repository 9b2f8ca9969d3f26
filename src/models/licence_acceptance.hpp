/// The terms of models that are for non-commercial use only, and that the user has accepted them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "models/catalogue.hpp"

namespace retinue {

/// What is accepted: the licence's identifier, where upstream says so, and that it is not for
/// commercial use.
std::string licence_terms(const ModelLicence& licence);

/// True for a licence that allows commercial use. Of others: whether the terms, as they are now,
/// were accepted on this machine. An acceptance lies in `cache_folder`/licences/`name`.
bool is_accepted(const std::filesystem::path& cache_folder, std::string_view name,
                 const ModelLicence& licence);

/// Remembers that the user has accepted the terms.
///
/// Errors  resource_exhausted: there is no cache folder, or it cannot be written.
Result<void> accept_licence(const std::filesystem::path& cache_folder, std::string_view name,
                            const ModelLicence& licence);

/// Errors  invalid_argument: not accepted; the message has the terms and how to accept them.
Result<void> require_acceptance(const std::filesystem::path& cache_folder, std::string_view name,
                                const ModelLicence& licence);

}  // namespace retinue
