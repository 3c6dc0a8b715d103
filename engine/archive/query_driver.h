#pragma once
// QueryDriver answers look-ups over the data directory, and reads checkpoints back for control, on
// a strand of its own, so that a long one never delays a record. Listens at "query".
#include "engine/env/env.h"
#include "engine/model/message.h"

#include <atomic>
#include <string>

namespace foreshard {

class QueryDriver {
public:
    QueryDriver(Env& env, std::string dataDirectory)
        : env_(env), dataDirectory_(std::move(dataDirectory))
    {
    }
    ~QueryDriver() { env_.network.close("query"); }
    QueryDriver(const QueryDriver&) = delete;
    QueryDriver& operator=(const QueryDriver&) = delete;

    Status start();
    // Any thread: what is still to be answered is dropped, as the process ends.
    void end() { ended_ = true; }

private:
    void onMessage(const std::string& from, const Bytes& message);
    void onLocate(const LocateRequest& request);
    void onScrub(const std::string& from, const ScrubRequest& request);

    Env& env_;
    std::string dataDirectory_;
    std::atomic<bool> ended_ = false;
};

}  // namespace foreshard
