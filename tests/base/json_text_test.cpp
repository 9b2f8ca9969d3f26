#include "base/json_text.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace retinue {
namespace {

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string fixed(double value, int decimals) {
  std::string out;
  append_fixed(out, value, decimals);
  return out;
}

TEST(AppendJsonString, QuotesPlainText) {
  EXPECT_EQ(json_string(""), R"("")");
  EXPECT_EQ(json_string("walk.mp4"), R"("walk.mp4")");
}

TEST(AppendJsonString, EscapesWhatJsonReserves) {
  EXPECT_EQ(json_string("a\"b\\c\nd\te\rf"), R"("a\"b\\c\nd\te\rf")");
  EXPECT_EQ(json_string(std::string_view("\0\x1f", 2)), R"("\u0000\u001f")");
}

TEST(AppendJsonString, KeepsUtf8) {
  const std::string text = "ä€😀";

  EXPECT_EQ(json_string(text), '"' + text + '"');
}

TEST(AppendJsonString, ReplacesEachByteThatIsNotUtf8) {
  EXPECT_EQ(json_string("a\xFFz"), R"("a\ufffdz")");
  EXPECT_EQ(json_string("\xC3"), R"("\ufffd")") << "cut short";
  EXPECT_EQ(json_string("\xC0\xAF"), R"("\ufffd\ufffd")") << "overlong";
  EXPECT_EQ(json_string("\xED\xA0\x80"), R"("\ufffd\ufffd\ufffd")") << "surrogate";
  EXPECT_EQ(json_string("\xF4\x90\x80\x80"), R"("\ufffd\ufffd\ufffd\ufffd")") << "beyond U+10FFFF";
}

TEST(AppendJsonString, IsReadBackByAJsonParserForEveryPairOfBytes) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text = {static_cast<char>(first), static_cast<char>(second)};
      const auto parsed = nlohmann::json::parse(json_string(text), nullptr, false);
      ASSERT_TRUE(parsed.is_string()) << first << ' ' << second;
      if (first < 0x80 && second < 0x80) {
        ASSERT_EQ(parsed.get<std::string>(), text);
      }
    }
  }
}

TEST(AppendFixed, WritesExactlyTheDecimalsAskedFor) {
  EXPECT_EQ(fixed(0, 0), "0");
  EXPECT_EQ(fixed(0, 2), "0.00");
  EXPECT_EQ(fixed(5, 3), "5.000");
  EXPECT_EQ(fixed(0.05, 2), "0.05");
  EXPECT_EQ(fixed(1234.5678, 1), "1234.6");
}

TEST(AppendFixed, RoundsHalfAwayFromZero) {
  EXPECT_EQ(fixed(0.125, 2), "0.13");
  EXPECT_EQ(fixed(-0.125, 2), "-0.13");
  EXPECT_EQ(fixed(2.5, 0), "3");
  EXPECT_EQ(fixed(9.996, 2), "10.00");
}

TEST(AppendFixed, NeverWritesMinusZero) {
  EXPECT_EQ(fixed(-0.0, 2), "0.00");
  EXPECT_EQ(fixed(-0.001, 2), "0.00");
  EXPECT_EQ(fixed(-0.01, 2), "-0.01");
}

TEST(AppendFixed, NeverUsesExponents) {
  EXPECT_EQ(fixed(1e-7, 6), "0.000000");
  EXPECT_EQ(fixed(1e15, 1), "1000000000000000.0");
  EXPECT_EQ(fixed(1e20, 2), "100000000000000000000.00");
  EXPECT_EQ(fixed(-1e20, 0), "-100000000000000000000");
}

TEST(AppendFixed, AgreesWithThePrintfOfTheCLibrary) {
  // Off the halves, where printf rounds to even.
  for (int i = -2000; i <= 2000; ++i) {
    const double value = i * std::sqrt(0.5);
    std::array<char, 40> expected{};
    std::snprintf(expected.data(), expected.size(), "%.4f", value);
    EXPECT_EQ(fixed(value, 4), expected.data());
  }
}

TEST(AppendFixed, StopsDebugBuildsAtValuesThatAreNotFinite) {
  for (const double value :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
#ifdef NDEBUG
    EXPECT_EQ(fixed(value, 2), "0.00");
#else
    EXPECT_DEATH(fixed(value, 2), "isfinite");
#endif
  }
}

}  // namespace
}  // namespace retinue
