/* Any bytes as a number: refused, or read so that printing and reading again gives the same. First byte: decimals. */
#include <stdint.h>
#include <string.h>

#include "base/assert.h"
#include "base/money.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_decimal(const char *text, size_t length, unsigned decimals) {
    int64_t value, again;
    if (duet_decimal_parse(text, length, decimals, &value) != DUET_OK) {
        return;
    }
    char out[DUET_DECIMAL_TEXT_MAX];
    duet_decimal_format(value, decimals, out);
    enum duet_status status = duet_decimal_parse(out, strlen(out), decimals, &again);
    DUET_ASSERT(status == DUET_OK);
    DUET_ASSERT(again == value);
    if (value >= -(INT64_C(1) << 53) && value <= INT64_C(1) << 53) {
        double number = 0;
        DUET_ASSERT(duet_parse_double(out, &number));
        DUET_ASSERT(number == duet_unscale(value, decimals));
    }
}

static void check_money(const char *text, size_t length, unsigned places) {
    duet_money money, again;
    if (duet_money_parse(text, length, &money) != DUET_OK) {
        return;
    }
    char out[DUET_DECIMAL_TEXT_MAX];
    duet_money_format(money, places, out);
    enum duet_status status = duet_money_parse(out, strlen(out), &again);
    DUET_ASSERT(status == DUET_OK);
    DUET_ASSERT(again == money);
    duet_money_format_grouped(money, places, out);
    DUET_ASSERT(strlen(out) < DUET_DECIMAL_TEXT_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size > 0) {
        check_decimal((const char *)bytes + 1, size - 1, bytes[0] % 19);
        check_money((const char *)bytes + 1, size - 1, bytes[0] % 13);
    }
    return 0;
}
