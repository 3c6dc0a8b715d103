#include "engine/control/log/suspect_store.h"

#include "engine/wire/codec.h"

#include <utility>

namespace foreshard {
namespace {

std::string pathIn(const std::string& folder) { return folder + "/suspects"; }

}  // namespace

Result<std::unique_ptr<SuspectStore>> SuspectStore::open(Env& env, const std::string& dataDirectory,
                                                         const DeadLetterCore& letters)
{
    std::unique_ptr<SuspectStore> store(new SuspectStore(env, dataDirectory + "/deadletter"));
    FS_TRY_STATUS(env.disk.createDirectories(store->directory_));
    const std::string path = pathIn(store->directory_);
    const Result<Bytes> bytes = env.disk.readWhole(path);
    if (!bytes.ok() && bytes.error().code == Errc::kNotFound) return store;
    if (!bytes.ok()) return bytes.error();
    Result<SuspectList> suspects = decodeSuspects(*bytes);
    if (!suspects.ok()) {
        return Error{Errc::kCorrupt, path + " is damaged at offset 0: " + suspects.error().message
                                         + ": remove it: suspected records get their tries anew"};
    }
    std::erase_if(suspects->suspects,
                  [&letters](const Suspect& suspect) { return letters.has(suspect.place.offset); });
    store->core_.restore(*suspects);
    return store;
}

Status SuspectStore::write()
{
    return env_.disk.writeWhole(pathIn(directory_), encodeSuspects(core_.all()));
}

Result<std::vector<Suspect>> SuspectStore::note(const std::vector<OperatorMark>& marks,
                                                const DeadLetterCore& letters)
{
    std::vector<Suspect> counted;
    for (const OperatorMark& mark : marks) {
        if (letters.has(mark.place.offset) || !core_.tried(mark)) continue;
        counted.push_back(*core_.find(mark.place.offset));
    }
    if (!counted.empty()) FS_TRY_STATUS(write());
    return counted;
}

Status SuspectStore::saved(ShardId shard, FrameNo n)
{
    return core_.saved(shard, n) ? write() : Status{};
}

Status SuspectStore::acquit(Offset offset) { return core_.forget(offset) ? write() : Status{}; }

}  // namespace foreshard
