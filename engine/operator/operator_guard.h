#pragma once
// OperatorGuard stands between a shard and its operator: it leaves out what the dead-letter log
// holds, writes down for the witness which record the operator has, counts its failures, and does
// what a drill asks for. Lives on the node's strand.
#include "engine/env/operator_watch.h"
#include "engine/model/dead_letter.h"
#include "engine/model/frame.h"
#include "engine/model/message.h"
#include "engine/model/operator_spec.h"

#include <exception>
#include <map>
#include <new>
#include <set>
#include <string>

namespace foreshard {

class OperatorGuard {
public:
    // Borrows `spec` and `watch`.
    OperatorGuard(const OperatorSpec& spec, const OperatorWatch& watch, const Assign& assign);

    void begin(const FrameHeader& frame);
    // In the dead-letter log: not to be given to the operator.
    bool skips(Offset offset) const { return !dead_.empty() && dead_.contains(offset); }
    void skip(Offset offset) { dead_.insert(offset); }
    // Gives `record`, number `index` of the frame, to the operator: `call`. False when it failed;
    // the caller then takes back what the frame has done so far.
    template <class Call>
    bool run(const RecordView& record, std::uint32_t index, Call&& call)
    {
        if (!suspects_.empty() && condemned(record, index)) return false;
        enter(record.offset, index);
        try {
            if (!spec_.poison.empty()) misbehave(record);
            call();
        } catch (const OperatorGone&) {
            gone_ = true;
            return false;
        } catch (const std::bad_alloc&) {
            // The machine's trouble and not the record's, which must not be left out for it.
            slot_.inside.store(0, std::memory_order_release);
            throw;
        } catch (const std::exception& exception) {
            return failed(record, index, std::string("the operator threw: ") + exception.what());
        } catch (...) {
            return failed(record, index, "the operator threw something that is no std::exception");
        }
        slot_.inside.store(0, std::memory_order_release);
        return true;
    }

    // After a failure. Without more tries, `letter` says what to put into the log.
    bool mayTryAgain() const { return !gone_ && letter_.tries < kOperatorTriesMax; }
    const DeadLetter& letter() const { return letter_; }
    // A drill of the simulation has ended this node; nothing counts any more.
    bool gone() const { return gone_; }

private:
    void enter(Offset offset, std::uint32_t index)
    {
        slot_.offset.store(offset, std::memory_order_relaxed);
        slot_.index.store(index, std::memory_order_relaxed);
        slot_.begun.store(++begun_, std::memory_order_relaxed);
        slot_.inside.store(1, std::memory_order_release);
    }
    bool condemned(const RecordView& record, std::uint32_t index);
    bool failed(const RecordView& record, std::uint32_t index, const std::string& reason);
    void note(const RecordView& record, std::uint32_t index);
    void misbehave(const RecordView& record);

    const OperatorSpec& spec_;
    const OperatorWatch& watch_;
    WitnessSlot unwatched_;
    WitnessSlot& slot_;
    std::uint64_t begun_;
    std::set<Offset> dead_;
    std::map<Offset, Suspect> suspects_;
    RecordPlace frame_;                      // of its records, but for index and offset
    std::map<Offset, std::uint32_t> tries_;  // failed ones of that frame's records
    DeadLetter letter_;                      // the record that failed last
    bool gone_ = false;
};

}  // namespace foreshard
