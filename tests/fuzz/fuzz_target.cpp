#include "tests/fuzz/fuzz_target.h"

#include <algorithm>
#include <cstddef>

namespace foreshard::fuzz {

std::vector<FuzzTarget> allTargets()
{
    std::vector<FuzzTarget> all = wireTargets();
    for (const auto& more : {textTargets(), storeTargets()})
        all.insert(all.end(), more.begin(), more.end());
    return all;
}

Bytes joined(const std::vector<Bytes>& pieces)
{
    Bytes out;
    for (const Bytes& piece : pieces) {
        const std::size_t size = std::min<std::size_t>(piece.size(), 0xFFFF);
        out += static_cast<char>(size & 0xFFU);
        out += static_cast<char>(size >> 8U);
        out += BytesView(piece).substr(0, size);
    }
    return out;
}

std::vector<BytesView> pieces(BytesView input)
{
    std::vector<BytesView> out;
    while (input.size() >= 2) {
        const auto low = static_cast<unsigned char>(input[0]);
        const auto high = static_cast<unsigned char>(input[1]);
        input.remove_prefix(2);
        out.push_back(input.substr(0, low + (std::size_t{high} << 8U)));
        input.remove_prefix(out.back().size());
    }
    return out;
}

}  // namespace foreshard::fuzz
