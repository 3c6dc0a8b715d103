// The rules a machine can check, run over the whole tree, and tried on small texts first. A file
// that must break one stands in kExceptions with the reason; an exception that excuses nothing
// fails too, so the list can only shrink.
#include "tests/tidy/rules.h"

#include <QObject>
#include <QTest>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

using namespace foreshard::tidy;

namespace {

using Check = void (*)(const Files&, Found&);
struct Rule {
    const char* name;
    Check check;
};
constexpr std::array kRules = {
    Rule{"folder directions", checkFolderDirections},
    Rule{"declared dependencies", checkDeclaredDependencies},
    Rule{"library homes", checkLibraryHomes},
    Rule{"console includes", checkConsoleIncludes},
    Rule{"purity", checkPurity},
    Rule{"include spelling", checkIncludeSpelling},
    Rule{"file lengths", checkFileLengths},
    Rule{"line widths", checkLineWidths},
    Rule{"function lengths", checkFunctionLengths},
    Rule{"class sizes", checkClassSizes},
    Rule{"banned words", checkBannedWords},
    Rule{"old words", checkOldWords},
    Rule{"distributions", checkDistributions},
    Rule{"unordered loops", checkUnorderedLoops},
    Rule{"pragma once", checkPragmaOnce},
    Rule{"listed in CMake", checkListedInCMake},
};

struct Exception {
    std::string_view rule;
    std::string_view subject;  // a file, or the class where the rule judges classes
    std::string_view reason;
    std::string_view since;  // the day it was granted
};
const std::vector<Exception> kExceptions = {
    {"pragma once", "engine/predict/predictor_abi.h", "a C header, guarded the way C does it",
     "2026-11-22"},
    {"function lengths", "tests/engine/wire/aggregate.h", "a table: one branch per member count",
     "2026-11-22"},
    {"class sizes", "EngineHost",
     "it holds every part and strand of one process; the assembly that "
     "the simulation shares is to take the parts",
     "2026-11-29"},
    {"class sizes", "ShardRunner", "recovery and the announced checkpoint are still loose members",
     "2026-11-29"},
    {"class sizes", "SimDisk", "one call per door of the disk, and one per fault a test may arm",
     "2026-11-29"},
    {"class sizes", "World", "the one entry of tests into a simulated world", "2026-11-29"},
    {"class sizes", "MainWindow", "it still names each of its pages; a list of pages is to do it",
     "2026-11-29"},
    {"class sizes", "ShardBoard",
     "twelve of its methods are Qt's events; layout and animation want "
     "a class of their own",
     "2026-11-29"},
    {"class sizes", "TimelineWidget", "twelve of its methods are Qt's events", "2026-11-29"},
};

bool excuses(const Exception& exception, std::string_view rule, const Violation& violation)
{
    const std::string& subject = violation.subject.empty() ? violation.path : violation.subject;
    return exception.rule == rule && exception.subject == subject;
}

bool isRead(const std::filesystem::path& path)
{
    const std::string name = path.filename().string();
    return isCpp(name) || endsWith(name, ".capnp") || endsWith(name, ".cmake")
           || endsWith(name, ".sh") || name == "CMakeLists.txt";
}

Files readTree(const std::filesystem::path& root)
{
    Files files;
    for (const char* folder : {"app", "engine", "ui", "tests", "installer", "resources", "cmake"}) {
        if (!std::filesystem::exists(root / folder)) continue;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
            if (!entry.is_regular_file() || !isRead(entry.path())) continue;
            std::ifstream in(entry.path(), std::ios::binary);
            const std::string text((std::istreambuf_iterator<char>(in)), {});
            files.push_back(
                makeSourceFile(entry.path().lexically_relative(root).generic_string(), text));
        }
    }
    std::sort(files.begin(), files.end(),
              [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
    return files;
}

std::size_t count(Check check, const Files& files)
{
    Found found;
    check(files, found);
    return found.size();
}
std::size_t count(Check check, const std::string& path, const std::string& text)
{
    return count(check, {makeSourceFile(path, text)});
}
std::string repeated(const std::string& text, std::size_t times)
{
    std::string all;
    for (std::size_t i = 0; i < times; ++i)
        all += text;
    return all;
}

}  // namespace

class SourceRulesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void comments_andLiterals_areNotCode();
    void folders_whenIncludedUpwards_areReported();
    void consoleFolders_whenIncludedUpwards_areReported();
    void dependencies_whenDeclaredUpwards_areReported();
    void libraries_awayFromHome_areReported();
    void console_whenItSeesTheEngine_isReported();
    void core_withAClockOrADoor_isReported();
    void include_notFromTheRoot_isReported();
    void sizes_overTheLimit_areReported();
    void functionLength_countsBodies_notContainers();
    void class_overTheLimit_isReportedOverAllItsFiles();
    void method_countsOnce_notWhenTrivialDefaultedOrOfAnotherClass();
    void dataMember_countsOnce_whateverItsInitializer();
    void bannedWord_asAWord_isReported();
    void wordThatWasGivenUp_isReportedWithTheFieldsWord();
    void distribution_ofTheStandardLibrary_isReported();
    void loop_overUnordered_isReported();
    void header_withoutPragmaOnce_isReported();
    void source_thatNobodyBuilds_isReported();
    void tree_follows_data();
    void tree_follows();
    void exceptions_stillExcuseSomething();

private:
    Files tree_;
};

void SourceRulesTest::initTestCase()
{
    tree_ = readTree(FORESHARD_SOURCE_DIR);
    QVERIFY2(tree_.size() > 20, "the source tree was not found");
}

void SourceRulesTest::comments_andLiterals_areNotCode()
{
    const auto file = makeSourceFile("a.cpp",
                                     "int a = 1'000; // {\n/* { \n*/ auto s = \"{\\\"{\";\n"
                                     "auto r = R\"x({\n\")x\"; char c = '{';\n#define A {\\\n {\n");
    QCOMPARE(file.lines.size(), std::size_t{7});
    QCOMPARE(file.code.size(), file.lines.size());
    for (const auto& line : file.code)
        QVERIFY2(line.find('{') == std::string::npos, line.c_str());
    QVERIFY(file.code[0].find("1'000;") != std::string::npos);
}

void SourceRulesTest::folders_whenIncludedUpwards_areReported()
{
    const std::string up = "#include \"engine/control/cluster.h\"\n";
    QCOMPARE(count(checkFolderDirections, "engine/node/a.cpp", up), std::size_t{1});
    QCOMPARE(count(checkFolderDirections, "engine/simulation/a.cpp", up), std::size_t{0});
    QCOMPARE(count(checkFolderDirections, "engine/new/a.cpp", ""), std::size_t{1});
    QCOMPARE(count(checkFolderDirections, "engine/base/a.cpp", "#include \"ui/a.h\"\n"),
             std::size_t{1});
    QCOMPARE(count(checkFolderDirections, "engine/base/a.cpp", "// #include \"ui/a.h\"\n"),
             std::size_t{0});
}

void SourceRulesTest::consoleFolders_whenIncludedUpwards_areReported()
{
    const auto reported = [](const char* path, const std::string& header) {
        return count(checkFolderDirections, path, "#include \"" + header + "\"\n") == 1;
    };
    QVERIFY(reported("ui/theme/formatting.h", "ui/bridge/engine_link.h"));
    QVERIFY(!reported("ui/bridge/engine_bridge.cpp", "ui/theme/formatting.h"));
    QVERIFY(reported("ui/timeline/timeline_view.h", "ui/views/main_window.h"));
    QVERIFY(reported("ui/board/board_view.h", "ui/timeline/timeline_view.h"));
    QVERIFY(reported("ui/widgets/hit_lanes.h", "ui/models/locate_hits_model.h"));
    QVERIFY(!reported("ui/views/pages.cpp", "ui/board/board_view.h"));
    QVERIFY(reported("ui/new/a.cpp", "ui/theme/theme.h"));
    const std::string list = "fs_add_module(ui_theme SOURCES a.cpp DEPENDS fs_ui_bridge)\n";
    QCOMPARE(count(checkDeclaredDependencies, "ui/theme/CMakeLists.txt", list), std::size_t{1});
    QCOMPARE(count(checkDeclaredDependencies, "ui/models/CMakeLists.txt", list), std::size_t{0});
}

void SourceRulesTest::dependencies_whenDeclaredUpwards_areReported()
{
    const std::string list = "fs_add_module(engine_wire SOURCES a.cpp DEPENDS fs_engine_env)\n";
    QCOMPARE(count(checkDeclaredDependencies, "engine/wire/CMakeLists.txt", list), std::size_t{1});
    QCOMPARE(count(checkDeclaredDependencies, "engine/journal/CMakeLists.txt", list),
             std::size_t{0});
}

void SourceRulesTest::libraries_awayFromHome_areReported()
{
    const auto reported = [](const char* path, const char* header) {
        return count(checkLibraryHomes, path, std::string("#include <") + header + ">\n") == 1;
    };
    QVERIFY(reported("engine/node/a.h", "QString"));
    QVERIFY(reported("app/cli/a.cpp", "QtCore/qglobal.h"));
    QVERIFY(!reported("app/console/main.cpp", "QApplication"));
    QVERIFY(reported("engine/predict/a.cpp", "torch/script.h"));
    QVERIFY(reported("engine/edge/a.cpp", "zmq.hpp"));
    QVERIFY(!reported("engine/env/real/a.cpp", "zmq.hpp"));
    QVERIFY(reported("engine/journal/a.cpp", "capnp/message.h"));
    QVERIFY(reported("engine/node/a.cpp", "mutex"));
    QVERIFY(reported("engine/env/sim/a.cpp", "random"));
    QVERIFY(reported("ui/board/a.cpp", "thread"));
    QVERIFY(!reported("engine/node/a.cpp", "map"));
}

void SourceRulesTest::console_whenItSeesTheEngine_isReported()
{
    QCOMPARE(count(checkConsoleIncludes, "ui/board/a.h",
                   "#include \"engine/model/snapshot.h\"\n#include \"engine/base/ids.h\"\n"
                   "#include \"ui/theme/palette.h\"\n#include <QWidget>\n#include <vector>\n"),
             std::size_t{0});
    QCOMPARE(count(checkConsoleIncludes, "ui/board/a.h",
                   "#include \"engine/env/env.h\"\n#include \"app/options.h\"\n#include "
                   "<nlohmann/json.hpp>\n"),
             std::size_t{3});
}

void SourceRulesTest::core_withAClockOrADoor_isReported()
{
    const std::string door = "#include \"engine/env/env.h\"\n";
    QCOMPARE(count(checkPurity, "engine/node/shard_core.h", door), std::size_t{1});
    QCOMPARE(count(checkPurity, "engine/sharding/planner.h", door), std::size_t{1});
    QCOMPARE(count(checkPurity, "engine/node/node_driver.h", door), std::size_t{0});
    const std::string clock = "auto t = std::chrono::steady_clock::now();\n";
    QCOMPARE(count(checkPurity, "engine/node/node_driver.cpp", clock), std::size_t{1});
    QCOMPARE(count(checkPurity, "engine/env/real/strand.cpp", clock), std::size_t{0});
}

void SourceRulesTest::include_notFromTheRoot_isReported()
{
    QCOMPARE(count(checkIncludeSpelling, "engine/a/a.cpp", "#include \"a.h\"\n"), std::size_t{1});
    QCOMPARE(count(checkIncludeSpelling, "tests/a.cpp", "#include \"tst_a.moc\"\n"),
             std::size_t{0});
}

void SourceRulesTest::sizes_overTheLimit_areReported()
{
    QCOMPARE(count(checkFileLengths, "engine/a/a.h", repeated("\n", 300)), std::size_t{0});
    QCOMPARE(count(checkFileLengths, "engine/a/a.h", repeated("\n", 301)), std::size_t{1});
    QCOMPARE(count(checkFileLengths, "engine/a/a.cpp", repeated("\n", 600)), std::size_t{0});
    QCOMPARE(count(checkFileLengths, "engine/a/a.cpp", repeated("\n", 601)), std::size_t{1});
    QCOMPARE(count(checkLineWidths, "a.cpp", repeated("\xC3\xA9", 100)), std::size_t{0});
    QCOMPARE(count(checkLineWidths, "a.cpp", repeated("x", 101)), std::size_t{1});
}

void SourceRulesTest::functionLength_countsBodies_notContainers()
{
    const auto lines = [](std::size_t n) { return repeated("    if (a) { b(); }\n", n); };
    const auto reported = [](const std::string& text) {
        return count(checkFunctionLengths, "a.cpp", text) == 1;
    };
    QVERIFY(!reported("void f()\n{\n" + lines(70) + "}\n"));
    QVERIFY(reported("void f()\n{\n" + lines(71) + "}\n"));
    QVERIFY(reported("namespace a {\nclass B : public C {\n    int f(int x = 3) const\n    {\n"
                     + lines(71) + "    }\n};\n}\n"));
    QVERIFY(reported("A::A()\n    : a_(1), b_{2}\n{\n" + lines(71) + "}\n"));
    QVERIFY(reported("template <class T>\nauto f(T t) -> int {\n" + lines(71) + "}\n"));
    QVERIFY(!reported("namespace a {\nint x;\n" + repeated("int f() { return 1; }\n", 90) + "}\n"));
    QVERIFY(!reported("const int kTable[] = {\n" + repeated("    1,\n", 90) + "};\n"));
    QVERIFY(!reported("enum class A {\n" + repeated("    kA,\n", 90) + "};\n"));
}

void SourceRulesTest::class_overTheLimit_isReportedOverAllItsFiles()
{
    const auto methods = [](int n) {
        std::string text;
        for (int i = 0; i < n; ++i)
            text += "    void f" + std::to_string(i) + "();\n";
        return text;
    };
    const auto header = [](const std::string& body) {
        return makeSourceFile(
            "engine/a/a.h",
            "namespace foreshard {\nclass A final : public B {\npublic:\n" + body + "};\n}\n");
    };
    const auto source = [](const char* path, const std::string& owner, std::size_t lines) {
        return makeSourceFile(path, "namespace foreshard {\nint " + owner
                                        + "f(int x = {}) const\n{\n"
                                        + repeated("    if (a) { b(); }\n", lines - 3) + "}\n}\n");
    };
    QCOMPARE(count(checkClassSizes, {header(methods(25))}), std::size_t{0});
    QCOMPARE(count(checkClassSizes, {header(methods(26))}), std::size_t{1});
    QCOMPARE(
        count(checkClassSizes, {makeSourceFile("tests/a.h", "class A {" + methods(26) + "};")}),
        std::size_t{0});
    // Ten lines of declaration, and two files with the rest.
    const SourceFile declared = header(repeated("    int f();\n", 7));
    QCOMPARE(count(checkClassSizes, {source("engine/a/a.cpp", "A::", 245), declared,
                                     source("engine/a/b.cpp", "A::", 245)}),
             std::size_t{0});
    Found found;
    checkClassSizes(
        {source("engine/a/a.cpp", "A::", 245), declared, source("engine/a/b.cpp", "A::", 246),
         source("engine/a/c.cpp", "A::B::", 99), source("engine/a/c.cpp", "", 99)},
        found);
    QCOMPARE(found.size(), std::size_t{1});
    QCOMPARE(found.front().subject, std::string("A"));
    QCOMPARE(found.front().message, std::string("A: 501 lines; at most 500"));
}

void SourceRulesTest::method_countsOnce_notWhenTrivialDefaultedOrOfAnotherClass()
{
    const auto methodsBeside = [](const std::string& text) {
        for (std::size_t filler = 26; filler > 0; --filler) {
            const std::string all =
                "class A {\n" + text + repeated("    void f();\n", filler) + "};\n";
            if (count(checkClassSizes, "ui/a.h", all) == 0) return 25 - filler;
        }
        return std::size_t{25};
    };
    QCOMPARE(methodsBeside(
                 "    int a() const { return a_; }\n    A(const A&) = delete;\n"
                 "    ~A() override = default;\n    bool operator==(const A&) const = default;\n"
                 "    friend void g(int a, int b);\n    using F = std::function<void(int)>;\n"
                 "    enum class E { kA, kB };\n    struct N { int f(); int g(); };\n"
                 "    class C;\n    static_assert(sizeof(int) == 4);\n"),
             std::size_t{0});
    QCOMPARE(
        methodsBeside("    Q_OBJECT\npublic:\n    explicit A(int a) : a_{a}, b_(a) { g({}); }\n"
                      "public Q_SLOTS:\n    void s(bool on);\nQ_SIGNALS:\n    void changed();\n"),
        std::size_t{3});
    QCOMPARE(methodsBeside(
                 "    bool operator<(const A& o) const;\n    int operator()(int) const;\n"
                 "    template <class T, int n = (3)>\n    T of(T t = {}) const\n    {\n"
                 "        return t;\n    }\n    [[nodiscard]] auto h() -> std::map<int, int>;\n"
                 "    virtual void v() = 0;\n    int two() const { g(); return 1; }\n"),
             std::size_t{6});
}

void SourceRulesTest::dataMember_countsOnce_whateverItsInitializer()
{
    const auto isTwenty = [](const std::string& text, std::size_t members) {
        const auto with = [&](std::size_t filler) {
            return count(
                checkClassSizes, "app/a.h",
                "class A {\n    void f();\n" + text + repeated("    int a_;\n", filler) + "};\n");
        };
        return with(20 - members) == 0 && with(21 - members) == 1;
    };
    QVERIFY(isTwenty("", 0));
    QVERIFY(isTwenty("    static constexpr int kA = 3;\n    struct N { int a; };\n", 0));
    QVERIFY(
        isTwenty("    std::map<int, std::vector<int>> m_;\n    int a_, b_ = 2;\n"
                 "    std::function<void(int, int)> f_;\n    Nanos span_{0};\n"
                 "    B b_{[](int a) { return a; }, 3};\n    std::uint64_t x_ = 1U << 20U;\n",
                 7));
    // A record has no methods; its fields are what it tells.
    QCOMPARE(count(checkClassSizes, "app/a.h",
                   "struct A {\n" + repeated("    int a = 0;\n", 40) + "};\n"),
             std::size_t{0});
}

void SourceRulesTest::wordThatWasGivenUp_isReportedWithTheFieldsWord()
{
    Found found;
    checkOldWords({makeSourceFile("engine/a.cpp", "void onDrop();\nvoid onDropped();\n")}, found);
    QCOMPARE(found.size(), std::size_t{1});
    QCOMPARE(found.front().message, std::string("onDrop: say onRevoke"));
}

void SourceRulesTest::bannedWord_asAWord_isReported()
{
    const std::string word = std::string("FIX") + "ME";
    QCOMPARE(count(checkBannedWords, "a.cpp", "// " + word + ": later\n"), std::size_t{1});
    QCOMPARE(count(checkBannedWords, "a.cpp", "int not" + word + "either;\n"), std::size_t{0});
}

void SourceRulesTest::distribution_ofTheStandardLibrary_isReported()
{
    QCOMPARE(count(checkDistributions, "a.cpp", "std::normal_distribution<double> d;\n"),
             std::size_t{1});
    QCOMPARE(count(checkDistributions, "a.cpp", "// std::normal_distribution\n"), std::size_t{0});
}

void SourceRulesTest::loop_overUnordered_isReported()
{
    const Files files = {
        makeSourceFile("engine/a/b.h", "std::unordered_map<int, std::vector<int>> map_;\n"),
        makeSourceFile("engine/a/b.cpp", "for (const auto& [k, v] : map_) {\n}\nmap_.find(1);\n")};
    QCOMPARE(count(checkUnorderedLoops, files), std::size_t{1});
    QCOMPARE(count(checkUnorderedLoops, "engine/a/b.cpp",
                   "std::map<int, int> map_;\nfor (auto& x : map_) {\n"),
             std::size_t{0});
}

void SourceRulesTest::header_withoutPragmaOnce_isReported()
{
    QCOMPARE(count(checkPragmaOnce, "a.h", "// a\n"), std::size_t{1});
    QCOMPARE(count(checkPragmaOnce, "a.h", "#pragma once\n"), std::size_t{0});
}

void SourceRulesTest::source_thatNobodyBuilds_isReported()
{
    const auto list = makeSourceFile("engine/a/CMakeLists.txt", "fs_add_module(a SOURCES b.cpp)\n");
    QCOMPARE(count(checkListedInCMake, {list, makeSourceFile("engine/a/b.cpp", "")}),
             std::size_t{0});
    QCOMPARE(count(checkListedInCMake, {list, makeSourceFile("engine/a/ab.cpp", "")}),
             std::size_t{1});
    QCOMPARE(count(checkListedInCMake, {list, makeSourceFile("engine/c/b.cpp", "")}),
             std::size_t{1});
}

void SourceRulesTest::tree_follows_data()
{
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < kRules.size(); ++i)
        QTest::newRow(kRules[i].name) << static_cast<int>(i);
}

void SourceRulesTest::tree_follows()
{
    QFETCH(int, index);
    const Rule& rule = kRules[static_cast<std::size_t>(index)];
    Found found;
    rule.check(tree_, found);
    std::size_t broken = 0;
    for (const auto& violation : found) {
        const bool excused = std::any_of(
            kExceptions.begin(), kExceptions.end(),
            [&](const Exception& exception) { return excuses(exception, rule.name, violation); });
        if (excused) continue;
        ++broken;
        qWarning("%s:%zu: %s", violation.path.c_str(), violation.line, violation.message.c_str());
    }
    QCOMPARE(broken, std::size_t{0});
}

void SourceRulesTest::exceptions_stillExcuseSomething()
{
    for (const auto& exception : kExceptions) {
        QVERIFY2(!exception.reason.empty(), exception.subject.data());
        QVERIFY2(exception.since.size() == 10, exception.subject.data());
        Found found;
        for (const auto& rule : kRules) {
            if (exception.rule == rule.name) rule.check(tree_, found);
        }
        QVERIFY2(
            std::any_of(found.begin(), found.end(),
                        [&](const Violation& v) { return excuses(exception, exception.rule, v); }),
            exception.subject.data());
    }
}

QTEST_GUILESS_MAIN(SourceRulesTest)
#include "tst_source_rules.moc"
