#include "tests/fuzz/mutator.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace foreshard::fuzz {
namespace {

// Values at the edges of what lengths, counts and signs can be.
constexpr std::array<std::uint64_t, 12> kNumbers = {
    0,          1,          0x7F,       0x80,        0xFF,  0xFFFF,
    0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1ULL << 63U, ~0ULL, ~0ULL >> 1U};

constexpr std::array<const char*, 8> kTexts = {"\n", "\"",  ",",     "\r\n",
                                               "{",  "\\u", "1e999", "\xFF"};

}  // namespace

Mutator::Mutator(std::vector<Bytes> seeds, std::uint64_t seed)
    : seeds_(std::move(seeds)), random_(seed)
{
    if (seeds_.empty()) seeds_.emplace_back();
}

Bytes Mutator::next()
{
    Bytes input = seeds_[random_.below(seeds_.size())];
    const std::uint64_t times = 1 + random_.below(5);
    for (std::uint64_t i = 0; i < times; ++i)
        mutateOnce(input);
    input.resize(std::min(input.size(), kInputBytesMax));
    return input;
}

void Mutator::mutateOnce(Bytes& input)
{
    const std::size_t at = place(input);
    const std::size_t length = std::min<std::size_t>(input.size() - at, random_.below(64));
    switch (random_.below(8)) {
        case 0:  // a bit
            if (at < input.size())
                input[at] = static_cast<char>(input[at] ^ (1 << random_.below(8)));
            return;
        case 1:  // a byte
            if (at < input.size()) input[at] = static_cast<char>(random_.below(256));
            return;
        case 2: {  // a number of 1, 2, 4 or 8 bytes
            const std::uint64_t number = kNumbers[random_.below(kNumbers.size())];
            const std::size_t size = std::size_t{1} << random_.below(4);
            if (size <= input.size() - at) std::memcpy(input.data() + at, &number, size);
            return;
        }
        case 3:
            input.resize(at);
            return;
        case 4:
            input.erase(at, length);
            return;
        case 5:
            input.insert(at, input.substr(place(input), random_.below(64)));
            return;
        case 6: {  // the rest of another one
            const Bytes& other = seeds_[random_.below(seeds_.size())];
            input = input.substr(0, at) + other.substr(std::min(other.size(), place(other)));
            return;
        }
        default:
            input.insert(at, kTexts[random_.below(kTexts.size())]);
            return;
    }
}

}  // namespace foreshard::fuzz
