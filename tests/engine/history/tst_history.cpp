#include "engine/env/real/strand_thread.h"
#include "engine/history/history_driver.h"
#include "engine/history/history_reader.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <future>

using namespace foreshard;

namespace {

HistoryEvent made(const std::string& text, WallMillis wallMs = 1000)
{
    HistoryEvent out;
    out.wallMs = wallMs;
    out.kind = "engine";
    out.text = text;
    return out;
}

CheckpointInfo checkpoint(std::uint64_t id)
{
    CheckpointInfo info;
    info.id = CheckpointId{id};
    info.shard = ShardId{3};
    info.epoch = Epoch{2};
    info.n = 70 + id;
    info.offset = 900;
    info.kind = CheckpointKind::kDelta;
    info.base = CheckpointId{id - 1};
    info.node = NodeId{1};
    info.file = "checkpoint/1/000000000002.seg";
    info.wallMs = 5000;
    info.reason = "interval \"quoted\"";
    return info;
}

ClusterSnapshot sample(WallMillis wallMs)
{
    ClusterSnapshot snapshot;
    snapshot.wallMs = wallMs;
    snapshot.shards.resize(64);
    snapshot.nodes.resize(4);
    return snapshot;
}

}  // namespace

class HistoryTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { folder_ = std::make_unique<QTemporaryDir>(); }
    void cleanup() { folder_.reset(); }

    void entries_readBack_withEveryMember()
    {
        const auto store = HistoryStore::open(path(), 8U << 20U);
        QVERIFY(store.ok());
        RecoverySnapshot recovery;
        recovery.shard = ShardId{3};
        recovery.cause = "node killed";
        recovery.totalMs = 77;
        MoveSnapshot move;
        move.plan = PlanId{4};
        move.from = NodeId{1};
        move.phase = "done";
        QVERIFY((*store)->write({made("first"), checkpoint(9), recovery, move}, {}).ok());
        const auto rows = read({});
        QCOMPARE(rows.size(), std::size_t{4});
        const auto checkpoints = read({"checkpoint"});
        QCOMPARE(checkpoints.size(), std::size_t{1});
        const auto info = checkpointOf(checkpoints[0]);
        QVERIFY(info.ok());
        QCOMPARE(info->n, checkpoint(9).n);
        QCOMPARE(info->base, CheckpointId{8});
        QVERIFY(info->kind == CheckpointKind::kDelta);
        QCOMPARE(info->reason, checkpoint(9).reason);
        QCOMPARE(recoveryOf(read({"recovery"})[0])->totalMs, std::int64_t{77});
        QCOMPARE(moveOf(read({"move"})[0])->from, NodeId{1});
        QVERIFY(!checkpointOf(read({"engine"})[0]).ok());
    }

    void read_bySinceAndLimit_givesTheNewest_oldestFirst()
    {
        const auto store = HistoryStore::open(path(), 8U << 20U);
        std::vector<HistoryEntry> entries;
        for (int i = 0; i < 50; ++i)
            entries.emplace_back(made(std::to_string(i), 1000 + i));
        QVERIFY((*store)->write(entries, {sample(1)}).ok());
        const auto rows = read({"", 1010, 5});
        QCOMPARE(rows.size(), std::size_t{5});
        QCOMPARE(rows.front().event.text, std::string("45"));
        QCOMPARE(rows.back().event.text, std::string("49"));
        QCOMPARE(read({"", 1049}).size(), std::size_t{1});
        QCOMPARE(read({"sample"}).size(), std::size_t{64 + 4 + 1});
    }

    void size_staysBelowItsBound_andEventsOutliveSamples()
    {
        constexpr std::uint64_t kMax = 2U << 20U;
        const auto store = HistoryStore::open(path(), kMax);
        QVERIFY((*store)->write({made("the first event")}, {}).ok());
        qint64 most = 0;
        for (int i = 0; i < 400; ++i) {
            std::vector<HistoryEntry> entries;
            for (std::uint64_t k = 1; k <= 20; ++k)
                entries.emplace_back(checkpoint(k));
            const Status status = (*store)->write(entries, {sample(i), sample(i)});
            QVERIFY2(status.ok(), status.ok() ? "" : status.error().message.c_str());
            most = std::max(most, bytesOnDisk());
        }
        QVERIFY2(most <= static_cast<qint64>(kMax), qPrintable(QString::number(most)));
        QVERIFY2(most > static_cast<qint64>(kMax / 3), qPrintable(QString::number(most)));
        QCOMPARE(read({"engine"}).front().event.text, std::string("the first event"));
        const auto samples = read({"sample", 0, 1});
        QCOMPARE(samples.front().event.wallMs, WallMillis{399});
    }

    void fileThatCannotBeUsed_isSetAsideAndSaid_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("rubbish") << QByteArray(20'000, 'x');
        QTest::newRow("damaged") << QByteArray();
    }

    void fileThatCannotBeUsed_isSetAsideAndSaid()
    {
        QFETCH(QByteArray, content);
        if (content.isEmpty()) {
            std::vector<HistoryEntry> entries(500, made(std::string(200, 'e')));
            QVERIFY((*HistoryStore::open(path(), 8U << 20U))->write(entries, {}).ok());
            QFile whole(QString::fromStdString(path()));
            QVERIFY(whole.open(QIODevice::ReadOnly));
            content = whole.readAll();
            for (qsizetype at = 4096; at + 600 < content.size(); at += 4096)
                content.replace(at, 600, QByteArray(600, '\x7f'));
        }
        QFile file(QString::fromStdString(path()));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(content) == content.size());
        file.close();
        QStringList said;
        {
            StrandThread strand("history");
            const auto driver = start(strand, said);
            driver->record(made("after"));
            strand.stop();
        }
        QCOMPARE(said.size(), 1);
        QVERIFY2(said[0].contains(QStringLiteral("history.sqlite.set-aside-1")),
                 qPrintable(said[0]));
        QFile kept(QString::fromStdString(path()) + QStringLiteral(".set-aside-1"));
        QVERIFY(kept.open(QIODevice::ReadOnly));
        QCOMPARE(kept.readAll(), content);
        QCOMPARE(read({}).size(), std::size_t{1});
    }

    void strandThatStandsStill_losesSamplesFirst_andSaysSo()
    {
        QStringList said;
        {
            StrandThread strand("history");
            const auto driver = start(strand, said);
            std::promise<void> go;
            std::promise<void> stands;
            strand.post([&stands, waits = go.get_future().share()] {
                stands.set_value();
                waits.wait();
            });
            stands.get_future().wait();
            for (std::uint64_t i = 0; i < HistoryDriver::kSamplesMax + 7; ++i)
                driver->sample(std::make_shared<ClusterSnapshot>());
            for (int i = 0; i < 1000; ++i)
                driver->record(made("kept"));
            QCOMPARE(driver->lostSamples(), std::uint64_t{7});
            QCOMPARE(driver->lostEntries(), std::uint64_t{0});
            go.set_value();
            strand.stop();
        }
        QCOMPARE(read({"engine"}).size(), std::size_t{1000});
        const auto told = read({"history"});
        QCOMPARE(told.size(), std::size_t{1});
        QVERIFY(told[0].event.text.find("7 samples were not recorded") != std::string::npos);
    }

    void samples_readBack_areThoseOfTheNewestMinutes()
    {
        std::vector<ClusterSnapshot> written;
        for (const WallMillis wallMs : {1'000, 700'000, 701'000}) {
            ClusterSnapshot one = sample(wallMs);
            for (std::uint32_t i = 0; i < 64; ++i) {
                one.shards[i].id = ShardId{i};
                one.shards[i].node = NodeId{i % 4};
                one.shards[i].actual = 2;
                one.shards[i].predicted = 3;
                one.shards[i].intervalMs = 500;
                one.shards[i].bufferedBytes = i;
            }
            for (std::uint32_t i = 0; i < 4; ++i)
                one.nodes[i].id = NodeId{i};
            one.nodes[3].cpu = 77;
            one.recordsPerSecond = 12.4;
            one.latency.p99 = 900;
            written.push_back(one);
        }
        {
            auto store = HistoryStore::open(path(), HistoryStore::kBytesMin);
            QVERIFY(store.ok());
            QVERIFY((*store)->write({}, written).ok());
        }
        const auto reader = HistoryReader::open(path());
        QVERIFY(reader.ok());
        const auto found = (*reader)->samples(0, 600'000);
        QVERIFY(found.ok());
        QCOMPARE(found->size(), std::size_t{2});
        const ClusterSnapshot& last = found->back();
        QCOMPARE(last.wallMs, WallMillis{701'000});
        QCOMPARE(last.recordsPerSecond, 12.0);
        QCOMPARE(last.latency.p99, std::int64_t{900});
        QCOMPARE(last.shards.size(), std::size_t{64});
        QCOMPARE(last.shards[63].id, ShardId{63});
        QCOMPARE(last.shards[63].intervalMs, 500U);
        QCOMPARE(last.shards[63].bufferedBytes, std::uint64_t{63});
        QCOMPARE(last.nodes[3].cpu, 77);
        QCOMPARE(last.nodes[3].load, 32);
        QCOMPARE(last.nodes[3].predicted, 48);
        const auto newer = (*reader)->samples(700'000, 600'000);
        QVERIFY(newer.ok());
        QCOMPARE(newer->size(), std::size_t{1});
    }

    void reading_withoutAWriter_leavesNothingBeside()
    {
        const QString odd = folder_->filePath(QStringLiteral("a ?b#c%20\u00E4"));
        QVERIFY(QDir().mkpath(odd));
        const std::string file = historyPath(odd.toStdString());
        {
            auto store = HistoryStore::open(file, HistoryStore::kBytesMin);
            QVERIFY(store.ok());
            QVERIFY((*store)->write({made("kept")}, {}).ok());
            // Beside a writer it reads what is in the log only.
            const auto reader = HistoryReader::open(file);
            QVERIFY(reader.ok());
            QCOMPARE((*reader)->read({}).value().size(), std::size_t{1});
        }
        const QStringList before = QDir(odd).entryList(QDir::Files);
        QCOMPARE(before, QStringList{QStringLiteral("history.sqlite")});
        {
            const auto reader = HistoryReader::open(file);
            QVERIFY(reader.ok());
            QCOMPARE((*reader)->read({}).value().size(), std::size_t{1});
        }
        QCOMPARE(QDir(odd).entryList(QDir::Files), before);
    }

    void folderThatIsGone_isSaid_andHarmsNobody()
    {
        QStringList said;
        StrandThread strand("history");
        const auto driver = start(strand, said, folder_->filePath(QStringLiteral("none")));
        driver->record(made("lost"));
        strand.stop();
        QCOMPARE(said.size(), 1);
    }

private:
    std::string path() const { return historyPath(folder_->path().toStdString()); }
    std::vector<HistoryRow> read(const HistoryQuery& query) const
    {
        const auto reader = HistoryReader::open(path());
        if (!reader.ok()) return {};
        auto rows = (*reader)->read(query);
        return rows.ok() ? *rows : std::vector<HistoryRow>{};
    }
    qint64 bytesOnDisk() const
    {
        qint64 bytes = 0;
        for (const QFileInfo& file : QDir(folder_->path()).entryInfoList(QDir::Files))
            bytes += file.size();
        return bytes;
    }
    // Made on its strand; goes after the strand has stopped.
    std::unique_ptr<HistoryDriver> start(StrandThread& strand, QStringList& said,
                                         const QString& folder = {}) const
    {
        HistoryDriver::Options options;
        options.dataDirectory = (folder.isEmpty() ? folder_->path() : folder).toStdString();
        options.trouble = [&said](const std::string& text) {
            said << QString::fromStdString(text);
        };
        auto driver = std::make_unique<HistoryDriver>(strand, options);
        strand.post([&driver = *driver] { driver.start(); });
        return driver;
    }

    std::unique_ptr<QTemporaryDir> folder_;
};

QTEST_GUILESS_MAIN(HistoryTest)
#include "tst_history.moc"
