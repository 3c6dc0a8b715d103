// Records to shards: by slot, or by the class of work they look like.
#include "engine/base/bytes.h"
#include "engine/model/key_hash.h"
#include "engine/sharding/sharder.h"

#include <QtTest>

#include <set>
#include <string>

using namespace foreshard;

namespace {

// `count` shards with equal ranges of slots.
std::vector<ShardAssignment> evenTable(std::uint32_t count)
{
    std::vector<ShardAssignment> table;
    for (std::uint32_t i = 0; i < count; ++i) {
        ShardAssignment one;
        one.shard = ShardId{i};
        one.slots = {{i * kSlotCount / count, (i + 1) * kSlotCount / count}};
        table.push_back(one);
    }
    return table;
}

RecordView recordOf(BytesView key, BytesView type, BytesView raw = "raw\n")
{
    RecordView record;
    record.key = key;
    record.type = type;
    record.raw = raw;
    return record;
}

ShardId shardOf(Sharder& sharder, const RecordView& record)
{
    return sharder.shardOf(record, keyHash(record.key));
}

}  // namespace

class SharderTest final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everySlot_hasOneShard();
    void keys_stayWhereTheyAre();
    void slot_isXxh3();
    void assignedTwice_theLaterTableHolds();
    void badTables_areRefused_andTheOldOneStays();
    void headerAndRejected_goByTheEmptyKey();
    void classes_haveTheirOwnShards();
    void fewShards_shareTheClasses();
    void hotKey_isOneClassUp_untilItCools();
};

void SharderTest::everySlot_hasOneShard()
{
    Sharder sharder;
    QVERIFY(sharder.assign(evenTable(7), RoutingMode::kKeyed).ok());
    std::set<std::uint32_t> seen;
    for (int i = 0; i < 2000; ++i) {
        const std::string key = "key " + std::to_string(i);
        const std::uint32_t slot = slotOf(key);
        const ShardId shard = shardOf(sharder, recordOf(key, "view"));
        QVERIFY(slot < kSlotCount);
        QVERIFY(slot >= shard.value * kSlotCount / 7 && slot < (shard.value + 1) * kSlotCount / 7);
        seen.insert(shard.value);
    }
    QCOMPARE(seen.size(), std::size_t(7));
}

void SharderTest::keys_stayWhereTheyAre()
{
    Sharder one;
    Sharder other;
    QVERIFY(one.assign(evenTable(5), RoutingMode::kKeyed).ok());
    QVERIFY(other.assign(evenTable(5), RoutingMode::kKeyed).ok());
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 500; ++i) {
            const std::string key = std::to_string(i);
            QVERIFY(shardOf(one, recordOf(key, "view")) == shardOf(other, recordOf(key, "report")));
        }
    }
}

void SharderTest::slot_isXxh3()
{
    // XXH3_64bits of nothing is 0x2D06800538D394C2.
    QCOMPARE(keyHash(""), std::uint64_t{0x2D06800538D394C2});
    QCOMPARE(slotOf(""), std::uint32_t(0x4C2));
}

void SharderTest::assignedTwice_theLaterTableHolds()
{
    Sharder sharder;
    QVERIFY(sharder.assign(evenTable(3), RoutingMode::kClass).ok());
    QVERIFY(sharder.assign(evenTable(1), RoutingMode::kKeyed).ok());
    QVERIFY(shardOf(sharder, recordOf("a", "report")) == ShardId{0});
}

void SharderTest::badTables_areRefused_andTheOldOneStays()
{
    Sharder sharder;
    QVERIFY(sharder.assign(evenTable(2), RoutingMode::kKeyed).ok());
    auto gap = evenTable(2);
    gap[1].slots[0].first += 1;
    auto doubled = evenTable(2);
    doubled[0].slots[0].last += 1;
    auto outside = evenTable(2);
    outside[1].slots[0].last += 1;
    for (const auto& table : {gap, doubled, outside, std::vector<ShardAssignment>{}}) {
        const Status status = sharder.assign(table, RoutingMode::kKeyed);
        QVERIFY(!status.ok() && status.error().code == Errc::kInvalid);
    }
    QVERIFY(shardOf(sharder, recordOf("", "view")) == ShardId{0});
    auto twice = evenTable(2);
    twice[1].shard = twice[0].shard;
    QVERIFY(!sharder.assign(twice, RoutingMode::kClass).ok());
}

void SharderTest::headerAndRejected_goByTheEmptyKey()
{
    for (const RoutingMode mode : {RoutingMode::kKeyed, RoutingMode::kClass}) {
        Sharder sharder;
        QVERIFY(sharder.assign(evenTable(6), mode).ok());
        RecordView header = recordOf("some key", "report");
        header.kind = RecordKind::kHeader;
        RecordView rejected = recordOf("other key", "report");
        rejected.kind = RecordKind::kRejected;
        QVERIFY(shardOf(sharder, header) == shardOf(sharder, recordOf("", "view")));
        QVERIFY(shardOf(sharder, header) == shardOf(sharder, rejected));
    }
}

void SharderTest::classes_haveTheirOwnShards()
{
    Sharder sharder;
    QVERIFY(sharder.assign(evenTable(7), RoutingMode::kClass).ok());
    std::set<std::uint32_t> pools[3];
    const char* const types[3] = {"view", "search", "report"};
    for (int i = 0; i < 3000; ++i) {
        const std::string key = std::to_string(i);
        pools[i % 3].insert(shardOf(sharder, recordOf(key, types[i % 3])).value);
    }
    QVERIFY(pools[0] == (std::set<std::uint32_t>{0, 1}));
    QVERIFY(pools[1] == (std::set<std::uint32_t>{2, 3}));
    QVERIFY(pools[2] == (std::set<std::uint32_t>{4, 5, 6}));
}

void SharderTest::fewShards_shareTheClasses()
{
    Sharder one;
    QVERIFY(one.assign(evenTable(1), RoutingMode::kClass).ok());
    QVERIFY(shardOf(one, recordOf("a", "report")) == ShardId{0});
    Sharder two;
    QVERIFY(two.assign(evenTable(2), RoutingMode::kClass).ok());
    QVERIFY(shardOf(two, recordOf("a", "view")) == ShardId{0});
    QVERIFY(shardOf(two, recordOf("a", "search")) == ShardId{1});
    QVERIFY(shardOf(two, recordOf("a", "report")) == ShardId{1});
}

void SharderTest::hotKey_isOneClassUp_untilItCools()
{
    Sharder sharder;
    QVERIFY(sharder.assign(evenTable(3), RoutingMode::kClass).ok());
    const RecordView hot = recordOf("hot", "view");
    QVERIFY(sharder.classOf(hot) == LoadClass::kLow);
    for (int i = 0; i < 20'000; ++i) {
        const std::string key = std::to_string(i);
        shardOf(sharder, recordOf(i % 10 == 0 ? BytesView("hot") : BytesView(key), "view"));
    }
    QVERIFY(sharder.classOf(hot) == LoadClass::kMedium);
    QVERIFY(sharder.classOf(recordOf("7", "view")) == LoadClass::kLow);
    for (int i = 0; i < 400'000; ++i)
        shardOf(sharder, recordOf(std::to_string(i), "view"));
    QVERIFY(sharder.classOf(hot) == LoadClass::kLow);
}

QTEST_GUILESS_MAIN(SharderTest)
#include "tst_sharder.moc"
