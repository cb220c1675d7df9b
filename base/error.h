/*
 * The line that says why. The layer that knows sets it, layers above hand the status on untouched,
 * the program prints it once. One text per thread; no globals beyond that.
 */
#ifndef DUET_BASE_ERROR_H
#define DUET_BASE_ERROR_H

#include <duet/status.h>

#define DUET_ERROR_TEXT_MAX 512

/** Set the line and return `status`: `return duet_error(DUET_EDATA, "%s:%zu: …", path, line);` */
enum duet_status duet_error(enum duet_status status, const char *format, ...) DUET_PRINTF(2, 3);
/** The last line set on this thread; "" before any. */
const char *duet_error_text(void);
/** Put `context` and ": " in front of the line; at most one layer does so. Returns `status`. */
enum duet_status duet_error_prefix(enum duet_status status, const char *format, ...) DUET_PRINTF(2, 3);

#endif
