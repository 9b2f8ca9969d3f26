#include "frame/pixel_format.hpp"

#include <set>
#include <string_view>

#include <gtest/gtest.h>

namespace retinue {
namespace {

TEST(PixelFormatLayout, EveryFormatHasOneUnderItsOwnName) {
  std::set<std::string_view> names;
  for (const PixelFormatLayout& layout : pixel_format_layouts()) {
    EXPECT_EQ(layout_of(layout.format).name, layout.name);
    names.insert(layout.name);
  }
  EXPECT_EQ(names.size(), pixel_format_layouts().size());
}

bool fits(const PixelFormatLayout& layout, const Component& component) {
  const std::size_t bytes = layout.bytes_per_sample();
  return component.plane < layout.plane_count &&
         component.offset_bytes + bytes <= component.step_bytes &&
         static_cast<std::size_t>(layout.depth_bits + component.shift_bits) <= 8 * bytes;
}

TEST(PixelFormatLayout, ComponentsLieInItsPlanesAndSteps) {
  for (const PixelFormatLayout& layout : pixel_format_layouts()) {
    for (std::size_t i = 0; i < layout.component_count(); ++i)
      EXPECT_TRUE(fits(layout, layout.components.at(i))) << layout.name << ", component " << i;
  }
}

TEST(PixelFormatLayout, NoTwoComponentsShareABytePlace) {
  for (const PixelFormatLayout& layout : pixel_format_layouts()) {
    std::set<std::pair<int, int>> places;
    for (std::size_t i = 0; i < layout.component_count(); ++i)
      places.emplace(layout.components.at(i).plane, layout.components.at(i).offset_bytes);
    EXPECT_EQ(places.size(), layout.component_count()) << layout.name;
  }
}

TEST(PixelFormatLayout, OfGrayHasOneComponent) {
  EXPECT_EQ(layout_of(PixelFormat::gray16).component_count(), 1U);
  EXPECT_EQ(layout_of(PixelFormat::gray16).bytes_per_sample(), 2U);
}

TEST(PixelFormatLayout, OfNv21HasVBeforeU) {
  const auto& components = layout_of(PixelFormat::nv21).components;
  EXPECT_EQ(components[1].offset_bytes, 1);
  EXPECT_EQ(components[2].offset_bytes, 0);
}

TEST(PixelFormatLayout, OfP010KeepsItsBitsAtTheTop) {
  EXPECT_EQ(layout_of(PixelFormat::p010).components[0].shift_bits, 6);
  EXPECT_EQ(layout_of(PixelFormat::yuv420p10).components[0].shift_bits, 0);
}

TEST(Subsampled, RoundsUp) {
  EXPECT_EQ(subsampled(641, 1), 321);
  EXPECT_EQ(subsampled(640, 1), 320);
  EXPECT_EQ(subsampled(359, 2), 90);
  EXPECT_EQ(subsampled(1, 2), 1);
  EXPECT_EQ(subsampled(7, 0), 7);
}

}  // namespace
}  // namespace retinue
