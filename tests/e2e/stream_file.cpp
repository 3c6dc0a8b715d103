#include "tests/e2e/stream_file.h"

#include "engine/base/split_mix.h"
#include "tests/e2e/program.h"

#include <QFile>
#include <QLocale>

#include <algorithm>

namespace foreshard::e2e {
namespace {

constexpr const char* kLogPattern =
    R"re(^(?P<client>\S+) \S+ \S+ \[(?P<time>[^\]]+)\] "(?P<request>(?:[^"\\]|\\.)*)" )re"
    R"re((?P<status>\d+) (?P<bytes>\S+))re";

QByteArray decimal(double value)
{
    return QByteArray::number(value, 'f', QLocale::FloatingPointShortest);
}

QByteArray csvQuoted(const QByteArray& text)
{
    if (!text.contains(',') && !text.contains('"') && !text.contains('\n')) return text;
    return '"' + QByteArray(text).replace("\"", "\"\"") + '"';
}

void writeFile(StreamFile& stream, const Totals& totals)
{
    stream.results = totals.csv();
    QFile file(stream.path);
    const bool written =
        file.open(QIODevice::WriteOnly) && file.write(stream.bytes) == stream.bytes.size();
    if (!written) stream.problem = QStringLiteral("cannot write ") + stream.path;
}

void readFile(StreamFile& stream)
{
    QFile file(stream.path);
    stream.absent = !file.exists();
    if (stream.absent) return;
    if (!file.open(QIODevice::ReadOnly)) {
        stream.problem = QStringLiteral("cannot read ") + stream.path;
        return;
    }
    stream.bytes = file.readAll();
}

// One key has a third of all rows, so that shards are unequal.
QByteArray keyFor(SplitMix64& random)
{
    if (random.chance(330)) return "hot";
    const std::uint64_t number = random.below(400);
    const QByteArray name = "k" + QByteArray::number(number);
    if (number % 50 == 7) return name + ", \"quoted\"";
    if (number % 50 == 9) return name + "\nsecond line";
    if (number % 50 == 11) return name + " \xC3\xA4\xE2\x82\xAC";
    return name;
}

double valueFor(SplitMix64& random) { return static_cast<double>(random.below(1600)) / 4 - 200; }

// The three-part rule of a log line, by hand: client up to the first blank, bytes behind the
// status that follows the request's closing quote.
bool splitLogLine(const QByteArray& line, QByteArray& client, QByteArray& bytes)
{
    client = line.left(line.indexOf(' '));
    qsizetype at = line.indexOf("] \"");
    if (client.isEmpty() || at < 0) return false;
    for (at += 3; at < line.size() && line[at] != '"'; ++at) {
        if (line[at] == '\\') ++at;
    }
    const QList<QByteArray> behind = line.mid(at + 2).split(' ');
    if (behind.size() < 2 || behind[1].isEmpty()) return false;
    bytes = behind[1];
    return true;
}

QString difference(const QString& what, const QByteArray& actual, const QByteArray& expected)
{
    if (actual == expected) return {};
    const auto [a, e] =
        std::mismatch(actual.begin(), actual.end(), expected.begin(), expected.end());
    const qsizetype at = a - actual.begin();
    return QStringLiteral("%1: %2 bytes, expected %3; they differ from byte %4 on: '%5', not '%6'")
        .arg(what)
        .arg(actual.size())
        .arg(expected.size())
        .arg(at)
        .arg(QString::fromUtf8(actual.mid(std::max<qsizetype>(0, at - 20), 80)),
             QString::fromUtf8(expected.mid(std::max<qsizetype>(0, at - 20), 80)));
}

}  // namespace

void Totals::add(const QByteArray& key, double value)
{
    Total& total = totals_[key.toStdString()];
    total.min = total.count == 0 ? value : std::min(total.min, value);
    total.max = total.count == 0 ? value : std::max(total.max, value);
    total.sum += value;
    ++total.count;
}

QByteArray Totals::csv() const
{
    QByteArray out = "key,count,sum,min,max\n";
    for (const auto& [key, total] : totals_) {
        out += csvQuoted(QByteArray::fromStdString(key)) + ',' + QByteArray::number(total.count)
               + ',' + decimal(total.sum) + ',' + decimal(total.min) + ',' + decimal(total.max)
               + '\n';
    }
    return out;
}

QStringList StreamFile::fromFile() const
{
    return QStringList{QStringLiteral("--source"), format + QLatin1Char(':') + path} + fields;
}

QStringList StreamFile::fromStandardInput() const
{
    return QStringList{QStringLiteral("--source"), QStringLiteral("-?format=") + format} + fields;
}

StreamFile makeCsv(const QString& folder, int rows, std::uint64_t seed)
{
    StreamFile stream;
    stream.path = folder + QStringLiteral("/generated.csv");
    stream.format = QStringLiteral("csv");
    stream.fields = {QStringLiteral("--key"), QStringLiteral("key"), QStringLiteral("--value"),
                     QStringLiteral("value")};
    stream.bytes = "id,key,value,note\n";
    stream.records = rows + 1;
    SplitMix64 random(seed);
    Totals totals;
    for (int row = 0; row < rows; ++row) {
        const QByteArray key = keyFor(random);
        const double value = valueFor(random);
        const QByteArray start = QByteArray::number(row) + ',' + csvQuoted(key) + ',';
        const bool last = row + 1 == rows;
        const std::uint64_t kind = last ? 999 : random.below(1000);
        if (kind < 4) {
            stream.bytes += start + "about " + decimal(value) + ",bad value";
        } else if (kind < 8) {
            stream.bytes += start.chopped(1);
        } else {
            const bool odd = kind < 20;
            stream.bytes += start + decimal(value) + ',' + (odd ? "\xFF\xFE bytes" : "plain");
            stream.invalidUtf8 += odd ? 1 : 0;
            totals.add(key, value);
        }
        stream.rejected += kind < 8 ? 1 : 0;
        if (!last) stream.bytes += kind % 10 == 0 ? "\r\n" : "\n";
    }
    writeFile(stream, totals);
    return stream;
}

StreamFile makeJsonl(const QString& folder, int rows, std::uint64_t seed)
{
    StreamFile stream;
    stream.path = folder + QStringLiteral("/generated.jsonl");
    stream.format = QStringLiteral("jsonl");
    stream.fields = {QStringLiteral("--key"), QStringLiteral("who.key"), QStringLiteral("--value"),
                     QStringLiteral("value")};
    stream.records = rows;
    SplitMix64 random(seed);
    Totals totals;
    for (int row = 0; row < rows; ++row) {
        const QByteArray key = keyFor(random);
        const double value = valueFor(random);
        QByteArray text = key;
        text.replace("\"", "\\\"").replace("\n", "\\n").replace("\xC3\xA4", "\\u00e4");
        const std::uint64_t kind = random.below(1000);
        const QByteArray start =
            "{\"id\": " + QByteArray::number(row) + ", \"who\": {\"key\": \"" + text + "\"}, ";
        if (kind < 3) {
            stream.bytes += start + "\"value\": oops}";
        } else if (kind < 6) {
            stream.bytes += start + "\"value\": " + decimal(value) + ", \"note\": \"\xFF\"}";
            totals.add(key, value);
            ++stream.invalidUtf8;
        } else if (kind < 9) {
            stream.bytes += start + "\"value\": \"about\"}";
        } else {
            // As a number, as text, and with an exponent (of four times the value).
            const QByteArray forms[] = {decimal(value), '"' + decimal(value) + '"',
                                        decimal(value * 4) + "e0"};
            totals.add(key, kind % 3 == 2 ? value * 4 : value);
            stream.bytes += start + "\"value\": " + forms[kind % 3] + '}';
        }
        stream.rejected += kind < 3 || (kind >= 6 && kind < 9) ? 1 : 0;
        stream.bytes += kind % 10 == 0 ? "\r\n" : "\n";
    }
    writeFile(stream, totals);
    return stream;
}

StreamFile makeLines(const QString& folder, int rows, std::uint64_t seed)
{
    StreamFile stream;
    stream.path = folder + QStringLiteral("/generated.log");
    stream.format = QStringLiteral("lines");
    stream.fields = {QStringLiteral("--pattern"), QString::fromLatin1(kLogPattern),
                     QStringLiteral("--key"),     QStringLiteral("client"),
                     QStringLiteral("--value"),   QStringLiteral("bytes")};
    stream.records = rows;
    SplitMix64 random(seed);
    Totals totals;
    for (int row = 0; row < rows; ++row) {
        const QByteArray client = "10.0." + QByteArray::number(random.below(20)) + ".1";
        const std::uint64_t size = random.below(50'000);
        const std::uint64_t kind = random.below(1000);
        if (kind < 5) {
            stream.bytes += client + " went away \x01\xFF\n";
            ++stream.rejected;
            continue;
        }
        const bool odd = kind < 20;
        const QByteArray request = odd ? "GET /\xE9 \\\"x\\\" HTTP/1.1" : "GET /index HTTP/1.1";
        stream.bytes += client + " - - [17/May/2015:10:05:03 +0000] \"" + request + "\" 200 "
                        + (size < 500 ? QByteArray("-") : QByteArray::number(size))
                        + " \"-\" \"made\"\n";
        stream.invalidUtf8 += odd ? 1 : 0;
        totals.add(client, size < 500 ? 0 : static_cast<double>(size));
    }
    writeFile(stream, totals);
    return stream;
}

StreamFile reviews()
{
    StreamFile stream;
    stream.path = QStringLiteral(FORESHARD_SOURCE_DIR "/../shared/data/streams/reviews.csv");
    stream.format = QStringLiteral("csv");
    stream.fields = {QStringLiteral("--key"), QStringLiteral("vendorId"), QStringLiteral("--value"),
                     QStringLiteral("rating")};
    readFile(stream);
    Totals totals;
    for (const QByteArray& line : stream.bytes.split('\n')) {
        if (line.isEmpty()) continue;
        if (stream.records++ == 0) continue;  // the header
        const QList<QByteArray> cells = line.split(',');
        if (cells.size() >= 4) totals.add(cells[1], cells[2].toDouble());
    }
    stream.results = totals.csv();
    return stream;
}

StreamFile apacheLog()
{
    StreamFile stream;
    stream.path = QStringLiteral(FORESHARD_SOURCE_DIR "/../shared/data/streams/apache_access.log");
    stream.format = QStringLiteral("lines");
    stream.fields = {QStringLiteral("--pattern"), QString::fromLatin1(kLogPattern),
                     QStringLiteral("--key"),     QStringLiteral("client"),
                     QStringLiteral("--value"),   QStringLiteral("bytes")};
    readFile(stream);
    Totals totals;
    QByteArray client;
    QByteArray size;
    for (const QByteArray& line : stream.bytes.split('\n')) {
        if (line.isEmpty()) continue;
        ++stream.records;
        if (splitLogLine(line, client, size)) {
            totals.add(client, size == "-" ? 0 : size.toDouble());
        } else {
            ++stream.rejected;
        }
    }
    stream.results = totals.csv();
    return stream;
}

QString inexact(const QString& data, const StreamFile& stream)
{
    const auto ask = [&data](const char* command) {
        QStringList arguments{QString::fromLatin1(command), QStringLiteral("--data"), data};
        return runProgram(arguments);
    };
    const Outcome results = ask("results");
    if (results.exitCode != 0) return QStringLiteral("results: ") + described(results);
    if (const QString wrong = difference(QStringLiteral("results"), results.out, stream.results);
        !wrong.isEmpty())
        return wrong;
    const Outcome rebuild = ask("rebuild");
    if (rebuild.exitCode != 0) return QStringLiteral("rebuild: ") + described(rebuild);
    if (const QString wrong = difference(QStringLiteral("rebuild"), rebuild.out, stream.bytes);
        !wrong.isEmpty())
        return wrong;
    const Outcome verify = ask("verify");
    if (verify.exitCode != 0) return QStringLiteral("verify: ") + described(verify);
    return {};
}

}  // namespace foreshard::e2e
