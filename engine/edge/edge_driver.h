#pragma once
// EdgeDriver is the ingest side of an engine: it listens at "edge", hands what it hears to Ingest
// (source to boxes) and Delivery (boxes to subscribers), looks after the boxes' files and reports
// to control. It decides nothing else. Lives on the edge's strand.
#include "engine/box/box_store.h"
#include "engine/edge/backlog_core.h"
#include "engine/edge/delivery.h"
#include "engine/edge/edge_options.h"
#include "engine/edge/ingest.h"
#include "engine/env/env.h"
#include "engine/model/message.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace foreshard {

class EdgeDriver {
public:
    EdgeDriver(Env& env, EdgeOptions options);
    ~EdgeDriver();
    EdgeDriver(const EdgeDriver&) = delete;
    EdgeDriver& operator=(const EdgeDriver&) = delete;

    // What it holds in memory just now, for who checks the limits.
    struct MemoryUse {
        std::uint64_t backlogBytes = 0;    // durable or on the way there, and not applied
        std::uint64_t backlogAtStart = 0;  // what of it was in the boxes when this edge began
        std::uint64_t cacheBytes = 0;      // frames that need not be read from disk
        std::uint64_t inFlightBytes = 0;   // sent and not confirmed, of the shard with the most
    };
    MemoryUse memoryUse() const;

    // Opens the boxes and the source; reading begins with the first route table.
    Status start();

private:
    void onMessage(const std::string& from, const Bytes& message);
    void onRoutes(const RouteTable& routes);
    void tick();
    // Somebody may remove a file that is still needed.
    void watchFiles();
    void sendReport(Instant now);
    bool drained() const;
    void fail(const Error& error);

    Env& env_;
    EdgeOptions options_;
    Lifetime lifetime_;
    std::unique_ptr<BoxStore> boxes_;
    BacklogCore backlog_;
    std::optional<Ingest> ingest_;      // from start() on
    std::optional<Delivery> delivery_;  // from start() on
    LogIndex routeVersion_ = 0;
    std::uint64_t tick_ = 0;
    Instant lastTick_;
    std::optional<Error> failure_;
};

}  // namespace foreshard
