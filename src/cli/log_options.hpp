/// `-v`, `-q` and `--log-format`, the same for every command.
#pragma once

#include <string>

#include "base/log.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the name is CLI11's.
namespace CLI {
class App;
}

namespace retinue {

struct LogOptions {
  int verbosity = 0;  ///< Times -v was given.
  bool quiet = false;
  std::string format = "text";

  void add_to(CLI::App& command);
  LogSettings settings() const;
};

}  // namespace retinue
