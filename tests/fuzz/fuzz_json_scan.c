/* Any bytes as JSON: jansson must accept the same texts, slices stay inside, and values read the same. */
#include <stdint.h>
#include <string.h>

#include <jansson.h>

#include "base/assert.h"
#include "net/json_scan.h"

#define COPY_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_scalar(const struct duet_json_slice *slice) {
    char text[COPY_MAX], longer[COPY_MAX * 2];
    int64_t integer, scaled;
    double real;
    bool copied = duet_json_copy(slice, text, sizeof(text));
    if (copied && duet_json_copy(slice, longer, sizeof(longer))) {
        DUET_ASSERT(strlen(text) < sizeof(text) && strncmp(text, longer, strlen(text)) == 0);
        DUET_ASSERT(strlen(longer) >= sizeof(text) || duet_json_is(slice, text));
    }
    if (duet_json_int64(slice, &integer)) {
        DUET_ASSERT(duet_json_real(slice, &real) && real == (double)integer);
        if (integer >= -1000000 && integer <= 1000000) {
            DUET_ASSERT(duet_json_scaled(slice, 3, &scaled) && scaled == integer * 1000);
        }
    }
}

/** Whether all of it is JSON. */
static bool walk(const char *text, size_t size, bool *too_deep) {
    struct duet_json_scan scan;
    bool good = duet_json_begin(&scan, text, size);
    while (good && duet_json_next(&scan)) {
        const struct duet_json_slice *slice = &scan.value;
        DUET_ASSERT(slice->text >= text && slice->text + slice->size <= text + size);
        check_scalar(slice);
        if (slice->kind == DUET_JSON_OBJECT || slice->kind == DUET_JSON_ARRAY) {
            DUET_ASSERT(walk(slice->text, slice->size, too_deep)); // it has been validated as a part already
        }
    }
    DUET_ASSERT(scan.at >= text && scan.at <= text + size);
    *too_deep = *too_deep || (scan.error != NULL && strcmp(scan.error, "more than 32 levels") == 0);
    return good && scan.error == NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    json_error_t error;
    bool too_deep = false;
    bool good = walk((const char *)bytes, size, &too_deep);
    json_t *other = json_loadb((const char *)bytes, size, 0, &error);
    enum json_error_code code = other == NULL ? json_error_code(&error) : json_error_unknown;
    // JSON that jansson has no room for, or we have not; and jansson lets a zero byte pass behind a number.
    bool beyond = too_deep || memchr(bytes, '\0', size) != NULL || code == json_error_numeric_overflow ||
                  code == json_error_null_character || code == json_error_null_byte_in_key;
    DUET_ASSERT(beyond || good == (other != NULL));
    json_decref(other);
    return 0;
}
