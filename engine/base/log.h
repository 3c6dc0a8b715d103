#pragma once
// One line per change of state, `key=value`, ids first. The sink is passed in; there is no global
// logger. A sink may be called from any strand and must do its own locking.
#include <cstdint>
#include <functional>
#include <string_view>

namespace foreshard {

enum class LogLevel : std::uint8_t {
    kDebug,
    kInfo,
    kWarning,
    kError
};
using LogSink = std::function<void(LogLevel, std::string_view)>;

}  // namespace foreshard
