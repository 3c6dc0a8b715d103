#include "engine/sink/row_text.h"

#include "engine/base/crc32c.h"
#include "engine/model/plain_text.h"
#include "engine/wire/output_codec.h"

#include <charconv>
#include <string>

namespace foreshard {
namespace {

constexpr BytesView kCsvHeader = "shard,n,i,of,offset,key,count,sum,min,max,crc\n";
constexpr std::size_t kCrcDigits = 8;
constexpr BytesView kJsonCrc = ",\"crc\":\"";
constexpr BytesView kJsonEnd = "\"}\n";

Bytes hex(std::uint32_t value)
{
    constexpr char kDigits[] = "0123456789abcdef";
    Bytes text(kCrcDigits, '0');
    for (std::size_t i = kCrcDigits; i-- > 0; value >>= 4U)
        text[i] = kDigits[value & 15U];
    return text;
}

// Takes fixed words and numbers off the front of a row.
class RowReader {
public:
    explicit RowReader(BytesView text) : text_(text) {}
    void word(BytesView wanted)
    {
        ok_ = ok_ && text_.starts_with(wanted);
        if (ok_) text_.remove_prefix(wanted.size());
    }
    template <class Number>
    Number number()
    {
        Number value = 0;
        const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
        ok_ = ok_ && error == std::errc{};
        if (ok_) text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
        return value;
    }
    bool ok() const { return ok_; }

private:
    BytesView text_;
    bool ok_ = true;
};

// Bytes of the first row, its line end included; 0 when that is not there. In csv a line end
// within quotes belongs to the key.
std::size_t rowLength(SinkFormat format, BytesView text)
{
    if (format == SinkFormat::kJsonl) return text.find('\n') + 1;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') quoted = !quoted;
        if (text[i] == '\n' && !quoted) return i + 1;
    }
    return 0;
}

void appendJson(Bytes& out, const OutputBatch& batch, std::uint32_t i, const OutputRow& row)
{
    out += "{\"shard\":" + std::to_string(batch.shard.value) + ",\"n\":" + std::to_string(batch.n)
           + ",\"i\":" + std::to_string(i) + ",\"of\":" + std::to_string(batch.rows)
           + ",\"offset\":" + std::to_string(row.offset) + ",\"key\":" + jsonString(row.key)
           + ",\"count\":" + std::to_string(row.count) + ",\"sum\":" + jsonNumber(row.sum)
           + ",\"min\":" + jsonNumber(row.min) + ",\"max\":" + jsonNumber(row.max);
}

void appendCsv(Bytes& out, const OutputBatch& batch, std::uint32_t i, const OutputRow& row)
{
    out += std::to_string(batch.shard.value) + ',' + std::to_string(batch.n) + ','
           + std::to_string(i) + ',' + std::to_string(batch.rows) + ',' + std::to_string(row.offset)
           + ',' + csvField(row.key) + ',' + std::to_string(row.count) + ',' + plainDecimal(row.sum)
           + ',' + plainDecimal(row.min) + ',' + plainDecimal(row.max);
}

void appendCrc(Bytes& out, std::size_t begin, SinkFormat format)
{
    const Bytes crc = hex(crc32c(BytesView(out).substr(begin)));
    if (format == SinkFormat::kJsonl) {
        out.append(kJsonCrc).append(crc).append(kJsonEnd);
    } else {
        out.append(",").append(crc).append("\n");
    }
}

}  // namespace

BytesView sinkHeader(SinkFormat format)
{
    return format == SinkFormat::kCsv ? kCsvHeader : BytesView{};
}

Result<Bytes> rowsText(SinkFormat format, const OutputBatch& batch)
{
    Bytes out;
    out.reserve(batch.packed.size() * 3);
    OutputUnpacker rows(batch.packed);
    OutputRow row;
    std::uint32_t i = 0;
    while (rows.next(row)) {
        const std::size_t begin = out.size();
        ++i;
        if (format == SinkFormat::kJsonl)
            appendJson(out, batch, i, row);
        else
            appendCsv(out, batch, i, row);
        appendCrc(out, begin, format);
    }
    FS_TRY_STATUS(rows.status());
    if (i == batch.rows && i > 0) return out;
    return Error{Errc::kCorrupt, "outputs of shard " + std::to_string(batch.shard.value)
                                     + ", frame " + std::to_string(batch.n) + ": "
                                     + std::to_string(i) + " rows where "
                                     + std::to_string(batch.rows)
                                     + " are said to be: the message is damaged: it is sent again"};
}

Result<SinkRow> readRow(SinkFormat format, BytesView text)
{
    const Error noRow{Errc::kCorrupt,
                      "this is no row of a sink file: something else wrote there: "
                      "restore the file from a copy"};
    const std::size_t length = rowLength(format, text);
    if (length == 0) return Error{Errc::kGap, "the row has no end: the write was torn: cut it off"};
    const BytesView line = text.substr(0, length);
    const bool json = format == SinkFormat::kJsonl;
    const BytesView before = json ? kJsonCrc : BytesView(",");
    const BytesView behind = json ? kJsonEnd : BytesView("\n");
    const std::size_t tail = before.size() + kCrcDigits + behind.size();
    if (length <= tail || !line.ends_with(behind)) return noRow;
    const BytesView body = line.substr(0, length - tail);
    if (line.substr(body.size(), before.size()) != before) return noRow;
    if (line.substr(body.size() + before.size(), kCrcDigits) != hex(crc32c(body))) return noRow;
    RowReader reader(body);
    SinkRow row;
    row.bytes = length;
    reader.word(json ? "{\"shard\":" : "");
    row.shard.value = reader.number<std::uint32_t>();
    reader.word(json ? ",\"n\":" : ",");
    row.n = reader.number<std::uint64_t>();
    reader.word(json ? ",\"i\":" : ",");
    row.i = reader.number<std::uint32_t>();
    reader.word(json ? ",\"of\":" : ",");
    row.of = reader.number<std::uint32_t>();
    if (!reader.ok() || row.i == 0 || row.i > row.of) return noRow;
    return row;
}

}  // namespace foreshard
