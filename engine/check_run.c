#include "engine/check_run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "engine/host.h"

/** What comes through the pipe ahead of the decisions. */
struct head {
    int32_t status;
    char error[512];
    uint64_t bars, ticks, count;
    int64_t known_ns;
};

static bool write_all(int fd, const void *bytes, size_t size) {
    const char *at = bytes;
    while (size > 0) {
        ssize_t count = write(fd, at, size);
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

static bool read_all(int fd, void *bytes, size_t size) {
    char *at = bytes;
    while (size > 0) {
        ssize_t count = read(fd, at, size);
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

/** The child's part; leaves by _exit(), so that nothing of the parent's is done twice. */
_Noreturn static void run_here(
    const struct duet_config *config, const struct duet_backtest_options *options, int pipe_fd, int words_fd) {
    struct duet_config quiet = *config; // what it points to stays the caller's
    quiet.report = quiet.fills = quiet.orders = quiet.trades = quiet.equity = NULL;
    quiet.decisions = quiet.quiet = true;
    (void)dup2(words_fd, STDERR_FILENO);
    (void)dup2(words_fd, STDOUT_FILENO);
    duet_crash_guard_install();
    struct duet_backtest *backtest = NULL;
    enum duet_status status = duet_backtest_run(&quiet, options, &backtest);
    struct head head = {.status = (int32_t)status};
    const struct duet_decisions *decisions = NULL;
    if (status == DUET_OK) {
        const struct duet_result *result = duet_backtest_result(backtest);
        decisions = result->decisions;
        head.bars = result->bars;
        head.ticks = result->ticks;
        head.count = decisions->count;
        head.known_ns = duet_backtest_known_ns(backtest);
    } else {
        duet_text_copy(head.error, sizeof(head.error), duet_error_text());
    }
    bool written = write_all(pipe_fd, &head, sizeof(head)) &&
                   (head.count == 0 || write_all(pipe_fd, decisions->items, head.count * sizeof(*decisions->items)));
    _exit(written ? 0 : 1);
}

/** The line that the crash guard left. */
static void find_last_words(FILE *words, char *out, size_t size) {
    static const char begin[] = "duet: ";
    char line[512];
    rewind(words);
    while (fgets(line, sizeof(line), words) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, begin, strlen(begin)) == 0 && strstr(line, "crashed in") != NULL) {
            duet_text_copy(out, size, line + strlen(begin));
            return;
        }
    }
    duet_text_copy(out, size, "the process died");
}

static void take_outcome(int fd, struct duet_check_run *out) {
    struct head head;
    if (!read_all(fd, &head, sizeof(head))) {
        out->died = true;
        return;
    }
    head.error[sizeof(head.error) - 1] = '\0';
    out->status = (enum duet_status)head.status;
    out->bars = head.bars;
    out->ticks = head.ticks;
    out->known_ns = head.known_ns;
    if (out->status != DUET_OK) {
        out->status = duet_error(out->status, "%s", head.error);
        return;
    }
    out->decisions.items = duet_alloc((size_t)head.count + 1, sizeof(*out->decisions.items));
    out->decisions.count = out->decisions.capacity = (size_t)head.count;
    if (!read_all(fd, out->decisions.items, (size_t)head.count * sizeof(*out->decisions.items))) {
        out->died = true;
    }
}

enum duet_status duet_check_run(
    const struct duet_config *config, const struct duet_backtest_options *options, struct duet_check_run *out) {
    *out = (struct duet_check_run){.status = DUET_OK};
    int ends[2];
    FILE *words = tmpfile();
    if (words == NULL || pipe(ends) != 0) {
        if (words != NULL) {
            (void)fclose(words);
        }
        return duet_error(DUET_EIO, "check: no process could be made: %s", strerror(errno));
    }
    (void)fflush(NULL); // what is buffered is the parent's to write
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(ends[0]);
        run_here(config, options, ends[1], fileno(words));
    }
    (void)close(ends[1]);
    enum duet_status status =
        pid > 0 ? DUET_OK : duet_error(DUET_EIO, "check: no process could be made: %s", strerror(errno));
    if (status == DUET_OK) {
        take_outcome(ends[0], out);
        int code = 0;
        while (waitpid(pid, &code, 0) < 0 && errno == EINTR) {
        }
        out->died = out->died || !WIFEXITED(code) || WEXITSTATUS(code) != 0;
        if (out->died) {
            find_last_words(words, out->last_words, sizeof(out->last_words));
        }
    }
    (void)close(ends[0]);
    (void)fclose(words);
    return status;
}
