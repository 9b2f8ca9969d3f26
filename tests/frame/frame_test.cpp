#include "frame/frame.hpp"

#include <array>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace retinue {
namespace {

TEST(Frame, GivesItsPlanesOnTheHost) {
  std::array<std::byte, 6> pixels{};
  const Frame frame({.format = PixelFormat::rgb24,
                     .color = {.matrix = ColorMatrix::bt709},
                     .geometry = {.stored = {2, 1}},
                     .planes = {Plane{pixels.data(), 6}}});
  const HostPicture picture = frame.host_picture().value();
  EXPECT_EQ(picture.format, PixelFormat::rgb24);
  EXPECT_EQ(picture.size, (Size{2, 1}));
  EXPECT_EQ(picture.color.matrix, ColorMatrix::bt709);
  EXPECT_EQ(picture.planes[0].data, pixels.data());
}

TEST(Frame, GivesNoHostPointerIntoDeviceMemory) {
  const Frame frame({.times = {.index = 12}, .memory = MemoryKind::cuda});
  const auto picture = frame.host_picture();
  ASSERT_FALSE(picture);
  EXPECT_EQ(picture.error().code(), ErrorCode::unsupported);
  EXPECT_THAT(picture.error().message(), ::testing::HasSubstr("frame 12"));
}

TEST(Frame, CopiesKeepThePixelsAlive) {
  auto pixels = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = pixels;
  auto frame = std::make_unique<Frame>(Frame::Settings{.owner = pixels});
  const Frame copy = *frame;
  pixels.reset();
  frame.reset();
  EXPECT_FALSE(watch.expired());
}

TEST(Frame, TheLastCopyLetsThePixelsGo) {
  auto pixels = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = pixels;
  auto frame = std::make_unique<Frame>(Frame::Settings{.owner = std::move(pixels)});
  frame.reset();
  EXPECT_TRUE(watch.expired());
}

}  // namespace
}  // namespace retinue
