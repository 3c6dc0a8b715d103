#include "engine/source/text_check.h"

#include "engine/source/field_values.h"

#include <algorithm>
#include <string>

namespace foreshard {
namespace {

constexpr BytesView kBlanks = " \t\r\n";

struct Magic {
    BytesView bytes;
    const char* what;
    const char* reader;  // what makes text of it
};

constexpr Magic kMagics[] = {
    {"\x1F\x8B", "gzip data", "zcat FILE"},
    {"\x1F\x9D", "data of compress", "zcat FILE"},
    {BytesView("\x28\xB5\x2F\xFD", 4), "zstd data", "zstdcat FILE"},
    {BytesView("\xFD"
               "7zXZ\0",
               6),
     "xz data", "xzcat FILE"},
    {BytesView("\x04\x22\x4D\x18", 4), "lz4 data", "lz4cat FILE"},
    {"BZh91AY&SY", "bzip2 data", "bzcat FILE"},
    {"PK\x03\x04", "a zip archive", "unzip -p FILE"},
    {"7z\xBC\xAF\x27\x1C", "a 7z archive", "7z x -so FILE"},
    {BytesView("SQLite format 3\0", 16), "an SQLite database", "sqlite3 -csv -header FILE ..."},
    {"Obj\x01", "an Avro file", "a converter to jsonl"},
    {"\x7F"
     "ELF",
     "a program", "the right file"},
    {BytesView("\xFF\xFE\0\0", 4), "UTF-32 text", "iconv -f UTF-32 -t UTF-8 FILE"},
    {BytesView("\0\0\xFE\xFF", 4), "UTF-32 text", "iconv -f UTF-32 -t UTF-8 FILE"},
    {"\xFF\xFE", "UTF-16 text", "iconv -f UTF-16 -t UTF-8 FILE"},
    {"\xFE\xFF", "UTF-16 text", "iconv -f UTF-16 -t UTF-8 FILE"},
};

const char* formatName(RecordFormatKind format)
{
    switch (format) {
        case RecordFormatKind::kCsv:
            return "csv";
        case RecordFormatKind::kJsonl:
            return "jsonl";
        case RecordFormatKind::kLines:
            break;
    }
    return "lines";
}

Error notText(const std::string& what, const std::string& reader, RecordFormatKind format)
{
    return {Errc::kInvalid, "the source cannot be read: it is " + what + ", not "
                                + formatName(format) + ": " + reader
                                + " | foreshard run --source '-?format=" + formatName(format)
                                + "' with the other arguments as they are"};
}

// "PAR1" and "ORC" may begin a name in text; there no control byte follows.
bool startsColumnar(BytesView head, BytesView magic)
{
    if (!head.starts_with(magic) || head.size() == magic.size()) return false;
    const char next = head[magic.size()];
    return static_cast<unsigned char>(next) < 0x20U && kBlanks.find(next) == BytesView::npos;
}

// Which half of the byte pairs is all zeros, as in UTF-16 text of a Latin script? 0, 1; -1: none.
int zeroHalf(BytesView head)
{
    const std::size_t pairs = std::min<std::size_t>(head.size() / 2, 32);
    if (pairs < 2) return -1;
    for (const std::size_t half : {std::size_t{0}, std::size_t{1}}) {
        std::size_t zeros = 0;
        std::size_t others = 0;
        for (std::size_t i = 0; i < pairs; ++i) {
            zeros += head[2 * i + half] == '\0' ? 1U : 0U;
            others += head[2 * i + 1 - half] != '\0' ? 1U : 0U;
        }
        if (zeros == pairs && others == pairs) return static_cast<int>(half);
    }
    return -1;
}

Status checkJson(BytesView head)
{
    head = withoutByteOrderMark(head);
    const std::size_t first = head.find_first_not_of(kBlanks);
    if (first == BytesView::npos) return {};
    const BytesView rest = head.substr(first);
    if (rest.front() == '[') {
        return notText("one JSON array", "jq -c '.[]' FILE", RecordFormatKind::kJsonl);
    }
    const BytesView line = trimmed(withoutLineEnd(rest.substr(0, rest.find('\n'))));
    if (line == "{")
        return notText("JSON over several lines", "jq -c . FILE", RecordFormatKind::kJsonl);
    return {};
}

}  // namespace

bool headIsEnough(BytesView head)
{
    if (head.size() >= kTextHeadBytes) return true;
    const std::size_t first = head.find_first_not_of(kBlanks);
    return first != BytesView::npos && head.find('\n', first) != BytesView::npos;
}

Status checkText(BytesView head, RecordFormatKind format)
{
    head = head.substr(0, kTextHeadBytes);
    for (const Magic& magic : kMagics)
        if (head.starts_with(magic.bytes)) return notText(magic.what, magic.reader, format);
    if (startsColumnar(head, "PAR1"))
        return notText("a Parquet file", "a converter to text", format);
    if (startsColumnar(head, "ORC")) return notText("an ORC file", "a converter to text", format);
    if (const int half = zeroHalf(head); half >= 0) {
        const std::string name = half == 0 ? "UTF-16BE" : "UTF-16LE";
        return notText(name + " text", "iconv -f " + name + " -t UTF-8 FILE", format);
    }
    if (format == RecordFormatKind::kJsonl) return checkJson(head);
    return {};
}

}  // namespace foreshard
