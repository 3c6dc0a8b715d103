#pragma once
// "Certainly not here" or "maybe here" for keys: a classic Bloom filter (B. Bloom 1970) with double
// hashing (A. Kirsch, M. Mitzenmacher 2006) over keyHash(). Built for a number of keys at 10 bits
// each, it answers maybe for less than 1 % of the keys it does not hold.
#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/model/key_hash.h"

#include <cstdint>
#include <vector>

namespace foreshard {

class BloomFilter {
public:
    static constexpr std::uint64_t kBitsPerKey = 10;
    static constexpr int kProbes = 7;  // ln 2 * kBitsPerKey

    explicit BloomFilter(std::uint64_t keys = 0);

    void add(BytesView key) { addHash(keyHash(key)); }
    // Of a key whose keyHash() is known.
    void addHash(std::uint64_t hash);
    // False: the key was never added. Always false for a filter of no keys.
    bool mayContain(BytesView key) const;

    // A filter's bits, without a checksum of their own.
    Bytes encode() const;
    static Result<BloomFilter> decode(BytesView bits);

private:
    std::vector<std::uint64_t> words_;
};

}  // namespace foreshard
