#include "engine/live/alert_command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

/** How long a command may go on when the daemon ends. */
#define LEAVE_STEPS 50
#define LEAVE_STEP_MS 20

extern char **environ;

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n';
}

enum duet_status alert_command_parse(struct alert_command *command, const char *text) {
    *command = (struct alert_command){0};
    if (text == NULL) {
        return DUET_OK;
    }
    command->text = duet_strdup(text);
    char *from = command->text, *to = command->text; // words are made in place, and never longer
    char quote = '\0';
    for (bool inside = false; *from != '\0'; from++) {
        if (quote == '\0' && is_blank(*from)) {
            if (inside) {
                *to++ = '\0';
            }
            inside = false;
            continue;
        }
        if (!inside) {
            if (command->count == ALERT_WORDS_MAX) {
                alert_command_finish(command);
                return duet_error(DUET_EINVAL, "alert_command: more than %d words", ALERT_WORDS_MAX);
            }
            command->words[command->count++] = to;
            inside = true;
        }
        if (quote != '\0' ? *from == quote : *from == '"' || *from == '\'') {
            quote = quote != '\0' ? '\0' : *from;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
    if (quote != '\0') {
        alert_command_finish(command);
        return duet_error(DUET_EINVAL, "alert_command: a quote is not closed: %s", text);
    }
    return DUET_OK;
}

void alert_command_finish(struct alert_command *command) {
    free(command->text);
    *command = (struct alert_command){0};
}

/** As the command is to find itself: standard input and output there, signals as in a fresh process. */
static int spawn(const struct alert_command *command, int input, int output, pid_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0) {
        return error;
    }
    error = posix_spawnattr_init(&attributes);
    if (error == 0) {
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &all);
        posix_spawnattr_setpgroup(&attributes, 0);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
        error = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
        if (error == 0) {
            error = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
        }
        if (error == 0) {
            error = posix_spawnp(pid, command->words[0], &actions, &attributes, command->words, environ);
        }
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

int alert_command_start(const struct alert_command *command, const char *input, size_t size, pid_t *pid) {
    int ends[2];
    if (pipe(ends) != 0) {
        return errno;
    }
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    // All of it is in the pipe before the command begins, so nobody has to wait for it to read.
    ssize_t written = write(ends[1], input, size);
    int error = written == (ssize_t)size ? spawn(command, ends[0], STDERR_FILENO, pid) : written < 0 ? errno : EMSGSIZE;
    close(ends[0]);
    close(ends[1]);
    return error;
}

int alert_command_start_reading(const struct alert_command *command, int *output, pid_t *pid) {
    int ends[2];
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing < 0) {
        return errno;
    }
    if (pipe(ends) != 0) {
        int error = errno;
        close(nothing);
        return error;
    }
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    int error = spawn(command, nothing, ends[1], pid);
    close(nothing);
    close(ends[1]);
    if (error != 0) {
        close(ends[0]);
        return error;
    }
    *output = ends[0];
    return 0;
}

enum alert_command_state alert_command_look(pid_t pid, char *why, size_t size) {
    int status;
    pid_t reaped = waitpid(pid, &status, WNOHANG);
    why[0] = '\0';
    if (reaped == 0 || (reaped < 0 && errno == EINTR)) {
        return ALERT_COMMAND_RUNNING;
    }
    if (reaped < 0) {
        snprintf(why, size, "it was reaped by somebody else");
        return ALERT_COMMAND_FAILED;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return ALERT_COMMAND_DONE;
    }
    snprintf(why, size, WIFEXITED(status) ? "exit code %d" : "ended by signal %d",
        WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    return ALERT_COMMAND_FAILED;
}

void alert_command_kill(pid_t pid) {
    if (kill(-pid, SIGKILL) != 0) {
        kill(pid, SIGKILL);
    }
}

void alert_command_leave(pid_t pid) {
    char why[64];
    for (int i = 0; i < LEAVE_STEPS; i++) {
        if (alert_command_look(pid, why, sizeof(why)) != ALERT_COMMAND_RUNNING) {
            return;
        }
        poll(NULL, 0, LEAVE_STEP_MS);
    }
    alert_command_kill(pid);
    waitpid(pid, NULL, 0);
}
