/*
 * The pool's side of the processes. Each has a thread that hands it one question at a time and waits; so the loop
 * never touches their sockets, and to end a question is to kill its process.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "components/offload_private.h"

/* ---- the nursery ---- */

enum duet_status duet_offload_nursery_up(struct duet_offload *offload) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return duet_error(DUET_EIO, "offload: no socket for the processes: %s", strerror(errno));
    }
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        duet_offload_nurse(offload->functions, offload->function_count, ends[1]);
    }
    int failed = errno;
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return duet_error(DUET_EIO, "offload: no process can be made: %s", strerror(failed));
    }
    offload->nursery.fd = ends[0];
    offload->nursery.pid = pid;
    return DUET_OK;
}

void duet_offload_nursery_down(struct duet_offload *offload) {
    struct offload_nursery *nursery = &offload->nursery;
    if (nursery->fd < 0) {
        return;
    }
    pthread_mutex_lock(&nursery->lock);
    close(nursery->fd);
    nursery->fd = -1;
    pthread_mutex_unlock(&nursery->lock);
    while (waitpid(nursery->pid, NULL, 0) < 0 && errno == EINTR) {
    }
}

/** One question to the nursery, `passed` with it (-1: none). */
static bool ask(
    struct offload_nursery *nursery, const struct offload_birth *birth, int passed, struct offload_born *born) {
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } control = {{0}};
    struct offload_birth question = *birth;
    struct iovec part = {.iov_base = &question, .iov_len = sizeof(question)};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (passed >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof(control.bytes);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &passed, sizeof(int));
    }
    pthread_mutex_lock(&nursery->lock);
    bool good = nursery->fd >= 0 && sendmsg(nursery->fd, &message, MSG_NOSIGNAL) == (ssize_t)sizeof(question) &&
                duet_offload_read(nursery->fd, born, sizeof(*born));
    pthread_mutex_unlock(&nursery->lock);
    return good;
}

/* ---- one worker's process ---- */

/** Forget a process that was at hand; returns its number. */
static pid_t let_go(struct offload_worker *worker) {
    struct duet_offload *offload = worker->lane->offload;
    pthread_mutex_lock(&offload->lock);
    pid_t pid = worker->pid;
    worker->pid = 0; // nobody kills it any more: once buried, its number may be another's
    pthread_mutex_unlock(&offload->lock);
    if (worker->fd >= 0) {
        close(worker->fd);
        worker->fd = -1;
    }
    return pid;
}

void duet_offload_process_end(struct offload_worker *worker) {
    if (worker->fd >= 0) {
        const struct offload_birth birth = {.replaces = let_go(worker)};
        struct offload_born born;
        (void)ask(&worker->lane->offload->nursery, &birth, -1, &born);
    }
}

/** A new process for the worker, after `replaces` has been buried; `*status` is how that one ended. */
static enum duet_status bear(struct offload_worker *worker, pid_t replaces, int *status) {
    struct duet_offload *offload = worker->lane->offload;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return duet_error(DUET_EIO, "offload: no socket for a process: %s", strerror(errno));
    }
    const struct offload_birth birth = {.replaces = replaces};
    struct offload_born born = {0};
    bool answered = ask(&offload->nursery, &birth, ends[1], &born);
    close(ends[1]);
    *status = born.status;
    if (!answered || born.pid <= 0) {
        close(ends[0]);
        return answered ? duet_error(DUET_EIO, "offload: no process can be made: %s", strerror(-born.pid))
                        : duet_error(DUET_EIO, "offload: the process that makes processes has ended");
    }
    worker->fd = ends[0];
    pthread_mutex_lock(&offload->lock);
    worker->pid = born.pid;
    offload->process_restarts += replaces > 0;
    pthread_mutex_unlock(&offload->lock);
    return DUET_OK;
}

enum duet_status duet_offload_process_ready(struct offload_worker *worker) {
    int status;
    return worker->fd >= 0 ? DUET_OK : bear(worker, 0, &status);
}

/** Wait for the answer to begin. DUET_ETIMEOUT: not before the deadline. */
static enum duet_status wait_for_answer(const struct offload_worker *worker, const struct offload_job *job) {
    for (;;) {
        int64_t left_ns = job->deadline_ns == INT64_MAX ? INT64_MAX : job->deadline_ns - duet_monotonic_ns();
        if (left_ns <= 0) {
            return DUET_ETIMEOUT;
        }
        int64_t left_ms = left_ns / 1000000 + 1;
        struct pollfd item = {.fd = worker->fd, .events = POLLIN};
        int count = poll(&item, 1, left_ms < 60000 ? (int)left_ms : 60000);
        if (count > 0) {
            return DUET_OK;
        }
        if (count < 0 && errno != EINTR) {
            return DUET_EIO;
        }
    }
}

static bool read_answer(const struct offload_worker *worker, struct offload_job *job, struct offload_frame *frame) {
    struct offload_process_call *call = &job->call;
    if (!duet_offload_read(worker->fd, frame, sizeof(*frame)) || frame->size > DUET_PROCESS_BYTES_MAX) {
        return false;
    }
    free(call->bytes);
    call->bytes = duet_alloc((size_t)frame->size + 1, 1);
    call->out_size = (size_t)frame->size;
    return duet_offload_read(worker->fd, call->bytes, call->out_size);
}

/** The process is of no use any more; a new one stands in for the next question. */
static enum duet_status replace(struct offload_worker *worker, enum duet_status why, const char *name) {
    int ended = 0;
    enum duet_status status = bear(worker, let_go(worker), &ended);
    if (why == DUET_ETIMEOUT || status != DUET_OK) {
        return why == DUET_ETIMEOUT ? why : status;
    }
    if (WIFSIGNALED(ended)) {
        return duet_error(DUET_EIO, "%s: its process died of signal %d", name, WTERMSIG(ended));
    }
    return duet_error(DUET_EIO, "%s: its process ended with exit code %d", name, WEXITSTATUS(ended));
}

enum duet_status duet_offload_process_run(struct offload_worker *worker, struct offload_job *job) {
    enum duet_status status = duet_offload_process_ready(worker);
    if (status != DUET_OK) {
        return status;
    }
    if (duet_offload_is_cancelled(&job->cancelled)) { // from here on there is something to kill
        return duet_error(DUET_ESTATE, "cancelled");
    }
    struct offload_frame frame = {.function = job->call.function, .size = job->call.in_size};
    bool asked = duet_offload_write(worker->fd, &frame, sizeof(frame)) &&
                 duet_offload_write(worker->fd, job->call.bytes, job->call.in_size);
    status = asked ? wait_for_answer(worker, job) : DUET_EIO;
    if (status != DUET_OK || !read_answer(worker, job, &frame)) {
        return replace(worker, status == DUET_ETIMEOUT ? status : DUET_EIO, job->request.name);
    }
    if (frame.status != DUET_OK) {
        return duet_error((enum duet_status)frame.status, "%s", (const char *)job->call.bytes);
    }
    return DUET_OK;
}
