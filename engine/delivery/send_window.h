#pragma once
// SendWindow is a sender's half of go-back-N (Kurose, Ross, "Computer Networking", 3.4): numbered
// items leave in order until too many bytes are unconfirmed; a receiver that stays silent for too
// long is served again from what it last confirmed, after ever longer waits. Numbers grow and may
// have gaps. It knows neither what the items are nor where they lie. Pure: time arrives with each
// call.
#include "engine/base/time.h"

#include <cstddef>
#include <cstdint>
#include <deque>

namespace foreshard {

class SendWindow {
public:
    using Number = std::uint64_t;
    // How long a receiver may be silent: at first, and at most after it has doubled.
    struct Patience {
        Nanos least;
        Nanos most;
    };

    // The receiver has everything up to and including `confirmed`.
    SendWindow(std::uint64_t bytesMax, Patience patience, Number confirmed = 0);

    // May another item leave? The one that fills the window may lie over its limit.
    bool open() const { return bytes_ < bytesMax_; }
    // The item has left. REQUIRES: n > sentUpTo().
    void sent(Number n, std::uint64_t bytes, Instant now);
    // The receiver has everything up to and including `upTo`. False: that is no news.
    bool confirm(Number upTo, Instant now);
    // True when the receiver was silent for too long: nothing counts as sent behind confirmed().
    bool goBackIfSilent(Instant now);

    Number confirmed() const { return confirmed_; }
    // The next item to leave is the first behind this one.
    Number sentUpTo() const { return sentUpTo_; }
    // The newest that has ever left, also before the sender went back.
    Number newestEverSent() const { return newestEverSent_; }
    std::size_t itemsInFlight() const { return inFlight_.size(); }
    std::uint64_t bytesInFlight() const { return bytes_; }

private:
    struct Item {
        Number n = 0;
        std::uint64_t bytes = 0;
    };

    std::uint64_t bytesMax_;
    Patience patience_;
    std::deque<Item> inFlight_;  // left and not confirmed, ascending
    std::uint64_t bytes_ = 0;    // of them
    Number confirmed_;
    Number sentUpTo_;
    Number newestEverSent_ = 0;
    Instant lastProgress_;
    Nanos wait_;  // until the sender goes back
};

}  // namespace foreshard
