#include "engine/control/log/single_assignment_log.h"

#include "engine/base/crash_point.h"
#include "engine/control/log/assignment_core.h"
#include "engine/wire/codec.h"

namespace foreshard {
namespace {

constexpr std::size_t kRecentMax = 64;

std::string logDirectory(const std::string& data) { return data + "/assignment"; }

Status replay(AssignmentState& state, BytesView envelope, AssignmentEntry& entry)
{
    FS_TRY(entry, decodeEntry(envelope));
    if (const Status status = checkEntry(state, entry); !status.ok()) {
        return Error{Errc::kCorrupt, "assignment log, entry " + std::to_string(entry.index) + ": "
                                         + status.error().message
                                         + ": the log is damaged: restore it from a copy"};
    }
    applyEntry(state, entry);
    return {};
}

}  // namespace

Result<std::unique_ptr<SingleAssignmentLog>> SingleAssignmentLog::open(
    Env& env, const std::string& dataDirectory)
{
    std::unique_ptr<SingleAssignmentLog> log(new SingleAssignmentLog(env));
    const auto visit = [&log](JournalPosition, BytesView envelope) -> Status {
        AssignmentEntry entry;
        FS_TRY_STATUS(replay(log->state_, envelope, entry));
        log->recent_.push_back(std::move(entry));
        if (log->recent_.size() > kRecentMax) log->recent_.pop_front();
        return {};
    };
    FS_TRY(log->journal_, Journal::open(env, {logDirectory(dataDirectory), ~0ULL}, visit));
    return log;
}

Result<AssignmentState> SingleAssignmentLog::read(Disk& disk, const std::string& dataDirectory,
                                                  const Visit& visit)
{
    AssignmentState state;
    const std::string directory = logDirectory(dataDirectory);
    FS_TRY(const std::vector<SegmentFile> segments, listSegments(disk, directory));
    for (const SegmentFile& segment : segments) {
        const auto take = [&state, &visit](JournalPosition, BytesView envelope) -> Status {
            AssignmentEntry entry;
            FS_TRY_STATUS(replay(state, envelope, entry));
            if (visit) visit(entry);
            return {};
        };
        FS_TRY(const ScanEnd end, scanSegment(disk, segmentPath(directory, segment.number),
                                              segment.number, take, segment.proof));
        static_cast<void>(end);  // an unfinished last entry was never answered
    }
    return state;
}

void SingleAssignmentLog::propose(AssignmentEntry entry, LogIndex expectVersion, Done done)
{
    waiting_.push_back({std::move(entry), expectVersion, std::move(done)});
    if (!writing_) next();
}

void SingleAssignmentLog::next()
{
    while (!waiting_.empty() && !writing_) {
        Proposal proposal = std::move(waiting_.front());
        waiting_.pop_front();
        if (proposal.expectVersion != 0 && proposal.expectVersion != state_.version) {
            proposal.done(
                Error{Errc::kStale, "the shard map is at version " + std::to_string(state_.version)
                                        + ", not " + std::to_string(proposal.expectVersion)
                                        + ": it was changed meanwhile: look again and repeat"});
            continue;
        }
        AssignmentEntry& entry = proposal.entry;
        entry.index = state_.version + 1;
        entry.term = 1;
        entry.wallMs = env_.strand.wallNow();
        if (const Status status = checkEntry(state_, entry); !status.ok()) {
            proposal.done(status.error());
            continue;
        }
        writing_ = true;
        crashPoint("assignment.commit.before");
        const auto written =
            lifetime_.guard([this, entry, done = proposal.done](const Status& status) {
                writing_ = false;
                if (status.ok()) {
                    crashPoint("assignment.commit.after");
                    committed(entry);
                    done(entry.index);
                } else {
                    done(status.error());
                }
                next();
            });
        const Result<JournalPosition> at = journal_->append(encodeEntry(entry), written);
        if (!at.ok()) {
            writing_ = false;
            proposal.done(at.error());
        }
    }
}

void SingleAssignmentLog::committed(const AssignmentEntry& entry)
{
    applyEntry(state_, entry);
    recent_.push_back(entry);
    if (recent_.size() > kRecentMax) recent_.pop_front();
    if (watcher_) watcher_(entry);
}

RaftSnapshot SingleAssignmentLog::view() const
{
    RaftSnapshot view;
    view.term = 1;
    view.leader = 0;
    view.commit = view.applied = state_.version;
    view.members = {{0, "leader", state_.version, 0}};
    view.recent.assign(recent_.begin(), recent_.end());
    return view;
}

}  // namespace foreshard
