#include "app/bench/engine_rounds.h"

#include "app/engine_host.h"
#include "app/run_options.h"
#include "engine/archive/results.h"
#include "engine/wire/codec.h"

#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace foreshard {
namespace {

constexpr std::uint32_t kNodes = 4;
constexpr std::uint32_t kShards = 16;
constexpr std::chrono::minutes kOverMax{10};
constexpr std::chrono::milliseconds kRepeat{100};  // messages may be lost

std::uint64_t recordsOf(const EngineWork& work) { return work.passes * work.stream->records(); }

Result<EngineHostOptions> optionsFor(const EngineWork& work)
{
    RunWords words;
    words.source = "csv:" + work.csvPath;
    words.key = "key";
    words.value = "value";
    words.data = work.dataDirectory;
    words.nodes = kNodes;
    words.shards = kShards;
    words.predictor = "off";
    words.untilEnd = true;
    return engineOptions(words);
}

Error tooLong(const std::string& what)
{
    return {Errc::kTimeout, what + ": not over after 10 minutes: the disk or the machine is very "
                                   "slow: bench fewer seconds"};
}

Status checkResults(const EngineWork& work)
{
    PosixDisk disk;
    FS_TRY(const std::vector<AggregateRow> rows, readResults(disk, work.dataDirectory));
    return work.stream->check(rows, work.passes);
}

RouteTable evenRoutes()
{
    RouteTable routes;
    routes.version = 1;
    for (std::uint32_t i = 0; i < kShards; ++i) {
        ShardAssignment shard;
        shard.shard = ShardId{i};
        shard.slots = {{i * kSlotCount / kShards, (i + 1) * kSlotCount / kShards}};
        shard.node = NodeId{i % kNodes};
        shard.box = BoxId{i % kNodes};
        shard.epoch = Epoch{1};
        routes.shards.push_back(shard);
    }
    return routes;
}

// An EdgeDriver with its doors, and a stand-in for the control that hears its reports.
class EdgeAlone {
public:
    explicit EdgeAlone(std::uint64_t records) : records_(records) {}
    ~EdgeAlone()
    {
        edgeStrand_.stop();
        reportStrand_.stop();
        edge_.reset();
    }
    EdgeAlone(const EdgeAlone&) = delete;
    EdgeAlone& operator=(const EdgeAlone&) = delete;

    Status start(EdgeOptions options)
    {
        FS_TRY_STATUS(disk_.createDirectories(options.dataDirectory));
        FS_TRY_STATUS(network_.open("control", reportStrand_,
                                    [this](const std::string&, const Bytes& message) {
                                        const Result<Message> decoded = decode(message);
                                        if (!decoded.ok()) return;
                                        if (const auto* report = std::get_if<EdgeReport>(&*decoded))
                                            heard(*report);
                                    }));
        std::promise<Status> started;
        edgeStrand_.post([&] {
            edge_ = std::make_unique<EdgeDriver>(env_, std::move(options));
            started.set_value(edge_->start());
        });
        return started.get_future().get();
    }

    // Lets it read, and waits until all is durable.
    Result<Round> run()
    {
        const Bytes routes = encode(Message{evenRoutes()});
        const Meter whole;
        std::unique_lock lock(mutex_);
        while (!over_) {
            if (whole.elapsedSeconds() > toSeconds(kOverMax)) return tooLong("ingest");
            if (!routed_) network_.send("control", "edge", routes);
            changed_.wait_for(lock, kRepeat);
        }
        if (failure_) return *failure_;
        const bool enough = window_ && window_->items >= records_ / 2;
        return enough ? *window_ : whole.lap(records_, bytes_);
    }

private:
    void heard(const EdgeReport& report)
    {
        const std::lock_guard lock(mutex_);
        routed_ = report.routeVersion > 0;
        const SourceSnapshot& source = report.source;
        if (!report.failure.empty()) {
            failure_ = Error{report.failureCode, report.failure};
            over_ = true;
        } else if (source.end && source.nextOffset > records_) {  // the header has an offset too
            bytes_ = source.bytesIn;
            over_ = true;
        } else if (!windowMeter_ && source.nextOffset > 0) {
            windowMeter_.emplace();
            windowFrom_ = source;
        } else if (windowMeter_) {
            window_ = windowMeter_->lap(source.nextOffset - windowFrom_.nextOffset,
                                        source.bytesIn - windowFrom_.bytesIn);
        }
        changed_.notify_all();
    }

    const std::uint64_t records_;
    PosixDisk disk_;
    ZmqNetwork network_;
    SystemRandom random_;
    StrandThread edgeStrand_{"fs-edge"};
    StrandThread reportStrand_{"fs-bench"};
    Env env_{edgeStrand_, disk_, network_, random_};
    std::unique_ptr<EdgeDriver> edge_;

    std::mutex mutex_;  // guards the rest
    std::condition_variable changed_;
    bool routed_ = false;
    bool over_ = false;
    std::uint64_t bytes_ = 0;
    std::optional<Error> failure_;
    std::optional<Meter> windowMeter_;
    std::optional<Round> window_;
    SourceSnapshot windowFrom_;
};

}  // namespace

Result<EngineRound> pipelineRound(const EngineWork& work)
{
    FS_TRY(EngineHostOptions options, optionsFor(work));
    EngineRound result;
    {
        const Meter meter;
        FS_TRY(const std::unique_ptr<EngineHost> host, EngineHost::start(std::move(options)));
        if (!host->waitUntilOver(kOverMax)) return tooLong("pipeline");
        result.round = meter.lap(recordsOf(work), recordsOf(work) * BenchStream::kRecordBytes);
        FS_TRY_STATUS(host->outcome().during("pipeline"));
        const ClusterSnapshot snapshot = host->snapshot();
        result.latency = snapshot.latencyOfRun;
        result.checkpoints = snapshot.checkpointCount;
        result.checkpointOverhead = snapshot.checkpointOverhead;
    }
    FS_TRY_STATUS(checkResults(work));
    return result;
}

Result<EngineRound> ingestRound(const EngineWork& work)
{
    FS_TRY(const EngineHostOptions options, optionsFor(work));
    EdgeOptions edge = options.edge;
    edge.dataDirectory = work.dataDirectory;
    edge.operatorSpec = options.operatorSpec;
    edge.boxes.boxes = kNodes;
    edge.backlogBytesMax = UINT64_MAX;  // nobody applies anything here
    EngineRound result;
    {
        EdgeAlone alone(recordsOf(work));
        FS_TRY_STATUS(alone.start(std::move(edge)).during("ingest"));
        FS_TRY(result.round, alone.run());
    }
    FS_TRY_STATUS(checkResults(work));
    return result;
}

}  // namespace foreshard
