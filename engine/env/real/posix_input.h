#pragma once
// Inputs of env/real: files read at a position, and pipes (standard input, FIFOs, devices) that are
// asked first and so never block. Internal to PosixDisk.
#include "engine/env/env.h"

#include <memory>
#include <string>

namespace foreshard {

// "-" is standard input, which stays open when the Input goes.
Result<std::unique_ptr<Input>> openPosixInput(const std::string& path);

}  // namespace foreshard
