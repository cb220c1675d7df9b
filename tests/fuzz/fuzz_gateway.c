/* Any bytes as lines of a gateway: refused with a reason, or a message whose fields are what they should be. */
#include <stdint.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/money.h"
#include "net/gateway_codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/** A plain decimal: either it parses, or it is out of range; never a thing that is no number. */
static void check_decimal(const char *text) {
    int64_t value;
    if (text[0] != '\0') {
        size_t length = strlen(text);
        DUET_ASSERT(length < 40 && strspn(text, "-.0123456789") == length);
        enum duet_status status = duet_decimal_parse(text, length, 12, &value);
        DUET_ASSERT(status == DUET_OK || status == DUET_EOVERFLOW || strchr(text, '.') != NULL);
    }
}

static void check_line(const char *line, size_t size) {
    struct duet_gateway_message message;
    enum duet_status status = duet_gateway_decode(line, size, &message);
    DUET_ASSERT(status == DUET_OK || status == DUET_EDATA);
    DUET_ASSERT(status == DUET_OK || duet_error_text()[0] != '\0');
    if (status != DUET_OK || message.type == DUET_GATEWAY_NONE) {
        return;
    }
    const char *const decimals[] = {message.open, message.high, message.low, message.close, message.volume,
        message.price, message.quantity, message.commission, message.cumulative, message.bid, message.ask,
        message.bid_size, message.ask_size};
    for (size_t i = 0; i < sizeof(decimals) / sizeof(decimals[0]); i++) {
        check_decimal(decimals[i]);
    }
    DUET_ASSERT(memchr(message.symbol, '\0', sizeof(message.symbol)) != NULL);
    DUET_ASSERT(memchr(message.order_id, '\0', sizeof(message.order_id)) != NULL);
    DUET_ASSERT(memchr(message.fill_id, '\0', sizeof(message.fill_id)) != NULL);
    DUET_ASSERT(memchr(message.text, '\0', sizeof(message.text)) != NULL);
    if (message.type == DUET_GATEWAY_FILL) {
        DUET_ASSERT(message.order_id[0] != '\0' && message.fill_id[0] != '\0' && message.side != 0);
        DUET_ASSERT(message.quantity[0] != '\0' && message.price[0] != '\0' && message.cumulative[0] != '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    const char *at = (const char *)bytes, *end = at + size;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline != NULL ? newline : end;
        check_line(at, (size_t)(stop - at));
        at = stop + 1;
    }
    return 0;
}
