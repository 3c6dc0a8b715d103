#pragma once
// What will happen in the virtual world, ordered by (time, insertion number) and nothing else, so
// that the same seed gives the same history with every compiler. One thread.
#include "engine/base/check.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/env/env.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace foreshard::sim {

class SimStrand;

// One life of a program in the world. A restart is a new process; ids are never used again.
using ProcessId = Id<struct ProcessTag, std::uint32_t>;

// FNV-1a, 64 bits (Fowler, Noll, Vo).
constexpr std::uint64_t hashText(std::string_view text)
{
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const char c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001B3ULL;
    }
    return hash;
}

// A name with its hash, so that tracing an event does not hash text.
struct Label {
    explicit Label(std::string text) : name(std::move(text)), hash(hashText(name)) {}
    std::string name;
    std::uint64_t hash;
};

enum class EventKind : std::uint8_t {
    kDropped,  // its process is gone
    kWake,     // a strand runs the first of its waiting tasks
    kTimer,    // a task comes due on its strand
    kMessage,  // a message arrives
    kDisk,     // appends of one file complete
    kWorld     // the test or the fault plan acts
};

struct Event {
    EventKind kind = EventKind::kDropped;
    ProcessId process;             // whose crash drops the event
    SimStrand* strand = nullptr;   // for kWake and kTimer
    const Label* owner = nullptr;  // for the trace; lives as long as the world
    std::uint64_t detail = 0;      // for the trace
    Instant issued;                // a message issued after the crash of its sender never was
    Strand::Task task = {};
};

class EventQueue {
public:
    bool empty() const { return heap_.empty(); }
    // REQUIRES: !empty().
    Instant nextTime() const { return heap_.front().at; }

    void push(Instant at, Event event)
    {
        std::uint32_t slot = 0;
        if (free_.empty()) {
            slot = static_cast<std::uint32_t>(slots_.size());
            slots_.push_back(std::move(event));
        } else {
            slot = free_.back();
            free_.pop_back();
            slots_[slot] = std::move(event);
        }
        heap_.push_back({at, inserted_++, slot});
        std::push_heap(heap_.begin(), heap_.end(), later);
    }

    // REQUIRES: !empty().
    Event pop()
    {
        FS_CHECK(!heap_.empty());
        std::pop_heap(heap_.begin(), heap_.end(), later);
        const std::uint32_t slot = heap_.back().slot;
        heap_.pop_back();
        free_.push_back(slot);
        return std::exchange(slots_[slot], Event{});
    }

    // Turns every event that `predicate` names into kDropped. Their tasks are handed out, because
    // destroying what they captured may push new events.
    template <class Predicate>
    std::vector<Strand::Task> dropIf(Predicate predicate)
    {
        std::vector<Strand::Task> dropped;
        for (Event& event : slots_) {
            if (event.kind == EventKind::kDropped || !predicate(event)) continue;
            event.kind = EventKind::kDropped;
            dropped.push_back(std::exchange(event.task, nullptr));
        }
        return dropped;
    }

private:
    struct Entry {
        Instant at;
        std::uint64_t number;
        std::uint32_t slot;
    };
    static bool later(const Entry& a, const Entry& b)
    {
        return a.at != b.at ? a.at > b.at : a.number > b.number;
    }

    std::vector<Entry> heap_;
    std::vector<Event> slots_;
    std::vector<std::uint32_t> free_;
    std::uint64_t inserted_ = 0;
};

}  // namespace foreshard::sim
