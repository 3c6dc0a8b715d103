#include "engine/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace foreshard {

void checkFailed(const char* condition, const char* file, int line)
{
    std::fprintf(stderr, "foreshard: bug: check failed: %s at %s:%d\n", condition, file, line);
    std::abort();
}

}  // namespace foreshard
