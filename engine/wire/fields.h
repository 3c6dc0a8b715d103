#pragma once
// Private to engine/wire: how each model value is written to and read from its Cap'n Proto struct.
// Readers of Cap'n Proto throw kj::Exception on damage; codec.cpp catches it. What Cap'n Proto
// cannot know (enum ranges, list lengths) is noted in Damage instead.
#include "engine/model/frame.h"
#include "engine/model/message.h"
#include "engine/model/record.h"
#include "engine/wire/foreshard.capnp.h"

#include <cstdint>
#include <iterator>
#include <string>
#include <type_traits>
#include <vector>

namespace foreshard {

// More than any list of the model can hold; a longer one is damage, and is not allocated.
inline constexpr std::uint32_t kListMax = 1U << 20U;

// Remembers the first field whose value makes no sense.
class Damage {
public:
    void mark(const char* what)
    {
        if (what_ == nullptr) what_ = what;
    }
    const char* what() const { return what_; }  // null: none

private:
    const char* what_ = nullptr;
};

inline capnp::Text::Reader text(const std::string& in) { return {in.data(), in.size()}; }
inline capnp::Data::Reader data(const std::string& in)
{
    return {reinterpret_cast<const kj::byte*>(in.data()), in.size()};
}
inline void readText(capnp::Text::Reader in, std::string& out)
{
    out.assign(in.begin(), in.size());
}
inline void readData(capnp::Data::Reader in, std::string& out)
{
    out.assign(reinterpret_cast<const char*>(in.begin()), in.size());
}

template <class Enum>
std::uint8_t enumNumber(Enum value)
{
    static_assert(std::is_same_v<std::underlying_type_t<Enum>, std::uint8_t>);
    return static_cast<std::uint8_t>(value);
}
template <class Enum>
void readEnum(std::uint8_t in, Enum last, Enum& out, Damage& damage)
{
    if (in > enumNumber(last)) return damage.mark("an enum is out of range");
    out = static_cast<Enum>(in);
}

template <class List>
unsigned listSize(const List& list)
{
    FS_CHECK(std::size(list) <= kListMax);
    return static_cast<unsigned>(std::size(list));
}
// True when `in` has a length to believe in.
template <class Reader>
bool lengthHolds(const Reader& in, Damage& damage)
{
    if (in.size() <= kListMax) return true;
    damage.mark("a list is too long");
    return false;
}
template <class Builder, class List>
void writeNumbers(Builder out, const List& in)
{
    for (unsigned i = 0; i < out.size(); ++i)
        out.set(i, in[i]);
}
template <class Reader, class Number>
void readNumbers(Reader in, std::vector<Number>& out, Damage& damage)
{
    if (!lengthHolds(in, damage)) return;
    out.clear();
    for (const auto value : in)
        out.push_back(value);
}
template <class Reader, class Number, std::size_t size>
void readArray(Reader in, Number (&out)[size], Damage& damage)
{
    if (in.size() != size) return damage.mark("an array has another length");
    for (unsigned i = 0; i < size; ++i)
        out[i] = in[i];
}
template <class Builder, class IdType>
void writeIds(Builder out, const std::vector<IdType>& in)
{
    for (unsigned i = 0; i < out.size(); ++i)
        out.set(i, in[i].value);
}
template <class Reader, class IdType>
void readIds(Reader in, std::vector<IdType>& out, Damage& damage)
{
    if (!lengthHolds(in, damage)) return;
    out.clear();
    for (const auto value : in)
        out.push_back(IdType{value});
}

// In fields_assignment.cpp.
void write(schema::SlotRange::Builder out, const SlotRange& in);
void read(schema::SlotRange::Reader in, SlotRange& out, Damage& damage);
void write(schema::ShardAssignment::Builder out, const ShardAssignment& in);
void read(schema::ShardAssignment::Reader in, ShardAssignment& out, Damage& damage);
void write(schema::IntervalPolicySetting::Builder out, const IntervalPolicySetting& in);
void read(schema::IntervalPolicySetting::Reader in, IntervalPolicySetting& out, Damage& damage);
void write(schema::AssignmentEntry::Builder out, const AssignmentEntry& in);
void read(schema::AssignmentEntry::Reader in, AssignmentEntry& out, Damage& damage);
void write(schema::CheckpointInfo::Builder out, const CheckpointInfo& in);
void read(schema::CheckpointInfo::Reader in, CheckpointInfo& out, Damage& damage);
void write(schema::LoadForecast::Builder out, const LoadForecast& in);
void read(schema::LoadForecast::Reader in, LoadForecast& out, Damage& damage);
void write(schema::ShardTick::Builder out, const ShardTick& in);
void read(schema::ShardTick::Reader in, ShardTick& out, Damage& damage);
void write(schema::PredictorStatus::Builder out, const PredictorStatus& in);
void read(schema::PredictorStatus::Reader in, PredictorStatus& out, Damage& damage);
void write(schema::MoveCommand::Builder out, const MoveCommand& in);
void read(schema::MoveCommand::Reader in, MoveCommand& out, Damage& damage);
void write(schema::IntervalCommand::Builder out, const IntervalCommand& in);
void read(schema::IntervalCommand::Reader in, IntervalCommand& out, Damage& damage);
void write(schema::LocateCommand::Builder out, const LocateCommand& in);
void read(schema::LocateCommand::Reader in, LocateCommand& out, Damage& damage);
void write(schema::DrillCommand::Builder out, const DrillCommand& in);
void read(schema::DrillCommand::Reader in, DrillCommand& out, Damage& damage);
void write(schema::LocateHit::Builder out, const LocateHit& in);
void read(schema::LocateHit::Reader in, LocateHit& out, Damage& damage);
void write(schema::CommandReply::Builder out, const CommandReply& in);
void read(schema::CommandReply::Reader in, CommandReply& out, Damage& damage);
void write(schema::Command::Builder out, const Command& in);
void read(schema::Command::Reader in, Command& out, Damage& damage);

// In fields_message.cpp.
void write(schema::Subscribe::Builder out, const Subscribe& in);
void read(schema::Subscribe::Reader in, Subscribe& out, Damage& damage);
void write(schema::Applied::Builder out, const Applied& in);
void read(schema::Applied::Reader in, Applied& out, Damage& damage);
void write(schema::RouteTable::Builder out, const RouteTable& in);
void read(schema::RouteTable::Reader in, RouteTable& out, Damage& damage);
void write(schema::Truncate::Builder out, const Truncate& in);
void read(schema::Truncate::Reader in, Truncate& out, Damage& damage);
void write(schema::Retain::Builder out, const Retain& in);
void read(schema::Retain::Reader in, Retain& out, Damage& damage);
void write(schema::Retained::Builder out, const Retained& in);
void read(schema::Retained::Reader in, Retained& out, Damage& damage);
void write(schema::EdgeShardReport::Builder out, const EdgeShardReport& in);
void read(schema::EdgeShardReport::Reader in, EdgeShardReport& out, Damage& damage);
void write(schema::EdgeReport::Builder out, const EdgeReport& in);
void read(schema::EdgeReport::Reader in, EdgeReport& out, Damage& damage);
void write(schema::Assign::Builder out, const Assign& in);
void read(schema::Assign::Reader in, Assign& out, Damage& damage);
void write(schema::Release::Builder out, const Release& in);
void read(schema::Release::Reader in, Release& out, Damage& damage);
void write(schema::Revoke::Builder out, const Revoke& in);
void read(schema::Revoke::Reader in, Revoke& out, Damage& damage);
void write(schema::SetInterval::Builder out, const SetInterval& in);
void read(schema::SetInterval::Reader in, SetInterval& out, Damage& damage);
void write(schema::CheckpointNow::Builder out, const CheckpointNow& in);
void read(schema::CheckpointNow::Reader in, CheckpointNow& out, Damage& damage);
void write(schema::CheckpointCommitted::Builder out, const CheckpointCommitted& in);
void read(schema::CheckpointCommitted::Reader in, CheckpointCommitted& out, Damage& damage);
void write(schema::CheckpointDone::Builder out, const CheckpointDone& in);
void read(schema::CheckpointDone::Reader in, CheckpointDone& out, Damage& damage);
void write(schema::Subscribed::Builder out, const Subscribed& in);
void read(schema::Subscribed::Reader in, Subscribed& out, Damage& damage);
void write(schema::Released::Builder out, const Released& in);
void read(schema::Released::Reader in, Released& out, Damage& damage);
void write(schema::Recovered::Builder out, const Recovered& in);
void read(schema::Recovered::Reader in, Recovered& out, Damage& damage);
void write(schema::Poisoned::Builder out, const Poisoned& in);
void read(schema::Poisoned::Reader in, Poisoned& out, Damage& damage);
void write(schema::Quarantined::Builder out, const Quarantined& in);
void read(schema::Quarantined::Reader in, Quarantined& out, Damage& damage);
void write(schema::NodeShardReport::Builder out, const NodeShardReport& in);
void read(schema::NodeShardReport::Reader in, NodeShardReport& out, Damage& damage);
void write(schema::NodeReport::Builder out, const NodeReport& in);
void read(schema::NodeReport::Reader in, NodeReport& out, Damage& damage);
void write(schema::PredictRequest::Builder out, const PredictRequest& in);
void read(schema::PredictRequest::Reader in, PredictRequest& out, Damage& damage);
void write(schema::PredictReply::Builder out, const PredictReply& in);
void read(schema::PredictReply::Reader in, PredictReply& out, Damage& damage);
void write(schema::RestoreFailed::Builder out, const RestoreFailed& in);
void read(schema::RestoreFailed::Reader in, RestoreFailed& out, Damage& damage);
void write(schema::ScrubRequest::Builder out, const ScrubRequest& in);
void read(schema::ScrubRequest::Reader in, ScrubRequest& out, Damage& damage);
void write(schema::ScrubReply::Builder out, const ScrubReply& in);
void read(schema::ScrubReply::Reader in, ScrubReply& out, Damage& damage);
void write(schema::LocateRequest::Builder out, const LocateRequest& in);
void read(schema::LocateRequest::Reader in, LocateRequest& out, Damage& damage);
void write(schema::LocateReply::Builder out, const LocateReply& in);
void read(schema::LocateReply::Reader in, LocateReply& out, Damage& damage);

// In fields_snapshot.cpp.
void write(schema::ShardSnapshot::Builder out, const ShardSnapshot& in);
void read(schema::ShardSnapshot::Reader in, ShardSnapshot& out, Damage& damage);
void write(schema::NodeSnapshot::Builder out, const NodeSnapshot& in);
void read(schema::NodeSnapshot::Reader in, NodeSnapshot& out, Damage& damage);
void write(schema::RaftMemberSnapshot::Builder out, const RaftMemberSnapshot& in);
void read(schema::RaftMemberSnapshot::Reader in, RaftMemberSnapshot& out, Damage& damage);
void write(schema::RaftSnapshot::Builder out, const RaftSnapshot& in);
void read(schema::RaftSnapshot::Reader in, RaftSnapshot& out, Damage& damage);
void write(schema::EventSnapshot::Builder out, const EventSnapshot& in);
void read(schema::EventSnapshot::Reader in, EventSnapshot& out, Damage& damage);
void write(schema::RecoverySnapshot::Builder out, const RecoverySnapshot& in);
void read(schema::RecoverySnapshot::Reader in, RecoverySnapshot& out, Damage& damage);
void write(schema::MoveSnapshot::Builder out, const MoveSnapshot& in);
void read(schema::MoveSnapshot::Reader in, MoveSnapshot& out, Damage& damage);
void write(schema::LatencySnapshot::Builder out, const LatencySnapshot& in);
void read(schema::LatencySnapshot::Reader in, LatencySnapshot& out, Damage& damage);
void write(schema::SourceSnapshot::Builder out, const SourceSnapshot& in);
void read(schema::SourceSnapshot::Reader in, SourceSnapshot& out, Damage& damage);
void write(schema::ClusterSnapshot::Builder out, const ClusterSnapshot& in);
void read(schema::ClusterSnapshot::Reader in, ClusterSnapshot& out, Damage& damage);

// In fields_sink.cpp.
void write(schema::OutputBatch::Builder out, const OutputBatch& in);
void read(schema::OutputBatch::Reader in, OutputBatch& out, Damage& damage);
void write(schema::OutputTaken::Builder out, const OutputTaken& in);
void read(schema::OutputTaken::Reader in, OutputTaken& out, Damage& damage);
void write(schema::SinkStatus::Builder out, const SinkStatus& in);
void read(schema::SinkStatus::Reader in, SinkStatus& out, Damage& damage);
void write(schema::SinkShard::Builder out, const SinkShard& in);
void read(schema::SinkShard::Reader in, SinkShard& out, Damage& damage);
void write(schema::SinkProgress::Builder out, const SinkProgress& in);
void read(schema::SinkProgress::Reader in, SinkProgress& out, Damage& damage);
void write(schema::SinkBinding::Builder out, const SinkBinding& in);
void read(schema::SinkBinding::Reader in, SinkBinding& out, Damage& damage);
void write(schema::SinkSnapshot::Builder out, const SinkSnapshot& in);
void read(schema::SinkSnapshot::Reader in, SinkSnapshot& out, Damage& damage);
// In fields_dead_letter.cpp.
void write(schema::RecordPlace::Builder out, const RecordPlace& in);
void read(schema::RecordPlace::Reader in, RecordPlace& out, Damage& damage);
void write(schema::DeadLetter::Builder out, const DeadLetter& in);
void read(schema::DeadLetter::Reader in, DeadLetter& out, Damage& damage);
void write(schema::Suspect::Builder out, const Suspect& in);
void read(schema::Suspect::Reader in, Suspect& out, Damage& damage);
void write(schema::SuspectList::Builder out, const SuspectList& in);
void read(schema::SuspectList::Reader in, SuspectList& out, Damage& damage);

// In fields_frame.cpp.
void write(schema::SourcePosition::Builder out, const SourcePosition& in);
void read(schema::SourcePosition::Reader in, SourcePosition& out, Damage& damage);
void write(schema::FrameHeader::Builder out, const FrameHeader& in);
void read(schema::FrameHeader::Reader in, FrameHeader& out, Damage& damage);
void write(schema::CheckpointData::Builder out, const CheckpointData& in);
void read(schema::CheckpointData::Reader in, CheckpointData& out, Damage& damage);
void write(schema::Frame::Builder out, const Frame& in);
void read(schema::Frame::Reader in, Frame& out, Damage& damage);
void write(schema::StreamSchema::Builder out, const StreamSchema& in);
void read(schema::StreamSchema::Reader in, StreamSchema& out, Damage& damage);

inline void write(schema::Stop::Builder, const Stop&) {}
inline void read(schema::Stop::Reader, Stop&, Damage&) {}
inline void write(schema::SinkAsk::Builder, const SinkAsk&) {}
inline void read(schema::SinkAsk::Reader, SinkAsk&, Damage&) {}

template <class Builder, class T>
void writeList(Builder out, const std::vector<T>& in)
{
    for (unsigned i = 0; i < out.size(); ++i)
        write(out[i], in[i]);
}
template <class Reader, class T>
void readList(Reader in, std::vector<T>& out, Damage& damage)
{
    if (!lengthHolds(in, damage)) return;
    out.resize(in.size());
    for (unsigned i = 0; i < in.size(); ++i)
        read(in[i], out[i], damage);
}

}  // namespace foreshard
