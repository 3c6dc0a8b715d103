#include "app/archive_link.h"

#include "engine/archive/locate.h"
#include "engine/env/real/lock_probe.h"
#include "engine/env/real/write_times.h"
#include "engine/history/history_store.h"
#include "engine/history/read_picture.h"

#include <algorithm>
#include <utility>

namespace foreshard {
namespace {

constexpr Nanos kWatchEvery = 3s;
// Reading a large directory again must not keep a processor busy.
constexpr int kRestShare = 10;
constexpr int kTries = 3;
// An engine may remove what was just listed; twice in a row it is something else.
constexpr int kFailuresMax = 2;
constexpr std::size_t kPastMax = 1200;  // not yet taken

}  // namespace

Result<std::unique_ptr<ArchiveLink>> ArchiveLink::open(const std::string& dataDirectory)
{
    std::unique_ptr<ArchiveLink> link(new ArchiveLink(dataDirectory));
    Status status = link->readAgain();
    for (int i = 1; i < kTries && !status.ok() && link->busy(); ++i)
        status = link->readAgain();
    FS_TRY_STATUS(status);
    link->strand_.postAfter(kWatchEvery, [raw = link.get()] { raw->watch(); });
    return link;
}

Status ArchiveLink::readAgain()
{
    FS_TRY(const DirectorySight sight, look());
    HistoryPicture told = readHistoryPicture(historyPath(dataDirectory_), samplesUntilMs_);
    const WallMillis samplesUntilMs = told.samplesUntilMs;
    FS_TRY(DirectoryPicture picture,
           readPicture(disk_, dataDirectory_, sight.sight, std::move(told)));
    samplesUntilMs_ = samplesUntilMs;
    ClusterSnapshot& snapshot = picture.snapshot;
    // The files' own times come last: a copy has those of its making.
    if (snapshot.wallMs == 0) snapshot.wallMs = newestWriteMs(dataDirectory_);
    snapshot.seq = ++seq_;
    const std::lock_guard<std::mutex> lock(mutex_);
    snapshot_ = std::make_shared<const ClusterSnapshot>(std::move(snapshot));
    past_.insert(past_.end(), picture.past.begin(), picture.past.end());
    if (past_.size() > kPastMax)
        past_.erase(past_.begin(), past_.end() - static_cast<std::ptrdiff_t>(kPastMax));
    sight_ = sight;
    return {};
}

Result<DirectorySight> ArchiveLink::look()
{
    FS_TRY(const std::optional<std::string> holder, lockHolder(dataDirectory_ + "/LOCK"));
    return sightOf(disk_, dataDirectory_, holder);
}

bool ArchiveLink::busy()
{
    const Result<DirectorySight> sight = look();
    return sight.ok() && sight->sight == EngineSight::kElsewhere;
}

void ArchiveLink::watch()
{
    const Instant before = strand_.now();
    const Result<DirectorySight> sight = look();
    bool same = false;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        same = sight.ok() && *sight == sight_ && problem_.empty();
    }
    // Where no engine runs nothing changes.
    if (!same || sight->sight == EngineSight::kElsewhere) {
        const Status status = sight.ok() ? readAgain() : Status{sight.error()};
        const std::lock_guard<std::mutex> lock(mutex_);
        problem_ = status.ok() ? std::string() : status.error().message;
        failures_ = status.ok() ? 0 : std::min(failures_ + 1, kFailuresMax);
        if (wake_) wake_();
    }
    const Nanos took = strand_.now() - before;
    strand_.postAfter(std::max<Nanos>(kWatchEvery, took * kRestShare), [this] { watch(); });
}

std::shared_ptr<const ClusterSnapshot> ArchiveLink::latest() const
{
    const std::lock_guard<std::mutex> lock(mutex_);
    return snapshot_;
}

ui::LinkState ArchiveLink::state() const
{
    const std::lock_guard<std::mutex> lock(mutex_);
    return failures_ < kFailuresMax ? ui::LinkState::kConnected : ui::LinkState::kLost;
}

std::string ArchiveLink::description() const
{
    const std::lock_guard<std::mutex> lock(mutex_);
    std::string text = "data directory " + dataDirectory_;
    if (!sight_.holder.empty()) text += ", in use by " + sight_.holder;
    if (!problem_.empty()) text += ", not read again: " + problem_;
    return text;
}

EngineSight ArchiveLink::sight() const
{
    const std::lock_guard<std::mutex> lock(mutex_);
    return sight_.sight;
}

std::vector<std::shared_ptr<const ClusterSnapshot>> ArchiveLink::takePast()
{
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(past_, {});
}

void ArchiveLink::setListener(std::function<void()> wake)
{
    const std::lock_guard<std::mutex> lock(mutex_);
    wake_ = std::move(wake);
    if (wake_) wake_();
}

std::uint64_t ArchiveLink::send(Command command)
{
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        command.id = nextId_++;
    }
    strand_.post([this, command] { answer(command); });
    return command.id;
}

CommandReply ArchiveLink::refusal() const
{
    CommandReply reply;
    reply.ok = false;
    reply.code = Errc::kReadOnly;
    reply.message =
        sight() == EngineSight::kElsewhere
            ? "only the files of this data directory are read here: nothing can be changed: use "
              "--connect with the endpoint of the engine that runs on it"
            : "no engine runs on this data directory: nothing can be changed: start one with "
              "`foreshard run`";
    return reply;
}

void ArchiveLink::answer(const Command& command)
{
    CommandReply reply;
    if (const auto* what = std::get_if<LocateCommand>(&command.body)) {
        const Result<CommandReply> found = locate(disk_, dataDirectory_, *what);
        if (found.ok()) {
            reply = *found;
        } else {
            reply.ok = false;
            reply.code = found.error().code;
            reply.message = found.error().message;
        }
    } else {
        reply = refusal();
    }
    reply.id = command.id;
    const std::lock_guard<std::mutex> lock(mutex_);
    replies_.push_back(std::move(reply));
    if (wake_) wake_();
}

std::vector<CommandReply> ArchiveLink::takeReplies()
{
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(replies_, {});
}

}  // namespace foreshard
