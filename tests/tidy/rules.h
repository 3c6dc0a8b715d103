#pragma once
// The rules of STYLE.md and ARCHITECTURE.md section 6 that a machine can check. Each function reads
// the files it is given and adds what it finds to `found`; none reads a disk.
#include "tests/tidy/source_text.h"

#include <string>
#include <vector>

namespace foreshard::tidy {

using Files = std::vector<SourceFile>;
using Found = std::vector<Violation>;

// dependency_rules.cpp: who may include whom.
// Folders of engine/ and ui/ see only those that the tables of dependency_rules.cpp give them.
void checkFolderDirections(const Files& files, Found& found);
// The same for the fs_engine_* and fs_ui_* names in their CMakeLists.txt.
void checkDeclaredDependencies(const Files& files, Found& found);
// Qt stays out of the engine; LibTorch, ZeroMQ, Cap'n Proto, threads and files have one home each.
void checkLibraryHomes(const Files& files, Found& found);
// The console sees engine/model, engine/base, ui/, Qt and the standard library.
void checkConsoleIncludes(const Files& files, Found& found);
// Cores and pure folders: no doors to the outside, no clock.
void checkPurity(const Files& files, Found& found);
// Includes are written from the root.
void checkIncludeSpelling(const Files& files, Found& found);

// size_rules.cpp: header 300 lines, file 600, function body 70, line 100 columns.
void checkFileLengths(const Files& files, Found& found);
void checkLineWidths(const Files& files, Found& found);
void checkFunctionLengths(const Files& files, Found& found);

// class_rules.cpp: a class of the product over all its files has at most 25 methods (public and
// private; trivial getters and what is defaulted or deleted do not count), 20 data members (a
// record without methods is free) and 500 lines.
void checkClassSizes(const Files& files, Found& found);

// text_rules.cpp
void checkBannedWords(const Files& files, Found& found);
// Words that were given up for those of the field; the glossary is in ARCHITECTURE.md.
void checkOldWords(const Files& files, Found& found);
// <random>'s distributions give other numbers on other libraries.
void checkDistributions(const Files& files, Found& found);
// Loops over unordered containers in the engine: their order is nobody's promise.
void checkUnorderedLoops(const Files& files, Found& found);
void checkPragmaOnce(const Files& files, Found& found);
// Every .cpp stands in the CMakeLists.txt of its folder or of one above.
void checkListedInCMake(const Files& files, Found& found);

}  // namespace foreshard::tidy
