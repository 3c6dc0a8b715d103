#include "engine/node/output_core.h"

#include "engine/base/mutant.h"
#include "engine/wire/little_endian.h"

#include <algorithm>

namespace foreshard {
namespace {

constexpr std::uint32_t kVersion = 1;

}  // namespace

void OutputCore::add(FrameNo n, std::uint32_t rows, Bytes packed)
{
    FS_CHECK(rows > 0 && n > last_);
    bytes_ += packed.size();
    pending_.push_back({n, last_, rows, std::move(packed)});
    last_ = n;
    if (mode_ == SinkMode::kImmediate) released_ = n;
}

void OutputCore::checkpointed(FrameNo n) { released_ = std::max(released_, n); }

void OutputCore::taken(FrameNo n, Instant now)
{
    // Never more than was sent: a sink that names what it cannot have would cost rows.
    const FrameNo upTo = std::min(n, window_.newestEverSent());
    while (!pending_.empty() && pending_.front().n <= upTo) {
        window_.confirm(pending_.front().n, now);
        bytes_ -= pending_.front().packed.size();
        pending_.pop_front();
    }
}

const OutputCore::Pending* OutputCore::next(Instant now)
{
    window_.goBackIfSilent(now);
    if (window_.itemsInFlight() == pending_.size() || !window_.open()) return nullptr;
    const Pending& next = pending_[window_.itemsInFlight()];
    if (next.n > released_ && !mutant(Mutant::kReleaseOutputEarly)) return nullptr;
    window_.sent(next.n, next.packed.size(), now);
    return &next;
}

bool OutputCore::wantsCheckpoint() const
{
    return bytes_ > bytesMax_ / 2 && !pending_.empty() && pending_.back().n > released_;
}

Bytes OutputCore::pack() const
{
    Bytes out;
    out.reserve(bytes_ + 28 * pending_.size() + 24);
    appendNumber(out, kVersion);
    appendNumber(out, static_cast<std::uint32_t>(pending_.size()));
    appendNumber(out, last_);
    for (const Pending& one : pending_) {
        appendNumber(out, one.n);
        appendNumber(out, one.previous);
        appendNumber(out, one.rows);
        appendNumber(out, static_cast<std::uint64_t>(one.packed.size()));
        out += one.packed;
    }
    return out;
}

Status OutputCore::load(BytesView packed)
{
    FS_CHECK(pending_.empty() && last_ == 0);
    if (packed.empty()) return {};
    NumberReader reader(packed);
    const auto version = reader.take<std::uint32_t>();
    const auto count = reader.take<std::uint32_t>();
    const auto last = reader.take<std::uint64_t>();
    bool sound = reader.ok() && version == kVersion;
    for (std::uint32_t i = 0; sound && i < count; ++i) {
        Pending one;
        one.n = reader.take<std::uint64_t>();
        one.previous = reader.take<std::uint64_t>();
        one.rows = reader.take<std::uint32_t>();
        one.packed = Bytes(reader.takeBytes(reader.take<std::uint64_t>()));
        const bool follows = pending_.empty() || one.previous == pending_.back().n;
        sound = reader.ok() && follows && one.previous < one.n && one.n <= last && one.rows > 0;
        bytes_ += one.packed.size();
        pending_.push_back(std::move(one));
    }
    if (sound && reader.rest().empty()) {
        last_ = last;
        return {};
    }
    return Error{Errc::kCorrupt,
                 "the pending outputs of a checkpoint do not hold: it is damaged "
                 "or from another version: check it with verify"};
}

}  // namespace foreshard
