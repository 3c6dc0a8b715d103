#pragma once
// What a program says when memory, address space or threads run out where nobody can go on: the
// exception of a library ends in words and exit code 1, not in a signal. What was acknowledged is
// durable, as after every other sudden end.
namespace foreshard {

// For this process, on all threads. `program` begins the line and must stay valid. Exceptions that
// only a bug can leave uncaught still abort.
void installLastWords(const char* program);

}  // namespace foreshard
