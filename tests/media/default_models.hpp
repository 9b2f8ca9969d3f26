/// The catalogue's default models and the real pictures, from the mirror, for tests.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <utility>

#include <gtest/gtest.h>

#include "media/decode_all.hpp"
#include "models/catalogue.hpp"
#include "models/model_file.hpp"
#include "models/model_store.hpp"
#include "task/task_list.hpp"

namespace retinue {

/// Skips where RETINUE_MIRROR is not a folder with models and media.
class MirrorTest : public testing::Test {
 protected:
  void SetUp() override {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing changes the environment of a test
    const char* folder = std::getenv("RETINUE_MIRROR");
    if (folder == nullptr ||
        !std::filesystem::is_directory(std::filesystem::path(folder) / "media"))
      GTEST_SKIP() << "RETINUE_MIRROR names no folder with models/ and media/";
    mirror_ = folder;
  }

  std::filesystem::path media(const std::filesystem::path& file) const {
    return mirror_ / "media" / file;
  }

  /// Nothing is cached, so that no test depends on another.
  LoadedModel default_model(ModelTask task) const {
    const ModelStore store({.mirror = mirror_.string(), .cache_folder = {}});
    const Result<ModelEntry> entry = Catalogue::builtin().default_for(task);
    if (!entry) return failed(entry.error());
    const Result<ModelFile> file = load_model(store, *entry);
    if (!file) return failed(file.error());
    Result<LoadedModel> model = open_model(task, *file, {});
    if (!model) return failed(model.error());
    return *std::move(model);
  }

  /// A file below `models/` of the mirror.
  LoadedModel model_of(ModelTask task, const std::filesystem::path& path) const {
    const ModelStore store({.mirror = mirror_.string(), .cache_folder = {}});
    const Result<ModelFile> file = load_model(store, mirror_ / "models" / path, task);
    if (!file) return failed(file.error());
    Result<LoadedModel> model = open_model(task, *file, {});
    if (!model) return failed(model.error());
    return *std::move(model);
  }

  std::vector<LoadedModel> default_models() const {
    std::vector<LoadedModel> models;
    models.reserve(kModelTasks.size());
    for (const ModelTask task : kModelTasks) {
      if (!is_optional(task)) models.push_back(default_model(task));
    }
    return models;
  }

  /// The one picture of an image file.
  Frame picture(const std::filesystem::path& file) const {
    Decoded decoded = decode_all(media(file).string());
    if (decoded.frames.size() == 1) return std::move(decoded.frames.front());
    ADD_FAILURE() << file << " has " << decoded.frames.size() << " pictures";
    return Frame(Frame::Settings{});
  }

 private:
  static LoadedModel failed(const Error& error) {
    ADD_FAILURE() << error.message();
    return {};
  }

  std::filesystem::path mirror_;
};

}  // namespace retinue
