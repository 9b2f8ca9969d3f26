/// From what the user typed to the sources that are meant.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "source/source_spec.hpp"

namespace retinue {

/// The sources that one argument stands for, never none:
///
///   file        itself; its content, not its name, decides what kind of source it is
///   folder      the media files in it, by extension and sorted by name (bytes); subfolders and
///               hidden files are left out
///   glob        the files that match, sorted by name; an existing file of that name comes first
///   URL         http, https, rtsp, rtsps
///   test:WxH@F  the test picture, without end
///
/// Whether a file can be opened shows when it is opened: only its kind is found out here.
///
/// Errors  not_found: no such file, a folder without media, a glob without a match.
///         invalid_argument: not one of these forms. unsupported: a camera, another URL scheme.
Result<std::vector<SourceSpec>> expand_source(const std::string& argument);

/// Joins all images of `sources` into one image sequence in name order, at the place of the first
/// one; everything else stays. The sequence is called `name`, or as its first file if `name` is
/// empty. Without images nothing changes.
std::vector<SourceSpec> join_images(std::vector<SourceSpec> sources, std::string_view name = {});

/// The extensions that count as media in a folder, lower case, without the dot, sorted.
std::span<const std::string_view> media_extensions();

}  // namespace retinue
