/// One subcommand. Private to this module.
#pragma once

#include <functional>

#include "cli/exit_code.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the name is CLI11's.
namespace CLI {
class App;
}

namespace retinue {

/// What runs once the arguments are parsed.
using CommandAction = std::function<ExitCode()>;

/// Each adds its subcommand to `program` and sets `action` when the subcommand is the one that was
/// given.
void add_run_command(CLI::App& program, CommandAction& action);
void add_models_command(CLI::App& program, CommandAction& action);
void add_devices_command(CLI::App& program, CommandAction& action);
void add_bench_command(CLI::App& program, CommandAction& action);

}  // namespace retinue
