#include "engine/source/synth.h"

#include "engine/base/split_mix.h"
#include "engine/source/nearest_name.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <system_error>
#include <utility>

namespace foreshard {
namespace {

constexpr std::int64_t kEpochMs = 1'700'000'000'000;
constexpr std::uint64_t kBlockRecords = 512;  // records between two changes of the rate
constexpr std::uint64_t kCycleBlocks = 256;   // blocks after which the rate repeats itself
constexpr std::uint64_t kRateMax = 100'000'000;
constexpr std::uint64_t kHeavyDrift = 100'000;  // records after which other keys are the heavy ones
constexpr std::uint32_t kHeavyEvery = 16;       // one key in so many asks for dear work

struct TypeShape {
    BytesView name;
    std::uint32_t payloadMin;
    std::uint32_t payloadMax;
    std::uint32_t perMille;       // of an ordinary key's records
    std::uint32_t heavyPerMille;  // of a heavy key's
};
constexpr std::array<TypeShape, 5> kTypes{{
    {"view", 20, 60, 620, 200},
    {"search", 40, 160, 180, 250},
    {"cart", 60, 200, 110, 150},
    {"order", 120, 320, 70, 250},
    {"report", 300, 600, 20, 150},
}};
constexpr std::size_t kLineMax = 720;  // longest payload and room for the other fields

// Rate of a block against an even stream, in per mille: a slow swell and three bursts per cycle.
std::uint64_t burstPerMille(std::uint64_t block)
{
    const std::uint64_t swell = block < kCycleBlocks / 2 ? block : kCycleBlocks - block;
    const std::uint64_t calm = 700 + swell * 600 / (kCycleBlocks / 2);
    const bool burst = (block >= 60 && block < 84) || (block >= 140 && block < 152)
                       || (block >= 200 && block < 236);
    return burst ? calm * 3 : calm;
}

const TypeShape& drawType(std::uint32_t types, bool heavy, SplitMix64& random)
{
    const auto weight = [&](std::size_t i) {
        return heavy ? kTypes[i].heavyPerMille : kTypes[i].perMille;
    };
    std::uint32_t total = 0;
    for (std::size_t i = 0; i < types; ++i)
        total += weight(i);
    auto draw = static_cast<std::uint32_t>(random.below(total));
    std::size_t i = 0;
    while (draw >= weight(i))
        draw -= weight(i++);
    return kTypes[i];
}

char* put(char* to, BytesView text)
{
    std::memcpy(to, text.data(), text.size());
    return to + text.size();
}

char* putNumber(char* to, std::int64_t number) { return std::to_chars(to, to + 20, number).ptr; }

char* putPayload(char* to, std::size_t length, SplitMix64& random)
{
    constexpr std::size_t kLettersPerDraw = 21;  // three bits each
    while (length > 0) {
        std::uint64_t bits = random.next();
        const std::size_t letters = std::min(length, kLettersPerDraw);
        for (std::size_t i = 0; i < letters; ++i, bits >>= 3U)
            *to++ = "acehorst"[bits & 7U];
        length -= letters;
    }
    return to;
}

Error invalid(const std::string& what, const std::string& cause, const std::string& next)
{
    return {Errc::kInvalid, what + ": " + cause + ": " + next};
}

Status setShape(const std::string& name, SynthOptions& options)
{
    const bool mixed = name == "mixed";
    options.skewed = name != "uniform";
    options.driftEvery = mixed ? 20'000 : name == "drift" ? 5'000 : 0;
    options.bursts = mixed || name == "bursts";
    const std::vector<std::string> names{"mixed", "uniform", "skew", "drift", "bursts"};
    if (std::find(names.begin(), names.end(), name) != names.end()) return {};
    return Error{Errc::kInvalid,
                 "synth stream '" + name + "' not found: synth " + nameAdvice(name, names)};
}

Status checkFields(const StreamSchema& schema)
{
    const std::array<std::pair<const std::string*, const char*>, 4> fields{{
        {&schema.keyField, "key"},
        {&schema.timeField, "time"},
        {&schema.typeField, "type"},
        {&schema.valueField, "value"},
    }};
    for (const auto& [given, own] : fields)
        if (!given->empty() && *given != own)
            return invalid("field '" + *given + "' not found",
                           "a synth stream has the fields key, time, type and value",
                           std::string("leave it out or say '") + own + "'");
    return {};
}

Result<std::uint64_t> wholeNumber(const std::string& name, const std::string& text,
                                  std::uint64_t least, std::uint64_t most)
{
    std::uint64_t number = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    if (error != std::errc{} || end != last || number < least || number > most)
        return invalid(
            "synth parameter " + name + "=" + text + " cannot be used", "it is not in its range",
            "give a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return number;
}

}  // namespace

Result<SynthOptions> synthOptions(const SourceUri& uri, const StreamSchema& schema)
{
    SynthOptions options;
    FS_TRY_STATUS(setShape(uri.name, options));
    FS_TRY_STATUS(checkFields(schema));
    for (const auto& [name, text] : uri.parameters) {
        if (name == "seed") {
            FS_TRY(options.seed, wholeNumber(name, text, 0, UINT64_MAX));
        } else if (name == "rate") {
            FS_TRY(const std::uint64_t rate, wholeNumber(name, text, 0, kRateMax));
            options.paced = rate > 0;
            if (rate > 0) options.rate = rate;
        } else if (name == "count") {
            FS_TRY(options.count, wholeNumber(name, text, 0, UINT64_MAX));
        } else if (name == "keys") {
            FS_TRY(const std::uint64_t keys, wholeNumber(name, text, 1, 10'000'000));
            options.keys = static_cast<std::uint32_t>(keys);
        } else if (name == "types") {
            FS_TRY(const std::uint64_t types, wholeNumber(name, text, 1, kTypes.size()));
            options.types = static_cast<std::uint32_t>(types);
        } else {
            return invalid("synth parameter '" + name + "' not found", "a synth stream has others",
                           "use seed, rate, count, keys or types");
        }
    }
    return options;
}

SynthGenerator::SynthGenerator(const SynthOptions& options)
    : options_(options), base_(SplitMix64(options.seed).next())
{
    FS_CHECK(options_.rate > 0 && options_.rate <= kRateMax && options_.keys > 0);
    FS_CHECK(options_.types > 0 && options_.types <= kTypes.size());
    if (options_.skewed) {
        std::uint64_t total = 0;
        popularity_.reserve(options_.keys);
        for (std::uint64_t rank = 1; rank <= options_.keys; ++rank)
            popularity_.push_back(total += (std::uint64_t{1} << 40U) / rank);
    }
    const std::uint64_t blocks = options_.bursts ? kCycleBlocks : 1;
    std::uint64_t inverse = 0;  // what the bursts save is given back, so that the mean holds
    for (std::uint64_t block = 0; options_.bursts && block < blocks; ++block)
        inverse += 1'000'000 / burstPerMille(block);
    const std::uint64_t even = kBlockRecords * 1'000'000'000 / options_.rate;
    std::int64_t start = 0;
    for (std::uint64_t block = 0; block < blocks; ++block) {
        blockStarts_.push_back(start);
        const std::uint64_t share =  // of an even block, in parts of 10^6
            options_.bursts ? 1'000'000 / burstPerMille(block) * 1'000'000 * blocks / inverse
                            : 1'000'000;
        // even <= 5.12e11 and share < 4e6: the product fits.
        start += static_cast<std::int64_t>(even * share / 1'000'000);
    }
    blockStarts_.push_back(start);
}

Nanos SynthGenerator::timeOf(std::uint64_t i) const
{
    const std::uint64_t blocks = blockStarts_.size() - 1;
    const std::uint64_t block = i / kBlockRecords;
    const std::size_t at = static_cast<std::size_t>(block % blocks);
    const auto cycles = static_cast<std::int64_t>(block / blocks);
    const auto inside = static_cast<std::int64_t>(i % kBlockRecords);
    const std::int64_t length = blockStarts_[at + 1] - blockStarts_[at];
    return Nanos{cycles * blockStarts_.back() + blockStarts_[at]
                 + length * inside / static_cast<std::int64_t>(kBlockRecords)};
}

std::uint32_t SynthGenerator::keyOf(std::uint64_t i, std::uint64_t draw) const
{
    std::uint64_t rank = 0;
    if (options_.skewed) {
        const auto found =
            std::upper_bound(popularity_.begin(), popularity_.end(), draw % popularity_.back());
        rank = static_cast<std::uint64_t>(found - popularity_.begin());
    } else {
        rank = draw % options_.keys;
    }
    const std::uint64_t moved = options_.driftEvery == 0 ? 0 : i / options_.driftEvery;
    return static_cast<std::uint32_t>((rank + moved) % options_.keys);
}

RecordView SynthGenerator::record(std::uint64_t i, ByteArena& arena) const
{
    // An odd factor other than SplitMix64's own step, so that neighbours share no draws.
    SplitMix64 random(base_ + i * 0xD1342543DE82EF95ULL);
    const std::uint32_t key = keyOf(i, random.next());
    const std::uint64_t turn = options_.driftEvery == 0 ? 0 : i / kHeavyDrift;
    const bool heavy = options_.skewed && (key + turn) % kHeavyEvery == 3;
    const TypeShape& type = drawType(options_.types, heavy, random);
    const std::uint64_t quarters = 1 + random.below(4000);
    const std::size_t payload =
        type.payloadMin + random.below(type.payloadMax - type.payloadMin + 1);

    std::array<char, kLineMax> line;  // NOLINT(cppcoreguidelines-pro-type-member-init): overwritten
    char* to = put(line.data(), type.name);
    *to++ = ',';
    const char* const keyStart = to;
    *to++ = 'k';
    for (std::uint32_t weight = 10'000; weight > std::max(key, 1U); weight /= 10)
        *to++ = '0';
    to = putNumber(to, key);
    const char* const keyEnd = to;
    *to++ = ',';
    to = putNumber(to, static_cast<std::int64_t>(quarters / 4));
    to = put(to, std::array<BytesView, 4>{"", ".25", ".5", ".75"}[quarters % 4]);
    *to++ = ',';
    const std::int64_t timeMs = kEpochMs + timeOf(i).count() / 1'000'000;
    to = putNumber(to, timeMs);
    *to++ = ',';
    to = putPayload(to, payload, random);
    *to++ = '\n';

    RecordView record;
    record.raw = arena.store({line.data(), static_cast<std::size_t>(to - line.data())});
    record.type = record.raw.substr(0, type.name.size());
    record.key = record.raw.substr(static_cast<std::size_t>(keyStart - line.data()),
                                   static_cast<std::size_t>(keyEnd - keyStart));
    record.value = static_cast<double>(quarters) / 4;
    record.eventTimeMs = timeMs;
    return record;
}

SynthSource::SynthSource(std::string uri, const SynthOptions& options,
                         const SourcePosition& resumeAt, double ratePerSecond)
    : uri_(std::move(uri)),
      options_(options),
      generator_(options),
      position_(resumeAt),
      pacer_(ratePerSecond)
{
}

Result<Source::Batch> SynthSource::read(std::size_t bytesMax, Instant now)
{
    FS_CHECK(bytesMax > 0);
    if (!zero_) zero_ = now - generator_.timeOf(position_.nextOffset);
    const auto ended = [&] { return options_.count > 0 && position_.nextOffset >= options_.count; };
    Batch batch;
    const std::size_t recordsMax = pacer_.allowed(now);
    std::size_t bytes = 0;
    while (batch.parsed.records.size() < recordsMax && bytes < bytesMax && !ended()) {
        const std::uint64_t i = position_.nextOffset;
        if (options_.paced && generator_.timeOf(i) > now - *zero_) break;
        RecordView record = generator_.record(i, batch.parsed.arena);
        record.offset = i;
        bytes += record.raw.size();
        batch.parsed.records.push_back(record);
        batch.parsed.lines.push_back(++position_.line);
        position_.byte += record.raw.size();
        ++position_.nextOffset;
    }
    pacer_.take(batch.parsed.records.size());
    batch.after = position_;
    batch.end = ended();
    return batch;
}

}  // namespace foreshard
