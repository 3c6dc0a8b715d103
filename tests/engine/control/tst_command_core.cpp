#include "engine/control/command_core.h"
#include "tests/engine/control/control_stage.h"

#include <QtTest>

using namespace foreshard;
using namespace foreshard::test;
using namespace std::chrono_literals;

namespace {

struct Rig : ControlStage {
    LoadTracker loads{{2, 2, 0}};
    OwnershipCore ownership{view, loads, false};
    RestoreCore restores{view, ownership, settingBack, 500};
    CommandCore::Life life{true, false, false};
    CommandCore core{view, life, {ownership, restores, nodes}, 100};
    Effects effects;

    Command of(CommandBody body, bool dryRun = false, LogIndex expect = 0) const
    {
        Command command;
        command.id = 42;
        command.actor = "operator";
        command.expectVersion = expect;
        command.dryRun = dryRun;
        command.body = std::move(body);
        return command;
    }
    CommandReply take(CommandBody body, bool dryRun = false, LogIndex expect = 0)
    {
        core.take(kNow, "ctl", of(std::move(body), dryRun, expect), effects);
        const auto answers = sent<CommandReply>(effects, "ctl");
        return answers.empty() ? CommandReply{} : answers.back();
    }
    bool has(const CommandReply& reply, const char* text) const
    {
        return reply.message.find(text) != std::string::npos;
    }
};

}  // namespace

class CommandCoreTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void beforeTheFirstMap_onlyQuestionsAreAnswered()
    {
        Rig rig;
        rig.life.ready = false;
        QCOMPARE(rig.take(StopCommand{}).code, Errc::kBusy);
        QVERIFY(all<BeginStop>(rig.effects).empty());
        static_cast<void>(rig.take(StatusCommand{}));
        QCOMPARE(all<SendSnapshot>(rig.effects).size(), std::size_t{1});
    }

    void anotherVersionThanExpected_isRefused()
    {
        Rig rig;
        QCOMPARE(rig.take(StopCommand{}, false, 7).code, Errc::kStale);
        QVERIFY(rig.take(StopCommand{}, false, 1).ok);
    }

    void move_startsOnce_evenWhenTheShardIsNamedTwice()
    {
        Rig rig;
        rig.heardEdge(3);
        const CommandReply reply = rig.take(MoveCommand{{kShard, kShard}, kOther});
        QVERIFY(reply.ok);
        QVERIFY(rig.has(reply, "node 0 to node 1, replays at most 7 records"));
        QCOMPARE(sent<Release>(rig.effects).size(), std::size_t{1});
        QCOMPARE(rig.take(MoveCommand{{kShard}, kOther}).code, Errc::kBusy);
    }

    void move_dry_orToWhereItIs_startsNothing()
    {
        Rig rig;
        QVERIFY(rig.has(rig.take(MoveCommand{{kShard}, kOther}, true), "dry run: "));
        QVERIFY(rig.has(rig.take(MoveCommand{{kShard}, kNode}), "already"));
        QVERIFY(sent<Release>(rig.effects).empty());
    }

    void moveThatCannotBe_isRefused_asAWhole()
    {
        Rig rig;
        QVERIFY(rig.has(rig.take(MoveCommand{{kShard}, NodeId{9}}), "give one of 0 to 1"));
        QVERIFY(rig.has(rig.take(MoveCommand{{kShard, ShardId{9}}, kOther}), "no such shard"));
        rig.settingBack.insert(kShard);
        QCOMPARE(rig.take(MoveCommand{{kShard}, kOther}).code, Errc::kBusy);
        rig.settingBack.clear();
        rig.life.stopping = true;
        QVERIFY(rig.has(rig.take(MoveCommand{{kShard}, kOther}), "stopping"));
        QVERIFY(sent<Release>(rig.effects).empty());
    }

    void interval_isAnswered_onceItIsInTheLog()
    {
        Rig rig;
        static_cast<void>(rig.take(IntervalCommand{kShard, 250}));
        QVERIFY(sent<CommandReply>(rig.effects).empty());
        const ProposeAssignment proposal = all<ProposeAssignment>(rig.effects).front();
        QCOMPARE(proposal.entry.shards.front().intervalOverrideMs, 250U);
        QCOMPARE(proposal.entry.actor, std::string("operator"));
        rig.core.committed(kNow, proposal.ticket.number, LogIndex{2}, rig.effects);
        QVERIFY(rig.has(sent<CommandReply>(rig.effects).back(), "interval 250 ms"));
        QCOMPARE(sent<RouteTable>(rig.effects).size(), std::size_t{1});
    }

    void interval_thatTheLogRefuses_isRefused_withItsReason()
    {
        Rig rig;
        static_cast<void>(rig.take(IntervalCommand{kShard, 0}));
        rig.core.committed(kNow, all<ProposeAssignment>(rig.effects).front().ticket.number,
                           Error{Errc::kStale, "changed meanwhile"}, rig.effects);
        QCOMPARE(sent<CommandReply>(rig.effects).back().message, std::string("changed meanwhile"));
    }

    void intervalOutOfRange_orOfNoShard_isRefused()
    {
        Rig rig;
        QCOMPARE(rig.take(IntervalCommand{kShard, 5}).code, Errc::kInvalid);
        QCOMPARE(rig.take(IntervalCommand{ShardId{9}, 100}).code, Errc::kNotFound);
        QVERIFY(rig.has(rig.take(IntervalCommand{kShard, 0}, true), "automatic"));
        QVERIFY(all<ProposeAssignment>(rig.effects).empty());
    }

    void policy_isProposed_unlessItIsOutOfRange()
    {
        Rig rig;
        QCOMPARE(rig.take(PolicyCommand{{PolicyKind::kFixed, 5}}).code, Errc::kInvalid);
        QVERIFY(rig.has(rig.take(PolicyCommand{{PolicyKind::kPromise, 0}}, true), "promise"));
        static_cast<void>(rig.take(PolicyCommand{{PolicyKind::kFixed, 300}}));
        QCOMPARE(all<ProposeAssignment>(rig.effects).front().entry.policy.fixedMs, 300U);
    }

    void changesThatWaitForTheDisk_areBounded()
    {
        Rig rig;
        for (std::size_t i = 0; i < CommandCore::kCommandsWaitingMax; ++i)
            static_cast<void>(rig.take(IntervalCommand{kShard, 100}));
        QVERIFY(sent<CommandReply>(rig.effects).empty());
        QCOMPARE(rig.take(IntervalCommand{kShard, 100}).code, Errc::kBusy);
    }

    void checkpoint_isAskedOfTheOwner()
    {
        Rig rig;
        QVERIFY(rig.take(CheckpointCommand{kShard}, true).ok);
        QVERIFY(sent<CheckpointNow>(rig.effects).empty());
        QVERIFY(rig.take(CheckpointCommand{kShard}).ok);
        QCOMPARE(sent<CheckpointNow>(rig.effects, "node/0").front().epoch, Epoch{1});
        QCOMPARE(rig.take(CheckpointCommand{ShardId{9}}).code, Errc::kNotFound);
    }

    void drill_killsANodeOnce_untilItIsUpAgain()
    {
        Rig rig;
        QVERIFY(rig.has(rig.take(DrillCommand{"kill-node", kNode}, true), "dry run"));
        QVERIFY(all<RestartNode>(rig.effects).empty());
        QVERIFY(rig.take(DrillCommand{"kill-node", kNode}).ok);
        QCOMPARE(all<RestartNode>(rig.effects).size(), std::size_t{1});
        QCOMPARE(rig.nodes.of(kNode).state, NodeState::kDead);
        QVERIFY(rig.has(rig.take(DrillCommand{"kill-node", kNode}), "being started again already"));
    }

    void drillThatCannotBe_isRefused()
    {
        Rig rig;
        QVERIFY(rig.has(rig.take(DrillCommand{"flood", kNode}), "give kill-node"));
        QVERIFY(rig.has(rig.take(DrillCommand{"kill-node", NodeId{9}}), "no such node"));
        rig.life.stopping = true;
        QVERIFY(rig.has(rig.take(DrillCommand{"kill-node", kNode}), "stopping"));
        QVERIFY(all<RestartNode>(rig.effects).empty());
    }

    void restore_isHandedOn_butNotWhileStopping()
    {
        Rig rig;
        rig.list(kShard, 5, 1);
        rig.life.stopping = true;
        QVERIFY(rig.has(rig.take(RestoreCommand{kShard, CheckpointId{1}}), "stopping"));
        QVERIFY(rig.has(rig.take(RestoreCommand{ShardId{9}, CheckpointId{1}}), "no such shard"));
        rig.life.stopping = false;
        static_cast<void>(rig.take(RestoreCommand{kShard, CheckpointId{1}}));
        QVERIFY(rig.restores.any());
    }

    void stop_isBegun_unlessDry()
    {
        Rig rig;
        QVERIFY(rig.take(StopCommand{}, true).ok);
        QVERIFY(all<BeginStop>(rig.effects).empty());
        QVERIFY(rig.take(StopCommand{}).ok);
        QCOMPARE(all<BeginStop>(rig.effects).size(), std::size_t{1});
    }

    void watcher_getsAPictureAtOnce_andIsForgottenWhenSilent()
    {
        Rig rig;
        rig.core.take(kNow, "console", rig.of(SubscribeCommand{}), rig.effects);
        rig.core.take(kNow + 3s, "console", rig.of(SubscribeCommand{}), rig.effects);
        QCOMPARE(all<SendSnapshot>(rig.effects).size(), std::size_t{1});
        QCOMPARE(rig.core.watchers(kNow + 7s), std::vector<std::string>{"console"});
        QVERIFY(rig.core.watchers(kNow + 9s).empty());
    }

    void watchers_areBounded()
    {
        Rig rig;
        for (std::size_t i = 0; i < CommandCore::kWatchersMax; ++i)
            rig.core.take(kNow, "console" + std::to_string(i), rig.of(SubscribeCommand{}),
                          rig.effects);
        QCOMPARE(rig.take(SubscribeCommand{}).code, Errc::kBusy);
    }

    void lookUp_comesBackUnderTheNumberOfWhoAsked()
    {
        Rig rig;
        static_cast<void>(rig.take(LocateCommand{}));
        const LocateRequest asked = sent<LocateRequest>(rig.effects, "query").front();
        LocateReply reply;
        reply.id = asked.id;
        reply.reply.message = "found";
        rig.core.located(reply, rig.effects);
        QCOMPARE(sent<CommandReply>(rig.effects, "ctl").back().id, std::uint64_t{42});
        rig.core.located(reply, rig.effects);  // said twice
        QCOMPARE(sent<CommandReply>(rig.effects).size(), std::size_t{1});
    }

    void lookUps_areBounded_andThoseThatWereLostAreForgotten()
    {
        Rig rig;
        for (std::size_t i = 0; i < CommandCore::kLookUpsMax; ++i)
            static_cast<void>(rig.take(LocateCommand{}));
        QCOMPARE(rig.take(LocateCommand{}).code, Errc::kBusy);
        rig.core.take(kNow + 12min, "ctl", rig.of(LocateCommand{}), rig.effects);
        QCOMPARE(sent<LocateRequest>(rig.effects).size(), CommandCore::kLookUpsMax + 1);
    }
};

QTEST_GUILESS_MAIN(CommandCoreTest)
#include "tst_command_core.moc"
