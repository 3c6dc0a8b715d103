#pragma once
// One process's door to the virtual network. After the process has crashed it sends nothing, and
// closing a name leaves alone whoever holds it by now. Owned by the World.
#include "engine/env/env.h"
#include "engine/env/sim/event_queue.h"
#include "engine/env/sim/sim_network.h"

#include <string>
#include <utility>

namespace foreshard::sim {

class ProcessNetwork final : public Network {
public:
    ProcessNetwork(SimNetwork& network, ProcessId process) : network_(network), process_(process) {}

    Status open(const std::string& name, Strand& strand, Handler handler) override
    {
        return network_.open(process_, name, strand, std::move(handler));
    }
    void close(const std::string& name) override { network_.close(process_, name); }
    void send(const std::string& from, const std::string& to, Bytes message) override
    {
        network_.send(process_, from, to, std::move(message));
    }

private:
    SimNetwork& network_;
    ProcessId process_;
};

}  // namespace foreshard::sim
