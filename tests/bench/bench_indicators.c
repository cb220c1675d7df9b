/*
 * What an update of an indicator costs, against the same formula as a plain loop over an array: no readiness, no check
 * of what comes in, and for the SMA a running sum that drifts. Both walk the same million bars.
 */
#include "bench/bench.h"

#include <stdlib.h>

#include <duet/indicator.h>

#include "base/text.h"

#define BARS 1000000
#define REPETITIONS 7
#define LENGTH 14

static double *highs, *lows, *closes;

static void bars_make(void) {
    uint64_t seed = 1;
    double close = 100;
    highs = duet_alloc(BARS, sizeof(double));
    lows = duet_alloc(BARS, sizeof(double));
    closes = duet_alloc(BARS, sizeof(double));
    for (int i = 0; i < BARS; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        close += (double)(seed >> 40) / 16777216 - 0.5;
        close = close < 50 ? 50 : close;
        closes[i] = close;
        highs[i] = close + (double)(seed >> 56) / 256;
        lows[i] = close - (double)(seed >> 48 & 255) / 256;
    }
}

static void keep(double value) {
    bench_keep((uint64_t)(int64_t)value);
}

/* ------------------------------------------------------------------ by hand */

static void sma_loop(void) {
    double sum = 0, mean = 0;
    for (int i = 0; i < BARS; i++) {
        sum += closes[i] - (i >= LENGTH ? closes[i - LENGTH] : 0);
        mean = sum / LENGTH;
        __asm__ volatile("" : : "x"(mean)); // every value is wanted
    }
    keep(mean);
}

static void ema_loop(void) {
    double value = closes[0];
    for (int i = 1; i < BARS; i++) {
        value += 2.0 / (LENGTH + 1) * (closes[i] - value);
        __asm__ volatile("" : : "x"(value));
    }
    keep(value);
}

static void rsi_loop(void) {
    double up = 0, down = 0, value = 0;
    for (int i = 1; i < BARS; i++) {
        double change = closes[i] - closes[i - 1];
        up += ((change > 0 ? change : 0) - up) * (1.0 / LENGTH);
        down += ((change < 0 ? -change : 0) - down) * (1.0 / LENGTH);
        value = 100 * up / (up + down);
        __asm__ volatile("" : : "x"(value));
    }
    keep(value);
}

static void atr_loop(void) {
    double value = highs[0] - lows[0];
    for (int i = 1; i < BARS; i++) {
        double top = highs[i] > closes[i - 1] ? highs[i] : closes[i - 1];
        double bottom = lows[i] < closes[i - 1] ? lows[i] : closes[i - 1];
        value += (top - bottom - value) * (1.0 / LENGTH);
        __asm__ volatile("" : : "x"(value));
    }
    keep(value);
}

/* ------------------------------------------------------------------ by indicator */

static void sma_updates(void) {
    struct duet_sma sma;
    duet_sma_init(&sma, LENGTH);
    for (int i = 0; i < BARS; i++) {
        double value = duet_sma_update(&sma, closes[i]);
        __asm__ volatile("" : : "x"(value));
    }
    keep(duet_sma_value(&sma));
}

static void ema_updates(void) {
    struct duet_ema ema;
    duet_ema_init(&ema, LENGTH);
    for (int i = 0; i < BARS; i++) {
        double value = duet_ema_update(&ema, closes[i]);
        __asm__ volatile("" : : "x"(value));
    }
    keep(duet_ema_value(&ema));
}

static void rsi_updates(void) {
    struct duet_rsi rsi;
    duet_rsi_init(&rsi, LENGTH);
    for (int i = 0; i < BARS; i++) {
        double value = duet_rsi_update(&rsi, closes[i]);
        __asm__ volatile("" : : "x"(value));
    }
    keep(duet_rsi_value(&rsi));
}

static void atr_updates(void) {
    struct duet_atr atr;
    duet_atr_init(&atr, LENGTH);
    for (int i = 0; i < BARS; i++) {
        double value = duet_atr_update(&atr, highs[i], lows[i], closes[i]);
        __asm__ volatile("" : : "x"(value));
    }
    keep(duet_atr_value(&atr));
}

void bench_indicators(void) {
    static const struct {
        const char *name;
        void (*loop)(void), (*updates)(void);
    } rows[] = {
        {"indicator_sma", sma_loop, sma_updates},
        {"indicator_ema", ema_loop, ema_updates},
        {"indicator_rsi", rsi_loop, rsi_updates},
        {"indicator_atr", atr_loop, atr_updates},
    };
    double floors[REPETITIONS], samples[REPETITIONS];
    bars_make();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t k = 0; k < REPETITIONS; k++) {
            int64_t begin = bench_now_ns();
            rows[i].loop();
            int64_t middle = bench_now_ns();
            rows[i].updates();
            floors[k] = (double)(middle - begin) / BARS;
            samples[k] = (double)(bench_now_ns() - middle) / BARS;
        }
        bench_row(rows[i].name, "ns/update", samples, REPETITIONS, "loop", bench_min(floors, REPETITIONS), 0);
    }
    free(highs);
    free(lows);
    free(closes);
}
