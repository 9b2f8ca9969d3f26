#include "base/unique_fd.hpp"

#include <fcntl.h>

#include <gtest/gtest.h>

namespace retinue {
namespace {

int open_null() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) != -1;
}

TEST(UniqueFd, ClosesItsDescriptor) {
  const int fd = open_null();
  { const UniqueFd owner(fd); }

  EXPECT_FALSE(is_open(fd));
}

TEST(UniqueFd, HandsItsDescriptorOnWhenMoved) {
  UniqueFd first(open_null());
  const int fd = first.get();

  const UniqueFd second(std::move(first));

  EXPECT_EQ(second.get(), fd);
  EXPECT_TRUE(is_open(fd));
}

TEST(UniqueFd, LeavesAReleasedDescriptorOpen) {
  UniqueFd owner(open_null());
  const UniqueFd released(owner.release());

  EXPECT_FALSE(owner.is_valid());
  EXPECT_TRUE(is_open(released.get()));
}

}  // namespace
}  // namespace retinue
