#include "data/series.h"

#include <assert.h>

#include "base/assert.h"

static const struct {
    const char *code, *text;
} warnings[] = {
#define DUET_DATA_WARNING_ROW(name, code, text) {code, text},
    DUET_DATA_WARNING_MAP(DUET_DATA_WARNING_ROW)
#undef DUET_DATA_WARNING_ROW
};
static_assert(sizeof(warnings) / sizeof(warnings[0]) == DUET_DATA_WARNING_COUNT, "one row per warning");

const char *duet_data_warning_code(enum duet_data_warning warning) {
    DUET_ASSERT((unsigned)warning < DUET_DATA_WARNING_COUNT);
    return warnings[warning].code;
}

const char *duet_data_warning_text(enum duet_data_warning warning) {
    DUET_ASSERT((unsigned)warning < DUET_DATA_WARNING_COUNT);
    return warnings[warning].text;
}
