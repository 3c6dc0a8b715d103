#include "engine/env/real/write_times.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>

namespace foreshard {

WallMillis newestWriteMs(const std::string& directory)
{
    namespace fs = std::filesystem;
    WallMillis newest = 0;
    std::error_code error;
    for (fs::recursive_directory_iterator at(directory, error), end; !error && at != end;
         at.increment(error)) {
        std::error_code ignored;
        const auto written = fs::last_write_time(at->path(), ignored);
        if (ignored) continue;
        const auto wall = std::chrono::file_clock::to_sys(written).time_since_epoch();
        newest = std::max<WallMillis>(
            newest, std::chrono::duration_cast<std::chrono::milliseconds>(wall).count());
    }
    return newest;
}

}  // namespace foreshard
