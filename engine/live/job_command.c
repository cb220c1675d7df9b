#include "engine/live/job_command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

/** Bytes that one look reads at most, so that a talkative program does not hold up the loop. */
#define READ_MAX 65536

struct job_command {
    struct alert_command words;
    struct duet_log *log;
    char *job;
    pid_t pid; // 0: reaped
    int output; // -1: closed
    char line[JOB_COMMAND_LINE_MAX + 1];
    size_t length;
    unsigned lines, dropped;
};

enum duet_status job_command_start(const char *text, const char *job, struct duet_log *log, struct job_command **out) {
    struct job_command *command = duet_alloc(1, sizeof(*command));
    command->log = log;
    command->job = duet_strdup(job);
    command->output = -1;
    enum duet_status status = alert_command_parse(&command->words, text);
    if (status == DUET_OK && command->words.count == 0) {
        status = duet_error(DUET_EINVAL, "it names no program");
    }
    if (status == DUET_OK) {
        int error = alert_command_start_reading(&command->words, &command->output, &command->pid);
        if (error != 0) {
            status = duet_error(DUET_EIO, "%s: %s", command->words.words[0], strerror(error));
        }
    }
    if (status != DUET_OK) {
        job_command_destroy(command);
        return status;
    }
    *out = command;
    return DUET_OK;
}

static void tell_line(struct job_command *command) {
    command->line[command->length] = '\0';
    command->length = 0;
    if (command->line[0] == '\0') {
        return;
    }
    if (command->lines == JOB_COMMAND_LINES_MAX) {
        command->dropped++;
        return;
    }
    command->lines++;
    duet_log_info(command->log, "job-output", "job=%s line=\"%s\"", command->job, command->line);
}

/** What would break a line of the log, or end its quotes, is made harmless. */
static char harmless(char c) {
    return (unsigned char)c < ' ' || c == 127 ? ' ' : c == '"' ? '\'' : c;
}

/** Whether there may be more. */
static bool read_some(struct job_command *command) {
    char bytes[4096];
    ssize_t count = read(command->output, bytes, sizeof(bytes));
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
        return false;
    }
    if (count <= 0) {
        close(command->output);
        command->output = -1;
        return false;
    }
    for (ssize_t i = 0; i < count; i++) {
        if (bytes[i] == '\n') {
            tell_line(command);
            continue;
        }
        if (command->length == JOB_COMMAND_LINE_MAX) {
            tell_line(command);
        }
        command->line[command->length++] = harmless(bytes[i]);
    }
    return true;
}

static void read_output(struct job_command *command) {
    for (size_t read_bytes = 0; command->output >= 0 && read_bytes < READ_MAX; read_bytes += 4096) {
        if (!read_some(command)) {
            break;
        }
    }
}

enum alert_command_state job_command_look(struct job_command *command, char *why, size_t size) {
    read_output(command);
    char how[128];
    enum alert_command_state state = alert_command_look(command->pid, how, sizeof(how));
    if (state == ALERT_COMMAND_RUNNING) {
        return state;
    }
    snprintf(why, size, "%s: %s", command->words.words[0], how);
    command->pid = 0;
    // What it said last; others that it left behind may hold the pipe open, and are not waited for.
    read_output(command);
    tell_line(command);
    if (command->dropped > 0) {
        duet_log_warn(command->log, "job-output-dropped", "job=%s lines=%u", command->job, command->dropped);
    }
    return state;
}

void job_command_destroy(struct job_command *command) {
    if (command == NULL) {
        return;
    }
    if (command->pid > 0) {
        alert_command_kill(command->pid);
        while (waitpid(command->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    if (command->output >= 0) {
        close(command->output);
    }
    alert_command_finish(&command->words);
    free(command->job);
    free(command);
}
