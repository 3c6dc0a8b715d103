#pragma once
// Whether any program takes connections at an endpoint, asked of the system alone: it answers for a
// program that is stopped or too busy to answer by itself.
#include <string>

namespace foreshard {

// For ipc and tcp; false for others, and after a second without an answer.
bool somebodyListensAt(const std::string& endpoint);

}  // namespace foreshard
