/*
 * A program that is told something on its standard input, and is otherwise left alone: started without a shell, in a
 * process group of its own, with default signals; reaped; killed when its time is over. Nothing here waits.
 */
#ifndef DUET_ENGINE_LIVE_ALERT_COMMAND_H
#define DUET_ENGINE_LIVE_ALERT_COMMAND_H

#include <stddef.h>
#include <sys/types.h>

#include <duet/status.h>

#define ALERT_WORDS_MAX 32

/** Program and arguments. */
struct alert_command {
    char *text; // owned; the words point into it
    char *words[ALERT_WORDS_MAX + 1]; // ends with NULL
    size_t count; // 0: no command
};

/** Words are parted by blanks; quotes, single or double, keep blanks in a word; nothing else is special. NULL or "": no
 * command. DUET_EINVAL. */
DUET_MUST_CHECK enum duet_status alert_command_parse(struct alert_command *command, const char *text);
void alert_command_finish(struct alert_command *command);

/** 0, or an errno. `size` must fit into a pipe. Its standard output goes to ours of errors. */
int alert_command_start(const struct alert_command *command, const char *input, size_t size, pid_t *pid);

/** Nothing on its standard input; `*output` becomes the end of its standard output to read from, which does not block.
 */
int alert_command_start_reading(const struct alert_command *command, int *output, pid_t *pid);

enum alert_command_state { ALERT_COMMAND_RUNNING, ALERT_COMMAND_DONE, ALERT_COMMAND_FAILED };
/** Reaps it where it has ended; `why` says how where it failed. */
enum alert_command_state alert_command_look(pid_t pid, char *why, size_t size);
/** It and what it has started. */
void alert_command_kill(pid_t pid);
/** We are going down: it has a moment to end, then it is killed. */
void alert_command_leave(pid_t pid);

#endif
