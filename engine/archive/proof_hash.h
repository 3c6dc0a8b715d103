#pragma once
// SHA-256 for proofs: of records, of the chain over them, of the stream. Pure.
#include "engine/base/bytes.h"
#include "engine/base/ids.h"

#include <sodium.h>
#include <string>

namespace foreshard {

class Sha256 {
public:
    Sha256() { crypto_hash_sha256_init(&state_); }
    Sha256& add(BytesView bytes)
    {
        crypto_hash_sha256_update(&state_, reinterpret_cast<const unsigned char*>(bytes.data()),
                                  bytes.size());
        return *this;
    }
    Bytes digest()
    {
        Bytes out(crypto_hash_sha256_BYTES, '\0');
        crypto_hash_sha256_final(&state_, reinterpret_cast<unsigned char*>(out.data()));
        return out;
    }

private:
    crypto_hash_sha256_state state_{};
};

// Offset and length as 8 bytes each, little endian, then the bytes.
Bytes recordHash(Offset offset, BytesView raw);
std::string hexOf(BytesView bytes);
// The first four bytes of a record's hash.
std::string tagOf(const Bytes& recordHash);
Bytes chainStart();
Bytes chainNext(const Bytes& chain, const Bytes& recordHash);

}  // namespace foreshard
