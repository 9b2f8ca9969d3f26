#include "base/json_text.hpp"

#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "base/utf8.hpp"

namespace retinue {

namespace {

void append_escaped(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\r':
      out += "\\r";
      return;
    default:
      break;
  }
  const auto code = static_cast<unsigned char>(c);
  if (code < 0x20) {
    out += "\\u00";
    out += kHex[code >> 4U];
    out += kHex[code & 15U];
  } else {
    out += c;
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      out += "\\ufffd";
      text.remove_prefix(1);
    } else if (length == 1) {
      append_escaped(out, text.front());
      text.remove_prefix(1);
    } else {
      out += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  out += '"';
}

void append_fixed(std::string& out, double value, int decimals) {
  constexpr std::array<double, 10> kPowers = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
  assert(std::isfinite(value) && decimals >= 0 && decimals < 10);
  if (!std::isfinite(value)) value = 0;
  const double power = kPowers[static_cast<std::size_t>(decimals)];
  const double scaled = std::round(value * power);
  if (std::abs(scaled) > 9e15) {  // Beyond exact integers: rare enough for the slow way.
    std::array<char, 400> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value,
                                   std::chars_format::fixed, decimals);
    out.append(text.data(), end.ptr);
    return;
  }
  auto digits = static_cast<std::int64_t>(scaled);
  if (digits < 0) {
    out += '-';
    digits = -digits;
  }
  std::array<char, 24> text{};
  std::size_t begin = text.size();
  for (int written = 0; digits != 0 || written <= decimals; ++written) {
    if (decimals != 0 && written == decimals) text[--begin] = '.';
    text[--begin] = static_cast<char>('0' + digits % 10);
    digits /= 10;
  }
  out.append(text.data() + begin, text.size() - begin);
}

}  // namespace retinue
