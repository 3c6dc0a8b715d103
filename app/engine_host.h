#pragma once
// EngineHost is a whole engine in this process: it owns the doors (threads, files, ZeroMQ) and the
// strands on which EngineParts puts the parts, and binds the data directory to its stream and sink.
// Built by the command line and by the console; nothing else constructs an engine.
#include "engine/assembly/engine_parts.h"
#include "engine/env/real/mapped_witness.h"
#include "engine/env/real/posix_disk.h"
#include "engine/env/real/side_thread.h"
#include "engine/env/real/strand_thread.h"
#include "engine/env/real/system_random.h"
#include "engine/env/real/zmq_network.h"
#include "engine/history/history_driver.h"
#include "engine/sink/sink_driver.h"
#include "engine/sink/sink_uri.h"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace foreshard {

struct EngineHostOptions {
    ControlOptions control;  // `dataDirectory` here serves all parts
    EdgeOptions edge;
    OperatorSpec operatorSpec;
    Nanos operatorTimeout = 10s;  // for one record; then it hangs
    // When the operator ends the process: why it is not to be started again; empty: it is.
    std::string noRestart = "start it again";
    SinkUri sink;
    bool shapeGiven = false;        // nodes and shards were asked for, not defaulted
    bool predictor = true;          // run the model in this process
    std::string predictorEndpoint;  // or ask a microservice there
    std::string modelPath;
    std::vector<std::string> modulePaths;
    std::uint64_t historyBytes = 64U << 20U;  // of history.sqlite; 0: none is kept
    std::string listenEndpoint;               // for `ctl` and consoles; empty: none
};

class EngineHost {
public:
    // Locks and checks the data directory, starts every part. Errors: kBusy (somebody has it),
    // kInvalid (made with other settings), kCorrupt, kNotFound, kReadOnly.
    static Result<std::unique_ptr<EngineHost>> start(EngineHostOptions options);
    ~EngineHost();

    // Ends all parts in order and leaves the data directory closed. False when the model is still
    // running, which nothing waits for: the process must end with _exit then. May be called again;
    // of the others only outcome() and state() may be called after it.
    bool close();

    // Any thread.
    void stop();
    EngineState state() const;
    // kOk unless the engine has failed.
    Status outcome() const;
    // Waits until the engine is done or failed, at most `timeout`. True when it is.
    bool waitUntilOver(std::chrono::milliseconds timeout);
    ClusterSnapshot snapshot();
    // Runs on the control strand: as if an operator had asked.
    void command(Command command);
    ZmqNetwork& network() { return *network_; }

private:
    struct Node {
        std::unique_ptr<StrandThread> strand;
        std::unique_ptr<Env> env;
    };

    explicit EngineHost(EngineHostOptions options) : options_(std::move(options)) {}
    Status prepareDirectory();
    // To the stream, the sink and the shape that were asked for. kInvalid: it has others.
    Status bindDirectory();
    // The data directory keeps to one sink, as it keeps to one stream.
    Status bindSink(bool fresh);
    Status checkSinkFile();
    Status startParts();
    Status startPredictor();
    EngineOptions engineOptions();
    EngineSeats seats();
    void prepareNodes();
    void watchHangs();
    NodePulse pulseOf(NodeId node) const;
    void prepareHistory(ControlOptions& control);
    void startHistory();
    void sampleSoon();
    Status startWitness();
    OperatorWatch watchOf(NodeId id);
    Status startSink();
    void stopStrands();
    // After a clean end, or a start that was refused in a sealed one, when nobody writes any more.
    void sealDirectory(bool began);
    void stateChanged(EngineState state, const Error* error);
    std::unique_ptr<Env> envOn(StrandThread& strand);
    // Runs `work` on the strand of `env` and waits for its outcome.
    static Status runOn(Env& env, const std::function<Status()>& work);

    EngineHostOptions options_;
    std::unique_ptr<PosixDisk> disk_;
    std::unique_ptr<ZmqNetwork> network_;
    std::unique_ptr<Network> sinkDoor_;  // before network_, when the sink is a process of its own
    SystemRandom random_;
    std::shared_ptr<void> lock_;
    std::unique_ptr<MappedWitness> witness_;
    std::unique_ptr<StrandThread> controlStrand_, edgeStrand_, queryStrand_, predictorStrand_,
        historyStrand_;
    std::unique_ptr<StrandThread> watchStrand_, sinkStrand_;
    std::unique_ptr<Env> controlEnv_, edgeEnv_, queryEnv_, predictorEnv_, watchEnv_, sinkEnv_;
    std::unique_ptr<HistoryDriver> history_;
    SideThread model_{"fs-model", "the model"};
    std::unique_ptr<SinkDriver> sink_;
    std::uint64_t stream_ = 0;  // of the data directory, for its sink
    bool sealed_ = false;       // it was, when this start came
    std::vector<Node> nodes_;
    std::unique_ptr<EngineParts> parts_;

    mutable std::mutex mutex_;  // guards state_ and error_
    std::condition_variable changed_;
    EngineState state_ = EngineState::kStarting;
    std::optional<Error> error_;
};

}  // namespace foreshard
