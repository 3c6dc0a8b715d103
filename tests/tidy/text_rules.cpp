#include "tests/tidy/rules.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <string_view>

namespace foreshard::tidy {
namespace {

// Written in two halves, so that this file passes its own rule.
const std::vector<std::string>& bannedWords()
{
    static const std::vector<std::string> kWords = {
        std::string("TO") + "DO", std::string("FIX") + "ME", std::string("XX") + "X",
        std::string("HA") + "CK"};
    return kWords;
}

// Names declared in `file` as unordered_map<...> name or unordered_set<...> name.
std::vector<std::string> unorderedNames(const SourceFile& file)
{
    std::string code;
    for (const auto& line : file.code)
        code += line + ' ';
    std::vector<std::string> names;
    for (std::size_t at = code.find("unordered_"); at != std::string::npos;
         at = code.find("unordered_", at + 1)) {
        std::size_t i = code.find('<', at);
        if (i == std::string::npos || i > at + 22) continue;  // "unordered_multimap" is 18 long
        int depth = 0;
        do {
            depth += code[i] == '<' ? 1 : 0;
            depth -= code[i] == '>' ? 1 : 0;
            ++i;
        } while (i < code.size() && depth > 0);
        const std::size_t begin = code.find_first_not_of(" &", i);
        if (begin == std::string::npos) continue;
        std::size_t end = begin;
        while (end < code.size()
               && (std::isalnum(static_cast<unsigned char>(code[end])) != 0 || code[end] == '_'))
            ++end;
        if (end > begin) names.push_back(code.substr(begin, end - begin));
    }
    return names;
}

// "engine/a/b.cpp" and "engine/a/b.h" -> "engine/a/b".
std::string stem(const std::string& path) { return path.substr(0, path.rfind('.')); }

// A range-for over `name`, or name.begin().
bool loopsOver(const std::string& line, const std::string& name)
{
    if (line.find(name + ".begin()") != std::string::npos) return true;
    const std::size_t loop = line.find("for (");
    const std::size_t colon = line.find(" : ", loop == std::string::npos ? 0 : loop);
    return loop != std::string::npos && colon != std::string::npos
           && hasWord(std::string_view(line).substr(colon), name);
}

bool listedIn(const SourceFile& list, const std::string& path)
{
    const std::string folder = folderOf(list.path);
    const std::string wanted = folder.empty() ? path : path.substr(folder.size() + 1);
    return std::any_of(list.lines.begin(), list.lines.end(), [&](const std::string& line) {
        for (std::size_t at = line.find(wanted); at != std::string::npos;
             at = line.find(wanted, at + 1)) {
            const std::size_t end = at + wanted.size();
            const bool starts =
                at == 0 || std::string_view(" \t(\"/").find(line[at - 1]) != std::string_view::npos;
            const bool ends =
                end == line.size()
                || std::string_view(" \t)\"").find(line[end]) != std::string_view::npos;
            if (starts && ends) return true;
        }
        return false;
    });
}

}  // namespace

void checkBannedWords(const Files& files, Found& found)
{
    for (const auto& file : files) {
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            for (const auto& word : bannedWords()) {
                if (hasWord(file.lines[i], word)) {
                    found.push_back({file.path, i + 1,
                                     word + ": do it now, or write the condition that brings it"});
                }
            }
        }
    }
}

void checkOldWords(const Files& files, Found& found)
{
    static const std::map<std::string, std::string, std::less<>> kFieldSays = {
        {"struck", "invalidated"},  {"strike", "invalidate"},
        {"pardon", "reinstate"},    {"sendOwn", "sendAssign"},
        {"onOwn", "onAssign"},      {"kOwn", "kAssign"},
        {"onDrop", "onRevoke"},     {"kDrop", "kRevoke"},
        {"holdFrom", "retainFrom"}, {"firstHeld", "firstRetained"},
        {"kHold", "kRetain"},       {"kHeld", "kRetained"},
        {"BufferCore", "BoxCore"},  {"intervalSent", "nothing: it was never read"},
    };
    for (const auto& file : files) {
        if (!isCpp(file.path) || startsWith(file.path, "tests/tidy/")) continue;
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            for (const auto& [old, now] : kFieldSays) {
                if (hasWord(file.lines[i], old))
                    found.push_back({file.path, i + 1, old + ": say " + now});
            }
        }
    }
}

void checkDistributions(const Files& files, Found& found)
{
    for (const auto& file : files) {
        if (!isCpp(file.path)) continue;
        for (std::size_t i = 0; i < file.code.size(); ++i) {
            const std::size_t at = file.code[i].find("_distribution");
            const std::size_t end = at + std::string_view("_distribution").size();
            if (at == std::string::npos || (end < file.code[i].size() && file.code[i][end] == '_'))
                continue;
            if (hasWord(file.code[i], "std"))
                found.push_back({file.path, i + 1, "draw from engine/base/split_mix.h instead"});
        }
    }
}

void checkUnorderedLoops(const Files& files, Found& found)
{
    std::map<std::string, std::vector<std::string>> names;  // by stem: header and source together
    for (const auto& file : files) {
        if (!isCpp(file.path)) continue;
        const auto own = unorderedNames(file);
        auto& all = names[stem(file.path)];
        all.insert(all.end(), own.begin(), own.end());
    }
    for (const auto& file : files) {
        if (!isCpp(file.path) || !startsWith(file.path, "engine/")
            || startsWith(file.path, "engine/env/real/"))
            continue;
        for (std::size_t i = 0; i < file.code.size(); ++i) {
            for (const auto& name : names[stem(file.path)]) {
                if (loopsOver(file.code[i], name)) {
                    found.push_back(
                        {file.path, i + 1, name + " is unordered: its order must not be used"});
                }
            }
        }
    }
}

void checkPragmaOnce(const Files& files, Found& found)
{
    for (const auto& file : files) {
        if (!endsWith(file.path, ".h")) continue;
        if (file.lines.empty() || file.lines.front() != "#pragma once")
            found.push_back({file.path, 1, "a header begins with #pragma once"});
    }
}

void checkListedInCMake(const Files& files, Found& found)
{
    for (const auto& file : files) {
        if (!endsWith(file.path, ".cpp")) continue;
        const bool listed = std::any_of(files.begin(), files.end(), [&](const SourceFile& list) {
            return fileNameOf(list.path) == "CMakeLists.txt"
                   && startsWith(file.path, folderOf(list.path)) && listedIn(list, file.path);
        });
        if (!listed) found.push_back({file.path, 1, "no CMakeLists.txt names this file"});
    }
}

}  // namespace foreshard::tidy
