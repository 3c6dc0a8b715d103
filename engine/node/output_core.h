#pragma once
// OutputCore keeps the outputs of one shard until the sink has confirmed them, and decides which
// may be sent; when they are sent again is SendWindow's. Pure: time arrives with each call. Packed
// form for checkpoints: FORMAT.md.
//
// Bounded: beyond `bytesMax` it is full and the shard must apply nothing; the one frame that passed
// the border is kept.
#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/delivery/send_window.h"
#include "engine/model/output.h"

#include <cstdint>
#include <deque>

namespace foreshard {

class OutputCore {
public:
    static constexpr std::uint64_t kWindowBytes = 256U << 10U;  // sent and not confirmed
    static constexpr Nanos kPatienceMin = 250ms;                // until it is sent again
    static constexpr Nanos kPatienceMax = 2s;

    struct Pending {
        FrameNo n = 0;
        FrameNo previous = 0;  // the frame with outputs before this one
        std::uint32_t rows = 0;
        Bytes packed;
    };

    OutputCore(SinkMode mode, std::uint64_t bytesMax) : mode_(mode), bytesMax_(bytesMax) {}

    // The outputs of frame n. REQUIRES: rows > 0, and n is newer than any before.
    void add(FrameNo n, std::uint32_t rows, Bytes packed);
    // A checkpoint that contains everything up to n is listed.
    void checkpointed(FrameNo n);
    // The sink has everything up to n; of what was never sent nothing is taken for confirmed.
    void taken(FrameNo n, Instant now);

    // The next one to send now; null: none. It counts as sent. Valid until the next call.
    const Pending* next(Instant now);
    // What the sink has confirmed: nothing up to here can be sent again.
    FrameNo floor() const { return pending_.empty() ? last_ : pending_.front().previous; }

    bool full() const { return bytes_ > bytesMax_; }
    // Too much waits for a checkpoint: one should be taken now.
    bool wantsCheckpoint() const;
    std::uint64_t bytes() const { return bytes_; }
    std::size_t count() const { return pending_.size(); }

    Bytes pack() const;
    // REQUIRES: nothing was added. kCorrupt on damage.
    Status load(BytesView packed);

private:
    SinkMode mode_;
    std::uint64_t bytesMax_;
    std::deque<Pending> pending_;
    // What is in flight is the front of pending_.
    SendWindow window_ = SendWindow(kWindowBytes, {kPatienceMin, kPatienceMax});
    std::uint64_t bytes_ = 0;
    FrameNo last_ = 0;      // newest frame that had outputs
    FrameNo released_ = 0;  // newest frame whose outputs may leave
};

}  // namespace foreshard
