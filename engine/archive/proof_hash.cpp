#include "engine/archive/proof_hash.h"

#include "engine/wire/little_endian.h"

namespace foreshard {

Bytes recordHash(Offset offset, BytesView raw)
{
    Bytes head;
    appendNumber(head, offset);
    appendNumber(head, std::uint64_t{raw.size()});
    return Sha256().add(head).add(raw).digest();
}

std::string hexOf(BytesView bytes)
{
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 15U];
    }
    return text;
}

std::string tagOf(const Bytes& recordHash) { return hexOf(BytesView(recordHash).substr(0, 4)); }

Bytes chainStart() { return Sha256().add("foreshard-proof 1").digest(); }

Bytes chainNext(const Bytes& chain, const Bytes& recordHash)
{
    return Sha256().add(chain).add(recordHash).digest();
}

}  // namespace foreshard
