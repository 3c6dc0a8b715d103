#pragma once
// Who may say what to whom. The name a message comes from is given by the network, so it can be
// believed; what the message itself says of its sender cannot. Whoever comes in through --listen is
// an outsider, reaches the outside door alone, and may give commands and nothing else. Pure.
#include "engine/model/message.h"
#include "engine/wire/codec.h"

#include <string_view>

namespace foreshard {

// Where the network puts what outsiders send; control listens there.
inline constexpr const char* kOutsideDoor = "outside";

// Has the network given this name to a peer that came by itself?
bool isOutsider(std::string_view name);
// Asked before anything behind the type is looked at.
bool maySay(std::string_view from, std::string_view to, WireType type);
// A message that names the node it comes from names its sender.
bool speaksForItself(std::string_view from, const Message& message);

}  // namespace foreshard
