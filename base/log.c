#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/assert.h"
#include "base/time.h"

#define LOG_LINE_MAX 1024

static const char *const severity_names[] = {"error", "warn", "info", "debug"};

void duet_log_to_stderr(void *argument, enum duet_log_severity severity, const char *line) {
    (void)argument;
    (void)severity;
    fprintf(stderr, "%s\n", line);
}

void duet_log_write(struct duet_log *log, enum duet_log_severity severity, const char *id, const char *format, ...) {
    DUET_ASSERT(severity >= DUET_SEVERITY_ERROR && severity <= DUET_SEVERITY_DEBUG);
    if (log == NULL) {
        return;
    }
    log->counts[severity]++;
    if (log->sink == NULL || severity > log->threshold) {
        return;
    }
    char line[LOG_LINE_MAX];
    char stamp[DUET_TIME_TEXT_MAX] = "";
    if (log->clock != NULL) {
        duet_time_format_iso(duet_clock_now_ns(log->clock), stamp);
    }
    int used =
        snprintf(line, sizeof(line), "%s%s%s %s ", stamp, stamp[0] != '\0' ? " " : "", severity_names[severity], id);
    if (used > 0 && (size_t)used < sizeof(line)) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(line + used, sizeof(line) - (size_t)used, format, arguments);
        va_end(arguments);
    }
    // One event is one line, whatever a venue or a file put into a text.
    for (char *c = line; *c != '\0'; c++) {
        if (*c == '\n' || *c == '\r') {
            *c = ' ';
        }
    }
    log->sink(log->argument, severity, line);
}
