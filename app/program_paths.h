#pragma once
// Where this program finds what was installed or built beside it.
#include <string>
#include <vector>

namespace foreshard {

// The shipped model; the first that exists, or the first place it should be at.
std::string findModel();
std::vector<std::string> predictorModulePaths();
// Version as in CMake's project().
const char* programVersion();

}  // namespace foreshard
