#pragma once
// One description per struct of the model: which members it has, and as what each of them travels.
// From it come encoding and decoding (fields.h), the line for people (engine/simulation/
// message_text.h) and made-up values (engine/simulation/hostile_messages.h). A description knows
// nothing of Cap'n Proto: it only names accessors, which nobody but fields.h ever calls.
//
//     FS_MESSAGE(Applied)              // travels in an envelope of type WireType::kApplied
//     {
//         FS_FIELD(node, Node);        // member, and field of the Cap'n Proto struct
//         FS_DETAIL(window, Window);   // the same, but not in the line for people
//     }
//
// Members are written in the order of the description, and that order is part of the bytes: a new
// one comes last. FS_DESCRIBE is for structs that only travel inside others.
#include "engine/wire/codec.h"

namespace foreshard {

// What a visitor learns of a member beside its value.
struct Part {
    const char* name = nullptr;
    bool inLine = true;
};
// Does not compile when the accessor is another member's.
consteval Part part(const char* member, const char* accessor, bool inLine)
{
    bool begins = true;  // a word
    for (const char* at = member; *at != '\0'; ++at) {
        const bool small = *at >= 'a' && *at <= 'z';
        const char expected = begins && small ? static_cast<char>(*at - 'a' + 'A') : *at;
        begins = *at == '.';
        if (!begins && *accessor++ != expected) throw "member and accessor have other names";
    }
    if (*accessor != '\0') throw "member and accessor have other names";
    return {member, inLine};
}

// How a Cap'n Proto struct is asked for one field.
template <class Get, class Set, class Init>
struct Access {
    Get get;
    Set set;
    Init init;
};
template <class Get, class Set, class Init>
Access(Get, Set, Init) -> Access<Get, Set, Init>;

// walk(visitor, value) calls visitor.field(part, member, access) for each member, visitor.version
// (number, access) where a struct has a version, and for a variant visitor.choice<T>(name, variant,
// inner, is, access) for each alternative.
template <class T>
struct Described;

template <class T>
concept HasDescription = requires
{
    sizeof(Described<T>);
};

// Which Cap'n Proto struct and which envelope type a value travels as.
template <class T>
struct WireOf;

// The highest enumerator; what is above was written by nobody.
template <class Enum>
inline constexpr Enum kLastOf = Enum::noEnumeratorIsNamedLast;
template <>
inline constexpr Errc kLastOf<Errc> = Errc::kTimeout;
template <>
inline constexpr RoutingMode kLastOf<RoutingMode> = RoutingMode::kClass;
template <>
inline constexpr PolicyKind kLastOf<PolicyKind> = PolicyKind::kFixed;
template <>
inline constexpr AssignmentEntryKind kLastOf<AssignmentEntryKind> =
    AssignmentEntryKind::kMoveFinished;
template <>
inline constexpr CheckpointKind kLastOf<CheckpointKind> = CheckpointKind::kDelta;
template <>
inline constexpr CheckpointState kLastOf<CheckpointState> = CheckpointState::kInvalidated;
template <>
inline constexpr SinkMode kLastOf<SinkMode> = SinkMode::kImmediate;
template <>
inline constexpr SinkFormat kLastOf<SinkFormat> = SinkFormat::kCsv;
template <>
inline constexpr LoadClass kLastOf<LoadClass> = LoadClass::kHigh;
template <>
inline constexpr NodeState kLastOf<NodeState> = NodeState::kDead;
template <>
inline constexpr ShardState kLastOf<ShardState> = ShardState::kMoving;
template <>
inline constexpr EngineState kLastOf<EngineState> = EngineState::kFailed;
template <>
inline constexpr EventSeverity kLastOf<EventSeverity> = EventSeverity::kError;
template <>
inline constexpr RejectReason kLastOf<RejectReason> = static_cast<RejectReason>(kRejectReasonCount
                                                                                - 1);

}  // namespace foreshard

// Names of accessors can only be made by the preprocessor.
#define FS_ACCESS(Name)                                                  \
    ::foreshard::Access                                                  \
    {                                                                    \
        [](auto from) { return from.get##Name(); },                      \
            [](auto to, auto... value) { to.set##Name(value...); },      \
            [](auto to, auto... size) { return to.init##Name(size...); } \
    }
#define FS_FIELD(member, Name) v.field(part(#member, #Name, true), m.member, FS_ACCESS(Name))
#define FS_DETAIL(member, Name) v.field(part(#member, #Name, false), m.member, FS_ACCESS(Name))
#define FS_VERSION(Name, number) v.version(number, FS_ACCESS(Name))
// An alternative of a variant; `inner` is what travels of it, as an expression of `one`.
#define FS_CHOICE(Alternative, Name, inner)                 \
    v.template choice<Alternative>(                         \
        #Name, m, [](auto& one) -> auto& { return inner; }, \
        [](auto from) { return from.is##Name(); }, FS_ACCESS(Name))
#define FS_DESCRIBE(Struct)                           \
    template <>                                       \
    struct Described<Struct> {                        \
        static constexpr const char* kName = #Struct; \
        template <class V, class M>                   \
        static void walk(V& v, M& m);                 \
    };                                                \
    template <class V, class M>                       \
    void Described<Struct>::walk([[maybe_unused]] V& v, [[maybe_unused]] M& m)
#define FS_MESSAGE(Struct)                                     \
    namespace schema {                                         \
    struct Struct;                                             \
    }                                                          \
    template <>                                                \
    struct WireOf<Struct> {                                    \
        using Schema = schema::Struct;                         \
        static constexpr WireType kType = WireType::k##Struct; \
    };                                                         \
    FS_DESCRIBE(Struct)
