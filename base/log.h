/*
 * Structured log lines: a stable kebab-case id, then key=value text. error: someone must act; warn: going on,
 * degraded; info: a few lines per run; debug: per event. Time comes from the given clock, so a backtest's log is
 * reproducible.
 */
#ifndef DUET_BASE_LOG_H
#define DUET_BASE_LOG_H

#include <stdint.h>

#include <duet/status.h>

#include "base/clock.h"

enum duet_log_severity { DUET_SEVERITY_ERROR = 0, DUET_SEVERITY_WARN, DUET_SEVERITY_INFO, DUET_SEVERITY_DEBUG };

/** A log. Zero-initialised and with a NULL sink it swallows everything but counts. */
struct duet_log {
    const struct duet_clock *clock; // borrowed; NULL: no time stamp
    enum duet_log_severity threshold;
    /** Gets one finished line without newline. */
    void (*sink)(void *argument, enum duet_log_severity severity, const char *line);
    void *argument;
    uint64_t counts[4]; // lines per severity, those below the threshold too
};

/** A sink that writes lines to standard error. */
void duet_log_to_stderr(void *argument, enum duet_log_severity severity, const char *line);
/** `log` may be NULL. */
void duet_log_write(struct duet_log *log, enum duet_log_severity severity, const char *id, const char *format, ...)
    DUET_PRINTF(4, 5);

#define duet_log_error(log, id, ...) duet_log_write((log), DUET_SEVERITY_ERROR, (id), __VA_ARGS__)
#define duet_log_warn(log, id, ...) duet_log_write((log), DUET_SEVERITY_WARN, (id), __VA_ARGS__)
#define duet_log_info(log, id, ...) duet_log_write((log), DUET_SEVERITY_INFO, (id), __VA_ARGS__)
#define duet_log_debug(log, id, ...) duet_log_write((log), DUET_SEVERITY_DEBUG, (id), __VA_ARGS__)

#endif
