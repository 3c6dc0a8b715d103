#pragma once
// Planted bugs, to prove that the simulation's checkers would notice them. A normal build has none:
// mutant() is false at compile time, and the branches behind it are gone. In a build with
// -DFORESHARD_MUTANTS=ON (preset `mutants`) a process carries at most one, chosen before its
// engine starts by `foreshard simulate --mutant NAME`; `./dev mutants` runs them all.
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#ifdef FORESHARD_MUTANTS
#include <atomic>
#endif

namespace foreshard {

enum class Mutant : std::uint8_t {
    kNone,
    kSkipFsync,             // a journal says "durable" without a sync
    kTruncateEarly,         // boxes are cut behind the newest checkpoint, not the second-newest
    kApplyTwice,            // the first frame behind a restored checkpoint is applied twice
    kDropLastWhole,         // cutting a torn tail takes the last whole record with it
    kIgnoreEpoch,           // whoever asks is believed, whatever epoch it speaks of
    kReleaseOutputEarly,    // an output leaves before the checkpoint that covers it
    kSwapFrames,            // a frame is applied behind the one that follows it
    kSlotOffByOne,          // a shard's first slot counts as its neighbour's
    kAcceptDamaged,         // a checkpoint is loaded whatever its checksum says
    kLoseSourcePosition,    // a restart reads the source from its beginning
    kObeyOutsider,          // whoever comes in through --listen is taken for a part of the engine
    kIgnoreRemovedSegment,  // a file removed under the engine goes unnoticed
    kTrustSourcePosition,   // a source is read on at its position whatever it has become
    kForgetFence,           // control forgets the truncation fences when it is replaced
    kSnapshotDropsCheckpoint,  // a snapshot of the control log drops one listed checkpoint
};

struct MutantName {
    Mutant mutant;
    std::string_view name;
};

inline constexpr std::array<MutantName, 15> kMutantNames{{
    {Mutant::kSkipFsync, "skip-fsync"},
    {Mutant::kTruncateEarly, "truncate-early"},
    {Mutant::kApplyTwice, "apply-twice"},
    {Mutant::kDropLastWhole, "drop-last-whole"},
    {Mutant::kIgnoreEpoch, "ignore-epoch"},
    {Mutant::kReleaseOutputEarly, "release-output-early"},
    {Mutant::kSwapFrames, "swap-frames"},
    {Mutant::kSlotOffByOne, "slot-off-by-one"},
    {Mutant::kAcceptDamaged, "accept-damaged"},
    {Mutant::kLoseSourcePosition, "lose-source-position"},
    {Mutant::kObeyOutsider, "obey-outsider"},
    {Mutant::kIgnoreRemovedSegment, "ignore-removed-segment"},
    {Mutant::kTrustSourcePosition, "trust-source-position"},
    {Mutant::kForgetFence, "forget-fence"},
    {Mutant::kSnapshotDropsCheckpoint, "snapshot-drops-checkpoint"},
}};

// Nothing when no mutant has that name.
constexpr std::optional<Mutant> mutantNamed(std::string_view name)
{
    for (const MutantName& entry : kMutantNames) {
        if (entry.name == name) return entry.mutant;
    }
    return std::nullopt;
}

#ifdef FORESHARD_MUTANTS
inline constexpr bool kMutantsBuilt = true;

namespace detail {
inline std::atomic<Mutant> selectedMutant{Mutant::kNone};
}

// For the whole process, before anything of an engine runs.
inline void selectMutant(Mutant which) { detail::selectedMutant = which; }
inline bool mutant(Mutant which)
{
    return detail::selectedMutant.load(std::memory_order_relaxed) == which;
}
#else
inline constexpr bool kMutantsBuilt = false;

inline void selectMutant(Mutant) {}
constexpr bool mutant(Mutant) { return false; }
#endif

}  // namespace foreshard
