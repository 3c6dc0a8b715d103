#include "app/program_paths.h"

#include <filesystem>
#include <system_error>

namespace foreshard {
namespace {

std::filesystem::path programDirectory()
{
    std::error_code error;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
    return error ? std::filesystem::path(".") : program.parent_path();
}

}  // namespace

std::string findModel()
{
    const std::filesystem::path here = programDirectory();
    const std::filesystem::path installed = here / "../share/foreshard/model/shard_predictor.pt";
    const std::filesystem::path built = here / "../../resources/model/shard_predictor.pt";
    for (const std::filesystem::path& path : {installed, built}) {
        std::error_code error;
        if (std::filesystem::exists(path, error)) return path.lexically_normal().string();
    }
    return installed.lexically_normal().string();
}

std::vector<std::string> predictorModulePaths()
{
    const std::filesystem::path here = programDirectory();
    std::vector<std::string> paths;
    for (const char* place :
         {"libforeshard_predictor.so", "../lib/foreshard/libforeshard_predictor.so"}) {
        paths.push_back((here / place).lexically_normal().string());
    }
    return paths;
}

const char* programVersion() { return FORESHARD_VERSION; }

}  // namespace foreshard
