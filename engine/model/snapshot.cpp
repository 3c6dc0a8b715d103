#include "engine/model/snapshot.h"

namespace foreshard {

const char* nodeStateName(NodeState state)
{
    switch (state) {
        case NodeState::kStarting:
            return "starting";
        case NodeState::kUp:
            return "up";
        case NodeState::kDead:
            return "dead";
    }
    return "unknown";
}

const char* shardStateName(ShardState state)
{
    switch (state) {
        case ShardState::kUnowned:
            return "unowned";
        case ShardState::kRestoring:
            return "restoring";
        case ShardState::kReplaying:
            return "replaying";
        case ShardState::kLive:
            return "live";
        case ShardState::kMoving:
            return "moving";
    }
    return "unknown";
}

const char* engineStateName(EngineState state)
{
    switch (state) {
        case EngineState::kStarting:
            return "starting";
        case EngineState::kRunning:
            return "running";
        case EngineState::kDraining:
            return "draining";
        case EngineState::kDone:
            return "done";
        case EngineState::kFailed:
            return "failed";
    }
    return "unknown";
}

}  // namespace foreshard
