#include "cli/program.hpp"

int main(int argc, char** argv) {
  return retinue::run_program(argc, argv);
}
