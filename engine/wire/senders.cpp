#include "engine/wire/senders.h"

#include "engine/base/mutant.h"
#include "engine/base/overloaded.h"
#include "engine/model/addresses.h"

namespace foreshard {
namespace {

bool isNode(std::string_view name) { return name.starts_with("node/"); }

bool isPart(std::string_view name)
{
    return isNode(name) || name == "control" || name == "edge" || name == "query" || name == "sink"
           || name == "predictor";
}

bool maySayToControl(std::string_view from, WireType type)
{
    switch (type) {
        case WireType::kNodeReport:
        case WireType::kCheckpointDone:
        case WireType::kRestoreFailed:
        case WireType::kPoisoned:
        case WireType::kReleased:
        case WireType::kRecovered:
            return isNode(from);
        case WireType::kEdgeReport:
        case WireType::kRetained:
            return from == "edge";
        case WireType::kScrubReply:
        case WireType::kLocateReply:
            return from == "query";
        case WireType::kPredictReply:
            return from == "predictor";
        case WireType::kSinkStatus:
        case WireType::kOutputTaken:
            return from == "sink";
        case WireType::kCommand:  // of the program itself and its window
            return !isPart(from) && !isOutsider(from);
        default:
            return false;
    }
}

bool maySayToEdge(std::string_view from, WireType type)
{
    switch (type) {
        case WireType::kRouteTable:
        case WireType::kTruncate:
        case WireType::kRetain:
        case WireType::kStop:
            return from == "control";
        case WireType::kSubscribe:
        case WireType::kApplied:
            return isNode(from);
        default:
            return false;
    }
}

bool maySayToNode(std::string_view from, WireType type)
{
    switch (type) {
        case WireType::kAssign:
        case WireType::kRelease:
        case WireType::kRevoke:
        case WireType::kSetInterval:
        case WireType::kCheckpointNow:
        case WireType::kCheckpointCommitted:
        case WireType::kQuarantined:
            return from == "control";
        case WireType::kFrame:
        case WireType::kSubscribed:
            return from == "edge";
        case WireType::kOutputTaken:  // of a sink in another process by way of control
            return from == "sink" || from == "control";
        default:
            return false;
    }
}

}  // namespace

bool isOutsider(std::string_view name) { return name.starts_with("peer:"); }

bool maySay(std::string_view from, std::string_view to, WireType type)
{
    if (mutant(Mutant::kObeyOutsider) && isOutsider(from)) return true;
    if (to == kOutsideDoor) return type == WireType::kCommand;
    if (isOutsider(from)) return false;
    if (to == "control") return maySayToControl(from, type);
    if (to == "edge") return maySayToEdge(from, type);
    if (to == "query")
        return from == "control"
               && (type == WireType::kLocateRequest || type == WireType::kScrubRequest);
    return isNode(to) && maySayToNode(from, type);
}

bool speaksForItself(std::string_view from, const Message& message)
{
    if (mutant(Mutant::kObeyOutsider) && isOutsider(from)) return true;
    const auto is = [from](NodeId node) { return from == nodeAddress(node); };
    return std::visit(Overloaded{
                          [&](const Subscribe& m) { return is(m.node); },
                          [&](const Applied& m) { return is(m.node); },
                          [&](const CheckpointDone& m) { return is(m.node); },
                          [&](const Released& m) { return is(m.node); },
                          [&](const Recovered& m) { return is(m.node); },
                          [&](const Poisoned& m) { return is(m.node); },
                          [&](const NodeReport& m) { return is(m.node); },
                          [&](const RestoreFailed& m) { return is(m.node); },
                          [](const auto&) { return true; },
                      },
                      message);
}

}  // namespace foreshard
