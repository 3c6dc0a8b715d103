#include "app/unused_directory.h"

#include "engine/control/log/single_control_log.h"
#include "engine/journal/clean_seal.h"
#include "engine/journal/segment_reader.h"

#include <algorithm>

namespace foreshard {
namespace {

constexpr std::size_t kSegmentDigits = 12;  // see segmentPath()

bool isNumber(BytesView name)
{
    return !name.empty() && name.find_first_not_of("0123456789") == BytesView::npos;
}

// Would an engine write a file of that name in a folder of its own? Others are nobody's to remove.
bool isEngines(BytesView name)
{
    if (name.ends_with(".tmp")) name.remove_suffix(4);
    if (name == "suspects" || name == "witness") return true;
    const std::size_t point = std::min(name.find('.'), name.size());
    const BytesView ending = name.substr(point);
    return point == kSegmentDigits && isNumber(name.substr(0, point))
           && (ending == ".seg" || ending == ".idx");
}

bool holdsNoRecord(Disk& disk, const std::string& journal)
{
    const Result<std::vector<SegmentFile>> segments = listSegments(disk, journal);
    if (!segments.ok()) return false;
    bool found = false;
    const auto visit = [&found](JournalPosition, BytesView) -> Status {
        found = true;
        return {};
    };
    return std::all_of(segments->begin(), segments->end(), [&](const SegmentFile& segment) {
        const std::string path = segmentPath(journal, segment.number);
        return scanSegment(disk, path, segment.number, visit).ok() && !found;
    });
}

bool boxHoldsNothing(Disk& disk, const std::string& box)
{
    const Result<std::vector<SegmentFile>> segments = listSegments(disk, box);
    if (!segments.ok() || segments->size() > 1) return false;
    // A later one follows segments that retention has removed.
    if (!segments->empty() && segments->front().number != 1) return false;
    return holdsNoRecord(disk, box);
}

Result<std::vector<std::string>> numberedFolders(Disk& disk, const std::string& folder)
{
    FS_TRY(std::vector<std::string> names, disk.list(folder));
    std::erase_if(names, [](const std::string& name) { return !isNumber(name); });
    for (std::string& name : names)
        name.insert(0, folder + "/");
    return names;
}

Status emptyFolder(Disk& disk, const std::string& folder)
{
    FS_TRY(std::vector<std::string> names, disk.list(folder));
    std::erase_if(names, [](const std::string& name) { return !isEngines(name); });
    for (const std::string& name : names)
        FS_TRY_STATUS(disk.remove(folder + "/" + name));
    return names.empty() ? Status{} : disk.syncDirectory(folder);
}

}  // namespace

bool holdsNothing(Disk& disk, const std::string& dataDirectory)
{
    const auto boxes = numberedFolders(disk, dataDirectory + "/box");
    const auto checkpoints = numberedFolders(disk, dataDirectory + "/checkpoint");
    if (!boxes.ok() || !checkpoints.ok()) return false;
    for (const std::string& box : *boxes)
        if (!boxHoldsNothing(disk, box)) return false;
    for (const std::string& folder : *checkpoints)
        if (!holdsNoRecord(disk, folder)) return false;
    const Result<ControlState> known = SingleControlLog::read(disk, dataDirectory);
    return known.ok() && known->checkpoints.all().empty() && known->letters.count() == 0;
}

bool tookNoStream(Disk& disk, const std::string& dataDirectory)
{
    return !isSealed(disk, dataDirectory) && holdsNothing(disk, dataDirectory);
}

Status forgetStart(Disk& disk, const std::string& dataDirectory)
{
    for (const char* numbered : {"/box", "/checkpoint"}) {
        FS_TRY(const auto folders, numberedFolders(disk, dataDirectory + numbered));
        for (const std::string& folder : folders)
            FS_TRY_STATUS(emptyFolder(disk, folder));
    }
    for (const char* journal : {"/control", "/deadletter"})
        FS_TRY_STATUS(emptyFolder(disk, dataDirectory + journal));
    for (const char* file :
         {"/source.prefix", "/source.fingerprint", "/stream.sink", "/stream.schema"})
        FS_TRY_STATUS(disk.remove(dataDirectory + file));
    return disk.syncDirectory(dataDirectory);
}

}  // namespace foreshard
