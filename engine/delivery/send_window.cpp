#include "engine/delivery/send_window.h"

#include "engine/base/check.h"

#include <algorithm>

namespace foreshard {

SendWindow::SendWindow(std::uint64_t bytesMax, Patience patience, Number confirmed)
    : bytesMax_(bytesMax),
      patience_(patience),
      confirmed_(confirmed),
      sentUpTo_(confirmed),
      wait_(patience.least)
{
}

void SendWindow::sent(Number n, std::uint64_t bytes, Instant now)
{
    FS_CHECK(n > sentUpTo_);
    // Silence begins when there is something to confirm.
    if (inFlight_.empty()) lastProgress_ = now;
    inFlight_.push_back({n, bytes});
    bytes_ += bytes;
    sentUpTo_ = n;
    newestEverSent_ = std::max(newestEverSent_, n);
}

bool SendWindow::confirm(Number upTo, Instant now)
{
    if (upTo <= confirmed_) return false;
    while (!inFlight_.empty() && inFlight_.front().n <= upTo) {
        bytes_ -= inFlight_.front().bytes;
        inFlight_.pop_front();
    }
    confirmed_ = upTo;
    // A late confirmation may name what the sender went back behind: it need not leave again.
    sentUpTo_ = std::max(sentUpTo_, upTo);
    lastProgress_ = now;
    wait_ = patience_.least;
    return true;
}

bool SendWindow::goBackIfSilent(Instant now)
{
    if (inFlight_.empty() || now - lastProgress_ < wait_) return false;
    inFlight_.clear();
    bytes_ = 0;
    sentUpTo_ = confirmed_;
    lastProgress_ = now;
    wait_ = std::min(wait_ * 2, patience_.most);
    return true;
}

}  // namespace foreshard
