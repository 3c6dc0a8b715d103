#include "ui/theme/formatting.h"

#include <QCoreApplication>
#include <QDateTime>

#include <array>
#include <cmath>

namespace foreshard::ui {
namespace {

constexpr QChar kThin(0x202F);

QString tr(const char* text) { return QCoreApplication::translate("formatting", text); }

QString grouped(QString digits)
{
    const qsizetype start = digits.startsWith(u'-') ? 1 : 0;
    for (qsizetype i = digits.size() - 3; i > start; i -= 3)
        digits.insert(i, kThin);
    return digits;
}

// Two or three significant figures: more are noise that makes columns flicker.
QString figures(double value)
{
    const double size = std::fabs(value);
    if (size >= 9.95 || size == 0) return grouped(QString::number(std::llround(value)));
    return QString::number(value, 'f', size >= 0.995 ? 1 : 2);
}

QDateTime utc(WallMillis wallMs) { return QDateTime::fromMSecsSinceEpoch(wallMs, Qt::UTC); }

}  // namespace

QString unknownText() { return QStringLiteral("\u2013"); }

QString formatCount(std::uint64_t value) { return grouped(QString::number(value)); }

QString formatOffset(Offset offset) { return formatCount(offset); }

QString formatMillis(double millis)
{
    const double size = std::fabs(millis);
    if (size < 999.5) return figures(millis) + QStringLiteral(" ms");
    if (size < 60'000) return QString::number(millis / 1000, 'f', 2) + QStringLiteral(" s");
    const auto seconds = std::llround(millis / 1000);
    return QStringLiteral("%1 min %2 s")
        .arg(seconds / 60)
        .arg(std::llabs(seconds % 60), 2, 10, QChar(u'0'));
}

QString formatMicros(std::int64_t micros)
{
    return formatMillis(static_cast<double>(micros) / 1e3);
}

QString formatBytes(std::uint64_t bytes)
{
    if (bytes < 1000) return QStringLiteral("%1 B").arg(bytes);
    static constexpr std::array<const char*, 6> kUnits = {"kB", "MB", "GB", "TB", "PB", "EB"};
    double value = static_cast<double>(bytes) / 1000;
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < kUnits.size()) {
        value /= 1000;
        ++unit;
    }
    const int decimals = value < 99.95 ? 1 : 0;
    return QString::number(value, 'f', decimals) + u' ' + QLatin1String(kUnits[unit]);
}

QString formatRate(double recordsPerSecond)
{
    const double shown = std::isfinite(recordsPerSecond) ? recordsPerSecond : 0;
    return grouped(QString::number(std::llround(shown))) + QStringLiteral(" rec/s");
}

QString formatByteRate(double bytesPerSecond)
{
    const double shown = std::isfinite(bytesPerSecond) && bytesPerSecond > 0 ? bytesPerSecond : 0;
    return formatBytes(static_cast<std::uint64_t>(shown)) + QStringLiteral("/s");
}

QString formatPercent(PerMille share)
{
    return QString::number(std::lround(static_cast<double>(share) / 10)) + QStringLiteral(" %");
}

QString formatRatio(double ratio)
{
    return std::isfinite(ratio) ? QString::number(ratio, 'f', 2) : unknownText();
}

QString formatTime(WallMillis wallMs)
{
    return utc(wallMs).toString(QStringLiteral("HH:mm:ss.zzz"));
}

QString formatDateTime(WallMillis wallMs)
{
    return utc(wallMs).toString(QStringLiteral("yyyy-MM-dd HH:mm:ss.zzz")) + QStringLiteral(" UTC");
}

QString formatUptime(double seconds)
{
    const auto whole = std::llround(seconds);
    if (whole < 60) return QStringLiteral("%1 s").arg(whole);
    const auto two = [](long long value) {
        return QStringLiteral("%1").arg(value, 2, 10, QChar(u'0'));
    };
    if (whole < 3600)
        return QStringLiteral("%1 min ").arg(whole / 60) + two(whole % 60) + QStringLiteral(" s");
    return QStringLiteral("%1 h ").arg(whole / 3600) + two(whole / 60 % 60)
           + QStringLiteral(" min");
}

QString formatInterval(std::uint32_t millis)
{
    if (millis == 0) return unknownText();
    if (millis >= 1000 && millis % 1000 == 0) return QStringLiteral("%1 s").arg(millis / 1000);
    return formatCount(millis) + QStringLiteral(" ms");
}

QString formatAge(std::int64_t millis)
{
    if (millis < 60'000)
        return QStringLiteral("%1 s").arg(static_cast<double>(millis) / 1000, 0, 'f', 1);
    const std::int64_t hours = millis / 3'600'000;
    if (hours < 24) return formatUptime(static_cast<double>(millis / 1000));
    return QStringLiteral("%1 d %2 h").arg(hours / 24).arg(hours % 24, 2, 10, QChar(u'0'));
}

QString formatP99(const LatencySnapshot& of)
{
    return of.max == 0 && of.p99 == 0 ? unknownText() : formatMicros(of.p99);
}

QString shardName(ShardId shard) { return tr("shard %1").arg(shard.value); }

QString nodeName(NodeId node) { return tr("node %1").arg(node.value); }

QString loadClassGlyph(LoadClass loadClass)
{
    switch (loadClass) {
        case LoadClass::kLow:
            return QStringLiteral("\u25BD");
        case LoadClass::kMedium:
            return QStringLiteral("\u25C7");
        case LoadClass::kHigh:
            return QStringLiteral("\u25B3");
    }
    return {};
}

QString loadClassText(LoadClass loadClass)
{
    return loadClassGlyph(loadClass) + u' ' + tr(loadClassName(loadClass));
}

QString shardStateText(ShardState state) { return tr(shardStateName(state)); }

QString nodeStateText(NodeState state) { return tr(nodeStateName(state)); }

QString engineStateText(EngineState state) { return tr(engineStateName(state)); }

QString sightText(EngineSight sight)
{
    switch (sight) {
        case EngineSight::kLive:
            return tr("live");
        case EngineSight::kEnded:
            return tr("ended");
        case EngineSight::kKilled:
            return tr("not ended well");
        case EngineSight::kElsewhere:
            return tr("running elsewhere");
    }
    return {};
}

QString sightNodeText(EngineSight sight)
{
    return sight == EngineSight::kElsewhere ? tr("not watched") : tr("not running");
}

QString sightShardText(EngineSight sight)
{
    return sight == EngineSight::kElsewhere ? tr("not watched") : tr("at rest");
}

QString policyText(const IntervalPolicySetting& policy)
{
    switch (policy.kind) {
        case PolicyKind::kClasses:
            return tr("by class");
        case PolicyKind::kPromise:
            return tr("by recovery promise");
        case PolicyKind::kFixed:
            return tr("fixed at %1").arg(formatInterval(policy.fixedMs));
    }
    return {};
}

QString errcSentence(Errc code)
{
    switch (code) {
        case Errc::kInvalid:
            return tr("The engine could not make sense of the request. Check the values given.");
        case Errc::kNotFound:
            return tr("What was asked for does not exist. It may have been removed meanwhile.");
        case Errc::kIo:
            return tr("The operating system refused a read or a write. See the engine's log.");
        case Errc::kNoSpace:
            return tr("The disk is full. Free some space; the engine goes on by itself.");
        case Errc::kReadOnly:
            return tr("The data directory cannot be written. Check its permissions.");
        case Errc::kCorrupt:
            return tr("Stored data are damaged. Verify the data directory before going on.");
        case Errc::kGap:
            return tr("Data that should be there are missing. Verify the data directory.");
        case Errc::kBusy:
            return tr("The engine is busy with something else. Try again in a moment.");
        case Errc::kStale:
            return tr("The assignment has changed meanwhile. Look at the new state and try again.");
        case Errc::kUnavailable:
            return tr("The other side does not answer. Check that it is running and reachable.");
        case Errc::kUnsupported:
            return tr("The engine does not know this request. Its version may differ.");
        case Errc::kTimeout:
            return tr("No answer came in time. It may still happen: look before trying again.");
    }
    return {};
}

QString plainText(const std::string& text, int lengthMax)
{
    QString result = QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
    for (QChar& c : result) {
        // Format characters include the ones that turn the writing direction around.
        if (c.category() == QChar::Other_Control || c.category() == QChar::Other_Format) c = u' ';
    }
    if (result.size() > lengthMax) result = result.left(lengthMax - 1) + QChar(0x2026);
    return result;
}

}  // namespace foreshard::ui
