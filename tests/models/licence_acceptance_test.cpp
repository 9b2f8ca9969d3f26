#include "models/licence_acceptance.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/loopback_server.hpp"
#include "models/model_store.hpp"
#include "models/temporary_folder.hpp"

namespace retinue {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const ModelLicence kFree{.spdx = "MIT", .note = "see LICENSE", .non_commercial = false};
const ModelLicence kRestricted{
    .spdx = "LicenseRef-Mine", .note = "for research only", .non_commercial = true};

class LicenceAcceptance : public ::testing::Test {
 protected:
  std::filesystem::path cache() const { return folder_.path() / "cache"; }

  /// A collection of one file at `address`.
  ModelCollection collection_at(const std::string& address) const {
    ModelCollection collection;
    collection.name = "restricted";
    collection.licence = kRestricted;
    collection.files.push_back({.address = address,
                                .mirror_path = "folder/one.dat",
                                .sha256 = sha256_of(std::as_bytes(std::span(text_))),
                                .size_bytes = text_.size()});
    return collection;
  }

  const std::string text_ = "weights";
  TemporaryFolder folder_;
};

TEST_F(LicenceAcceptance, ALicenceForEverybodyNeedsNone) {
  EXPECT_TRUE(is_accepted(cache(), "free", kFree));
  EXPECT_TRUE(require_acceptance({}, "free", kFree));
}

TEST_F(LicenceAcceptance, TheErrorHasTheTermsAndHowToAcceptThem) {
  const Result<void> required = require_acceptance(cache(), "restricted", kRestricted);
  ASSERT_FALSE(required);
  EXPECT_THAT(required.error().message(),
              AllOf(HasSubstr("'restricted'"), HasSubstr("LicenseRef-Mine"),
                    HasSubstr("not for commercial use"), HasSubstr("for research only"),
                    HasSubstr("retinue models pull restricted --accept-licence")));
}

TEST_F(LicenceAcceptance, IsRememberedForThisModelAndTheseTerms) {
  ASSERT_TRUE(accept_licence(cache(), "restricted", kRestricted));
  EXPECT_TRUE(is_accepted(cache(), "restricted", kRestricted));
  EXPECT_FALSE(is_accepted(cache(), "other", kRestricted));
  ModelLicence changed = kRestricted;
  changed.note = "for nobody";
  EXPECT_FALSE(is_accepted(cache(), "restricted", changed));
}

TEST_F(LicenceAcceptance, WithoutACacheThereIsNone) {
  EXPECT_FALSE(is_accepted({}, "restricted", kRestricted));
  EXPECT_FALSE(accept_licence({}, "restricted", kRestricted));
}

TEST_F(LicenceAcceptance, NothingIsFetchedOrUsedBeforeIt) {
  const LoopbackServer server({.body = text_});
  const ModelCollection collection = collection_at(server.address());
  write_text(folder_.path() / "mirror" / "models" / "folder" / "one.dat", text_);
  const ModelStore with_mirror(
      {.mirror = (folder_.path() / "mirror").string(), .cache_folder = cache()});
  const ModelStore without({.mirror = {}, .cache_folder = cache()});
  for (const ModelStore* store : {&with_mirror, &without}) {
    const Result<std::vector<StoredModel>> refused = store->fetch(collection);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message(), HasSubstr("has not been accepted"));
  }
  EXPECT_THAT(server.requests(), IsEmpty());
  ModelEntry entry;
  entry.name = "restricted";
  entry.licence = kRestricted;
  EXPECT_FALSE(without.fetch(entry));

  ASSERT_TRUE(accept_licence(cache(), "restricted", kRestricted));
  EXPECT_FALSE(without.find(collection).value());
  const Result<std::vector<StoredModel>> files = without.fetch(collection);
  ASSERT_TRUE(files) << files.error().message();
  ASSERT_EQ(files->size(), 1U);
  EXPECT_EQ(read_text(files->front().path), text_);
  EXPECT_TRUE(without.find(collection).value());
  EXPECT_EQ(with_mirror.fetch(collection).value().front().origin, ModelOrigin::mirror);
}

}  // namespace
}  // namespace retinue
