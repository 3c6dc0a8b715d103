#pragma once
// Small files with secrets: mode 0600 from their first moment, never through a symbolic link.
#include "engine/base/bytes.h"
#include "engine/base/result.h"

#include <string>

namespace foreshard {

// Replaces it wholly or not at all, durably.
Status writePrivate(const std::string& path, BytesView bytes);
// kNotFound when it is absent. kInvalid when it is no file of its owner's alone, or not `size`
// bytes long.
Result<Bytes> readPrivate(const std::string& path, std::size_t size);

}  // namespace foreshard
