#include "models/model_store.hpp"

#include <cstdlib>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/loopback_server.hpp"
#include "models/temporary_folder.hpp"

namespace retinue {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

namespace fs = std::filesystem;

/// Large enough to arrive in several pieces.
std::string model_text() {
  std::string text;
  for (int i = 0; i < 40'000; ++i)
    text += std::to_string(i) + ",";
  return text;
}

ModelEntry entry_of(const std::string& text, const std::string& address) {
  ModelEntry entry;
  entry.name = "small";
  entry.address = address;
  entry.mirror_path = "folder/small.onnx";
  entry.sha256 = sha256_of(std::as_bytes(std::span(text)));
  entry.size_bytes = text.size();
  return entry;
}

class ModelStoreTest : public ::testing::Test {
 protected:
  ModelStoreSettings settings() const { return {.cache_folder = folder_.path() / "cache"}; }

  ModelStoreSettings with_mirror(const std::string& mirror) const {
    return {.mirror = mirror, .cache_folder = folder_.path() / "cache"};
  }

  fs::path mirror_folder() const { return folder_.path() / "mirror"; }

  const std::string text_ = model_text();
  // Nothing listens on port 1 of the loopback: a refused connection, as without a network.
  const ModelEntry offline_ = entry_of(text_, "http://127.0.0.1:1/small.onnx");
  TemporaryFolder folder_;
};

TEST_F(ModelStoreTest, FindsNothingWhereNothingIs) {
  const Result<std::optional<StoredModel>> found = ModelStore(settings()).find(offline_);
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_FALSE(*found);
}

TEST_F(ModelStoreTest, PrefersTheMirrorFolderToTheCache) {
  const ModelStore store(with_mirror(mirror_folder().string()));
  write_text(mirror_folder() / "models" / "folder" / "small.onnx", text_);
  write_text(store.cached_path(offline_), text_);
  const Result<StoredModel> found = store.fetch(offline_);
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(found->origin, ModelOrigin::mirror);
  EXPECT_EQ(found->path, mirror_folder() / "models" / "folder" / "small.onnx");
}

TEST_F(ModelStoreTest, PrefersTheCacheToTheNetwork) {
  const LoopbackServer server({.body = text_});
  const ModelEntry entry = entry_of(text_, server.address());
  const ModelStore store(settings());
  write_text(store.cached_path(entry), text_);
  const Result<StoredModel> found = store.fetch(entry);
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(found->origin, ModelOrigin::cache);
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(ModelStoreTest, FetchesFromUpstreamIntoTheCache) {
  const LoopbackServer server({.body = text_});
  const ModelEntry entry = entry_of(text_, server.address() + "/small.onnx");
  const ModelStore store(settings());
  const Result<StoredModel> found = store.fetch(entry);
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(found->origin, ModelOrigin::upstream);
  EXPECT_EQ(found->path, store.cached_path(entry));
  EXPECT_EQ(read_text(found->path), text_);
  EXPECT_FALSE(fs::exists(found->path.string() + ".part"));
}

TEST_F(ModelStoreTest, FetchesTheCompanionTooAndVerifiesIt) {
  const std::string weights = "weights";
  const LoopbackServer graph_server({.body = text_});
  const LoopbackServer weights_server({.body = weights});
  ModelEntry entry = entry_of(text_, graph_server.address());
  entry.companion = CatalogueFile{.address = weights_server.address(),
                                  .mirror_path = "folder/small.bin",
                                  .sha256 = sha256_of(std::as_bytes(std::span(weights))),
                                  .size_bytes = weights.size()};
  const ModelStore store(settings());
  const Result<StoredModel> found = store.fetch(entry);
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(read_text(found->path), text_);
  EXPECT_EQ(read_text(found->companion_path), weights);
  EXPECT_TRUE(store.find(entry).value());
  write_text(found->companion_path, "damaged");
  const Result<std::optional<StoredModel>> damaged = store.find(entry);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code(), ErrorCode::corrupt_input);
}

TEST_F(ModelStoreTest, FindsNoModelWithoutItsCompanion) {
  ModelEntry entry = offline_;
  entry.companion = CatalogueFile{.address = "http://127.0.0.1:1/small.bin",
                                  .mirror_path = "folder/small.bin",
                                  .sha256 = entry.sha256,
                                  .size_bytes = 7};
  const ModelStore store(settings());
  write_text(store.cached_path(entry), text_);
  const Result<std::optional<StoredModel>> found = store.find(entry);
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_FALSE(*found);
}

TEST_F(ModelStoreTest, AsksAMirrorAddressBeforeUpstream) {
  const LoopbackServer mirror({.body = text_});
  const ModelStore store(with_mirror(mirror.address() + "/files/"));
  const Result<StoredModel> found = store.fetch(offline_);
  ASSERT_TRUE(found) << found.error().message();
  ASSERT_EQ(mirror.requests().size(), 1U);
  EXPECT_THAT(mirror.requests().front(), HasSubstr("GET /files/models/folder/small.onnx "));
}

TEST_F(ModelStoreTest, AsksUpstreamWhenTheMirrorAddressLacksTheFile) {
  const LoopbackServer mirror({.status = 404});
  const LoopbackServer upstream({.body = text_});
  const ModelStore store(with_mirror(mirror.address()));
  const Result<StoredModel> found = store.fetch(entry_of(text_, upstream.address()));
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(mirror.requests().size(), 1U);
}

TEST_F(ModelStoreTest, AsksOnlyTheMirrorForAFileThatNobodyElseHas) {
  const ModelEntry entry = entry_of(text_, "");
  const Result<StoredModel> nowhere = ModelStore(settings()).fetch(entry);
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code(), ErrorCode::unavailable);
  EXPECT_THAT(nowhere.error().message(), HasSubstr("no address has its file"));
  EXPECT_THAT(nowhere.error().message(), HasSubstr("RETINUE_MIRROR"));

  const LoopbackServer mirror({.body = text_});
  EXPECT_TRUE(ModelStore(with_mirror(mirror.address())).fetch(entry));
}

TEST_F(ModelStoreTest, ResumesATransferThatBrokeOff) {
  const LoopbackServer server({.body = text_, .break_off_at = 100'000});
  const ModelEntry entry = entry_of(text_, server.address());
  const ModelStore store(settings());

  const Result<StoredModel> broken = store.fetch(entry);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code(), ErrorCode::unavailable);
  const std::uintmax_t had = fs::file_size(store.cached_path(entry).string() + ".part");
  EXPECT_EQ(had, 100'000U);

  const Result<StoredModel> found = store.fetch(entry);
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(read_text(found->path), text_);
  EXPECT_THAT(server.requests().back(), HasSubstr("Range: bytes=100000-"));
}

TEST_F(ModelStoreTest, StartsOverWithAServerThatKnowsNoRanges) {
  const LoopbackServer server({.body = text_, .break_off_at = 100'000, .knows_ranges = false});
  const ModelEntry entry = entry_of(text_, server.address());
  const ModelStore store(settings());
  ASSERT_FALSE(store.fetch(entry));
  const Result<StoredModel> found = store.fetch(entry);
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(read_text(found->path), text_);
}

TEST_F(ModelStoreTest, StartsOverWhenWhatWasLeftIsOfAnotherFile) {
  const LoopbackServer server({.body = text_});
  const ModelEntry entry = entry_of(text_, server.address());
  const ModelStore store(settings());
  write_text(store.cached_path(entry).string() + ".part", "something else");
  const Result<StoredModel> found = store.fetch(entry);
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(read_text(found->path), text_);
}

TEST_F(ModelStoreTest, ReportsProgressUpToTheWholeFile) {
  const LoopbackServer server({.body = text_});
  std::uint64_t last_bytes = 0;
  const PullOptions options{.progress = [&](const PullProgress& progress) {
    EXPECT_GE(progress.received_bytes, last_bytes);
    EXPECT_EQ(progress.total_bytes, text_.size());
    last_bytes = progress.received_bytes;
  }};
  ASSERT_TRUE(ModelStore(settings()).fetch(entry_of(text_, server.address()), options));
  EXPECT_EQ(last_bytes, text_.size());
}

TEST_F(ModelStoreTest, StopsWhenAsked) {
  const LoopbackServer server({.body = text_});
  std::stop_source source;
  source.request_stop();
  const Result<StoredModel> found =
      ModelStore(settings()).fetch(entry_of(text_, server.address()), {.stop = source.get_token()});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), ErrorCode::timed_out);
}

TEST_F(ModelStoreTest, NamesBothHashesWhenWhatCameIsAnotherFile) {
  std::string other = text_;
  other.back() = ';';
  const LoopbackServer server({.body = other});
  const ModelEntry entry = entry_of(text_, server.address());
  const ModelStore store(settings());
  const Result<StoredModel> found = store.fetch(entry);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), ErrorCode::corrupt_input);
  EXPECT_THAT(found.error().message(),
              AllOf(HasSubstr("expected sha256 " + entry.sha256.hex()),
                    HasSubstr("found " + sha256_of(std::as_bytes(std::span(other))).hex())));
  EXPECT_FALSE(fs::exists(store.cached_path(entry)));
  EXPECT_FALSE(fs::exists(store.cached_path(entry).string() + ".part"));
}

TEST_F(ModelStoreTest, RefusesAnAnswerThatIsLargerThanTheModel) {
  const LoopbackServer server({.body = text_ + "more"});
  const Result<StoredModel> found = ModelStore(settings()).fetch(entry_of(text_, server.address()));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), ErrorCode::corrupt_input);
  EXPECT_THAT(found.error().message(), HasSubstr("larger than"));
}

TEST_F(ModelStoreTest, RefusesAMirrorFileWithAnotherHash) {
  write_text(mirror_folder() / "models" / "folder" / "small.onnx", "something else");
  const ModelStore store(with_mirror(mirror_folder().string()));
  const Result<StoredModel> found = store.fetch(offline_);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), ErrorCode::corrupt_input);
  EXPECT_THAT(found.error().message(), HasSubstr("expected sha256 " + offline_.sha256.hex()));
}

TEST_F(ModelStoreTest, FetchesACachedFileWithAnotherHashAnew) {
  const LoopbackServer server({.body = text_});
  const ModelEntry entry = entry_of(text_, server.address());
  const ModelStore store(settings());
  write_text(store.cached_path(entry), "damaged");
  ASSERT_FALSE(store.find(entry));
  const Result<StoredModel> found = store.fetch(entry);
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(read_text(found->path), text_);
}

TEST_F(ModelStoreTest, SaysWithoutANetworkWhatWasTriedAndWhatToDo) {
  const ModelStore store(with_mirror(mirror_folder().string()));
  const Result<StoredModel> found = store.fetch(offline_);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), ErrorCode::unavailable);
  EXPECT_THAT(found.error().message(),
              AllOf(HasSubstr("model 'small'"), HasSubstr("http://127.0.0.1:1/small.onnx"),
                    HasSubstr("'" + store.cached_path(offline_).string() + "'"),
                    HasSubstr("RETINUE_MIRROR"), HasSubstr("models/folder/small.onnx"),
                    HasSubstr(mirror_folder().string())));
}

TEST_F(ModelStoreTest, SaysThatThereIsNoCacheFolder) {
  const Result<StoredModel> found = ModelStore(ModelStoreSettings{}).fetch(offline_);
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message(), HasSubstr("neither XDG_CACHE_HOME nor HOME"));
}

TEST_F(ModelStoreTest, SaysThatTheCacheCannotBeWritten) {
  write_text(folder_.path() / "cache", "a file where the folder should be");
  const Result<StoredModel> found = ModelStore(settings()).fetch(offline_);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), ErrorCode::resource_exhausted);
}

TEST_F(ModelStoreTest, PullsOfOneModelAtOnceDoNotDisturbEachOther) {
  const LoopbackServer server({.body = text_});
  const ModelEntry entry = entry_of(text_, server.address());
  const ModelStore store(settings());
  std::vector<std::string> problems(4);
  {
    std::vector<std::jthread> threads;
    threads.reserve(problems.size());
    for (std::string& problem : problems) {
      threads.emplace_back([&] {
        const Result<StoredModel> found = store.fetch(entry);
        if (!found) problem = found.error().message();
      });
    }
  }
  for (const std::string& problem : problems)
    EXPECT_EQ(problem, "");
  EXPECT_EQ(read_text(store.cached_path(entry)), text_);
}

}  // namespace
}  // namespace retinue
