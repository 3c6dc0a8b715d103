#include "engine/base/mutant.h"

#include <QtTest>

#include <set>

using namespace foreshard;

class MutantTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void mutant_inANormalBuild_isNeverOn();
    void name_ofEveryMutant_isItsOwn();
};

void MutantTest::mutant_inANormalBuild_isNeverOn()
{
    for (const MutantName& entry : kMutantNames) {
        selectMutant(entry.mutant);
        QCOMPARE(mutant(entry.mutant), kMutantsBuilt);
    }
    selectMutant(Mutant::kNone);
    for (const MutantName& entry : kMutantNames)
        QVERIFY(!mutant(entry.mutant));
}

void MutantTest::name_ofEveryMutant_isItsOwn()
{
    std::set<Mutant> found;
    for (const MutantName& entry : kMutantNames) {
        QVERIFY(mutantNamed(entry.name) == entry.mutant);
        found.insert(entry.mutant);
    }
    QCOMPARE(found.size(), kMutantNames.size());
    QVERIFY(!found.contains(Mutant::kNone));
    QVERIFY(!mutantNamed("none"));
}

QTEST_GUILESS_MAIN(MutantTest)
#include "tst_mutant.moc"
