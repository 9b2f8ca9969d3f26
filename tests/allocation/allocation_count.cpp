#include "allocation/allocation_count.hpp"

#include <link.h>
#include <unistd.h>
#include <unwind.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <new>
#include <sstream>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RETINUE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define RETINUE_SANITIZED 1
#endif
#endif
#ifndef RETINUE_SANITIZED
#define RETINUE_SANITIZED 0
#endif

#if !RETINUE_SANITIZED
// glibc's own, under the names that it keeps for those who replace malloc.
// NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming)
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
}
// NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming)
#endif

namespace retinue {

namespace {

using Address = std::uintptr_t;

/// Frames of a stack that are kept: enough to leave templates and reach the caller that means it.
constexpr std::size_t kDepth = 12;
constexpr std::size_t kPlaces = 512;
constexpr std::size_t kModules = 256;

enum class Owner : std::uint8_t { program, standard_library, other };

struct Module {
  Address begin = 0;
  Address end = 0;
  Owner owner = Owner::other;
  const char* path = "";  ///< The loader's; libraries are not unloaded here.
  std::atomic<std::int64_t> count = 0;
};

/// A stack in our program, outermost last, and how often it allocated. In fixed memory: who counts
/// allocations makes none.
struct Place {
  std::array<Address, kDepth> stack{};
  std::atomic<std::int64_t> count = 0;
};

std::atomic<bool> counting = false;
std::atomic<std::int64_t> own_count = 0;
std::atomic<std::int64_t> other_count = 0;
std::array<Module, kModules> modules;
std::size_t module_count = 0;
Address program_begin = 0;
std::array<Place, kPlaces> places;
std::atomic<std::size_t> place_count = 0;
std::atomic_flag places_busy = ATOMIC_FLAG_INIT;
thread_local bool inside = false;

/// Null for code that belongs to no file.
Module* module_at(Address address) {
  for (std::size_t i = 0; i < module_count; ++i) {
    if (address >= modules[i].begin && address < modules[i].end) return &modules[i];
  }
  return nullptr;
}

Owner owner_of(Address address) {
  const Module* module = module_at(address);
  return module == nullptr ? Owner::other : module->owner;
}

Owner owner_by_name(std::string_view path) {
  if (path.empty()) return Owner::program;
  const std::string_view name = path.substr(path.rfind('/') + 1);
  for (const std::string_view library : {"libstdc++.", "libc.", "libc-", "libgcc_s.", "libm.",
                                         "ld-linux", "libasan.", "libtsan.", "libubsan."}) {
    if (name.starts_with(library)) return Owner::standard_library;
  }
  return Owner::other;
}

int add_modules(dl_phdr_info* info, std::size_t, void*) {
  const Owner owner = owner_by_name(info->dlpi_name);
  if (owner == Owner::program) program_begin = info->dlpi_addr;
  for (int i = 0; i < info->dlpi_phnum && module_count < kModules; ++i) {
    const auto& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0) continue;
    const Address begin = info->dlpi_addr + segment.p_vaddr;
    Module& module = modules[module_count++];
    module.begin = begin;
    module.end = begin + segment.p_memsz;
    module.owner = owner;
    module.path = info->dlpi_name;
  }
  return 0;
}

struct Walk {
  Address caller = 0;  ///< Of the function that allocates: what is inside of it is the hook.
  bool reached = false;
  Owner owner = Owner::standard_library;
  Module* module = nullptr;  ///< The owner's, where it is not the program.
  std::size_t depth = 0;
  std::array<Address, kDepth> stack{};
};

_Unwind_Reason_Code step(_Unwind_Context* context, void* data) {
  auto& walk = *static_cast<Walk*>(data);
  const Address address = _Unwind_GetIP(context);
  if (address == walk.caller) walk.reached = true;
  if (!walk.reached) return _URC_NO_REASON;
  const Owner owner = owner_of(address);
  if (walk.owner == Owner::standard_library) {
    if (owner == Owner::standard_library) return _URC_NO_REASON;
    walk.owner = owner;
    walk.module = module_at(address);
    if (owner == Owner::other) return _URC_END_OF_STACK;
  }
  if (owner != Owner::program) return _URC_NO_REASON;
  walk.stack[walk.depth++] = address;
  return walk.depth == kDepth ? _URC_END_OF_STACK : _URC_NO_REASON;
}

void add_place(const std::array<Address, kDepth>& stack) {
  while (places_busy.test_and_set(std::memory_order_acquire))
    std::this_thread::yield();
  std::size_t at = 0;
  while (at < place_count && places[at].stack != stack)
    ++at;
  if (at == place_count && at < kPlaces) {
    places[at].stack = stack;
    ++place_count;
  }
  if (at < kPlaces) ++places[at].count;
  places_busy.clear(std::memory_order_release);
}

/// `caller`: the return address of the function that allocates.
[[gnu::noinline]] void count(void* caller) {
  // Acquire: whoever sees that it is on sees the modules, too.
  if (!counting.load(std::memory_order_acquire) || inside) return;
  inside = true;
  Walk walk{.caller = reinterpret_cast<Address>(caller)};
  walk.owner = owner_of(walk.caller);
  walk.module = module_at(walk.caller);
  if (walk.owner != Owner::other) {
    walk.owner = Owner::standard_library;
    _Unwind_Backtrace(step, &walk);
  }
  if (walk.owner == Owner::program) {
    ++own_count;
    add_place(walk.stack);
  } else {
    ++other_count;
    if (walk.module != nullptr) ++walk.module->count;
  }
  inside = false;
}

void* allocate(std::size_t size, std::size_t alignment) {
#if RETINUE_SANITIZED
  void* memory = nullptr;
  if (alignment <= alignof(std::max_align_t)) return std::malloc(size);
  return posix_memalign(&memory, alignment, size) == 0 ? memory : nullptr;
#else
  if (alignment <= alignof(std::max_align_t)) return __libc_malloc(size);
  return __libc_memalign(alignment, size);
#endif
}

void* allocate_or_throw(std::size_t size, std::size_t alignment) {
  void* memory = allocate(size == 0 ? 1 : size, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

/// What a command writes to its stdout.
std::string output_of(const std::string& command) {
  std::string output;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe))
    output.push_back(static_cast<char>(c));
  ::pclose(pipe);
  return output;
}

/// "pipeline" for "…/src/pipeline/lane.cpp:12"; empty for a place outside src/.
std::string module_of(const std::string& location) {
  const std::size_t source = location.rfind("/src/");
  if (source == std::string::npos) return {};
  const std::size_t begin = source + 5;
  const std::size_t end = location.find('/', begin);
  return end == std::string::npos ? std::string() : location.substr(begin, end - begin);
}

/// The innermost place of a stack that lies in src/, as "function at file:line".
std::pair<std::string, std::string> owner_of_stack(const std::array<Address, kDepth>& stack) {
  std::ostringstream command;
  command << "addr2line -C -f -i -e /proc/" << ::getpid() << "/exe" << std::hex;
  for (const Address address : stack) {
    if (address != 0) command << " 0x" << address - program_begin - 1;
  }
  command << " 2>/dev/null";
  std::istringstream lines(output_of(command.str()));
  std::string innermost;
  for (std::string function, location;
       std::getline(lines, function) && std::getline(lines, location);) {
    std::string place = function;
    place.append(" at ").append(location);
    if (innermost.empty()) innermost = place;
    if (const std::string module = module_of(location); !module.empty()) return {module, place};
  }
  return {"outside src/", innermost.empty() ? command.str() : innermost};
}

}  // namespace

void start_counting_allocations() {
  // Once: threads of an earlier count may still be reading.
  if (module_count == 0) dl_iterate_phdr(add_modules, nullptr);
  own_count = other_count = 0;
  for (Module& module : modules)
    module.count = 0;
  while (places_busy.test_and_set(std::memory_order_acquire))
    std::this_thread::yield();
  for (std::size_t i = 0; i < place_count; ++i)
    places[i].count = 0;
  place_count = 0;
  places_busy.clear(std::memory_order_release);
  // The unwinder allocates once, when it is first used.
  Walk walk{.caller = 0};
  _Unwind_Backtrace(step, &walk);
  counting.store(true, std::memory_order_release);
}

AllocationCount stop_counting_allocations() {
  counting = false;
  return {.own = own_count, .others = other_count};
}

std::string own_allocations_by_module() {
  std::map<std::string, std::pair<std::int64_t, std::map<std::string, std::int64_t>>> found;
  for (std::size_t i = 0; i < place_count; ++i) {
    const auto [module, place] = owner_of_stack(places[i].stack);
    auto& [total, by_place] = found[module];
    total += places[i].count;
    by_place[place] += places[i].count;
  }
  std::ostringstream text;
  for (const auto& [module, counts] : found) {
    text << module << ' ' << counts.first << '\n';
    for (const auto& [place, count] : counts.second)
      text << "  " << count << "  " << place << '\n';
  }
  return text.str();
}

std::string other_allocations_by_library() {
  std::ostringstream text;
  for (const Module& module : modules) {
    if (module.owner == Owner::program || module.count == 0) continue;
    const std::string_view path = module.path;
    text << module.count << "  " << path.substr(path.rfind('/') + 1) << '\n';
  }
  return text.str();
}

bool counts_malloc() {
  return !RETINUE_SANITIZED;
}

}  // namespace retinue

// The replacements. Everything is freed by free: ours comes from malloc. Inlined, as link-time
// optimisation would, they would take their caller's return address for their own.

using retinue::allocate;
using retinue::allocate_or_throw;
using retinue::count;

#define RETINUE_COUNT() count(__builtin_return_address(0))

[[gnu::noinline]] void* operator new(std::size_t size) {
  RETINUE_COUNT();
  return allocate_or_throw(size, 1);
}
[[gnu::noinline]] void* operator new[](std::size_t size) {
  RETINUE_COUNT();
  return allocate_or_throw(size, 1);
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  RETINUE_COUNT();
  return allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void* operator new[](std::size_t size, std::align_val_t alignment) {
  RETINUE_COUNT();
  return allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  RETINUE_COUNT();
  return allocate(size == 0 ? 1 : size, 1);
}
[[gnu::noinline]] void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  RETINUE_COUNT();
  return allocate(size == 0 ? 1 : size, 1);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}

#if !RETINUE_SANITIZED
// glibc's headers name parameters in ways of their own.
// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
extern "C" {
[[gnu::noinline]] void* malloc(std::size_t size) {
  RETINUE_COUNT();
  return __libc_malloc(size);
}
[[gnu::noinline]] void* calloc(std::size_t count_of, std::size_t size) {
  RETINUE_COUNT();
  return __libc_calloc(count_of, size);
}
[[gnu::noinline]] void* realloc(void* memory, std::size_t size) {
  RETINUE_COUNT();
  return __libc_realloc(memory, size);
}
[[gnu::noinline]] void* aligned_alloc(std::size_t alignment, std::size_t size) {
  RETINUE_COUNT();
  return __libc_memalign(alignment, size);
}
void* memalign(std::size_t alignment, std::size_t size);  // glibc declares it in <malloc.h>.
[[gnu::noinline]] void* memalign(std::size_t alignment, std::size_t size) {
  RETINUE_COUNT();
  return __libc_memalign(alignment, size);
}
[[gnu::noinline]] int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
  RETINUE_COUNT();
  *memory = __libc_memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}
}
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
#endif
