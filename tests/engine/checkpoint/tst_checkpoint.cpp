#include "engine/base/result.h"
#include "engine/checkpoint/checkpoint_store.h"
#include "engine/checkpoint/manifest_core.h"
#include "tests/support/sim_rig.h"

#include <QtTest>

#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace foreshard;
using namespace foreshard::test;

namespace {

constexpr ShardId kShard{2};

CheckpointInfo full(std::uint64_t id, FrameNo n, ShardId shard = kShard)
{
    CheckpointInfo info;
    info.id = CheckpointId{id};
    info.shard = shard;
    info.epoch = Epoch{1};
    info.n = n;
    info.file = segmentPath("checkpoint/0", id);
    return info;
}

CheckpointInfo delta(std::uint64_t id, FrameNo n, std::uint64_t base)
{
    CheckpointInfo info = full(id, n);
    info.kind = CheckpointKind::kDelta;
    info.base = CheckpointId{base};
    return info;
}

std::vector<std::uint64_t> ids(const std::vector<CheckpointInfo>& list)
{
    std::vector<std::uint64_t> numbers;
    for (const CheckpointInfo& info : list)
        numbers.push_back(info.id.value);
    return numbers;
}

using Ids = std::vector<std::uint64_t>;

// Stores `state` as the checkpoint of frame n and waits for it.
CheckpointInfo save(SimRig& rig, CheckpointStore& store, FrameNo n, const Bytes& state)
{
    std::optional<CheckpointInfo> saved;
    store.store(full(n, n), state, [&saved](const Result<CheckpointInfo>& done) {
        FS_CHECK(done.ok());
        saved = *done;
    });
    rig.run(100ms);
    FS_CHECK(saved.has_value());
    return *saved;
}

void verified(ManifestCore& core, const Ids& ids)
{
    for (const std::uint64_t id : ids)
        core.judge(kShard, CheckpointId{id}, CheckpointState::kVerified);
}

}  // namespace

class CheckpointTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void chain_ofADelta_goesDownToItsFullOne()
    {
        ManifestCore core;
        QVERIFY(core.add(full(1, 10)));
        QVERIFY(core.add(full(2, 20)));
        QVERIFY(core.add(delta(3, 30, 2)));
        QVERIFY(core.add(delta(4, 40, 3)));
        QCOMPARE(ids(core.chain(kShard)), (Ids{2, 3, 4}));
        QCOMPARE(core.newest(kShard)->id, CheckpointId{4});
        QCOMPARE(core.covering(kShard, 21)->id, CheckpointId{3});
        QCOMPARE(core.covering(kShard, 41), nullptr);
        QVERIFY(core.chain(ShardId{9}).empty());
    }

    void add_ofWhatCannotFollow_changesNothing()
    {
        ManifestCore core;
        QVERIFY(core.add(full(5, 50)));
        QVERIFY(!core.add(full(5, 60)));      // an id twice
        QVERIFY(!core.add(full(6, 40)));      // older than what is listed
        QVERIFY(!core.add(delta(6, 60, 4)));  // its base is not there
        QCOMPARE(core.lastId(), CheckpointId{5});
        QCOMPARE(core.of(kShard).size(), std::size_t{1});
    }

    void prune_keepsTheNewestTwoVerifiedAndTheirBases()
    {
        ManifestCore core;
        QVERIFY(core.add(full(1, 10)));
        QVERIFY(core.add(full(2, 20)));
        QVERIFY(core.add(delta(3, 30, 2)));
        QVERIFY(core.add(full(4, 40)));
        verified(core, {1, 2});
        QVERIFY(core.prune().empty());  // what is newer is not known to hold
        verified(core, {3, 4});
        QCOMPARE(ids(core.prune()), (Ids{1}));
        QCOMPARE(ids(core.of(kShard)), (Ids{2, 3, 4}));
        QVERIFY(core.add(full(5, 50)));
        QVERIFY(core.prune().empty());
        verified(core, {5});
        QCOMPARE(ids(core.prune()), (Ids{2, 3}));
        QCOMPARE(ids(core.of(kShard)), (Ids{4, 5}));
    }

    void invalidation_spreadsToWhatIsBuiltOnIt_andTheOneBeforeCounts()
    {
        ManifestCore core;
        QVERIFY(core.add(full(1, 10)));
        QVERIFY(core.add(full(2, 20)));
        QVERIFY(core.add(delta(3, 30, 2)));
        QVERIFY(!core.wantsFull(kShard));
        const auto invalidated = core.judge(kShard, CheckpointId{2}, CheckpointState::kInvalidated);
        QCOMPARE(ids(invalidated), (Ids{2, 3}));
        QCOMPARE(core.newest(kShard)->id, CheckpointId{1});
        QCOMPARE(ids(core.chain(kShard)), (Ids{1}));
        QVERIFY(core.wantsFull(kShard));
        QVERIFY(!core.add(delta(4, 40, 3)));
        verified(core, {2, 3});  // nothing takes an invalidation back
        QCOMPARE(core.newest(kShard)->id, CheckpointId{1});
        QVERIFY(core.add(full(4, 15)));  // older than the invalidated ones: it was restored from 1
        QVERIFY(!core.wantsFull(kShard));
        QCOMPARE(ids(core.chain(kShard)), (Ids{4}));
    }

    void prune_ofADeltaBuiltOnAnOldOne_keepsThat()
    {
        ManifestCore core;
        QVERIFY(core.add(full(1, 10)));
        QVERIFY(core.add(full(2, 20)));
        QVERIFY(core.add(delta(3, 30, 1)));
        QVERIFY(core.prune().empty());
        QCOMPARE(ids(core.chain(kShard)), (Ids{1, 3}));
    }

    void setBack_takesTheNewerOnesOffTheList_andGoesOnFromThere()
    {
        ManifestCore core(3);
        QVERIFY(core.add(full(1, 10)));
        QVERIFY(core.add(delta(2, 20, 1)));
        QVERIFY(core.add(delta(3, 30, 2)));
        QVERIFY(core.add(full(4, 40)));
        QVERIFY(core.prune().empty());  // 2 is built on 1
        CheckpointInfo back = delta(5, 20, 1);
        QVERIFY(!core.add(back));  // a late one is not listed without the word
        back.setsBack = true;
        QVERIFY(core.add(back));
        QCOMPARE(ids(core.of(kShard)), (Ids{1, 2, 5}));
        QCOMPARE(ids(core.chain(kShard)), (Ids{1, 5}));
        verified(core, {1, 2, 5});
        QCOMPARE(core.truncatable(kShard), FrameNo{20});
        QVERIFY(core.add(full(6, 25)));
        QCOMPARE(core.newest(kShard)->id, CheckpointId{6});
    }

    void setBack_toOneThatWasReadForIt_countsAsVerified()
    {
        ManifestCore core;
        QVERIFY(core.add(full(1, 10)));
        QVERIFY(core.add(full(2, 20)));
        QVERIFY(core.add(delta(3, 30, 2)));
        QVERIFY(core.add(full(4, 40)));
        verified(core, {1, 4});
        QCOMPARE(core.truncatable(kShard), FrameNo{10});
        CheckpointInfo back = delta(5, 30, 2);
        back.setsBack = true;
        back.state = CheckpointState::kVerified;
        back.file = core.find(kShard, CheckpointId{3})->file;
        QVERIFY(core.add(back));
        // Boxes may have been cut behind it, so nothing before it may count instead.
        QCOMPARE(core.truncatable(kShard), FrameNo{30});
        QCOMPARE(core.find(kShard, CheckpointId{2})->state, CheckpointState::kVerified);
    }

    void history_afterAnInvalidationWithNothingLeft_takesAnEarlierFrame()
    {
        ManifestCore core = ManifestCore::history();
        for (std::uint64_t id = 1; id <= 4; ++id)
            QVERIFY(core.add(full(id, id * 10)));
        verified(core, {1, 2, 3, 4});
        QVERIFY(core.prune().empty());
        // A manifest that has forgotten 1 and 2 begins anew.
        core.judge(kShard, CheckpointId{3}, CheckpointState::kInvalidated);
        core.judge(kShard, CheckpointId{4}, CheckpointState::kInvalidated);
        QVERIFY(core.add(full(5, 5)));
        QCOMPARE(ids(core.of(kShard)), (Ids{1, 2, 3, 4, 5}));
    }

    void restored_isWhatItWas_alsoOneThatWasSetBack()
    {
        ManifestCore core;
        QVERIFY(core.add(full(1, 10)));
        QVERIFY(core.add(full(2, 20)));
        CheckpointInfo back = full(3, 10);
        back.setsBack = true;
        QVERIFY(core.add(back));
        core.judge(kShard, CheckpointId{3}, CheckpointState::kInvalidated);
        ManifestCore again;
        QVERIFY(again.restore(core.all(), CheckpointId{9}));
        QCOMPARE(ids(again.all()), ids(core.all()));
        QCOMPARE(again.newest(kShard)->id, core.newest(kShard)->id);
        QVERIFY(again.wantsFull(kShard));
        QVERIFY(!again.add(full(9, 30)));  // that number was given out
        QVERIFY(again.add(full(10, 30)));
    }

    void restored_ofWhatNoCoreCanList_changesNothing()
    {
        ManifestCore core;
        QVERIFY(!core.restore({full(2, 10), full(1, 20)}, CheckpointId{9}));
        QVERIFY(!core.restore({full(2, 10)}, CheckpointId{1}));
        QVERIFY(!core.restore({delta(2, 10, 2)}, CheckpointId{9}));  // built on itself
        QVERIFY(core.all().empty());
    }

    void prune_keepsAsManyAsItWasTold()
    {
        ManifestCore core(4);
        for (std::uint64_t id = 1; id <= 7; ++id)
            QVERIFY(core.add(full(id, id * 10)));
        verified(core, {1, 2, 3, 4, 5, 6, 7});
        core.prune();
        QCOMPARE(ids(core.of(kShard)), (Ids{4, 5, 6, 7}));
    }

    void truncatable_isTheFrameOfTheSecondNewestVerified()
    {
        ManifestCore core;
        QCOMPARE(core.truncatable(kShard), FrameNo{0});
        QVERIFY(core.add(full(1, 10)));
        QCOMPARE(core.truncatable(kShard), FrameNo{0});
        QVERIFY(core.add(delta(2, 20, 1)));
        QCOMPARE(core.truncatable(kShard), FrameNo{0});
        verified(core, {1, 2});
        QCOMPARE(core.truncatable(kShard), FrameNo{10});
        QVERIFY(core.add(delta(3, 30, 2)));
        QCOMPARE(core.truncatable(kShard), FrameNo{10});
        verified(core, {3});
        QCOMPARE(core.truncatable(kShard), FrameNo{20});
    }

    void checkpoint_loadsAsStored_alsoByAnotherIncarnation()
    {
        SimRig rig;
        auto store = CheckpointStore::open(rig.env(), "data", NodeId{3});
        QVERIFY(store.ok());
        const CheckpointInfo first = save(rig, **store, 1, "one.....");
        const CheckpointInfo second = save(rig, **store, 2, "two.....");
        QCOMPARE(first.node, NodeId{3});
        QCOMPARE(first.file, std::string("checkpoint/3/000000000001.seg"));
        QVERIFY(second.position > first.position);
        rig.crash();
        const auto again = CheckpointStore::open(rig.env(), "data", NodeId{3});
        QVERIFY(again.ok());
        const CheckpointInfo third = save(rig, **again, 3, "three...");
        QVERIFY(third.file != first.file);
        const auto states = CheckpointStore::load(rig.disk(), "data", {first, second, third});
        QVERIFY(states.ok());
        QCOMPARE(*states, (std::vector<Bytes>{"one.....", "two.....", "three..."}));
    }

    void damagedCheckpoint_isNamedWithFileAndOffset()
    {
        SimRig rig;
        const auto store = CheckpointStore::open(rig.env(), "data", NodeId{0});
        QVERIFY(store.ok());
        const CheckpointInfo first = save(rig, **store, 1, Bytes(100, 'a'));
        const CheckpointInfo second = save(rig, **store, 2, Bytes(100, 'b'));
        rig.world.disk().flipByte("data/" + second.file, second.position + second.bytes - 20);
        QVERIFY(CheckpointStore::load(rig.disk(), "data", {first}).ok());
        const auto damaged = CheckpointStore::load(rig.disk(), "data", {first, second});
        QVERIFY(!damaged.ok());
        QCOMPARE(damaged.error().code, Errc::kCorrupt);
        const std::string& message = damaged.error().message;
        QVERIFY(message.find("data/" + second.file) != std::string::npos);
        QVERIFY(message.find("offset " + std::to_string(second.position)) != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(CheckpointTest)
#include "tst_checkpoint.moc"
