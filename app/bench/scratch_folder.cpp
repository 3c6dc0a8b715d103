#include "app/bench/scratch_folder.h"

#include "engine/env/real/posix_io.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

namespace foreshard {
namespace {

namespace fs = std::filesystem;

fs::path defaultParent()
{
    std::error_code error;
    if (fs::is_directory("build", error)) return fs::absolute("build", error);
    const fs::path temporary = fs::temp_directory_path(error);
    return error ? fs::path(".") : temporary;
}

}  // namespace

Result<std::unique_ptr<ScratchFolder>> ScratchFolder::make(const std::string& parent)
{
    const fs::path below = parent.empty() ? defaultParent() : fs::path(parent);
    std::error_code error;
    fs::create_directories(below, error);
    if (error) return posixError(error.value(), "make a folder for the bench", below.string());
    std::string path = (below / "foreshard-bench-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr)
        return posixError(errno, "make a folder for the bench", below.string());
    return std::unique_ptr<ScratchFolder>(new ScratchFolder(std::move(path)));
}

ScratchFolder::~ScratchFolder() { drop(path_); }

Status ScratchFolder::mustHold(std::uint64_t bytes) const
{
    std::error_code error;
    const fs::space_info space = fs::space(path_, error);
    if (error || space.available >= bytes) return {};
    return Error{Errc::kNoSpace,
                 "bench in " + path_ + ": it needs " + std::to_string(bytes >> 20U) + " MiB and "
                     + std::to_string(space.available >> 20U)
                     + " MiB are free: free some, give another directory, or fewer seconds"};
}

void ScratchFolder::drop(const std::string& path) const
{
    std::error_code ignored;
    fs::remove_all(path, ignored);
}

}  // namespace foreshard
