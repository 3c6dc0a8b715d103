#pragma once
// FS_CHECK guards what can only be false through a bug. It stays on in release builds: a wrong
// answer is worse than a stop, because every stop is recoverable.
namespace foreshard {
[[noreturn]] void checkFailed(const char* condition, const char* file, int line);
}  // namespace foreshard

#define FS_CHECK(condition) \
    ((condition) ? static_cast<void>(0) : ::foreshard::checkFailed(#condition, __FILE__, __LINE__))
