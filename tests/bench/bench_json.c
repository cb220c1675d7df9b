/*
 * A gateway's message to its fields, by the scanner of the hot path. Beside it jansson on the same bytes, which is no
 * floor but what the scanner replaces, and as the floor a byte-wise sum of the line.
 */
#include "bench/bench.h"

#include <string.h>

#include <jansson.h>

#include "base/assert.h"
#include "net/json_scan.h"

#define MESSAGES 200000
#define REPETITIONS 9
/** An order of magnitude below jansson is why there is a scanner at all; it must not creep up on it. */
#define SHARE_OF_JANSSON 0.25

static const char message[] = "{\"type\":\"bar\",\"seq\":1234567,\"symbol\":\"BTCUSDT\",\"interval\":60000000000,"
                              "\"time\":1700000000000000000,\"open\":\"37012.51\",\"high\":\"37050.00\","
                              "\"low\":\"36990.07\",\"close\":\"37044.99\",\"volume\":\"183.20417\"}";

static double floor_ns(void) {
    uint64_t sum = 0;
    int64_t begin = bench_cpu_ns();
    for (int i = 0; i < MESSAGES; i++) {
        for (size_t at = 0; at < sizeof(message) - 1; at++) {
            sum += (unsigned char)message[at];
            bench_keep(sum);
        }
    }
    return (double)(bench_cpu_ns() - begin) / MESSAGES;
}

static double scan_ns(void) {
    static const char *const prices[] = {"open", "high", "low", "close", "volume"};
    int64_t sum = 0, begin = bench_cpu_ns();
    for (int i = 0; i < MESSAGES; i++) {
        struct duet_json_scan scan;
        char symbol[32] = "";
        DUET_ASSERT(duet_json_begin(&scan, message, sizeof(message) - 1));
        while (duet_json_next(&scan)) {
            int64_t value = 0;
            if (duet_json_is(&scan.key, "symbol")) {
                DUET_ASSERT(duet_json_copy(&scan.value, symbol, sizeof(symbol)));
            } else if (duet_json_is(&scan.key, "seq") || duet_json_is(&scan.key, "time") ||
                       duet_json_is(&scan.key, "interval")) {
                DUET_ASSERT(duet_json_int64(&scan.value, &value));
            }
            for (size_t p = 0; p < sizeof(prices) / sizeof(prices[0]); p++) {
                if (duet_json_is(&scan.key, prices[p])) {
                    DUET_ASSERT(duet_json_scaled(&scan.value, 8, &value));
                }
            }
            sum += value;
        }
        DUET_ASSERT(scan.error == NULL && symbol[0] == 'B');
    }
    bench_keep((uint64_t)sum);
    return (double)(bench_cpu_ns() - begin) / MESSAGES;
}

static double jansson_ns(void) {
    static const char *const integers[] = {"seq", "time", "interval"};
    static const char *const texts[] = {"symbol", "open", "high", "low", "close", "volume"};
    uint64_t sum = 0;
    int64_t begin = bench_cpu_ns();
    for (int i = 0; i < MESSAGES; i++) {
        json_t *root = json_loadb(message, sizeof(message) - 1, 0, NULL);
        DUET_ASSERT(root != NULL);
        for (size_t n = 0; n < sizeof(integers) / sizeof(integers[0]); n++) {
            sum += (uint64_t)json_integer_value(json_object_get(root, integers[n]));
        }
        for (size_t n = 0; n < sizeof(texts) / sizeof(texts[0]); n++) {
            sum += (uint64_t)json_string_value(json_object_get(root, texts[n]))[0];
        }
        json_decref(root);
    }
    bench_keep(sum);
    return (double)(bench_cpu_ns() - begin) / MESSAGES;
}

void bench_json(void) {
    double scan[REPETITIONS], jansson[REPETITIONS], floor = 0;
    for (int i = 0; i < REPETITIONS; i++) {
        double ns = floor_ns();
        floor = i == 0 || ns < floor ? ns : floor;
        scan[i] = scan_ns();
        jansson[i] = jansson_ns();
    }
    double other = bench_min(jansson, REPETITIONS);
    bench_row("json bar message", "ns/message", scan, REPETITIONS, "byte sum", floor, other * SHARE_OF_JANSSON);
    bench_row("json bar message, jansson", "ns/message", jansson, REPETITIONS, "byte sum", floor, 0);
}
