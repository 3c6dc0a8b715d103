#pragma once
// A data directory seen from outside: pictures of what its files hold, look-ups, nothing that
// changes anything. For `foreshard-console --open DIR`, also beside a running engine: then, and
// when an engine comes or goes, the files are read again every few seconds.
#include "engine/archive/directory_picture.h"
#include "engine/env/real/posix_disk.h"
#include "engine/env/real/strand_thread.h"
#include "ui/bridge/engine_link.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace foreshard {

class ArchiveLink final : public ui::EngineLink {
public:
    // Errors as Archive::open().
    static Result<std::unique_ptr<ArchiveLink>> open(const std::string& dataDirectory);
    ~ArchiveLink() override { strand_.stop(); }

    void setListener(std::function<void()> wake) override;
    std::shared_ptr<const ClusterSnapshot> latest() const override;
    std::uint64_t send(Command command) override;
    std::vector<CommandReply> takeReplies() override;
    // Lost when the directory could not be read again, twice in a row.
    ui::LinkState state() const override;
    // The directory, who runs on it, and why it could not be read again.
    std::string description() const override;
    bool readOnly() const override { return true; }
    EngineSight sight() const override;
    std::vector<std::shared_ptr<const ClusterSnapshot>> takePast() override;

private:
    explicit ArchiveLink(std::string dataDirectory) : dataDirectory_(std::move(dataDirectory)) {}
    Status readAgain();
    Result<DirectorySight> look();
    bool busy();  // does an engine run on it?
    void watch();
    void answer(const Command& command);
    CommandReply refusal() const;

    std::string dataDirectory_;
    PosixDisk disk_;
    WallMillis samplesUntilMs_ = 0;  // of the strand, once it runs
    std::uint64_t seq_ = 0;
    mutable std::mutex mutex_;  // guards what is below
    std::shared_ptr<const ClusterSnapshot> snapshot_;
    std::vector<std::shared_ptr<const ClusterSnapshot>> past_;
    DirectorySight sight_;
    std::string problem_;
    int failures_ = 0;  // in a row
    std::function<void()> wake_;
    std::vector<CommandReply> replies_;
    std::uint64_t nextId_ = 1;
    StrandThread strand_{"fs-archive"};
};

}  // namespace foreshard
