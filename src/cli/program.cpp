#include "cli/program.hpp"

#include <csignal>

#include <CLI/CLI.hpp>

#include "base/log.hpp"
#include "cli/command.hpp"
#include "cli/version.hpp"

namespace retinue {

namespace {

constexpr const char* kDescription =
    "Turns videos and pictures into measured people: faces, 478-point meshes, blendshapes, head "
    "pose.\n\n"
    "  retinue run walk.mp4 --video out.mp4         see it\n"
    "  retinue run *.mp4 --csv '{source}.csv'       one table for each video\n"
    "  retinue run photos/ --jsonl -                one JSON object a picture, to stdout";

}  // namespace

int run_program(int argc, char** argv) {
  // A closed pipe is an output that cannot be written, said in words.
  signal(SIGPIPE, SIG_IGN);
  CLI::App program(kDescription, "retinue");
  program.set_version_flag("--version", std::string("retinue ") + kVersion);
  program.require_subcommand(1);
  CommandAction action;
  add_run_command(program, action);
  add_models_command(program, action);
  add_devices_command(program, action);
  add_bench_command(program, action);

  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return program.exit(error);  // --help and --version
    log(LogLevel::error, std::string(error.what()) + "; see retinue --help");
    return static_cast<int>(ExitCode::wrong_usage);
  }
  return static_cast<int>(action());
}

}  // namespace retinue
