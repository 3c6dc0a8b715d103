#pragma once
// The state machine of moving cards, by mouse (press, move, release) or by keyboard (choose a
// node, commit). It knows ids and positions, no widgets, and decides nothing about the cluster:
// a release or a commit yields the wish, which the engine may refuse. Pure.
#include "engine/base/ids.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace foreshard::ui {

class ShardDragController {
public:
    enum class State : std::uint8_t {
        kIdle,
        kPressed,   // button down on a card, not yet far enough to be a drag
        kDragging,  // following the pointer
        kChoosing,  // keyboard: arrows choose the target
    };
    struct Point {
        double x = 0;
        double y = 0;
    };
    struct Wish {
        std::vector<ShardId> shards;
        NodeId to;
    };

    // `startDistance`: how far, in pixels, the pointer must go before a press becomes a drag.
    explicit ShardDragController(double startDistance) : startDistance_(startDistance) {}

    State state() const { return state_; }
    // A gesture is under way whose cards must not be laid out anew.
    bool holdsLayout() const { return state_ == State::kDragging || state_ == State::kChoosing; }
    const std::vector<ShardId>& shards() const { return shards_; }
    // The node under the pointer, or the chosen one.
    std::optional<NodeId> target() const { return target_; }
    Point position() const { return position_; }

    // Button down on a card; `shards` go along with it.
    void press(Point at, std::vector<ShardId> shards);
    // Pointer moved to `at`, above `over` if any. True when the state or the target changed.
    bool moveTo(Point at, std::optional<NodeId> over);
    // Button up. A wish when a drag ended over a node; a mere click gives none.
    std::optional<Wish> release(Point at, std::optional<NodeId> over);

    // Keyboard: from now on choose() walks through `nodes`, beginning beside `from`.
    void beginChoosing(std::vector<ShardId> shards, std::vector<NodeId> nodes, NodeId from);
    void choose(int step);  // -1: left, +1: right; stays inside
    std::optional<Wish> commit();

    void cancel();

private:
    std::optional<Wish> finish();

    double startDistance_;
    State state_ = State::kIdle;
    std::vector<ShardId> shards_;
    std::optional<NodeId> target_;
    Point pressedAt_;
    Point position_;
    std::vector<NodeId> nodes_;
    std::size_t chosen_ = 0;
};

}  // namespace foreshard::ui
