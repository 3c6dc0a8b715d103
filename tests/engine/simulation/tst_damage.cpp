// Every byte of every file of a small data directory flipped, every file cut at every length: never
// a crash, never a wrong answer, and `verify` names the file.
#include "engine/archive/archive.h"
#include "engine/archive/results.h"
#include "engine/archive/verify.h"
#include "engine/base/result.h"
#include "engine/env/sim/world.h"
#include "engine/journal/clean_seal.h"
#include "engine/simulation/sim_engine.h"
#include "engine/wire/codec.h"

#include <QtTest>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

using namespace foreshard;
using namespace foreshard::sim;

namespace {

const std::string kData = "data";
const std::string kInput = "input.csv";
using Files = std::map<std::string, Bytes>;

StreamSchema schema()
{
    StreamSchema schema;
    schema.source = "csv:" + kInput;
    schema.keyField = "k";
    schema.valueField = "v";
    return schema;
}

Bytes input()
{
    Bytes text = "k,v\n";
    for (int i = 0; i < 24; ++i)
        text += "key" + std::to_string(i % 5) + "," + std::to_string(i) + "\n";
    return text;
}

ClusterShape shape()
{
    ClusterShape shape;
    shape.nodes = 2;
    shape.shards = 2;
    shape.policy.kind = PolicyKind::kFixed;
    shape.policy.fixedMs = 40;
    shape.ratePerSecond = 100;
    shape.segmentBytesMax = 1500;
    shape.cacheBytesMax = 1 << 16;
    shape.backlogBytesMax = 1 << 20;
    shape.batchBytes = 1 << 16;
    shape.frameBytes = 1 << 16;
    shape.windowBytes = 1 << 20;
    return shape;
}

struct Answers {
    std::string results;
    std::string rebuilt;
    friend bool operator==(const Answers&, const Answers&) = default;
};

Result<std::string> resultsOf(Disk& disk)
{
    FS_TRY(const std::vector<AggregateRow> rows, readResults(disk, kData));
    return formatCsv(rows);
}

Result<std::string> rebuiltOf(Disk& disk)
{
    FS_TRY(const Archive archive, Archive::open(disk, kData));
    std::string text;
    FS_TRY_STATUS(archive.rebuild(0, ~Offset{0}, [&text](const RecordView& record) {
        text += record.raw;
        return Status{};
    }));
    return text;
}

// A world with one engine on what is in `files`.
class Rig {
public:
    explicit Rig(const Files& files) : world_(7), tools_(world_.env(world_.strand("tools")))
    {
        world_.disk().putFile(kInput, input());
        for (const auto& [path, content] : files)
            world_.disk().putFile(path, content);
    }
    ~Rig() { end(); }
    Disk& disk() { return tools_.disk; }

    // Runs an engine on it until it is done or has failed, or for `patience`.
    Status runEngine(Nanos patience = 20s, const std::function<bool()>& enough = {})
    {
        SimEngine::Options options;
        options.dataDirectory = kData;
        options.shape = shape();
        options.schema = schema();
        options.seed = 5;
        Status outcome = Error{Errc::kTimeout, "the engine did not come to an end"};
        bool over = false;
        options.onState = [&](EngineState state, const Error* error) {
            if (over || (state != EngineState::kDone && state != EngineState::kFailed)) return;
            over = true;
            outcome = error == nullptr ? Status{} : Status{*error};
        };
        engine_ = std::make_unique<SimEngine>(world_, std::move(options));
        if (const Status status = engine_->start(); !status.ok()) return status;
        world_.runUntil(world_.now() + patience, [&] { return over || (enough && enough()); });
        if (over && outcome.ok()) world_.runFor(1s);  // the last marks
        return outcome;
    }
    void end()
    {
        if (engine_ == nullptr) return;
        world_.crash(engine_->process());
        engine_.reset();
    }
    Files files()
    {
        Files files;
        collect(kData, files);
        return files;
    }
    ClusterSnapshot snapshot() { return engine_->snapshot(); }

private:
    void collect(const std::string& folder, Files& files)
    {
        const std::vector<std::string> names = disk().list(folder).value();
        for (const std::string& name : names) {
            const std::string path = folder + "/" + name;
            if (const auto content = world_.disk().fileBytes(path))
                files[path] = *content;
            else
                collect(path, files);
        }
    }

    World world_;
    Env tools_;
    std::unique_ptr<SimEngine> engine_;
};

// What an engine that has ended well leaves behind.
Files cleanlyEnded()
{
    Rig rig({});
    FS_CHECK(rig.disk().createDirectories(kData).ok());
    FS_CHECK(rig.disk().writeWhole(kData + "/stream.schema", encodeSchema(schema())).ok());
    FS_CHECK(rig.runEngine().ok());
    rig.end();
    FS_CHECK(writeSeal(rig.disk(), kData).ok());
    return rig.files();
}

bool names(const Result<VerifyReport>& report, const std::string& path)
{
    if (!report.ok()) return report.error().message.find(path) != std::string::npos;
    for (const VerifyProblem& problem : report->problems) {
        if (problem.file == path || problem.text.find(path) != std::string::npos) return true;
    }
    return false;
}

// Calls `check` with every damaged content of one file: each byte with one bit flipped, each with
// all bits flipped, each length.
void forEachDamage(const Bytes& content,
                   const std::function<void(const Bytes&, const std::string&)>& check)
{
    for (std::size_t at = 0; at < content.size(); ++at) {
        Bytes changed = content;
        changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
        check(changed, "bit flipped at " + std::to_string(at));
        changed[at] = static_cast<char>(~content[at]);
        check(changed, "byte flipped at " + std::to_string(at));
        check(content.substr(0, at), "cut to " + std::to_string(at));
    }
}

}  // namespace

class DamageTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        clean_ = cleanlyEnded();
        Rig rig(clean_);
        const auto report = verifyDataDirectory(rig.disk(), kData);
        QVERIFY2(report.ok(), report.ok() ? "" : report.error().message.c_str());
        QVERIFY2(
            report->problems.empty(),
            report->problems.empty()
                ? ""
                : (report->problems.front().file + ": " + report->problems.front().text).c_str());
        right_ = {*resultsOf(rig.disk()), *rebuiltOf(rig.disk())};
        QCOMPARE(right_.rebuilt, std::string(input()));
        std::size_t bytes = 0;
        for (const auto& [path, content] : clean_)
            bytes += content.size();
        qInfo("%zu files, %zu bytes", clean_.size(), bytes);
    }

    void verify_ofEveryDamage_namesTheFile()
    {
        std::size_t cases = 0;
        for (const auto& [path, content] : clean_) {
            forEachDamage(content, [&](const Bytes& damaged, const std::string& how) {
                Files files = clean_;
                files[path] = damaged;
                Rig rig(files);
                ++cases;
                if (!names(verifyDataDirectory(rig.disk(), kData), path))
                    fail("verify does not name " + path + ", " + how);
            });
        }
        qInfo("%zu cases", cases);
        QCOMPARE(firstFailure_, std::string());
    }

    void tools_onEveryDamage_areRightOrNameTheFile()
    {
        for (const auto& [path, content] : clean_) {
            forEachDamage(content, [&](const Bytes& damaged, const std::string& how) {
                Files files = clean_;
                files[path] = damaged;
                Rig rig(files);
                checkAnswer(resultsOf(rig.disk()), right_.results, path, "results, " + how);
                checkAnswer(rebuiltOf(rig.disk()), right_.rebuilt, path, "rebuild, " + how);
            });
        }
        QCOMPARE(firstFailure_, std::string());
    }

    void restart_onEveryDamage_isRightOrNamesTheFile()
    {
        std::size_t cases = 0;
        for (const auto& [path, content] : clean_) {
            forEachDamage(content, [&](const Bytes& damaged, const std::string& how) {
                Files files = clean_;
                files[path] = damaged;
                Rig rig(files);
                ++cases;
                const Status status = rig.runEngine();
                rig.end();
                if (!status.ok()) {
                    if (status.error().message.find(path) == std::string::npos)
                        fail("restart, " + path + " " + how + ": " + status.error().message);
                    return;
                }
                checkAnswer(resultsOf(rig.disk()), right_.results, path, "restart, " + how);
                checkAnswer(rebuiltOf(rig.disk()), right_.rebuilt, path, "restart, " + how);
            });
        }
        qInfo("%zu cases", cases);
        QCOMPARE(firstFailure_, std::string());
    }

    void unclean_onEveryDamage_isNeverWrong()
    {
        // Without the seal it is what a kill leaves: the unproven end may go, nothing else.
        Files unclean = clean_;
        unclean.erase(kData + "/SEAL");
        for (const auto& [path, content] : unclean) {
            forEachDamage(content, [&](const Bytes& damaged, const std::string& how) {
                Files files = unclean;
                files[path] = damaged;
                Rig rig(files);
                const auto rebuilt = rebuiltOf(rig.disk());
                const bool isPrefix = rebuilt.ok() && right_.rebuilt.starts_with(*rebuilt);
                if (rebuilt.ok() && !isPrefix) fail("unclean rebuild, " + path + " " + how);
                // Everything is behind a checkpoint, so nothing of it is unproven.
                if (rebuilt.ok() && path.find("/box/") != std::string::npos
                    && *rebuilt != right_.rebuilt)
                    fail("unclean rebuild is short, " + path + " " + how);
                checkAnswer(resultsOf(rig.disk()), right_.results, {}, "unclean, " + path + how);
            });
        }
        QCOMPARE(firstFailure_, std::string());
    }

    void uncleanRestart_onEveryDamage_isRightOrRefused()
    {
        Files unclean = clean_;
        unclean.erase(kData + "/SEAL");
        std::size_t cases = 0;
        for (const auto& [path, content] : unclean) {
            forEachDamage(content, [&](const Bytes& damaged, const std::string& how) {
                Files files = unclean;
                files[path] = damaged;
                Rig rig(files);
                ++cases;
                const Status status = rig.runEngine();
                rig.end();
                if (!status.ok() && status.error().code == Errc::kTimeout)
                    fail("unclean restart, " + path + " " + how + ": no end");
                if (!status.ok()) return;
                checkAnswer(resultsOf(rig.disk()), right_.results, {},
                            "unclean restart, " + path + " " + how);
                checkAnswer(rebuiltOf(rig.disk()), right_.rebuilt, {},
                            "unclean restart, " + path + " " + how);
            });
        }
        qInfo("%zu cases", cases);
        QCOMPARE(firstFailure_, std::string());
    }

    void newestCheckpointDamaged_isInvalidated_andTheOneBeforeItRestored()
    {
        Files files = clean_;
        files.erase(kData + "/SEAL");
        std::string newest;  // of the checkpoint files that hold something
        for (const auto& [path, content] : files) {
            if (path.starts_with(kData + "/checkpoint/0/") && content.size() > 200) newest = path;
        }
        QVERIFY(!newest.empty());
        Bytes& content = files[newest];
        content[content.size() - 30] = static_cast<char>(~content[content.size() - 30]);
        Rig rig(files);
        const Status status = rig.runEngine();
        QVERIFY2(status.ok(), status.ok() ? "" : status.error().message.c_str());
        bool invalidated = false;
        for (const EventSnapshot& event : rig.snapshot().events)
            invalidated =
                invalidated
                || (event.kind == "damage" && event.text.find(newest) != std::string::npos);
        QVERIFY(invalidated);
        rig.end();
        QCOMPARE(*resultsOf(rig.disk()), right_.results);
        QCOMPARE(*rebuiltOf(rig.disk()), right_.rebuilt);
    }

private:
    void fail(const std::string& what)
    {
        if (firstFailure_.empty()) firstFailure_ = what;
    }
    void checkAnswer(const Result<std::string>& answer, const std::string& right,
                     const std::string& path, const std::string& what)
    {
        if (answer.ok() && *answer != right) fail(path + ": " + what + ": another answer");
        if (!answer.ok() && answer.error().message.find(path) == std::string::npos)
            fail(path + ": " + what + ": " + answer.error().message);
    }

    Files clean_;
    Answers right_;
    std::string firstFailure_;

private Q_SLOTS:
    void init() { firstFailure_.clear(); }
};

QTEST_GUILESS_MAIN(DamageTest)
#include "tst_damage.moc"
