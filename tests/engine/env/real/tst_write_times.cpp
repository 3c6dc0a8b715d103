#include "engine/env/real/write_times.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

using namespace foreshard;

class WriteTimesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void newest_isThatOfAnyFileBelow()
    {
        const QTemporaryDir folder;
        QVERIFY(QDir(folder.path()).mkpath(QStringLiteral("deep/er")));
        const QDateTime later = QDateTime::currentDateTimeUtc().addSecs(3'600);
        write(folder.filePath(QStringLiteral("first")), later.addSecs(-7'200));
        write(folder.filePath(QStringLiteral("deep/er/second")), later);
        QCOMPARE(newestWriteMs(folder.path().toStdString()), WallMillis{later.toMSecsSinceEpoch()});
    }

    void folderThatIsNotThere_hasNone()
    {
        const QTemporaryDir folder;
        QCOMPARE(newestWriteMs(folder.filePath(QStringLiteral("none")).toStdString()),
                 WallMillis{0});
    }

private:
    static void write(const QString& path, const QDateTime& when)
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QVERIFY(file.setFileTime(when, QFileDevice::FileModificationTime));
    }
};

QTEST_GUILESS_MAIN(WriteTimesTest)
#include "tst_write_times.moc"
