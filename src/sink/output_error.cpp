#include "sink/output_error.hpp"

#include <cctype>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace retinue {

namespace {

ErrorCode code_of(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return ErrorCode::resource_exhausted;
    case EPIPE:
    case EIO:
      return ErrorCode::unavailable;
    case ENOENT:
      return ErrorCode::not_found;
    default:
      return ErrorCode::invalid_argument;
  }
}

std::string cause(const std::string& output, int error_number) {
  if (error_number == ENOENT) {
    const std::string folder = std::filesystem::path(output).parent_path().string();
    return "the folder '" + folder + "' does not exist; create it first";
  }
  if (error_number == EISDIR) return "it is a folder; the name of a file is needed";
  if (error_number == EPIPE) return "its reader closed the pipe";
  std::string text = std::generic_category().message(error_number);
  text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

}  // namespace

std::string quoted_output(const std::string& output) {
  return output == "-" ? "stdout" : "'" + output + "'";
}

Error output_error(const std::string& output, int error_number, SourceLocation where) {
  return {code_of(error_number),
          "writing " + quoted_output(output) + ": " + cause(output, error_number), where};
}

}  // namespace retinue
