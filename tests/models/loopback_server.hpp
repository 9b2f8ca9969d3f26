/// A tiny HTTP server on 127.0.0.1 that serves one body, with the faults that a test asks for.
#pragma once

#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.hpp"
#include "base/unique_fd.hpp"

namespace retinue {

struct ServerBehaviour {
  std::string body;
  int status = 200;              ///< Other than 200: the answer to every request.
  std::size_t break_off_at = 0;  ///< Closes the first connection after this many bytes; 0: never.
  bool knows_ranges = true;
};

class LoopbackServer {
 public:
  explicit LoopbackServer(ServerBehaviour behaviour);
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;
  LoopbackServer(LoopbackServer&&) = delete;
  LoopbackServer& operator=(LoopbackServer&&) = delete;

  /// "http://127.0.0.1:<port>".
  std::string address() const;

  /// The requests so far, headers included.
  std::vector<std::string> requests() const;

 private:
  void serve();
  void answer(int connection, const std::string& request, bool first) const;

  ServerBehaviour behaviour_;
  UniqueFd listener_;
  int port_ = 0;
  mutable Mutex mutex_;
  std::vector<std::string> requests_ GUARDED_BY(mutex_);
  std::jthread thread_;
};

}  // namespace retinue
