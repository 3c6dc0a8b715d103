#pragma once
// The bounded recent past that a snapshot carries: events, recoveries, moves, checkpoints. Older
// entries fall off; sequence numbers tell a reader what it has missed.
#include "engine/model/snapshot.h"

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

namespace foreshard {

template <class T>
class BoundedRing {
public:
    explicit BoundedRing(std::size_t max) : max_(max) {}

    void push(T value)
    {
        items_.push_back(std::move(value));
        if (items_.size() > max_) items_.pop_front();
    }
    std::vector<T> copy() const { return {items_.begin(), items_.end()}; }
    std::deque<T>& items() { return items_; }

private:
    std::size_t max_;
    std::deque<T> items_;
};

struct HistoryRings {
    BoundedRing<EventSnapshot> events{256};
    BoundedRing<RecoverySnapshot> recoveries{256};
    BoundedRing<MoveSnapshot> moves{64};
    BoundedRing<CheckpointInfo> checkpoints{512};
    std::uint64_t eventSeq = 0;
    std::uint64_t recoverySeq = 0;
};

}  // namespace foreshard
