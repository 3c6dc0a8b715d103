#pragma once
// A control log of one member: a journal on this disk, below `control/` (FORMAT.md). A commit is
// durable on this machine and nowhere else. What is proposed close together is one append: what
// comes while a write is under way, and what may wait a moment (mayWait). When most of the journal
// is history, a snapshot of the state is written at the head of a new segment, and the old one
// goes. Lives on the control strand.
#include "engine/control/log/control_log.h"
#include "engine/env/env.h"
#include "engine/journal/journal.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace foreshard {

class SingleControlLog final : public ControlLog {
public:
    // The journal is written anew when it is this much larger than four times its snapshot.
    static constexpr std::uint64_t kSnapshotBytesMin = 1U << 20U;
    // How long a checkpoint that an interval has triggered waits for others.
    static constexpr Nanos kListedWait = 10ms;
    // The same for the word that one was read back; the reader waits for it.
    static constexpr Nanos kVerifiedWait = 2ms;
    // Changes of the shard map that a snapshot keeps for people to see.
    static constexpr std::size_t kRecentMax = 64;

    // `keepCheckpoints`: listed per shard beyond the newest two verified ones, from now on.
    static Result<std::unique_ptr<SingleControlLog>> open(
        Env& env, const std::string& dataDirectory, std::uint32_t keepCheckpoints = 0,
        std::uint64_t snapshotBytesMin = kSnapshotBytesMin);

    // The state that a data directory's log leads to, and every change of the shard map that it
    // still tells of; for tools, also beside a running engine.
    using Visit = std::function<void(const AssignmentEntry&)>;
    static Result<ControlState> read(Disk& disk, const std::string& dataDirectory,
                                     const Visit& visit = {});
    // The same with every checkpoint that the log still tells of (see ManifestCore::history).
    static Result<ControlState> readHistory(Disk& disk, const std::string& dataDirectory);
    // All dead letters whole, in the order of the log.
    static Result<std::vector<DeadLetter>> readLetters(Disk& disk,
                                                       const std::string& dataDirectory);

    void propose(ControlChange change, LogIndex expectVersion, Done done) override;
    const ControlState& state() const override { return state_; }
    void watch(std::function<void(const ControlEntry&)> watcher) override
    {
        watchers_.push_back(std::move(watcher));
    }
    RaftSnapshot view() const override;
    // See Journal.
    Status filesThere() const { return journal_->filesThere(); }
    // Removes checkpoint files that nothing listed needs any more.
    Status collectGarbage();

private:
    // Refused, or nothing to write: then it has no entry, and its outcome is known.
    struct Proposal {
        std::optional<ControlEntry> entry;
        Result<Applied> outcome = Applied{};
        Done done;
    };
    // Where a letter lies whole, so that a snapshot can take it along.
    struct LetterPlace {
        JournalPosition at;
        std::uint64_t bytes = 0;
    };

    SingleControlLog(Env& env, std::string dataDirectory)
        : env_(env), dataDirectory_(std::move(dataDirectory))
    {
    }
    Status cutUnfinishedSnapshot(bool unfinished, std::uint64_t newest);
    Status prepare(ControlChange& change, LogIndex expectVersion) const;
    void flushBy(Instant when);
    void flushWhenDue();
    void flush();
    void written(const Status& status);
    void committed(const ControlEntry& entry);
    bool writeSnapshotWhenDue();
    Result<Bytes> encodeState(std::map<Offset, LetterPlace>& letters) const;
    Result<DeadLetter> readLetter(const LetterPlace& place) const;

    Env& env_;
    std::string dataDirectory_;
    std::uint32_t keepMin_ = 2;
    std::uint64_t snapshotBytesMin_ = kSnapshotBytesMin;
    std::uint64_t snapshotAt_ = 0;  // bytes of the journal at which the next one is due
    Lifetime lifetime_;
    std::unique_ptr<Journal> journal_;
    ControlState state_;
    ControlState ahead_;  // state_ and what was accepted since
    std::deque<AssignmentEntry> recent_;
    std::map<Offset, LetterPlace> letterAt_;
    std::deque<Proposal> waiting_;
    std::optional<Instant> flushAt_;  // an entry waits no longer than this
    std::deque<Proposal> underWay_;
    bool writing_ = false;         // underWay_, or a snapshot
    std::optional<Error> broken_;  // why an append failed; every later proposal fails with it
    std::vector<std::function<void(const ControlEntry&)>> watchers_;
};

// kUnsupported when an earlier version, whose journals this one does not read, made the directory.
Status checkMadeByThisVersion(Disk& disk, const std::string& dataDirectory);

}  // namespace foreshard
