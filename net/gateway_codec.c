#include "net/gateway_codec.h"

#include <assert.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "net/json_scan.h"

/* ------------------------------------------------------------------------------------------------------ fields */

enum field_kind {
    TEXT, // copied, cut where it is for people
    NAME, // copied whole
    DECIMAL,
    NUMBER, // uint64
    SMALL, // uint32
    TIME,
    SECONDS,
    FLAG,
    ROLES,
    GIVES,
    SIDE,
    STATUS,
};

#define FIELD_MAP(X)                                 \
    X(TYPE, "type", NAME, text) /* read by itself */ \
    X(SEQ, "seq", NUMBER, sequence)                  \
    X(REPORT, "report", NUMBER, report)              \
    X(EPOCH, "epoch", NUMBER, epoch)                 \
    X(TIME, "time", TIME, time_ns)                   \
    X(END, "end", TIME, end_ns)                      \
    X(INTERVAL, "interval", SECONDS, interval_ns)    \
    X(SYMBOL, "symbol", NAME, symbol)                \
    X(ID, "id", NAME, order_id)                      \
    X(FILL_ID, "fill_id", NAME, fill_id)             \
    X(STATUS, "status", STATUS, status)              \
    X(REASON, "reason", TEXT, reason)                \
    X(SIDE, "side", SIDE, side)                      \
    X(OPEN, "open", DECIMAL, open)                   \
    X(HIGH, "high", DECIMAL, high)                   \
    X(LOW, "low", DECIMAL, low)                      \
    X(CLOSE, "close", DECIMAL, close)                \
    X(VOLUME, "volume", DECIMAL, volume)             \
    X(PRICE, "price", DECIMAL, price)                \
    X(QUANTITY, "quantity", DECIMAL, quantity)       \
    X(COMMISSION, "commission", DECIMAL, commission) \
    X(CUMULATIVE, "cumulative", DECIMAL, cumulative) \
    X(BID, "bid", DECIMAL, bid)                      \
    X(ASK, "ask", DECIMAL, ask)                      \
    X(BID_SIZE, "bid_size", DECIMAL, bid_size)       \
    X(ASK_SIZE, "ask_size", DECIMAL, ask_size)       \
    X(HISTORY, "history", FLAG, history)             \
    X(PROTOCOL, "protocol", SMALL, protocol)         \
    X(ROLES, "roles", ROLES, roles)                  \
    X(GIVES, "gives", GIVES, gives)                  \
    X(TEXT, "text", TEXT, text)

enum field {
#define FIELD_ENUM(name, key, kind, member) FIELD_##name,
    FIELD_MAP(FIELD_ENUM)
#undef FIELD_ENUM
        FIELD_COUNT
};
static_assert(FIELD_COUNT <= 32, "fields are bits of a word");

static const struct field_row {
    const char *key;
    enum field_kind kind;
    size_t offset, size;
} fields[] = {
#define FIELD_ROW(name, key, kind, member) \
    {key, kind, offsetof(struct duet_gateway_message, member), sizeof(((struct duet_gateway_message *)0)->member)},
    FIELD_MAP(FIELD_ROW)
#undef FIELD_ROW
};

#define HAS(name) (UINT32_C(1) << FIELD_##name)

/** What a message must have to mean anything. */
static const struct {
    const char *text;
    uint32_t needs;
} types[] = {
    [DUET_GATEWAY_WELCOME] = {"welcome", HAS(PROTOCOL) | HAS(EPOCH) | HAS(ROLES)},
    [DUET_GATEWAY_REFUSED] = {"refused", HAS(REASON)},
    [DUET_GATEWAY_HEARTBEAT] = {"heartbeat", 0},
    [DUET_GATEWAY_OPENING] = {"opening", HAS(SYMBOL) | HAS(INTERVAL) | HAS(TIME) | HAS(OPEN) | HAS(SEQ)},
    [DUET_GATEWAY_BAR] = {"bar", HAS(SYMBOL) | HAS(INTERVAL) | HAS(TIME) | HAS(OPEN) | HAS(HIGH) | HAS(LOW) |
                                     HAS(CLOSE)}, // and seq, but history
    [DUET_GATEWAY_TRADE] = {"trade", HAS(SYMBOL) | HAS(TIME) | HAS(PRICE) | HAS(SEQ)},
    [DUET_GATEWAY_QUOTE] = {"quote", HAS(SYMBOL) | HAS(TIME) | HAS(SEQ)},
    [DUET_GATEWAY_RESUMED] = {"resumed", 0},
    [DUET_GATEWAY_HISTORY_END] = {"history_end", HAS(SYMBOL) | HAS(INTERVAL)},
    [DUET_GATEWAY_ORDER] = {"order", HAS(ID) | HAS(STATUS)},
    [DUET_GATEWAY_FILL] = {"fill",
        HAS(ID) | HAS(FILL_ID) | HAS(SYMBOL) | HAS(SIDE) | HAS(QUANTITY) | HAS(PRICE) | HAS(CUMULATIVE)},
    [DUET_GATEWAY_POSITION] = {"position", HAS(SYMBOL) | HAS(QUANTITY)},
    [DUET_GATEWAY_SNAPSHOT_END] = {"snapshot_end", HAS(REPORT)},
    [DUET_GATEWAY_ERROR] = {"error", 0},
};
#define TYPE_COUNT (sizeof(types) / sizeof(types[0]))

/* ------------------------------------------------------------------------------------------------------ values */

static bool read_digits(const char **at, const char *end, char *digits, size_t *count, size_t size) {
    const char *from = *at;
    for (; *at < end && **at >= '0' && **at <= '9'; (*at)++) {
        if (*count > 0 || **at != '0') { // leading zeros say nothing
            if (*count == size) {
                return false;
            }
            digits[(*count)++] = **at;
        }
    }
    return *at > from;
}

/** A decimal, perhaps with an exponent, as a plain one: "-1.5e-3" as "-0.0015". */
static bool plain_decimal(const char *text, size_t length, char *out, size_t size) {
    const char *at = text, *end = text + length;
    char digits[40];
    size_t count = 0;
    int64_t places = 0;
    bool negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    if (!read_digits(&at, end, digits, &count, sizeof(digits))) {
        return false;
    }
    if (at < end && *at == '.') {
        const char *from = ++at;
        if (!read_digits(&at, end, digits, &count, sizeof(digits))) {
            return false;
        }
        places = at - from;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        int64_t exponent = 0;
        bool down = ++at < end && *at == '-';
        at += at < end && (*at == '-' || *at == '+');
        const char *from = at;
        for (; at < end && *at >= '0' && *at <= '9' && exponent < 1000; at++) {
            exponent = 10 * exponent + (*at - '0');
        }
        if (at == from) {
            return false;
        }
        places += down ? exponent : -exponent;
    }
    for (; count > 0 && places > 0 && digits[count - 1] == '0'; count--) {
        places--;
    }
    places = count == 0 ? 0 : places;
    int64_t whole = (int64_t)count - places; // digits before the point; what lacks there, or after it, are zeros
    int64_t needed = (negative ? 1 : 0) + (whole > 0 ? whole : 1) + (places > 0 ? places + 1 : 0);
    if (at != end || needed >= (int64_t)size) {
        return false;
    }
    char *to = out;
    if (negative) {
        *to++ = '-';
    }
    if (whole <= 0) {
        *to++ = '0';
    }
    for (int64_t i = 0; i < whole; i++) {
        *to++ = i < (int64_t)count ? digits[i] : '0';
    }
    for (int64_t i = 0; i < places; i++) {
        if (i == 0) {
            *to++ = '.';
        }
        int64_t index = whole + i;
        *to++ = index < 0 ? '0' : digits[index];
    }
    *to = '\0';
    return true;
}

static bool read_time(const struct duet_json_slice *value, int64_t *out) {
    if (duet_json_int64(value, out)) {
        return true;
    }
    char text[DUET_TIME_TEXT_MAX + 8];
    bool is_date;
    return value->kind == DUET_JSON_STRING && value->size < sizeof(text) && duet_json_copy(value, text, sizeof(text)) &&
           duet_time_parse(text, out, &is_date) == DUET_OK;
}

/** A list of names as bits; names that are unknown here say nothing. */
static bool read_names(const struct duet_json_slice *value, const char *const *names, size_t count, uint32_t *out) {
    struct duet_json_scan scan;
    *out = 0;
    if (value->kind != DUET_JSON_ARRAY || !duet_json_begin(&scan, value->text, value->size)) {
        return false;
    }
    while (duet_json_next(&scan)) {
        for (size_t i = 0; i < count; i++) {
            *out |= duet_json_is(&scan.value, names[i]) ? UINT32_C(1) << i : 0;
        }
    }
    return scan.error == NULL;
}

static bool read_roles(const struct duet_json_slice *value, uint32_t *out) {
    static const char *const names[] = {"feed", "broker"};
    return read_names(value, names, sizeof(names) / sizeof(names[0]), out);
}

static bool read_gives(const struct duet_json_slice *value, uint32_t *out) {
    static const char *const names[] = {"bars", "openings", "trades", "quotes"};
    return read_names(value, names, sizeof(names) / sizeof(names[0]), out);
}

static bool read_status(const struct duet_json_slice *value, uint8_t *out) {
    static const struct {
        const char *text;
        uint8_t status;
    } names[] = {
        {"unknown", DUET_ORDER_CREATED},
        {"pending", DUET_ORDER_SUBMITTED},
        {"accepted", DUET_ORDER_ACCEPTED},
        {"triggered", DUET_ORDER_TRIGGERED},
        {"partially_filled", DUET_ORDER_PARTIALLY_FILLED},
        {"filled", DUET_ORDER_FILLED},
        {"cancelled", DUET_ORDER_CANCELLED},
        {"expired", DUET_ORDER_EXPIRED},
        {"rejected", DUET_ORDER_REJECTED},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (duet_json_is(value, names[i].text)) {
            *out = names[i].status;
            return true;
        }
    }
    return false;
}

static bool read_side(const struct duet_json_slice *value, int8_t *out) {
    *out = duet_json_is(value, "buy") ? DUET_BUY : duet_json_is(value, "sell") ? DUET_SELL : 0;
    return *out != 0;
}

/** Text that must not be cut, because it names something. */
static bool read_name(const struct duet_json_slice *value, char *out, size_t size) {
    char whole[256]; // an escape is longer than what it stands for
    if (value->kind != DUET_JSON_STRING || value->size >= sizeof(whole) ||
        !duet_json_copy(value, whole, sizeof(whole)) || strlen(whole) >= size || whole[0] == '\0') {
        return false;
    }
    duet_text_copy(out, size, whole);
    return true;
}

static bool read_count(const struct duet_json_slice *value, int64_t max, int64_t *out) {
    return duet_json_int64(value, out) && *out >= 0 && *out <= max;
}

static bool read_field(const struct field_row *field, const struct duet_json_slice *value, void *to) {
    int64_t number;
    switch (field->kind) {
    case TEXT:
        return duet_json_copy(value, to, field->size);
    case NAME:
        return read_name(value, to, field->size);
    case DECIMAL:
        return (value->kind == DUET_JSON_NUMBER || (value->kind == DUET_JSON_STRING && !value->escaped)) &&
               plain_decimal(value->text, value->size, to, field->size);
    case NUMBER:
        return read_count(value, INT64_MAX, &number) && (memcpy(to, &number, sizeof(number)), true);
    case SMALL:
        return read_count(value, UINT32_MAX, &number) && (*(uint32_t *)to = (uint32_t)number, true);
    case TIME:
        return read_time(value, to);
    case SECONDS:
        return duet_json_scaled(value, 9, to) && *(int64_t *)to > 0;
    case FLAG:
        *(bool *)to = value->kind == DUET_JSON_TRUE;
        return value->kind == DUET_JSON_TRUE || value->kind == DUET_JSON_FALSE;
    case ROLES:
        return read_roles(value, to);
    case GIVES:
        return read_gives(value, to);
    case SIDE:
        return read_side(value, to);
    case STATUS:
        return read_status(value, to);
    }
    return false;
}

/* ----------------------------------------------------------------------------------------------------- message */

static enum duet_gateway_in find_type(const struct duet_json_slice *value) {
    for (size_t i = 1; i < TYPE_COUNT; i++) {
        if (duet_json_is(value, types[i].text)) {
            return (enum duet_gateway_in)i;
        }
    }
    return DUET_GATEWAY_NONE;
}

static int find_field(const struct duet_json_slice *key) {
    for (int i = 0; i < FIELD_COUNT; i++) {
        if (duet_json_is(key, fields[i].key)) {
            return i;
        }
    }
    return -1;
}

/** Type first, wherever it stands: it decides how much a bad field matters. */
static enum duet_status read_type(const char *line, size_t size, enum duet_gateway_in *out) {
    struct duet_json_scan scan;
    bool found = false;
    if (size == 0 || line[0] != '{' || !duet_json_begin(&scan, line, size)) {
        return duet_error(DUET_EDATA, "not a JSON object");
    }
    while (duet_json_next(&scan)) {
        if (duet_json_is(&scan.key, "type")) {
            if (found || scan.value.kind != DUET_JSON_STRING) {
                return duet_error(DUET_EDATA, "\"type\" is one text");
            }
            *out = find_type(&scan.value);
            found = true;
        }
    }
    if (scan.error != NULL) {
        return duet_error(DUET_EDATA, "not JSON: %s at byte %zu", scan.error, (size_t)(scan.at - line));
    }
    return found ? DUET_OK : duet_error(DUET_EDATA, "a message without \"type\"");
}

static enum duet_status check_needs(const struct duet_gateway_message *message, uint32_t has) {
    uint32_t needs = types[message->type].needs;
    if (message->type == DUET_GATEWAY_BAR && !message->history) {
        needs |= HAS(SEQ);
    }
    for (int i = 0; i < FIELD_COUNT; i++) {
        if ((needs >> i & 1) != 0 && (has >> i & 1) == 0) {
            return duet_error(DUET_EDATA, "%s without \"%s\"", types[message->type].text, fields[i].key);
        }
    }
    return DUET_OK;
}

enum duet_status duet_gateway_decode(const char *line, size_t size, struct duet_gateway_message *out) {
    *out = (struct duet_gateway_message){0};
    enum duet_status status = read_type(line, size, &out->type);
    if (status != DUET_OK || out->type == DUET_GATEWAY_NONE) {
        return status;
    }
    struct duet_json_scan scan;
    uint32_t has = 0;
    (void)duet_json_begin(&scan, line, size);
    while (duet_json_next(&scan)) {
        int i = find_field(&scan.key);
        if (i <= FIELD_TYPE) {
            continue; // known already, or of a later version
        }
        if (status != DUET_OK && i != FIELD_SEQ) {
            continue; // where it stands in the feed is worth knowing all the same
        }
        if ((has >> i & 1) != 0 && status == DUET_OK) {
            status = duet_error(DUET_EDATA, "%s: \"%s\" stands there twice", types[out->type].text, fields[i].key);
        }
        has |= UINT32_C(1) << i;
        if (scan.value.kind == DUET_JSON_NULL) {
            has &= ~(UINT32_C(1) << i);
        } else if (!read_field(&fields[i], &scan.value, (char *)out + fields[i].offset) && status == DUET_OK) {
            status = duet_error(DUET_EDATA, "%s: \"%s\": %.*s cannot be", types[out->type].text, fields[i].key,
                scan.value.size < 60 ? (int)scan.value.size : 60, scan.value.text);
        }
    }
    if (out->type == DUET_GATEWAY_RESUMED && status == DUET_OK && (has & HAS(SEQ)) == 0) {
        out->sequence = DUET_GATEWAY_SEQUENCE_UNSAID; // 0 says that nothing has been sent yet
    }
    return status != DUET_OK ? status : check_needs(out, has);
}
