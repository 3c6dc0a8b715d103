#pragma once
// A sink in a process of its own in the virtual world, which crashes alone and is started again.
#include "engine/env/sim/world.h"
#include "engine/sink/sink_driver.h"

#include <functional>
#include <memory>
#include <string>

namespace foreshard::sim {

class SimSink {
public:
    struct Options {
        std::string path;
        SinkFormat format = SinkFormat::kJsonl;
        std::uint64_t progressEveryBytes = 4096;
        // Nothing a restart could help with.
        std::function<void(const Error&)> onFailure;
        std::function<void()> onEnd;  // its process has ended: look at its file
    };

    SimSink(World& world, Options options);
    ~SimSink();
    SimSink(const SimSink&) = delete;
    SimSink& operator=(const SimSink&) = delete;

    // Ends the process now and starts it again after `downFor`. Does nothing when it is down.
    void crash(Ending ending, Nanos downFor);
    // For good.
    void end(Ending ending);

private:
    void start();
    void failed(const Error& error);

    World& world_;
    Options options_;
    Lifetime lifetime_;
    ProcessId process_;
    std::unique_ptr<Env> env_;
    std::unique_ptr<SinkDriver> driver_;
    std::uint64_t life_ = 0;
};

}  // namespace foreshard::sim
