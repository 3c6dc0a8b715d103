#include "app/cli/config_file.h"

#include <QtTest>

#include <sstream>
#include <string>
#include <vector>

using namespace foreshard;

namespace {

const std::string kGood =
    "# a run\n"
    "[run]\n"
    "source = \"csv:in.csv\"  # where from\n"
    "data = 'd'\n"
    "nodes = 4\n"
    "until-end = true\n"
    "drill = [\"move:200\", \"kill-node:1000\"]\n";

// A program with one command, and what it was given.
struct Program {
    CLI::App app{"test"};
    std::string source;
    std::string data;
    unsigned nodes = 0;
    std::vector<std::string> drills;
    bool untilEnd = false;
    ConfigFile config{app};

    Program()
    {
        CLI::App* run = app.add_subcommand("run", "");
        run->add_option("--source", source);
        run->add_option("--data", data);
        run->add_option("--nodes", nodes);
        run->add_option("--drill", drills);
        run->add_flag("--until-end", untilEnd);
    }
    std::vector<CLI::ConfigItem> read(const std::string& text) const
    {
        std::istringstream in(text);
        return config.from_config(in);
    }
    // What it is refused with; "" when it is taken.
    std::string refusal(const std::string& text) const
    {
        try {
            read(text);
        } catch (const CLI::ConfigError& error) {
            return error.what();
        }
        return {};
    }
};

bool has(const std::string& text, const std::string& words)
{
    return text.find(words) != std::string::npos;
}

}  // namespace

class ConfigFileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void file_thatIsSound_givesItsValues()
    {
        const Program program;
        const std::vector<CLI::ConfigItem> items = program.read(kGood);
        QCOMPARE(items.size(), std::size_t{5});
        QCOMPARE(items[0].name, std::string("source"));
        QCOMPARE(items[0].parents, std::vector<std::string>{"run"});
        QCOMPARE(items[0].inputs, std::vector<std::string>{"csv:in.csv"});
        QCOMPARE(items[4].inputs, (std::vector<std::string>{"move:200", "kill-node:1000"}));
    }

    void mistake_isNamedWithLineAndKey()
    {
        const Program program;
        QVERIFY(has(program.refusal("[run]\nnodez = 4\n"), "line 2, key 'nodez'"));
        QVERIFY(has(program.refusal("[run]\nnodes = \"4\"\n"), "line 2, key 'nodes'"));
        QVERIFY(has(program.refusal("[run]\nsource = 4\n"), "line 2, key 'source'"));
        QVERIFY(has(program.refusal("[run]\nuntil-end = 1\n"), "line 2, key 'until-end'"));
        QVERIFY(has(program.refusal("[run]\nnodes = 4\nnodes = 4\n"), "line 3, key 'nodes'"));
        QVERIFY(has(program.refusal("[run]\ndata = \"d\n"), "line 2, key 'data'"));
        QVERIFY(has(program.refusal("[run]\n\ndata\n"), "line 3"));
        QVERIFY(has(program.refusal("[walk]\n"), "line 1"));
        QVERIFY(has(program.refusal("nodes = 4\n"), "line 1, key 'nodes'"));
    }

    void placeOf_findsTheFlagThatAMessageIsAbout()
    {
        const Program program;
        program.read(kGood);
        QVERIFY(has(program.config.placeOf("--nodes: not in range"), "line 5, key 'nodes'"));
        QVERIFY(program.config.placeOf("--node: not in range").empty());
        QVERIFY(program.config.placeOf("--shards 3: no").empty());
    }

    void everyDamage_isRefusedWithItsLine_orIsAnotherSoundFile()
    {
        const Program program;
        const auto check = [&program](const std::string& text) {
            try {
                for (const CLI::ConfigItem& item : program.read(text)) {
                    QCOMPARE(item.parents, std::vector<std::string>{"run"});
                    for (const std::string& value : item.inputs)
                        QVERIFY(has(text, value));  // as given
                }
            } catch (const CLI::ConfigError& error) {
                QVERIFY(has(error.what(), "line "));
            }
        };
        for (std::size_t at = 0; at < kGood.size(); ++at) {
            for (int bit = 0; bit < 8; ++bit) {
                std::string changed = kGood;
                changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
                check(changed);
            }
            check(kGood.substr(0, at));
        }
    }
};

QTEST_GUILESS_MAIN(ConfigFileTest)
#include "tst_config_file.moc"
