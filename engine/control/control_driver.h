#pragma once
// ControlDriver is the coordinator: it owns the assignment log and the manifest, tells nodes what
// they own and the edge where frames go, turns predictions into intervals, moves shards, answers
// commands and publishes snapshots. It reconciles by level: every report is compared with the
// assignment, and what is missing is said again, so any message may be lost. Listens at "control";
// lives on the control strand.
#include "engine/checkpoint/manifest_store.h"
#include "engine/control/control_options.h"
#include "engine/control/drain_watch.h"
#include "engine/control/history_rings.h"
#include "engine/control/history_watch.h"
#include "engine/control/load_tracker.h"
#include "engine/control/log/dead_letter_store.h"
#include "engine/control/log/single_assignment_log.h"
#include "engine/control/move_core.h"
#include "engine/control/run_figures.h"
#include "engine/control/sink_monitor.h"
#include "engine/control/space_reserve.h"
#include "engine/env/env.h"
#include "engine/model/command.h"
#include "engine/model/message.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace foreshard {

class ControlDriver {
public:
    ControlDriver(Env& env, NodeSupervisor& supervisor, ControlOptions options);
    ~ControlDriver();
    ControlDriver(const ControlDriver&) = delete;
    ControlDriver& operator=(const ControlDriver&) = delete;

    // Opens the logs, makes every shard's epoch a new one, and begins to speak.
    Status start();
    // As if a Stop command had come: no more input, checkpoint everything, kDone.
    void stop();
    ClusterSnapshot snapshot();
    EngineState state() const { return state_; }
    // An event that happened beside control.
    void note(EventSeverity severity, const std::string& kind, const std::string& text)
    {
        event(severity, kind, text);
    }

private:
    struct Node {
        NodeState state = NodeState::kStarting;
        NodeReport report;
        Instant lastHeard;
        Silence silence;
        // Incarnation whose shards have their epochs already. The first one's are in the entry of
        // the start; when a later one is heard first, the first may have run all the same.
        std::uint32_t handled = 1;
        std::string downCause;  // why the next incarnation will start
        Instant downSince;
        bool restarting = false;
    };
    struct Shard {
        EdgeShardReport edge;
        Instant lastAssign;
        std::uint32_t committing = 0;  // manifest commits under way
        std::uint32_t invalidating =
            0;  // invalidations under way: no Assign until the chain is known
        std::uint32_t quarantining = 0;     // dead letters being written
        std::uint32_t takingOver = 0;       // next epochs proposed and not yet committed
        std::string cause = "start";        // why its present owner had to restore
        std::uint64_t assignedRecords = 0;  // in the chain its owner was told to load
        Instant downSince;
        std::int64_t detectMs = 0;
        std::uint64_t fence = 0;  // newest Retain that is over; see Truncate
    };
    // A look-up whose answer is awaited.
    struct Locate {
        std::string peer;
        std::uint64_t id = 0;  // the peer's
        Instant since;
    };
    // A shard on its way back to an older checkpoint. At most one per shard.
    struct Restore {
        std::string from;
        Command command;
        CheckpointInfo to;
        std::vector<CheckpointInfo> chain;
        std::uint64_t readId = 0;  // of the request to read the chain back
        bool holds = false;        // it was read back; only then is anything asked of the edge
        std::uint64_t fence = 0;
        Instant began;
        Instant lastAsked;
        bool committing = false;  // the assignment log has the word
    };
    // Reading checkpoints back: one request at a time, the newest of each shard first, then what is
    // kept, round and round.
    struct Scrub {
        std::uint64_t id = 0;
        std::vector<CheckpointInfo> chain;
        Instant sent;
        bool waiting = false;  // for the answer
        bool noting = false;   // what it said is being written down
        ShardId shard;         // whose newest was read last
        CheckpointId lastOfRound;
        Instant nextRound;
    };
    struct Watcher {
        Instant lastHeard;
    };

    // control_gate.cpp
    void take(const std::string& from, const std::string& to, const Bytes& message);
    void refuse(const std::string& from, const std::string& what);
    // Could this be, by all that control knows?
    bool isPossible(const Message& message);
    static bool mayBe(const Command& command);
    bool mayBe(const NodeReport& report) const;
    bool mayBe(const EdgeReport& report);
    bool mayBe(const CheckpointDone& done);
    bool mayBe(const Poisoned& poisoned);
    bool mayBe(ShardId shard, FrameNo n);

    void onMessage(const std::string& from, const Message& message);
    void onNodeReport(const NodeReport& report);
    void onEdgeReport(const EdgeReport& report);
    void onCheckpointDone(const CheckpointDone& done);
    bool isOvertaken(const CheckpointInfo& info) const;
    void checkpointListed(const CheckpointDone& done, const Result<CheckpointInfo>& info);
    void onReleased(const Released& released);
    void onRestoreFailed(const RestoreFailed& failed);
    void onScrubReply(const ScrubReply& reply);
    void sendTruncate(ShardId shard);
    void invalidate(ShardId shard, CheckpointId id, const std::string& text);
    void showStates(ShardId shard);
    Error withInvalidated(Error error) const;
    void reinstateRepaired(ShardId shard);
    void noteRestoreFromNothing(ShardId shard);
    void askForFull(Instant now);
    void scrub(Instant now);
    std::vector<CheckpointInfo> unverified();
    std::vector<CheckpointInfo> nextOfRound(Instant now);
    void onRecovered(const Recovered& recovered);

    void nodeCameBack(NodeId node, std::uint32_t incarnation);
    void takeOver(const std::vector<ShardId>& shards, const std::string& cause,
                  const std::string& reason);
    std::vector<ShardId> stillAtEpochBefore(const std::vector<ShardAssignment>& proposed) const;
    void reconcile(const NodeReport& report);
    void sendAssign(ShardId shard, const ShardAssignment& owner);
    void sendRoutes();
    void sendIntervals();
    void watchNodes(Instant now, Nanos ran);
    void tick();
    void checkDone();
    void requestClosingCheckpoints();

    // control_drain.cpp
    // Ends the engine when a stop gets no further.
    void watchDrain(Nanos ran);
    std::string notSaved() const;
    void watchFiles(Instant now);
    Status filesThere() const;
    // False when the file of a checkpoint that the end would rely on is gone; it is invalidated
    // then.
    bool checkpointsThere();
    void noteUnsound(ShardId shard, const std::string& text);
    void noteSound(ShardId shard);

    // control_moves.cpp
    void startMove(ShardId shard, NodeId to, const std::string& actor);
    void stepMoves(Instant now);
    void commitMove(MoveCore& move);
    MoveCore* activeMove(ShardId shard);
    void recordMove(const MoveCore& move);
    void moveLive(const NodeReport& report);

    // control_poison.cpp
    Status openLetters();
    void onPoisoned(const Poisoned& poisoned);
    void stopAt(const DeadLetter& letter, const std::string& why);

    // control_restore.cpp
    void doRestore(const std::string& from, const Command& command, const RestoreCommand& restore);
    Result<CheckpointInfo> restorable(const RestoreCommand& restore);
    void stepRestores(Instant now);
    // False when the answer is not for a restore.
    bool onChainRead(const ScrubReply& reply);
    bool leftTheList(const CheckpointInfo& info) const;
    void onRetained(const Retained& retained);
    void commitRestore(ShardId shard);
    void setBack(ShardId shard, const ShardAssignment& owner);
    void restoreListed(ShardId shard, const Result<CheckpointInfo>& info);
    void endRestore(ShardId shard, const CommandReply& answer);

    // control_commands.cpp
    void onCommand(const std::string& from, const Command& command);
    void reply(const std::string& to, CommandReply reply);
    CommandReply refused(const Command& command, const Error& error) const;
    CommandReply accepted(const Command& command, std::string message) const;
    void doMove(const std::string& from, const Command& command, const MoveCommand& move);
    void doInterval(const std::string& from, const Command& command,
                    const IntervalCommand& interval);
    void doCheckpoint(const std::string& from, const Command& command,
                      const CheckpointCommand& checkpoint);
    void doPolicy(const std::string& from, const Command& command, const PolicyCommand& policy);
    void doDrill(const std::string& from, const Command& command, const DrillCommand& drill);
    void doLocate(const std::string& from, const Command& command, const LocateCommand& locate);
    void proposeFor(const std::string& from, const Command& command, AssignmentEntry entry,
                    std::string done);

    // control_sink.cpp
    void watchSink(Instant now);
    // Stopping while the sink is away or its disk full: what it has not taken stays in the
    // checkpoints.
    bool leavesOutputsBehind() const;
    bool outputsBlock() const;
    // Every output is confirmed, and the sink has told of itself since. REQUIRES: every shard is
    // reported.
    bool outputsSettled();
    SinkSnapshot sinkSnapshot() const;

    // control_snapshot.cpp
    ShardSnapshot shardSnapshot(const ShardAssignment& owner, Instant now);
    void addNodes(ClusterSnapshot& snapshot, Instant now);
    void addTotals(ClusterSnapshot& snapshot);
    void addFigures(const NodeReport& report);
    void addFigures(const Recovered& recovered);
    void publish(Instant now);

    void event(EventSeverity severity, const std::string& kind, const std::string& text);
    void setState(EngineState state, const Error* error = nullptr);
    void fail(const Error& error);
    void send(const std::string& to, const Message& message);
    std::string addressOf(NodeId node) const;
    const AssignmentState& assignment() const { return log_->state(); }
    const NodeShardReport* reported(ShardId shard) const;

    Env& env_;
    NodeSupervisor& supervisor_;
    ControlOptions options_;
    Lifetime lifetime_;
    std::unique_ptr<SingleAssignmentLog> log_;
    std::unique_ptr<ManifestStore> manifest_;
    std::unique_ptr<DeadLetterStore> letters_;
    LoadTracker loads_;
    SpaceReserve reserve_;
    std::map<NodeId, Node> nodes_;
    std::map<ShardId, Shard> shards_;
    std::vector<MoveCore> moves_;
    std::map<ShardId, Restore> restores_;
    std::map<std::string, Watcher> watchers_;
    std::map<std::uint64_t, Locate> locates_;  // by our id
    HistoryRings rings_;
    HistoryWatch history_;
    SinkMonitor sink_;
    EdgeReport edge_;
    Instant edgeHeard_;           // first
    std::uint64_t edgeTick_ = 0;  // then
    std::uint64_t refused_ = 0;   // messages that their sender may not say
    Instant lastRefused_;         // said so
    RunFigures figures_;
    EngineState state_ = EngineState::kStarting;
    std::string failure_;
    bool ready_ = false;      // epochs of this start are committed
    bool firstLife_ = false;  // no engine ran on this directory before
    bool stopping_ = false;
    DrainWatch drain_;           // while stopping
    std::set<ShardId> unsound_;  // their checkpoints did not hold, and none since
    std::string checkpointProblem_;
    RunningTime running_;
    Instant lastWatch_;
    Instant began_;
    Instant ended_;  // done or failed; 0: not yet
    Instant lastRoutes_;
    Instant lastGarbage_;
    Instant lastAskedFull_;
    Scrub scrub_;
    std::uint64_t ticks_ = 0;
    std::uint64_t snapshotSeq_ = 0;
    std::uint64_t nextId_ = 1;
    std::size_t commandsWaiting_ = 0;  // for the assignment log
    std::uint64_t movesDone_ = 0;
    std::uint64_t recoveriesDone_ = 0;
    std::uint64_t restoresDone_ = 0;
    std::uint64_t checkpointCount_ = 0;
    std::uint64_t checkpointBytes_ = 0;
};

}  // namespace foreshard
