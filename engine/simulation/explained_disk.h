#pragma once
// A disk that says what is done to it, for `simulate --explain`; what happens is the same as
// without it.
#include "engine/env/env.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace foreshard::sim {

class ExplainedDisk final : public Disk {
public:
    using Say = std::function<void(const std::string& line)>;

    // `disk` and what `say` captures outlive it and the files it opens.
    ExplainedDisk(Disk& disk, Say say) : disk_(disk), say_(std::move(say)) {}

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
    Disk& disk_;
    Say say_;
};

}  // namespace foreshard::sim
