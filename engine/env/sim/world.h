#pragma once
// The doors of engine/env/env.h on a seeded virtual world: virtual time, a disk that tears, a
// network that loses, processes that crash. One thread runs all of it, ordered by (time, insertion
// number): the same seed gives the same history and the same traceHash().
//
//     World world(7);
//     const ProcessId engine = world.startProcess("engine");
//     Env env = world.env(world.strand(engine, "edge"));
//     world.runFor(10s);
//
// The world must outlive everything that holds one of its doors. Objects of a crashed process may
// be destroyed whenever it suits: their doors do nothing any more.
#include "engine/base/time.h"
#include "engine/env/env.h"
#include "engine/env/sim/event_queue.h"
#include "engine/env/sim/process_disk.h"
#include "engine/env/sim/process_network.h"
#include "engine/env/sim/sim_disk.h"
#include "engine/env/sim/sim_network.h"
#include "engine/env/sim/sim_random.h"
#include "engine/env/sim/sim_strand.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace foreshard::sim {

struct WorldOptions {
    DiskFaults disk = {};
    NetworkFaults network = {};
    // Every event becomes a line of recent(), not only notes, crashes and pauses. Slow.
    bool traceEvents = false;
    // Is given every line of recent() as it is made; may be empty.
    std::function<void(const std::string& line)> onLine = {};
};

class World {
public:
    // Not 0, which engine code may take for "never".
    static constexpr Instant kStart{1'000'000};
    // The process of the test itself; it never crashes.
    static constexpr ProcessId kOwnProcess{0};

    explicit World(std::uint64_t seed, const WorldOptions& options = {});
    World(const World&) = delete;
    World& operator=(const World&) = delete;
    ~World();

    std::uint64_t seed() const { return seed_; }
    // The time of the event that runs or ran last.
    Instant now() const { return now_; }
    // As now(), plus what the running task has spent.
    Instant localNow() const;
    // What clocks on the wall show; decides nothing.
    WallMillis wallAt(Instant instant) const;
    void jumpWallClock(std::chrono::milliseconds by) { wallJump_ += by; }

    SimDisk& disk() { return disk_; }
    SimNetwork& network() { return network_; }

    ProcessId startProcess(std::string name);
    bool alive(ProcessId process) const;
    const Label& processLabel(ProcessId process) const;
    const std::string& processName(ProcessId process) const { return processLabel(process).name; }
    // Ends a process: its strands stop, its queued tasks, timers and appends are dropped, its names
    // close, its locks are free; a power cut also loses or tears what is not durable. A task of the
    // process that is running comes to its end without effect. A second crash does nothing.
    void crash(ProcessId process, Ending ending = Ending::kPowerCut);
    // Freezes the strands of a process (SIGSTOP); what arrives meanwhile waits. Disk and network go
    // on.
    void pause(ProcessId process, Nanos span);
    // The same for one strand alone.
    void pause(SimStrand& strand, Nanos span);

    // A new strand, owned by the world.
    SimStrand& strand(ProcessId process, std::string name);
    SimStrand& strand(std::string name) { return strand(kOwnProcess, std::move(name)); }
    // What a component on `strand` gets: its strand, and the doors of the strand's process.
    Env env(SimStrand& strand);

    // Runs `action` at `when`, on no strand: for tests and fault plans.
    void at(Instant when, Strand::Task action);

    // Executes the next event; false when there is none. REQUIRES: not called from a task.
    bool step();
    void runFor(Nanos span) { runUntil(now_ + span); }
    // Executes everything due up to `deadline`, and is then at that time.
    void runUntil(Instant deadline);
    // The same, but stops after the first event behind which `done` holds; returns whether it does.
    bool runUntil(Instant deadline, const std::function<bool()>& done);

    std::uint64_t events() const { return events_; }
    // Depends on the time, kind, owner and content of every event so far, and on every note.
    std::uint64_t traceHash() const { return hash_; }
    // Mixes `text` into the hash and keeps it for recent().
    void note(std::string_view text);
    // The last 200 trace lines, oldest first.
    std::vector<std::string> recent() const { return {recent_.begin(), recent_.end()}; }

    // For SimStrand, SimDisk and SimNetwork. Nothing is scheduled for a dead process.
    void schedule(Instant when, Event event);

private:
    friend class SimStrand;

    struct Process {
        Process(World& world, ProcessId id, std::string name, std::uint64_t seed);
        Label label;
        ProcessDisk disk;
        ProcessNetwork network;
        SimRandom random;
        Instant pausedUntil;
        bool alive = true;
    };

    Process& process(ProcessId id);
    const Process& process(ProcessId id) const;
    void post(SimStrand& strand, Instant when, Strand::Task task);
    void wake(SimStrand& strand);
    void execute(Event event);
    // Whether the strand could run a task now; otherwise its wake-up is put off.
    bool ready(SimStrand& strand);
    Instant frozenUntil(const SimStrand& strand) const;
    void runTask(SimStrand& strand, Strand::Task task, EventKind kind);
    void mix(std::uint64_t value);
    void trace(EventKind kind, const Label& owner, std::uint64_t detail);
    void keep(std::string line);

    std::uint64_t seed_;
    SplitMix64 seeds_;  // of the parts of the world
    bool traceEvents_;
    std::function<void(const std::string&)> onLine_;
    Instant now_ = kStart;
    std::chrono::milliseconds wallJump_{0};
    std::uint64_t events_ = 0;
    std::uint64_t eventsNow_ = 0;  // at this very instant
    std::uint64_t hash_;
    std::deque<std::string> recent_;
    SimStrand* running_ = nullptr;
    SimDisk disk_;
    SimNetwork network_;
    EventQueue queue_;
    std::deque<Process> processes_;
    std::vector<std::unique_ptr<SimStrand>> strands_;
};

}  // namespace foreshard::sim
