#include "engine/env/real/posix_disk.h"

#include <QTemporaryDir>
#include <QtTest>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace foreshard;

namespace {

// Puts `fd` in the place of standard input for as long as it lives, and closes it.
class StandardInputFrom {
public:
    explicit StandardInputFrom(int fd) : saved_(::dup(STDIN_FILENO))
    {
        ::dup2(fd, STDIN_FILENO);
        ::close(fd);
    }
    ~StandardInputFrom()
    {
        ::dup2(saved_, STDIN_FILENO);
        ::close(saved_);
    }
    StandardInputFrom(const StandardInputFrom&) = delete;
    StandardInputFrom& operator=(const StandardInputFrom&) = delete;

private:
    int saved_;
};

}  // namespace

class PosixInputTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void file_whenRead_givesPiecesAndItsEnd();
    void file_thatGrows_goesOnAfterItsEnd();
    void folderOrMissing_whenOpened_isAClearError();
    void standardInput_fromASocket_neverBlocksAndEnds();
    void standardInput_fromAFile_isReadInTurn();
    void fifo_whenOpened_isReadLikeAPipe();

private:
    std::string at(const char* name) const
    {
        return folder_.filePath(QString::fromLatin1(name)).toStdString();
    }

    QTemporaryDir folder_;
    PosixDisk disk_;
};

void PosixInputTest::file_whenRead_givesPiecesAndItsEnd()
{
    QVERIFY(disk_.writeWhole(at("in"), "abcdefgh").ok());
    const auto input = disk_.openInput(at("in"));
    QVERIFY((*input)->seekable());
    const auto head = (*input)->read(0, 5);
    QVERIFY(head->data == "abcde");
    QVERIFY(!head->end);
    const auto tail = (*input)->read(5, 5);
    QVERIFY(tail->data == "fgh");
    QVERIFY(tail->end);
}

void PosixInputTest::file_thatGrows_goesOnAfterItsEnd()
{
    QVERIFY(disk_.writeWhole(at("in"), "").ok());
    const auto input = disk_.openInput(at("in"));
    QVERIFY((*input)->read(0, 5)->end);
    const int fd = ::open(at("in").c_str(), O_WRONLY | O_CLOEXEC);
    QCOMPARE(::write(fd, "more", 4), ssize_t{4});
    ::close(fd);
    QVERIFY((*input)->read(0, 5)->data == "more");
}

void PosixInputTest::folderOrMissing_whenOpened_isAClearError()
{
    const auto folder = disk_.openInput(at(""));
    QCOMPARE(folder.error().code, Errc::kInvalid);
    QVERIFY(folder.error().message.find("it is a folder") != std::string::npos);
    QCOMPARE(disk_.openInput(at("none")).error().code, Errc::kNotFound);
}

void PosixInputTest::standardInput_fromASocket_neverBlocksAndEnds()
{
    int ends[2] = {};
    QCOMPARE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    const StandardInputFrom redirected(ends[0]);
    const auto input = disk_.openInput("-");
    QVERIFY(!(*input)->seekable());
    const auto nothing = (*input)->read(0, 10);
    QVERIFY(nothing->data.empty() && !nothing->end);
    QCOMPARE(::write(ends[1], "hello", 5), ssize_t{5});
    QVERIFY((*input)->read(0, 3)->data == "hel");
    const auto rest = (*input)->read(0, 10);
    QVERIFY(rest->data == "lo" && !rest->end);
    ::close(ends[1]);
    const auto end = (*input)->read(0, 10);
    QVERIFY(end->data.empty() && end->end);
}

void PosixInputTest::standardInput_fromAFile_isReadInTurn()
{
    QVERIFY(disk_.writeWhole(at("in"), "abcdef").ok());
    const StandardInputFrom redirected(::open(at("in").c_str(), O_RDONLY | O_CLOEXEC));
    const auto input = disk_.openInput("-");
    QVERIFY(!(*input)->seekable());
    QVERIFY((*input)->read(0, 4)->data == "abcd");
    QVERIFY((*input)->read(0, 4)->data == "ef");
    QVERIFY((*input)->read(0, 4)->end);
}

void PosixInputTest::fifo_whenOpened_isReadLikeAPipe()
{
    QCOMPARE(::mkfifo(at("fifo").c_str(), 0600), 0);
    const auto input = disk_.openInput(at("fifo"));
    QVERIFY(!(*input)->seekable());
    const int writer = ::open(at("fifo").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    QVERIFY((*input)->read(0, 8)->data.empty());
    QCOMPARE(::write(writer, "x", 1), ssize_t{1});
    QVERIFY((*input)->read(0, 8)->data == "x");
    ::close(writer);
    QVERIFY((*input)->read(0, 8)->end);
}

QTEST_GUILESS_MAIN(PosixInputTest)
#include "tst_posix_input.moc"
