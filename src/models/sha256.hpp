/// SHA-256 (FIPS 180-4), the hash that names a model file.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace retinue {

struct Sha256 {
  std::array<std::byte, 32> digest{};

  /// 64 lower-case hexadecimal digits.
  std::string hex() const;

  /// Errors  invalid_argument: not 64 hexadecimal digits.
  static Result<Sha256> parse(std::string_view hex);

  auto operator<=>(const Sha256&) const = default;
};

/// Hashes bytes that come in pieces. Thread-bound.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(Sha256Stream&&) noexcept;
  Sha256Stream& operator=(Sha256Stream&&) noexcept;
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;

  void add(std::span<const std::byte> bytes);

  /// The hash of everything added; the stream is empty afterwards.
  Sha256 finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

Sha256 sha256_of(std::span<const std::byte> bytes);

/// Errors  not_found: no such file. unavailable: it cannot be read.
Result<Sha256> sha256_of_file(const std::filesystem::path& path);

}  // namespace retinue
