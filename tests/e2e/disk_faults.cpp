// A library to preload: makes the writes and syncs of a program fail or take their time, as a bad
// disk does. FORESHARD_DISK_FAULT says how, with `;` between several:
//   CALL:ERROR:N    the N-th CALL and every later one fail (EIO, ENOSPC)
//   CALL:sleep:MS   every CALL takes MS milliseconds longer
// CALL is fdatasync, fsync or pwrite. FORESHARD_DISK_FAULT_PATH limits it to files whose path holds
// that text. It calls the system directly, so that it needs no lookup of what it replaces.
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>
#include <vector>

namespace {

struct Fault {
    std::string call;
    int error = 0;  // 0: it only takes longer
    long number = 0;
    std::atomic<long> passed{0};

    Fault(std::string_view callName, int code, long amount)
        : call(callName), error(code), number(amount)
    {
    }
    Fault(Fault&& other) noexcept
        : call(std::move(other.call)), error(other.error), number(other.number)
    {
    }
};

std::vector<Fault> readFaults()
{
    std::vector<Fault> faults;
    const char* words = std::getenv("FORESHARD_DISK_FAULT");
    std::string_view rest = words == nullptr ? "" : words;
    while (!rest.empty()) {
        const std::string_view one = rest.substr(0, rest.find(';'));
        rest.remove_prefix(std::min(rest.size(), one.size() + 1));
        const std::size_t a = one.find(':');
        const std::size_t b = one.rfind(':');
        if (a == std::string_view::npos || a == b) std::abort();  // a test that is written wrong
        const std::string_view kind = one.substr(a + 1, b - a - 1);
        const int error = kind == "EIO" ? EIO : kind == "ENOSPC" ? ENOSPC : 0;
        faults.emplace_back(one.substr(0, a), error,
                            std::atol(std::string(one.substr(b + 1)).c_str()));
    }
    return faults;
}

bool concerns(int fd)
{
    static const char* const wanted = std::getenv("FORESHARD_DISK_FAULT_PATH");
    if (wanted == nullptr) return true;
    char path[4096];
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    const ssize_t size = ::readlink(link.c_str(), path, sizeof path);
    return size > 0
           && std::string_view(path, static_cast<std::size_t>(size)).find(wanted)
                  != std::string_view::npos;
}

// The error to give, or 0 to go on.
int faultOf(const char* call, int fd)
{
    static std::vector<Fault> faults = readFaults();
    for (Fault& fault : faults) {
        if (fault.call != call || !concerns(fd)) continue;
        if (fault.error == 0) {
            const timespec length{fault.number / 1000, fault.number % 1000 * 1'000'000};
            ::nanosleep(&length, nullptr);
        } else if (fault.passed.fetch_add(1) + 1 >= fault.number) {
            return fault.error;
        }
    }
    return 0;
}

int finish(const char* call, int fd, long number)
{
    if (const int error = faultOf(call, fd); error != 0) {
        errno = error;
        return -1;
    }
    return static_cast<int>(::syscall(number, fd));
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) int fdatasync(int fd)
{
    return finish("fdatasync", fd, SYS_fdatasync);
}

__attribute__((visibility("default"))) int fsync(int fd) { return finish("fsync", fd, SYS_fsync); }

__attribute__((visibility("default"))) ssize_t pwrite(int fd, const void* data, size_t size,
                                                      off_t position)
{
    if (const int error = faultOf("pwrite", fd); error != 0) {
        errno = error;
        return -1;
    }
    return ::syscall(SYS_pwrite64, fd, data, size, position);
}

}  // extern "C"
