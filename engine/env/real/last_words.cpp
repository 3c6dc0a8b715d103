#include "engine/env/real/last_words.h"

#include <zmq.hpp>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <initializer_list>
#include <new>
#include <system_error>
#include <unistd.h>

namespace foreshard {
namespace {

const char* programName = "foreshard";  // set once, before other threads run

// No memory is asked for: there may be none.
[[noreturn]] void endWith(std::initializer_list<const char*> words)
{
    for (const char* word : words) {
        // Nothing can be done about a standard error that is gone.
        [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, word, std::strlen(word));
    }
    ::_exit(1);
}

[[noreturn]] void endForError(int code, const char* what)
{
    if (code != ENOMEM && code != EAGAIN) {
        endWith({programName, ": the system refused what the program needs: ", what,
                 ": a limit of the process, see `ulimit -a`: raise it and start again\n"});
    }
    endWith({programName, ": start a thread: ", what,
             ": out of memory or address space, or too many threads: the limits of the process "
             "(ulimit -v, ulimit -u) or the machine's memory: raise them and start again with the "
             "same arguments\n"});
}

void onTerminate()
{
    const std::exception_ptr thrown = std::current_exception();
    try {
        if (thrown) std::rethrow_exception(thrown);
    } catch (const std::bad_alloc&) {
        endWith({programName,
                 ": out of memory or address space: the limit of the process (ulimit -v) or the "
                 "machine's memory: raise it and start again with the same arguments\n"});
    } catch (const std::system_error& error) {
        endForError(error.code().value(), error.what());
    } catch (const zmq::error_t& error) {
        endForError(error.num(), error.what());
    } catch (const std::exception& error) {
        const char* what = error.what();
        for (const char* word : {programName, ": bug: an exception nobody caught: ", what, "\n"})
            [[maybe_unused]] const ssize_t written =
                ::write(STDERR_FILENO, word, std::strlen(word));
    } catch (...) {
    }
    std::abort();
}

}  // namespace

void installLastWords(const char* program)
{
    programName = program;
    std::set_terminate(onTerminate);
}

}  // namespace foreshard
