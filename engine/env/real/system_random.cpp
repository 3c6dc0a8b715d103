#include "engine/env/real/system_random.h"

#include "engine/base/check.h"

#include <cerrno>
#include <sys/random.h>

namespace foreshard {
namespace {

std::uint64_t systemSeed()
{
    std::uint64_t seed = 0;
    ssize_t count = 0;
    do {
        count = ::getrandom(&seed, sizeof seed, 0);
    } while (count < 0 && errno == EINTR);
    // The kernel gives up to 256 bytes whole once its pool is ready, for which the call waits.
    FS_CHECK(count == static_cast<ssize_t>(sizeof seed));
    return seed;
}

}  // namespace

SystemRandom::SystemRandom() : generator_(systemSeed()) {}

std::uint64_t SystemRandom::next()
{
    const std::lock_guard lock(mutex_);
    return generator_.next();
}

}  // namespace foreshard
