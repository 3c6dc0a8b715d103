#include "engine/env/real/posix_file.h"

#include "engine/base/crash_point.h"
#include "engine/env/real/helper_thread.h"
#include "engine/env/real/posix_io.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <utility>

namespace foreshard {
namespace {

// Pages of this much of the durable tail stay cached for readers that follow; older ones are given
// back, because a log that fills the page cache slows every later write down.
constexpr std::uint64_t kCachedTailBytes = 4U << 20U;

void complete(AppendJob& job, const Status& status)
{
    {
        const std::lock_guard lock(job.file->mutex);
        --job.file->pending;
    }
    job.strand->post([done = std::move(job.done), status] { done(status); });
}

Status failureOf(FileState& file)
{
    const std::lock_guard lock(file.mutex);
    return file.failure ? Status{*file.failure} : Status{};
}

void setFailure(FileState& file, const Error& error)
{
    const std::lock_guard lock(file.mutex);
    if (!file.failure) file.failure = error;
    file.accepted = file.written;
}

// After a failed sync Linux takes the pages for clean and goes on showing them, though they may
// never have reached the disk (Rebello et al., USENIX ATC 2020). Nobody may read them again, and
// the next start least of all.
void cutLostTail(FileState& file)
{
    if (::ftruncate(file.fd.get(), static_cast<off_t>(file.durable)) == 0)
        file.written = file.durable;
}

// What has no name any more is not there for the next start, durable or not.
Status stillNamed(const FileState& file)
{
    struct stat info = {};
    const bool gone = ::fstat(file.fd.get(), &info) == 0 && info.st_nlink == 0;
    if (!gone) return {};
    return Error{Errc::kCorrupt, file.path + " was removed while the program writes to it: put it "
                                             "back from a copy, then start again"};
}

void dropCachedHead(FileState& file)
{
    if (file.written - file.cacheDropped < 2 * kCachedTailBytes) return;
    const std::uint64_t end = file.written - kCachedTailBytes;
    // A hint; its failure changes nothing.
    ::posix_fadvise(file.fd.get(), static_cast<off_t>(file.cacheDropped),
                    static_cast<off_t>(end - file.cacheDropped), POSIX_FADV_DONTNEED);
    file.cacheDropped = end;
}

// Writes the jobs in order; returns how many are wholly in the file.
std::size_t writeJobs(FileState& file, const std::vector<AppendJob>& jobs)
{
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        const Status status = writeAt(file.fd.get(), jobs[i].data, file.written, file.path);
        if (!status.ok()) {
            // The next reader must find whole appends only. When even this fails, the checksum of
            // the torn one still tells.
            static_cast<void>(::ftruncate(file.fd.get(), static_cast<off_t>(file.written)) == 0);
            setFailure(file, status.error());
            return i;
        }
        file.written += jobs[i].data.size();
    }
    return jobs.size();
}

void runGroup(FileState& file, std::vector<AppendJob>& jobs)
{
    const Status before = failureOf(file);
    const std::size_t whole = before.ok() ? writeJobs(file, jobs) : 0;
    const auto end = jobs.begin() + static_cast<std::ptrdiff_t>(whole);
    Status outcome;
    if (std::any_of(jobs.begin(), end, [](const AppendJob& job) { return job.sync; })) {
        outcome = syncData(file.fd.get(), file.path);
        if (outcome.ok()) outcome = stillNamed(file);
        if (outcome.ok()) {
            file.durable = file.written;
            dropCachedHead(file);
        } else {
            cutLostTail(file);
            setFailure(file, outcome.error());
        }
    }
    for (auto job = jobs.begin(); job != end; ++job)
        complete(*job, outcome);
    if (end == jobs.end()) return;
    const Status failure = failureOf(file);
    for (auto job = end; job != jobs.end(); ++job)
        complete(*job, failure);
}

}  // namespace

FileState::FileState(std::string filePath, UniqueFd file, OpenMode openMode, std::uint64_t size)
    : path(std::move(filePath)),
      fd(std::move(file)),
      mode(openMode),
      accepted(size),
      written(size),
      durable(size),
      cacheDropped(size)
{
}

AppendHelper::AppendHelper(std::string threadName) : threadName_(std::move(threadName)) {}

AppendHelper::~AppendHelper() { stop(); }

void AppendHelper::post(AppendJob job)
{
    {
        const std::lock_guard lock(mutex_);
        if (!stopping_) {
            queue_.push_back(std::move(job));
            if (!thread_.joinable()) thread_ = startHelperThread(threadName_, [this] { run(); });
            wake_.notify_one();
            return;
        }
    }
    complete(job, Error{Errc::kUnavailable,
                        "append to " + job.file->path + ": the disk was closed: open it again"});
}

void AppendHelper::stop()
{
    std::thread ending;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        ending.swap(thread_);
    }
    wake_.notify_one();
    if (ending.joinable()) ending.join();
}

void AppendHelper::run()
{
    for (;;) {
        std::vector<AppendJob> batch;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            batch.swap(queue_);
        }
        // Files are independent, so jobs of one file may pass those of another to share a sync.
        std::vector<std::vector<AppendJob>> groups;
        for (AppendJob& job : batch) {
            const auto group = std::find_if(groups.begin(), groups.end(), [&job](const auto& g) {
                return g.front().file == job.file;
            });
            if (group != groups.end())
                group->push_back(std::move(job));
            else
                groups.emplace_back().push_back(std::move(job));
        }
        for (std::vector<AppendJob>& group : groups)
            runGroup(*group.front().file, group);
    }
}

PosixFile::PosixFile(std::shared_ptr<FileState> state, std::shared_ptr<AppendHelper> helper)
    : state_(std::move(state)), helper_(std::move(helper))
{
}

const std::string& PosixFile::path() const { return state_->path; }

std::uint64_t PosixFile::size() const
{
    if (state_->mode == OpenMode::kRead) {
        const Result<std::uint64_t> size = sizeOf(state_->fd.get(), state_->path);
        if (size.ok()) return *size;
    }
    const std::lock_guard lock(state_->mutex);
    return state_->accepted;
}

Result<Bytes> PosixFile::read(std::uint64_t position, std::size_t length) const
{
    // Asked first, so that a wild length costs no memory.
    FS_TRY(const std::uint64_t size, sizeOf(state_->fd.get(), state_->path));
    if (position >= size) return Bytes{};
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(length, size - position));
    return readAt(state_->fd.get(), position, wanted, state_->path);
}

void PosixFile::append(Bytes data, bool sync, Strand& strand, Done done)
{
    {
        const std::lock_guard lock(state_->mutex);
        ++state_->pending;
        if (state_->mode == OpenMode::kRead && !state_->failure) {
            state_->failure = Error{Errc::kInvalid, "append to " + state_->path
                                                        + ": it was opened for reading: open it "
                                                          "for appending"};
        }
        if (!state_->failure) state_->accepted += data.size();
    }
    helper_->post({state_, std::move(data), sync, &strand, std::move(done)});
}

Status PosixFile::truncate(std::uint64_t size)
{
    const std::lock_guard lock(state_->mutex);
    FS_CHECK(state_->pending == 0);
    if (state_->failure) return *state_->failure;
    const int fd = state_->fd.get();
    crashPoint("truncate.before");
    if (::ftruncate(fd, static_cast<off_t>(size)) != 0)
        return posixError(errno, "cut", state_->path);
    crashPoint("truncate.after");
    state_->accepted = state_->written = state_->durable = size;
    state_->cacheDropped = std::min(state_->cacheDropped, size);
    Status synced = syncData(fd, state_->path);
    if (!synced.ok()) state_->failure = synced.error();
    return synced;
}

}  // namespace foreshard
