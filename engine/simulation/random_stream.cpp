#include "engine/simulation/random_stream.h"

#include <algorithm>
#include <array>
#include <utility>

namespace foreshard::sim {
namespace {

constexpr std::uint64_t kRecordBytesMax = 512;
constexpr std::array<const char*, 6> kTypes = {"view", "search", "cart", "order", "report", "x"};

enum class Format : std::uint8_t {
    kCsv,
    kJsonl,
    kLines,
    kPattern
};

class StreamMaker {
public:
    explicit StreamMaker(SplitMix64& random)
        : random_(random),
          format_(static_cast<Format>(random.below(4))),
          crlfPerMille_(random.chance(300) ? static_cast<std::uint32_t>(random.below(1001)) : 0),
          brokenPerMille_(random.chance(600) ? static_cast<std::uint32_t>(random.below(80)) : 0),
          keys_(1 + random.below(random.chance(300) ? 2000 : 200)),
          hotPerMille_(random.chance(250) ? static_cast<std::uint32_t>(random.below(1001)) : 0)
    {
    }

    RandomStream make(std::uint64_t rows)
    {
        stream_.schema.recordBytesMax = kRecordBytesMax;
        if (random_.chance(40)) brokenPerMille_ = 1000;
        startFormat();
        for (std::uint64_t i = 0; i < rows; ++i) {
            const bool broken = random_.chance(brokenPerMille_);
            stream_.input += broken ? brokenRow() : row();
            const bool bare = i + 1 == rows && random_.chance(400);
            if (!bare) stream_.input += lineEnd();
        }
        return std::move(stream_);
    }

private:
    const char* lineEnd() { return random_.chance(crlfPerMille_) ? "\r\n" : "\n"; }

    void startFormat()
    {
        const bool pipe = random_.chance(150);
        stream_.path = pipe ? "-" : "in/stream";
        std::string name = "lines";
        if (format_ == Format::kCsv) name = "csv";
        if (format_ == Format::kJsonl) name = "jsonl";
        stream_.schema.source = pipe ? "-?format=" + name : name + ":in/stream";
        if (format_ == Format::kLines) return;
        stream_.schema.keyField = "key";
        stream_.schema.valueField = "value";
        stream_.schema.typeField = "type";
        if (format_ == Format::kPattern)
            stream_.schema.pattern = "^(?P<key>\\S+) (?P<type>[a-z]+) (?P<value>-?[0-9]+)$";
        if (format_ == Format::kCsv) {
            stream_.input = "id,key,type,value,note";
            stream_.input += lineEnd();
        }
    }

    // Few keys are hot: the smaller of two draws, and sometimes one is far above all others.
    Bytes drawKey()
    {
        if (random_.chance(hotPerMille_)) return "k0";
        const std::uint64_t first = random_.below(keys_);
        const std::uint64_t second = random_.below(keys_);
        return "k" + std::to_string(std::min(first, second));
    }

    void expect(const Bytes& key, std::int64_t value)
    {
        ExpectedValue& one = stream_.expected[key];
        one.min = one.count == 0 ? value : std::min(one.min, value);
        one.max = one.count == 0 ? value : std::max(one.max, value);
        one.sum += value;
        ++one.count;
        ++stream_.records;
    }

    Bytes row()
    {
        Bytes key = drawKey();
        const std::string type = kTypes[random_.below(kTypes.size())];
        const auto value = static_cast<std::int64_t>(random_.below(2001)) - 1000;
        switch (format_) {
            case Format::kCsv:
                return csvRow(std::move(key), type, value);
            case Format::kJsonl:
                expect(key, value);
                return "{\"type\":\"" + type + "\",\"value\":" + std::to_string(value)
                       + ",\"key\":\"" + key + "\"}";
            case Format::kLines:
                expect(key, 1);
                return key;
            case Format::kPattern:
                break;
        }
        expect(key, value);
        return key + " " + type + " " + std::to_string(value);
    }

    Bytes csvRow(Bytes key, const std::string& type, std::int64_t value)
    {
        Bytes field = key;
        if (random_.chance(100)) {
            field = "\"" + key + ",\"\"a\"\"\nb\"";
            key += ",\"a\"\nb";
        }
        expect(key, value);
        const std::string note(random_.below(40), 'n');
        return std::to_string(stream_.records) + "," + field + "," + type + ","
               + std::to_string(value) + "," + note;
    }

    // Rejected in every format, as one row or as pieces of one.
    Bytes brokenRow()
    {
        const std::uint64_t kind = random_.below(3);
        if (kind == 0) return Bytes(kRecordBytesMax + 10 + random_.below(1500), 'L');
        if (kind == 1) return "bad\xFF\xFE";
        switch (format_) {
            case Format::kCsv:
                return "1,k1,view,five,";
            case Format::kJsonl:
                return "{\"key\":\"k1\",\"type\":\"view\"";
            case Format::kLines:
                return "\xC3(";
            case Format::kPattern:
                break;
        }
        return "k1 view";
    }

    SplitMix64& random_;
    Format format_;
    std::uint32_t crlfPerMille_;
    std::uint32_t brokenPerMille_;
    std::uint64_t keys_;
    std::uint32_t hotPerMille_;
    RandomStream stream_;
};

}  // namespace

RandomStream makeRandomStream(SplitMix64& random, std::uint64_t rows)
{
    return StreamMaker(random).make(rows);
}

}  // namespace foreshard::sim
