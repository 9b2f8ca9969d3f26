#include "models/sha256.hpp"

#include <gtest/gtest.h>

#include "models/temporary_folder.hpp"

namespace retinue {
namespace {

// FIPS 180-4, example of one block.
constexpr std::string_view kAbc =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

TEST(Sha256, EqualsThePublishedExample) {
  EXPECT_EQ(sha256_of(bytes_of("abc")).hex(), kAbc);
}

TEST(Sha256, OfNothingIsTheHashOfTheEmptyMessage) {
  EXPECT_EQ(sha256_of({}).hex(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256, DoesNotDependOnHowTheBytesArrive) {
  Sha256Stream stream;
  stream.add(bytes_of("a"));
  stream.add(bytes_of("bc"));
  EXPECT_EQ(stream.finish().hex(), kAbc);
}

TEST(Sha256, StartsAnewAfterFinish) {
  Sha256Stream stream;
  stream.add(bytes_of("something else"));
  (void)stream.finish();
  stream.add(bytes_of("abc"));
  EXPECT_EQ(stream.finish().hex(), kAbc);
}

TEST(Sha256, ReadsItsOwnHexBackInEitherCase) {
  const Result<Sha256> upper =
      Sha256::parse("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD");
  ASSERT_TRUE(upper) << upper.error().message();
  EXPECT_EQ(*upper, sha256_of(bytes_of("abc")));
}

TEST(Sha256, RefusesHexOfAnotherLengthOrAlphabet) {
  EXPECT_FALSE(Sha256::parse(kAbc.substr(1)));
  EXPECT_FALSE(Sha256::parse("g" + std::string(kAbc.substr(1))));
}

TEST(Sha256, OfAFileEqualsThatOfItsBytes) {
  const TemporaryFolder folder;
  const std::string text(200'000, 'x');  // more than one read
  write_text(folder.path() / "file", text);
  const Result<Sha256> hash = sha256_of_file(folder.path() / "file");
  ASSERT_TRUE(hash) << hash.error().message();
  EXPECT_EQ(*hash, sha256_of(bytes_of(text)));
}

TEST(Sha256, OfAMissingFileIsNotFound) {
  const TemporaryFolder folder;
  const Result<Sha256> hash = sha256_of_file(folder.path() / "missing");
  ASSERT_FALSE(hash);
  EXPECT_EQ(hash.error().code(), ErrorCode::not_found);
}

TEST(Sha256, OfAFolderIsAnErrorNotAHash) {
  const TemporaryFolder folder;
  EXPECT_FALSE(sha256_of_file(folder.path()));
}

}  // namespace
}  // namespace retinue
