#pragma once
// A fresh folder that goes, with all that is in it, when its owner does.
#include "engine/base/result.h"

#include <cstdint>
#include <memory>
#include <string>

namespace foreshard {

class ScratchFolder {
public:
    // Below `parent` (made when absent). Empty: ./build when there is one, so that a bench runs on
    // the disk that the build is on; else the system's folder for temporary files.
    static Result<std::unique_ptr<ScratchFolder>> make(const std::string& parent);
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    const std::string& path() const { return path_; }
    // kNoSpace when fewer than `bytes` are free.
    Status mustHold(std::uint64_t bytes) const;
    // Removes one file or folder in it; a failure leaves it to the destructor.
    void drop(const std::string& path) const;

private:
    explicit ScratchFolder(std::string path) : path_(std::move(path)) {}

    std::string path_;
};

}  // namespace foreshard
