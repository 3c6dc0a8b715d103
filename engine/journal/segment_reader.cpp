#include "engine/journal/segment_reader.h"

#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"
#include "engine/wire/little_endian.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>

namespace foreshard {
namespace {

constexpr std::string_view kSuffix = ".seg";
constexpr std::size_t kDigits = 12;

bool parseSegmentName(const std::string& name, std::uint64_t& number)
{
    if (name.size() != kDigits + kSuffix.size() || !name.ends_with(kSuffix)) return false;
    const auto [end, error] = std::from_chars(name.data(), name.data() + kDigits, number);
    return error == std::errc{} && end == name.data() + kDigits;
}

Error otherFile(const std::string& path, const std::string& what)
{
    return Error{Errc::kCorrupt, path + " " + what
                                     + ": files were swapped or mixed: restore the data directory "
                                       "from one copy"};
}

// Walks over one segment in memory.
class Walk {
public:
    Walk(const std::string& path, std::uint64_t segment, BytesView data, const SegmentProof& proof)
        : path_(path), segment_(segment), data_(data), proof_(proof)
    {
    }

    // Checks the segment's header. When it fails, no other method may be called.
    Status begin()
    {
        const Result<SegmentHeader> header = decodeSegmentHeader(data_);
        if (!header.ok()) {
            if (header.error().code == Errc::kUnsupported)
                return Error{Errc::kUnsupported, path_ + ": " + header.error().message};
            return damagedSegment(path_, 0, header.error().message);
        }
        const std::string wanted = journalName(path_.substr(0, path_.rfind('/')));
        if (header->journal != wanted || header->segment != segment_) {
            return otherFile(path_, "holds segment " + std::to_string(header->segment) + " of "
                                        + header->journal + ", not segment "
                                        + std::to_string(segment_) + " of " + wanted);
        }
        if (proof_.salt != 0 && proof_.salt != header->salt)
            return otherFile(path_, "is not the file that the next segment was written behind");
        salt_ = header->salt;
        at_ = kSegmentHeaderBytes;
        return {};
    }
    bool more() const { return at_ < data_.size(); }
    std::uint64_t at() const { return at_; }
    ScanEnd end(bool torn) const { return {at_, torn, salt_, durableBatch_}; }
    BytesView record() const { return data_.substr(at_, size_); }

    enum class Kind : std::uint8_t {
        kRecord,
        kMark,
        kBroken
    };
    // Judges the record at at().
    Kind look()
    {
        const Result<EnvelopeView> envelope = openEnvelope(data_.substr(at_));
        if (!envelope.ok()) {
            cause_ = envelope.error().message;
            return Kind::kBroken;
        }
        size_ = envelope->size;
        if (envelope->type != static_cast<std::uint16_t>(WireType::kSegmentMark))
            return Kind::kRecord;
        if (const auto mark = markAt(at_)) {
            durableBatch_ = std::max(durableBatch_, mark->durableBatch);
            return Kind::kMark;
        }
        cause_ = "the bytes here belong to another place or file";
        return Kind::kBroken;
    }
    void next() { at_ += size_; }
    const std::string& cause() const { return cause_; }

    // Whether something proves that the broken record at at() was durable once.
    bool proven() const
    {
        if (proof_.bytes > at_) return true;
        for (std::uint64_t at = at_ + 8; at + kMarkBytes <= data_.size(); at += 8) {
            const auto mark = markAt(at);
            if (mark && mark->durable > at_) return true;
        }
        return false;
    }
    // Moves at() behind a broken record: to the next mark, or to the end.
    void resync()
    {
        for (at_ += 8; at_ + kMarkBytes <= data_.size(); at_ += 8) {
            if (markAt(at_)) return;
        }
        at_ = data_.size();
    }
    // REQUIRES: at() is at the end. Has the file the length that the next segment's header names?
    Status checkLength() const
    {
        if (proof_.bytes == 0 || data_.size() == proof_.bytes) return {};
        const std::uint64_t place = std::min<std::uint64_t>(data_.size(), proof_.bytes);
        return damagedSegment(path_, place,
                              "it has " + std::to_string(data_.size()) + " bytes and had "
                                  + std::to_string(proof_.bytes));
    }

private:
    std::optional<SegmentMark> markAt(std::uint64_t at) const
    {
        const BytesView rest = data_.substr(at);
        if (loadNumber<std::uint32_t>(rest.data()) != kEnvelopeMagic) return std::nullopt;
        const Result<SegmentMark> mark = decodeMark(rest);
        if (!mark.ok() || mark->position != at || mark->salt != salt_) return std::nullopt;
        return *mark;
    }

    const std::string& path_;
    std::uint64_t segment_;
    BytesView data_;
    SegmentProof proof_;
    std::uint64_t salt_ = 0;
    std::uint64_t durableBatch_ = 0;
    std::uint64_t at_ = 0;
    std::size_t size_ = 0;
    std::string cause_;
};

}  // namespace

std::string segmentPath(const std::string& directory, std::uint64_t segment)
{
    char name[32];
    std::snprintf(name, sizeof name, "%012llu.seg", static_cast<unsigned long long>(segment));
    return directory + "/" + name;
}

Error damagedSegment(const std::string& path, std::uint64_t position, const std::string& cause)
{
    return Error{Errc::kCorrupt, path + " is damaged at offset " + std::to_string(position) + " ("
                                     + cause
                                     + "): the disk or another program changed it: restore the "
                                       "file from a copy; `foreshard verify` names every damaged "
                                       "file"};
}

Result<std::vector<SegmentFile>> listSegments(Disk& disk, const std::string& directory)
{
    FS_TRY(const std::vector<std::string> names, disk.list(directory));
    std::vector<SegmentFile> segments;
    for (const std::string& name : names) {
        SegmentFile segment;
        if (parseSegmentName(name, segment.number)) segments.push_back(segment);
    }
    std::sort(segments.begin(), segments.end(),
              [](const SegmentFile& a, const SegmentFile& b) { return a.number < b.number; });
    std::vector<SegmentFile> found;
    for (SegmentFile& segment : segments) {
        const auto file = disk.open(segmentPath(directory, segment.number), OpenMode::kRead);
        // The file was removed after the folder was listed: control removes checkpoint files while
        // nodes start.
        if (!file.ok() && file.error().code == Errc::kNotFound) continue;
        if (!file.ok()) return file.error();
        segment.bytes = (*file)->size();
        if (!found.empty() && found.back().number + 1 == segment.number) {
            FS_TRY(const Bytes head, (*file)->read(0, kSegmentHeaderBytes));
            const Result<SegmentHeader> header = decodeSegmentHeader(head);
            // A damaged header is reported when that segment itself is read.
            if (header.ok()) found.back().proof = {header->previousBytes, header->previousSalt};
        }
        found.push_back(segment);
    }
    return found;
}

Result<ScanEnd> scanSegment(Disk& disk, const std::string& path, std::uint64_t segment,
                            const RecordVisitor& visit, const SegmentProof& proof)
{
    FS_TRY(const Bytes data, disk.readWhole(path));
    Walk walk(path, segment, data, proof);
    FS_TRY_STATUS(walk.begin());
    while (walk.more()) {
        switch (walk.look()) {
            case Walk::Kind::kBroken:
                if (walk.proven()) return damagedSegment(path, walk.at(), walk.cause());
                return walk.end(true);
            case Walk::Kind::kRecord:
                FS_TRY_STATUS(visit({segment, walk.at()}, walk.record()));
                break;
            case Walk::Kind::kMark:
                break;
        }
        walk.next();
    }
    FS_TRY_STATUS(walk.checkLength());
    return walk.end(false);
}

Result<DamageFound> findDamage(Disk& disk, const std::string& path, std::uint64_t segment,
                               const RecordVisitor& visit, const SegmentProof& proof)
{
    FS_TRY(const Bytes data, disk.readWhole(path));
    DamageFound found;
    Walk walk(path, segment, data, proof);
    if (const Status status = walk.begin(); !status.ok()) {
        found.places.push_back({0, status.error().message});
        return found;
    }
    while (walk.more()) {
        switch (walk.look()) {
            case Walk::Kind::kBroken:
                if (!walk.proven()) {
                    found.end = walk.end(true);
                    return found;
                }
                found.places.push_back({walk.at(), walk.cause()});
                walk.resync();
                continue;
            case Walk::Kind::kRecord:
                FS_TRY_STATUS(visit({segment, walk.at()}, walk.record()));
                break;
            case Walk::Kind::kMark:
                break;
        }
        walk.next();
    }
    found.end = walk.end(false);
    if (const Status status = walk.checkLength(); !status.ok() && found.places.empty()) {
        const std::uint64_t place = std::min<std::uint64_t>(data.size(), proof.bytes);
        found.places.push_back({place, status.error().message});
    }
    return found;
}

}  // namespace foreshard
