#include "app/cli/config_file.h"

#include "engine/model/plain_text.h"

#include <algorithm>
#include <cstdio>

namespace foreshard {
namespace {

[[noreturn]] void refuse(const std::string& place, const std::string& why)
{
    throw CLI::ConfigError(place + why, CLI::ExitCodes::ConfigError);
}

bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

std::string trimmed(const std::string& text)
{
    const auto first = std::find_if_not(text.begin(), text.end(), isBlank);
    const auto last = std::find_if_not(text.rbegin(), text.rend(), isBlank).base();
    return first < last ? std::string(first, last) : std::string();
}

bool isName(const std::string& text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
               || c == '-' || c == '_';
    });
}

// Takes a quoted string off the front of `rest`.
std::string takeString(std::string& rest, const std::string& place)
{
    const char quote = rest[0];
    std::string out;
    for (std::size_t i = 1; i < rest.size(); ++i) {
        const char c = rest[i];
        if (c == quote) {
            rest = trimmed(rest.substr(i + 1));
            return out;
        }
        if (static_cast<unsigned char>(c) < 0x20 && c != '\t')
            refuse(place, "a control character in a string: write it as an escape");
        if (quote == '\'' || c != '\\') {
            out += c;
            continue;
        }
        static const std::map<char, char> kEscapes = {
            {'"', '"'}, {'\\', '\\'}, {'n', '\n'}, {'t', '\t'}, {'r', '\r'}};
        const auto escape = ++i < rest.size() ? kEscapes.find(rest[i]) : kEscapes.end();
        if (escape == kEscapes.end()) refuse(place, "an escape that is not known");
        out += escape->second;
    }
    refuse(place, "the string has no end");
}

// Null when there is none of this name.
const CLI::App* commandOf(const CLI::App& app, const std::string& name)
{
    const auto found =
        app.get_subcommands([&name](const CLI::App* one) { return one->get_name() == name; });
    return found.empty() ? nullptr : found.front();
}

// What follows a value may be a comment only.
void endOfLine(const std::string& rest, const std::string& place)
{
    if (!rest.empty() && rest[0] != '#') refuse(place, "'" + rest + "' follows the value");
}

}  // namespace

ConfigFile::Value ConfigFile::parseValue(const std::string& text, const std::string& place) const
{
    std::string rest = text;
    if (rest.empty()) refuse(place, "the value is missing");
    if (rest[0] == '"' || rest[0] == '\'') {
        const std::string value = takeString(rest, place);
        endOfLine(rest, place);
        return {Value::Kind::kString, {value}};
    }
    if (rest[0] == '[') {
        Value list{Value::Kind::kList, {}};
        rest = trimmed(rest.substr(1));
        while (!rest.empty() && (rest[0] == '"' || rest[0] == '\'')) {
            list.texts.push_back(takeString(rest, place));
            if (rest.empty() || rest[0] != ',') break;
            rest = trimmed(rest.substr(1));
        }
        if (rest.empty() || rest[0] != ']')
            refuse(place, "a list of strings like [\"a\", \"b\"] on one line was expected");
        endOfLine(trimmed(rest.substr(1)), place);
        return list;
    }
    std::string word = trimmed(rest.substr(0, rest.find('#')));
    if (word == "true" || word == "false") return {Value::Kind::kBool, {word}};
    const bool number = !word.empty() && word[0] != '_' && word.back() != '_'
                        && word.find("__") == std::string::npos
                        && std::all_of(word.begin(), word.end(),
                                       [](char c) { return (c >= '0' && c <= '9') || c == '_'; });
    if (!number)
        refuse(place, "'" + word + "' is no value: give a \"string\", a whole number, true or "
                                   "false, or a list of strings");
    word.erase(std::remove(word.begin(), word.end(), '_'), word.end());
    return {Value::Kind::kNumber, {word}};
}

void ConfigFile::check(const std::string& section, const std::string& key, const Value& value,
                       const std::string& place) const
{
    const CLI::App* command = &app_;
    if (!section.empty()) command = commandOf(app_, section);
    if (command == nullptr) refuse(place, "there is no command [" + section + "]");
    const CLI::Option* option = command->get_option_no_throw("--" + key);
    const bool usable = option != nullptr && option->get_configurable() && key != "config";
    if (!usable) {
        refuse(place, section.empty() ? "it is in no [section]: write [run] above it"
                                      : "`foreshard " + section + "` has no flag --" + key);
    }
    const bool flag = option->get_items_expected_max() == 0;
    const bool text = option->get_type_name() == "TEXT";
    const bool many = option->get_expected_max() > 1;
    const bool fits = flag                               ? value.kind == Value::Kind::kBool
                      : value.kind == Value::Kind::kList ? many
                      : value.kind == Value::Kind::kString
                          ? text
                          : value.kind == Value::Kind::kNumber && (!text || key == "rate");
    if (fits) return;
    refuse(place, std::string("the value is of the wrong type: give ")
                      + (flag   ? "true or false"
                         : many ? "a list of strings"
                         : text ? "a \"string\""
                                : "a whole number"));
}

std::vector<CLI::ConfigItem> ConfigFile::from_config(std::istream& input) const
{
    std::vector<CLI::ConfigItem> entries;
    std::string section;
    std::string said;
    std::string raw;
    for (int number = 1; std::getline(input, raw); ++number) {
        const std::string line = trimmed(raw);
        const std::string where = "line " + std::to_string(number);
        if (line.empty() || line[0] == '#') continue;
        if (line[0] == '[') {
            const std::size_t end = line.find(']');
            const std::string name = trimmed(line.substr(1, end - 1));
            if (end == std::string::npos || !isName(name))
                refuse(where + ": ", "a section like [run] was expected");
            endOfLine(trimmed(line.substr(end + 1)), where + ": ");
            if (commandOf(app_, name) == nullptr)
                refuse(where + ": ", "there is no command [" + name + "]");
            section = name;
            continue;
        }
        const std::size_t equals = line.find('=');
        const std::string key = trimmed(line.substr(0, equals));
        if (equals == std::string::npos || !isName(key))
            refuse(where + ": ", "'" + line + "' is no `name = value`");
        const std::string place = where + ", key '" + key + "': ";
        const Value value = parseValue(trimmed(line.substr(equals + 1)), place);
        check(section, key, value, place);
        CLI::ConfigItem item;
        if (!section.empty()) item.parents = {section};
        item.name = key;
        item.inputs = value.texts;
        const bool twice = std::any_of(entries.begin(), entries.end(), [&](const auto& other) {
            return other.name == item.name && other.parents == item.parents;
        });
        if (twice) refuse(place, "it is there twice");
        places_[key] = place;
        said += " " + key + "=";
        for (const std::string& text : value.texts)
            said += (said.back() == '=' ? "" : ",") + text;
        entries.push_back(std::move(item));
    }
    std::fprintf(stderr, "foreshard: configured:%s\n", printable(said).c_str());
    return entries;
}

std::string ConfigFile::placeOf(const std::string& message) const
{
    for (const auto& [key, place] : places_) {
        const std::size_t at = message.find("--" + key);
        if (at == std::string::npos) continue;
        const std::size_t end = at + 2 + key.size();
        if (end == message.size() || message[end] == ':' || message[end] == ' ') return place;
    }
    return {};
}

}  // namespace foreshard
