#include "models/model_listing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/model_file.hpp"
#include "models/temporary_folder.hpp"
#include "models/tiny_graph.hpp"

namespace retinue {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

namespace fs = std::filesystem;

std::string model_text() {
  TinyGraph graph;
  graph.input("points", {1, 146, 2}).output("scores", {1, 52}).integers("shape", {1, 292});
  graph.integers("starts", {0}).integers("ends", {52}).integers("axes", {1});
  graph.node("Reshape", {"points", "shape"}, "flat");
  graph.node("Slice", {"flat", "starts", "ends", "axes"}, "scores");
  return graph.model().SerializeAsString();
}

/// A catalogue of this one model.
Catalogue catalogue_of(const std::string& text) {
  const std::string toml = R"([[model]]
name = "small"
task = "blendshapes"
family = "mediapipe_blendshapes"
default = true
address = "http://127.0.0.1:1/small.onnx"
mirror = "folder/small.onnx"
accuracy = ""
source = ""
notes = ""
licence = { spdx = "MIT", note = "", non_commercial = false }
input = [{ name = "points", element = "float32", shape = [1, 146, 2] }]
output = [{ name = "scores", element = "float32", shape = [1, 52] }]
)";
  return Catalogue::parse(toml + "size = " + std::to_string(text.size()) + "\nsha256 = \"" +
                              sha256_of(std::as_bytes(std::span(text))).hex() + "\"\n",
                          "test.toml")
      .value();
}

class ModelListingTest : public ::testing::Test {
 protected:
  ModelListing listing() const {
    const std::vector<ModelListing> listings = list_models(catalogue_, store_);
    EXPECT_THAT(listings, SizeIs(1));
    return listings.front();
  }

  const ModelEntry& entry() const { return *catalogue_.find("small"); }

  TemporaryFolder folder_;
  std::string text_ = model_text();
  Catalogue catalogue_ = catalogue_of(text_);
  ModelStore store_{ModelStoreSettings{.mirror = (folder_.path() / "mirror").string(),
                                       .cache_folder = folder_.path() / "cache"}};
  fs::path in_mirror_ = folder_.path() / "mirror" / "models" / "folder" / "small.onnx";
};

TEST_F(ModelListingTest, SaysThatAModelIsMissing) {
  EXPECT_EQ(listing().state, ModelState::missing);
}

TEST_F(ModelListingTest, SaysWhereAModelIs) {
  write_text(store_.cached_path(entry()), text_);
  EXPECT_EQ(listing().state, ModelState::cached);
  EXPECT_EQ(listing().path, store_.cached_path(entry()));
  write_text(in_mirror_, text_);
  EXPECT_EQ(listing().state, ModelState::mirror);
  EXPECT_EQ(listing().path, in_mirror_);
}

TEST_F(ModelListingTest, SaysThatAModelIsImported) {
  write_text(in_mirror_, text_);
  ASSERT_TRUE(load_model(store_, entry()));
  EXPECT_EQ(listing().state, ModelState::imported);
}

TEST_F(ModelListingTest, SaysWhatIsWrongWithAFile) {
  write_text(in_mirror_, "something else");
  EXPECT_EQ(listing().state, ModelState::invalid);
  EXPECT_THAT(listing().problem, HasSubstr("expected sha256"));
}

TEST_F(ModelListingTest, DescribesAModelByName) {
  write_text(in_mirror_, text_);
  const ModelDescription description = describe_model(catalogue_, store_, "small").value();
  EXPECT_EQ(description.path, in_mirror_);
  EXPECT_EQ(description.family, ModelFamily::mediapipe_blendshapes);
  EXPECT_EQ(description.task, ModelTask::blendshapes);
  EXPECT_THAT(description.changes, ::testing::ElementsAre("batch axis opened"));
}

TEST_F(ModelListingTest, KnowsAFileOfTheCatalogueByItsHash) {
  const fs::path path = folder_.path() / "renamed.onnx";
  write_text(path, text_);
  const ModelDescription description = describe_model(catalogue_, store_, path.string()).value();
  ASSERT_TRUE(description.entry);
  EXPECT_EQ(description.entry->name, "small");
}

TEST_F(ModelListingTest, SaysForEachTaskWhyAFileIsNotOfIt) {
  TinyGraph graph;
  graph.input("x", {1, 7}).output("y", {1, 7}).node("Relu", {"x"}, "y");
  const fs::path path = folder_.path() / "other.onnx";
  write_text(path, graph.model().SerializeAsString());
  const Result<ModelDescription> description = describe_model(catalogue_, store_, path.string());
  ASSERT_TRUE(description) << description.error().message();
  EXPECT_FALSE(description->family);
  EXPECT_THAT(description->reasons, SizeIs(kModelTasks.size()));
}

TEST_F(ModelListingTest, TellsAMissingModelFromAnUnknownName) {
  const Result<ModelDescription> missing = describe_model(catalogue_, store_, "small");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message(), HasSubstr("retinue models pull small"));
  const Result<ModelDescription> unknown = describe_model(catalogue_, store_, "large");
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message(), HasSubstr("neither a file nor a model"));
}

}  // namespace
}  // namespace retinue
