#pragma once
// Asks whether somebody holds the lock of Disk::lock(), without taking it. For a moment it shares
// the lock, which Disk::lock() outwaits, so that a start beside it does not fail.
#include "engine/base/result.h"

#include <optional>
#include <string>

namespace foreshard {

// "process 1234", as the holder has written it, or "another process"; nothing when the lock is
// free or was never taken. Any thread.
Result<std::optional<std::string>> lockHolder(const std::string& path);

}  // namespace foreshard
