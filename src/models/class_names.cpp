#include "models/class_names.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace retinue {
namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  return text;
}

}  // namespace

std::optional<std::string_view> metadata_of(const ModelSignature& signature, std::string_view key) {
  for (const auto& [name, value] : signature.metadata) {
    if (name == key) return value;
  }
  return std::nullopt;
}

std::vector<std::string> class_names(const ModelSignature& signature) {
  std::vector<std::string> names;
  const std::string_view text = metadata_of(signature, "names").value_or("");
  // Python's way to print strings: the quote is ' unless the name has one in it.
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char quote = text[i];
    if (quote != '\'' && quote != '"') continue;
    const std::size_t end = text.find(quote, i + 1);
    if (end == std::string_view::npos) return {};
    names.emplace_back(text.substr(i + 1, end - i - 1));
    i = end;
  }
  return names;
}

Result<std::size_t> person_class(const ModelSignature& signature) {
  constexpr std::array<std::string_view, 5> kPersons = {"person", "persons", "people", "pedestrian",
                                                        "human"};
  const std::vector<std::string> names = class_names(signature);
  if (names.empty()) return std::size_t{0};
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (std::ranges::find(kPersons, lower(names[i])) != kPersons.end()) return i;
  }
  constexpr std::size_t kShown = 5;
  std::string list;
  for (std::size_t i = 0; i < std::min(kShown, names.size()); ++i)
    list += (i == 0 ? "'" : ", '") + names[i] + "'";
  if (names.size() > kShown) list += ", …";
  return fail(ErrorCode::unsupported, "its metadata names " + std::to_string(names.size()) +
                                          " classes (" + list +
                                          ") and 'person' is not one of them");
}

}  // namespace retinue
