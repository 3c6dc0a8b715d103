#pragma once
// What the parts of control decide, as values: a part takes (now, event) and appends effects, the
// driver performs them in their order and brings the outcome of an append back as an event with the
// ticket that it was given. So no part has a thread, a clock, a disk or a socket, and a test reads
// what was decided. (The shape is that of etcd-io/raft's Ready.)
#include "engine/base/crash_point.h"
#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/model/assignment.h"
#include "engine/model/checkpoint.h"
#include "engine/model/dead_letter.h"
#include "engine/model/message.h"
#include "engine/model/snapshot.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace foreshard {

// Whose append it is: its outcome comes back to that part.
enum class ControlPart : std::uint8_t {
    kBegin,  // the first shard map of a start
    kOwnership,
    kListing,  // CheckpointCore
    kJudging,
    kRestoreFence,  // RestoreCore
    kRestoreOwner,
    kRestoreListing,
    kCommands,
    kLetters
};
struct Ticket {
    ControlPart part = ControlPart::kOwnership;
    std::uint64_t number = 0;  // the part knows what it stands for
    friend auto operator<=>(const Ticket&, const Ticket&) = default;
};

struct Send {
    std::string to;
    Message message;
    std::optional<CrashPoint> passed = {};  // once it is sent
};
struct Say {  // to people: an event
    EventSeverity severity = EventSeverity::kInfo;
    std::string kind;
    std::string text;
};
// Appends. The driver keeps count of those under way by shard; see PendingAppends.
struct ProposeAssignment {
    AssignmentEntry entry;
    LogIndex expectVersion = 0;  // not 0: only if the shard map is at this version
    Ticket ticket;
};
struct ListCheckpoint {
    CheckpointInfo info;
    Ticket ticket;
};
struct JudgeCheckpoints {
    ShardId shard;
    std::vector<CheckpointId> ids;
    CheckpointState state = CheckpointState::kVerified;
    Ticket ticket;
};
struct ReinstateCheckpoints {
    ShardId shard;
    std::vector<CheckpointId> chain;
    Ticket ticket;
};
struct WriteLetter {
    DeadLetter letter;
    Ticket ticket;
};
struct AcquitSuspect {
    Offset offset = 0;
};
// Frames up to and including n are in a listed checkpoint: nothing of them is under suspicion.
struct ClearSuspects {
    ShardId shard;
    FrameNo n = 0;
};
// What was said to the edge of this shard before is void; see Truncate.
struct RaiseFence {
    ShardId shard;
    Ticket ticket;
};
struct SendSnapshot {
    std::string to;
};
struct BeginStop {};
// Does nothing when the engine is in that state, or has ended.
struct SetState {
    EngineState state = EngineState::kRunning;
};
// The loads and intervals have been decided anew.
struct NoteLoads {};
struct RestartNode {
    NodeId node;
};
// To be shown, and kept in the history. Who notes it does not know the time of day.
struct NoteCheckpoint {
    CheckpointInfo info;
};
struct NoteMove {
    MoveSnapshot move;
};
struct NoteRecovery {
    RecoverySnapshot recovery;
};
// The engine ends with this error. What comes behind it is not performed.
struct Fail {
    Error error;
};

using Effect = std::variant<Send, Say, ProposeAssignment, ListCheckpoint, JudgeCheckpoints,
                            ReinstateCheckpoints, RaiseFence, WriteLetter, AcquitSuspect,
                            ClearSuspects, SendSnapshot, BeginStop, SetState, RestartNode,
                            NoteLoads, NoteCheckpoint, NoteMove, NoteRecovery, Fail>;

class Effects {
public:
    void send(std::string to, Message message)
    {
        list_.emplace_back(Send{std::move(to), std::move(message)});
    }
    void send(std::string to, Message message, CrashPoint passed)
    {
        list_.emplace_back(Send{std::move(to), std::move(message), passed});
    }
    void say(EventSeverity severity, std::string kind, std::string text)
    {
        list_.emplace_back(Say{severity, std::move(kind), std::move(text)});
    }
    void fail(Error error) { list_.emplace_back(Fail{std::move(error)}); }
    void add(Effect effect) { list_.push_back(std::move(effect)); }

    const std::vector<Effect>& list() const { return list_; }
    bool empty() const { return list_.empty(); }
    std::vector<Effect> take() { return std::exchange(list_, {}); }

private:
    std::vector<Effect> list_;
};

}  // namespace foreshard
