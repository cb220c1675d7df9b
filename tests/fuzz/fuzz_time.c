/* Any text as a time: refused with a reason, or printed so that it reads back as the same instant. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    char *text = duet_alloc(size + 1, 1);
    if (size > 0) {
        memcpy(text, bytes, size);
    }
    int64_t ns, again;
    bool is_date;
    if (duet_time_parse(text, &ns, &is_date) == DUET_OK) {
        char out[DUET_TIME_TEXT_MAX];
        enum duet_status status = duet_time_parse(duet_time_format_iso(ns, out), &again, &is_date);
        // The parts of a day at both ends of the range exist as instants, and not as something to type.
        DUET_ASSERT(status == DUET_OK || ns < -INT64_C(9223286400000000000) || ns > INT64_C(9223286400000000000));
        DUET_ASSERT(status != DUET_OK || again == ns);
    } else {
        DUET_ASSERT(duet_error_text()[0] != '\0');
    }
    free(text);
    return 0;
}
