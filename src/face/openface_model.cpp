#include "face/openface_model.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

#include "base/file_bytes.hpp"

namespace retinue {

namespace {

namespace fs = std::filesystem;

/// Sorted by name; empty where there is no such folder.
std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_regular_file(ignored)) files.push_back(entry->path());
  }
  std::ranges::sort(files);
  return files;
}

bool is_shape_model(const fs::path& file) {
  std::string name = file.filename().string();
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name.find("pdm_68") != std::string::npos &&
         (name.ends_with(".txt") || name.ends_with(".mat"));
}

std::optional<fs::path> shape_model_in(std::span<const fs::path> folders) {
  for (const fs::path& folder : folders) {
    const std::vector<fs::path> files = files_in(folder);
    const auto found = std::ranges::find_if(files, is_shape_model);
    if (found != files.end()) return *found;
  }
  return std::nullopt;
}

}  // namespace

Result<OpenFaceFiles> find_openface_files(const fs::path& folder) {
  const auto missing = [&folder](const std::string& what) {
    return fail(ErrorCode::not_found,
                "reading OpenFace's models from '" + folder.string() + "': " + what);
  };
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) return missing("there is no such folder");
  fs::path predictors = folder;
  if (!fs::is_directory(predictors / "svr_combined", ignored)) predictors /= "AU_predictors";
  OpenFaceFiles files{.origin = folder.string(), .predictors = {}, .shape_model = {}};
  for (const char* part : {"svr_combined", "svm_combined"}) {
    if (!fs::is_directory(predictors / part, ignored)) {
      return missing("it has no folder " + std::string(part) +
                     ", nor AU_predictors with one in it");
    }
    for (const fs::path& file : files_in(predictors / part)) {
      if (file.extension() == ".dat") files.predictors.push_back(file);
    }
  }
  const fs::path beside = fs::weakly_canonical(predictors, ignored).parent_path();
  const std::vector<fs::path> places = {predictors, folder, folder / "pdms", beside,
                                        beside / "pdms"};
  const std::optional<fs::path> shape = shape_model_in(places);
  if (!shape) {
    return missing("it has no shape model, a file as In-the-wild_aligned_PDM_68.txt");
  }
  files.shape_model = *shape;
  return files;
}

Result<OpenFaceModel> OpenFaceModel::load(const OpenFaceFiles& files) {
  const std::string origin = files.shape_model.string();
  const std::vector<std::byte> bytes = TRY(read_file(files.shape_model));
  ShapeModel shape = TRY(ShapeModel::read(bytes, origin));
  OpenFacePredictors predictors = TRY(OpenFacePredictors::read(files.predictors, files.origin));
  return OpenFaceModel{std::move(shape), std::move(predictors)};
}

}  // namespace retinue
