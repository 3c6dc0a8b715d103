#pragma once
// When files were last written, as the file system tells.
#include "engine/base/time.h"

#include <string>

namespace foreshard {

// Of all files below `directory`; 0 when none can be asked. A copy has the times of its making.
WallMillis newestWriteMs(const std::string& directory);

}  // namespace foreshard
