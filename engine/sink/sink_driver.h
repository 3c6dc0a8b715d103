#pragma once
// SinkDriver takes the outputs of all shards into one file. It listens at "sink", drops what it has
// already, asks for what is missing by saying how far it has come, and confirms what is durable.
// It runs in the engine's process or in one of its own; nobody minds when it is killed. Lives on
// its own strand.
//
// Bounded: at most kUnderWayMax bytes wait for the disk, also while it is full; what is above is
// dropped, and sent again.
#include "engine/base/log.h"
#include "engine/env/env.h"
#include "engine/model/message.h"
#include "engine/sink/sink_file.h"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace foreshard {

class SinkDriver {
public:
    static constexpr std::uint64_t kUnderWayMax = 16U << 20U;

    struct Options {
        SinkFile::Options file;
        // The file takes no more; end this sink. Its next start goes on from what is durable.
        std::function<void(const Error&)> onFailure;
        LogSink log = {};  // that the disk is full, and when it is not any more
    };

    SinkDriver(Env& env, Options options);
    // Writes down how far it has come; not needed, but spares the next start some reading.
    ~SinkDriver();
    SinkDriver(const SinkDriver&) = delete;
    SinkDriver& operator=(const SinkDriver&) = delete;

    Status start();

private:
    struct Waiting {
        std::string from;
        NodeId node;
        Epoch epoch;
        FrameNo confirmed = 0;
    };

    void onMessage(const std::string& from, const Bytes& message);
    void onBatch(const std::string& from, const OutputBatch& batch);
    // Why the batch can never be taken; ok when it can.
    Status check(const OutputBatch& batch);
    void answer(ShardId shard, const Waiting& to, const Status& status = {});
    void confirmDurable();
    // What keeps it from taking rows; empty when nothing does.
    std::string problem() const;
    void sayProblem();
    void fail(const Error& error);
    void tick();

    Env& env_;
    Options options_;
    Lifetime lifetime_;
    std::unique_ptr<SinkFile> file_;
    std::map<ShardId, Waiting> waiting_;  // who is told when more is durable
    bool saidFull_ = false;
    bool failed_ = false;
};

}  // namespace foreshard
