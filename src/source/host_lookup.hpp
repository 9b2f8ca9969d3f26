/// Finds out in bounded time whether the host of an address can be found.
#pragma once

#include <string>

#include "base/result.hpp"
#include "source/ffmpeg_interrupt.hpp"

namespace retinue {

/// Looks up the host of `url` on a thread of its own, which a name service that does
/// not answer keeps until it does. FFmpeg asks again when it connects and
/// cannot be interrupted in that: after this the answer is near. Nothing is looked up where a proxy
/// does it.
///
/// Errors  not_found: no such host. unavailable: no answer from the name service, or interrupted
///         (`interrupt` says so).
Result<void> look_up_host(const std::string& url, FfmpegInterrupt& interrupt);

}  // namespace retinue
