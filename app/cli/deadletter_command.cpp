// `foreshard deadletter`: the records that were given up because the operator failed on them.
#include "app/cli/commands.h"
#include "engine/control/log/single_control_log.h"
#include "engine/env/real/posix_disk.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

namespace foreshard {
namespace {

using Json = nlohmann::ordered_json;

// RFC 4648. Records may hold any bytes, JSON strings may not.
std::string base64(BytesView bytes)
{
    static constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8U | (k < count ? static_cast<std::uint8_t>(bytes[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k)
            out += k <= count ? kDigits[group >> (18U - 6U * k) & 63U] : '=';
    }
    return out;
}

Json letterJson(const DeadLetter& letter)
{
    return {{"shard", letter.place.shard.value},
            {"n", letter.place.n},
            {"index", letter.place.index},
            {"offset", letter.place.offset},
            {"key", letter.key},
            {"bytes", letter.raw.size()},
            {"crc32c", letter.crc},
            {"reason", letter.reason},
            {"tries", letter.tries},
            {"wall_ms", letter.wallMs},
            {"raw_base64", base64(letter.raw)}};
}

int list(const std::string& data, bool json)
{
    if (const Status folder = checkDataFolder(data); !folder.ok())
        return reportError(folder.error());
    PosixDisk disk;
    const Result<std::vector<DeadLetter>> letters = SingleControlLog::readLetters(disk, data);
    if (!letters.ok()) return reportError(letters.error());
    if (json) {
        Json all = {{"dead_letters", Json::array()}};
        for (const DeadLetter& letter : *letters)
            all["dead_letters"].push_back(letterJson(letter));
        return printOut(all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    }
    for (const DeadLetter& letter : *letters) {
        const std::string line = describe(letter.place) + ", key " + shown(letter.key) + ", "
                                 + std::to_string(letter.raw.size()) + " bytes, "
                                 + std::to_string(letter.tries) + " tries: " + shown(letter.reason)
                                 + "\n";
        if (const int code = printOut(line); code != 0) return code;
    }
    return 0;
}

}  // namespace

void addDeadletterCommand(CLI::App& app, int& exitCode)
{
    struct Flags {
        std::string data;
        bool json = false;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = app.add_subcommand(
        "deadletter", "the records that were left out because the operator failed on them");
    command->add_option("--data", flags->data, "data directory")->required();
    command->add_flag("--json", flags->json, "one JSON document, with the records' bytes");
    command->callback([flags, &exitCode] { exitCode = list(flags->data, flags->json); });
}

}  // namespace foreshard
