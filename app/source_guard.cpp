#include "app/source_guard.h"

#include "engine/source/source_uri.h"

#include <filesystem>
#include <system_error>

namespace foreshard {

Status refuseTheSource(const std::string& source, const std::string& path, const std::string& what)
{
    FS_TRY(const SourceUri uri, parseSourceUri(source));
    std::error_code unknown;
    if (uri.path != path && !std::filesystem::equivalent(uri.path, path, unknown)) return {};
    return Error{Errc::kInvalid, what + " " + path
                                     + " is the source, too: it would be overwritten: give it a "
                                       "file of its own"};
}

}  // namespace foreshard
