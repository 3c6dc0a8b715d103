#include "engine/env/sim/sim_disk.h"

#include "engine/base/check.h"
#include "engine/env/sim/world.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace foreshard::sim {

namespace {

Nanos drawBetween(SplitMix64& random, Nanos low, Nanos high)
{
    const auto span = static_cast<std::uint64_t>(std::max<std::int64_t>(0, (high - low).count()));
    return low + Nanos{static_cast<std::int64_t>(random.below(span + 1))};
}

Error noSpace(const std::string& task)
{
    return {Errc::kNoSpace, task + ": the disk is full: free some space"};
}

void zero(Bytes& content, std::uint64_t begin, std::uint64_t end)
{
    std::fill(content.begin() + static_cast<std::ptrdiff_t>(begin),
              content.begin() + static_cast<std::ptrdiff_t>(end), '\0');
}

// Whether durable bytes lie behind unsynced range `index`.
bool durableBehind(const SimFileState& file, std::size_t index)
{
    std::uint64_t reached = file.unsynced[index].end;
    for (std::size_t i = index + 1; i < file.unsynced.size(); ++i) {
        if (file.unsynced[i].begin != reached) return true;
        reached = file.unsynced[i].end;
    }
    return reached < file.content.size();
}

}  // namespace

const char* diskCallName(DiskCall call)
{
    switch (call) {
        case DiskCall::kSync:
            return "sync";
        case DiskCall::kWrite:
            return "write";
        case DiskCall::kRead:
            return "read";
    }
    return "";
}

SimDisk::SimDisk(World& world, std::uint64_t seed, const DiskFaults& faults)
    : world_(world), random_(seed), faults_(faults)
{
}

void SimDisk::putFile(const std::string& path, Bytes bytes)
{
    const std::string name = normal(path);
    addFolders(folderOf(name));
    auto file = find(name);
    if (!file) file = create(name);
    file->content = std::move(bytes);
    file->unsynced.clear();
}

std::optional<Bytes> SimDisk::fileBytes(const std::string& path) const
{
    const auto file = find(normal(path));
    if (!file) return std::nullopt;
    return file->content;
}

void SimDisk::flipByte(const std::string& path, std::uint64_t position, unsigned char mask)
{
    const auto file = find(normal(path));
    FS_CHECK(file && position < file->content.size());
    char& byte = file->content[position];
    byte = static_cast<char>(static_cast<unsigned char>(byte) ^ mask);
}

void SimDisk::failNext(DiskCall call, std::string pathPart, std::uint32_t times)
{
    std::erase_if(armed_, [](const Armed& armed) { return armed.times == 0; });
    armed_.push_back({call, std::move(pathPart), times});
}

void SimDisk::slowSyncs(std::string pathPart, Nanos low, Nanos high)
{
    slowFiles_ = {std::move(pathPart), low, high};
}

std::uint64_t SimDisk::usedBytes() const
{
    std::uint64_t used = 0;
    for (const auto& [path, file] : files_)
        used += file->content.size();
    return used;
}

std::string SimDisk::normal(const std::string& path)
{
    std::string result = path.starts_with('/') ? "/" : "";
    std::size_t begin = 0;
    while (begin < path.size()) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string part = path.substr(begin, end - begin);
        begin = end + 1;
        if (part.empty() || part == ".") continue;
        if (!result.empty() && result.back() != '/') result += '/';
        result += part;
    }
    return result;
}

std::string SimDisk::folderOf(const std::string& path)
{
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return "";
    return slash == 0 ? "/" : path.substr(0, slash);
}

std::shared_ptr<SimFileState> SimDisk::find(const std::string& path) const
{
    const auto found = files_.find(path);
    return found == files_.end() ? nullptr : found->second;
}

std::shared_ptr<SimFileState> SimDisk::create(const std::string& path)
{
    auto file = std::make_shared<SimFileState>();
    file->path = path;
    files_[path] = file;
    syncFolder(folderOf(path));
    return file;
}

bool SimDisk::folderExists(const std::string& folder) const
{
    return folder.empty() || folder == "/" || folders_.contains(folder);
}

void SimDisk::addFolders(const std::string& folder)
{
    for (std::string at = folder; !folderExists(at); at = folderOf(at))
        folders_.insert(at);
}

std::vector<std::string> SimDisk::list(const std::string& folder) const
{
    std::set<std::string> names;
    const auto offer = [&](const std::string& path) {
        if (path != "-" && folderOf(path) == folder) names.insert(path.substr(path.rfind('/') + 1));
    };
    for (const auto& [path, file] : files_)
        offer(path);
    for (const auto& path : folders_)
        offer(path);
    return {names.begin(), names.end()};
}

void SimDisk::remove(const std::string& path, ProcessId process)
{
    const auto found = files_.find(path);
    if (found == files_.end()) return;
    removed_.push_back({std::move(found->second), process});
    files_.erase(found);
}

void SimDisk::syncFolder(const std::string& folder)
{
    std::erase_if(removed_,
                  [&](const Removed& entry) { return folderOf(entry.file->path) == folder; });
}

Status SimDisk::replace(const std::string& path, BytesView data)
{
    if (data.size() > freeBytes()) return noSpace("write " + path);
    FS_TRY_STATUS(takeFault(DiskCall::kSync, path));
    create(path)->content = data;
    return {};
}

Status SimDisk::truncate(SimFileState& file, std::uint64_t size)
{
    FS_TRY_STATUS(takeFault(DiskCall::kSync, file.path));
    if (size < file.content.size()) file.content.resize(size);
    std::erase_if(file.unsynced, [&](const SimFileState::Range& range) {
        return !range.lost || range.begin >= size;
    });
    for (auto& range : file.unsynced)
        range.end = std::min(range.end, size);
    return {};
}

void SimDisk::append(const std::shared_ptr<AppendStream>& stream, BytesView data,
                     AppendStream::Append entry)
{
    SimFileState& file = *stream->file;
    const bool refused = stream->failed.has_value();
    if (!refused) {
        if (const Status status = admit(file.path, data); !status.ok())
            stream->failed = status.error();
    }
    if (stream->failed) entry.status = *stream->failed;
    entry.begin = file.content.size();
    if (!refused && !data.empty()) {
        file.content += data;
        file.unsynced.push_back({.begin = entry.begin, .end = file.content.size()});
        file.writer = stream->process;
    }
    entry.end = file.content.size();
    enlist(stream);
    stream->appends.push_back(std::move(entry));
    if (stream->underWay == 0) startBatch(stream);
}

Status SimDisk::admit(const std::string& path, BytesView& data)
{
    if (const Status status = takeFault(DiskCall::kWrite, path); !status.ok()) {
        leavePart(data, data.size());
        return status;
    }
    const std::uint64_t room = freeBytes();
    if (data.size() <= room) return {};
    leavePart(data, room);
    return noSpace("append to " + path);
}

void SimDisk::leavePart(BytesView& data, std::uint64_t bytesMax)
{
    const bool stays = random_.chance(faults_.failedWriteStaysPerMille);
    data = data.substr(0, stays ? random_.below(bytesMax + 1) : 0);
}

Result<std::shared_ptr<void>> SimDisk::lock(const std::string& path, ProcessId process)
{
    Lock& lock = locks_[path];
    if (!lock.held.expired() && world_.alive(lock.process)) {
        return Error{Errc::kBusy, "lock " + path + ": process " + world_.processName(lock.process)
                                      + " holds it: stop that process first"};
    }
    const std::string holder = std::to_string(process.value) + "\n";
    if (const auto file = find(path)) {
        file->content = holder;
    } else {
        create(path)->content = holder;
    }
    const auto held = std::make_shared<int>(0);
    lock = {held, process};
    return std::shared_ptr<void>(held);
}

std::uint64_t SimDisk::freeBytes() const
{
    const std::uint64_t used = capacity_ ? usedBytes() : 0;
    const std::uint64_t capacity = capacity_.value_or(kEndlessBytes);
    return capacity > used ? capacity - used : 0;
}

void SimDisk::processGone(ProcessId process, Ending ending)
{
    if (ending == Ending::kPowerCut) return powerGone();
    for (const auto& entry : streams_) {
        const auto stream = entry.lock();
        if (stream && stream->process == process) dropUnissued(*stream);
    }
}

void SimDisk::powerGone()
{
    const auto lose = [&](SimFileState& file) {
        if (file.unsynced.empty() || world_.alive(file.writer)) return;
        if (faults_.reorderSectors) {
            loseSectors(file);
        } else {
            losePrefix(file);
        }
        file.unsynced.clear();
    };
    const auto gone = [&](const Removed& entry) { return !world_.alive(entry.process); };
    for (const auto& [path, file] : files_)
        lose(*file);
    for (const Removed& entry : removed_) {
        if (!gone(entry) || !random_.chance(faults_.removedReturnsPerMille)) continue;
        lose(*entry.file);
        files_.try_emplace(entry.file->path, entry.file);
    }
    std::erase_if(removed_, gone);
}

void SimDisk::dropUnissued(AppendStream& stream)
{
    if (stream.appends.empty()) return;
    SimFileState& file = *stream.file;
    const auto& appends = stream.appends;
    // The batch under way may be there as far as any byte; what waits behind it never was.
    std::uint64_t end = appends[stream.underWay - 1].end;
    const std::uint64_t begin = appends.front().begin;
    if (random_.chance(500)) end = begin + random_.below(end - begin + 1);
    if (end < file.content.size()) file.content.resize(end);
    std::erase_if(file.unsynced, [&](const auto& range) { return range.begin >= end; });
    for (auto& range : file.unsynced)
        range.end = std::min(range.end, end);
}

std::vector<AppendStream::Append> SimDisk::dropAppends(std::optional<ProcessId> process)
{
    std::vector<AppendStream::Append> dropped;
    for (const auto& entry : streams_) {
        const auto stream = entry.lock();
        if (!stream || (process && stream->process != *process)) continue;
        std::move(stream->appends.begin(), stream->appends.end(), std::back_inserter(dropped));
        stream->appends.clear();
        stream->underWay = 0;
    }
    return dropped;
}

void SimDisk::enlist(const std::shared_ptr<AppendStream>& stream)
{
    if (std::exchange(stream->enlisted, true)) return;
    std::erase_if(streams_, [](const auto& entry) { return entry.expired(); });
    streams_.push_back(stream);
}

void SimDisk::startBatch(const std::shared_ptr<AppendStream>& stream)
{
    stream->underWay = stream->appends.size();
    const bool sync = std::any_of(stream->appends.begin(), stream->appends.end(),
                                  [](const auto& entry) { return entry.sync; });
    const Instant now = world_.localNow();
    world_.schedule(now + drawDelay(stream->file->path, sync),
                    {.kind = EventKind::kDisk,
                     .process = stream->process,
                     .owner = &world_.processLabel(stream->process),
                     .detail = hashText(stream->file->path) ^ stream->file->content.size(),
                     .issued = now,
                     .task = [this, stream] { completeBatch(stream); }});
}

void SimDisk::completeBatch(const std::shared_ptr<AppendStream>& stream)
{
    SimFileState& file = *stream->file;
    for (std::size_t left = std::exchange(stream->underWay, 0); left > 0; --left) {
        AppendStream::Append entry = std::move(stream->appends.front());
        stream->appends.pop_front();
        if (stream->syncFailed) {
            entry.status = *stream->failed;
        } else if (entry.sync && entry.status.ok()) {
            entry.status = takeFault(DiskCall::kSync, file.path);
            if (entry.status.ok()) {
                makeDurable(file, entry.end);
            } else {
                stream->syncFailed = true;
                stream->failed = entry.status.error();
                syncFailed(file, entry.end);
            }
        }
        entry.strand->post(
            [done = std::move(entry.done), status = std::move(entry.status)] { done(status); });
    }
    if (!stream->appends.empty()) startBatch(stream);
}

Nanos SimDisk::drawDelay(const std::string& path, bool sync)
{
    if (sync && slowFiles_ && path.find(slowFiles_->pathPart) != std::string::npos)
        return drawBetween(random_, slowFiles_->low, slowFiles_->high);
    if (random_.chance(faults_.slowPerMille))
        return drawBetween(random_, faults_.slowMin, faults_.slowMax);
    return sync ? drawBetween(random_, faults_.syncMin, faults_.syncMax)
                : drawBetween(random_, faults_.writeMin, faults_.writeMax);
}

Status SimDisk::takeFault(DiskCall call, const std::string& path)
{
    for (Armed& armed : armed_) {
        if (armed.call != call || armed.times == 0) continue;
        if (path.find(armed.pathPart) == std::string::npos) continue;
        --armed.times;
        const std::string name = diskCallName(call);
        world_.note(name + " of " + path + " fails");
        return Error{Errc::kIo, name + " " + path + ": the device refused it: check the disk"};
    }
    return {};
}

void SimDisk::makeDurable(SimFileState& file, std::uint64_t upTo)
{
    std::erase_if(file.unsynced, [&](const SimFileState::Range& range) {
        return !range.lost && range.end <= upTo;
    });
}

void SimDisk::syncFailed(SimFileState& file, std::uint64_t upTo)
{
    if (file.unsynced.empty()) return;
    const bool stays = random_.chance(faults_.failedSyncStaysPerMille);
    if (!stays && !durableBehind(file, 0)) {
        file.content.resize(file.unsynced.front().begin);
        file.unsynced.clear();
        return;
    }
    for (auto& range : file.unsynced)
        range.lost = range.lost || range.end <= upTo;
}

void SimDisk::losePrefix(SimFileState& file)
{
    bool gone = false;
    for (std::size_t i = 0; i < file.unsynced.size(); ++i) {
        const auto& range = file.unsynced[i];
        std::uint64_t cut = range.begin;
        if (!gone && !range.lost) {
            const std::uint64_t draw = random_.below(1000);
            if (draw < faults_.keptPerMille) continue;
            if (draw < std::uint64_t{faults_.keptPerMille} + faults_.tornPerMille)
                cut = tearPoint(range);
        }
        gone = true;
        if (!durableBehind(file, i)) {
            file.content.resize(cut);
            return;
        }
        zero(file.content, cut, range.end);
    }
}

void SimDisk::loseSectors(SimFileState& file)
{
    std::uint64_t reached = file.unsynced.front().begin;  // behind the last byte that survived
    for (std::size_t i = 0; i < file.unsynced.size(); ++i) {
        const auto& range = file.unsynced[i];
        if (i > 0 && file.unsynced[i - 1].end != range.begin) reached = range.begin;
        for (std::uint64_t begin = range.begin; begin < range.end;) {
            const std::uint64_t end =
                std::min(range.end, (begin / kSectorBytes + 1) * kSectorBytes);
            if (random_.chance(500) && !range.lost) {
                reached = end;
            } else {
                zero(file.content, begin, end);
            }
            begin = end;
        }
    }
    if (file.unsynced.back().end < file.content.size()) return;
    // The new length of the file may have reached the disk without its bytes.
    if (random_.chance(500)) file.content.resize(reached);
}

std::uint64_t SimDisk::tearPoint(const SimFileState::Range& range)
{
    const std::uint64_t first = (range.begin / kSectorBytes + 1) * kSectorBytes;
    // Within one sector there is nothing to tear: it is written wholly or not at all.
    if (first >= range.end) return range.begin;
    const std::uint64_t points = (range.end - 1 - first) / kSectorBytes + 1;
    return first + random_.below(points) * kSectorBytes;
}

}  // namespace foreshard::sim
