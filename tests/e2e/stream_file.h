#pragma once
// A stream in a file together with what must come out of it, computed here without any code of the
// engine: generated streams know their rows, real ones are read by a parser of a few lines.
#include <QByteArray>
#include <QString>
#include <QStringList>

#include <cstdint>
#include <map>
#include <string>

namespace foreshard::e2e {

// Count, sum, min and max per key, as `results --format csv` prints them.
class Totals {
public:
    void add(const QByteArray& key, double value);
    QByteArray csv() const;

private:
    struct Total {
        std::uint64_t count = 0;
        double sum = 0, min = 0, max = 0;
    };
    std::map<std::string, Total> totals_;  // std::string compares bytes as unsigned
};

struct StreamFile {
    QString path;
    QString format;      // "csv", "jsonl", "lines"
    QStringList fields;  // --key and so on
    QByteArray bytes;
    QByteArray results;
    int records = 0;  // lines with an offset: the header and the rejected rows too
    int rejected = 0;
    int invalidUtf8 = 0;  // accepted records with such bytes outside the key
    bool absent = false;  // a public data set that is not beside the sources
    QString problem;      // why it could not be made or read, though it should

    QStringList fromFile() const;           // --source FORMAT:PATH and the fields
    QStringList fromStandardInput() const;  // --source -?format=FORMAT and the fields
};

// Written into `folder`. Values are multiples of 0.25, so that sums are exact in any order.
// csv: quoted keys with commas, quotes and line ends, CRLF, bad rows, bad UTF-8, no last line end.
StreamFile makeCsv(const QString& folder, int rows, std::uint64_t seed);
StreamFile makeJsonl(const QString& folder, int rows, std::uint64_t seed);
// As a web server writes: escaped quotes and bytes that are no UTF-8 in requests, "-" for 0 bytes.
StreamFile makeLines(const QString& folder, int rows, std::uint64_t seed);

// The public data sets beside the sources, where they are.
StreamFile reviews();
StreamFile apacheLog();

// Empty when results, rebuild and verify of `data` all agree with `stream`; else what does not.
QString inexact(const QString& data, const StreamFile& stream);

}  // namespace foreshard::e2e
