#pragma once
// Doors that break a promise on purpose, so that the checkers can show they would notice.
#include "engine/env/env.h"
#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"

#include <memory>
#include <string>
#include <utility>

namespace foreshard::sim {

// Says that appended bytes are durable without making them so.
class UnsyncedFile final : public File {
public:
    explicit UnsyncedFile(std::unique_ptr<File> file) : file_(std::move(file)) {}
    const std::string& path() const override { return file_->path(); }
    std::uint64_t size() const override { return file_->size(); }
    Result<Bytes> read(std::uint64_t position, std::size_t length) const override
    {
        return file_->read(position, length);
    }
    void append(Bytes data, bool, Strand& strand, Done done) override
    {
        file_->append(std::move(data), false, strand, std::move(done));
    }
    Status truncate(std::uint64_t size) override { return file_->truncate(size); }

private:
    std::unique_ptr<File> file_;
};

class UnsyncedDisk final : public Disk {
public:
    explicit UnsyncedDisk(Disk& disk) : disk_(disk) {}
    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override
    {
        FS_TRY(std::unique_ptr<File> file, disk_.open(path, mode));
        return std::unique_ptr<File>(std::make_unique<UnsyncedFile>(std::move(file)));
    }
    Result<std::unique_ptr<Input>> openInput(const std::string& path) override
    {
        return disk_.openInput(path);
    }
    Result<std::vector<std::string>> list(const std::string& directory) override
    {
        return disk_.list(directory);
    }
    Status createDirectories(const std::string& directory) override
    {
        return disk_.createDirectories(directory);
    }
    Status remove(const std::string& path) override { return disk_.remove(path); }
    Status writeWhole(const std::string& path, BytesView data) override
    {
        return disk_.writeWhole(path, data);
    }
    Result<Bytes> readWhole(const std::string& path) override { return disk_.readWhole(path); }
    Status syncDirectory(const std::string& directory) override
    {
        return disk_.syncDirectory(directory);
    }
    Result<std::shared_ptr<void>> lock(const std::string& path) override
    {
        return disk_.lock(path);
    }
    Result<std::uint64_t> freeBytes(const std::string& path) override
    {
        return disk_.freeBytes(path);
    }

private:
    Disk& disk_;
};

// Hands every message to `change` before it goes out.
class ChangingNetwork final : public Network {
public:
    using Change = Bytes (*)(Bytes message);

    ChangingNetwork(Network& network, Change change) : network_(network), change_(change) {}
    Status open(const std::string& name, Strand& strand, Handler handler) override
    {
        return network_.open(name, strand, std::move(handler));
    }
    void close(const std::string& name) override { network_.close(name); }
    void send(const std::string& from, const std::string& to, Bytes message) override
    {
        network_.send(from, to, change_(std::move(message)));
    }

private:
    Network& network_;
    Change change_;
};

// Every seventh frame carries its records twice, as if the operator ran twice over them.
inline Bytes doubleSomeFrames(Bytes message)
{
    Result<Frame> frame = decodeFrame(message);
    if (!frame.ok() || frame->header.n % 7 != 0) return message;
    frame->records += Bytes(frame->records);
    return encodeFrame(*frame);
}

// Checkpoints say they hold one frame more than they do.
inline Bytes overstateCheckpoints(Bytes message)
{
    const auto head = peekEnvelope(message);
    if (!head.ok() || head->type != static_cast<std::uint16_t>(WireType::kCheckpointDone))
        return message;
    const Result<Message> decoded = decode(message);
    CheckpointDone done = std::get<CheckpointDone>(*decoded);
    ++done.info.n;
    return encode(done);
}

// Control speaks of no truncation fence, as one does that forgets them when it is replaced.
inline Bytes forgetFences(Bytes message)
{
    const auto head = peekEnvelope(message);
    if (!head.ok() || head->type != static_cast<std::uint16_t>(WireType::kTruncate)) return message;
    const Result<Message> decoded = decode(message);
    Truncate truncate = std::get<Truncate>(*decoded);
    truncate.fence = 0;
    return encode(truncate);
}

// A node that came back goes on under the number of its first life, so nobody gives its shards a
// new epoch.
inline Bytes hideIncarnations(Bytes message)
{
    const auto head = peekEnvelope(message);
    if (!head.ok()) return message;
    const bool report = head->type == static_cast<std::uint16_t>(WireType::kNodeReport);
    const bool subscribe = head->type == static_cast<std::uint16_t>(WireType::kSubscribe);
    if (!report && !subscribe) return message;
    Result<Message> decoded = decode(message);
    if (auto* node = std::get_if<NodeReport>(&*decoded)) node->incarnation = 1;
    if (auto* asked = std::get_if<Subscribe>(&*decoded)) asked->incarnation = 1;
    return encode(*decoded);
}

}  // namespace foreshard::sim
