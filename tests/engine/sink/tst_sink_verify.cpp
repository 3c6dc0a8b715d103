#include "engine/env/real/posix_disk.h"
#include "engine/model/output.h"
#include "engine/sink/row_text.h"
#include "engine/sink/sink_file.h"
#include "engine/sink/sink_verify.h"
#include "engine/wire/codec.h"
#include "engine/wire/output_codec.h"

#include <QTemporaryDir>
#include <QtTest>

#include <memory>

using namespace foreshard;

namespace {

// As a file that is cut behind the moment it was opened.
class CutFile final : public File {
public:
    CutFile(std::unique_ptr<File> file, std::uint64_t cut) : file_(std::move(file)), cut_(cut) {}
    const std::string& path() const override { return file_->path(); }
    std::uint64_t size() const override { return file_->size() + cut_; }
    Result<Bytes> read(std::uint64_t position, std::size_t length) const override
    {
        return file_->read(position, length);
    }
    void append(Bytes, bool, Strand&, Done) override { FS_CHECK(false); }
    Status truncate(std::uint64_t) override { return Error{Errc::kReadOnly, "only read"}; }

private:
    std::unique_ptr<File> file_;
    std::uint64_t cut_;
};

class CuttingDisk final : public Disk {
public:
    explicit CuttingDisk(Disk& disk) : disk_(disk) {}
    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override
    {
        FS_TRY(std::unique_ptr<File> file, disk_.open(path, mode));
        return std::unique_ptr<File>(std::make_unique<CutFile>(std::move(file), 1000));
    }
    Result<Bytes> readWhole(const std::string& path) override { return disk_.readWhole(path); }
    Result<std::unique_ptr<Input>> openInput(const std::string&) override { return kNever; }
    Result<std::vector<std::string>> list(const std::string&) override { return kNever; }
    Status createDirectories(const std::string&) override { return kNever; }
    Status remove(const std::string&) override { return kNever; }
    Status writeWhole(const std::string&, BytesView) override { return kNever; }
    Status syncDirectory(const std::string&) override { return kNever; }
    Result<std::shared_ptr<void>> lock(const std::string&) override { return kNever; }
    Result<std::uint64_t> freeBytes(const std::string&) override { return kNever; }

private:
    inline static const Error kNever{Errc::kUnsupported, "not asked for here"};
    Disk& disk_;
};

}  // namespace

class SinkVerifyTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { folder_ = std::make_unique<QTemporaryDir>(); }
    void soundFile_hasNoProblem_data() { formats(); }
    void soundFile_hasNoProblem();
    void everyChangedByte_isNamed_data() { formats(); }
    void everyChangedByte_isNamed();
    void editedOldRow_isNamedByItsLine();
    void removedDoubledOrSwappedRow_isNamed();
    void halfRowAtTheEnd_isAGap_andNamed_data() { formats(); }
    void halfRowAtTheEnd_isAGap_andNamed();
    void halfFrameAtTheEnd_isAGap();
    void cutFile_isAGap();
    void fileThatIsCutWhileItIsRead_isNamedAndTheCheckEnds();
    void lostProgress_isNamed_andRowsAreCheckedStill();
    void fileOfManyWindows_isSound();

private:
    static void formats()
    {
        QTest::addColumn<int>("format");
        QTest::newRow("jsonl") << 0;
        QTest::newRow("csv") << 1;
    }
    std::string path() const { return folder_->filePath(QStringLiteral("rows")).toStdString(); }
    static Bytes frame(SinkFormat format, std::uint32_t shard, FrameNo n, const Bytes& key)
    {
        OutputPacker packer;
        packer.add({n * 10, key, n, 0.1, -1.5, 2});
        packer.add({n * 10 + 1, "comma, \"quote\"\nline", n, 1e300, 0, 1e300});
        OutputBatch batch;
        batch.shard = ShardId{shard};
        batch.n = n;
        batch.rows = packer.count();
        batch.packed = packer.take();
        return rowsText(format, batch).value();
    }
    static Bytes frames(SinkFormat format, FrameNo count)
    {
        Bytes text(sinkHeader(format));
        for (FrameNo n = 1; n <= count; ++n)
            text += frame(format, static_cast<std::uint32_t>(n % 3), n, "key");
        return text;
    }
    void write(const Bytes& text) { QVERIFY(disk_.writeWhole(path(), text).ok()); }
    // As a sink would have noted it after `frameCount` frames.
    void note(SinkFormat format, FrameNo frameCount)
    {
        SinkProgress progress;
        progress.stream = 7;
        progress.format = format;
        progress.bytes = frames(format, frameCount).size();
        const auto file = disk_.open(path(), OpenMode::kRead);
        QVERIFY(file.ok());
        progress.tailCrc = sinkTailCrc(**file, progress.bytes).value();
        for (FrameNo n = frameCount > 3 ? frameCount - 2 : 1; n <= frameCount; ++n)
            progress.shards.push_back({ShardId{static_cast<std::uint32_t>(n % 3)}, Epoch{1}, n});
        QVERIFY(disk_.writeWhole(sinkProgressPath(path()), encodeSinkProgress(progress)).ok());
    }
    SinkVerifyReport verified()
    {
        Result<SinkVerifyReport> report = verifySinkFile(disk_, path());
        return report.ok() ? *report : SinkVerifyReport{};
    }
    static Errc codeOf(const SinkVerifyReport& report)
    {
        return report.problems.empty() ? Errc::kBusy : report.problems.front().error.code;
    }

    PosixDisk disk_;
    std::unique_ptr<QTemporaryDir> folder_;
};

void SinkVerifyTest::soundFile_hasNoProblem()
{
    QFETCH(const int, format);
    const auto of = static_cast<SinkFormat>(format);
    write(frames(of, 20));
    note(of, 15);
    const SinkVerifyReport report = verified();
    QVERIFY2(report.problemCount == 0,
             report.problems.empty() ? "" : report.problems[0].error.message.c_str());
    QCOMPARE(report.rows, 40U);
    QCOMPARE(report.frames, 20U);
    QCOMPARE(report.shards, 3U);
}

void SinkVerifyTest::everyChangedByte_isNamed()
{
    QFETCH(const int, format);
    const auto of = static_cast<SinkFormat>(format);
    const Bytes sound = frames(of, 6);
    write(sound);
    note(of, 5);
    for (std::size_t i = 0; i < sound.size(); i += 3) {
        for (const char change : {'"', '\n', 'x'}) {
            Bytes text = sound;
            if (text[i] == change) continue;
            text[i] = change;
            write(text);
            QVERIFY2(verified().problemCount > 0, std::to_string(i).c_str());
        }
    }
}

void SinkVerifyTest::editedOldRow_isNamedByItsLine()
{
    Bytes text = frames(SinkFormat::kJsonl, 2000);
    write(text);
    note(SinkFormat::kJsonl, 2000);
    const std::size_t at = text.find("\"n\":5,");
    text[text.find("\"sum\":0.1", at) + 6] = '7';
    write(text);
    const SinkVerifyReport report = verified();
    QCOMPARE(report.problemCount, 1U);
    QCOMPARE(report.problems[0].line, 9U);  // two rows a frame
    QCOMPARE(report.problems[0].offset, text.rfind('\n', at) + 1);
    QVERIFY(report.problems[0].error.code == Errc::kCorrupt);
    QCOMPARE(report.rows, 3999U);
}

void SinkVerifyTest::removedDoubledOrSwappedRow_isNamed()
{
    const SinkFormat of = SinkFormat::kJsonl;
    const Bytes a = frame(of, 1, 1, "a"), b = frame(of, 1, 2, "b");
    const std::size_t row = a.find('\n') + 1;
    for (const Bytes& text : {a.substr(row) + b, a.substr(0, row) + b, a + a, b + a,
                              a.substr(0, row) + a, a + b.substr(0, row) + frame(of, 2, 1, "c")}) {
        write(text);
        note(of, 0);
        QVERIFY2(verified().problemCount > 0, text.c_str());
        QVERIFY(codeOf(verified()) == Errc::kCorrupt);
    }
}

void SinkVerifyTest::halfRowAtTheEnd_isAGap_andNamed()
{
    QFETCH(const int, format);
    const auto of = static_cast<SinkFormat>(format);
    const Bytes whole = frames(of, 6), sound = frames(of, 5);
    for (std::size_t size = sound.size() + 1; size < whole.size(); ++size) {
        write(whole.substr(0, size));
        note(of, 5);
        const SinkVerifyReport report = verified();
        QCOMPARE(report.problemCount, 1U);
        QVERIFY2(codeOf(report) == Errc::kGap, report.problems[0].error.message.c_str());
        QVERIFY(report.problems[0].line > 10);
    }
}

void SinkVerifyTest::halfFrameAtTheEnd_isAGap()
{
    const Bytes whole = frame(SinkFormat::kJsonl, 0, 6, "key");
    const Bytes sound = frames(SinkFormat::kJsonl, 5);
    write(sound + whole.substr(0, whole.find('\n') + 1));
    note(SinkFormat::kJsonl, 5);
    QVERIFY(codeOf(verified()) == Errc::kGap);
    QVERIFY(verified().problems[0].error.message.find("1 of its 2 rows") != std::string::npos);
}

void SinkVerifyTest::cutFile_isAGap()
{
    write(frames(SinkFormat::kJsonl, 20));
    note(SinkFormat::kJsonl, 20);
    write(frames(SinkFormat::kJsonl, 12));
    const SinkVerifyReport report = verified();
    QVERIFY(codeOf(report) == Errc::kGap);
    QVERIFY(report.problems[0].error.message.find("it was cut") != std::string::npos);
}

void SinkVerifyTest::fileThatIsCutWhileItIsRead_isNamedAndTheCheckEnds()
{
    write(frames(SinkFormat::kJsonl, 20));
    note(SinkFormat::kJsonl, 15);
    CuttingDisk disk(disk_);
    const Result<SinkVerifyReport> report = verifySinkFile(disk, path());
    QVERIFY(report.ok());
    QCOMPARE(report->rows, 40U);
    QCOMPARE(report->problemCount, 1U);
    QVERIFY(codeOf(*report) == Errc::kGap);
}

void SinkVerifyTest::lostProgress_isNamed_andRowsAreCheckedStill()
{
    Bytes text = frames(SinkFormat::kCsv, 20);
    write(text);
    SinkVerifyReport report = verified();
    QCOMPARE(report.problemCount, 1U);
    QVERIFY(codeOf(report) == Errc::kGap);
    QVERIFY(report.problems[0].error.message.find(".progress is lost") != std::string::npos);
    QCOMPARE(report.rows, 40U);
    text[200] ^= 1;
    write(text);
    report = verified();
    QVERIFY(report.problemCount >= 2);
    QVERIFY(report.problems[1].error.code == Errc::kCorrupt);
}

void SinkVerifyTest::fileOfManyWindows_isSound()
{
    Bytes text;
    for (FrameNo n = 1; n <= 40; ++n)
        text += frame(SinkFormat::kJsonl, 0, n, Bytes(400'000, 'k'));
    text += frame(SinkFormat::kJsonl, 0, 41, Bytes(9U << 20U, 'k'));
    write(text);
    note(SinkFormat::kJsonl, 0);
    QCOMPARE(verified().problemCount, 0U);
    QCOMPARE(verified().rows, 82U);
}

QTEST_APPLESS_MAIN(SinkVerifyTest)
#include "tst_sink_verify.moc"
