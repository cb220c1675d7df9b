#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char error_text[DUET_ERROR_TEXT_MAX];

// Formatted beside the text first, since an argument may be the text itself.
static void error_set(const char *line) {
    size_t i = 0;
    for (; line[i] != '\0' && i < sizeof(error_text) - 1; i++) {
        error_text[i] = line[i] == '\n' || line[i] == '\r' ? ' ' : line[i];
    }
    error_text[i] = '\0';
}

enum duet_status duet_error(enum duet_status status, const char *format, ...) {
    char line[DUET_ERROR_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    error_set(line);
    return status;
}

const char *duet_error_text(void) {
    return error_text;
}

enum duet_status duet_error_prefix(enum duet_status status, const char *format, ...) {
    char line[2 * DUET_ERROR_TEXT_MAX + 2];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, DUET_ERROR_TEXT_MAX, format, arguments);
    va_end(arguments);
    size_t used = strlen(line);
    snprintf(line + used, sizeof(line) - used, ": %s", error_text);
    error_set(line);
    return status;
}
