#pragma once
// The virtual disk behind every process's Disk door, and the switches that make it fail. Files live
// in memory; each knows which of its bytes are not durable yet, and what a power cut does to those
// is drawn from the seed. A process that is only killed loses the appends that were not issued yet;
// the rest stays readable without being durable, for a later power cut to take. Appended bytes
// count and can be read at once. Creating and renaming are durable at once (the doors sync the
// folder); a removal without syncDirectory() may come back after a power cut. One thread.
#include "engine/base/bytes.h"
#include "engine/base/split_mix.h"
#include "engine/env/env.h"
#include "engine/env/sim/event_queue.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace foreshard::sim {

class World;

// How fast the disk is, and what a power cut does to unsynced bytes.
struct DiskFaults {
    Nanos syncMin = 50us;
    Nanos syncMax = 300us;
    Nanos writeMin = 2us;  // an append without sync
    Nanos writeMax = 20us;
    std::uint32_t slowPerMille = 2;  // of all batches of appends
    Nanos slowMin = 5ms;
    Nanos slowMax = 50ms;
    // Each unsynced append is kept, torn at a sector, or (the rest) dropped.
    std::uint32_t keptPerMille = 334;
    std::uint32_t tornPerMille = 333;
    // false: what survives is a prefix. true: any set of sectors does, and holes read as zeros.
    bool reorderSectors = false;
    std::uint32_t removedReturnsPerMille = 300;
    // A failed write usually leaves nothing behind; sometimes a part of it.
    std::uint32_t failedWriteStaysPerMille = 250;
    // A failed sync usually cuts off what it should have saved; this often it stays readable.
    std::uint32_t failedSyncStaysPerMille = 0;
};

enum class DiskCall : std::uint8_t {
    kSync,   // of appends, of a truncation, of a whole file
    kWrite,  // an append: a part of it may be in the file
    kRead
};
const char* diskCallName(DiskCall call);

// How a process ends.
enum class Ending : std::uint8_t {
    kPowerCut,  // takes what is not durable, of processes that ended before, too
    kKilled     // the page cache stays
};

// One file, whoever has it open and whatever it is called by now.
struct SimFileState {
    struct Range {
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
        // A sync of it failed: readable, but no later sync makes it durable (as Linux does it).
        bool lost = false;
    };
    std::string path;
    Bytes content;
    std::vector<Range> unsynced;  // ascending; everything outside is durable
    ProcessId writer;
};

// The appends of one open file: they complete in batches (group commit), in order.
struct AppendStream {
    struct Append {
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
        bool sync = false;
        Strand* strand = nullptr;
        File::Done done = {};
        Status status = {};
    };
    std::shared_ptr<SimFileState> file;
    ProcessId process;
    std::deque<Append> appends;
    std::size_t underWay = 0;     // how many of them the batch under way holds
    bool enlisted = false;        // the disk knows it
    std::optional<Error> failed;  // sticky
    bool syncFailed = false;
};

class SimDisk {
public:
    static constexpr std::uint64_t kSectorBytes = 512;
    // What freeBytes() starts from while no capacity is set.
    static constexpr std::uint64_t kEndlessBytes = std::uint64_t{1} << 40U;

    SimDisk(World& world, std::uint64_t seed, const DiskFaults& faults);

    // For tests and fault plans.
    const DiskFaults& faults() const { return faults_; }
    void setFaults(const DiskFaults& faults) { faults_ = faults; }
    // Makes or replaces a durable file, and the folders above it. Whoever has it open sees it
    // change. "-" becomes the standard input of every process.
    void putFile(const std::string& path, Bytes bytes);
    // What a reader sees now, durable or not; nothing when there is no such file.
    std::optional<Bytes> fileBytes(const std::string& path) const;
    // The next `times` such calls for a file whose path contains `pathPart` fail with kIo. Reads by
    // the test's own process always succeed.
    void failNext(DiskCall call, std::string pathPart, std::uint32_t times = 1);
    void failNextSync(std::string pathPart) { failNext(DiskCall::kSync, std::move(pathPart)); }
    // Syncs of files whose path contains `pathPart` take between `low` and `high`.
    void slowSyncs(std::string pathPart, Nanos low, Nanos high);
    void endSlowSyncs() { slowFiles_.reset(); }
    // Takes back every failNext().
    void clearArmed() { armed_.clear(); }
    // Room for this many bytes in all files together; nothing: endless.
    void setCapacity(std::optional<std::uint64_t> bytes) { capacity_ = bytes; }
    // Damages one stored byte. REQUIRES: the file exists and is longer than `position`.
    void flipByte(const std::string& path, std::uint64_t position, unsigned char mask = 0x01);
    std::uint64_t usedBytes() const;

    // For the doors (process_disk.h). Paths are normal: no empty or "." parts, no "/" at the end.
    static std::string normal(const std::string& path);
    static std::string folderOf(const std::string& path);
    std::shared_ptr<SimFileState> find(const std::string& path) const;
    std::shared_ptr<SimFileState> create(const std::string& path);
    bool folderExists(const std::string& folder) const;
    void addFolders(const std::string& folder);
    std::vector<std::string> list(const std::string& folder) const;
    void remove(const std::string& path, ProcessId process);
    void syncFolder(const std::string& folder);
    // Puts a new, durable file in the place of `path`; who has the old one open keeps it.
    Status replace(const std::string& path, BytesView data);
    Status truncate(SimFileState& file, std::uint64_t size);
    void append(const std::shared_ptr<AppendStream>& stream, BytesView data,
                AppendStream::Append entry);
    Result<std::shared_ptr<void>> lock(const std::string& path, ProcessId process);
    std::uint64_t freeBytes() const;

    // The armed fault, used up by one, when it is meant for `path`.
    Status takeFault(DiskCall call, const std::string& path);

    // For the World: `process` has ended.
    void processGone(ProcessId process, Ending ending);
    // Takes the appends of `process` (of everybody: no process) that will never complete. The
    // caller destroys them when nothing of the disk is under way: their callbacks may own files.
    std::vector<AppendStream::Append> dropAppends(std::optional<ProcessId> process);

private:
    struct Removed {
        std::shared_ptr<SimFileState> file;
        ProcessId process;
    };
    struct Armed {
        DiskCall call = DiskCall::kSync;
        std::string pathPart;
        std::uint32_t times = 0;
    };
    struct SlowFiles {
        std::string pathPart;
        Nanos low{0};
        Nanos high{0};
    };
    struct Lock {
        std::weak_ptr<int> held;
        ProcessId process;
    };

    void enlist(const std::shared_ptr<AppendStream>& stream);
    void startBatch(const std::shared_ptr<AppendStream>& stream);
    void completeBatch(const std::shared_ptr<AppendStream>& stream);
    Nanos drawDelay(const std::string& path, bool sync);
    // What of `data` an append can put into the file, and why not all of it.
    Status admit(const std::string& path, BytesView& data);
    void leavePart(BytesView& data, std::uint64_t bytesMax);
    void powerGone();
    void dropUnissued(AppendStream& stream);
    void makeDurable(SimFileState& file, std::uint64_t upTo);
    void syncFailed(SimFileState& file, std::uint64_t upTo);
    void losePrefix(SimFileState& file);
    void loseSectors(SimFileState& file);
    std::uint64_t tearPoint(const SimFileState::Range& range);

    World& world_;
    SplitMix64 random_;
    DiskFaults faults_;
    std::map<std::string, std::shared_ptr<SimFileState>> files_;
    std::set<std::string> folders_;
    std::vector<Removed> removed_;  // not durably
    std::map<std::string, Lock> locks_;
    std::vector<std::weak_ptr<AppendStream>> streams_;  // those with appends, and some without
    std::optional<std::uint64_t> capacity_;
    std::vector<Armed> armed_;
    std::optional<SlowFiles> slowFiles_;
};

}  // namespace foreshard::sim
