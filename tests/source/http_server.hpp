/// A server on this machine that answers every connection in one fixed way.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include <netinet/in.h>

#include "base/unique_fd.hpp"

namespace retinue {

class TcpServer {
 public:
  /// `answer` gets each connection in turn, on the server's thread; it is closed after that.
  explicit TcpServer(std::function<void(int connection)> answer)
      : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof(address);
    if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0 ||
        ::listen(listener_.get(), 8) != 0) {
      std::abort();
    }
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this, answer = std::move(answer)] {
      for (;;) {
        const UniqueFd connection(::accept(listener_.get(), nullptr, nullptr));
        if (!connection.is_valid()) return;
        answer(connection.get());
      }
    });
  }
  ~TcpServer() { ::shutdown(listener_.get(), SHUT_RDWR); }
  TcpServer(const TcpServer&) = delete;
  TcpServer& operator=(const TcpServer&) = delete;
  TcpServer(TcpServer&&) = delete;
  TcpServer& operator=(TcpServer&&) = delete;

  std::string url(const std::string& file) const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/" + file;
  }

 private:
  UniqueFd listener_;
  int port_ = 0;
  std::jthread thread_;  // Joins before the socket closes.
};

/// Reads a request's head and answers it with `status` and `body`.
inline void answer_http(int connection, const std::string& status, const std::string& body) {
  std::string request;
  char byte = 0;
  while (!request.ends_with("\r\n\r\n") && ::read(connection, &byte, 1) == 1)
    request += byte;
  const std::string answer = "HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Length: " +
                             std::to_string(body.size()) + "\r\n\r\n" + body;
  for (std::size_t sent = 0; sent < answer.size();) {
    const ssize_t n = ::send(connection, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return;
    sent += static_cast<std::size_t>(n);
  }
}

}  // namespace retinue
