#include "engine/control/log/dead_letter_store.h"

#include "engine/wire/codec.h"

namespace foreshard {
namespace {

std::string folderOf(const std::string& data) { return data + "/deadletter"; }
std::string suspectsPath(const std::string& folder) { return folder + "/suspects"; }

}  // namespace

Result<std::unique_ptr<DeadLetterStore>> DeadLetterStore::open(Env& env,
                                                               const std::string& dataDirectory)
{
    std::unique_ptr<DeadLetterStore> store(new DeadLetterStore(env, folderOf(dataDirectory)));
    const auto visit = [&store](JournalPosition, BytesView envelope) -> Status {
        FS_TRY(const DeadLetter letter, decodeDeadLetter(envelope));
        store->core_.add(letter);
        return {};
    };
    FS_TRY(store->journal_, Journal::open(env, {store->directory_, ~0ULL}, visit));
    const std::string path = suspectsPath(store->directory_);
    const Result<Bytes> bytes = env.disk.readWhole(path);
    if (!bytes.ok() && bytes.error().code == Errc::kNotFound) return store;
    if (!bytes.ok()) return bytes.error();
    const Result<SuspectList> suspects = decodeSuspects(*bytes);
    if (!suspects.ok()) {
        return Error{Errc::kCorrupt, path + " is damaged at offset 0: " + suspects.error().message
                                         + ": remove it: suspected records get their tries anew"};
    }
    store->core_.restore(*suspects);
    return store;
}

Result<std::vector<DeadLetter>> DeadLetterStore::read(Disk& disk, const std::string& dataDirectory)
{
    std::vector<DeadLetter> letters;
    const std::string directory = folderOf(dataDirectory);
    FS_TRY(const std::vector<SegmentFile> segments, listSegments(disk, directory));
    for (const SegmentFile& segment : segments) {
        const auto visit = [&letters](JournalPosition, BytesView envelope) -> Status {
            FS_TRY(DeadLetter letter, decodeDeadLetter(envelope));
            letters.push_back(std::move(letter));
            return {};
        };
        FS_TRY(const ScanEnd end,
               scanSegment(disk, segmentPath(directory, segment.number), segment.number, visit));
        static_cast<void>(end);  // an unfinished last letter was never acted on
    }
    return letters;
}

void DeadLetterStore::commit(const DeadLetter& letter, std::function<void(Status)> done)
{
    const Offset offset = letter.place.offset;
    if (core_.has(offset)) return done({});
    if (!underWay_.insert(offset).second) return;
    const auto written = lifetime_.guard([this, letter, done](const Status& status) {
        underWay_.erase(letter.place.offset);
        if (status.ok()) core_.add(letter);
        done(status);
    });
    const Result<JournalPosition> at = journal_->append(encodeDeadLetter(letter), written);
    if (at.ok()) return;
    underWay_.erase(offset);
    done(at.error());
}

Status DeadLetterStore::writeSuspects()
{
    return env_.disk.writeWhole(suspectsPath(directory_), encodeSuspects(core_.suspects()));
}

Result<std::vector<Suspect>> DeadLetterStore::note(const std::vector<OperatorMark>& marks)
{
    std::vector<Suspect> counted;
    for (const OperatorMark& mark : marks) {
        if (!core_.tried(mark)) continue;
        for (const Suspect& suspect : core_.suspectsBehind(mark.place.shard, mark.place.n - 1)) {
            if (suspect.place == mark.place) counted.push_back(suspect);
        }
    }
    if (!counted.empty()) FS_TRY_STATUS(writeSuspects());
    return counted;
}

Status DeadLetterStore::saved(ShardId shard, FrameNo n)
{
    return core_.saved(shard, n) ? writeSuspects() : Status{};
}

Status DeadLetterStore::acquit(Offset offset)
{
    return core_.acquit(offset) ? writeSuspects() : Status{};
}

}  // namespace foreshard
