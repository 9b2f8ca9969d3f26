/// Counts the allocations of a program that is linked with allocation_count.cpp: its own ones apart
/// from those of the libraries that it uses.
#pragma once

#include <cstdint>
#include <string>

namespace retinue {

/// How often memory was allocated, by C++ (`operator new`) or C (`malloc` and its kind), on all
/// threads. An allocation belongs to the first on its call stack that is not of the C or C++
/// library: a `std::string` that our code makes is ours, one that ONNX Runtime makes is not.
struct AllocationCount {
  std::int64_t own = 0;
  std::int64_t others = 0;  ///< ONNX Runtime's, FFmpeg's …
};

/// Counts from now on. One at a time. Libraries that are loaded after the first call count as
/// others.
void start_counting_allocations();

/// Counts no more, and says what it was.
AllocationCount stop_counting_allocations();

/// Whose the own allocations of the last count were, most first: the module of src/ with its count,
/// then a line for each place with its share of the calls. Runs addr2line; without it, addresses.
std::string own_allocations_by_module();

/// A line for each other library that allocated, with its count.
std::string other_allocations_by_library();

/// Under a sanitizer, which has a malloc of its own, only `operator new` is counted.
bool counts_malloc();

}  // namespace retinue
