/*
 * `duet ctl`: speaks to a running daemon over its control interface and prints what it says, as tables for people or
 * as the daemon's own JSON.
 */
#ifndef DUET_ENGINE_LIVE_CTL_H
#define DUET_ENGINE_LIVE_CTL_H

#include <stdbool.h>
#include <stddef.h>

#include <duet/status.h>

struct duet_ctl_options {
    const char *url; // NULL: http://127.0.0.1:8000
    const char *token_file; // NULL: duet-session.db.token, the daemon's default, or the only *.token here
    const char *reason; // goes with a command into the journal; may be NULL
    bool json; // what the daemon said, as it stands
    bool yes; // no question before arm, flatten and stop
};

/** The exit code: 0 done, 1 refused or no answer, 2 usage, or no token. */
DUET_EXPORT int duet_command_ctl(
    const struct duet_ctl_options *options, const char *verb, const char *const *arguments, size_t count);
/** Name, argument ("" none) and help of a verb; false past the last. */
DUET_EXPORT bool duet_ctl_verb(size_t index, const char **name, const char **argument, const char **help);

#endif
