#pragma once
// Messages in one line for people, as their descriptions (engine/wire/describe.h) say:
// "Assign shard=3 epoch=4 intervalMs=1000 cause='start'". Pure.
#include "engine/base/bytes.h"
#include "engine/model/message.h"

#include <optional>
#include <string>

namespace foreshard::sim {

std::string describe(const Message& message);
// Of a sealed message or frame; what is no message is named by its size.
std::string describeSealed(BytesView sealed);
// The one shard it is about; nothing when there is none or more than one.
std::optional<ShardId> shardOf(const Message& message);

}  // namespace foreshard::sim
