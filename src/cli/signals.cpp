#include "cli/signals.hpp"

#include <pthread.h>
#include <unistd.h>

#include <csignal>

namespace retinue {

namespace {

constexpr int kEndOfWatch = SIGUSR1;

sigset_t watched_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, kEndOfWatch);
  return signals;
}

}  // namespace

StopOnSignal::StopOnSignal() {
  const sigset_t signals = watched_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  thread_ = std::thread([this, signals] {
    int signal = 0;
    while (sigwait(&signals, &signal) == 0 && signal != kEndOfWatch) {
      if (signal_.load() != 0) _exit(128 + signal);
      signal_.store(signal);
      stop_.request_stop();
    }
  });
}

StopOnSignal::~StopOnSignal() {
  pthread_kill(thread_.native_handle(), kEndOfWatch);
  thread_.join();
}

}  // namespace retinue
