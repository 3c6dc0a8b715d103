// The entry of libFuzzer: FORESHARD_FUZZ_TARGET names the target.
#include "tests/fuzz/fuzz_target.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

foreshard::fuzz::FuzzTarget chosenTarget()
{
    const char* const name = std::getenv("FORESHARD_FUZZ_TARGET");
    std::string known;
    for (const foreshard::fuzz::FuzzTarget& target : foreshard::fuzz::allTargets()) {
        if (name != nullptr && target.name == name) return target;
        known += " " + target.name;
    }
    std::fprintf(stderr, "fuzz: FORESHARD_FUZZ_TARGET is none of:%s\n", known.c_str());
    std::exit(2);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int LLVMFuzzerTestOneInput(
    const std::uint8_t* data, std::size_t size)
{
    static const foreshard::fuzz::FuzzTarget target = chosenTarget();
    target.run({reinterpret_cast<const char*>(data), size});
    return 0;
}
