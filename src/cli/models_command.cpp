#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/log.hpp"
#include "cli/command.hpp"
#include "cli/log_options.hpp"
#include "cli/signals.hpp"
#include "models/catalogue.hpp"
#include "models/licence_acceptance.hpp"
#include "models/model_file.hpp"
#include "models/model_listing.hpp"
#include "models/model_store.hpp"

namespace retinue {

namespace {

struct ModelsOptions {
  std::vector<std::string> names;
  bool all = false;
  bool accept_licence = false;
  LogOptions log;
};

ModelStore user_store() {
  return ModelStore(ModelStoreSettings::from_environment());
}

ExitCode say(const Error& error) {
  log(LogLevel::error, error.message());
  return ExitCode::model_invalid;
}

/// What a command is about.
struct Chosen {
  std::vector<ModelEntry> entries;
  std::vector<ModelCollection> collections;
};

/// What was named; without names the defaults, or all.
Result<Chosen> chosen_models(const ModelsOptions& options) {
  const Catalogue& catalogue = Catalogue::builtin();
  Chosen chosen;
  for (const std::string& name : options.names) {
    if (const ModelEntry* entry = catalogue.find(name)) {
      chosen.entries.push_back(*entry);
    } else if (const ModelCollection* collection = catalogue.find_collection(name)) {
      chosen.collections.push_back(*collection);
    } else {
      return fail(ErrorCode::not_found,
                  "model '" + name + "' is not in the catalogue; see retinue models list");
    }
  }
  if (!options.names.empty()) return chosen;
  for (const ModelEntry& entry : catalogue.entries()) {
    if (options.all || entry.is_default) chosen.entries.push_back(entry);
  }
  if (options.all)
    chosen.collections.assign(catalogue.collections().begin(), catalogue.collections().end());
  return chosen;
}

void print_row(std::string_view name, std::string_view task, ModelState state,
               std::uint64_t size_bytes, const ModelLicence& licence, std::string_view remark) {
  fmt::print("{:<32} {:<12} {:<9} {:>6} kB  {:<12} {}\n", name, task, name_of(state),
             size_bytes / 1000, licence.spdx, remark);
}

/// Nobody asked for it by name, and there is nowhere to fetch it from.
bool is_out_of_reach(const ModelsOptions& options, const ModelStore& store,
                     const ModelEntry& entry) {
  if (!options.names.empty() || !entry.address.empty()) return false;
  const Result<std::optional<StoredModel>> stored = store.find(entry);
  return stored && !*stored;
}

ExitCode list(const ModelsOptions& options) {
  configure_log(options.log.settings());
  fmt::print("{:<32} {:<12} {:<9} {:>9}  {:<12} {}\n", "NAME", "TASK", "STATE", "SIZE", "LICENCE",
             "");
  const ModelStore store = user_store();
  for (const ModelListing& model : list_models(Catalogue::builtin(), store)) {
    const ModelEntry& entry = model.entry;
    print_row(entry.name, name_of(entry.task), model.state, entry.size_bytes, entry.licence,
              entry.is_default ? "default" : "");
    if (!model.problem.empty()) log(LogLevel::warning, model.problem);
  }
  for (const CollectionListing& listing : list_collections(Catalogue::builtin(), store)) {
    const ModelCollection& collection = listing.collection;
    print_row(collection.name, collection.task, listing.state, collection.size_bytes(),
              collection.licence,
              collection.licence.non_commercial ? "not for commercial use" : "");
    if (!listing.problem.empty()) log(LogLevel::warning, listing.problem);
  }
  return ExitCode::done;
}

void show_transfer(const PullProgress& progress) {
  if (isatty(STDERR_FILENO) == 0) return;
  fmt::print(stderr, "\r\x1b[K{}/{} kB  {}", progress.received_bytes / 1000,
             progress.total_bytes / 1000, progress.address);
  std::fflush(stderr);
}

/// Shows the terms, and remembers that they are accepted if the user says so.
///
/// Errors  those of require_acceptance and accept_licence.
Result<void> settle_licence(const ModelStore& store, const ModelsOptions& options,
                            const std::string& name, const ModelLicence& licence) {
  const std::filesystem::path& cache = store.settings().cache_folder;
  if (is_accepted(cache, name, licence)) return {};
  if (!options.accept_licence) return require_acceptance(cache, name, licence);
  fmt::print("{}: {}: accepted\n", name, licence_terms(licence));
  return accept_licence(cache, name, licence);
}

/// Of --all, what has terms that were not accepted is left out; what was named is an error.
bool is_left_out(const ModelStore& store, const ModelsOptions& options, const std::string& name,
                 const ModelLicence& licence) {
  if (!options.names.empty() || options.accept_licence) return false;
  const Result<void> accepted = require_acceptance(store.settings().cache_folder, name, licence);
  if (accepted) return false;
  log(LogLevel::warning, "left out: " + accepted.error().message());
  return true;
}

Result<void> pull_model(const ModelStore& store, const ModelEntry& entry,
                        const PullOptions& pulling) {
  const Result<ModelFile> file = load_model(store, entry, pulling);
  if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r\x1b[K");
  if (!file) return tl::unexpected<Error>(file.error());
  for (const std::string& note : file->notes)
    log(LogLevel::warning, note);
  fmt::print("{}: ready, {}\n", entry.name, file->path.string());
  return {};
}

Result<void> pull_collection(const ModelStore& store, const ModelCollection& collection,
                             const PullOptions& pulling) {
  const Result<std::vector<StoredModel>> files = store.fetch(collection, pulling);
  if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r\x1b[K");
  if (!files) return tl::unexpected<Error>(files.error());
  fmt::print("{}: ready, {} files\n", collection.name, files->size());
  return {};
}

Result<void> pull_all(const Chosen& chosen, const ModelsOptions& options,
                      const PullOptions& pulling) {
  const ModelStore store = user_store();
  for (const ModelEntry& entry : chosen.entries) {
    if (is_out_of_reach(options, store, entry)) {
      log(LogLevel::warning,
          "model '" + entry.name + "' is left out: no address has its file, only a mirror does");
      continue;
    }
    if (is_left_out(store, options, entry.name, entry.licence)) continue;
    TRY(settle_licence(store, options, entry.name, entry.licence));
    TRY(pull_model(store, entry, pulling));
  }
  for (const ModelCollection& collection : chosen.collections) {
    if (is_left_out(store, options, collection.name, collection.licence)) continue;
    TRY(settle_licence(store, options, collection.name, collection.licence));
    TRY(pull_collection(store, collection, pulling));
  }
  return {};
}

ExitCode pull(const ModelsOptions& options) {
  configure_log(options.log.settings());
  const Result<Chosen> chosen = chosen_models(options);
  if (!chosen) return say(chosen.error());
  const StopOnSignal stop;
  const Result<void> pulled =
      pull_all(*chosen, options, {.progress = show_transfer, .stop = stop.token()});
  if (pulled) return ExitCode::done;
  say(pulled.error());
  return stop.signal() != 0 ? static_cast<ExitCode>(128 + stop.signal()) : ExitCode::model_invalid;
}

/// `path`: where it is; empty: it is not.
ExitCode print_verified(const std::string& name, const Result<std::string>& path) {
  if (!path) return say(path.error());
  if (path->empty()) {
    fmt::print("{}: missing; retinue models pull {}\n", name, name);
    return ExitCode::model_invalid;
  }
  fmt::print("{}: right, {}\n", name, *path);
  return ExitCode::done;
}

ExitCode verify(const ModelsOptions& options) {
  configure_log(options.log.settings());
  const Result<Chosen> chosen = chosen_models(options);
  if (!chosen) return say(chosen.error());
  const ModelStore store = user_store();
  ExitCode code = ExitCode::done;
  const auto add = [&code](ExitCode one) {
    if (one != ExitCode::done) code = one;
  };
  for (const ModelEntry& entry : chosen->entries) {
    add(print_verified(entry.name, store.find(entry).map([](const auto& stored) {
      return stored ? stored->path.string() : std::string();
    })));
  }
  for (const ModelCollection& collection : chosen->collections) {
    add(print_verified(collection.name, store.find(collection).map([](const auto& files) {
      return files ? std::to_string(files->size()) + " files" : std::string();
    })));
  }
  return code;
}

void print_tensors(const char* title, const std::vector<ModelTensor>& tensors) {
  for (const ModelTensor& tensor : tensors)
    fmt::print("{:<9} {}\n", title, tensor.description());
}

/// What one model is: a file, or one of a bundle.
void print_model(const ModelDescription& model) {
  print_tensors("input", model.signature.inputs);
  print_tensors("output", model.signature.outputs);
  if (model.family) {
    fmt::print("family    {}, for the task {}\n", name_of(*model.family), name_of(*model.task));
  }
  for (const std::string& ground : model.because)
    fmt::print("because   {}\n", ground);
  for (const std::string& reason : model.reasons)
    fmt::print("not       {}\n", reason);
  for (const std::string& change : model.changes)
    fmt::print("import    {}\n", change);
  for (const std::string& kept : model.kept)
    fmt::print("kept      {}\n", kept);
}

void print_collection(const ModelCollection& collection) {
  fmt::print("name      {}\nlicence   {}\nfrom      {}\nnotes     {}\n", collection.name,
             licence_terms(collection.licence), collection.source, collection.notes);
  for (const CatalogueFile& file : collection.files)
    fmt::print("file      {}\n", file.address);
}

ExitCode show(const ModelsOptions& options) {
  configure_log(options.log.settings());
  for (const std::string& name : options.names) {
    if (const ModelCollection* collection = Catalogue::builtin().find_collection(name)) {
      print_collection(*collection);
      continue;
    }
    const Result<ModelDescription> model = describe_model(Catalogue::builtin(), user_store(), name);
    if (!model) return say(model.error());
    fmt::print("file      {}\nformat    {}\nsha256    {}\n", model->path.string(),
               name_of(model->format), model->sha256.hex());
    if (model->entry) {
      fmt::print("name      {}\nlicence   {} ({})\nfrom      {}\naccuracy  {}\n",
                 model->entry->name, model->entry->licence.spdx, model->entry->licence.note,
                 model->entry->address.empty() ? "mirrors only" : model->entry->address,
                 model->entry->accuracy);
    }
    if (model->format != ModelFormat::bundle) print_model(*model);
    for (const Result<ModelDescription>& member : model->members) {
      if (!member) return say(member.error());
      fmt::print("member    {}\n", member->member);
      print_model(*member);
    }
  }
  return ExitCode::done;
}

}  // namespace

void add_models_command(CLI::App& program, CommandAction& action) {
  CLI::App* command =
      program.add_subcommand("models", "The model catalogue: list, pull, verify, show");
  command->require_subcommand(1);
  const auto options = std::make_shared<ModelsOptions>();
  const auto add = [&](const char* name, const char* description,
                       ExitCode (*run)(const ModelsOptions&)) {
    CLI::App* sub = command->add_subcommand(name, description);
    options->log.add_to(*sub);
    sub->callback([&action, options, run] { action = [options, run] { return run(*options); }; });
    return sub;
  };
  add("list", "All models with their state on this machine", list);
  CLI::App* pulling =
      add("pull", "Fetch models and prepare them; without names the defaults", pull);
  pulling->add_flag("--accept-licence", options->accept_licence,
                    "accept the terms of models that are not for commercial use: they are shown,\n"
                    "and nothing of such a model is fetched or used before");
  for (CLI::App* sub :
       {pulling, add("verify", "Compare files with the catalogue's hashes", verify)}) {
    sub->add_option("NAME", options->names, "models of the catalogue");
    sub->add_flag("--all", options->all, "all models of the catalogue");
  }
  add("show", "What a model is, and why it was recognised or not", show)
      ->add_option("NAME", options->names, "a model of the catalogue, or a file")
      ->required();
}

}  // namespace retinue
