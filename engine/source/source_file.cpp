#include "engine/source/source_file.h"

#include "engine/base/crc32c.h"
#include "engine/wire/little_endian.h"

namespace foreshard {
namespace {

constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeadBytes = 8;
constexpr std::size_t kCrcBytes = 4;

}  // namespace

Bytes sealSourceFile(std::uint32_t magic, BytesView body)
{
    Bytes out;
    appendNumber(out, magic);
    appendNumber(out, kVersion);
    out += body;
    appendNumber(out, crc32c(out));
    return out;
}

Result<BytesView> openSourceFile(std::uint32_t magic, BytesView bytes, const std::string& what)
{
    if (bytes.size() < kHeadBytes + kCrcBytes) return damagedSourceFile(what);
    const BytesView sealed = bytes.substr(0, bytes.size() - kCrcBytes);
    if (loadNumber<std::uint32_t>(sealed.data() + sealed.size()) != crc32c(sealed)
        || loadNumber<std::uint32_t>(sealed.data()) != magic)
        return damagedSourceFile(what);
    if (loadNumber<std::uint32_t>(sealed.data() + 4) != kVersion)
        return Error{Errc::kUnsupported,
                     what + " is of another version: use the program that wrote it"};
    return sealed.substr(kHeadBytes);
}

Error damagedSourceFile(const std::string& what)
{
    return {Errc::kCorrupt,
            what + " is damaged: a checksum does not hold: restore the file from a copy"};
}

}  // namespace foreshard
