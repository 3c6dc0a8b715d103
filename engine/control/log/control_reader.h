#pragma once
// ControlReader makes a ControlState of the records of a control log, one after the other. It opens
// and changes nothing.
#include "engine/control/log/control_state.h"
#include "engine/env/env.h"
#include "engine/journal/segment_reader.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace foreshard {

std::string controlDirectory(const std::string& dataDirectory);

class ControlReader {
public:
    struct Found {
        JournalPosition at;
        std::uint64_t bytes = 0;
    };

    // `directory` is for error messages. `checkpoints`: empty; history() to forget nothing.
    explicit ControlReader(std::string directory, ManifestCore checkpoints = ManifestCore())
        : directory_(std::move(directory))
    {
        state_.checkpoints = std::move(checkpoints);
    }
    // Called with every change of the shard map, those that a snapshot keeps included.
    void onAssignment(std::function<void(const AssignmentEntry&)> visit)
    {
        onAssignment_ = std::move(visit);
    }
    // Called with every dead letter, once.
    void onLetter(std::function<void(const DeadLetter&)> visit) { onLetter_ = std::move(visit); }

    // kCorrupt, naming file and offset, when the record cannot follow.
    Status take(JournalPosition at, BytesView envelope);

    const ControlState& state() const { return state_; }
    // A snapshot has begun and some of its parts have not come.
    bool unfinished() const { return partsLeft_ > 0; }
    // Of the last record; 0 before the first.
    std::uint64_t segment() const { return segment_; }
    // Of the last whole snapshot.
    std::uint64_t snapshotBytes() const { return snapshotBytes_; }
    const std::map<Offset, Found>& letters() const { return letters_; }

private:
    Status takeSnapshot(BytesView envelope);
    Status takePart(JournalPosition at, BytesView envelope);
    Status takeEntry(JournalPosition at, BytesView envelope);
    Status finishSnapshot();
    Status take(const DeadLetter& letter, const Found& found);

    std::string directory_;
    ControlState state_;
    std::uint64_t segment_ = 0;
    std::map<Offset, Found> letters_;
    std::function<void(const AssignmentEntry&)> onAssignment_;
    std::function<void(const DeadLetter&)> onLetter_;
    // The snapshot that is being read. One that only repeats what older segments have said is
    // checked and left alone.
    std::optional<ControlSnapshot> snapshot_;
    bool repeats_ = false;
    std::uint32_t partsLeft_ = 0;
    std::vector<CheckpointInfo> checkpoints_;
    // Where it holds letters: these places count once it is whole.
    std::map<Offset, Found> copies_;
    std::uint64_t bytes_ = 0;
    std::uint64_t snapshotBytes_ = 0;
};

// Reads all segments below `dataDirectory` with a reader that `make` gives; anew when a running
// engine has replaced them meanwhile.
Status readControlLog(Disk& disk, const std::string& dataDirectory,
                      const std::function<ControlReader&()>& make);

}  // namespace foreshard
