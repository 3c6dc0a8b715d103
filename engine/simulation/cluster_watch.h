#pragma once
// Watches one simulated cluster from outside: hands what its parts send, and what lies on its disk
// after a crash and at the end, to the checkers, and says how the run went. It changes nothing in
// the cluster.
#include "engine/env/sim/world.h"
#include "engine/simulation/checkers/checkpoint_checker.h"
#include "engine/simulation/checkers/frame_ledger.h"
#include "engine/simulation/checkers/memory_checker.h"
#include "engine/simulation/checkers/outputs_checker.h"
#include "engine/simulation/checkers/ownership_checker.h"
#include "engine/simulation/checkers/progress_checker.h"
#include "engine/simulation/checkers/rebuild_checker.h"
#include "engine/simulation/checkers/record_checker.h"
#include "engine/simulation/checkers/replacement_checker.h"
#include "engine/simulation/checkers/source_checker.h"
#include "engine/simulation/cluster_shape.h"
#include "engine/simulation/random_stream.h"
#include "engine/simulation/shard_events.h"
#include "engine/simulation/sim_engine.h"
#include "engine/simulation/simulation.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace foreshard::sim {

class ClusterWatch {
public:
    // What it is given outlives it. `disk` is a door that no crash closes. The cluster must have
    // come to its end by `deadline`.
    ClusterWatch(World& world, Disk& disk, std::string dataDirectory, const ClusterShape& shape,
                 const RandomStream& stream, Instant deadline);
    // The file of the sink, if the cluster has one.
    void expectSink(const std::string& path)
    {
        outputs_.expect(path, shape_.sinkFormat, shape_.sinkMode, stream_.deadKeys);
    }

    // A new life of the engine begins; null: the engine is gone.
    void engineIs(SimEngine* engine);
    // Its control has been killed, and a fresh one comes.
    void controlReplaced() { replacement_.replaced(); }
    // For something that no checker can see.
    void report(std::string checker, std::string text);
    bool failed() const { return violations_.any(); }
    Instant deadline() const { return progress_.deadline(); }

    // The engine has crashed: what it left on the disk must be sound.
    void checkLeftBehind();
    // The sink's process has ended; at the end of the run its file must be complete.
    void checkSink(bool end) { outputs_.checkFile(disk_, end); }
    // The run is over by now. `finished`: the engine has said so.
    void checkProgress(bool finished);
    // REQUIRES: the engine was done and its process has crashed since: done means durable.
    void checkEnd();
    // Is given every message as a line, as it is sent; for --explain.
    void explainTo(std::function<void(const std::string& line)> say)
    {
        listeners_.say = std::move(say);
    }
    // What `action` sends is none of the cluster's doing: no checker hears of it.
    template <class Action>
    void looksAwayFrom(Action action)
    {
        away_ = true;
        action();
        away_ = false;
    }
    // Is given every message of the cluster's parts as it is sent.
    void overhear(std::function<void(const std::string& from, const std::string& to, BytesView)> by)
    {
        listeners_.overhear = std::move(by);
    }
    // What the checkers and the world have to say.
    void fill(SimulationReport& report);

private:
    struct Life {  // of the engine
        SimEngine* engine = nullptr;
        std::uint32_t number = 0;
    };
    struct Listeners {  // each may be empty
        std::function<void(const std::string&)> say;
        std::function<void(const std::string&, const std::string&, BytesView)> overhear;
    };

    void onSealed(const std::string& from, const std::string& to, BytesView sealed);
    void onFrame(const std::string& to, BytesView sealed, std::uint32_t crc);
    void onMessage(const Message& message);
    void checkDisk(bool end);
    std::string standing();
    // A shard that is not where it should be in the end.
    std::optional<ShardId> laggard();

    World& world_;
    Disk& disk_;
    std::string dataDirectory_;
    const ClusterShape& shape_;
    const RandomStream& stream_;
    Life life_;
    Violations violations_;
    FrameLedger ledger_;
    RecordChecker records_{violations_, ledger_};
    SourceChecker source_{violations_};
    OwnershipChecker ownership_{violations_};
    CheckpointChecker checkpoints_;
    RebuildChecker rebuild_{violations_};
    ReplacementChecker replacement_{violations_};
    OutputsChecker outputs_{violations_};
    MemoryChecker memory_;
    ProgressChecker progress_;
    ShardEvents events_;
    Listeners listeners_;
    bool away_ = false;
};

}  // namespace foreshard::sim
