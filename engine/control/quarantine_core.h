#pragma once
// QuarantineCore gives up records on which the operator fails. A record is left out only once its
// letter is durable, and only while the node that asks owns the shard: whoever owns it next hears
// of the letter with Assign, so every replay leaves out the same records. Pure: effects say what is
// to be done; see effects.h.
#include "engine/control/control_view.h"
#include "engine/control/effects.h"

#include <cstdint>
#include <map>
#include <string>

namespace foreshard {

class QuarantineCore {
public:
    QuarantineCore(const ControlView& view, OnPoison onPoison) : view_(view), onPoison_(onPoison) {}

    void poisoned(const Poisoned& poisoned, Effects& effects);
    // Outcome of an append with a ticket of this part.
    void written(std::uint64_t number, const Status& status, Effects& effects);

private:
    static void stopFull(const DeadLetter& letter, Effects& effects);
    static void stopAt(const DeadLetter& letter, const std::string& why, Effects& effects);

    const ControlView& view_;
    OnPoison onPoison_;
    std::map<std::uint64_t, Poisoned> writing_;
    std::uint64_t nextTicket_ = 1;
};

}  // namespace foreshard
