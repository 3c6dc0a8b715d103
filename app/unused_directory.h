#pragma once
// A data directory into which no record was ever taken: a start that failed has made it and written
// down what it was asked for, which must not bind the corrected start.
#include "engine/env/env.h"

#include <string>

namespace foreshard {

// Whether no box has or ever had a record and no checkpoint is listed. What cannot be read counts
// as used.
bool holdsNothing(Disk& disk, const std::string& dataDirectory);

// Whether no engine ever took a stream in: it holds nothing, and none came to the end of an empty
// stream in it.
bool tookNoStream(Disk& disk, const std::string& dataDirectory);

// Removes everything that start left in it, but for the lock, the history and the secret. REQUIRES:
// holdsNothing(), and nobody uses it.
Status forgetStart(Disk& disk, const std::string& dataDirectory);

}  // namespace foreshard
