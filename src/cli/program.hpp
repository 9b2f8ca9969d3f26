/// The program `retinue`: its commands and options.
#pragma once

namespace retinue {

/// Runs the command that the arguments name and returns the exit status. Called once, from main,
/// before there are other threads.
int run_program(int argc, char** argv);

}  // namespace retinue
