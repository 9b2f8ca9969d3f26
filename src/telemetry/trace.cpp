#include "telemetry/trace.hpp"

#include <pthread.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "base/json_text.hpp"

namespace retinue {

namespace {

double microseconds(Trace::Clock::duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

}  // namespace

void Trace::FileCloser::operator()(std::FILE* file) const {
  std::fclose(file);
}

Result<std::unique_ptr<Trace>> Trace::create(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "we");
  if (file == nullptr) {
    return fail(ErrorCode::unavailable,
                "opening '" + path + "' for the trace: " + std::generic_category().message(errno));
  }
  return std::unique_ptr<Trace>(new Trace(path, file));
}

void Trace::add(std::string_view name, Clock::time_point begin, Clock::time_point end,
                std::optional<std::uint64_t> frame) {
  const long thread = ::gettid();
  const MutexLock lock(mutex_);
  if (threads_.insert(thread).second) name_thread(thread);
  event_ = R"({"ph":"X","pid":1,"tid":)";
  event_ += std::to_string(thread);
  event_ += ",\"name\":";
  append_json_string(event_, name);
  event_ += ",\"ts\":";
  append_fixed(event_, microseconds(begin - start_), 3);
  event_ += ",\"dur\":";
  append_fixed(event_, microseconds(end - begin), 3);
  if (frame) event_.append(R"(,"args":{"frame":)").append(std::to_string(*frame)).append(1, '}');
  event_ += '}';
  write(event_);
}

Result<void> Trace::finish() {
  const MutexLock lock(mutex_);
  const bool ended = std::fputs(first_ ? "[]\n" : "\n]\n", file_.get()) >= 0;
  const bool closed = std::fclose(file_.release()) == 0;
  if (ended && closed && !failed_) return {};
  return fail(ErrorCode::resource_exhausted, "writing the trace '" + path_ + "' failed");
}

void Trace::write(const std::string& event) {
  const bool written = std::fputs(first_ ? "[\n" : ",\n", file_.get()) >= 0 &&
                       std::fputs(event.c_str(), file_.get()) >= 0;
  first_ = false;
  if (!written) failed_ = true;
}

void Trace::name_thread(long thread) {
  std::array<char, 16> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  event_ = R"({"ph":"M","pid":1,"name":"thread_name","tid":)";
  event_ += std::to_string(thread);
  event_ += R"(,"args":{"name":)";
  append_json_string(event_, name.data());
  event_ += "}}";
  write(event_);
}

}  // namespace retinue
