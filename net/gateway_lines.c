/* What we say to a gateway. A line is built by a writer that knows when it is full; then there is none. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "net/gateway_codec.h"

struct line {
    char *out;
    size_t used;
    bool full;
};

static void put(struct line *line, const char *format, ...) DUET_PRINTF(2, 3);

static void put(struct line *line, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line->out + line->used, DUET_GATEWAY_LINE_MAX - line->used, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= DUET_GATEWAY_LINE_MAX - line->used) {
        line->full = true;
    } else {
        line->used += (size_t)length;
    }
}

static void put_text(struct line *line, const char *name, const char *text) {
    put(line, ",\"%s\":\"", name);
    for (; *text != '\0' && !line->full; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') {
            put(line, "\\%c", c);
        } else if (c < 0x20 || c == 0x7f) {
            put(line, "\\u%04x", c);
        } else {
            put(line, "%c", c);
        }
    }
    put(line, "\"");
}

static void put_optional(struct line *line, const char *name, const char *text) {
    if (text != NULL) {
        put_text(line, name, text);
    }
}

/** Seconds, as short as they can be: 60, 0.5. */
static void put_interval(struct line *line, int64_t interval_ns) {
    put(line, ",\"interval\":%" PRId64, interval_ns / 1000000000);
    int64_t rest = interval_ns % 1000000000;
    if (rest != 0) {
        put(line, ".%09" PRId64, rest);
        while (!line->full && line->out[line->used - 1] == '0') {
            line->used--;
        }
    }
}

static struct line begin(char *out, const char *type) {
    struct line line = {.out = out};
    put(&line, "{\"type\":\"%s\"", type);
    return line;
}

static size_t end(struct line *line) {
    put(line, "}");
    if (line->full) {
        line->out[0] = '\0';
        return 0;
    }
    return line->used;
}

size_t duet_gateway_hello(char *out, const struct duet_gateway_greeting *greeting) {
    struct line line = begin(out, "hello");
    put(&line, ",\"protocol\":%d", DUET_GATEWAY_PROTOCOL);
    put_text(&line, "session", greeting->session);
    put(&line, ",\"epoch\":%" PRIu64 ",\"roles\":[%s%s%s]", greeting->epoch,
        (greeting->roles & DUET_GATEWAY_FEED) != 0 ? "\"feed\"" : "",
        greeting->roles == (DUET_GATEWAY_FEED | DUET_GATEWAY_BROKER) ? "," : "",
        (greeting->roles & DUET_GATEWAY_BROKER) != 0 ? "\"broker\"" : "");
    put(&line, ",\"feed_sequence\":%" PRIu64 ",\"heartbeat_ms\":%" PRId64, greeting->feed_sequence,
        greeting->heartbeat_ms);
    put_optional(&line, "token", greeting->token);
    return end(&line);
}

size_t duet_gateway_subscribe(char *out, const char *symbol, int64_t interval_ns, bool trades, bool quotes) {
    struct line line = begin(out, "subscribe");
    put_text(&line, "symbol", symbol);
    if (interval_ns > 0) {
        put_interval(&line, interval_ns);
    }
    put(&line, "%s%s", trades ? ",\"trades\":true" : "", quotes ? ",\"quotes\":true" : "");
    return end(&line);
}

size_t duet_gateway_start(char *out, bool resume, uint64_t feed_sequence) {
    struct line line = begin(out, "start");
    if (resume) {
        put(&line, ",\"after\":%" PRIu64, feed_sequence);
    }
    return end(&line);
}

size_t duet_gateway_history(
    char *out, const char *symbol, int64_t interval_ns, int64_t from_ns, int64_t to_ns, uint32_t last) {
    struct line line = begin(out, "history");
    put_text(&line, "symbol", symbol);
    put_interval(&line, interval_ns);
    put(&line, ",\"from\":%" PRId64 ",\"to\":%" PRId64, from_ns, to_ns);
    if (last > 0) {
        put(&line, ",\"last\":%" PRIu32, last);
    }
    return end(&line);
}

size_t duet_gateway_ack(char *out, uint64_t feed_sequence) {
    struct line line = begin(out, "ack");
    put(&line, ",\"seq\":%" PRIu64, feed_sequence);
    return end(&line);
}

size_t duet_gateway_submit(char *out, const struct duet_gateway_order *order) {
    struct line line = begin(out, "submit");
    put_text(&line, "id", order->order_id);
    put_text(&line, "symbol", order->symbol);
    put_text(&line, "side", order->side);
    put_text(&line, "order_type", order->type);
    put_text(&line, "quantity", order->quantity);
    put_optional(&line, "price", order->price);
    put_optional(&line, "stop_price", order->stop_price);
    put_text(&line, "time_in_force", order->time_in_force);
    if (order->expires_ns > 0) {
        put(&line, ",\"expires\":%" PRId64, order->expires_ns);
    }
    put(&line, "%s", order->reduce_only ? ",\"reduce_only\":true" : "");
    return end(&line);
}

size_t duet_gateway_cancel(char *out, const char *order_id) {
    struct line line = begin(out, "cancel");
    put_text(&line, "id", order_id);
    return end(&line);
}

size_t duet_gateway_query(char *out, const char *order_id, uint64_t report) {
    struct line line = begin(out, "query");
    if (order_id != NULL) {
        put_text(&line, "id", order_id);
    } else {
        put(&line, ",\"report\":%" PRIu64, report);
    }
    return end(&line);
}

size_t duet_gateway_heartbeat(char *out) {
    struct line line = begin(out, "heartbeat");
    return end(&line);
}
