#include "ui/board/shard_drag_controller.h"

#include <algorithm>
#include <cmath>

namespace foreshard::ui {

void ShardDragController::press(Point at, std::vector<ShardId> shards)
{
    cancel();
    if (shards.empty()) return;
    state_ = State::kPressed;
    shards_ = std::move(shards);
    pressedAt_ = at;
    position_ = at;
}

bool ShardDragController::moveTo(Point at, std::optional<NodeId> over)
{
    if (state_ != State::kPressed && state_ != State::kDragging) return false;
    position_ = at;
    const State before = state_;
    const double distance = std::hypot(at.x - pressedAt_.x, at.y - pressedAt_.y);
    if (state_ == State::kPressed && distance >= startDistance_) state_ = State::kDragging;
    if (state_ != State::kDragging) return false;
    const bool changed = before != state_ || target_ != over;
    target_ = over;
    return changed;
}

std::optional<ShardDragController::Wish> ShardDragController::release(Point at,
                                                                      std::optional<NodeId> over)
{
    moveTo(at, over);
    if (state_ == State::kChoosing) return {};
    return finish();
}

void ShardDragController::beginChoosing(std::vector<ShardId> shards, std::vector<NodeId> nodes,
                                        NodeId from)
{
    cancel();
    if (shards.empty() || nodes.empty()) return;
    state_ = State::kChoosing;
    shards_ = std::move(shards);
    nodes_ = std::move(nodes);
    const auto own = std::find(nodes_.begin(), nodes_.end(), from);
    const auto index =
        own == nodes_.end() ? std::size_t{0} : static_cast<std::size_t>(own - nodes_.begin());
    // The right neighbour first; the left one for the last column.
    chosen_ = index + 1 < nodes_.size() ? index + 1 : (index > 0 ? index - 1 : index);
    target_ = nodes_[chosen_];
}

void ShardDragController::choose(int step)
{
    if (state_ != State::kChoosing) return;
    if (step < 0 && chosen_ > 0) --chosen_;
    if (step > 0 && chosen_ + 1 < nodes_.size()) ++chosen_;
    target_ = nodes_[chosen_];
}

std::optional<ShardDragController::Wish> ShardDragController::commit()
{
    if (state_ != State::kChoosing) return {};
    return finish();
}

std::optional<ShardDragController::Wish> ShardDragController::finish()
{
    std::optional<Wish> wish;
    if (holdsLayout() && target_) wish = Wish{std::move(shards_), *target_};
    cancel();
    return wish;
}

void ShardDragController::cancel()
{
    state_ = State::kIdle;
    shards_.clear();
    target_.reset();
    nodes_.clear();
    chosen_ = 0;
}

}  // namespace foreshard::ui
