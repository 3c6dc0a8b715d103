#include "engine/correlation/bloom_filter.h"

#include <cstring>

namespace foreshard {

namespace {

// Walks over the probes of one hash. The step between them is odd, so it is never 0.
class Probes {
public:
    Probes(std::uint64_t hash, std::uint64_t bits)
        : hash_(hash), step_((hash * 0x9E3779B97F4A7C15ULL ^ hash >> 32U) | 1U), bits_(bits)
    {
    }
    // Maps to [0, bits) by multiplication (D. Lemire 2019), which is kinder than a remainder.
    std::uint64_t next()
    {
        const std::uint64_t high = hash_ >> 32U;
        hash_ += step_;
        return high * bits_ >> 32U;
    }

private:
    std::uint64_t hash_;
    std::uint64_t step_;
    std::uint64_t bits_;
};

}  // namespace

BloomFilter::BloomFilter(std::uint64_t keys) : words_((keys * kBitsPerKey + 63U) / 64U)
{
    FS_CHECK(words_.size() < (std::uint64_t{1} << 26U));  // probes have 32 bits
}

void BloomFilter::addHash(std::uint64_t hash)
{
    FS_CHECK(!words_.empty());
    Probes probes(hash, words_.size() * 64U);
    for (int i = 0; i < kProbes; ++i) {
        const std::uint64_t bit = probes.next();
        words_[bit / 64U] |= std::uint64_t{1} << bit % 64U;
    }
}

bool BloomFilter::mayContain(BytesView key) const
{
    if (words_.empty()) return false;
    Probes probes(keyHash(key), words_.size() * 64U);
    for (int i = 0; i < kProbes; ++i) {
        const std::uint64_t bit = probes.next();
        if ((words_[bit / 64U] >> bit % 64U & 1U) == 0) return false;
    }
    return true;
}

Bytes BloomFilter::encode() const
{
    Bytes bits(words_.size() * 8U, '\0');
    if (!words_.empty()) std::memcpy(bits.data(), words_.data(), bits.size());
    return bits;
}

Result<BloomFilter> BloomFilter::decode(BytesView bits)
{
    if (bits.size() % 8U != 0 || bits.size() / 8U >= (std::uint64_t{1} << 26U))
        return Error{Errc::kCorrupt,
                     "read key filter: impossible length: the index is damaged: rebuild it"};
    BloomFilter filter;
    filter.words_.resize(bits.size() / 8U);
    if (!bits.empty()) std::memcpy(filter.words_.data(), bits.data(), bits.size());
    return filter;
}

}  // namespace foreshard
