#pragma once
// "Which shard, box, segment and checkpoint holds it?", answered from a data directory: the filters
// say maybe, then the frames are read and say yes.
#include "engine/archive/archive.h"
#include "engine/model/command.h"

namespace foreshard {

// The reply's hits are in stream order, at most `hitsMax`; its message says in words what was
// found.
Result<CommandReply> locate(Disk& disk, const std::string& dataDirectory, const LocateCommand& what,
                            std::size_t hitsMax = 1000);

}  // namespace foreshard
