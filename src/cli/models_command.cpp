#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/log.hpp"
#include "cli/command.hpp"
#include "cli/log_options.hpp"
#include "cli/signals.hpp"
#include "models/catalogue.hpp"
#include "models/model_file.hpp"
#include "models/model_listing.hpp"
#include "models/model_store.hpp"

namespace retinue {

namespace {

struct ModelsOptions {
  std::vector<std::string> names;
  bool all = false;
  LogOptions log;
};

ModelStore user_store() {
  return ModelStore(ModelStoreSettings::from_environment());
}

ExitCode say(const Error& error) {
  log(LogLevel::error, error.message());
  return ExitCode::model_invalid;
}

/// The entries that were named; without names the defaults, or all.
Result<std::vector<ModelEntry>> chosen_entries(const ModelsOptions& options) {
  const Catalogue& catalogue = Catalogue::builtin();
  std::vector<ModelEntry> entries;
  for (const std::string& name : options.names) {
    const ModelEntry* entry = catalogue.find(name);
    if (entry == nullptr) {
      return fail(ErrorCode::not_found,
                  "model '" + name + "' is not in the catalogue; see retinue models list");
    }
    entries.push_back(*entry);
  }
  if (!options.names.empty()) return entries;
  for (const ModelEntry& entry : catalogue.entries()) {
    if (options.all || entry.is_default) entries.push_back(entry);
  }
  return entries;
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
  for (const ModelListing& model : list_models(Catalogue::builtin(), user_store())) {
    fmt::print("{:<32} {:<12} {:<9} {:>6} kB  {:<12} {}\n", model.entry.name,
               name_of(model.entry.task), name_of(model.state), model.entry.size_bytes / 1000,
               model.entry.licence.spdx, model.entry.is_default ? "default" : "");
    if (!model.problem.empty()) log(LogLevel::warning, model.problem);
  }
  return ExitCode::done;
}

void show_transfer(const PullProgress& progress) {
  if (isatty(STDERR_FILENO) == 0) return;
  fmt::print(stderr, "\r\x1b[K{}/{} kB  {}", progress.received_bytes / 1000,
             progress.total_bytes / 1000, progress.address);
  std::fflush(stderr);
}

ExitCode pull(const ModelsOptions& options) {
  configure_log(options.log.settings());
  const Result<std::vector<ModelEntry>> entries = chosen_entries(options);
  if (!entries) return say(entries.error());
  const StopOnSignal stop;
  const ModelStore store = user_store();
  for (const ModelEntry& entry : *entries) {
    if (is_out_of_reach(options, store, entry)) {
      log(LogLevel::warning,
          "model '" + entry.name + "' is left out: no address has its file, only a mirror does");
      continue;
    }
    const Result<ModelFile> file =
        load_model(store, entry, {.progress = show_transfer, .stop = stop.token()});
    if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r\x1b[K");
    if (!file) {
      say(file.error());
      return stop.signal() != 0 ? static_cast<ExitCode>(128 + stop.signal())
                                : ExitCode::model_invalid;
    }
    for (const std::string& note : file->notes)
      log(LogLevel::warning, note);
    fmt::print("{}: ready, {}\n", entry.name, file->path.string());
  }
  return ExitCode::done;
}

ExitCode verify(const ModelsOptions& options) {
  configure_log(options.log.settings());
  const Result<std::vector<ModelEntry>> entries = chosen_entries(options);
  if (!entries) return say(entries.error());
  const ModelStore store = user_store();
  ExitCode code = ExitCode::done;
  for (const ModelEntry& entry : *entries) {
    const Result<std::optional<StoredModel>> stored = store.find(entry);
    if (!stored) {
      code = say(stored.error());
    } else if (!*stored) {
      fmt::print("{}: missing; retinue models pull {}\n", entry.name, entry.name);
      code = ExitCode::model_invalid;
    } else {
      fmt::print("{}: right, {}\n", entry.name, (*stored)->path.string());
    }
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

ExitCode show(const ModelsOptions& options) {
  configure_log(options.log.settings());
  for (const std::string& name : options.names) {
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
  for (CLI::App* sub :
       {add("pull", "Fetch models and prepare them; without names the defaults", pull),
        add("verify", "Compare files with the catalogue's hashes", verify)}) {
    sub->add_option("NAME", options->names, "models of the catalogue");
    sub->add_flag("--all", options->all, "all models of the catalogue");
  }
  add("show", "What a model is, and why it was recognised or not", show)
      ->add_option("NAME", options->names, "a model of the catalogue, or a file")
      ->required();
}

}  // namespace retinue
