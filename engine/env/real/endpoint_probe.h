#pragma once
// Who takes connections at an endpoint. That anybody does, the system says: also of a program that
// is frozen.
#include <cstdint>
#include <string>

namespace foreshard {

enum class Listener : std::uint8_t {
    kNobody,
    kSilent,  // somebody who says nothing, as a frozen program does
    kPeer,    // a program that speaks ZeroMQ's protocol, as every engine does
    kOther    // a program that does not
};

// kNobody also when the endpoint makes no sense. Blocks for two seconds at most.
Listener listenerAt(const std::string& endpoint);

}  // namespace foreshard
