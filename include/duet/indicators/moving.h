/* Any moving average by name, and what is built around one. What holds for all: see <duet/indicators/rolling.h>. */
#ifndef DUET_INDICATORS_MOVING_H
#define DUET_INDICATORS_MOVING_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include <duet/indicators/adaptive.h>
#include <duet/indicators/average.h>
#include <duet/indicators/rolling.h>

/** Which one; each with its default seed and factors. New ones come at the end. */
enum duet_moving_kind {
    DUET_MOVING_SMA = 0,
    DUET_MOVING_EMA,
    DUET_MOVING_WMA,
    DUET_MOVING_SMMA,
    DUET_MOVING_DEMA,
    DUET_MOVING_TEMA,
    DUET_MOVING_T3, // factor 0.7
    DUET_MOVING_TRIMA,
    DUET_MOVING_HMA,
    DUET_MOVING_ZLEMA,
    DUET_MOVING_KAMA, // fast 2, slow 30, begins with a mean
    DUET_MOVING_ALMA, // offset 0.85, sigma 6
    DUET_MOVING_DICKSON, // limit 50, hull_length 7
    DUET_MOVING_ERROR_CORRECTING, // limit 50
    DUET_MOVING_COUNT
};

/** A moving average whose kind is a parameter. As large as the largest of them: where the kind is known, use it. */
struct duet_moving {
    double value;
    int64_t kind;
    union {
        struct duet_sma sma;
        struct duet_ema ema;
        struct duet_wma wma;
        struct duet_smma smma;
        struct duet_dema dema;
        struct duet_tema tema;
        struct duet_t3 t3;
        struct duet_trima trima;
        struct duet_hma hma;
        struct duet_zlema zlema;
        struct duet_kama kama;
        struct duet_alma alma;
        struct duet_dickson dickson;
        struct duet_error_correcting error_correcting;
    } of;
};

static inline void duet_moving_init_smooth_(struct duet_moving *self, int64_t length) {
    switch (self->kind) {
    case DUET_MOVING_EMA:
        duet_ema_init(&self->of.ema, length);
        break;
    case DUET_MOVING_SMMA:
        duet_smma_init(&self->of.smma, length);
        break;
    case DUET_MOVING_DEMA:
        duet_dema_init(&self->of.dema, length);
        break;
    case DUET_MOVING_TEMA:
        duet_tema_init(&self->of.tema, length);
        break;
    case DUET_MOVING_T3:
        duet_t3_init(&self->of.t3, length, 0.7);
        break;
    case DUET_MOVING_DICKSON:
        duet_dickson_init(&self->of.dickson, length, 50, 7);
        break;
    default:
        duet_error_correcting_init(&self->of.error_correcting, length, 50);
        break;
    }
}

/** `length` is clamped to 1..DUET_WINDOW_MAX - 1; an unknown kind is DUET_MOVING_SMA. */
static inline void duet_moving_init(struct duet_moving *self, enum duet_moving_kind kind, int64_t length) {
    int64_t clamped = duet_clamp_(length, 1, DUET_WINDOW_MAX - 1);
    self->value = (double)NAN;
    self->kind = kind;
    switch (kind) {
    case DUET_MOVING_WMA:
        duet_wma_init(&self->of.wma, clamped);
        break;
    case DUET_MOVING_TRIMA:
        duet_trima_init(&self->of.trima, clamped);
        break;
    case DUET_MOVING_HMA:
        duet_hma_init(&self->of.hma, clamped);
        break;
    case DUET_MOVING_ZLEMA:
        duet_zlema_init(&self->of.zlema, clamped);
        break;
    case DUET_MOVING_KAMA:
        duet_kama_init_seed(&self->of.kama, clamped, 2, 30, DUET_SEED_SMA);
        break;
    case DUET_MOVING_ALMA:
        duet_alma_init(&self->of.alma, clamped, 0.85, 6);
        break;
    case DUET_MOVING_EMA:
    case DUET_MOVING_SMMA:
    case DUET_MOVING_DEMA:
    case DUET_MOVING_TEMA:
    case DUET_MOVING_T3:
    case DUET_MOVING_DICKSON:
    case DUET_MOVING_ERROR_CORRECTING:
        duet_moving_init_smooth_(self, clamped);
        break;
    default:
        self->kind = DUET_MOVING_SMA;
        duet_sma_init(&self->of.sma, clamped);
        break;
    }
}

static inline double duet_moving_update(struct duet_moving *self, double value) {
    switch (self->kind) {
    case DUET_MOVING_EMA:
        return self->value = duet_ema_update(&self->of.ema, value);
    case DUET_MOVING_WMA:
        return self->value = duet_wma_update(&self->of.wma, value);
    case DUET_MOVING_SMMA:
        return self->value = duet_smma_update(&self->of.smma, value);
    case DUET_MOVING_DEMA:
        return self->value = duet_dema_update(&self->of.dema, value);
    case DUET_MOVING_TEMA:
        return self->value = duet_tema_update(&self->of.tema, value);
    case DUET_MOVING_T3:
        return self->value = duet_t3_update(&self->of.t3, value);
    case DUET_MOVING_TRIMA:
        return self->value = duet_trima_update(&self->of.trima, value);
    case DUET_MOVING_HMA:
        return self->value = duet_hma_update(&self->of.hma, value);
    case DUET_MOVING_ZLEMA:
        return self->value = duet_zlema_update(&self->of.zlema, value);
    case DUET_MOVING_KAMA:
        return self->value = duet_kama_update(&self->of.kama, value);
    case DUET_MOVING_ALMA:
        return self->value = duet_alma_update(&self->of.alma, value);
    case DUET_MOVING_DICKSON:
        return self->value = duet_dickson_update(&self->of.dickson, value);
    case DUET_MOVING_ERROR_CORRECTING:
        return self->value = duet_error_correcting_update(&self->of.error_correcting, value);
    default:
        return self->value = duet_sma_next(&self->of.sma, value);
    }
}

DUET_INDICATOR_READS_(duet_moving)

/** Updates until the first value. */
static inline int64_t duet_moving_warm_up(enum duet_moving_kind kind, int64_t length) {
    int64_t n = duet_clamp_(length, 1, DUET_WINDOW_MAX - 1);
    switch (kind) {
    case DUET_MOVING_DEMA:
        return 2 * (n - 1) + 1;
    case DUET_MOVING_TEMA:
        return 3 * (n - 1) + 1;
    case DUET_MOVING_T3:
        return 6 * (n - 1) + 1;
    case DUET_MOVING_HMA:
        return n + duet_hma_root_(n, DUET_HMA_DOWN) - 1;
    case DUET_MOVING_ZLEMA:
        return n + (n - 1) / 2;
    case DUET_MOVING_KAMA:
        return n + 1;
    case DUET_MOVING_DICKSON:
        return n > 8 ? n : 8; // HMA(7) takes 8
    default:
        return n;
    }
}

/* ------------------------------------------------------------------ envelope */

/** Bands at a fixed distance of a moving average: average * (1 ± percent / 100). */
struct duet_envelope {
    double value, upper, lower; // value: the average
    double percent;
    struct duet_moving average;
};

/** As duet_moving_init(); usual is 2.5 percent. */
static inline void duet_envelope_init(
    struct duet_envelope *self, enum duet_moving_kind kind, int64_t length, double percent) {
    self->value = self->upper = self->lower = (double)NAN;
    self->percent = percent;
    duet_moving_init(&self->average, kind, length);
}

static inline double duet_envelope_update(struct duet_envelope *self, double value) {
    self->value = duet_moving_update(&self->average, value);
    self->upper = self->value * (1 + self->percent / 100);
    self->lower = self->value * (1 - self->percent / 100);
    return self->value;
}

DUET_INDICATOR_READS_(duet_envelope)

/** Oscillator about a moving average: input - average. */
struct duet_average_oscillator {
    double value;
    struct duet_moving average;
};

static inline void duet_average_oscillator_init(
    struct duet_average_oscillator *self, enum duet_moving_kind kind, int64_t length) {
    self->value = (double)NAN;
    duet_moving_init(&self->average, kind, length);
}

static inline double duet_average_oscillator_update(struct duet_average_oscillator *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    return self->value = value - duet_moving_update(&self->average, value);
}

DUET_INDICATOR_READS_(duet_average_oscillator)

#endif
