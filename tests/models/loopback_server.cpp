#include "models/loopback_server.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace retinue {
namespace {

std::string read_request(int connection) {
  std::string request;
  std::array<char, 4096> buffer{};
  while (request.find("\r\n\r\n") == std::string::npos) {
    const ssize_t count = ::recv(connection, buffer.data(), buffer.size(), 0);
    if (count <= 0) break;
    request.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return request;
}

void send_all(int connection, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace

LoopbackServer::LoopbackServer(ServerBehaviour behaviour)
    : behaviour_(std::move(behaviour)),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_.get(), generic, size) != 0 || ::listen(listener_.get(), 8) != 0 ||
      ::getsockname(listener_.get(), generic, &size) != 0) {
    throw std::runtime_error("cannot listen on 127.0.0.1");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::jthread([this] { serve(); });
}

LoopbackServer::~LoopbackServer() {
  ::shutdown(listener_.get(), SHUT_RDWR);  // wakes accept()
}

std::string LoopbackServer::address() const {
  return "http://127.0.0.1:" + std::to_string(port_);
}

std::vector<std::string> LoopbackServer::requests() const {
  const MutexLock lock(mutex_);
  return requests_;
}

void LoopbackServer::serve() {
  for (bool first = true;; first = false) {
    const UniqueFd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection.is_valid()) return;
    const std::string request = read_request(connection.get());
    {
      const MutexLock lock(mutex_);
      requests_.push_back(request);
    }
    answer(connection.get(), request, first);
  }
}

void LoopbackServer::answer(int connection, const std::string& request, bool first) const {
  constexpr std::string_view kRange = "Range: bytes=";
  const std::size_t range = request.find(kRange);
  std::size_t start = 0;
  if (behaviour_.knows_ranges && range != std::string::npos) {
    start = std::strtoul(request.c_str() + range + kRange.size(), nullptr, 10);
  }
  const std::string body = behaviour_.status == 200 ? behaviour_.body.substr(start) : "";
  std::string head = "HTTP/1.1 " + std::to_string(start > 0 ? 206 : behaviour_.status) + " -\r\n";
  if (start > 0) {
    head += "Content-Range: bytes " + std::to_string(start) + "-" +
            std::to_string(behaviour_.body.size() - 1) + "/" +
            std::to_string(behaviour_.body.size()) + "\r\n";
  }
  head += "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n";
  const bool breaks = first && behaviour_.break_off_at > 0;
  send_all(connection, head);
  send_all(connection, breaks ? body.substr(0, behaviour_.break_off_at) : body);
}

}  // namespace retinue
