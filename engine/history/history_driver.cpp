#include "engine/history/history_driver.h"

#include <utility>

namespace foreshard {
namespace {

constexpr Nanos kFlushEvery = 250ms;
constexpr int kTicksUntilOpen = 40;
constexpr int kTicksOfPause = 20;

}  // namespace

HistoryDriver::HistoryDriver(Strand& strand, Options options)
    : strand_(strand), options_(std::move(options))
{
}

void HistoryDriver::start()
{
    open();
    tick();
}

HistoryDriver::~HistoryDriver() { flush(); }

void HistoryDriver::say(const Error& error)
{
    // Once, not four times a second.
    if (error.message == lastTrouble_) return;
    lastTrouble_ = error.message;
    if (options_.trouble) options_.trouble(error.message);
}

void HistoryDriver::open()
{
    store_.reset();
    ticksUntilOpen_ = kTicksUntilOpen;
    const std::string path = historyPath(options_.dataDirectory);
    Result<std::unique_ptr<HistoryStore>> store = HistoryStore::open(path, options_.bytesMax);
    const bool unusable =
        !store.ok()
        && (store.error().code == Errc::kCorrupt || store.error().code == Errc::kUnsupported);
    if (unusable) {
        const Result<std::string> name = HistoryStore::setAside(path);
        if (!name.ok()) return say(name.error());
        say(Error{Errc::kCorrupt,
                  store.error().message + ": it is set aside as " + *name + ", a new one begins"});
        store = HistoryStore::open(path, options_.bytesMax);
    }
    if (!store.ok()) return say(store.error());
    store_ = std::move(*store);
}

void HistoryDriver::record(HistoryEntry entry)
{
    if (waitingEntries_ >= kEntriesMax) {
        ++lostEntries_;
        return;
    }
    ++waitingEntries_;
    strand_.post(lifetime_.guard(
        [this, entry = std::move(entry)]() mutable { entries_.push_back(std::move(entry)); }));
}

void HistoryDriver::sample(std::shared_ptr<const ClusterSnapshot> snapshot)
{
    if (waitingSamples_ >= kSamplesMax || waitingEntries_ >= kEntriesMax / 2) {
        ++lostSamples_;
        return;
    }
    ++waitingSamples_;
    strand_.post(
        lifetime_.guard([this, snapshot = std::move(snapshot)] { samples_.push_back(*snapshot); }));
}

void HistoryDriver::flush()
{
    if (!store_ || (entries_.empty() && samples_.empty())) return;
    const std::uint64_t entries = lostEntries_;
    const std::uint64_t samples = lostSamples_;
    std::vector<HistoryEntry> batch = entries_;
    if (entries != toldEntries_ || samples != toldSamples_) {
        HistoryEvent event;
        event.wallMs = strand_.wallNow();
        event.severity = EventSeverity::kWarning;
        event.kind = "history";
        event.text = std::to_string(entries - toldEntries_) + " entries and "
                     + std::to_string(samples - toldSamples_)
                     + " samples were not recorded: the disk was too slow or refused";
        batch.emplace_back(std::move(event));
    }
    const Status status = store_->write(batch, samples_);
    if (!status.ok()) {
        say(status.error());
        // Tried again in a while; a damaged file is not.
        pause_ = kTicksOfPause;
        if (status.error().code == Errc::kCorrupt) open();
        return;
    }
    lastTrouble_.clear();
    toldEntries_ = entries;
    toldSamples_ = samples;
    waitingEntries_ -= entries_.size();
    waitingSamples_ -= samples_.size();
    entries_.clear();
    samples_.clear();
}

void HistoryDriver::tick()
{
    if (!store_ && --ticksUntilOpen_ <= 0) open();
    if (pause_ > 0) {
        --pause_;
    } else {
        flush();
    }
    strand_.postAfter(kFlushEvery, lifetime_.guard([this] { tick(); }));
}

}  // namespace foreshard
