#include "engine/env/sim/world.h"

#include "engine/base/check.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace foreshard::sim {

namespace {

constexpr std::size_t kRecentMax = 200;
// So many events without any time passing are a loop without end, not work.
constexpr std::uint64_t kEventsAtOnceMax = 20'000'000;
// 2023-11-14 22:13:20 UTC: any fixed date will do.
constexpr WallMillis kWallStart = 1'700'000'000'000;

const char* kindName(EventKind kind)
{
    switch (kind) {
        case EventKind::kDropped:
            return "dropped";
        case EventKind::kWake:
            return "task";
        case EventKind::kTimer:
            return "timer";
        case EventKind::kMessage:
            return "message";
        case EventKind::kDisk:
            return "disk";
        case EventKind::kWorld:
            return "world";
    }
    return "";
}

std::string stamp(Instant instant)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.6fs ", toSeconds(instant - Instant{}));
    return text;
}

}  // namespace

World::Process::Process(World& world, ProcessId id, std::string name, std::uint64_t seed)
    : label(std::move(name)), disk(world, id), network(world.network_, id), random(seed)
{
}

World::World(std::uint64_t seed, const WorldOptions& options)
    : seed_(seed),
      seeds_(seed),
      traceEvents_(options.traceEvents),
      onLine_(options.onLine),
      hash_(hashText("foreshard world") ^ seed),
      disk_(*this, seeds_.next(), options.disk),
      network_(*this, seeds_.next(), options.network)
{
    const ProcessId own = startProcess("world");
    FS_CHECK(own == kOwnProcess);
}

World::~World()
{
    // What tasks and handlers captured may use its doors while it is destroyed.
    for (Process& process : processes_)
        process.alive = false;
    network_.closeAll();
    const auto dropped = queue_.dropIf([](const Event&) { return true; });
    // A callback may hold the very file that holds it.
    const auto appends = disk_.dropAppends(std::nullopt);
    for (const auto& strand : strands_)
        std::exchange(strand->waiting_, {}).clear();
}

Instant World::localNow() const { return running_ != nullptr ? running_->now() : now_; }

WallMillis World::wallAt(Instant instant) const
{
    const auto passed = duration_cast<std::chrono::milliseconds>(instant - kStart);
    return kWallStart + passed.count() + wallJump_.count();
}

ProcessId World::startProcess(std::string name)
{
    const ProcessId id{static_cast<std::uint32_t>(processes_.size())};
    processes_.emplace_back(*this, id, std::move(name), seeds_.next());
    note("start " + process(id).label.name);
    return id;
}

bool World::alive(ProcessId id) const { return process(id).alive; }

const Label& World::processLabel(ProcessId id) const { return process(id).label; }

void World::crash(ProcessId id, Ending ending)
{
    FS_CHECK(id != kOwnProcess);
    Process& gone = process(id);
    if (!gone.alive) return;
    gone.alive = false;
    note((ending == Ending::kKilled ? "kill " : "crash ") + gone.label.name);
    // A message is out of the process's hands unless the task that sends it would have come to that
    // point only after the crash.
    const auto dropped = queue_.dropIf([&](const Event& event) {
        return event.process == id && (event.kind != EventKind::kMessage || event.issued > now_);
    });
    std::vector<std::deque<Strand::Task>> waiting;
    for (const auto& strand : strands_)
        if (strand->process_ == id) waiting.push_back(std::exchange(strand->waiting_, {}));
    network_.processGone(id);
    disk_.processGone(id, ending);
    // A callback may hold the very file that holds it.
    const auto appends = disk_.dropAppends(id);
}

void World::pause(ProcessId id, Nanos span)
{
    Process& paused = process(id);
    paused.pausedUntil = std::max(paused.pausedUntil, now_ + span);
    note("pause " + paused.label.name + " for " + std::to_string(span.count()) + "ns");
}

void World::pause(SimStrand& strand, Nanos span)
{
    strand.pausedUntil_ = std::max(strand.pausedUntil_, now_ + span);
    note("pause strand " + strand.name() + " for " + std::to_string(span.count()) + "ns");
}

SimStrand& World::strand(ProcessId id, std::string name)
{
    FS_CHECK(alive(id));
    strands_.push_back(std::make_unique<SimStrand>(*this, id, std::move(name)));
    return *strands_.back();
}

Env World::env(SimStrand& strand)
{
    Process& owner = process(strand.process_);
    return Env{strand, owner.disk, owner.network, owner.random};
}

void World::at(Instant when, Strand::Task action)
{
    schedule(when, {.kind = EventKind::kWorld,
                    .process = kOwnProcess,
                    .owner = &process(kOwnProcess).label,
                    .issued = now_,
                    .task = std::move(action)});
}

bool World::step()
{
    FS_CHECK(running_ == nullptr);
    while (!queue_.empty()) {
        const Instant when = queue_.nextTime();
        Event event = queue_.pop();
        if (event.kind == EventKind::kDropped) continue;
        if (when > now_) eventsNow_ = 0;
        now_ = std::max(now_, when);
        FS_CHECK(++eventsNow_ < kEventsAtOnceMax);
        execute(std::move(event));
        return true;
    }
    return false;
}

void World::runUntil(Instant deadline)
{
    while (!queue_.empty() && queue_.nextTime() <= deadline)
        step();
    now_ = std::max(now_, deadline);
}

bool World::runUntil(Instant deadline, const std::function<bool()>& done)
{
    while (!done()) {
        if (queue_.empty() || queue_.nextTime() > deadline) {
            now_ = std::max(now_, deadline);
            return false;
        }
        step();
    }
    return true;
}

void World::note(std::string_view text)
{
    mix(static_cast<std::uint64_t>(now_.nanos));
    mix(hashText(text));
    keep(stamp(now_) + std::string(text));
}

void World::schedule(Instant when, Event event)
{
    if (!alive(event.process)) return;
    queue_.push(std::max(when, now_), std::move(event));
}

World::Process& World::process(ProcessId id)
{
    FS_CHECK(id.value < processes_.size());
    return processes_[id.value];
}

const World::Process& World::process(ProcessId id) const
{
    FS_CHECK(id.value < processes_.size());
    return processes_[id.value];
}

void World::post(SimStrand& strand, Instant when, Strand::Task task)
{
    if (!alive(strand.process_)) return;
    if (when > now_) {
        schedule(when, {.kind = EventKind::kTimer,
                        .process = strand.process_,
                        .strand = &strand,
                        .owner = &strand.label_,
                        .issued = now_,
                        .task = std::move(task)});
        return;
    }
    strand.waiting_.push_back(std::move(task));
    wake(strand);
}

void World::wake(SimStrand& strand)
{
    if (strand.wakeComing_ || strand.running_) return;
    strand.wakeComing_ = true;
    const Instant when = std::max(strand.busyUntil_, frozenUntil(strand));
    schedule(when, {.kind = EventKind::kWake,
                    .process = strand.process_,
                    .strand = &strand,
                    .owner = &strand.label_,
                    .issued = now_,
                    .task = nullptr});
}

void World::execute(Event event)
{
    switch (event.kind) {
        case EventKind::kDropped:
            return;
        case EventKind::kWake: {
            SimStrand& strand = *event.strand;
            strand.wakeComing_ = false;
            if (strand.waiting_.empty() || !ready(strand)) return;
            Strand::Task task = std::move(strand.waiting_.front());
            strand.waiting_.pop_front();
            runTask(strand, std::move(task), EventKind::kWake);
            return;
        }
        case EventKind::kTimer: {
            SimStrand& strand = *event.strand;
            if (strand.waiting_.empty() && ready(strand)) {
                runTask(strand, std::move(event.task), EventKind::kTimer);
                return;
            }
            strand.waiting_.push_back(std::move(event.task));
            wake(strand);
            return;
        }
        case EventKind::kMessage:
        case EventKind::kDisk:
        case EventKind::kWorld:
            trace(event.kind, *event.owner, event.detail);
            event.task();
            return;
    }
}

bool World::ready(SimStrand& strand)
{
    if (strand.busyUntil_ <= now_ && frozenUntil(strand) <= now_) return true;
    if (!strand.waiting_.empty()) wake(strand);
    return false;
}

Instant World::frozenUntil(const SimStrand& strand) const
{
    return std::max(strand.pausedUntil_, process(strand.process_).pausedUntil);
}

void World::runTask(SimStrand& strand, Strand::Task task, EventKind kind)
{
    trace(kind, strand.label_, 0);
    running_ = &strand;
    strand.running_ = true;
    task();
    // What the task captured goes while the strand is still its own.
    task = nullptr;
    strand.running_ = false;
    running_ = nullptr;
    if (!strand.waiting_.empty()) wake(strand);
}

void World::mix(std::uint64_t value)
{
    hash_ = (hash_ ^ value) * 0x9E3779B97F4A7C15ULL;
    hash_ ^= hash_ >> 32U;
}

void World::trace(EventKind kind, const Label& owner, std::uint64_t detail)
{
    ++events_;
    mix(static_cast<std::uint64_t>(now_.nanos));
    mix(owner.hash + static_cast<std::uint64_t>(kind));
    mix(detail);
    if (traceEvents_)
        keep(stamp(now_) + kindName(kind) + " " + owner.name + " " + std::to_string(detail));
}

void World::keep(std::string line)
{
    if (onLine_) onLine_(line);
    if (recent_.size() == kRecentMax) recent_.pop_front();
    recent_.push_back(std::move(line));
}

}  // namespace foreshard::sim
