#include "engine/simulation/hostile_messages.h"
#include "engine/simulation/message_text.h"
#include "engine/wire/codec.h"

#include <QTest>

#include <string>

using namespace foreshard;

namespace {

// Draws of one kind that hold what `wanted` looks for.
template <class T, class Wanted>
int drawsOf(int draws, Wanted wanted)
{
    SplitMix64 random(7);
    const std::size_t kind = Message(T{}).index();
    int found = 0;
    for (int i = 0; i < draws; ++i) {
        const Result<Message> message = decode(sim::hostileMessage(random, {2, 4}, kind));
        if (message.ok() && wanted(std::get<T>(*message))) ++found;
    }
    return found;
}

}  // namespace

class MessageTextTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void text_ofAMessage_namesItsMembersInOrder();
    void text_ofANestedList_showsWhatMattersOfEachItem();
    void text_ofAnEmptyMember_isLeftOut();
    void text_ofACommand_saysWhatIsCommanded();
    void text_ofASealedFrame_isItsHeader();
    void text_ofNoMessage_isItsSize();
    void hostileMessage_ofEveryKind_isWellFormed();
    void hostileMessage_ofListsAndEnums_drawsThemToo();
};

void MessageTextTest::text_ofAMessage_namesItsMembersInOrder()
{
    const Applied applied{NodeId{1}, ShardId{3}, Epoch{4}, 17};
    QCOMPARE(sim::describe(applied), std::string("Applied node=1 shard=3 epoch=4 n=17"));
    QCOMPARE(sim::describe(Stop{}), std::string("Stop"));
}

void MessageTextTest::text_ofANestedList_showsWhatMattersOfEachItem()
{
    NodeReport report;
    report.shards.resize(2);
    report.shards[1].shard = ShardId{5};
    report.shards[1].state = ShardState::kLive;
    const std::string line = sim::describe(report);
    QVERIFY(line.find("shards=[{shard=0 ") != std::string::npos);
    QVERIFY(line.find("} {shard=5 epoch=0 state=live applied=0") != std::string::npos);
    QVERIFY(line.find("rssBytes") == std::string::npos);  // a detail
}

void MessageTextTest::text_ofAnEmptyMember_isLeftOut()
{
    Retained retained;
    QVERIFY(sim::describe(retained).find("failure=") == std::string::npos);
    retained.failure = "gone";
    QVERIFY(sim::describe(retained).find("failure='gone'") != std::string::npos);
}

void MessageTextTest::text_ofACommand_saysWhatIsCommanded()
{
    Command command;
    command.id = 9;
    command.body = IntervalCommand{ShardId{2}, 250};
    QCOMPARE(sim::describe(command),
             std::string("Command id=9 dryRun=no body={Interval={shard=2 intervalMs=250}}"));
}

void MessageTextTest::text_ofASealedFrame_isItsHeader()
{
    Frame frame;
    frame.header.shard = ShardId{3};
    frame.header.n = 8;
    QVERIFY(sim::describeSealed(encodeFrame(frame)).starts_with("Frame shard=3 epoch=0 n=8 "));
}

void MessageTextTest::text_ofNoMessage_isItsSize()
{
    QCOMPARE(sim::describeSealed("what?"), std::string("5 bytes"));
}

void MessageTextTest::hostileMessage_ofEveryKind_isWellFormed()
{
    SplitMix64 random(3);
    for (std::size_t kind = 0; kind < sim::kHostileKinds; ++kind) {
        for (int i = 0; i < 50; ++i) {
            const Bytes sealed = sim::hostileMessage(random, {2, 4}, kind);
            QVERIFY2(decode(sealed).ok() || decodeFrame(sealed).ok(),
                     qPrintable(QString::number(kind)));
        }
    }
}

void MessageTextTest::hostileMessage_ofListsAndEnums_drawsThemToo()
{
    QVERIFY(drawsOf<NodeReport>(100, [](const NodeReport& m) { return !m.shards.empty(); }) > 20);
    QVERIFY(drawsOf<Assign>(200,
                            [](const Assign& m) {
                                return !m.chain.empty() && m.chain[0].file.starts_with("../");
                            })
            > 5);
    QVERIFY(drawsOf<Retained>(100, [](const Retained& m) { return m.failureCode != Errc::kIo; })
            > 20);
    QVERIFY(drawsOf<RouteTable>(20, [](const RouteTable& m) { return m.version == ~LogIndex{0}; })
            == 20);
}

QTEST_GUILESS_MAIN(MessageTextTest)
#include "tst_message_text.moc"
