#include "models/model_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/temporary_folder.hpp"
#include "models/tiny_graph.hpp"

namespace retinue {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace fs = std::filesystem;

/// A blendshape model in miniature: its inputs and outputs are right, its values are not.
std::string model_text() {
  TinyGraph graph;
  graph.input("points", {1, 146, 2}).output("scores", {1, 52}).integers("shape", {1, 292});
  graph.integers("starts", {0}).integers("ends", {52}).integers("axes", {1});
  graph.node("Reshape", {"points", "shape"}, "flat");
  graph.node("Slice", {"flat", "starts", "ends", "axes"}, "scores");
  return graph.model().SerializeAsString();
}

class ModelFileTest : public ::testing::Test {
 protected:
  ModelFileTest() { write_text(path_, model_text()); }

  Result<ModelFile> load() const { return load_model(store_, path_, ModelTask::blendshapes); }

  /// The one file in `imported/` with this extension.
  fs::path imported_file(const std::string& extension) const {
    for (const auto& entry : fs::directory_iterator(folder_.path() / "cache" / "imported")) {
      if (entry.path().extension() == extension) return entry.path();
    }
    return {};
  }

  TemporaryFolder folder_;
  fs::path path_ = folder_.path() / "own.onnx";
  ModelStore store_{ModelStoreSettings{.cache_folder = folder_.path() / "cache"}};
};

TEST_F(ModelFileTest, IsImportedAndRecognised) {
  const Result<ModelFile> file = load();
  ASSERT_TRUE(file) << file.error().message();
  EXPECT_EQ(file->family, ModelFamily::mediapipe_blendshapes);
  EXPECT_EQ(file->path, path_);
  EXPECT_EQ(file->signature.description(),
            "points float32 [batch, 146, 2] -> scores float32 [batch, 52]");
  EXPECT_THAT(file->notes, IsEmpty());
  EXPECT_FALSE(file->entry);
}

TEST_F(ModelFileTest, IsReadFromTheImportCacheTheSecondTime) {
  const std::vector<std::byte> first = load()->graph;
  const fs::path cached = imported_file(".onnx");
  ASSERT_FALSE(cached.empty());
  const auto written = fs::last_write_time(cached);
  EXPECT_EQ(load()->graph, first);
  EXPECT_EQ(fs::last_write_time(cached), written);
}

TEST_F(ModelFileTest, IsImportedAnewWhenTheCachedGraphIsDamaged) {
  const std::vector<std::byte> first = load()->graph;
  const fs::path cached = imported_file(".onnx");
  std::string text = read_text(cached);
  text[text.size() / 2] ^= 1;
  write_text(cached, text);
  EXPECT_EQ(load()->graph, first);
  EXPECT_NE(read_text(cached), text);
}

TEST_F(ModelFileTest, IsImportedAnewWhenTheRecordedHashIsGone) {
  const std::vector<std::byte> first = load()->graph;
  fs::remove(imported_file(".sha256"));
  EXPECT_EQ(load()->graph, first);
  EXPECT_FALSE(imported_file(".sha256").empty());
}

TEST_F(ModelFileTest, LoadsWithANoteWhenTheCacheCannotBeWritten) {
  write_text(folder_.path() / "cache", "a file where the folder should be");
  const Result<ModelFile> file = load();
  ASSERT_TRUE(file) << file.error().message();
  EXPECT_FALSE(file->graph.empty());
  EXPECT_THAT(file->notes, ::testing::ElementsAre(HasSubstr("not kept for the next run")));
}

TEST_F(ModelFileTest, LoadsWithoutACacheFolder) {
  const ModelStore store{ModelStoreSettings{}};
  const Result<ModelFile> file = load_model(store, path_, ModelTask::blendshapes);
  ASSERT_TRUE(file) << file.error().message();
  EXPECT_THAT(file->notes, IsEmpty());
}

TEST_F(ModelFileTest, OfTheWrongShapeIsRefusedByName) {
  const Result<ModelFile> file = load_model(store_, path_, ModelTask::faces);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code(), ErrorCode::unsupported);
  EXPECT_THAT(file.error().message(),
              AllOf(HasSubstr(path_.string()), HasSubstr("points float32 [1, 146, 2]"),
                    HasSubstr("yunet")));
}

TEST_F(ModelFileTest, CutShortIsRefusedByName) {
  const std::string text = model_text();
  write_text(path_, text.substr(0, text.size() / 2));
  const Result<ModelFile> file = load();
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code(), ErrorCode::corrupt_input);
  EXPECT_THAT(file.error().message(), AllOf(HasSubstr(path_.string()), HasSubstr("cut short")));
}

TEST_F(ModelFileTest, ThatIsMissingIsNotFound) {
  const Result<ModelFile> file =
      load_model(store_, folder_.path() / "missing.onnx", ModelTask::faces);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code(), ErrorCode::not_found);
}

TEST_F(ModelFileTest, ThatIsAFolderIsUnavailable) {
  const Result<ModelFile> file = load_model(store_, folder_.path(), ModelTask::faces);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code(), ErrorCode::unavailable);
}

}  // namespace
}  // namespace retinue
