// Every fuzz target with its seeds, with every prefix of them, with what once was a finding, and
// with a few thousand inputs made from a fixed seed. FORESHARD_FUZZ_INPUTS sets how many;
// FORESHARD_FUZZ_KEEP=FILE keeps the input under way, for `build-fuzz/bin/fuzz FILE` after a crash.
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/mutator.h"

#include <QtTest>

#include <algorithm>

namespace foreshard::fuzz {

namespace {

void runKept(const FuzzTarget& target, const Bytes& input)
{
    static const QString kept = qEnvironmentVariable("FORESHARD_FUZZ_KEEP");
    QFile file(kept);
    if (!kept.isEmpty() && file.open(QIODevice::WriteOnly)) {
        file.write(input.data(), static_cast<qint64>(input.size()));
        file.close();
    }
    target.run(input);
}

}  // namespace

class FuzzTargetsTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void target_givenAnything_neitherCrashesNorBreaksItsPromises_data();
    void target_givenAnything_neitherCrashesNorBreaksItsPromises();
    void pieces_ofJoined_areTheSame();
};

void FuzzTargetsTest::target_givenAnything_neitherCrashesNorBreaksItsPromises_data()
{
    QTest::addColumn<int>("index");
    int index = 0;
    for (const FuzzTarget& target : allTargets())
        QTest::newRow(target.name.c_str()) << index++;
}

void FuzzTargetsTest::target_givenAnything_neitherCrashesNorBreaksItsPromises()
{
    QFETCH(int, index);
    constexpr int kInputs = 3000;
    constexpr std::size_t kPrefixesMax = 600;
    const FuzzTarget target = allTargets().at(static_cast<std::size_t>(index));
    std::vector<Bytes> seeds = target.seeds();
    for (const Bytes& finding : target.regressions)
        target.run(finding);
    for (const Bytes& seed : seeds) {
        for (std::size_t size = 0; size <= std::min(seed.size(), kPrefixesMax); ++size)
            target.run(BytesView(seed).substr(0, size));
        target.run(seed);
    }
    seeds.insert(seeds.end(), target.regressions.begin(), target.regressions.end());
    const int wanted = qEnvironmentVariableIntValue("FORESHARD_FUZZ_INPUTS");
    Mutator mutator(std::move(seeds), 1 + static_cast<std::uint64_t>(index));
    for (int i = 0; i < std::max(kInputs, wanted); ++i)
        runKept(target, mutator.next());
}

void FuzzTargetsTest::pieces_ofJoined_areTheSame()
{
    const std::vector<Bytes> list{"", "a", Bytes(300, 'x')};
    const Bytes whole = joined(list);
    const std::vector<BytesView> back = pieces(whole);
    QCOMPARE(back.size(), list.size());
    QVERIFY(std::equal(back.begin(), back.end(), list.begin()));
}

}  // namespace foreshard::fuzz

QTEST_GUILESS_MAIN(foreshard::fuzz::FuzzTargetsTest)
#include "tst_fuzz_targets.moc"
