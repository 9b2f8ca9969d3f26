#include "models/model_store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <vector>

#include "base/unique_fd.hpp"
#include "models/download.hpp"
#include "models/licence_acceptance.hpp"

namespace retinue {
namespace {

namespace fs = std::filesystem;

/// Empty: not set, or set to nothing.
std::string environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing here sets it
  return value != nullptr ? value : "";
}

bool is_address(const std::string& mirror) {
  return mirror.find("://") != std::string::npos;
}

std::string joined_address(std::string prefix, const std::string& path) {
  while (prefix.ends_with('/'))
    prefix.pop_back();
  return prefix + "/models/" + path;
}

std::optional<fs::path> mirror_folder(const ModelStoreSettings& settings) {
  if (!settings.mirror || is_address(*settings.mirror)) return std::nullopt;
  return fs::path(*settings.mirror) / "models";
}

std::vector<std::string> addresses(const ModelStoreSettings& settings, const ModelEntry& entry) {
  std::vector<std::string> addresses;
  if (settings.mirror && is_address(*settings.mirror)) {
    addresses.push_back(joined_address(*settings.mirror, entry.mirror_path));
  }
  if (!entry.address.empty()) addresses.push_back(entry.address);
  return addresses;
}

/// A file as an entry of its own. `what`: its part in the model, for the messages.
ModelEntry entry_of(const std::string& model, const std::string& what, const CatalogueFile& file) {
  ModelEntry entry;
  entry.name = model + " (" + what + ")";
  entry.address = file.address;
  entry.mirror_path = file.mirror_path;
  entry.sha256 = file.sha256;
  entry.size_bytes = file.size_bytes;
  return entry;
}

ModelEntry companion_entry(const ModelEntry& entry) {
  return entry_of(entry.name, "second file", *entry.companion);
}

ModelEntry file_entry(const ModelCollection& collection, const CatalogueFile& file) {
  return entry_of(collection.name, fs::path(file.mirror_path).filename().string(), file);
}

Result<void> verify(const ModelEntry& entry, const fs::path& path) {
  const Sha256 found = TRY(sha256_of_file(path));
  if (found == entry.sha256) return {};
  return fail(ErrorCode::corrupt_input, "model '" + entry.name + "' in '" + path.string() +
                                            "': expected sha256 " + entry.sha256.hex() +
                                            ", found " + found.hex());
}

/// True if the file is there and right.
Result<bool> holds(const ModelEntry& entry, const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return false;
  TRY(verify(entry, path));
  return true;
}

/// Held while a model is fetched, so that two programs do not append to one .part file. Nullopt:
/// another program holds it now.
Result<std::optional<UniqueFd>> try_lock(const fs::path& path) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (fd.is_valid() && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (fd.is_valid() && errno == EWOULDBLOCK) return std::nullopt;
  return fail(ErrorCode::resource_exhausted,
              "cannot write '" + path.string() +
                  "': " + std::error_code(errno, std::generic_category()).message());
}

/// A .part file that nobody else writes; it is not resumed.
fs::path private_part(const fs::path& path) {
  static std::atomic<unsigned> count = 0;
  return path.string() + "." + std::to_string(::getpid()) + "." + std::to_string(count++) + ".part";
}

/// Completes `part` from one address and checks it; a wrong file is removed.
Result<void> complete(const DownloadRequest& request, const ModelEntry& entry,
                      const PullOptions& options) {
  std::error_code ignored;
  const std::uintmax_t had = fs::file_size(request.path, ignored);
  if (ignored || had < entry.size_bytes) {
    Result<void> downloaded = download(request, options);
    if (!downloaded) {
      if (downloaded.error().code() == ErrorCode::corrupt_input) {
        fs::remove(request.path, ignored);
      }
      return downloaded;
    }
  }
  Result<void> verified = verify(entry, request.path);
  if (!verified) {
    fs::remove(request.path, ignored);
    return tl::unexpected(
        std::move(verified).error().with_context("from '" + request.address + "'"));
  }
  return {};
}

/// As `complete`, and once more from the start if what an earlier transfer left was of another
/// file.
Result<void> fetch_from(const DownloadRequest& request, const ModelEntry& entry,
                        const PullOptions& options) {
  std::error_code ignored;
  const bool resumed = fs::exists(request.path, ignored);
  Result<void> fetched = complete(request, entry, options);
  if (!fetched && resumed && fetched.error().code() == ErrorCode::corrupt_input) {
    fetched = complete(request, entry, options);
  }
  return fetched;
}

/// Tries every address in turn; the error tells them all, and what a user without network can do.
Result<void> fetch_to(const fs::path& part, const ModelStoreSettings& settings,
                      const ModelEntry& entry, const fs::path& cached, const PullOptions& options) {
  const std::vector<std::string> all_addresses = addresses(settings, entry);
  std::string reasons;
  if (all_addresses.empty()) reasons = "no address has its file, which was made from another";
  ErrorCode code = ErrorCode::unavailable;
  for (const std::string& address : all_addresses) {
    const DownloadRequest request{.address = address,
                                  .path = part,
                                  .size_bytes = entry.size_bytes,
                                  .connect_timeout = settings.connect_timeout,
                                  .stall_timeout = settings.stall_timeout};
    const Result<void> fetched = fetch_from(request, entry, options);
    if (fetched) return {};
    reasons += (reasons.empty() ? "" : "; ") + fetched.error().message();
    if (code == ErrorCode::unavailable) code = fetched.error().code();
    if (options.stop.stop_requested()) break;
  }
  std::string advice = "; to install it by hand, put the file with sha256 " + entry.sha256.hex() +
                       " at '" + cached.string() +
                       "', or set RETINUE_MIRROR to a folder or an address with 'models/" +
                       entry.mirror_path + "' in it";
  if (settings.mirror) advice += " (it is '" + *settings.mirror + "')";
  return fail(code, "model '" + entry.name +
                        "' is not on this machine and could not be fetched: " + reasons + advice);
}

}  // namespace

ModelStoreSettings ModelStoreSettings::from_environment() {
  ModelStoreSettings settings;
  if (std::string mirror = environment("RETINUE_MIRROR"); !mirror.empty()) {
    settings.mirror = std::move(mirror);
  }
  if (const std::string cache = environment("XDG_CACHE_HOME"); !cache.empty()) {
    settings.cache_folder = fs::path(cache) / "retinue";
  } else if (const std::string home = environment("HOME"); !home.empty()) {
    settings.cache_folder = fs::path(home) / ".cache" / "retinue";
  }
  return settings;
}

std::string_view name_of(ModelOrigin origin) {
  switch (origin) {
    case ModelOrigin::mirror:
      return "mirror";
    case ModelOrigin::cache:
      return "cache";
    case ModelOrigin::upstream:
      return "upstream";
  }
  return "unknown";
}

fs::path ModelStore::cached_path(const ModelEntry& entry) const {
  return settings_.cache_folder / "models" / entry.sha256.hex().substr(0, 16) / entry.file_name();
}

Result<std::optional<StoredModel>> ModelStore::find(const ModelEntry& entry) const {
  std::optional<StoredModel> found = TRY(find_file(entry));
  if (!found || !entry.companion) return found;
  const std::optional<StoredModel> companion = TRY(find_file(companion_entry(entry)));
  if (!companion) return std::nullopt;
  found->companion_path = companion->path;
  return found;
}

Result<StoredModel> ModelStore::fetch(const ModelEntry& entry, const PullOptions& options) const {
  TRY(require_acceptance(settings_.cache_folder, entry.name, entry.licence));
  StoredModel stored = TRY(fetch_file(entry, options));
  if (!entry.companion) return stored;
  const StoredModel companion = TRY(fetch_file(companion_entry(entry), options));
  stored.companion_path = companion.path;
  if (companion.origin == ModelOrigin::upstream) stored.origin = ModelOrigin::upstream;
  return stored;
}

Result<std::optional<std::vector<StoredModel>>> ModelStore::find(
    const ModelCollection& collection) const {
  std::vector<StoredModel> files;
  for (const CatalogueFile& file : collection.files) {
    std::optional<StoredModel> stored = TRY(find_file(file_entry(collection, file)));
    if (!stored) return std::nullopt;
    files.push_back(*std::move(stored));
  }
  return files;
}

Result<std::vector<StoredModel>> ModelStore::fetch(const ModelCollection& collection,
                                                   const PullOptions& options) const {
  TRY(require_acceptance(settings_.cache_folder, collection.name, collection.licence));
  std::vector<StoredModel> files;
  for (const CatalogueFile& file : collection.files) {
    StoredModel stored = TRY(fetch_file(file_entry(collection, file), options));
    files.push_back(std::move(stored));
  }
  return files;
}

Result<std::optional<StoredModel>> ModelStore::find_file(const ModelEntry& entry) const {
  if (const std::optional<fs::path> folder = mirror_folder(settings_)) {
    const fs::path path = *folder / entry.mirror_path;
    const bool found = TRY(holds(entry, path));
    if (found)
      return StoredModel{.path = path, .origin = ModelOrigin::mirror, .companion_path = {}};
  }
  if (settings_.cache_folder.empty()) return std::nullopt;
  const fs::path path = cached_path(entry);
  const bool found = TRY(holds(entry, path));
  if (found) return StoredModel{.path = path, .origin = ModelOrigin::cache, .companion_path = {}};
  return std::nullopt;
}

Result<StoredModel> ModelStore::fetch_file(const ModelEntry& entry,
                                           const PullOptions& options) const {
  const fs::path cached = cached_path(entry);
  Result<std::optional<StoredModel>> found = find_file(entry);
  if (found && *found) return **found;
  if (!found) {
    // A broken mirror is the user's to mend; a broken cache is ours.
    std::error_code ignored;
    const bool in_mirror = mirror_folder(settings_) &&
                           fs::exists(*mirror_folder(settings_) / entry.mirror_path, ignored);
    if (in_mirror) return tl::unexpected(std::move(found).error());
  }
  if (settings_.cache_folder.empty()) {
    return fail(ErrorCode::unavailable,
                "model '" + entry.name +
                    "' cannot be fetched: there is no cache folder, as neither XDG_CACHE_HOME nor "
                    "HOME is set; RETINUE_MIRROR may name a folder with 'models/" +
                    entry.mirror_path + "' in it");
  }
  std::error_code made;
  fs::create_directories(cached.parent_path(), made);
  if (made) {
    return fail(
        ErrorCode::resource_exhausted,
        "cannot make the folder '" + cached.parent_path().string() + "': " + made.message());
  }
  const std::optional<UniqueFd> held = TRY(try_lock(cached.string() + ".lock"));
  const fs::path part = held ? fs::path(cached.string() + ".part") : private_part(cached);
  const Result<void> fetched = fetch_to(part, settings_, entry, cached, options);
  std::error_code ignored;
  if (!fetched) {
    if (!held) fs::remove(part, ignored);
    return tl::unexpected(fetched.error());
  }
  std::error_code renamed;
  fs::rename(part, cached, renamed);
  if (renamed) {
    return fail(ErrorCode::resource_exhausted, "cannot rename '" + part.string() + "' to '" +
                                                   cached.string() + "': " + renamed.message());
  }
  return StoredModel{.path = cached, .origin = ModelOrigin::upstream, .companion_path = {}};
}

}  // namespace retinue
