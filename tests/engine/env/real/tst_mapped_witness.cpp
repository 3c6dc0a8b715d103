#include "engine/env/real/mapped_witness.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <csignal>

using namespace foreshard;

namespace {

std::unique_ptr<MappedWitness> openAt(const QString& path, std::uint64_t life)
{
    Result<std::unique_ptr<MappedWitness>> witness = MappedWitness::open(path.toStdString(), life);
    FS_CHECK(witness.ok());
    return std::move(witness).value();
}

}  // namespace

class MappedWitnessTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { folder_ = std::make_unique<QTemporaryDir>(); }

    void mark_isReadByTheNextLife_untilItIsCleared()
    {
        {
            const auto witness = openAt(path(), 7);
            QVERIFY(witness->marks().empty());
            WitnessSlot& slot = witness->slot(NodeId{3});
            slot.shard = 5;
            slot.n = 17;
            slot.index = 2;
            slot.offset = 1234;
            slot.mark = SIGSEGV;
        }
        QCOMPARE(openAt(path(), 8)->marks().size(), std::size_t{1});
        {
            const auto witness = openAt(path(), 9);
            const std::vector<OperatorMark> marks = witness->marks();
            QCOMPARE(marks.size(), std::size_t{1});
            QCOMPARE(marks[0].place, (RecordPlace{ShardId{5}, 17, 2, 1234}));
            QCOMPARE(marks[0].life, std::uint64_t{7});
            QVERIFY(marks[0].reason.find("SIGSEGV") != std::string::npos);
            witness->clear();
        }
        QVERIFY(openAt(path(), 10)->marks().empty());
    }

    // A kill or a power cut leaves the operator inside of a record, and no mark.
    void recordWithoutAMark_isNoTry()
    {
        {
            const auto witness = openAt(path(), 1);
            witness->slot(NodeId{0}).inside = 1;
            witness->slot(NodeId{1}).mark = SIGKILL;  // no mark of ours
        }
        QVERIFY(openAt(path(), 2)->marks().empty());
    }

    void fileOfAnotherShape_isMadeAnew()
    {
        for (const QByteArray& bytes : {QByteArray(100, 'x'), QByteArray(257 * 64, '\x0B')}) {
            QFile file(path());
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(bytes);
            file.close();
            QVERIFY(openAt(path(), 1)->marks().empty());
        }
    }

    void folderThatIsAbsent_isSaidByName()
    {
        const auto witness = MappedWitness::open("/nowhere/witness", 1);
        QVERIFY(!witness.ok());
        QVERIFY(witness.error().message.find("/nowhere/witness") != std::string::npos);
    }

private:
    QString path() const { return folder_->filePath(QStringLiteral("witness")); }
    std::unique_ptr<QTemporaryDir> folder_;
};

QTEST_GUILESS_MAIN(MappedWitnessTest)
#include "tst_mapped_witness.moc"
