#pragma once
// The virtual network behind every process's Network door. Between two places messages keep their
// order but for the reorder fault; a message goes to whoever holds the name when it arrives, so a
// restarted process may hear what was meant for its former life, as with a reconnecting socket.
// One thread.
#include "engine/base/bytes.h"
#include "engine/base/split_mix.h"
#include "engine/env/env.h"
#include "engine/env/sim/event_queue.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace foreshard::sim {

class World;

// Per mille of all messages.
struct NetworkFaults {
    Nanos delayMin = 20us;
    Nanos delayMax = 200us;
    std::uint32_t lossPerMille = 0;
    std::uint32_t duplicatePerMille = 0;
    std::uint32_t reorderPerMille = 0;  // overtaken by those sent up to `extraMax` later
    std::uint32_t latePerMille = 0;     // up to `extraMax` late, and everything behind it too
    Nanos extraMax = 20ms;
    std::size_t waitingMax = 100'000;  // per name; what comes on top is dropped
};

class SimNetwork {
public:
    SimNetwork(World& world, std::uint64_t seed, const NetworkFaults& faults)
        : world_(world), random_(seed), faults_(faults)
    {
    }

    // For tests and fault plans.
    const NetworkFaults& faults() const { return faults_; }
    void setFaults(const NetworkFaults& faults) { faults_ = faults; }
    // Nothing sent from `from` arrives at `to`, not even what is under way.
    void cutOneWay(const std::string& from, const std::string& to);
    void cut(const std::string& a, const std::string& b);
    // Cuts a place off from everybody.
    void isolate(const std::string& name);
    // Ends all cuts between the two, or every cut and isolation there is.
    void heal(const std::string& a, const std::string& b);
    void healAll();
    bool isOpen(const std::string& name) const;
    // Every name that is or ever was open, sorted.
    std::vector<std::string> names() const;
    // Sees every message that a living process sends, before any fault takes it. It must not send.
    using Tap =
        std::function<void(const std::string& from, const std::string& to, BytesView message)>;
    void setTap(Tap tap) { tap_ = std::move(tap); }
    // Messages taken by the loss fault so far.
    std::uint64_t lost() const { return lost_; }

    // For the doors (process_network.h).
    Status open(ProcessId process, const std::string& name, Strand& strand,
                Network::Handler handler);
    void close(ProcessId process, const std::string& name);
    void send(ProcessId process, const std::string& from, const std::string& to, Bytes message);

    // For the World: every name of `process` closes, and for its end every name there is.
    void processGone(ProcessId process);
    void closeAll();

private:
    struct Endpoint {
        ProcessId process;
        Strand* strand = nullptr;
        Network::Handler handler = {};
        std::size_t waiting = 0;
        bool open = true;
    };
    struct Place {
        explicit Place(std::string name) : label(std::move(name)) {}
        Label label;
        std::shared_ptr<Endpoint> endpoint;
        bool isolated = false;
    };
    struct Link {
        ProcessId sender;     // of the newest message
        Instant lastArrival;  // of what `sender` has sent
        bool cut = false;
    };
    using PlaceId = std::uint32_t;

    PlaceId idOf(const std::string& name);
    Link& link(PlaceId from, PlaceId to);
    bool reachable(PlaceId from, PlaceId to);
    void launch(ProcessId process, PlaceId from, PlaceId to, Bytes message);
    Instant drawArrival(Instant sent, Link& link);
    void arrive(PlaceId from, PlaceId to, Bytes message);

    World& world_;
    SplitMix64 random_;
    NetworkFaults faults_;
    Tap tap_;
    std::uint64_t lost_ = 0;
    std::map<std::string, PlaceId> ids_;
    std::deque<Place> places_;  // labels stay where they are
    std::map<std::uint64_t, Link> links_;
};

}  // namespace foreshard::sim
