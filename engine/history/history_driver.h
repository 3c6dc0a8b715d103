#pragma once
// HistoryDriver keeps the history file on a strand of its own. Whoever feeds it never waits: a full
// queue costs samples first, and what is lost is counted and said in the history itself. Whatever
// happens to the file, the engine goes on.
#include "engine/env/env.h"
#include "engine/history/history_store.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace foreshard {

class HistoryDriver {
public:
    struct Options {
        std::string dataDirectory;
        std::uint64_t bytesMax = 64U << 20U;
        // A sentence for the event list; called on the history strand.
        std::function<void(const std::string&)> trouble;
    };
    static constexpr std::uint64_t kEntriesMax = 65'536;
    static constexpr std::uint64_t kSamplesMax = 32;

    HistoryDriver(Strand& strand, Options options);
    ~HistoryDriver();
    HistoryDriver(const HistoryDriver&) = delete;
    HistoryDriver& operator=(const HistoryDriver&) = delete;

    // On the strand: opens the file, puts one aside that cannot be used, and begins to write. What
    // was recorded before waits.
    void start();
    // Any thread, while the object lives.
    void record(HistoryEntry entry);
    void sample(std::shared_ptr<const ClusterSnapshot> snapshot);
    std::uint64_t lostEntries() const { return lostEntries_; }
    std::uint64_t lostSamples() const { return lostSamples_; }

private:
    void open();
    void flush();
    void tick();
    void say(const Error& error);

    Strand& strand_;
    Options options_;
    Lifetime lifetime_;
    std::unique_ptr<HistoryStore> store_;
    std::vector<HistoryEntry> entries_;
    std::vector<ClusterSnapshot> samples_;
    std::atomic<std::uint64_t> waitingEntries_{0}, waitingSamples_{0};
    std::atomic<std::uint64_t> lostEntries_{0}, lostSamples_{0};
    std::uint64_t toldEntries_ = 0, toldSamples_ = 0;
    std::string lastTrouble_;
    int ticksUntilOpen_ = 0;
    int pause_ = 0;
};

}  // namespace foreshard
