#include "engine/base/crc32c.h"
#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"
#include "tests/engine/wire/aggregate.h"

#include <QTest>

#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <set>

using namespace foreshard;
using foreshard::test::Filler;
using foreshard::test::same;

namespace {

Frame sampleFrame()
{
    Frame frame;
    Filler().fill(frame);
    frame.records = "not\0packed, but bytes are bytes";
    return frame;
}

// The same payload under another type number, with a good checksum.
Bytes relabelled(const Bytes& envelope, std::uint16_t type)
{
    return seal(type, openEnvelope(envelope).value().payload);
}

template <class T>
void checkRoundTrip(const T& value)
{
    const Bytes bytes = encode(Message{value});
    const auto back = decode(bytes);
    QVERIFY2(back.ok(), back.ok() ? "" : back.error().message.c_str());
    const T* found = std::get_if<T>(&back.value());
    QVERIFY2(found != nullptr, typeid(T).name());
    QVERIFY2(same(*found, value), typeid(T).name());
}

template <class T>
void checkFilledAndEmpty()
{
    checkRoundTrip(T{});
    T value;
    Filler().fill(value);
    checkRoundTrip(value);
}

// CRC-32C of what the Filler's values are encoded to, by type. A number changes only when a struct
// gets a member; when nothing but the code changes, the bytes do not.
const std::map<std::uint16_t, std::uint32_t> kBytesOfFilled = {
    // clang-format off
    {1, 0x18E0DF7E}, {24, 0xC1DEF04F}, {2, 0x27392613}, {3, 0x07F5977E},
    {4, 0xE82EA622}, {5, 0x59DC84A7}, {6, 0x7A123FBC}, {7, 0x30B7E615},
    {8, 0x7F707038}, {9, 0x7E02FF9D}, {10, 0x0DBBB08D}, {11, 0xA1873BF9},
    {12, 0x3447D342}, {13, 0x63D12284}, {14, 0x3922400D}, {15, 0x7779B883},
    {16, 0xEC483DDD}, {17, 0x19CF4149}, {18, 0xA4DD1FE2}, {19, 0x4039CF26},
    {20, 0x5B0ADE64}, {21, 0xACEDABCE}, {22, 0x32EFBABC}, {23, 0xD4243810},
    {30, 0x553DEAA5}, {31, 0x2C703D31}, {32, 0xB58A3DC7}, {33, 0x58655D5C},
    {40, 0x8B0C03B8}, {41, 0xB8816704}, {50, 0xB2E058B7}, {51, 0xA27A7E6C},
    {60, 0x2F330C1A}, {61, 0x94B98D1E}, {62, 0xE9307699}, {100, 0x915F7851},
    {101, 0xE3A813E5}, {102, 0x4E005BB5}, {104, 0x39825734}, {120, 0xF19E388F},
    {121, 0x0579C34F}, {103, 0x48506CD7}, {110, 0x188B3E5E}, {111, 0xD3D0E9EC},
    // clang-format on
};

// The sealed values that are not as listed, by type.
class BytesLedger {
public:
    void note(const Bytes& sealed)
    {
        const std::uint16_t type = peekEnvelope(sealed).value().type;
        const auto listed = kBytesOfFilled.find(type);
        if (listed == kBytesOfFilled.end() || listed->second != crc32c(sealed))
            other_ += QStringLiteral("%1:0x%2 ").arg(type).arg(crc32c(sealed), 8, 16);
    }
    template <class T, class Encode>
    void noteFilled(Encode encodeIt)
    {
        T value;
        Filler().fill(value);
        note(encodeIt(value));
    }
    const QString& other() const { return other_; }

private:
    QString other_;
};

}  // namespace

class CodecTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void decode_everyMessageWithAllMembersSet_isTheSame();
    void decode_everyCommandBody_isTheSame();
    void decode_everyDiskRecordWithAllMembersSet_isTheSame();
    void encode_everyMessage_hasItsOwnType();
    void encode_everyFilledValue_hasTheBytesItAlwaysHad();
    void decodeFrameHeader_ofAFrame_isItsHeader();
    void decode_doublesThatAreNaN_survive();
    void decode_truncatedAnywhere_isGapOrCorrupt();
    void decode_anyByteFlipped_isRefused();
    void decode_misaligned_isTheSame();
    void decode_unknownType_isUnsupported();
    void decode_payloadOfAnotherType_neverCrashes();
    void decode_damageUnderAGoodChecksum_neverCrashes();
    void decode_enumOutOfRange_isCorrupt();
};

void CodecTest::decode_everyMessageWithAllMembersSet_isTheSame()
{
    [&]<std::size_t... index>(std::index_sequence<index...>)
    {
        (checkFilledAndEmpty<std::variant_alternative_t<index, Message>>(), ...);
    }
    (std::make_index_sequence<std::variant_size_v<Message>>{});
}

void CodecTest::decode_everyCommandBody_isTheSame()
{
    const auto check = []<class Body>(Body body) {
        Filler filler;
        filler.fill(body);
        Command command;
        command.body = body;
        checkRoundTrip(command);
    };
    [&]<std::size_t... index>(std::index_sequence<index...>)
    {
        (check(std::variant_alternative_t<index, CommandBody>{}), ...);
    }
    (std::make_index_sequence<std::variant_size_v<CommandBody>>{});
}

void CodecTest::decode_everyDiskRecordWithAllMembersSet_isTheSame()
{
    const Frame frame = sampleFrame();
    QVERIFY(same(decodeFrame(encodeFrame(frame)).value(), frame));
    AssignmentEntry entry;
    Filler().fill(entry);
    QVERIFY(same(decodeEntry(encodeEntry(entry)).value(), entry));
    CheckpointInfo info;
    Filler().fill(info);
    QVERIFY(same(decodeCheckpointInfo(encodeCheckpointInfo(info)).value(), info));
    StreamSchema schema;
    Filler().fill(schema);
    QVERIFY(same(decodeSchema(encodeSchema(schema)).value(), schema));
    SinkProgress progress;
    Filler().fill(progress);
    QVERIFY(same(decodeSinkProgress(encodeSinkProgress(progress)).value(), progress));
    DeadLetter letter;
    Filler().fill(letter);
    QVERIFY(same(decodeDeadLetter(encodeDeadLetter(letter)).value(), letter));
    SuspectList suspects;
    Filler().fill(suspects);
    QVERIFY(same(decodeSuspects(encodeSuspects(suspects)).value(), suspects));
    SinkBinding binding;
    Filler().fill(binding);
    QVERIFY(same(decodeSinkBinding(encodeSinkBinding(binding)).value(), binding));
}

void CodecTest::encode_everyMessage_hasItsOwnType()
{
    std::set<std::uint16_t> types;
    const auto note = [&](const Bytes& bytes) { types.insert(peekEnvelope(bytes).value().type); };
    [&]<std::size_t... index>(std::index_sequence<index...>)
    {
        (note(encode(Message{std::in_place_index<index>})), ...);
    }
    (std::make_index_sequence<std::variant_size_v<Message>>{});
    note(encodeFrame({}));
    note(encodeEntry({}));
    note(encodeCheckpointInfo({}));
    note(encodeSchema({}));
    note(encodeSinkProgress({}));
    note(encodeSinkBinding({}));
    note(encodeDeadLetter({}));
    note(encodeSuspects({}));
    QCOMPARE(types.size(), std::variant_size_v<Message> + 8);
}

void CodecTest::encode_everyFilledValue_hasTheBytesItAlwaysHad()
{
    BytesLedger ledger;
    const auto message = [](const auto& value) { return encode(Message{value}); };
    [&]<std::size_t... index>(std::index_sequence<index...>)
    {
        (ledger.noteFilled<std::variant_alternative_t<index, Message>>(message), ...);
    }
    (std::make_index_sequence<std::variant_size_v<Message>>{});
    ledger.noteFilled<Frame>(encodeFrame);
    ledger.noteFilled<AssignmentEntry>(encodeEntry);
    ledger.noteFilled<CheckpointInfo>(encodeCheckpointInfo);
    ledger.noteFilled<CheckpointData>(encodeCheckpointData);
    ledger.noteFilled<DeadLetter>(encodeDeadLetter);
    ledger.noteFilled<SuspectList>(encodeSuspects);
    ledger.noteFilled<StreamSchema>(encodeSchema);
    ledger.noteFilled<SinkProgress>(encodeSinkProgress);
    ledger.noteFilled<SinkBinding>(encodeSinkBinding);
    QVERIFY2(ledger.other().isEmpty(), qPrintable(ledger.other()));
}

void CodecTest::decodeFrameHeader_ofAFrame_isItsHeader()
{
    const Frame frame = sampleFrame();
    QVERIFY(same(decodeFrameHeader(encodeFrame(frame)).value(), frame.header));
    QVERIFY(decodeFrameHeader(encodeEntry({})).error().code == Errc::kUnsupported);
}

void CodecTest::decode_doublesThatAreNaN_survive()
{
    ClusterSnapshot snapshot;
    snapshot.recordsPerSecond = std::numeric_limits<double>::quiet_NaN();
    snapshot.bytesPerSecond = -std::numeric_limits<double>::infinity();
    checkRoundTrip(snapshot);
}

void CodecTest::decode_truncatedAnywhere_isGapOrCorrupt()
{
    const Bytes bytes = encodeFrame(sampleFrame());
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        const auto frame = decodeFrame(BytesView(bytes).substr(0, length));
        QVERIFY(!frame.ok());
        QVERIFY(frame.error().code == Errc::kGap || frame.error().code == Errc::kCorrupt);
    }
}

void CodecTest::decode_anyByteFlipped_isRefused()
{
    const Bytes bytes = encodeFrame(sampleFrame());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        for (const int pattern : {0x01, 0x80, 0xFF}) {
            Bytes damaged = bytes;
            damaged[i] = static_cast<char>(damaged[i] ^ pattern);
            QVERIFY(!decodeFrame(damaged).ok());
        }
    }
}

void CodecTest::decode_misaligned_isTheSame()
{
    const Frame frame = sampleFrame();
    const Bytes bytes = encodeFrame(frame);
    for (std::size_t shift = 0; shift < 8; ++shift) {
        const Bytes moved = Bytes(shift, 'x') + bytes + "behind it";
        QVERIFY(same(decodeFrame(BytesView(moved).substr(shift)).value(), frame));
    }
}

void CodecTest::decode_unknownType_isUnsupported()
{
    const Bytes bytes = encode(Message{Stop{}});
    for (const std::uint16_t type :
         std::initializer_list<std::uint16_t>{0, 25, 99, 100, 200, 65535})
        QVERIFY(decode(relabelled(bytes, type)).error().code == Errc::kUnsupported);
    QVERIFY(decodeFrame(bytes).error().code == Errc::kUnsupported);
}

void CodecTest::decode_payloadOfAnotherType_neverCrashes()
{
    ClusterSnapshot snapshot;
    Filler().fill(snapshot);
    const Bytes bytes = encode(Message{snapshot});
    for (std::uint16_t type = 1; type <= 24; ++type) {
        const auto message = decode(relabelled(bytes, type));
        QVERIFY(message.ok() || message.error().code == Errc::kCorrupt);
    }
}

// The checksum stops chance; this is about bytes that somebody has sealed again.
void CodecTest::decode_damageUnderAGoodChecksum_neverCrashes()
{
    ClusterSnapshot snapshot;
    Filler().fill(snapshot);
    const Bytes bytes = encode(Message{snapshot});
    const auto type = static_cast<std::uint16_t>(WireType::kClusterSnapshot);
    const Bytes payload(openEnvelope(bytes).value().payload);
    for (std::size_t i = 0; i < payload.size(); ++i) {
        for (const int pattern : {0x01, 0x80, 0xFF}) {
            Bytes damaged = payload;
            damaged[i] = static_cast<char>(damaged[i] ^ pattern);
            const auto message = decode(seal(type, damaged));
            QVERIFY(message.ok() || message.error().code == Errc::kCorrupt);
        }
    }
    QVERIFY(decode(seal(type, {})).error().code == Errc::kCorrupt);
}

void CodecTest::decode_enumOutOfRange_isCorrupt()
{
    RouteTable table;
    table.routing = static_cast<RoutingMode>(2);
    const auto message = decode(encode(Message{table}));
    QVERIFY(!message.ok());
    QVERIFY(message.error().code == Errc::kCorrupt);
    EdgeReport report;
    report.failureCode = static_cast<Errc>(static_cast<std::uint8_t>(Errc::kTimeout) + 1);
    QVERIFY(decode(encode(Message{report})).error().code == Errc::kCorrupt);
}

QTEST_GUILESS_MAIN(CodecTest)
#include "tst_codec.moc"
