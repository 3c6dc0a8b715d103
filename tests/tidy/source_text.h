#pragma once
// A source file as the rules see it: its lines as written, and the same lines with comments,
// string contents and preprocessor definitions blanked, so that a brace or a word in a text does
// not count as code. It knows no rule.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace foreshard::tidy {

struct SourceFile {
    std::string path;                // from the root of the checkout, with '/'
    std::vector<std::string> lines;  // without line ends
    std::vector<std::string> code;   // as many as `lines`, each of the same length
};

struct Include {
    std::size_t line = 0;  // 1, 2, 3...
    bool angled = false;   // <...>, not "..."
    std::string target;
};

// One broken rule: "path:line: what is wrong".
struct Violation {
    std::string path;
    std::size_t line = 0;
    std::string message;
    std::string subject = {};  // the class, where the rule judges one
};

SourceFile makeSourceFile(std::string path, std::string_view text);
std::vector<Include> includesOf(const SourceFile& file);
// Does `word` stand in `text` with no letter, digit or '_' at its sides?
bool hasWord(std::string_view text, std::string_view word);
// "engine/env/real/x.cpp" -> "engine/env/real".
std::string folderOf(std::string_view path);
std::string fileNameOf(std::string_view path);
bool startsWith(std::string_view text, std::string_view prefix);
bool endsWith(std::string_view text, std::string_view suffix);
// A header or a translation unit of C++.
bool isCpp(std::string_view path);

}  // namespace foreshard::tidy
