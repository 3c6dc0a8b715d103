#pragma once
// Starts the threads that serve the doors: disk helpers and the network receiver.
#include <functional>
#include <string>
#include <thread>

namespace foreshard {

// Shown by ps and debuggers; the system keeps the first 15 bytes.
void nameThisThread(const std::string& name);

// A named thread that takes no signals: they go to the threads that expect them, no call of `body`
// is interrupted, and passing a file size limit is an error of write() instead of a signal that
// ends the process. std::system_error when there are too many. `body` must not start other
// programs, which would inherit that mask.
std::thread startHelperThread(const std::string& name, std::function<void()> body);

}  // namespace foreshard
