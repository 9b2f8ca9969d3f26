#include "worker/windowed_run.hpp"

#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "view/window.hpp"
#include "worker/view_board.hpp"

namespace retinue {

tl::expected<RunReport, RunFailure> run_sources_in_window(const RunSettings& settings,
                                                          RunProgress& progress,
                                                          const std::stop_token& stop) {
  Result<std::unique_ptr<Window>> window = Window::create();
  if (!window) {
    return tl::unexpected<RunFailure>(
        RunFailure{RunFailure::Cause::output, std::move(window).error().with_context("--view")});
  }
  ViewBoard board(**window);
  std::stop_source ending;
  const std::stop_callback on_stop(stop, [&] {
    ending.request_stop();
    board.stop();
  });
  std::optional<tl::expected<RunReport, RunFailure>> outcome;
  std::jthread run([&] {
    outcome = run_sources(settings, progress, ending.get_token(), {.view = &board});
    board.finish();
  });
  if ((*window)->show(board) == Window::End::quit) ending.request_stop();
  run.join();
  return *std::move(outcome);
}

}  // namespace retinue
