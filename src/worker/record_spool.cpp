#include "worker/record_spool.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <span>
#include <system_error>
#include <type_traits>

#include "base/unique_fd.hpp"

namespace retinue {

namespace {

tl::unexpected<Error> failed(const char* doing, const std::string& folder) {
  return fail(ErrorCode::resource_exhausted,
              std::string(doing) + " records that are held back to their source's end in '" +
                  folder + "': " + std::generic_category().message(errno));
}

class Writer {
 public:
  explicit Writer(std::vector<std::byte>& bytes) : bytes_(bytes) { bytes_.clear(); }

  template <typename T>
  void value(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    add(&value, sizeof(T));
  }

  template <typename T>
  void list(const T& values) {
    static_assert(std::is_trivially_copyable_v<typename T::value_type>);
    value(values.size());
    add(values.data(), values.size() * sizeof(typename T::value_type));
  }

 private:
  void add(const void* data, std::size_t size) {
    const std::size_t at = bytes_.size();
    bytes_.resize(at + size);
    if (size != 0) std::memcpy(bytes_.data() + at, data, size);
  }

  std::vector<std::byte>& bytes_;
};

/// Of what a Writer wrote in this process: nothing is checked.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : rest_(bytes) {}

  template <typename T>
  void value(T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    take(&value, sizeof(T));
  }

  template <typename T>
  void list(T& values) {
    std::size_t size = 0;
    value(size);
    values.resize(size);
    take(values.data(), size * sizeof(typename T::value_type));
  }

 private:
  void take(void* data, std::size_t size) {
    if (size != 0) std::memcpy(data, rest_.data(), size);
    rest_ = rest_.subspan(size);
  }

  std::span<const std::byte> rest_;
};

/// Everything of a face that is in a record; the same for writing and reading.
template <typename Archive, typename AFace>
void transfer_face(Archive& archive, AFace& face) {
  archive.value(face.track);
  archive.value(face.person);
  archive.value(face.score);
  archive.value(face.box);
  archive.value(face.keypoints);
  archive.value(face.presence);
  archive.list(face.landmarks);
  archive.value(face.blendshapes);
  archive.value(face.head_pose);
  archive.value(face.gaze);
  archive.value(face.action_units);
  archive.value(face.embedding);
  archive.value(face.emotions);
}

template <typename Archive, typename AResult>
void transfer_frame(Archive& archive, AResult& result) {
  archive.value(result.frame);
  archive.value(result.time);
  archive.list(result.error);
  archive.value(result.size);
  archive.value(result.discontinuity);
  archive.list(result.persons);
}

}  // namespace

Result<RecordSpool> RecordSpool::create() {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  if (error) {
    return fail(ErrorCode::resource_exhausted,
                "holding back records to their source's end: the folder for temporary files: " +
                    error.message());
  }
  std::string name = (folder / "retinue-records-XXXXXX").string();
  UniqueFd fd(::mkostemp(name.data(), O_CLOEXEC));
  if (!fd.is_valid()) return failed("holding back", folder.string());
  ::unlink(name.c_str());
  std::FILE* file = ::fdopen(fd.get(), "w+b");
  if (file == nullptr) return failed("holding back", folder.string());
  static_cast<void>(fd.release());  // The stream closes it.
  return RecordSpool(folder.string(), file);
}

Result<void> RecordSpool::append(const FrameResult& result) {
  source_ = result.source;
  if (result.frame) tasks_ = result.tasks;
  Writer writer(record_);
  transfer_frame(writer, result);
  writer.value(result.faces.size());
  for (const Face& face : result.faces)
    transfer_face(writer, face);
  const std::size_t bytes = record_.size();
  if (std::fwrite(&bytes, sizeof(bytes), 1, file_.get()) != 1 ||
      std::fwrite(record_.data(), 1, bytes, file_.get()) != bytes) {
    return failed("writing", folder_);
  }
  ++size_;
  return {};
}

Result<void> RecordSpool::rewind() {
  if (std::fflush(file_.get()) != 0 || std::fseek(file_.get(), 0, SEEK_SET) != 0)
    return failed("writing", folder_);
  return {};
}

Result<bool> RecordSpool::next(FrameResult& result) {
  if (size_ == 0) return false;
  --size_;
  std::size_t bytes = 0;
  if (std::fread(&bytes, sizeof(bytes), 1, file_.get()) != 1) return failed("reading", folder_);
  record_.resize(bytes);
  if (std::fread(record_.data(), 1, bytes, file_.get()) != bytes) return failed("reading", folder_);
  Reader reader(record_);
  transfer_frame(reader, result);
  std::size_t faces = 0;
  reader.value(faces);
  result.faces.resize(faces);
  for (Face& face : result.faces)
    transfer_face(reader, face);
  result.source = source_;
  result.tasks = result.frame ? tasks_ : TaskSet();
  return true;
}

}  // namespace retinue
