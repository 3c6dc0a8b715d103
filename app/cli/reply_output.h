#pragma once
// The engine's answer to a command as `ctl` and `locate` print it.
#include "engine/model/command.h"

#include <string>

namespace foreshard {

// One JSON document; keys are a contract: added to, never renamed.
std::string replyJson(const CommandReply& reply);
// A line per hit of a look-up; empty when there is none.
std::string hitLines(const CommandReply& reply);

}  // namespace foreshard
