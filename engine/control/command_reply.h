#pragma once
// The two answers to a command.
#include "engine/base/result.h"
#include "engine/model/assignment.h"
#include "engine/model/command.h"

#include <string>
#include <utility>

namespace foreshard {

inline CommandReply refused(const AssignmentState& assignment, const Command& command,
                            const Error& error)
{
    CommandReply reply;
    reply.id = command.id;
    reply.ok = false;
    reply.code = error.code;
    reply.message = error.message;
    reply.version = assignment.version;
    return reply;
}

inline CommandReply accepted(const AssignmentState& assignment, const Command& command,
                             std::string message)
{
    CommandReply reply;
    reply.id = command.id;
    reply.message = std::move(message);
    reply.version = assignment.version;
    return reply;
}

}  // namespace foreshard
