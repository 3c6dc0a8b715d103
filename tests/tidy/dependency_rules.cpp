#include "tests/tidy/rules.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

namespace foreshard::tidy {
namespace {

using Names = std::set<std::string, std::less<>>;
using FolderTable = std::map<std::string, Names, std::less<>>;

// folder -> what it may see beside itself. The picture is in ARCHITECTURE.md, section 6.
const FolderTable& allowedFolders()
{
    static const Names kBelowControl = {"base",    "model",   "env",        "wire",
                                        "journal", "predict", "checkpoint", "control/log"};
    static const Names kBelowArchive = {"base",        "model",    "env",         "wire",
                                        "journal",     "sharding", "source",      "checkpoint",
                                        "correlation", "box",      "control/log", "operator"};
    static const FolderTable kTable = [] {
        FolderTable table = {
            {"base", {}},
            {"model", {"base"}},
            {"env", {"base", "model"}},
            {"env/real", {"base", "model", "env"}},
            {"env/sim", {"base", "env"}},
            {"wire", {"base", "model"}},
            {"sharding", {"base", "model"}},
            {"delivery", {"base", "model"}},
            {"source", {"base", "model", "env", "wire"}},
            {"history", {"base", "model", "env"}},
            {"correlation", {"base", "model", "wire"}},
            {"journal", {"base", "model", "env", "wire"}},
            {"predict", {"base", "model", "env", "wire"}},
            {"predict/torch", {"base", "model", "predict"}},
            {"predict/training", {"base", "model", "env", "predict"}},
            {"control/log", {"base", "model", "env", "wire", "journal", "checkpoint"}},
            {"checkpoint", {"base", "model", "env", "wire", "journal"}},
            {"box", {"base", "model", "env", "wire", "journal", "correlation"}},
            // The edge asks the control log where each box begins.
            {"edge",
             {"base", "model", "env", "wire", "journal", "source", "sharding", "delivery", "box",
              "correlation", "checkpoint", "control/log"}},
            {"operator", {"base", "model", "env", "wire"}},
            {"node",
             {"base", "model", "env", "wire", "journal", "delivery", "operator", "checkpoint"}},
            {"sink", {"base", "model", "env", "wire"}},
            {"control", kBelowControl},
            {"archive", kBelowArchive},
        };
        table["assembly"] = kBelowArchive;
        table["assembly"].insert({"predict", "edge", "node", "control", "archive"});
        table["simulation"] = table["assembly"];
        table["simulation"].insert({"sink", "assembly", "env/sim", "simulation/checkers"});
        table["simulation/checkers"] = table["simulation"];
        table["simulation/checkers"].insert("simulation");
        return table;
    }();
    return kTable;
}

// The same for the folders of the console.
const FolderTable& allowedConsoleFolders()
{
    static const FolderTable kTable = {
        {"theme", {}},
        {"bridge", {"theme"}},
        {"models", {"theme", "bridge"}},
        {"widgets", {"theme", "bridge"}},
        {"board", {"theme", "bridge", "models", "widgets"}},
        {"timeline", {"theme", "bridge", "models", "widgets"}},
        {"views", {"theme", "bridge", "models", "widgets", "board", "timeline"}},
    };
    return kTable;
}

// A top-level folder whose folders have an order.
struct Tree {
    std::string root;          // "engine/"
    std::string targetPrefix;  // "fs_engine_"
    const FolderTable& table;

    // "engine/env/real/x.h" -> "env/real"; empty when it lies elsewhere.
    std::string folderOf(std::string_view path) const
    {
        if (!startsWith(path, root)) return {};
        return foreshard::tidy::folderOf(path.substr(root.size()));
    }
    bool maySee(std::string_view from, const std::string& to) const
    {
        if (from == to) return true;
        const auto row = table.find(from);
        return row != table.end() && row->second.contains(to);
    }
    std::string refusal(std::string_view from, std::string_view verb, std::string_view to) const
    {
        std::string text = root;
        text.append(from).append(" may not ").append(verb).append(" ").append(root).append(to);
        return text;
    }
};

const std::vector<Tree>& trees()
{
    static const std::vector<Tree> kTrees = {{"engine/", "fs_engine_", allowedFolders()},
                                             {"ui/", "fs_ui_", allowedConsoleFolders()}};
    return kTrees;
}

bool inAny(std::string_view path, const std::vector<std::string>& prefixes)
{
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [&](const std::string& prefix) { return startsWith(path, prefix); });
}

struct LibraryHome {
    std::string_view library;
    std::vector<std::string> prefixes;  // of the angled include; a final '>' means the whole name
    std::vector<std::string> homes;     // where it may be seen
};

const std::vector<LibraryHome>& libraryHomes()
{
    static const std::vector<LibraryHome> kHomes = {
        {"Qt", {"Q"}, {"ui/", "app/console/", "tests/"}},
        {"LibTorch", {"torch/", "ATen/", "c10/"}, {"engine/predict/torch/", "tests/"}},
        {"ZeroMQ", {"zmq"}, {"engine/env/real/", "app/", "tests/"}},
        {"SQLite", {"sqlite3"}, {"engine/history/", "tests/engine/history/"}},
        {"Cap'n Proto", {"capnp/", "kj/"}, {"engine/wire/", "tests/engine/wire/"}},
        {"threads",
         {"thread>", "mutex>", "shared_mutex>", "condition_variable>", "future>", "semaphore>",
          "latch>", "barrier>", "pthread.h>"},
         {"engine/env/real/", "app/", "tests/"}},
        {"files",
         {"fstream>", "filesystem>", "fcntl.h>", "unistd.h>", "sys/"},
         {"engine/env/real/", "engine/predict/torch/", "app/", "tests/"}},
        {"chance", {"random>"}, {"engine/env/real/", "tests/"}},
    };
    return kHomes;
}

bool matches(const std::string& target, const std::string& prefix)
{
    if (endsWith(prefix, ">")) return target + ">" == prefix;
    if (prefix == "Q")  // QString, QtCharts/..., but not a name that only begins with it
        return target.size() > 1 && target[0] == 'Q' && target[1] >= 'A' && target[1] <= 't';
    return startsWith(target, prefix);
}

// Pure: decides, never acts. Cores everywhere, and whole folders.
bool isPure(std::string_view path)
{
    static const std::vector<std::string> kFolders = {"engine/base/",     "engine/model/",
                                                      "engine/wire/",     "engine/sharding/",
                                                      "engine/delivery/", "engine/correlation/"};
    const std::string name = fileNameOf(path);
    const bool core = endsWith(name, "_core.h") || endsWith(name, "_core.cpp")
                      || endsWith(name, "_policy.h") || endsWith(name, "_policy.cpp");
    return inAny(path, kFolders) || (startsWith(path, "engine/") && core);
}

void checkAngled(const SourceFile& file, const Include& include, Found& found)
{
    for (const auto& home : libraryHomes()) {
        const bool ofIt =
            std::any_of(home.prefixes.begin(), home.prefixes.end(),
                        [&](const std::string& prefix) { return matches(include.target, prefix); });
        if (ofIt && !inAny(file.path, home.homes)) {
            found.push_back({file.path, include.line,
                             "<" + include.target + ">: " + std::string(home.library)
                                 + " has no place in this folder"});
        }
    }
}

void checkIncludesOf(const SourceFile& file, const Tree& tree, Found& found)
{
    const std::string from = tree.folderOf(file.path);
    if (from.empty()) return;
    if (!tree.table.contains(from)) {
        found.push_back({file.path, 1, tree.root + from + " has no row in the folder table"});
        return;
    }
    for (const auto& include : includesOf(file)) {
        if (tree.root == "engine/" && inAny(include.target, {"app/", "ui/", "tests/"}))
            found.push_back({file.path, include.line, "the engine includes " + include.target});
        const std::string to = tree.folderOf(include.target);
        if (!to.empty() && !tree.maySee(from, to))
            found.push_back({file.path, include.line, tree.refusal(from, "include", to)});
    }
}

void checkTargetsOf(const SourceFile& file, const Tree& tree, Found& found)
{
    const std::string from = tree.folderOf(file.path);
    if (from.empty()) return;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
        const std::string_view line = file.lines[i];
        for (std::size_t at = line.find(tree.targetPrefix); at != std::string_view::npos;
             at = line.find(tree.targetPrefix, at + 1)) {
            const std::size_t begin = at + tree.targetPrefix.size();
            const std::size_t end = line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", begin);
            std::string to(line.substr(begin, end - begin));
            // A folder inside a folder: env_real, control_log. Else a second target of one.
            if (const std::size_t bar = to.find('_'); bar != std::string::npos) {
                to[bar] = '/';
                if (!tree.table.contains(to)) to.resize(bar);
            }
            if (tree.table.contains(to) && !tree.maySee(from, to))
                found.push_back({file.path, i + 1, tree.refusal(from, "depend on", to)});
        }
    }
}

}  // namespace

void checkFolderDirections(const Files& files, Found& found)
{
    for (const auto& tree : trees()) {
        for (const auto& file : files) {
            if (isCpp(file.path)) checkIncludesOf(file, tree, found);
        }
    }
}

void checkDeclaredDependencies(const Files& files, Found& found)
{
    for (const auto& tree : trees()) {
        for (const auto& file : files) {
            if (fileNameOf(file.path) == "CMakeLists.txt") checkTargetsOf(file, tree, found);
        }
    }
}

void checkLibraryHomes(const Files& files, Found& found)
{
    for (const auto& file : files) {
        if (!isCpp(file.path)) continue;
        for (const auto& include : includesOf(file)) {
            if (include.angled) checkAngled(file, include, found);
        }
    }
}

void checkConsoleIncludes(const Files& files, Found& found)
{
    static const std::vector<std::string> kSeen = {"ui/", "engine/model/", "engine/base/"};
    for (const auto& file : files) {
        if (!startsWith(file.path, "ui/") || !isCpp(file.path)) continue;
        for (const auto& include : includesOf(file)) {
            const bool own = inAny(include.target, kSeen) || endsWith(include.target, ".moc");
            // A name with a dot or a folder that is not Qt's belongs to some other library.
            const bool plain = include.target.find_first_of("./") == std::string::npos;
            const bool allowed = include.angled ? plain || matches(include.target, "Q") : own;
            if (!allowed)
                found.push_back({file.path, include.line, "ui may not include " + include.target});
        }
    }
}

void checkPurity(const Files& files, Found& found)
{
    static const Names kBanned = {"engine/env/env.h", "iostream", "ctime"};
    static constexpr std::array<std::string_view, 6> kDoors = {
        "steady_clock",  "system_clock", "high_resolution_clock",
        "clock_gettime", "getenv",       "fopen"};
    for (const auto& file : files) {
        if (!isCpp(file.path) || !startsWith(file.path, "engine/")) continue;
        if (isPure(file.path)) {
            for (const auto& include : includesOf(file)) {
                if (kBanned.contains(include.target)) {
                    found.push_back(
                        {file.path, include.line, "a pure file may not include " + include.target});
                }
            }
        }
        if (inAny(file.path, {"engine/env/real/", "engine/predict/torch/"})) continue;
        for (std::size_t i = 0; i < file.code.size(); ++i) {
            for (const auto word : kDoors) {
                if (hasWord(file.code[i], word)) {
                    found.push_back({file.path, i + 1,
                                     std::string(word) + ": time and files come through env.h"});
                }
            }
        }
    }
}

void checkIncludeSpelling(const Files& files, Found& found)
{
    static const std::vector<std::string> kRoots = {"app/", "engine/", "ui/", "tests/"};
    for (const auto& file : files) {
        if (!isCpp(file.path)) continue;
        for (const auto& include : includesOf(file)) {
            const bool generated =
                endsWith(include.target, ".moc") || endsWith(include.target, ".capnp.h");
            if (!include.angled && !generated && !inAny(include.target, kRoots)) {
                found.push_back({file.path, include.line,
                                 "\"" + include.target + "\" is not written from the root"});
            }
        }
    }
}

}  // namespace foreshard::tidy
