#pragma once
// A data directory seen as if an engine had just stopped on it: one snapshot, look-ups, nothing
// that changes anything. For `foreshard-console --open DIR`, also beside a running engine.
#include "engine/env/real/posix_disk.h"
#include "engine/env/real/strand_thread.h"
#include "ui/bridge/engine_link.h"

#include <deque>
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
    std::shared_ptr<const ClusterSnapshot> latest() const override { return snapshot_; }
    std::uint64_t send(Command command) override;
    std::vector<CommandReply> takeReplies() override;
    ui::LinkState state() const override { return ui::LinkState::kConnected; }
    std::string description() const override { return "data directory " + dataDirectory_; }
    bool readOnly() const override { return true; }

private:
    explicit ArchiveLink(std::string dataDirectory) : dataDirectory_(std::move(dataDirectory)) {}
    void answer(const Command& command);

    std::string dataDirectory_;
    PosixDisk disk_;
    std::shared_ptr<const ClusterSnapshot> snapshot_;
    mutable std::mutex mutex_;  // guards the three below
    std::function<void()> wake_;
    std::vector<CommandReply> replies_;
    std::uint64_t nextId_ = 1;
    StrandThread strand_{"fs-archive"};
};

}  // namespace foreshard
