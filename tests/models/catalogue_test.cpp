#include "models/catalogue.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/model_source.hpp"

namespace retinue {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kEntry = R"([[model]]
name = "small"
task = "blendshapes"
family = "mediapipe_blendshapes"
default = true
address = "https://example.org/small.onnx"
mirror = "folder/small.onnx"
sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
size = 3
accuracy = "none"
source = "none"
notes = "none"
licence = { spdx = "MIT", note = "none", non_commercial = false }
input = [{ name = "points", element = "float32", shape = [-1, 146, 2] }]
output = [{ name = "scores", element = "float32", shape = [52] }]
)";

/// The entry with one line replaced.
std::string with_line(std::string_view start, std::string_view replacement) {
  std::string text(kEntry);
  const std::size_t at = text.find(start);
  return text.replace(at, text.find('\n', at) - at, replacement);
}

std::string error_of(const std::string& toml) {
  const Result<Catalogue> catalogue = Catalogue::parse(toml, "test.toml");
  return catalogue ? "no error" : catalogue.error().message();
}

TEST(Catalogue, ReadsEveryFieldOfAnEntry) {
  const Result<Catalogue> catalogue = Catalogue::parse(kEntry, "test.toml");
  ASSERT_TRUE(catalogue) << catalogue.error().message();
  ASSERT_EQ(catalogue->entries().size(), 1U);
  const ModelEntry& entry = catalogue->entries().front();
  EXPECT_EQ(entry.name, "small");
  EXPECT_EQ(entry.task, ModelTask::blendshapes);
  EXPECT_EQ(entry.family, ModelFamily::mediapipe_blendshapes);
  EXPECT_TRUE(entry.is_default);
  EXPECT_EQ(entry.file_name(), "small.onnx");
  EXPECT_EQ(entry.size_bytes, 3U);
  EXPECT_EQ(entry.licence.spdx, "MIT");
  EXPECT_EQ(entry.inputs.front().description(), "points float32 [?, 146, 2]");
  EXPECT_EQ(entry.outputs.front().description(), "scores float32 [52]");
  EXPECT_FALSE(entry.image);
}

TEST(Catalogue, FindsAModelByNameByHashAndAsDefault) {
  const Catalogue catalogue = Catalogue::parse(kEntry, "test.toml").value();
  const ModelEntry* by_name = catalogue.find("small");
  ASSERT_NE(by_name, nullptr);
  EXPECT_EQ(catalogue.find(by_name->sha256), by_name);
  EXPECT_EQ(catalogue.default_for(ModelTask::blendshapes)->name, "small");
  EXPECT_EQ(catalogue.find("large"), nullptr);
  EXPECT_FALSE(catalogue.default_for(ModelTask::faces));
}

TEST(Catalogue, ReadsTheCompanionAndTheMemberOfAnEntry) {
  const std::string second =
      "size = 3\nmember = \"a.tflite\"\n"
      "companion = { address = \"https://example.org/small.bin\", mirror = \"folder/small.bin\", "
      "sha256 = \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\", size = 7 }";
  const Result<Catalogue> catalogue = Catalogue::parse(with_line("size", second), "test.toml");
  ASSERT_TRUE(catalogue) << catalogue.error().message();
  const ModelEntry& entry = catalogue->entries().front();
  EXPECT_EQ(entry.member, "a.tflite");
  ASSERT_TRUE(entry.companion);
  EXPECT_EQ(entry.companion->mirror_path, "folder/small.bin");
  EXPECT_EQ(entry.companion->size_bytes, 7U);
}

TEST(Catalogue, RefusesACompanionWithoutAHash) {
  EXPECT_THAT(error_of(with_line("size",
                                 "size = 3\ncompanion = { address = \"a\", mirror = \"b\", "
                                 "size = 7 }")),
              HasSubstr("'sha256' is missing"));
}

TEST(Catalogue, FindsTheModelForATaskInAFileOfSeveral) {
  const std::string other = with_line("name", "name = \"other\"");
  std::string text = std::string(kEntry) + other;
  text.replace(text.rfind("default = true"), 14, "default = false");
  text.replace(text.rfind("task = \"blendshapes\""), 20, "task = \"landmarks\"");
  const Catalogue catalogue = Catalogue::parse(text, "test.toml").value();
  const Sha256 hash = catalogue.find("small")->sha256;
  EXPECT_EQ(catalogue.find(hash, ModelTask::landmarks), catalogue.find("other"));
  EXPECT_EQ(catalogue.find(hash, ModelTask::faces), nullptr);
}

TEST(Catalogue, TakesAModelThatOnlyMirrorsHave) {
  const Result<Catalogue> catalogue = Catalogue::parse(with_line("address", ""), "test.toml");
  ASSERT_TRUE(catalogue) << catalogue.error().message();
  EXPECT_EQ(catalogue->entries().front().address, "");
}

constexpr std::string_view kCollection = R"(
[[collection]]
name = "many"
task = "action-units"
source = "none"
notes = "none"
licence = { spdx = "LicenseRef-Mine", note = "ask me", non_commercial = true }
[[collection.files]]
address = "https://example.org/a"
mirror = "folder"
file = [
  { path = "x/one.dat", sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", size = 3 },
  { path = "two.dat", sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", size = 4 },
]
)";

TEST(Catalogue, ReadsTheFilesOfACollection) {
  const Result<Catalogue> catalogue =
      Catalogue::parse(std::string(kEntry) + std::string(kCollection), "test.toml");
  ASSERT_TRUE(catalogue) << catalogue.error().message();
  const ModelCollection* collection = catalogue->find_collection("many");
  ASSERT_NE(collection, nullptr);
  EXPECT_EQ(collection->task, "action-units");
  EXPECT_TRUE(collection->licence.non_commercial);
  EXPECT_EQ(collection->size_bytes(), 7U);
  ASSERT_EQ(collection->files.size(), 2U);
  EXPECT_EQ(collection->files[0].address, "https://example.org/a/x/one.dat");
  EXPECT_EQ(collection->files[0].mirror_path, "folder/x/one.dat");
  EXPECT_EQ(catalogue->find_collection("small"), nullptr);
}

TEST(Catalogue, RefusesACollectionThatIsNotWhole) {
  const auto changed = [](std::string_view from, std::string_view to) {
    std::string text = std::string(kEntry) + std::string(kCollection);
    return text.replace(text.rfind(from), from.size(), to);
  };
  EXPECT_THAT(error_of(changed("two.dat", "../two.dat")), HasSubstr("not a path below a folder"));
  EXPECT_THAT(error_of(changed("name = \"many\"", "name = \"small\"")), HasSubstr("there twice"));
  EXPECT_THAT(error_of(changed("mirror = \"folder\"\n", "")), HasSubstr("'mirror' is missing"));
  EXPECT_THAT(error_of(changed("size = 4", "size = 0")), HasSubstr("not a positive number"));
  EXPECT_THAT(error_of(changed("task = \"action-units\"\n", "")), HasSubstr("'task' is missing"));
}

TEST(Catalogue, NamesTheLineOfTextThatIsNotToml) {
  EXPECT_THAT(error_of("[[model]]\nname = \n"), HasSubstr("test.toml:2: "));
}

TEST(Catalogue, NamesTheLineOfAValueThatItDoesNotKnow) {
  EXPECT_THAT(error_of(with_line("task", "task = \"hats\"")),
              HasSubstr("test.toml:3: model task 'hats' is not one of faces"));
  EXPECT_THAT(error_of(with_line("sha256", "sha256 = \"12\"")), HasSubstr("test.toml:8: sha256"));
}

TEST(Catalogue, RefusesAKeyThatIsMissingUnknownOrOfAnotherType) {
  EXPECT_THAT(error_of(with_line("size", "")), HasSubstr("the key 'size' is missing"));
  EXPECT_THAT(error_of(with_line("size", "size = \"3\"")), HasSubstr("test.toml:9: 'size'"));
  EXPECT_THAT(error_of(with_line("size", "size = 3\nsighs = 4")),
              HasSubstr("test.toml:10: unknown key 'sighs'"));
}

TEST(Catalogue, RefusesTwoModelsOfOneNameAndTwoDefaultsOfOneTask) {
  EXPECT_THAT(error_of(std::string(kEntry) + std::string(kEntry)), HasSubstr("there twice"));
  EXPECT_THAT(error_of(std::string(kEntry) + with_line("name", "name = \"other\"")),
              HasSubstr("has a default model already"));
}

TEST(Catalogue, RefusesAMirrorPathThatLeavesTheMirror) {
  for (const std::string path : {"/etc/passwd", "../secret", "a/../../secret", "", "folder/"}) {
    EXPECT_THAT(error_of(with_line("mirror", "mirror = \"" + path + "\"")),
                HasSubstr("is not a path below a folder"));
  }
}

TEST(BuiltinCatalogue, HasADefaultModelOfItsOwnTaskForEveryTask) {
  for (const ModelTask task : kModelTasks) {
    const Result<ModelEntry> entry = Catalogue::builtin().default_for(task);
    if (is_optional(task)) {
      EXPECT_FALSE(entry) << name_of(task);
      continue;
    }
    ASSERT_TRUE(entry) << entry.error().message();
    EXPECT_EQ(entry->task, task);
  }
}

TEST(BuiltinCatalogue, HasOnlyPermissiveDefaults) {
  const std::set<std::string> permissive{"Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause"};
  for (const ModelEntry& entry : Catalogue::builtin().entries()) {
    if (!entry.is_default) continue;
    EXPECT_TRUE(permissive.contains(entry.licence.spdx)) << entry.name;
    EXPECT_FALSE(entry.licence.non_commercial) << entry.name;
  }
}

TEST(BuiltinCatalogue, PinsEveryAddressToACommit) {
  for (const ModelEntry& entry : Catalogue::builtin().entries()) {
    if (entry.address.empty()) {
      EXPECT_THAT(entry.notes, HasSubstr("Made from ")) << entry.name;
      continue;
    }
    EXPECT_THAT(entry.address,
                ::testing::ContainsRegex("^https://raw\\.githubusercontent\\.com/[^/]+/[^/]+/"
                                         "[0-9a-f]{40}/"));
  }
}

TEST(BuiltinCatalogue, PinsEveryFileOfACollectionToACommit) {
  ASSERT_FALSE(Catalogue::builtin().collections().empty());
  for (const ModelCollection& collection : Catalogue::builtin().collections()) {
    for (const CatalogueFile& file : collection.files) {
      EXPECT_THAT(file.address,
                  ::testing::ContainsRegex("^https://raw\\.githubusercontent\\.com/[^/]+/[^/]+/"
                                           "[0-9a-f]{40}/"));
    }
  }
}

TEST(BuiltinCatalogue, OpenFacesModelsAreNotForCommercialUse) {
  const ModelCollection* collection = Catalogue::builtin().find_collection("openface_au");
  ASSERT_NE(collection, nullptr);
  EXPECT_TRUE(collection->licence.non_commercial);
  EXPECT_EQ(collection->files.size(), 66U);
}

TEST(BuiltinCatalogue, ContractsAreThoseOfTheirFamilies) {
  for (const ModelEntry& entry : Catalogue::builtin().entries()) {
    const ModelSignature signature{.inputs = entry.inputs, .outputs = entry.outputs};
    const Result<ModelFamily> family = recognise_family(signature, entry.task);
    ASSERT_TRUE(family) << entry.name << ": " << family.error().message();
    EXPECT_EQ(*family, entry.family) << entry.name;
  }
}

/// The catalogue does not name open axes; -1 stands for them.
std::string without_axis_names(ModelSignature signature) {
  for (auto* tensors : {&signature.inputs, &signature.outputs}) {
    for (ModelTensor& tensor : *tensors) {
      for (ModelAxis& axis : tensor.axes)
        axis.symbol.clear();
    }
  }
  return signature.description();
}

void expect_description_of(const ModelSource& source, const ModelEntry& entry) {
  EXPECT_EQ(source.bytes.size(), entry.size_bytes) << entry.name;
  EXPECT_EQ(sha256_of(source.bytes).hex(), entry.sha256.hex()) << entry.name;
  if (entry.companion) {
    EXPECT_EQ(source.weights.size(), entry.companion->size_bytes) << entry.name;
    EXPECT_EQ(sha256_of(source.weights).hex(), entry.companion->sha256.hex()) << entry.name;
  }
  const ModelSignature expected{.inputs = entry.inputs, .outputs = entry.outputs};
  const auto onnx = onnx_form(source, entry.member);
  ASSERT_TRUE(onnx) << entry.name << ": " << onnx.error().message();
  const Result<ModelSignature> found = read_signature(*onnx);
  EXPECT_EQ(found ? without_axis_names(*found) : found.error().message(), expected.description())
      << entry.name;
}

TEST(BuiltinCatalogue, DescribesTheFilesOfTheMirror) {
  const char* mirror = std::getenv("RETINUE_MIRROR");  // NOLINT(concurrency-mt-unsafe)
  if (mirror == nullptr || !std::filesystem::is_directory(mirror)) {
    GTEST_SKIP() << "RETINUE_MIRROR names no folder: there are no model files to compare with";
  }
  for (const ModelEntry& entry : Catalogue::builtin().entries()) {
    const auto path = std::filesystem::path(mirror) / "models" / entry.mirror_path;
    const Result<ModelSource> source = read_model_source(path);
    ASSERT_TRUE(source) << source.error().message();
    expect_description_of(*source, entry);
  }
}

TEST(BuiltinCatalogue, HasTheHashesOfTheMirrorsCollections) {
  const char* mirror = std::getenv("RETINUE_MIRROR");  // NOLINT(concurrency-mt-unsafe)
  if (mirror == nullptr || !std::filesystem::is_directory(mirror)) {
    GTEST_SKIP() << "RETINUE_MIRROR names no folder: there are no model files to compare with";
  }
  for (const ModelCollection& collection : Catalogue::builtin().collections()) {
    for (const CatalogueFile& file : collection.files) {
      const auto path = std::filesystem::path(mirror) / "models" / file.mirror_path;
      const Result<Sha256> hash = sha256_of_file(path);
      ASSERT_TRUE(hash) << hash.error().message();
      EXPECT_EQ(hash->hex(), file.sha256.hex()) << path;
      EXPECT_EQ(std::filesystem::file_size(path), file.size_bytes) << path;
    }
  }
}

}  // namespace
}  // namespace retinue
