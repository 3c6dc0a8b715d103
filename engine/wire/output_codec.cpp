#include "engine/wire/output_codec.h"

#include "engine/wire/little_endian.h"

#include <limits>
#include <string>
#include <utility>

namespace foreshard {

void OutputPacker::add(const OutputRow& row)
{
    FS_CHECK(row.key.size() <= std::numeric_limits<std::uint32_t>::max());
    appendNumber(packed_, row.offset);
    appendNumber(packed_, row.count);
    appendNumber(packed_, row.sum);
    appendNumber(packed_, row.min);
    appendNumber(packed_, row.max);
    appendNumber(packed_, static_cast<std::uint32_t>(row.key.size()));
    packed_.append(row.key);
    ++count_;
}

Bytes OutputPacker::take()
{
    count_ = 0;
    return std::exchange(packed_, {});
}

void OutputPacker::clear()
{
    packed_.clear();
    count_ = 0;
}

bool OutputUnpacker::next(OutputRow& out)
{
    if (!status_.ok() || position_ == packed_.size()) return false;
    NumberReader reader(packed_.substr(position_));
    OutputRow row;
    row.offset = reader.take<std::uint64_t>();
    row.count = reader.take<std::uint64_t>();
    row.sum = reader.take<double>();
    row.min = reader.take<double>();
    row.max = reader.take<double>();
    row.key = reader.takeBytes(reader.take<std::uint32_t>());
    if (!reader.ok()) {
        status_ = Error{Errc::kCorrupt,
                        "unpack output at byte " + std::to_string(position_)
                            + ": the bytes end inside it: the checkpoint or message is damaged: "
                              "check it with verify"};
        return false;
    }
    position_ = packed_.size() - reader.rest().size();
    out = row;
    return true;
}

}  // namespace foreshard
