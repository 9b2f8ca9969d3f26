/// Which of a detector's classes are persons.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "models/model_signature.hpp"

namespace retinue {

/// The value of a metadata key; absent: the file has no such key.
std::optional<std::string_view> metadata_of(const ModelSignature& signature, std::string_view key);

/// The classes that the exporter wrote into the metadata key `names`, as Ultralytics does:
/// "{0: 'person', 1: 'bicycle'}", or a list, "['person', 'bicycle']". Empty: there are none, or
/// they are written otherwise.
std::vector<std::string> class_names(const ModelSignature& signature);

/// The index of the class "person" (or "people", "pedestrian", "human"), whatever its case. Models
/// without names are taken for COCO's, where it is 0.
///
/// Errors  unsupported: the model has names, and no person is among them.
Result<std::size_t> person_class(const ModelSignature& signature);

}  // namespace retinue
