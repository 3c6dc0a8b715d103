#include "engine/env/real/lock_probe.h"
#include "engine/env/real/posix_disk.h"
#include "engine/env/real/strand_thread.h"
#include "tests/support/small_mount.h"

#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <future>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace foreshard;

namespace {

// A disk, a strand for its completions and a folder, put away in the right order.
struct Fixture {
    ~Fixture() { strand.stop(); }

    std::string at(const std::string& name) const
    {
        return folder.filePath(QString::fromStdString(name)).toStdString();
    }
    std::unique_ptr<File> create(const std::string& path)
    {
        auto file = disk.open(path, OpenMode::kCreate);
        FS_CHECK(file.ok());
        return std::move(file).value();
    }
    // Appends and waits for the outcome.
    Status append(File& file, const Bytes& data, bool sync = true)
    {
        std::promise<Status> done;
        file.append(data, sync, strand, [&done](const Status& status) { done.set_value(status); });
        return done.get_future().get();
    }

    QTemporaryDir folder;
    StrandThread strand{"test-disk"};
    PosixDisk disk;
};

class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes)
    {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limited{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limited);
    }
    ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
    rlimit before_{};
};

bool contains(const Status& status, const std::string& words)
{
    return !status.ok() && status.error().message.find(words) != std::string::npos;
}

}  // namespace

class PosixDiskTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void appends_whenQueued_completeInOrderAndAreInTheFile();
    void appends_onManyFiles_keepTheOrderOfEach();
    void append_whenTheHandleGoes_isStillDone();
    void append_whenTheDiskIsFull_keepsWholeAppendsAndFailsForEver();
    void append_overTheSizeLimit_keepsWholeAppendsAndFailsForEver();
    void append_toAFileOpenedForReading_fails();
    void open_whenMissing_saysSo();
    void open_whenThere_goesOnAtItsEnd();
    void read_pastTheEnd_givesLess();
    void truncate_whenCut_goesOnFromThere();
    void writeWhole_whenRepeated_replacesAndLeavesNoRest();
    void writeWhole_whenItFails_keepsTheOld();
    void list_whenFilled_isSorted();
    void createDirectories_whenDeep_makesAll();
    void remove_whenAbsent_isNoError();
    void lock_twiceInOneProcess_isBusy();
    void lock_heldByAChild_namesIt();
    void lock_lookedAt_namesItsHolderAndIsNotTaken();
    void lock_whileOthersLookAtIt_isStillGotten();
    void freeBytes_whenAsked_isSomething();
};

void PosixDiskTest::appends_whenQueued_completeInOrderAndAreInTheFile()
{
    constexpr int kAppends = 2'000;
    Fixture f;
    const auto file = f.create(f.at("log"));
    std::vector<int> order;
    std::promise<void> done;
    Bytes expected;
    bool allOk = true;
    for (int i = 0; i < kAppends; ++i) {
        const Bytes data = std::to_string(i) + ";";
        expected += data;
        file->append(data, i % 3 == 0, f.strand, [&, i](const Status& status) {
            allOk = allOk && status.ok();
            order.push_back(i);
            if (i + 1 == kAppends) done.set_value();
        });
    }
    QCOMPARE(file->size(), std::uint64_t{expected.size()});
    done.get_future().wait();
    QVERIFY(allOk);
    QCOMPARE(order.size(), std::size_t{kAppends});
    QVERIFY(std::is_sorted(order.begin(), order.end()));
    const auto content = f.disk.readWhole(f.at("log"));
    QVERIFY(content.ok());
    QVERIFY(*content == expected);
    QVERIFY(file->read(0, 4).value() == "0;1;");
}

void PosixDiskTest::appends_onManyFiles_keepTheOrderOfEach()
{
    constexpr std::size_t kFiles = 9;
    constexpr int kAppends = 100;
    Fixture f;
    std::vector<std::unique_ptr<File>> files;
    for (std::size_t i = 0; i < kFiles; ++i)
        files.push_back(f.create(f.at("log" + std::to_string(i))));
    std::array<std::vector<int>, kFiles> order;
    for (int n = 0; n < kAppends; ++n) {
        for (std::size_t i = 0; i < kFiles; ++i) {
            files[i]->append("x", true, f.strand, [&order, i, n](const Status& status) {
                if (status.ok()) order[i].push_back(n);
            });
        }
    }
    for (const auto& file : files)
        QVERIFY(f.append(*file, "end").ok());
    for (const auto& one : order) {
        QCOMPARE(one.size(), std::size_t{kAppends});
        QVERIFY(std::is_sorted(one.begin(), one.end()));
    }
}

void PosixDiskTest::append_whenTheHandleGoes_isStillDone()
{
    Fixture f;
    std::promise<Status> done;
    f.create(f.at("log"))->append("kept", true, f.strand, [&done](const Status& status) {
        done.set_value(status);
    });
    QVERIFY(done.get_future().get().ok());
    QVERIFY(f.disk.readWhole(f.at("log")).value() == "kept");
}

void PosixDiskTest::append_whenTheDiskIsFull_keepsWholeAppendsAndFailsForEver()
{
    Fixture f;
    QVERIFY(QDir().mkpath(QString::fromStdString(f.at("small"))));
    const test::SmallMount small(f.at("small"), "64k");
    FS_NEED_MOUNT(small);
    const std::string path = f.at("small/log");
    {
        const auto file = f.create(path);
        QVERIFY(f.append(*file, Bytes(30'000, 'a')).ok());
        const Status full = f.append(*file, Bytes(50'000, 'b'));
        QVERIFY(!full.ok());
        QCOMPARE(full.error().code, Errc::kNoSpace);
        QVERIFY(contains(full, path) && contains(full, "disk is full"));
        QCOMPARE(file->size(), std::uint64_t{30'000});
        const Status later = f.append(*file, "c");
        QVERIFY(!later.ok());
        QVERIFY(later.error().message == full.error().message);
    }
    QVERIFY(f.disk.readWhole(path).value() == Bytes(30'000, 'a'));
    const auto again = f.disk.open(path, OpenMode::kAppend);
    QVERIFY(f.append(**again, "c").ok());
}

void PosixDiskTest::append_overTheSizeLimit_keepsWholeAppendsAndFailsForEver()
{
    Fixture f;
    const auto file = f.create(f.at("log"));
    std::vector<bool> outcomes;
    {
        const FileSizeLimit limit(10'000);
        for (int i = 0; i < 4; ++i) {
            file->append(Bytes(4'000, 'a'), true, f.strand,
                         [&outcomes](const Status& status) { outcomes.push_back(status.ok()); });
        }
        QVERIFY(contains(f.append(*file, "e"), "size limit"));
    }
    QCOMPARE(outcomes, (std::vector<bool>{true, true, false, false}));
    QVERIFY(contains(f.append(*file, "small enough"), "size limit"));
    QVERIFY(!file->truncate(0).ok());
    QCOMPARE(f.disk.readWhole(f.at("log")).value().size(), std::size_t{8'000});
}

void PosixDiskTest::append_toAFileOpenedForReading_fails()
{
    Fixture f;
    QVERIFY(f.disk.writeWhole(f.at("log"), "abc").ok());
    const auto file = f.disk.open(f.at("log"), OpenMode::kRead);
    QVERIFY(contains(f.append(**file, "d"), "opened for reading"));
    QCOMPARE((*file)->size(), std::uint64_t{3});
}

void PosixDiskTest::open_whenMissing_saysSo()
{
    Fixture f;
    for (const OpenMode mode : {OpenMode::kRead, OpenMode::kAppend}) {
        const auto file = f.disk.open(f.at("none"), mode);
        QVERIFY(!file.ok());
        QCOMPARE(file.error().code, Errc::kNotFound);
        QVERIFY(file.error().message.find(f.at("none")) != std::string::npos);
    }
    QCOMPARE(f.disk.open(f.at(""), OpenMode::kRead).error().code, Errc::kInvalid);
}

void PosixDiskTest::open_whenThere_goesOnAtItsEnd()
{
    Fixture f;
    QVERIFY(f.append(*f.create(f.at("log")), "one,").ok());
    const auto file = f.create(f.at("log"));
    QCOMPARE(file->size(), std::uint64_t{4});
    QVERIFY(f.append(*file, "two").ok());
    QVERIFY(f.disk.readWhole(f.at("log")).value() == "one,two");
}

void PosixDiskTest::read_pastTheEnd_givesLess()
{
    Fixture f;
    QVERIFY(f.disk.writeWhole(f.at("log"), "abcdef").ok());
    const auto file = f.disk.open(f.at("log"), OpenMode::kRead);
    QVERIFY((*file)->read(4, 10).value() == "ef");
    QVERIFY((*file)->read(6, 1).value().empty());
    QVERIFY((*file)->read(~std::uint64_t{0}, ~std::size_t{0}).value().empty());
    QVERIFY((*file)->read(1, ~std::size_t{0}).value() == "bcdef");
}

void PosixDiskTest::truncate_whenCut_goesOnFromThere()
{
    Fixture f;
    const auto file = f.create(f.at("log"));
    QVERIFY(f.append(*file, "whole|torn").ok());
    QVERIFY(file->truncate(6).ok());
    QCOMPARE(file->size(), std::uint64_t{6});
    QVERIFY(f.append(*file, "next").ok());
    QVERIFY(f.disk.readWhole(f.at("log")).value() == "whole|next");
}

void PosixDiskTest::writeWhole_whenRepeated_replacesAndLeavesNoRest()
{
    Fixture f;
    QVERIFY(f.disk.writeWhole(f.at("manifest"), Bytes(100'000, 'a')).ok());
    QVERIFY(f.disk.writeWhole(f.at("manifest"), "new").ok());
    QVERIFY(f.disk.readWhole(f.at("manifest")).value() == "new");
    const auto names = f.disk.list(f.at(""));
    QCOMPARE(*names, std::vector<std::string>{"manifest"});
}

void PosixDiskTest::writeWhole_whenItFails_keepsTheOld()
{
    Fixture f;
    QVERIFY(QDir().mkpath(QString::fromStdString(f.at("small"))));
    const test::SmallMount small(f.at("small"), "64k");
    FS_NEED_MOUNT(small);
    QVERIFY(f.disk.writeWhole(f.at("small/manifest"), "old").ok());
    const Status full = f.disk.writeWhole(f.at("small/manifest"), Bytes(200'000, 'b'));
    QCOMPARE(full.error().code, Errc::kNoSpace);
    QVERIFY(f.disk.readWhole(f.at("small/manifest")).value() == "old");
    QCOMPARE(f.disk.list(f.at("small")).value(), std::vector<std::string>{"manifest"});
}

void PosixDiskTest::list_whenFilled_isSorted()
{
    Fixture f;
    for (const char* name : {"c", "a", "b10", "b2"})
        QVERIFY(f.disk.writeWhole(f.at(name), "x").ok());
    QVERIFY(f.disk.createDirectories(f.at("aa")).ok());
    QCOMPARE(f.disk.list(f.at("")).value(),
             (std::vector<std::string>{"a", "aa", "b10", "b2", "c"}));
    QVERIFY(f.disk.list(f.at("absent")).value().empty());
    QVERIFY(!f.disk.list(f.at("a")).ok());
}

void PosixDiskTest::createDirectories_whenDeep_makesAll()
{
    Fixture f;
    QVERIFY(f.disk.createDirectories(f.at("x/y/z")).ok());
    QVERIFY(f.disk.createDirectories(f.at("x/y/z/")).ok());
    QVERIFY(f.disk.writeWhole(f.at("x/y/z/file"), "x").ok());
    QVERIFY(!f.disk.createDirectories(f.at("x/y/z/file")).ok());
    QVERIFY(f.disk.syncDirectory(f.at("x")).ok());
}

void PosixDiskTest::remove_whenAbsent_isNoError()
{
    Fixture f;
    QVERIFY(f.disk.writeWhole(f.at("file"), "x").ok());
    QVERIFY(f.disk.remove(f.at("file")).ok());
    QVERIFY(f.disk.remove(f.at("file")).ok());
    QVERIFY(f.disk.list(f.at("")).value().empty());
}

void PosixDiskTest::lock_twiceInOneProcess_isBusy()
{
    Fixture f;
    {
        const auto first = f.disk.lock(f.at("lock"));
        QVERIFY(first.ok());
        const auto second = f.disk.lock(f.at("lock"));
        QVERIFY(!second.ok());
        QCOMPARE(second.error().code, Errc::kBusy);
        const std::string& words = second.error().message;
        QVERIFY(words.find(f.at("lock")) != std::string::npos);
        QVERIFY(words.find("process " + std::to_string(::getpid())) != std::string::npos);
    }
    QVERIFY(f.disk.lock(f.at("lock")).ok());
}

void PosixDiskTest::lock_heldByAChild_namesIt()
{
    Fixture f;
    int toParent[2] = {};
    QCOMPARE(::pipe(toParent), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        PosixDisk disk;
        const auto lock = disk.lock(f.at("lock"));
        const char outcome = lock.ok() ? 'y' : 'n';
        if (::write(toParent[1], &outcome, 1) != 1) ::_exit(1);
        for (;;)
            ::pause();
    }
    QVERIFY(child > 0);
    char outcome = 0;
    QCOMPARE(::read(toParent[0], &outcome, 1), ssize_t{1});
    const auto busy = f.disk.lock(f.at("lock"));
    ::kill(child, SIGKILL);
    QCOMPARE(::waitpid(child, nullptr, 0), child);
    ::close(toParent[0]);
    ::close(toParent[1]);
    QCOMPARE(outcome, 'y');
    QVERIFY(!busy.ok());
    QCOMPARE(busy.error().code, Errc::kBusy);
    QVERIFY(busy.error().message.find("process " + std::to_string(child)) != std::string::npos);
    QVERIFY(f.disk.lock(f.at("lock")).ok());
}

void PosixDiskTest::lock_lookedAt_namesItsHolderAndIsNotTaken()
{
    Fixture f;
    const auto before = lockHolder(f.at("lock"));
    QVERIFY(before.ok() && !before->has_value());
    QVERIFY(!f.disk.readWhole(f.at("lock")).ok());  // looking makes no file
    {
        const auto held = f.disk.lock(f.at("lock"));
        QVERIFY(held.ok());
        for (int i = 0; i < 3; ++i) {
            const auto holder = lockHolder(f.at("lock"));
            QVERIFY(holder.ok() && holder->has_value());
            QCOMPARE(**holder, "process " + std::to_string(::getpid()));
        }
    }
    const auto after = lockHolder(f.at("lock"));
    QVERIFY(after.ok() && !after->has_value());
    QVERIFY(f.disk.lock(f.at("lock")).ok());
}

void PosixDiskTest::lock_whileOthersLookAtIt_isStillGotten()
{
    Fixture f;
    QVERIFY(f.disk.lock(f.at("lock")).ok());
    std::atomic<bool> stop{false};
    std::thread onlooker([&] {
        while (!stop) {
            static_cast<void>(lockHolder(f.at("lock")));
            std::this_thread::sleep_for(std::chrono::microseconds{200});
        }
    });
    int busy = 0;
    for (int i = 0; i < 200; ++i)
        busy += f.disk.lock(f.at("lock")).ok() ? 0 : 1;
    stop = true;
    onlooker.join();
    QCOMPARE(busy, 0);
}

void PosixDiskTest::freeBytes_whenAsked_isSomething()
{
    Fixture f;
    QVERIFY(f.disk.freeBytes(f.at("")).value() > 0);
    QCOMPARE(f.disk.freeBytes(f.at("none")).error().code, Errc::kNotFound);
}

QTEST_GUILESS_MAIN(PosixDiskTest)
#include "tst_posix_disk.moc"
