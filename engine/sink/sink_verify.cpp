#include "engine/sink/sink_verify.h"

#include "engine/base/crc32c.h"
#include "engine/sink/row_text.h"
#include "engine/sink/sink_file.h"
#include "engine/wire/codec.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

namespace foreshard {
namespace {

constexpr std::size_t kStep = 4U << 20U;
// No message is longer than 64 MiB, and of a control character JSON makes six.
constexpr std::size_t kRowMax = 6U * (64U << 20U);
constexpr int kLinesOfAKeyMax = 64;  // looked through behind a row without an end
constexpr const char* kRestore = ": restore the file and its .progress from one copy";

class Verifier {
public:
    explicit Verifier(std::string path) : path_(std::move(path)) {}
    Result<SinkVerifyReport> run(Disk& disk)
    {
        // First what is said of the file, which may grow meanwhile.
        FS_TRY_STATUS(readProgress(disk));
        FS_TRY(file_, disk.open(path_, OpenMode::kRead));
        report_.bytes = file_->size();
        FS_TRY_STATUS(begin());
        while (position_ < report_.bytes)
            FS_TRY_STATUS(step());
        if (inFrame_)
            halfEnd("the last frame has only " + std::to_string(last_.i) + " of its "
                    + std::to_string(last_.of) + " rows");
        compare();
        report_.shards = newest_.size();
        return std::move(report_);
    }

private:
    void problem(Errc code, const std::string& text, bool ofLine = true)
    {
        ++report_.problemCount;
        if (report_.problems.size() == SinkVerifyReport::kProblemsMax) return;
        report_.problems.push_back({ofLine ? line_ : 0, ofLine ? position_ : 0, Error{code, text}});
    }
    Status readProgress(Disk& disk)
    {
        const std::string path = sinkProgressPath(path_);
        const Result<Bytes> bytes = disk.readWhole(path);
        if (!bytes.ok() && bytes.error().code != Errc::kNotFound) return bytes.error();
        if (!bytes.ok()) {
            problem(Errc::kGap,
                    path + " is lost: it was removed, or the file was copied without it: how much "
                           "of the file was durable is not known, and no sink goes on with it: "
                           "restore both from one copy",
                    false);
            return {};
        }
        Result<SinkProgress> progress = decodeSinkProgress(*bytes);
        if (progress.ok())
            progress_ = std::move(progress).value();
        else
            problem(Errc::kCorrupt, path + ": " + progress.error().message, false);
        return {};
    }
    // The format, and what is in front of the rows.
    Status begin()
    {
        FS_TRY_STATUS(fill(kStep));
        const BytesView header = sinkHeader(SinkFormat::kCsv);
        const bool json = window_.starts_with('{') || window_.empty();
        report_.format = progress_ ? progress_->format
                         : json    ? SinkFormat::kJsonl
                                   : SinkFormat::kCsv;
        if (report_.format == SinkFormat::kJsonl || window_.empty()) return {};
        if (BytesView(window_).starts_with(header)) {
            take(header.size());
            return {};
        }
        problem(Errc::kCorrupt, std::string("the header was changed") + kRestore);
        take(std::min(window_.find('\n'), window_.size() - 1) + 1);
        return {};
    }
    // At least `wanted` bytes from here on, or all there are.
    Status fill(std::size_t wanted)
    {
        if (window_.size() - used_ >= wanted) return {};
        window_.erase(0, used_);
        used_ = 0;
        const std::uint64_t at = position_ + window_.size();
        const std::uint64_t left = report_.bytes - at;
        const auto length = static_cast<std::size_t>(
            std::min<std::uint64_t>(left, std::max(wanted, kStep) - window_.size()));
        if (length == 0) return {};
        FS_TRY(const Bytes more, file_->read(at, length));
        window_ += more;
        return {};
    }
    BytesView rest() const { return BytesView(window_).substr(used_); }
    void take(std::size_t bytes)
    {
        const BytesView taken = rest().substr(0, bytes);
        line_ += static_cast<std::uint64_t>(std::count(taken.begin(), taken.end(), '\n'));
        used_ += bytes;
        position_ += bytes;
    }
    // One row, or one line that is none.
    Status step()
    {
        if (rest().empty()) FS_TRY_STATUS(fill(kStep));
        if (rest().empty()) {
            problem(Errc::kGap, "the file was cut while it was read: check it again");
            position_ = report_.bytes;
            return {};
        }
        Result<SinkRow> row = readRow(report_.format, rest());
        for (std::size_t size = 2 * kStep; !row.ok() && row.error().code == Errc::kGap; size *= 2) {
            const bool more = position_ + rest().size() < report_.bytes && size <= kRowMax;
            if (!more) break;
            FS_TRY_STATUS(fill(size));
            row = readRow(report_.format, rest());
        }
        if (row.ok()) {
            follow(*row);
            take(row->bytes);
            return {};
        }
        unsound(row.error().code == Errc::kGap);
        return {};
    }
    void unsound(bool open)
    {
        const std::size_t end = rest().find('\n');
        const bool last = end == BytesView::npos;
        if (open && (last || !soundBehind(end + 1)) && !durableHere()) {
            halfEnd("the last row has no end");
            take(rest().size());
        } else {
            problem(Errc::kCorrupt,
                    std::string("this is no row as it was written, its checksum or its words are "
                                "wrong: it was edited or damaged")
                        + kRestore);
            take(last ? rest().size() : end + 1);
        }
        inFrame_ = false;
        resync_ = true;
    }
    // Does a row begin at one of the next lines? In csv a key may have some of its own.
    bool soundBehind(std::size_t at) const
    {
        for (int lines = 0; lines < kLinesOfAKeyMax && at != 0; ++lines) {
            if (readRow(report_.format, rest().substr(at)).ok()) return true;
            at = rest().find('\n', at) + 1;
        }
        return false;
    }
    bool cut() const { return progress_ && report_.bytes < progress_->bytes; }
    bool durableHere() const { return progress_ && !cut() && position_ < progress_->bytes; }
    void halfEnd(const std::string& what)
    {
        inFrame_ = false;
        if (progress_ && report_.bytes == progress_->bytes) {
            // What was durable is whole: a half frame cannot lie before.
            problem(Errc::kCorrupt,
                    what + " though it was durable: the file was changed" + kRestore);
            return;
        }
        problem(Errc::kGap, what
                                + ": the sink was killed or still writes: start it again, it cuts "
                                  "this off and the engine sends it anew; leave these lines out "
                                  "until then");
    }
    void follow(const SinkRow& row)
    {
        const FrameNo newest = newest_[row.shard];
        const bool begins = row.i == 1;
        const bool fits = inFrame_ ? row.shard == last_.shard && row.n == last_.n
                                         && row.of == last_.of && row.i == last_.i + 1
                                   : begins && row.n > newest;
        if (!fits && !resync_) {
            problem(Errc::kCorrupt, "a sound row that does not follow the one before (shard "
                                        + std::to_string(row.shard.value) + ", n "
                                        + std::to_string(row.n) + ", " + std::to_string(row.i)
                                        + " of " + std::to_string(row.of)
                                        + "): rows were removed, doubled or put in" + kRestore);
        }
        ++report_.rows;
        resync_ = resync_ && row.i != row.of;
        inFrame_ = row.i != row.of;
        last_ = row;
        newest_[row.shard] = std::max(newest, row.n);
        if (inFrame_) return;
        ++report_.frames;
        if (!progress_ || position_ + row.bytes > progress_->bytes) return;
        durable_[row.shard] = newest_[row.shard];
    }
    // The file against what is written down of it.
    void compare()
    {
        if (!progress_) return;
        if (report_.bytes < progress_->bytes) {
            problem(Errc::kGap,
                    "the file has " + std::to_string(report_.bytes) + " bytes where "
                        + std::to_string(progress_->bytes) + " were durable: it was cut or replaced"
                        + kRestore,
                    false);
            return;
        }
        const Result<std::uint32_t> crc = sinkTailCrc(*file_, progress_->bytes);
        if (progress_->bytes > 0 && (!crc.ok() || *crc != progress_->tailCrc)) {
            problem(Errc::kCorrupt,
                    "the rows before offset " + std::to_string(progress_->bytes)
                        + " are not those that were durable: the file was changed" + kRestore,
                    false);
        }
        for (const SinkShard& shard : progress_->shards) {
            const auto it = durable_.find(shard.shard);
            const FrameNo durableN = it == durable_.end() ? 0 : it->second;
            if (durableN == shard.n) continue;
            problem(Errc::kGap,
                    nameOf(shard.shard) + " ends with frame " + std::to_string(durableN)
                        + " where frame " + std::to_string(shard.n)
                        + " was durable: rows were removed" + kRestore,
                    false);
        }
    }

    std::unique_ptr<File> file_;
    std::string path_;
    SinkVerifyReport report_;
    std::optional<SinkProgress> progress_;
    Bytes window_;
    std::size_t used_ = 0;        // of window_
    std::uint64_t position_ = 0;  // in the file
    std::uint64_t line_ = 1;
    SinkRow last_;
    bool inFrame_ = false;  // rows of last_'s frame are to come
    bool resync_ = false;   // something unsound was here: order counts from the next frame on
    std::map<ShardId, FrameNo> newest_, durable_;
};

}  // namespace

Result<SinkVerifyReport> verifySinkFile(Disk& disk, const std::string& path)
{
    return Verifier(path).run(disk);
}

}  // namespace foreshard
