#pragma once
// The file behind --config: a strict subset of TOML. A [section] per command, in it `name = value`
// with the flag's long name: strings, whole numbers, true and false, and lists of strings on one
// line. What is not understood in it is refused with line and key, never skipped; what is, is said
// on standard error, because a changed byte may be another sound value. A flag on the command line
// counts more.
#include <CLI/CLI.hpp>
#include <istream>
#include <map>
#include <string>
#include <vector>

namespace foreshard {

class ConfigFile final : public CLI::Config {
public:
    // `app` outlives this.
    explicit ConfigFile(const CLI::App& app) : app_(app) {}

    std::string to_config(const CLI::App*, bool, bool, std::string) const override { return {}; }
    // Throws CLI::ConfigError: "line 3, key 'nodes': ...".
    std::vector<CLI::ConfigItem> from_config(std::istream& input) const override;

    // "line 3, key 'nodes': " when `message` is about a flag that this file has set, else "".
    std::string placeOf(const std::string& message) const;

private:
    struct Value {
        enum class Kind {
            kString,
            kNumber,
            kBool,
            kList
        };
        Kind kind = Kind::kString;
        std::vector<std::string> texts;
    };
    Value parseValue(const std::string& text, const std::string& place) const;
    void check(const std::string& section, const std::string& key, const Value& value,
               const std::string& place) const;

    const CLI::App& app_;
    mutable std::map<std::string, std::string> places_;  // by key
};

}  // namespace foreshard
