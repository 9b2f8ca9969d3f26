/// Lets a test that root runs see what a user without rights sees.
#pragma once

#include <sys/fsuid.h>

namespace retinue {

/// While one lives, files are opened by this thread as "nobody" does it, if the process is root's;
/// an ordinary user's process is left as it is. Thread-bound.
class OrdinaryUser {
 public:
  OrdinaryUser() : before_(::setfsuid(kNobody)) {}
  ~OrdinaryUser() { ::setfsuid(static_cast<uid_t>(before_)); }
  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;
  OrdinaryUser(OrdinaryUser&&) = delete;
  OrdinaryUser& operator=(OrdinaryUser&&) = delete;

 private:
  static constexpr uid_t kNobody = 65534;
  int before_;
};

}  // namespace retinue
