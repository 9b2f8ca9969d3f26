#include "models/sha256.hpp"

#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>
#include <vector>

#include <openssl/evp.h>

namespace retinue {
namespace {

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace

std::string Sha256::hex() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * digest.size());
  for (const std::byte byte : digest) {
    text += kDigits[std::to_integer<std::size_t>(byte >> 4)];
    text += kDigits[std::to_integer<std::size_t>(byte & std::byte{15})];
  }
  return text;
}

Result<Sha256> Sha256::parse(std::string_view hex) {
  Sha256 result;
  bool valid = hex.size() == 2 * result.digest.size();
  for (std::size_t i = 0; valid && i < result.digest.size(); ++i) {
    const int high = hex_value(hex[2 * i]);
    const int low = hex_value(hex[2 * i + 1]);
    valid = high >= 0 && low >= 0;
    if (valid) result.digest.at(i) = static_cast<std::byte>(high * 16 + low);
  }
  if (!valid) {
    return fail(ErrorCode::invalid_argument,
                "sha256 '" + std::string(hex) + "' is not 64 hexadecimal digits");
  }
  return result;
}

struct Sha256Stream::Context {
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> evp{EVP_MD_CTX_new()};
};

Sha256Stream::Sha256Stream() : context_(std::make_unique<Context>()) {
  EVP_DigestInit_ex(context_->evp.get(), EVP_sha256(), nullptr);
}
Sha256Stream::~Sha256Stream() = default;
Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;

void Sha256Stream::add(std::span<const std::byte> bytes) {
  EVP_DigestUpdate(context_->evp.get(), bytes.data(), bytes.size());
}

Sha256 Sha256Stream::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> raw{};
  EVP_DigestFinal_ex(context_->evp.get(), raw.data(), nullptr);
  EVP_DigestInit_ex(context_->evp.get(), EVP_sha256(), nullptr);
  Sha256 result;
  for (std::size_t i = 0; i < result.digest.size(); ++i) {
    result.digest.at(i) = static_cast<std::byte>(raw.at(i));
  }
  return result;
}

Sha256 sha256_of(std::span<const std::byte> bytes) {
  Sha256Stream stream;
  stream.add(bytes);
  return stream.finish();
}

Result<Sha256> sha256_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const bool missing = errno == ENOENT;
    return fail(missing ? ErrorCode::not_found : ErrorCode::unavailable,
                "cannot read '" + path.string() +
                    "': " + std::error_code(errno, std::generic_category()).message());
  }
  Sha256Stream stream;
  std::vector<char> buffer(std::size_t{1} << 16);
  while (file) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    stream.add(std::as_bytes(std::span(buffer).first(static_cast<std::size_t>(file.gcount()))));
  }
  if (file.bad() || !file.eof()) {
    return fail(ErrorCode::unavailable, "reading '" + path.string() + "' broke off");
  }
  return stream.finish();
}

}  // namespace retinue
