#include "app/cli/usage_advice.h"

#include "engine/source/nearest_name.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <system_error>

namespace foreshard {
namespace {

std::vector<std::string> commandsOf(const CLI::App& app)
{
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(command->get_name());
    return names;
}

// "foreshard ctl move".
std::string pathOf(const CLI::App& app)
{
    const CLI::App* parent = app.get_parent();
    return parent == nullptr ? app.get_name() : pathOf(*parent) + " " + app.get_name();
}

// A word also means an option of the commands above.
const CLI::Option* optionOf(const CLI::App& app, const std::string& name)
{
    for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
        if (const CLI::Option* option = at->get_option_no_throw(name)) return option;
    }
    return nullptr;
}

std::vector<std::string> optionsOf(const CLI::App& app)
{
    std::vector<std::string> names;
    for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
        for (const CLI::Option* option : at->get_options()) {
            for (const std::string& name : option->get_lnames())
                names.push_back("--" + name);
        }
    }
    return names;
}

std::string didYouMean(const std::string& word, const std::vector<std::string>& names)
{
    const std::string nearest = nearestName(word, names);
    return nearest.empty() ? "" : "did you mean " + nearest + "? ";
}

std::string listed(const std::vector<std::string>& names)
{
    std::string text;
    for (const std::string& name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

struct Found {
    const CLI::App* command;  // as far as it was understood
    std::string cause;        // "" when no word is unknown
    std::string nextStep;
};

// Skips the values of the option at `words[i]`.
std::size_t lastOf(const CLI::Option& option, const std::vector<std::string>& words, std::size_t i)
{
    if (words[i].find('=') != std::string::npos || option.get_items_expected_max() == 0) return i;
    if (option.get_items_expected_max() == 1) return i + 1;
    while (i + 1 < words.size() && !words[i + 1].starts_with("--"))
        ++i;
    return i;
}

Found unknownWord(const CLI::App& app, const std::vector<std::string>& words)
{
    Found found{&app, "", ""};
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (word == "--") break;
        if (word.size() > 1 && word.front() == '-') {
            const std::string name = word.substr(0, word.find('='));
            if (const CLI::Option* option = optionOf(*found.command, name)) {
                i = lastOf(*option, words, i);
                continue;
            }
            found.cause = name + " is no option of `" + pathOf(*found.command) + "`";
            found.nextStep = didYouMean(name, optionsOf(*found.command));
            return found;
        }
        const std::vector<std::string> commands = commandsOf(*found.command);
        if (commands.empty()) continue;
        const auto named = [&word](const CLI::App* one) { return one->get_name() == word; };
        const auto next = found.command->get_subcommands(named);
        if (next.empty()) {
            found.cause = "`" + pathOf(*found.command) + "` has no command '" + word + "'";
            found.nextStep = didYouMean(word, commands);
            if (found.nextStep.empty()) found.nextStep = "it has " + listed(commands) + ": ";
            return found;
        }
        found.command = next.front();
    }
    return found;
}

}  // namespace

void takePlainNumbersOnly(CLI::App& app)
{
    const auto plain = [](const std::string& text) {
        const char* const last = text.data() + text.size();
        std::uint64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), last, number);
        const bool sound =
            error == std::errc{} && end == last && (text.size() == 1 || text.front() != '0');
        return sound ? std::string() : "'" + text + "' is no whole number like 0 or 4096";
    };
    for (CLI::Option* option : app.get_options()) {
        if (option->get_type_name().starts_with("UINT")) option->check(plain, "");
    }
    for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; }))
        takePlainNumbersOnly(*command);
}

std::string usageAdvice(const CLI::App& app, const std::vector<std::string>& words,
                        const std::string& what)
{
    Found found = unknownWord(app, words);
    const std::vector<std::string> commands = commandsOf(*found.command);
    if (found.cause.empty() && !commands.empty()) {
        found.cause = "no command is given";
        found.nextStep = "`" + pathOf(*found.command) + "` has " + listed(commands) + ": ";
    } else if (found.cause.empty()) {
        found.cause = what;
    }
    return "the command line is not understood: " + found.cause + ": " + found.nextStep + "see `"
           + pathOf(*found.command) + " --help`";
}

}  // namespace foreshard
