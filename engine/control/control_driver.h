#pragma once
// ControlDriver is the coordinator of an engine as it meets the world: it listens at "control" and
// at the door for outsiders, performs what ControlCore decides (messages, appends to the log,
// restarts of nodes, events), and looks after the files. It decides nothing about shards itself.
// Lives on the control strand.
#include "engine/control/control_core.h"
#include "engine/control/control_options.h"
#include "engine/control/effects.h"
#include "engine/control/history_watch.h"
#include "engine/control/log_writer.h"
#include "engine/control/message_gate.h"
#include "engine/control/space_reserve.h"
#include "engine/env/env.h"

#include <deque>
#include <memory>
#include <string>

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
    // Empty before start() has opened the log.
    ClusterSnapshot snapshot();
    EngineState state() const { return state_; }
    // An event that happened beside control.
    void note(EventSeverity severity, const std::string& kind, const std::string& text);

private:
    Status open();
    // What ended the processes before this one counts as a try.
    Status countTries();
    Status listen();
    void reinstateRepaired();
    void take(const std::string& from, const std::string& to, const Bytes& message);
    void updateReserve(const EdgeReport& report);
    void tick();
    void perform(Effects effects);
    void performOne(Effect effect);
    void endIfSettled();
    void watchFiles(Instant now);
    Status filesThere() const;
    // False when the file of a checkpoint that the end would rely on is gone.
    bool checkpointsThere();
    void publish(Instant now);
    void setState(EngineState state, const Error* error = nullptr);
    void fail(const Error& error);

    Env& env_;
    NodeSupervisor& supervisor_;
    ControlOptions options_;
    Lifetime lifetime_;
    std::unique_ptr<LogWriter> log_;
    std::unique_ptr<ControlCore> core_;
    std::unique_ptr<MessageGate> gate_;
    SpaceReserve reserve_;
    HistoryWatch history_;
    std::deque<Effect> effects_;  // to be performed
    bool performing_ = false;
    EngineState state_ = EngineState::kStarting;
    std::string failure_;
    RunningTime running_;
    Instant began_;
    Instant ended_;  // done or failed; 0: not yet
    Instant lastGarbage_;
    Instant lastWatch_;
    std::uint64_t ticks_ = 0;
};

}  // namespace foreshard
