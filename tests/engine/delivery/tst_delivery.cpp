// What a sender sends next, what a confirmation frees, and when a silent receiver is served again.
#include "engine/delivery/delivery_core.h"
#include "engine/delivery/send_window.h"
#include "engine/model/addresses.h"

#include <QtTest>

#include <map>
#include <string>
#include <vector>

using namespace foreshard;

namespace {

constexpr SendWindow::Patience kPatience{100ms, 400ms};
constexpr std::uint64_t kFrameBytes = 10;

Instant at(Nanos span) { return Instant{} + span; }

// One edge with as many durable frames per shard as the test says; every frame has 10 bytes.
class Sender {
public:
    void own(std::uint32_t shard, std::uint32_t node, std::uint64_t epoch)
    {
        ShardAssignment owner;
        owner.shard = ShardId{shard};
        owner.node = NodeId{node};
        owner.epoch = Epoch{epoch};
        core.assign(owner);
    }
    static Subscribe ask(std::uint32_t shard, std::uint32_t node, std::uint64_t epoch,
                         FrameNo fromN = 1, std::uint32_t incarnation = 1)
    {
        return {NodeId{node}, incarnation, ShardId{shard}, Epoch{epoch}, fromN, 3 * kFrameBytes, 0};
    }
    DeliveryCore::Answer subscribe(const Subscribe& subscribe)
    {
        const auto answer = core.judge(subscribe, durable[subscribe.shard.value]);
        if (answer == DeliveryCore::Answer::kBegin) core.begin(subscribe);
        return answer;
    }
    // Everything that may leave now.
    std::vector<FrameNo> send(std::uint32_t shard, Instant now = {})
    {
        std::vector<FrameNo> sent;
        while (const auto next = core.next(ShardId{shard}, durable[shard])) {
            sent.push_back(next->n);
            to = next->to;
            core.sent(ShardId{shard}, next->n, kFrameBytes, now);
        }
        return sent;
    }
    bool confirm(std::uint32_t shard, FrameNo upTo, Instant now = {})
    {
        return core.confirm(ShardId{shard}, upTo, durable[shard], now);
    }
    bool allConfirmed() const
    {
        return core.allConfirmed([this](ShardId shard) { return durable.at(shard.value); });
    }

    DeliveryCore core;
    std::map<std::uint32_t, FrameNo> durable;
    std::string to;  // of the last frame that left
};

using Frames = std::vector<FrameNo>;

}  // namespace

class DeliveryTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void window_isFullOnlyBehindTheItemThatPassesIt();
    void confirmation_freesWhatItNames_alsoBetweenTheNumbers();
    void duplicateAndLateConfirmations_areNoNews();
    void silentReceiver_isServedAgain_afterEverLongerWaits();
    void anyConfirmation_endsTheLongWaits();
    void silence_countsFromTheFirstItemInFlight();
    void confirmationOfWhatWasGivenUp_isNotSentAgain();

    void frames_goOutInOrder_untilTheWindowIsFull();
    void nothing_isSent_toAShardWithoutASubscriber();
    void subscriberThatIsNotTheOwner_isIgnored();
    void subscriptionBehindTheLastFrame_isIgnored();
    void repeatedSubscription_changesNothing();
    void subscriptionFurtherOn_skipsWhatWasAppliedElsewhere();
    void otherIncarnationOfTheSameEpoch_isIgnored();
    void newEpochInTheMiddle_endsTheOldSubscription_andReplays();
    void sameEpochAgain_keepsTheSubscription();
    void wordOfAnotherNodeOrEpoch_isNotTheSubscribers();
    void replay_goesOver_intoLiveDispatch();
    void confirmationOfFramesThatAreNotDurable_isRefused();
    void silentSubscriber_isServedAgain_theOthersAreNot();
    void severalShards_haveWindowsOfTheirOwn();
    void all_isConfirmed_onlyWithASubscriberOfEveryShard();
};

void DeliveryTest::window_isFullOnlyBehindTheItemThatPassesIt()
{
    SendWindow window(25, kPatience);
    window.sent(1, 20, {});
    QVERIFY(window.open());
    window.sent(2, 20, {});
    QVERIFY(!window.open());
    QCOMPARE(window.bytesInFlight(), std::uint64_t{40});
    QCOMPARE(window.itemsInFlight(), std::size_t{2});
    QVERIFY(window.confirm(1, {}));
    QVERIFY(window.open());
}

void DeliveryTest::confirmation_freesWhatItNames_alsoBetweenTheNumbers()
{
    SendWindow window(100, kPatience);
    for (const SendWindow::Number n : {3U, 7U, 12U})
        window.sent(n, 10, {});
    QVERIFY(window.confirm(8, {}));
    QCOMPARE(window.itemsInFlight(), std::size_t{1});
    QCOMPARE(window.confirmed(), SendWindow::Number{8});
    QCOMPARE(window.sentUpTo(), SendWindow::Number{12});
}

void DeliveryTest::duplicateAndLateConfirmations_areNoNews()
{
    SendWindow window(100, kPatience, 4);
    window.sent(5, 10, {});
    window.sent(6, 10, {});
    QVERIFY(!window.confirm(4, {}));
    QVERIFY(window.confirm(6, {}));
    QVERIFY(!window.confirm(6, {}));
    QVERIFY(!window.confirm(5, {}));
    QCOMPARE(window.bytesInFlight(), std::uint64_t{0});
    QCOMPARE(window.sentUpTo(), SendWindow::Number{6});
}

void DeliveryTest::silentReceiver_isServedAgain_afterEverLongerWaits()
{
    SendWindow window(100, kPatience);
    Nanos now{0};
    for (const Nanos wait : {100ms, 200ms, 400ms, 400ms}) {
        window.sent(1, 10, at(now));
        window.sent(2, 10, at(now));
        QVERIFY(!window.goBackIfSilent(at(now + wait - Nanos{1})));
        now += wait;
        QVERIFY(window.goBackIfSilent(at(now)));
        QCOMPARE(window.sentUpTo(), SendWindow::Number{0});
        QCOMPARE(window.bytesInFlight(), std::uint64_t{0});
        QVERIFY(!window.goBackIfSilent(at(now + 1h)));  // nothing is in flight
    }
    QCOMPARE(window.newestEverSent(), SendWindow::Number{2});
}

void DeliveryTest::anyConfirmation_endsTheLongWaits()
{
    SendWindow window(100, kPatience);
    window.sent(1, 10, at(0ms));
    QVERIFY(window.goBackIfSilent(at(100ms)));
    window.sent(1, 10, at(100ms));
    window.sent(2, 10, at(100ms));
    QVERIFY(window.confirm(1, at(150ms)));
    QVERIFY(!window.goBackIfSilent(at(249ms)));
    QVERIFY(window.goBackIfSilent(at(250ms)));
    QCOMPARE(window.sentUpTo(), SendWindow::Number{1});
}

void DeliveryTest::silence_countsFromTheFirstItemInFlight()
{
    SendWindow window(100, kPatience);
    window.sent(1, 10, at(5s));
    window.sent(2, 10, at(5s + 90ms));
    QVERIFY(!window.goBackIfSilent(at(5s + 99ms)));
    QVERIFY(window.goBackIfSilent(at(5s + 100ms)));
}

void DeliveryTest::confirmationOfWhatWasGivenUp_isNotSentAgain()
{
    SendWindow window(100, kPatience);
    window.sent(1, 10, at(0ms));
    window.sent(2, 10, at(0ms));
    QVERIFY(window.goBackIfSilent(at(100ms)));
    window.sent(1, 10, at(100ms));
    QVERIFY(window.confirm(2, at(110ms)));
    QCOMPARE(window.sentUpTo(), SendWindow::Number{2});
    QCOMPARE(window.itemsInFlight(), std::size_t{0});
}

void DeliveryTest::frames_goOutInOrder_untilTheWindowIsFull()
{
    Sender sender;
    sender.durable[0] = 5;
    sender.own(0, 7, 1);
    QCOMPARE(sender.subscribe(Sender::ask(0, 7, 1)), DeliveryCore::Answer::kBegin);
    QCOMPARE(sender.send(0), (Frames{1, 2, 3}));
    QCOMPARE(sender.to, nodeAddress(NodeId{7}));
    QCOMPARE(sender.core.bytesInFlightMost(), 3 * kFrameBytes);
    QVERIFY(sender.confirm(0, 1));
    QCOMPARE(sender.send(0), (Frames{4}));
    QVERIFY(sender.confirm(0, 4));
    QCOMPARE(sender.send(0), (Frames{5}));
}

void DeliveryTest::nothing_isSent_toAShardWithoutASubscriber()
{
    Sender sender;
    sender.durable[0] = 5;
    sender.own(0, 7, 1);
    QVERIFY(sender.send(0).empty());
    QVERIFY(!sender.confirm(0, 3));
    QVERIFY(sender.core.subscribed().empty());
}

void DeliveryTest::subscriberThatIsNotTheOwner_isIgnored()
{
    Sender sender;
    sender.own(0, 7, 2);
    QCOMPARE(sender.subscribe(Sender::ask(0, 8, 2)), DeliveryCore::Answer::kIgnore);
    QCOMPARE(sender.subscribe(Sender::ask(0, 7, 1)), DeliveryCore::Answer::kIgnore);
    QCOMPARE(sender.subscribe(Sender::ask(0, 7, 3)), DeliveryCore::Answer::kIgnore);
    QCOMPARE(sender.subscribe(Sender::ask(1, 7, 2)), DeliveryCore::Answer::kIgnore);
}

void DeliveryTest::subscriptionBehindTheLastFrame_isIgnored()
{
    Sender sender;
    sender.durable[0] = 5;
    sender.own(0, 7, 1);
    QCOMPARE(sender.subscribe(Sender::ask(0, 7, 1, 7)), DeliveryCore::Answer::kIgnore);
    QCOMPARE(sender.subscribe(Sender::ask(0, 7, 1, 6)), DeliveryCore::Answer::kBegin);
    QVERIFY(sender.send(0).empty());
}

void DeliveryTest::repeatedSubscription_changesNothing()
{
    Sender sender;
    sender.durable[0] = 5;
    sender.own(0, 7, 1);
    sender.subscribe(Sender::ask(0, 7, 1));
    sender.send(0);
    sender.confirm(0, 2);
    QCOMPARE(sender.subscribe(Sender::ask(0, 7, 1)), DeliveryCore::Answer::kRepeat);
    QCOMPARE(sender.subscribe(Sender::ask(0, 7, 1, 3)), DeliveryCore::Answer::kRepeat);
    QCOMPARE(sender.send(0), (Frames{4, 5}));
}

void DeliveryTest::subscriptionFurtherOn_skipsWhatWasAppliedElsewhere()
{
    Sender sender;
    sender.durable[0] = 5;
    sender.own(0, 7, 1);
    sender.subscribe(Sender::ask(0, 7, 1));
    sender.send(0);
    QCOMPARE(sender.subscribe(Sender::ask(0, 7, 1, 4)), DeliveryCore::Answer::kBegin);
    QCOMPARE(sender.send(0), (Frames{4, 5}));
}

void DeliveryTest::otherIncarnationOfTheSameEpoch_isIgnored()
{
    Sender sender;
    sender.durable[0] = 5;
    sender.own(0, 7, 1);
    sender.subscribe(Sender::ask(0, 7, 1));
    sender.send(0);
    QCOMPARE(sender.subscribe(Sender::ask(0, 7, 1, 1, 2)), DeliveryCore::Answer::kIgnore);
    QVERIFY(sender.send(0).empty());
}

void DeliveryTest::newEpochInTheMiddle_endsTheOldSubscription_andReplays()
{
    Sender sender;
    sender.durable[0] = 5;
    sender.own(0, 7, 1);
    sender.subscribe(Sender::ask(0, 7, 1));
    sender.send(0);
    sender.confirm(0, 2);
    sender.own(0, 8, 2);
    QVERIFY(sender.send(0).empty());
    QVERIFY(!sender.confirm(0, 3));
    QCOMPARE(sender.subscribe(Sender::ask(0, 7, 1)), DeliveryCore::Answer::kIgnore);
    QCOMPARE(sender.subscribe(Sender::ask(0, 8, 2)), DeliveryCore::Answer::kBegin);
    QCOMPARE(sender.send(0), (Frames{1, 2, 3}));
    QCOMPARE(sender.to, nodeAddress(NodeId{8}));
}

void DeliveryTest::sameEpochAgain_keepsTheSubscription()
{
    Sender sender;
    sender.durable[0] = 2;
    sender.own(0, 7, 1);
    sender.subscribe(Sender::ask(0, 7, 1));
    sender.own(0, 7, 1);
    QCOMPARE(sender.send(0), (Frames{1, 2}));
}

void DeliveryTest::wordOfAnotherNodeOrEpoch_isNotTheSubscribers()
{
    Sender sender;
    sender.own(0, 7, 2);
    QVERIFY(!sender.core.isFromSubscriber({NodeId{7}, ShardId{0}, Epoch{2}, 1}));
    sender.subscribe(Sender::ask(0, 7, 2));
    QVERIFY(sender.core.isFromSubscriber({NodeId{7}, ShardId{0}, Epoch{2}, 1}));
    QVERIFY(!sender.core.isFromSubscriber({NodeId{8}, ShardId{0}, Epoch{2}, 1}));
    QVERIFY(!sender.core.isFromSubscriber({NodeId{7}, ShardId{0}, Epoch{1}, 1}));
    QVERIFY(!sender.core.isFromSubscriber({NodeId{7}, ShardId{1}, Epoch{2}, 1}));
}

void DeliveryTest::replay_goesOver_intoLiveDispatch()
{
    Sender sender;
    sender.durable[0] = 4;
    sender.own(0, 7, 1);
    sender.subscribe(Sender::ask(0, 7, 1, 2));
    QCOMPARE(sender.send(0), (Frames{2, 3, 4}));
    sender.durable[0] = 5;  // arrives while the replay fills the window
    QVERIFY(sender.send(0).empty());
    sender.confirm(0, 4);
    QCOMPARE(sender.send(0), (Frames{5}));
    sender.durable[0] = 6;
    QCOMPARE(sender.send(0), (Frames{6}));
    sender.confirm(0, 6);
    QVERIFY(sender.send(0).empty());
}

void DeliveryTest::confirmationOfFramesThatAreNotDurable_isRefused()
{
    Sender sender;
    sender.durable[0] = 2;
    sender.own(0, 7, 1);
    sender.subscribe(Sender::ask(0, 7, 1));
    sender.send(0);
    QVERIFY(!sender.confirm(0, 3));
    QVERIFY(sender.confirm(0, 2));
}

void DeliveryTest::silentSubscriber_isServedAgain_theOthersAreNot()
{
    Sender sender;
    for (std::uint32_t shard = 0; shard < 3; ++shard) {
        sender.durable[shard] = 2;
        sender.own(shard, shard, 1);
        sender.subscribe(Sender::ask(shard, shard, 1));
        sender.send(shard, at(0s));
    }
    sender.confirm(0, 2, at(100ms));  // done
    sender.confirm(1, 1, at(500ms));  // on its way
    QVERIFY(sender.core.goBackWhereSilent(at(999ms)).empty());
    QCOMPARE(sender.core.goBackWhereSilent(at(1s)), std::vector<ShardId>{ShardId{2}});
    QCOMPARE(sender.send(2, at(1s)), (Frames{1, 2}));
    QCOMPARE(sender.core.goBackWhereSilent(at(1500ms)), std::vector<ShardId>{ShardId{1}});
    QCOMPARE(sender.send(1, at(1500ms)), (Frames{2}));
}

void DeliveryTest::severalShards_haveWindowsOfTheirOwn()
{
    Sender sender;
    for (std::uint32_t shard = 0; shard < 2; ++shard) {
        sender.durable[shard] = 9;
        sender.own(shard, 7, 1);
        sender.subscribe(Sender::ask(shard, 7, 1));
    }
    QCOMPARE(sender.core.subscribed(), (std::vector<ShardId>{ShardId{0}, ShardId{1}}));
    QCOMPARE(sender.send(0), (Frames{1, 2, 3}));
    QCOMPARE(sender.send(1), (Frames{1, 2, 3}));
    sender.confirm(1, 3);
    QVERIFY(sender.send(0).empty());
    QCOMPARE(sender.send(1), (Frames{4, 5, 6}));
}

void DeliveryTest::all_isConfirmed_onlyWithASubscriberOfEveryShard()
{
    Sender sender;
    sender.durable = {{0, 1}, {1, 0}};
    sender.own(0, 7, 1);
    sender.own(1, 7, 1);
    sender.subscribe(Sender::ask(0, 7, 1));
    sender.send(0);
    sender.confirm(0, 1);
    QVERIFY(!sender.allConfirmed());
    sender.subscribe(Sender::ask(1, 7, 1));
    QVERIFY(sender.allConfirmed());
    sender.durable[0] = 2;
    QVERIFY(!sender.allConfirmed());
}

QTEST_GUILESS_MAIN(DeliveryTest)
#include "tst_delivery.moc"
