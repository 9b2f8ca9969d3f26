/// Reading the catalogue's tables strictly. Private to this module.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <toml++/toml.h>

#include "base/result.hpp"

namespace retinue {

/// Reads one table and remembers which keys were asked for, so that the rest can be refused.
class TableReader {
 public:
  TableReader(const toml::table& table, std::string origin)
      : table_(table), origin_(std::move(origin)) {}

  template <typename T>
  Result<T> required(std::string_view key) {
    TRY(require(key));
    return value<T>(key);
  }

  Result<const toml::node*> required_node(std::string_view key) {
    TRY(require(key));
    return table_.get(key);
  }

  /// Null: not there.
  const toml::node* optional_node(std::string_view key) {
    known_.emplace(key);
    return table_.get(key);
  }

  /// Errors  invalid_argument: a key that was never asked for.
  Result<void> refuse_other_keys() const {
    for (const auto& [key, node] : table_) {
      if (!known_.contains(std::string(key.str()))) {
        return fail_at(node, "unknown key '" + std::string(key.str()) + "'");
      }
    }
    return {};
  }

  tl::unexpected<Error> fail_at(const toml::node& node, const std::string& what) const {
    return fail(ErrorCode::invalid_argument,
                origin_ + ":" + std::to_string(node.source().begin.line) + ": " + what);
  }

  /// At the value of a key that is there.
  tl::unexpected<Error> fail_at(std::string_view key, const std::string& what) const {
    return fail_at(*table_.get(key), what);
  }

  /// Adds the line of `key` to an error that only knows its value.
  template <typename T>
  Result<T> at(std::string_view key, Result<T> result) const {
    if (result) return result;
    return fail_at(key, result.error().message());
  }

  const std::string& origin() const { return origin_; }

 private:
  Result<void> require(std::string_view key) {
    known_.emplace(key);
    if (table_.contains(key)) return {};
    return fail_at(table_, "the key '" + std::string(key) + "' is missing");
  }

  template <typename T>
  Result<T> value(std::string_view key) const {
    const toml::node& node = *table_.get(key);
    const std::optional<T> value = node.value_exact<T>();
    if (value) return *value;
    return fail_at(node, "'" + std::string(key) + "' is of another type than it should be");
  }

  const toml::table& table_;
  std::string origin_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace retinue
