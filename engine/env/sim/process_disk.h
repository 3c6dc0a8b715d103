#pragma once
// One process's door to the virtual disk. After the process has crashed it changes nothing any
// more, so that the remains of a dead engine cannot touch the files of its successor. Synchronous
// calls take no virtual time. Owned by the World.
#include "engine/env/env.h"
#include "engine/env/sim/event_queue.h"

#include <memory>
#include <string>
#include <vector>

namespace foreshard::sim {

class World;

class ProcessDisk final : public Disk {
public:
    ProcessDisk(World& world, ProcessId process) : world_(world), process_(process) {}

    // kRead and kAppend want an existing file, kCreate makes it when it is absent.
    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
    Result<std::unique_ptr<Input>> openInput(const std::string& path) override;
    Result<std::vector<std::string>> list(const std::string& directory) override;
    Status createDirectories(const std::string& directory) override;
    Status remove(const std::string& path) override;
    Status writeWhole(const std::string& path, BytesView data) override;
    Result<Bytes> readWhole(const std::string& path) override;
    Status syncDirectory(const std::string& directory) override;
    Result<std::shared_ptr<void>> lock(const std::string& path) override;
    Result<std::uint64_t> freeBytes(const std::string& path) override;

private:
    World& world_;
    ProcessId process_;
};

}  // namespace foreshard::sim
