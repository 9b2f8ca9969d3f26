#include "source/source_list.hpp"

#include <filesystem>

#include <gmock/gmock.h>

#include "media/media_test.hpp"

namespace retinue {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SourceList : public MediaTest {
 protected:
  std::string make_png(const std::string& name) const {
    return make("-f lavfi -i color=red:s=16x16 -frames:v 1 -c:v png -f image2 -update 1", name);
  }
  std::string make_video(const std::string& name) const {
    return make("-f lavfi -i color=red:s=16x16:d=0.2 -c:v mpeg4", name);
  }
  static std::vector<std::string> names(const Result<std::vector<SourceSpec>>& specs) {
    std::vector<std::string> names;
    if (!specs) return {"error: " + specs.error().message()};
    for (const SourceSpec& spec : *specs)
      names.push_back(spec.name);
    return names;
  }
};

TEST_F(SourceList, TakesAFileAsItself) {
  const std::string video = make_video("a.mp4");
  const auto specs = expand_source(video);

  ASSERT_THAT(names(specs), ElementsAre(video));
  EXPECT_EQ(specs->front().kind, SourceKind::video);
  EXPECT_FALSE(specs->front().live);
}

TEST_F(SourceList, KnowsAKindByContentNotByName) {
  const auto picture = expand_source(make_png("picture.mp4"));
  const auto animation =
      expand_source(make("-f lavfi -i testsrc=s=16x16:d=0.5 -f gif", "animation.jpg"));
  const auto video = expand_source(make("-f lavfi -i testsrc=s=16x16:d=0.2 -f avi", "video.png"));

  EXPECT_EQ(picture->front().kind, SourceKind::image);
  EXPECT_EQ(animation->front().kind, SourceKind::video);
  EXPECT_EQ(video->front().kind, SourceKind::video);
}

TEST_F(SourceList, KnowsTheUsualPictureFormats) {
  for (const std::string name : {"a.jpg", "a.png", "a.bmp", "a.tiff", "a.webp"}) {
    const auto specs =
        expand_source(make("-f lavfi -i testsrc=s=64x48 -frames:v 1 -update 1", name));
    EXPECT_EQ(specs->front().kind, SourceKind::image) << name;
  }
}

TEST_F(SourceList, TakesAJpegWithASecondPictureBehindItAsOneImage) {
  const std::string one = make("-f lavfi -i testsrc=s=16x16 -frames:v 1 -update 1", "one.jpg");
  const std::string bytes = bytes_of(one);
  const auto specs = expand_source(put("two.jpg", bytes + bytes + bytes + bytes));

  EXPECT_EQ(specs->front().kind, SourceKind::image);
}

TEST_F(SourceList, TakesAStreamOfJpegsAsAVideo) {
  const std::string stream = make("-f lavfi -i testsrc=s=160x96:d=1", "a.mjpeg");

  EXPECT_EQ(expand_source(stream)->front().kind, SourceKind::video);
}

TEST_F(SourceList, GivesTheMediaOfAFolderByName) {
  make_png("b.png");
  make_video("a.MP4");
  make_video("c.mkv");
  make_video(".hidden.mp4");
  put("notes.txt", "hello");
  std::filesystem::create_directory(path("sub.mp4"));
  const auto specs = expand_source(path("."));

  EXPECT_THAT(names(specs), ElementsAre(path("./a.MP4"), path("./b.png"), path("./c.mkv")));
  EXPECT_EQ((*specs)[1].kind, SourceKind::image);
}

TEST_F(SourceList, SaysWhichExtensionsCountWhenAFolderHasNone) {
  put("notes.txt", "hello");
  const auto specs = expand_source(path(""));

  ASSERT_FALSE(specs);
  EXPECT_EQ(specs.error().code(), ErrorCode::not_found);
  EXPECT_THAT(specs.error().message(), HasSubstr("no media files"));
  EXPECT_THAT(specs.error().message(), HasSubstr(" mp4 "));
}

TEST_F(SourceList, GivesTheMatchesOfAGlobByName) {
  make_png("b.png");
  make_png("a.png");
  make_video("c.mkv");

  EXPECT_THAT(names(expand_source(path("*.png"))), ElementsAre(path("a.png"), path("b.png")));
}

TEST_F(SourceList, TakesAnExistingFileBeforeAGlob) {
  make_video("v[1].mp4");
  make_video("v1.mp4");

  EXPECT_THAT(names(expand_source(path("v[1].mp4"))), ElementsAre(path("v[1].mp4")));
}

TEST_F(SourceList, RefusesAGlobWithoutAMatch) {
  const auto specs = expand_source(path("*.mp4"));

  ASSERT_FALSE(specs);
  EXPECT_EQ(specs.error().code(), ErrorCode::not_found);
  EXPECT_THAT(specs.error().message(), HasSubstr("*.mp4'"));
}

TEST_F(SourceList, NamesTheFileThatIsMissing) {
  const auto specs = expand_source(path("gone.mp4"));

  ASSERT_FALSE(specs);
  EXPECT_EQ(specs.error().code(), ErrorCode::not_found);
  EXPECT_THAT(specs.error().message(), HasSubstr("gone.mp4': no such file"));
}

TEST_F(SourceList, LeavesItToOpeningToSayWhatIsWrongWithAFile) {
  const auto video = expand_source(put("empty.mp4", ""));
  const auto image = expand_source(put("empty.jpg", ""));

  EXPECT_EQ(video->front().kind, SourceKind::video);
  EXPECT_EQ(image->front().kind, SourceKind::image);
}

TEST(SourceListNames, TakesUrlsAsStreams) {
  const auto camera = expand_source("rtsp://user:secret@camera/1");
  const auto file = expand_source("https://example.org/a.mp4");

  ASSERT_TRUE(camera && file);
  EXPECT_EQ(camera->front().kind, SourceKind::stream);
  EXPECT_TRUE(camera->front().live);
  EXPECT_FALSE(file->front().live);
}

TEST(SourceListNames, RefusesOtherSchemesWithoutTellingThePassword) {
  const auto specs = expand_source("gopher://user:secret@host/a");

  ASSERT_FALSE(specs);
  EXPECT_EQ(specs.error().code(), ErrorCode::unsupported);
  EXPECT_THAT(specs.error().message(), HasSubstr("https://"));
  EXPECT_THAT(specs.error().message(), testing::Not(HasSubstr("secret")));
}

TEST(SourceListNames, RefusesCamerasByName) {
  EXPECT_EQ(expand_source("0").error().code(), ErrorCode::unsupported);
  EXPECT_THAT(expand_source("/dev/video0").error().message(), HasSubstr("cameras"));
}

TEST(SourceListNames, TakesATestPicture) {
  const auto specs = expand_source("test:640x360@29.97");

  ASSERT_TRUE(specs);
  EXPECT_EQ(specs->front().kind, SourceKind::test);
  EXPECT_TRUE(specs->front().live);
}

TEST(SourceListNames, RefusesATestPictureThatIsOutOfRange) {
  for (const std::string name :
       {"test:", "test:640x360", "test:0x360@25", "test:640x-1@25", "test:640x360@0",
        "test:640x360@nan", "test:99999x360@25", "test:640x360@25fps", "test:@x"}) {
    const auto specs = expand_source(name);
    ASSERT_FALSE(specs) << name;
    EXPECT_EQ(specs.error().code(), ErrorCode::invalid_argument);
    EXPECT_THAT(specs.error().message(), HasSubstr("test:WIDTHxHEIGHT@FPS"));
  }
}

TEST(SourceListNames, RefusesAnEmptyName) {
  EXPECT_EQ(expand_source("").error().code(), ErrorCode::invalid_argument);
}

TEST(JoinImages, PutsAllImagesInNameOrderAtThePlaceOfTheFirst) {
  const std::vector<SourceSpec> joined =
      join_images({{.name = "v.mp4", .kind = SourceKind::video},
                   {.name = "b.png", .kind = SourceKind::image},
                   {.name = "w.mp4", .kind = SourceKind::video},
                   {.name = "a.png", .kind = SourceKind::image}});

  ASSERT_EQ(joined.size(), 3u);
  EXPECT_EQ(joined[1].kind, SourceKind::image_sequence);
  EXPECT_EQ(joined[1].name, "a.png");
  EXPECT_THAT(joined[1].files, ElementsAre("a.png", "b.png"));
  EXPECT_EQ(joined[2].name, "w.mp4");
}

TEST(JoinImages, CallsTheSequenceAsItIsTold) {
  EXPECT_EQ(join_images({{.name = "a.png", .kind = SourceKind::image}}, "folder").front().name,
            "folder");
}

TEST(JoinImages, LeavesVideosAlone) {
  const std::vector<SourceSpec> joined =
      join_images({{.name = "v.mp4", .kind = SourceKind::video}});

  ASSERT_EQ(joined.size(), 1u);
  EXPECT_EQ(joined[0].kind, SourceKind::video);
}

}  // namespace
}  // namespace retinue
