#include "engine/journal/clean_seal.h"

#include "engine/base/crc32c.h"
#include "engine/journal/segment_reader.h"
#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"
#include "engine/wire/little_endian.h"

#include <algorithm>
#include <array>
#include <map>

namespace foreshard {
namespace {

constexpr std::uint32_t kVersion = 1;
constexpr std::string_view kName = "SEAL";
// The sealed journals, and folders of numbered journals. No other file is sealed.
constexpr std::array<const char*, 1> kJournals = {"control"};
constexpr std::array<const char*, 2> kNumbered = {"box", "checkpoint"};
constexpr std::array<const char*, 3> kFiles = {"stream.schema", "source.prefix",
                                               "source.fingerprint"};

struct Entry {
    std::uint64_t bytes = 0;
    std::uint32_t crc = 0;  // of the first `checked` bytes
    std::uint64_t checked = 0;
};
using Entries = std::map<std::string, Entry>;  // by path below the data directory

std::string sealPath(const std::string& data) { return data + "/" + std::string(kName); }

// The newest segment of a journal is checked whole, an older one by length and header only: its
// records are checked wherever they are used, and there may be terabytes of them.
Status addFile(Disk& disk, const std::string& data, const std::string& name, bool whole,
               Entries& entries)
{
    FS_TRY(const std::unique_ptr<File> file, disk.open(data + "/" + name, OpenMode::kRead));
    Entry entry;
    entry.bytes = file->size();
    entry.checked = whole ? entry.bytes : std::min(entry.bytes, kSegmentHeaderBytes);
    FS_TRY(const Bytes content, file->read(0, entry.checked));
    entry.crc = crc32c(content);
    entries[name] = entry;
    return {};
}

Status addFolder(Disk& disk, const std::string& data, const std::string& folder, Entries& entries)
{
    FS_TRY(const std::vector<std::string> names, disk.list(data + "/" + folder));
    std::string newest;
    for (const std::string& name : names) {
        if (name.ends_with(".seg")) newest = std::max(newest, name);
    }
    for (const std::string& name : names) {
        const bool index = name.ends_with(".idx");
        if (!index && !name.ends_with(".seg")) continue;
        FS_TRY_STATUS(addFile(disk, data, folder + "/" + name, index || name == newest, entries));
    }
    return {};
}

Result<Entries> survey(Disk& disk, const std::string& data)
{
    Entries entries;
    for (const char* journal : kJournals)
        FS_TRY_STATUS(addFolder(disk, data, journal, entries));
    for (const char* above : kNumbered) {
        FS_TRY(const std::vector<std::string> names, disk.list(data + "/" + above));
        for (const std::string& name : names)
            FS_TRY_STATUS(addFolder(disk, data, above + ("/" + name), entries));
    }
    for (const char* name : kFiles) {
        const Status status = addFile(disk, data, name, true, entries);
        if (!status.ok() && status.error().code != Errc::kNotFound) return status.error();
    }
    return entries;
}

Bytes encodeEntries(const Entries& entries)
{
    Bytes payload;
    appendNumber(payload, kVersion);
    appendNumber(payload, static_cast<std::uint32_t>(entries.size()));
    for (const auto& [name, entry] : entries) {
        appendNumber(payload, entry.bytes);
        appendNumber(payload, entry.checked);
        appendNumber(payload, entry.crc);
        appendNumber(payload, static_cast<std::uint32_t>(name.size()));
        payload += name;
    }
    return seal(static_cast<std::uint16_t>(WireType::kCleanSeal), payload);
}

Result<Entries> decodeEntries(BytesView data)
{
    FS_TRY(const EnvelopeView opened, openEnvelope(data));
    if (opened.type != static_cast<std::uint16_t>(WireType::kCleanSeal))
        return Error{Errc::kCorrupt, "it holds something else than a seal"};
    if (opened.size != data.size()) return Error{Errc::kCorrupt, "bytes follow behind its end"};
    NumberReader reader(opened.payload);
    if (const auto version = reader.take<std::uint32_t>(); reader.ok() && version > kVersion) {
        return Error{Errc::kUnsupported, "it has format " + std::to_string(version)
                                             + ": a newer version wrote it: use that one"};
    }
    Entries entries;
    const auto count = reader.take<std::uint32_t>();
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
        Entry entry;
        entry.bytes = reader.take<std::uint64_t>();
        entry.checked = reader.take<std::uint64_t>();
        entry.crc = reader.take<std::uint32_t>();
        const BytesView name = reader.takeBytes(reader.take<std::uint32_t>());
        entries[Bytes(name)] = entry;
    }
    if (!reader.ok()) return Error{Errc::kCorrupt, "its parts do not fit its size"};
    return entries;
}

// Where the damage of a newest segment begins, and what it is.
Damage placeOf(Disk& disk, const std::string& path, std::uint64_t bytes)
{
    const std::size_t slash = path.rfind('/');
    std::uint64_t number = 0;
    const Result<std::vector<SegmentFile>> files = listSegments(disk, path.substr(0, slash));
    for (const SegmentFile& file : files.ok() ? *files : std::vector<SegmentFile>{}) {
        if (segmentPath(path.substr(0, slash), file.number) == path) number = file.number;
    }
    const auto nothing = [](JournalPosition, BytesView) { return Status{}; };
    const auto found = findDamage(disk, path, number, nothing, {bytes, 0});
    if (found.ok() && !found->places.empty()) return found->places.front();
    return {0, "its content is not what was sealed"};
}

void compare(Disk& disk, const std::string& data, const std::string& name, const Entry& sealed,
             const Entries& now, std::vector<SealProblem>& problems)
{
    const std::string path = data + "/" + name;
    const auto it = now.find(name);
    if (it == now.end()) {
        problems.push_back({path, 0, Errc::kGap, "the file is missing"});
    } else if (it->second.bytes != sealed.bytes) {
        problems.push_back({path, std::min(it->second.bytes, sealed.bytes), Errc::kCorrupt,
                            "it has " + std::to_string(it->second.bytes) + " bytes and had "
                                + std::to_string(sealed.bytes) + " when the engine ended"});
    } else if (it->second.crc != sealed.crc || it->second.checked != sealed.checked) {
        const Damage damage = name.ends_with(".seg") ? placeOf(disk, path, sealed.bytes)
                                                     : Damage{0, "the checksum does not hold"};
        problems.push_back({path, damage.position, Errc::kCorrupt, damage.text});
    }
}

}  // namespace

Status writeSeal(Disk& disk, const std::string& dataDirectory)
{
    FS_TRY(const Entries entries, survey(disk, dataDirectory));
    return disk.writeWhole(sealPath(dataDirectory), encodeEntries(entries));
}

bool isSealed(Disk& disk, const std::string& dataDirectory)
{
    return disk.readWhole(sealPath(dataDirectory)).ok();
}

std::vector<SealProblem> sealProblems(Disk& disk, const std::string& dataDirectory)
{
    const std::string path = sealPath(dataDirectory);
    const Result<Bytes> bytes = disk.readWhole(path);
    if (!bytes.ok() && bytes.error().code == Errc::kNotFound) return {};
    if (!bytes.ok()) return {{path, 0, bytes.error().code, bytes.error().message}};
    const Result<Entries> sealed = decodeEntries(*bytes);
    if (!sealed.ok()) return {{path, 0, sealed.error().code, sealed.error().message}};
    const Result<Entries> now = survey(disk, dataDirectory);
    if (!now.ok()) return {{dataDirectory, 0, now.error().code, now.error().message}};
    std::vector<SealProblem> problems;
    for (const auto& [name, entry] : *sealed)
        compare(disk, dataDirectory, name, entry, *now, problems);
    for (const auto& [name, entry] : *now) {
        if (!sealed->contains(name)) {
            problems.push_back({dataDirectory + "/" + name, 0, Errc::kCorrupt,
                                "it was not there when the engine ended"});
        }
    }
    return problems;
}

Status checkSeal(Disk& disk, const std::string& dataDirectory)
{
    const std::vector<SealProblem> problems = sealProblems(disk, dataDirectory);
    if (problems.empty()) return {};
    const SealProblem& first = problems.front();
    // A file that could not be read (no permission, say) need not have changed.
    const bool changed = first.code == Errc::kCorrupt || first.code == Errc::kGap;
    if (!changed) {
        const bool named = first.text.find(first.file) != std::string::npos;
        return Error{first.code, named ? first.text : first.file + ": " + first.text};
    }
    return Error{first.code,
                 first.file + " at offset " + std::to_string(first.position) + ": " + first.text
                     + ": the directory has changed since the engine ended well: restore the file "
                       "from a copy; `foreshard verify` names every damaged file; if SEAL, which "
                       "only lists the others, is the only one, remove it"};
}

Status breakSeal(Disk& disk, const std::string& dataDirectory)
{
    FS_TRY_STATUS(checkSeal(disk, dataDirectory));
    FS_TRY_STATUS(disk.remove(sealPath(dataDirectory)));
    return disk.syncDirectory(dataDirectory);
}

}  // namespace foreshard
