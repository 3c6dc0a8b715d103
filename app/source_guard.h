#pragma once
// What is written must not be what is read.
#include "engine/base/result.h"

#include <string>

namespace foreshard {

// kInvalid, naming `what` and `path`: the file that `path` leads to is the one that the source URI
// reads. Looks at the file system. Any thread.
Status refuseTheSource(const std::string& source, const std::string& path, const std::string& what);

}  // namespace foreshard
