#include "engine/control/move_core.h"

namespace foreshard {

const char* movePhaseName(MoveCore::Phase phase)
{
    switch (phase) {
        case MoveCore::Phase::kDraining:
            return "draining";
        case MoveCore::Phase::kCommitting:
            return "committing";
        case MoveCore::Phase::kRestoring:
            return "restoring";
        case MoveCore::Phase::kDone:
            return "done";
        case MoveCore::Phase::kFailed:
            return "failed";
    }
    return "unknown";
}

}  // namespace foreshard
