#include "base/json_text.hpp"

#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace retinue {

namespace {

/// Length of the well-formed UTF-8 sequence at the start of `text`, or 0 (RFC 3629, table in
/// section 4).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if ((lead & 0xF0U) == 0xE0U) {
    const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = lead == 0xED && byte(1) > 0x9F;
    return continues(1) && continues(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool overlong = lead == 0xF0 && byte(1) < 0x90;
    const bool too_large = lead == 0xF4 && byte(1) > 0x8F;
    return continues(1) && continues(2) && continues(3) && !overlong && !too_large ? 4 : 0;
  }
  return 0;
}

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
