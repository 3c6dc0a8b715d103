#include "ui/timeline/timeline_scene.h"

#include <algorithm>
#include <cmath>

namespace foreshard::ui {

namespace {

constexpr double kNarrowPixels = 2.0;
constexpr std::size_t kMovesStillRunning = 256;

template <class Sample>
auto firstAfter(const std::deque<Sample>& samples, WallMillis wallMs)
{
    return std::upper_bound(samples.begin(), samples.end(), wallMs,
                            [](WallMillis time, const Sample& one) { return time < one.wallMs; });
}

auto firstBarFrom(const TimelineLane& lane, double timeMs)
{
    return std::lower_bound(
        lane.bars.begin(), lane.bars.end(), timeMs,
        [](const CheckpointInfo& bar, double time) { return barStartMs(bar) < time; });
}

template <class T>
void trimFront(std::vector<T>& values, std::size_t keep)
{
    if (values.size() <= keep) return;
    const std::size_t drop = values.size() - keep + keep / 10;  // amortised: a tenth more
    values.erase(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(drop));
}

}  // namespace

LoadClass classOfInterval(std::uint32_t intervalMs)
{
    if (intervalMs <= 250) return LoadClass::kHigh;
    return intervalMs <= 750 ? LoadClass::kMedium : LoadClass::kLow;
}

std::optional<std::size_t> TimelineScene::laneOf(ShardId shard) const
{
    const auto at =
        std::lower_bound(lanes_.begin(), lanes_.end(), shard,
                         [](const TimelineLane& l, ShardId id) { return l.shard < id; });
    if (at == lanes_.end() || at->shard != shard) return std::nullopt;
    return static_cast<std::size_t>(at - lanes_.begin());
}

TimelineLane& TimelineScene::lane(ShardId shard)
{
    auto at = std::lower_bound(lanes_.begin(), lanes_.end(), shard,
                               [](const TimelineLane& l, ShardId id) { return l.shard < id; });
    if (at == lanes_.end() || at->shard != shard) {
        at = lanes_.insert(at, TimelineLane{});
        at->shard = shard;
    }
    return *at;
}

void TimelineScene::touch(double timeMs)
{
    if (firstMs_ <= 0 || timeMs < firstMs_) firstMs_ = timeMs;
    lastMs_ = std::max(lastMs_, timeMs);
}

void TimelineScene::observe(const SnapshotHistory& history, const ClusterSnapshot& snapshot)
{
    if (history.generation() != generation_) {
        *this = TimelineScene{};
        generation_ = history.generation();
    }
    observeShards(history, snapshot);
    const auto& checkpoints = history.checkpoints();  // ids grow
    for (auto info = std::upper_bound(
             checkpoints.begin(), checkpoints.end(), newest_,
             [](CheckpointId id, const CheckpointInfo&known) { return id < known.id; });
         info != checkpoints.end(); ++info)
        addCheckpoint(*info);
    observeNodes(history, snapshot);
    observeLog(history);
    observeMoves(history);
    samplesUntilMs_ = snapshot.wallMs;
    if (snapshot.wallMs > 0) touch(static_cast<double>(snapshot.wallMs));
}

void TimelineScene::observeShards(const SnapshotHistory& history, const ClusterSnapshot& snapshot)
{
    for (const ShardSnapshot& shard : snapshot.shards) {
        TimelineLane& own = lane(shard.id);
        own.node = shard.node;
        own.loadClass = shard.loadClass;
        own.state = shard.state;
        own.intervalMs = shard.intervalMs;
        const auto& samples = history.samples(shard.id);
        for (auto sample = firstAfter(samples, samplesUntilMs_); sample != samples.end(); ++sample)
            addIntervalStep(own, static_cast<double>(sample->wallMs), sample->intervalMs);
    }
}

void TimelineScene::observeNodes(const SnapshotHistory& history, const ClusterSnapshot& snapshot)
{
    for (const NodeSnapshot& node : snapshot.nodes) {
        NodeState& known = nodes_.try_emplace(node.id, NodeState::kStarting).first->second;
        const auto& samples = history.samples(node.id);
        for (auto sample = firstAfter(samples, samplesUntilMs_); sample != samples.end();
             ++sample) {
            if (sample->state == NodeState::kDead && known != NodeState::kDead)
                addMark({.kind = TimelineMarkKind::kNodeLost,
                         .timeMs = static_cast<double>(sample->wallMs),
                         .number = node.id.value});
            known = sample->state;
        }
    }
}

void TimelineScene::observeLog(const SnapshotHistory& history)
{
    const auto& entries = history.logEntries();  // indices grow
    for (auto entry = std::upper_bound(
             entries.begin(), entries.end(), logIndex_,
             [](LogIndex index, const AssignmentEntry&known) { return index < known.index; });
         entry != entries.end(); ++entry) {
        logIndex_ = entry->index;
        if (entry->term > term_ && term_ > 0)
            addMark({.kind = TimelineMarkKind::kTermChange,
                     .timeMs = static_cast<double>(entry->wallMs),
                     .number = entry->term});
        term_ = std::max(term_, entry->term);
    }
}

void TimelineScene::observeMoves(const SnapshotHistory& history)
{
    // A move changes its phase while it is known; only the newest ones can still do so.
    const auto& moves = history.moves();
    const std::size_t from = samplesUntilMs_ == 0 || moves.size() < kMovesStillRunning
                                 ? 0
                                 : moves.size() - kMovesStillRunning;
    for (std::size_t i = from; i < moves.size(); ++i) {
        auto& known = lane(moves[i].shard).moves;
        const auto same = std::find_if(known.rbegin(), known.rend(), [&](const MoveSnapshot& one) {
            return one.plan == moves[i].plan;
        });
        if (same != known.rend())
            *same = moves[i];
        else
            known.push_back(moves[i]);
        trimFront(known, kMovesPerLaneMax);
    }
    const auto& recoveries = history.recoveries();  // seqs grow
    for (auto recovery = std::upper_bound(
             recoveries.begin(), recoveries.end(), recoverySeq_,
             [](std::uint64_t seq, const RecoverySnapshot&known) { return seq < known.seq; });
         recovery != recoveries.end(); ++recovery) {
        recoverySeq_ = recovery->seq;
        auto& known = lane(recovery->shard).recoveries;
        known.push_back(*recovery);
        trimFront(known, kMovesPerLaneMax);
    }
}

void TimelineScene::addMark(TimelineMark mark)
{
    const auto at =
        std::upper_bound(marks_.begin(), marks_.end(), mark.timeMs,
                         [](double time, const TimelineMark& m) { return time < m.timeMs; });
    marks_.insert(at, mark);
    trimFront(marks_, kMarksMax);
}

void TimelineScene::addIntervalStep(TimelineLane& own, double timeMs, std::uint32_t intervalMs)
{
    auto& steps = own.steps;
    if (!steps.empty() && (steps.back().intervalMs == intervalMs || timeMs < steps.back().timeMs))
        return;
    steps.push_back({.timeMs = timeMs, .intervalMs = intervalMs});
    trimFront(steps, kStepsPerLaneMax);
    touch(timeMs);
}

void TimelineScene::addCheckpoint(const CheckpointInfo& info)
{
    if (info.id <= newest_) return;
    newest_ = info.id;
    TimelineLane& own = lane(info.shard);
    // Nodes have their own clocks: a bar may come out of order by a little.
    const auto at =
        std::upper_bound(own.bars.begin(), own.bars.end(), info.wallMs,
                         [](WallMillis time, const CheckpointInfo& b) { return time < b.wallMs; });
    own.bars.insert(at, info);
    own.longestBarMs = std::max(own.longestBarMs, barEndMs(info) - barStartMs(info));
    touch(barStartMs(info));
    if (++barCount_ > kBarsMax) dropOldest();
}

void TimelineScene::dropOldest()
{
    barCount_ = 0;
    for (TimelineLane& own : lanes_) {
        const auto drop = static_cast<std::ptrdiff_t>((own.bars.size() + 9) / 10);
        own.bars.erase(own.bars.begin(), own.bars.begin() + drop);
        barCount_ += own.bars.size();
    }
}

void visibleBoxes(const TimelineLane& lane, const TimelineCoordinates& time,
                  std::vector<TimelineBox>& boxes)
{
    const double endMs = time.endMs();
    const std::size_t firstBox = boxes.size();
    for (auto bar = firstBarFrom(lane, time.startMs() - lane.longestBarMs);
         bar != lane.bars.end() && barStartMs(*bar) <= endMs; ++bar) {
        const double x0 = time.toX(barStartMs(*bar));
        const double x1 = time.toX(barEndMs(*bar));
        if (x1 < 0) continue;
        const LoadClass loadClass = classOfInterval(bar->intervalMs);
        const bool full = bar->kind == CheckpointKind::kFull;
        if (x1 - x0 >= kNarrowPixels) {
            boxes.push_back({.x0 = x0,
                             .xMid = time.toX(barSnapshotEndMs(*bar)),
                             .x1 = x1,
                             .loadClass = loadClass,
                             .full = full,
                             .bars = 1,
                             .first = bar->id});
            continue;
        }
        const double pixel = std::floor(x0);
        TimelineBox* last = boxes.size() > firstBox ? &boxes.back() : nullptr;
        if (last != nullptr && last->xMid == last->x0 && last->x0 == pixel) {
            last->loadClass = std::max(last->loadClass, loadClass);
            last->full = last->full || full;
            ++last->bars;
            continue;
        }
        boxes.push_back({.x0 = pixel,
                         .xMid = pixel,
                         .x1 = pixel + 1,
                         .loadClass = loadClass,
                         .full = full,
                         .bars = 1,
                         .first = bar->id});
    }
}

const CheckpointInfo* barAt(const TimelineLane& lane, const TimelineCoordinates& time, double x,
                            double reachPixels)
{
    const double reachMs = reachPixels * time.msPerPixel();
    const double atMs = time.toTime(x);
    const CheckpointInfo* best = nullptr;
    double bestMs = reachMs;
    for (auto bar = firstBarFrom(lane, atMs - reachMs - lane.longestBarMs);
         bar != lane.bars.end() && barStartMs(*bar) <= atMs + reachMs; ++bar) {
        const double away = std::max({0.0, barStartMs(*bar) - atMs, atMs - barEndMs(*bar)});
        if (away > bestMs || (best != nullptr && away == bestMs && away > 0)) continue;
        best = &*bar;
        bestMs = away;
    }
    return best;
}

const CheckpointInfo* neighbour(const TimelineLane& lane, CheckpointId from, int steps)
{
    if (lane.bars.empty()) return nullptr;
    const auto at = std::find_if(lane.bars.begin(), lane.bars.end(),
                                 [&](const CheckpointInfo& bar) { return bar.id == from; });
    if (at == lane.bars.end()) return &lane.bars.back();
    const auto last = static_cast<std::ptrdiff_t>(lane.bars.size()) - 1;
    const auto index = std::clamp<std::ptrdiff_t>((at - lane.bars.begin()) + steps, 0, last);
    return &lane.bars[static_cast<std::size_t>(index)];
}

}  // namespace foreshard::ui
