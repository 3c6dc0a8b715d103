// Dead letters and what leads to them, field by field.
#include "engine/wire/fields.h"

namespace foreshard {

void write(schema::RecordPlace::Builder out, const RecordPlace& in)
{
    out.setShard(in.shard.value);
    out.setN(in.n);
    out.setIndex(in.index);
    out.setOffset(in.offset);
}

void read(schema::RecordPlace::Reader in, RecordPlace& out, Damage&)
{
    out.shard.value = in.getShard();
    out.n = in.getN();
    out.index = in.getIndex();
    out.offset = in.getOffset();
}

void write(schema::DeadLetter::Builder out, const DeadLetter& in)
{
    write(out.initPlace(), in.place);
    out.setKey(data(in.key));
    out.setRaw(data(in.raw));
    out.setCrc(in.crc);
    out.setReason(text(in.reason));
    out.setTries(in.tries);
    out.setWallMs(in.wallMs);
}

void read(schema::DeadLetter::Reader in, DeadLetter& out, Damage& damage)
{
    read(in.getPlace(), out.place, damage);
    readData(in.getKey(), out.key);
    readData(in.getRaw(), out.raw);
    out.crc = in.getCrc();
    readText(in.getReason(), out.reason);
    out.tries = in.getTries();
    out.wallMs = in.getWallMs();
}

void write(schema::Suspect::Builder out, const Suspect& in)
{
    write(out.initPlace(), in.place);
    out.setTries(in.tries);
    out.setLife(in.life);
    out.setReason(text(in.reason));
}

void read(schema::Suspect::Reader in, Suspect& out, Damage& damage)
{
    read(in.getPlace(), out.place, damage);
    out.tries = in.getTries();
    out.life = in.getLife();
    readText(in.getReason(), out.reason);
}

void write(schema::SuspectList::Builder out, const SuspectList& in)
{
    writeList(out.initSuspects(listSize(in.suspects)), in.suspects);
}

void read(schema::SuspectList::Reader in, SuspectList& out, Damage& damage)
{
    readList(in.getSuspects(), out.suspects, damage);
}

void write(schema::Poisoned::Builder out, const Poisoned& in)
{
    out.setNode(in.node.value);
    out.setEpoch(in.epoch.value);
    write(out.initLetter(), in.letter);
}

void read(schema::Poisoned::Reader in, Poisoned& out, Damage& damage)
{
    out.node.value = in.getNode();
    out.epoch.value = in.getEpoch();
    read(in.getLetter(), out.letter, damage);
}

void write(schema::Quarantined::Builder out, const Quarantined& in)
{
    out.setShard(in.shard.value);
    out.setEpoch(in.epoch.value);
    out.setOffset(in.offset);
}

void read(schema::Quarantined::Reader in, Quarantined& out, Damage&)
{
    out.shard.value = in.getShard();
    out.epoch.value = in.getEpoch();
    out.offset = in.getOffset();
}

}  // namespace foreshard
