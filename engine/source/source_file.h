#pragma once
// The container of the two files that say what is known of a source (FORMAT.md): magic, version,
// body, checksum. Pure.
#include "engine/base/bytes.h"
#include "engine/base/result.h"

#include <cstdint>
#include <string>

namespace foreshard {

Bytes sealSourceFile(std::uint32_t magic, BytesView body);
// The body, which lies in `bytes`. kCorrupt, kUnsupported (another version); both name `what`.
Result<BytesView> openSourceFile(std::uint32_t magic, BytesView bytes, const std::string& what);
// kCorrupt: its checksum holds, or not, but it is not what was written.
Error damagedSourceFile(const std::string& what);

}  // namespace foreshard
