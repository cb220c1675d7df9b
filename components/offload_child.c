/*
 * What runs in the forked processes: the nursery, which forks workers for as long as its socket is open, and the
 * workers, which answer one question after another. Both leave by _exit(), so that nothing of the parent's is done
 * twice.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "components/offload_private.h"

bool duet_offload_write(int fd, const void *bytes, size_t size) {
    const char *at = bytes;
    while (size > 0) {
        ssize_t count = send(fd, at, size, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return false;
        }
        at += count;
        size -= (size_t)count;
    }
    return true;
}

bool duet_offload_read(int fd, void *bytes, size_t size) {
    char *at = bytes;
    while (size > 0) {
        ssize_t count = recv(fd, at, size, 0);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return false;
        }
        at += count;
        size -= (size_t)count;
    }
    return true;
}

/* ---- a worker ---- */

static bool answer(int fd, struct offload_frame frame, const void *bytes) {
    return duet_offload_write(fd, &frame, sizeof(frame)) && duet_offload_write(fd, bytes, (size_t)frame.size);
}

_Noreturn static void work(const struct offload_function *functions, uint32_t count, int fd) {
    unsigned char *in = duet_alloc(DUET_PROCESS_BYTES_MAX, 1), *out = duet_alloc(DUET_PROCESS_BYTES_MAX, 1);
    struct offload_frame frame;
    while (duet_offload_read(fd, &frame, sizeof(frame)) && frame.function < count &&
           frame.size <= DUET_PROCESS_BYTES_MAX && duet_offload_read(fd, in, (size_t)frame.size)) {
        size_t size = 0;
        (void)duet_error(DUET_OK, "%s", "");
        const struct offload_function *entry = &functions[frame.function];
        enum duet_status status =
            entry->function(entry->context, in, (size_t)frame.size, out, DUET_PROCESS_BYTES_MAX, &size);
        const void *bytes = out;
        if (status != DUET_OK || size > DUET_PROCESS_BYTES_MAX) {
            status = status < DUET_OK ? status : DUET_EINVAL;
            bytes = duet_error_text();
            size = strlen(duet_error_text());
        }
        frame.status = status;
        frame.size = size;
        if (!answer(fd, frame, bytes)) {
            break;
        }
    }
    _exit(0);
}

/* ---- the nursery ---- */

/** Nothing of the parent's stays open: neither its files nor the addresses it listens on. */
static void close_all_but(int kept) {
    int found[1024];
    size_t count;
    do { // closed apart from the walk, which must not change what it walks over
        count = 0;
        DIR *folder = opendir("/proc/self/fd");
        if (folder == NULL) {
            for (int fd = 3; fd < 1024; fd++) {
                if (fd != kept) {
                    close(fd);
                }
            }
            return;
        }
        const struct dirent *entry;
        while (count < sizeof(found) / sizeof(found[0]) && (entry = readdir(folder)) != NULL) {
            int64_t fd;
            if (duet_parse_int64(entry->d_name, &fd) && fd > 2 && fd != kept && fd != dirfd(folder)) {
                found[count++] = (int)fd;
            }
        }
        closedir(folder);
        for (size_t i = 0; i < count; i++) {
            close(found[i]);
        }
    } while (count > 0);
}

/** The parent decides when to end, and tells it by closing its socket; a crash is a crash, whatever the parent does
 * about its own. */
static void set_signals(void) {
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2};
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGCHLD};
    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
        signal(ignored[i], SIG_IGN);
    }
    for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++) {
        signal(fatal[i], SIG_DFL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/** A question and the descriptor that comes with it (-1: none). */
static bool receive(int fd, struct offload_birth *birth, int *passed) {
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } control;
    struct iovec part = {.iov_base = birth, .iov_len = sizeof(*birth)};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes)};
    ssize_t count;
    while ((count = recvmsg(fd, &message, 0)) < 0 && errno == EINTR) {
    }
    *passed = -1;
    const struct cmsghdr *header = count > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (header != NULL && header->cmsg_type == SCM_RIGHTS) {
        memcpy(passed, CMSG_DATA(header), sizeof(*passed));
    }
    return count == (ssize_t)sizeof(*birth);
}

static int bury(pid_t *children, int32_t pid) {
    int status = 0;
    for (size_t i = 0; i < DUET_PROCESSES_MAX; i++) {
        if (pid > 0 && children[i] == pid) {
            children[i] = 0;
            kill(pid, SIGKILL); // where it has ended already, its status is not touched
            while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
            }
        }
    }
    return status;
}

static pid_t bear(const struct offload_function *functions, uint32_t count, int nursery, int fd, pid_t *children) {
    for (size_t i = 0; i < DUET_PROCESSES_MAX; i++) {
        if (children[i] == 0) {
            pid_t pid = fork();
            if (pid == 0) {
                close(nursery);
                work(functions, count, fd);
            }
            children[i] = pid > 0 ? pid : 0;
            return pid >= 0 ? pid : -errno;
        }
    }
    return -EAGAIN;
}

_Noreturn void duet_offload_nurse(const struct offload_function *functions, uint32_t count, int fd) {
    pid_t children[DUET_PROCESSES_MAX] = {0};
    struct offload_birth birth;
    int passed;
    close_all_but(fd);
    set_signals();
    while (receive(fd, &birth, &passed)) {
        struct offload_born born = {.status = bury(children, birth.replaces)};
        if (passed >= 0) {
            born.pid = bear(functions, count, fd, passed, children);
            close(passed);
        }
        if (!duet_offload_write(fd, &born, sizeof(born))) {
            break;
        }
    }
    for (size_t i = 0; i < DUET_PROCESSES_MAX; i++) {
        (void)bury(children, children[i]);
    }
    _exit(0);
}
