#pragma once
// What a view stands on, without a window: the scripted engine, a bridge on it and a theme.
#include "tests/support/scripted_link.h"
#include "ui/bridge/engine_bridge.h"
#include "ui/theme/theme.h"

#include <QCoreApplication>

namespace foreshard::ui {

struct ConsoleBench {
    ScriptedLink link;
    EngineBridge bridge{link};
    Theme theme;

    // Each step is a tenth of a second and one snapshot that the views have seen.
    void run(int steps)
    {
        for (int i = 0; i < steps; ++i) {
            link.advance(100);
            QCoreApplication::processEvents();
        }
    }
    // A cluster that has run for a while: a move, a lost node.
    void runEventfully()
    {
        run(100);
        bridge.moveShards({ShardId{3}}, NodeId{2});
        run(20);
        bridge.killNode(NodeId{1});
        run(60);
    }
};

}  // namespace foreshard::ui
