/// The text of models/catalogue.toml as it was when this program was built. Private to this module.
#pragma once

#include <string_view>

namespace retinue {

std::string_view builtin_catalogue_toml();

}  // namespace retinue
