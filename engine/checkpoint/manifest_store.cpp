#include "engine/checkpoint/manifest_store.h"

#include "engine/wire/codec.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

namespace foreshard {
namespace {

std::string manifestDirectory(const std::string& data) { return data + "/manifest"; }

Status addRecord(ManifestCore& core, BytesView envelope)
{
    FS_TRY(const CheckpointInfo info, decodeCheckpointInfo(envelope));
    if (core.add(info)) return {};
    // After a rewrite the new segment repeats what the old one listed; a crash may leave both.
    for (const CheckpointInfo& known : core.of(info.shard)) {
        if (known.id == info.id) return {};
    }
    if (info.id <= core.lastId()) return {};
    return Error{
        Errc::kCorrupt,
        "manifest lists checkpoint " + std::to_string(info.id.value) + " of shard "
            + std::to_string(info.shard.value)
            + " without the one it is built on: the manifest is damaged: run `foreshard verify`"};
}

}  // namespace

Result<std::unique_ptr<ManifestStore>> ManifestStore::open(Env& env, std::string dataDirectory,
                                                           std::size_t keepMin)
{
    std::unique_ptr<ManifestStore> store(new ManifestStore(env, std::move(dataDirectory), keepMin));
    ManifestCore& core = store->core_;
    const auto visit = [&core](JournalPosition, BytesView envelope) {
        return addRecord(core, envelope);
    };
    FS_TRY(store->journal_,
           Journal::open(env, {manifestDirectory(store->dataDirectory_), ~0ULL}, visit));
    core.prune();
    store->ahead_ = core;
    return store;
}

Result<ManifestCore> ManifestStore::read(Disk& disk, const std::string& dataDirectory)
{
    FS_TRY(ManifestCore core, readHistory(disk, dataDirectory));
    core.prune();  // the files of the others may be gone
    return core;
}

Result<ManifestCore> ManifestStore::readHistory(Disk& disk, const std::string& dataDirectory)
{
    ManifestCore core;
    const std::string directory = manifestDirectory(dataDirectory);
    FS_TRY(const std::vector<SegmentFile> segments, listSegments(disk, directory));
    for (const SegmentFile& segment : segments) {
        const auto visit = [&core](JournalPosition, BytesView envelope) {
            return addRecord(core, envelope);
        };
        FS_TRY(const ScanEnd end,
               scanSegment(disk, segmentPath(directory, segment.number), segment.number, visit));
        static_cast<void>(end);  // an unfinished last line was never promised to anybody
    }
    return core;
}

void ManifestStore::commit(CheckpointInfo info, std::function<void(Result<CheckpointInfo>)> done)
{
    info.id = CheckpointId{ahead_.lastId().value + 1};
    // Before it is written: a line that cannot follow would make the journal unreadable.
    if (!ahead_.add(info)) {
        return done(Error{Errc::kStale,
                          "checkpoint of shard " + std::to_string(info.shard.value)
                              + " does not follow what the manifest lists: a newer one exists"});
    }
    ahead_.prune();
    const auto stored = lifetime_.guard([this, info, done](const Status& status) {
        if (!status.ok()) return done(status.error());
        FS_CHECK(core_.add(info));
        core_.prune();
        done(info);
    });
    const Result<JournalPosition> at = journal_->append(encodeCheckpointInfo(info), stored);
    if (!at.ok()) done(at.error());
}

Status ManifestStore::collectGarbage()
{
    FS_TRY_STATUS(rewriteIfWorthIt());
    std::map<std::string, std::uint64_t> firstWanted;  // directory -> oldest segment still listed
    for (const CheckpointInfo& info : core_.all()) {
        const std::size_t slash = info.file.rfind('/');
        const std::string directory = info.file.substr(0, slash);
        std::uint64_t number = 0;  // when it cannot be read, nothing of that folder goes
        if (slash != std::string::npos) {
            std::from_chars(info.file.data() + slash + 1, info.file.data() + info.file.size(),
                            number);
        }
        const auto [it, fresh] = firstWanted.emplace(directory, number);
        if (!fresh) it->second = std::min(it->second, number);
    }
    for (const auto& [directory, first] : firstWanted) {
        const std::string path = dataDirectory_ + "/" + directory;
        FS_TRY(const std::vector<SegmentFile> segments, listSegments(env_.disk, path));
        for (const SegmentFile& segment : segments) {
            if (segment.number >= first) break;
            FS_TRY_STATUS(env_.disk.remove(segmentPath(path, segment.number)));
        }
    }
    return {};
}

Status ManifestStore::rewriteIfWorthIt()
{
    if (rewriting_ || journal_->totalBytes() < bytesAtRewrite_ * 4 + kRewriteBytesMin) return {};
    // With what is being written: the old segment takes it away when it goes.
    Bytes live;
    for (const CheckpointInfo& info : ahead_.all())
        live += encodeCheckpointInfo(info);
    if (live.empty()) return {};
    bytesAtRewrite_ = live.size();
    journal_->rotate();
    const auto done = lifetime_.guard([this](const Status& status) {
        rewriting_ = false;
        if (status.ok())  // a removal that fails is tried again at the next rewrite
            static_cast<void>(journal_->removeBefore(journal_->currentSegment()));
    });
    rewriting_ = true;
    const Result<JournalPosition> at = journal_->append(std::move(live), done);
    if (at.ok()) return {};
    rewriting_ = false;
    return at.error();
}

}  // namespace foreshard
