#include "tests/e2e/folder.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>

namespace foreshard::e2e {
namespace {

constexpr qint64 kTornBytes = 40;  // more than a head, less than any record

bool tearNewest(const QString& journal)
{
    const QStringList segments =
        QDir(journal).entryList({QStringLiteral("*.seg")}, QDir::Files, QDir::Name);
    if (segments.isEmpty()) return false;
    // An empty newest segment has nothing to repeat; any older record does.
    QFile first(journal + u'/' + segments.first());
    QFile newest(journal + u'/' + segments.last());
    if (!first.open(QIODevice::ReadOnly) || !newest.open(QIODevice::Append)) return false;
    const QByteArray torn = first.read(kTornBytes);
    return torn.size() == kTornBytes && newest.write(torn) == kTornBytes;
}

}  // namespace

bool copyFolder(const QString& from, const QString& to)
{
    if (!QDir().mkpath(to)) return false;
    QDirIterator entry(from, QDir::AllEntries | QDir::NoDotAndDotDot, QDirIterator::Subdirectories);
    while (entry.hasNext()) {
        const QString path = entry.next();
        const QString target = to + path.mid(from.size());
        if (entry.fileInfo().isDir()
                ? !QDir().mkpath(target)
                : !QDir().mkpath(QFileInfo(target).path()) || !QFile::copy(path, target))
            return false;
    }
    return true;
}

int tearTails(const QString& data)
{
    QStringList journals{data + QStringLiteral("/control")};
    const QString boxes = data + QStringLiteral("/box");
    for (const QString& name : QDir(boxes).entryList(QDir::Dirs | QDir::NoDotAndDotDot))
        journals.append(boxes + u'/' + name);
    for (const QString& journal : journals) {
        if (!tearNewest(journal)) return -1;
    }
    return static_cast<int>(journals.size());
}

}  // namespace foreshard::e2e
