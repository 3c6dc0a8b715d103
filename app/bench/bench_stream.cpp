#include "app/bench/bench_stream.h"

#include "engine/base/split_mix.h"
#include "engine/env/real/posix_io.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fcntl.h>

namespace foreshard {
namespace {

constexpr double kZipfExponent = 1.1;
constexpr unsigned kTableBits = 18;  // 100 000 keys fill it to 0.38
constexpr std::size_t kValueAt = 8;
constexpr std::size_t kPayloadAt = 16;
constexpr std::size_t kPayloadBytes = BenchStream::kRecordBytes - kPayloadAt;
constexpr std::size_t kWriteBytes = 4U << 20U;

// By rank: the share of records with this rank or a more popular one.
std::vector<double> zipfShares()
{
    std::vector<double> shares(BenchStream::kKeys);
    double total = 0;
    for (std::size_t i = 0; i < shares.size(); ++i)
        shares[i] = total += std::pow(static_cast<double>(i + 1), -kZipfExponent);
    for (double& share : shares)
        share /= total;
    return shares;
}

void putDigits(char* to, std::size_t digits, std::uint64_t number)
{
    for (std::size_t i = digits; i-- > 0; number /= 10)
        to[i] = static_cast<char>('0' + number % 10);
}

// "k00042,0123.25,payload\n": 100 bytes, like the record in memory.
void putRow(const char* record, char* to)
{
    std::uint64_t key = 0;
    double value = 0;
    std::memcpy(&key, record, sizeof key);
    std::memcpy(&value, record + kValueAt, sizeof value);
    const auto hundredths = static_cast<std::uint64_t>(value * 100);
    to[0] = 'k';
    putDigits(to + 1, 5, key);
    to[6] = ',';
    putDigits(to + 7, 4, hundredths / 100);
    to[11] = '.';
    putDigits(to + 12, 2, hundredths % 100);
    to[14] = ',';
    std::memcpy(to + 15, record + kPayloadAt, kPayloadBytes);
    to[BenchStream::kRecordBytes - 1] = '\n';
}

Error mismatch(const std::string& what)
{
    return {Errc::kCorrupt, "check of the engine's result: " + what
                                + ": records were lost, doubled or changed: run verify on a data "
                                  "directory made with the same source, and report it"};
}

}  // namespace

BenchStream::BenchStream(std::uint64_t records)
    : records_(records), bytes_(records * kRecordBytes), table_(std::size_t{1} << kTableBits)
{
    const std::vector<double> shares = zipfShares();
    SplitMix64 random(1);
    for (std::uint64_t i = 0; i < records; ++i) {
        char* const record = bytes_.data() + i * kRecordBytes;
        const auto rank = std::lower_bound(shares.begin(), shares.end(), random.unit());
        const auto key =
            static_cast<std::uint64_t>(std::min<std::ptrdiff_t>(rank - shares.begin(), kKeys - 1));
        const double value = static_cast<double>(1 + random.below(4000)) / 4;
        std::memcpy(record, &key, sizeof key);
        std::memcpy(record + kValueAt, &value, sizeof value);
        std::uint64_t bits = 0;
        for (std::size_t at = 0; at < kPayloadBytes; ++at, bits >>= 4U) {
            if (at % 16 == 0) bits = random.next();
            record[kPayloadAt + at] = "abcdefghijklmnop"[bits & 15U];
        }
    }
}

BenchStream::Slot& BenchStream::slotOf(std::uint64_t key)
{
    std::size_t at = (key * 0x9E3779B97F4A7C15ULL) >> (64U - kTableBits);
    while (table_[at].keyPlusOne != key + 1 && table_[at].keyPlusOne != 0)
        at = (at + 1) & (table_.size() - 1);
    return table_[at];
}

const BenchStream::Slot* BenchStream::find(std::uint64_t key) const
{
    std::size_t at = (key * 0x9E3779B97F4A7C15ULL) >> (64U - kTableBits);
    while (table_[at].keyPlusOne != key + 1) {
        if (table_[at].keyPlusOne == 0) return nullptr;
        at = (at + 1) & (table_.size() - 1);
    }
    return &table_[at];
}

void BenchStream::aggregateOnce()
{
    std::fill(table_.begin(), table_.end(), Slot{});
    keysSeen_ = 0;
    const char* const end = bytes_.data() + bytes_.size();
    for (const char* record = bytes_.data(); record != end; record += kRecordBytes) {
        std::uint64_t key = 0;
        double value = 0;
        std::memcpy(&key, record, sizeof key);
        std::memcpy(&value, record + kValueAt, sizeof value);
        Slot& slot = slotOf(key);
        if (slot.keyPlusOne == 0) {
            slot.keyPlusOne = key + 1;
            ++keysSeen_;
        }
        ++slot.count;
        slot.sum += value;
    }
}

Round BenchStream::plainLoop(double seconds)
{
    const Meter meter;
    std::uint64_t passes = 0;
    do {
        aggregateOnce();
        ++passes;
    } while (meter.elapsedSeconds() < seconds);
    return meter.lap(passes * records_, passes * bytes_.size());
}

Status BenchStream::writeCsv(const std::string& path, std::uint64_t passes) const
{
    FS_TRY(const UniqueFd file,
           openFile(path, O_WRONLY | O_CREAT | O_TRUNC, "write the bench's stream"));
    const Bytes header = "key,value,payload\n";
    FS_TRY_STATUS(writeAt(file.get(), header, 0, path));
    std::uint64_t position = header.size();
    Bytes block;
    const auto flush = [&]() -> Status {
        FS_TRY_STATUS(writeAt(file.get(), block, position, path));
        position += block.size();
        block.clear();
        return {};
    };
    std::array<char, kRecordBytes> row{};
    for (std::uint64_t i = 0; i < passes * records_; ++i) {
        putRow(bytes_.data() + i % records_ * kRecordBytes, row.data());
        block.append(row.data(), row.size());
        if (block.size() >= kWriteBytes) FS_TRY_STATUS(flush());
    }
    return flush();
}

Status BenchStream::check(const std::vector<AggregateRow>& rows, std::uint64_t passes) const
{
    FS_CHECK(keysSeen_ > 0);
    std::uint64_t total = 0;
    for (const AggregateRow& row : rows) {
        std::uint64_t key = kKeys;
        const char* const end = row.key.data() + row.key.size();
        if (row.key.starts_with('k')) std::from_chars(row.key.data() + 1, end, key);
        const Slot* const expected = find(key);
        if (expected == nullptr) return mismatch("key " + row.key + " was never sent");
        total += row.value.count;
        // Exact: all sums are multiples of 0.25 far below 2^51.
        const double sum = expected->sum * static_cast<double>(passes);
        if (row.value.count != expected->count * passes || row.value.sum != sum) {
            return mismatch("key " + row.key + " has " + std::to_string(row.value.count)
                            + " records, sum " + std::to_string(row.value.sum) + ", not "
                            + std::to_string(expected->count * passes) + ", sum "
                            + std::to_string(sum));
        }
    }
    if (rows.size() != keysSeen_ || total != passes * records_) {
        return mismatch(std::to_string(total) + " records in " + std::to_string(rows.size())
                        + " keys, not " + std::to_string(passes * records_) + " in "
                        + std::to_string(keysSeen_));
    }
    return {};
}

}  // namespace foreshard
