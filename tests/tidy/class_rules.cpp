// How large a class is over all its files: its declaration and every member that is defined outside
// of it. The file rule alone lets a class of eighty methods pass that fills eight files.
#include "tests/tidy/rules.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <string_view>

namespace foreshard::tidy {
namespace {

constexpr std::size_t kMethodsMax = 25;
constexpr std::size_t kMembersMax = 20;
constexpr std::size_t kLinesMax = 500;

constexpr std::size_t kNowhere = std::string::npos;

bool isNameCharacter(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}
bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\n'; }

std::string trimmed(std::string_view text)
{
    while (!text.empty() && isSpace(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back()))
        text.remove_suffix(1);
    return std::string(text);
}

// The place behind the bracket that closes the one at `open`.
std::size_t behindBracket(std::string_view text, std::size_t open)
{
    const char opens = text[open];
    const char closes = opens == '(' ? ')' : opens == '{' ? '}' : opens == '[' ? ']' : '>';
    std::size_t depth = 0;
    for (std::size_t at = open; at < text.size(); ++at) {
        if (text[at] == opens) ++depth;
        if (text[at] == closes && --depth == 0) return at + 1;
    }
    return text.size();
}

std::string firstWord(std::string_view text)
{
    const std::string clean = trimmed(text);
    std::size_t end = 0;
    while (end < clean.size() && isNameCharacter(clean[end]))
        ++end;
    return clean.substr(0, end);
}

bool isOneOf(std::string_view word, std::initializer_list<std::string_view> words)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

// Takes Q_OBJECT, Q_PROPERTY(...), alignas(...) and attributes away: what stays is a declaration.
std::string withoutMacros(std::string text)
{
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text.compare(at, 2, "[[") == 0) {
            text.replace(at, behindBracket(text, at) - at, " ");
            continue;
        }
        if (!isNameCharacter(text[at])) continue;
        std::size_t end = at;
        while (end < text.size() && isNameCharacter(text[end]))
            ++end;
        const std::string word = text.substr(at, end - at);
        const bool isMacro = word == "alignas" || startsWith(word, "Q_") || startsWith(word, "FS_");
        if (!isMacro) {
            at = end - 1;
            continue;
        }
        const std::size_t next = std::min(text.find_first_not_of(" \t\n", end), text.size());
        const bool called = next < text.size() && text[next] == '(';
        text.replace(at, (called ? behindBracket(text, next) : end) - at, " ");
    }
    return trimmed(text);
}

// `template <class T> class A` -> `class A`.
std::string withoutTemplate(std::string text)
{
    while (firstWord(text) == "template") {
        const std::size_t open = text.find('<');
        if (open == kNowhere) return text;
        text = trimmed(std::string_view(text).substr(behindBracket(text, open)));
    }
    return text;
}

// Where the marks of a declaration stand that are in no bracket of its own.
struct Marks {
    std::size_t call = kNowhere;    // the '(' of the parameters
    std::size_t behind = kNowhere;  // behind their ')'
    std::size_t equals = kNowhere;  // of an initializer, of `= default`
    std::size_t colon = kNowhere;   // of a constructor's initializers, of a bit field
    std::size_t commas = 0;         // before any of them
};

Marks marksOf(std::string_view head)
{
    Marks marks;
    for (std::size_t at = 0; at < head.size(); ++at) {
        const char c = head[at];
        const bool twice = (at > 0 && head[at - 1] == ':') || head.substr(at + 1, 1) == ":";
        if (c == 'o' && hasWord(head.substr(at, 9), "operator")
            && (at == 0 || !isNameCharacter(head[at - 1]))) {
            at = head.find('(', head.substr(at + 8, 1) == "(" ? at + 9 : at + 8) - 1;
        } else if (c == '<') {
            at = behindBracket(head, at) - 1;
        } else if (c == '(') {
            if (marks.call == kNowhere) marks.call = at;
            at = behindBracket(head, at) - 1;
            if (marks.behind == kNowhere) marks.behind = at + 1;
        } else if (c == '=') {
            marks.equals = at;
            return marks;
        } else if (c == ':' && !twice) {
            marks.colon = at;
            if (marks.call != kNowhere) return marks;
        } else if (c == ',') {
            ++marks.commas;
        }
    }
    return marks;
}

// Does the '{' behind `head` open what a scope is made of, not an initializer?
bool opensBody(std::string_view head)
{
    const std::string first = firstWord(withoutTemplate(std::string(head)));
    const Marks marks = marksOf(head);
    if (isOneOf(first, {"namespace", "inline", "extern"}) && marks.call == kNowhere
        && marks.equals == kNowhere && (first != "inline" || hasWord(head, "namespace")))
        return true;
    if (isOneOf(first, {"class", "struct", "union"}) && marks.call == kNowhere) return true;
    if (marks.call == kNowhere || marks.equals < marks.call) return false;
    if (marks.colon == kNowhere || marks.colon < marks.call) return true;
    return head.back() == ')' || head.back() == '}';  // `A() : a_{1} {`
}

struct ClassSize {
    std::string path;
    std::size_t line = 0;
    std::size_t methods = 0;
    std::size_t members = 0;
    std::size_t lines = 0;
};
// By scope and name; what stands in an unnamed namespace has its file as a scope.
using Classes = std::map<std::string, ClassSize>;

// Reads declarations one after the other. It goes over each file twice: first for the classes, then
// for the members that are defined outside of theirs.
class ClassReader {
public:
    ClassReader(const SourceFile& file, Classes& classes, bool declarations)
        : file_(file), classes_(classes), declarations_(declarations)
    {
        for (const std::string& line : file.code) {
            starts_.push_back(text_.size());
            text_ += startsWith(trimmed(line), "#") ? std::string(line.size(), ' ') : line;
            text_ += '\n';
        }
    }

    void run() { readNamespace(""); }

private:
    struct Statement {
        std::string head;
        std::size_t begin = 0;
        bool body = false;   // a '{' ended it: at_ is behind that
        bool ended = false;  // the scope ended
    };

    std::size_t lineAt(std::size_t place) const
    {
        const auto next = std::upper_bound(starts_.begin(), starts_.end(), place);
        return static_cast<std::size_t>(next - starts_.begin());
    }

    Statement next()
    {
        Statement statement;
        std::string head;
        statement.begin = kNowhere;
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (statement.begin == kNowhere && isSpace(c)) continue;
            if (statement.begin == kNowhere) statement.begin = at_;
            if (c == ';' || c == '}') {
                ++at_;
                statement.head = withoutMacros(head);
                statement.ended = c == '}';
                return statement;
            }
            if (c == '{' && opensBody(withoutMacros(head))) {
                ++at_;
                statement.head = withoutMacros(head);
                statement.body = true;
                return statement;
            }
            if (c == ':' && isLabel(head)) {
                head.clear();
                statement.begin = kNowhere;
                continue;
            }
            if (c == '{' || c == '(') {
                const std::size_t end = behindBracket(text_, at_);
                head += c == '{' ? "{}" : text_.substr(at_, end - at_);
                at_ = end - 1;
                continue;
            }
            head += c;
        }
        statement.ended = true;
        return statement;
    }
    static bool isLabel(const std::string& head)
    {
        const std::string clean = withoutMacros(head);
        return !trimmed(head).empty() && isOneOf(clean, {"", "public", "protected", "private"});
    }

    void readNamespace(const std::string& scope)
    {
        while (true) {
            const Statement statement = next();
            if (statement.ended) return;
            if (!statement.body) continue;
            const std::string head = withoutTemplate(statement.head);
            const std::string first = firstWord(head);
            const bool isCall = marksOf(head).call != kNowhere;
            if (hasWord(head, "namespace") && !isCall)
                readNamespace(scope + nameOfNamespace(head));
            else if (first == "extern" && !isCall)
                readNamespace(scope);
            else if (isOneOf(first, {"class", "struct", "union"}) && !isCall)
                readClass(scope + nameOfClass(head), statement);
            else
                readMemberOutside(scope, statement);
        }
    }
    std::string nameOfNamespace(const std::string& head) const
    {
        const std::string name = trimmed(head.substr(head.find("namespace") + 9));
        return (name.empty() ? file_.path : name) + "::";
    }
    // `class A final : public B` -> A.
    static std::string nameOfClass(const std::string& head)
    {
        const std::size_t from = firstWord(head).size();
        std::string name = head.substr(from, marksOf(head).colon - from);
        const std::size_t final = name.find(" final");
        return trimmed(name.substr(0, final));
    }

    void readClass(const std::string& name, const Statement& statement)
    {
        ClassSize size{.path = file_.path, .line = lineAt(statement.begin)};
        while (true) {
            const Statement member = next();
            if (member.ended) break;
            readMember(name, member, size);
        }
        size.lines = lineAt(at_ - 1) - size.line + 1;
        if (declarations_) classes_[name] = size;
    }
    void readMember(const std::string& name, const Statement& member, ClassSize& size)
    {
        const std::string head = withoutTemplate(member.head);
        const std::string first = firstWord(head);
        const Marks marks = marksOf(head);
        const bool isFunction = marks.call != kNowhere;
        if (isOneOf(first, {"class", "struct", "union"}) && !isFunction) {
            if (member.body) readClass(name + "::" + nameOfClass(head), member);
            return;
        }
        const bool isGetter = member.body && isTrivialGetter(head, marks);
        if (member.body) skipBody();
        if (head.empty() || isOneOf(first, {"friend", "using", "typedef", "static_assert", "enum"}))
            return;
        const bool isGiven =
            marks.equals != kNowhere
            && isOneOf(trimmed(head.substr(marks.equals + 1)), {"default", "delete"});
        if (isFunction)
            size.methods += isGetter || isGiven ? 0U : 1U;
        else if (!hasWord(head, "static"))
            size.members += 1 + marks.commas;
    }
    // `int a() const { return a_; }` on one line. at_ is behind the '{'.
    bool isTrivialGetter(const std::string& head, const Marks& marks) const
    {
        const std::size_t end = behindBracket(text_, at_ - 1);
        const std::string body = trimmed(text_.substr(at_, end - at_ - 1));
        return hasWord(std::string_view(head).substr(marks.behind), "const")
               && lineAt(at_ - 1) == lineAt(end - 1) && startsWith(body, "return")
               && std::count(body.begin(), body.end(), ';') == 1;
    }
    void skipBody() { at_ = behindBracket(text_, at_ - 1); }

    void readMemberOutside(const std::string& scope, const Statement& statement)
    {
        const std::string owner = ownerOf(withoutTemplate(statement.head));
        skipBody();
        if (declarations_ || owner.empty()) return;
        for (const std::string& name : {scope + owner, scope + file_.path + "::" + owner}) {
            const auto found = classes_.find(name);
            if (found == classes_.end()) continue;
            found->second.lines += lineAt(at_ - 1) - lineAt(statement.begin) + 1;
            return;
        }
    }
    // `Nanos A<T>::B::f(int)` -> A::B; "" for a function of no class.
    static std::string ownerOf(const std::string& head)
    {
        std::string before = head.substr(0, marksOf(head).call);
        if (const std::size_t at = before.find("operator");
            at != kNowhere && hasWord(before, "operator"))
            before.resize(at + 8);
        std::string plain;  // without template arguments
        for (std::size_t at = 0; at < before.size(); ++at) {
            if (before[at] == '<')
                at = behindBracket(before, at) - 1;
            else
                plain += before[at];
        }
        std::size_t begin = plain.size();
        while (begin > 0
               && (isNameCharacter(plain[begin - 1]) || plain[begin - 1] == ':'
                   || plain[begin - 1] == '~'))
            --begin;
        const std::string name = plain.substr(begin);
        const std::size_t last = name.rfind("::");
        return last == kNowhere ? std::string{} : name.substr(0, last);
    }

    const SourceFile& file_;
    Classes& classes_;
    bool declarations_;
    std::string text_;
    std::vector<std::size_t> starts_;  // of each line in text_
    std::size_t at_ = 0;
};

bool isProduct(std::string_view path)
{
    return isCpp(path)
           && (startsWith(path, "engine/") || startsWith(path, "app/") || startsWith(path, "ui/"));
}

}  // namespace

void checkClassSizes(const Files& files, Found& found)
{
    Classes classes;
    for (const bool declarations : {true, false}) {
        for (const auto& file : files) {
            if (isProduct(file.path)) ClassReader(file, classes, declarations).run();
        }
    }
    for (const auto& [name, size] : classes) {
        const std::size_t scope = name.rfind("::");
        const std::string plain = scope == kNowhere ? name : name.substr(scope + 2);
        const auto report = [&, &at = size](std::size_t is, std::size_t most, const char* what) {
            if (is > most)
                found.push_back({at.path, at.line,
                                 plain + ": " + std::to_string(is) + " " + what + "; at most "
                                     + std::to_string(most),
                                 plain});
        };
        report(size.methods, kMethodsMax, "methods");
        // A record without a method has nothing that could touch its fields.
        if (size.methods > 0) report(size.members, kMembersMax, "members");
        report(size.lines, kLinesMax, "lines");
    }
}

}  // namespace foreshard::tidy
