#include "app/unused_directory.h"

#include "engine/checkpoint/manifest_store.h"
#include "engine/journal/clean_seal.h"
#include "engine/journal/segment_reader.h"

#include <array>

namespace foreshard {
namespace {

bool boxHoldsNothing(Disk& disk, const std::string& box)
{
    const Result<std::vector<SegmentFile>> segments = listSegments(disk, box);
    if (!segments.ok() || segments->size() > 1) return false;
    if (segments->empty()) return true;
    // A later one follows segments that retention has removed.
    if (segments->front().number != 1) return false;
    bool found = false;
    const auto visit = [&found](JournalPosition, BytesView) -> Status {
        found = true;
        return {};
    };
    return scanSegment(disk, segmentPath(box, 1), 1, visit).ok() && !found;
}

Status emptyFolder(Disk& disk, const std::string& folder)
{
    FS_TRY(const std::vector<std::string> names, disk.list(folder));
    for (const std::string& name : names)
        FS_TRY_STATUS(disk.remove(folder + "/" + name));
    return names.empty() ? Status{} : disk.syncDirectory(folder);
}

}  // namespace

bool holdsNothing(Disk& disk, const std::string& dataDirectory)
{
    const Result<std::vector<std::string>> boxes = disk.list(dataDirectory + "/box");
    if (!boxes.ok()) return false;
    for (const std::string& box : *boxes) {
        if (!boxHoldsNothing(disk, dataDirectory + "/box/" + box)) return false;
    }
    const Result<ManifestCore> manifest = ManifestStore::read(disk, dataDirectory);
    return manifest.ok() && manifest->all().empty();
}

bool tookNoStream(Disk& disk, const std::string& dataDirectory)
{
    return !isSealed(disk, dataDirectory) && holdsNothing(disk, dataDirectory);
}

Status forgetStart(Disk& disk, const std::string& dataDirectory)
{
    for (const char* numbered : {"/box", "/checkpoint"}) {
        const std::string folder = dataDirectory + numbered;
        FS_TRY(const std::vector<std::string> names, disk.list(folder));
        for (const std::string& name : names)
            FS_TRY_STATUS(emptyFolder(disk, folder + "/" + name));
    }
    for (const char* journal : {"/manifest", "/deadletter", "/assignment"})
        FS_TRY_STATUS(emptyFolder(disk, dataDirectory + journal));
    for (const char* file :
         {"/source.prefix", "/source.fingerprint", "/stream.sink", "/stream.schema"})
        FS_TRY_STATUS(disk.remove(dataDirectory + file));
    return disk.syncDirectory(dataDirectory);
}

}  // namespace foreshard
