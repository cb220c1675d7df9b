/* Preloaded into a daemon: the wall clock stands an hour back from the moment on at which the file CLOCK_BACK appears.
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

__attribute__((visibility("default"))) int clock_gettime(clockid_t id, struct timespec *out);

int clock_gettime(clockid_t id, struct timespec *out) {
    long result = syscall(SYS_clock_gettime, id, out);
    const char *path = getenv("CLOCK_BACK");
    if (result == 0 && id == CLOCK_REALTIME && path != NULL && access(path, F_OK) == 0) {
        out->tv_sec -= 3600;
    }
    return (int)result;
}
