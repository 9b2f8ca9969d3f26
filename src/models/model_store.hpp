/// Where model files are found, and how the missing ones are fetched.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "models/catalogue.hpp"

namespace retinue {

struct ModelStoreSettings {
  /// Folder or address prefix with `models/` in it. A folder is used in place; an address is where
  /// missing files come from, before upstream.
  std::optional<std::string> mirror;

  /// Models lie in `models/<first 16 digits of the hash>/<file>`, imported graphs in `imported/`.
  /// Made when first needed. Empty: there is no cache, and a fetch is an error.
  std::filesystem::path cache_folder;

  std::chrono::seconds connect_timeout{10};
  std::chrono::seconds stall_timeout{20};  ///< Gives up after this long below 1 kB/s.

  /// RETINUE_MIRROR; $XDG_CACHE_HOME/retinue, else $HOME/.cache/retinue.
  static ModelStoreSettings from_environment();
};

enum class ModelOrigin { mirror, cache, upstream };

std::string_view name_of(ModelOrigin origin);

/// A model file on this machine whose hash is the catalogue's.
struct StoredModel {
  std::filesystem::path path;
  ModelOrigin origin = ModelOrigin::cache;  ///< `upstream`: fetched by this call.
  std::filesystem::path companion_path;     ///< Empty: the model is one file.
};

struct PullProgress {
  std::string address;
  std::uint64_t received_bytes = 0;  ///< With what an earlier, broken-off fetch left.
  std::uint64_t total_bytes = 0;
};

struct PullOptions {
  std::function<void(const PullProgress&)>
      progress;          ///< Called in the fetching thread; may be empty.
  std::stop_token stop;  ///< Breaks a transfer off; what came is kept.
};

/// Finds model files: in the mirror if it is a folder, in the user's cache, at the mirror if it is
/// an address, upstream. Files are verified against the catalogue's hash each time.
///
/// A model with a companion is there when both files are, a collection when all its files are.
///
/// What is for non-commercial use only is neither fetched nor given out by `fetch` before the user
/// has accepted its terms (licence_acceptance.hpp). `find` looks all the same.
///
/// Fetches go to `<file>.part` under a lock file, resume where an earlier one broke off, and are
/// renamed when their hash is right: two programs that pull one model do not disturb each other.
///
/// Thread-safe.
class ModelStore {
 public:
  explicit ModelStore(ModelStoreSettings settings) : settings_(std::move(settings)) {}

  const ModelStoreSettings& settings() const { return settings_; }

  /// Looks on this machine only. Nullopt: not here.
  ///
  /// Errors  corrupt_input: a file is there with another hash; the message names both.
  Result<std::optional<StoredModel>> find(const ModelEntry& entry) const;

  /// Finds the file or fetches it into the cache; a cached file with a wrong hash is fetched anew.
  ///
  /// Errors  unavailable: no address answered; the message says which were tried, where to put the
  ///         file by hand and what RETINUE_MIRROR does. timed_out: a transfer stalled or was
  ///         stopped. corrupt_input: what came has another hash. resource_exhausted: the cache
  ///         cannot be written. invalid_argument: its terms have not been accepted; the message
  ///         says what they are and how to.
  Result<StoredModel> fetch(const ModelEntry& entry, const PullOptions& options = {}) const;

  /// The same for all files of a collection, in its order.
  Result<std::optional<std::vector<StoredModel>>> find(const ModelCollection& collection) const;
  Result<std::vector<StoredModel>> fetch(const ModelCollection& collection,
                                         const PullOptions& options = {}) const;

  /// Where the cache keeps, or would keep, the file.
  std::filesystem::path cached_path(const ModelEntry& entry) const;

 private:
  Result<std::optional<StoredModel>> find_file(const ModelEntry& entry) const;
  Result<StoredModel> fetch_file(const ModelEntry& entry, const PullOptions& options) const;

  ModelStoreSettings settings_;
};

}  // namespace retinue
