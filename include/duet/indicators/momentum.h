/* Momentum, and differences of averages. What holds for all of them stands in <duet/indicators/rolling.h>. */
#ifndef DUET_INDICATORS_MOMENTUM_H
#define DUET_INDICATORS_MOMENTUM_H

#include <duet/indicators/parts.h>

/* ------------------------------------------------------------------ momentum, roc and its kin */

/** Momentum: the value less the one `length` updates before. First with update length + 1. */
struct duet_momentum {
    double value, before; // before: the value `length` ago
    struct duet_ring_ ring;
    double slots[DUET_WINDOW_MAX];
};

static inline void duet_momentum_init(struct duet_momentum *self, int64_t length) {
    memset(self, 0, sizeof(*self));
    duet_ring_init_(&self->ring, duet_clamp_(length, 1, DUET_WINDOW_MAX));
    self->before = self->value = (double)NAN;
}

static inline double duet_momentum_update(struct duet_momentum *self, double value) {
    if (isfinite(value)) {
        self->before = duet_ring_push_(&self->ring, self->slots, value);
        self->value = value - self->before;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_momentum)

/** Rate of change in percent: 100 * (value / before - 1), before being `length` ago; 0 where that is 0. */
struct duet_roc {
    double value;
    struct duet_momentum momentum;
};

static inline void duet_roc_init(struct duet_roc *self, int64_t length) {
    duet_momentum_init(&self->momentum, length);
    self->value = (double)NAN;
}

static inline double duet_roc_update(struct duet_roc *self, double value) {
    double change = duet_momentum_update(&self->momentum, value);
    return self->value = 100 * duet_ratio_(change, self->momentum.before, 0);
}

DUET_INDICATOR_READS_(duet_roc)

/** Rate of change as a fraction: value / before - 1; 0 where the value before is 0. */
struct duet_rocp {
    double value;
    struct duet_momentum momentum;
};

static inline void duet_rocp_init(struct duet_rocp *self, int64_t length) {
    duet_momentum_init(&self->momentum, length);
    self->value = (double)NAN;
}

static inline double duet_rocp_update(struct duet_rocp *self, double value) {
    double change = duet_momentum_update(&self->momentum, value);
    return self->value = duet_ratio_(change, self->momentum.before, 0);
}

DUET_INDICATOR_READS_(duet_rocp)

/** Rate of change as a ratio: value / before; 1 where the value before is 0. */
struct duet_rocr {
    double value;
    struct duet_momentum momentum;
};

static inline void duet_rocr_init(struct duet_rocr *self, int64_t length) {
    duet_momentum_init(&self->momentum, length);
    self->value = (double)NAN;
}

static inline double duet_rocr_update(struct duet_rocr *self, double value) {
    if (isfinite(value)) {
        (void)duet_momentum_update(&self->momentum, value);
        self->value = duet_ratio_(value, self->momentum.before, 1);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_rocr)

/* ------------------------------------------------------------------ apo, ppo, macd */

/**
 * Absolute price oscillator: fast mean - slow mean, both of one kind (enum duet_mean_kind). First with update
 * max(fast, slow); with the first one for a kind that is seeded with the first value.
 */
struct duet_apo {
    double value;
    struct duet_mean_ fast, slow;
    double fast_slots[DUET_PART_MAX], slow_slots[DUET_PART_MAX];
};

/** Lengths are clamped to 1..DUET_PART_MAX. */
static inline void duet_apo_init(struct duet_apo *self, int64_t fast, int64_t slow, int64_t kind) {
    memset(self, 0, sizeof(*self));
    duet_mean_init_(&self->fast, kind, duet_clamp_(fast, 1, DUET_PART_MAX));
    duet_mean_init_(&self->slow, kind, duet_clamp_(slow, 1, DUET_PART_MAX));
    self->value = (double)NAN;
}

static inline double duet_apo_update(struct duet_apo *self, double value) {
    if (isfinite(value)) {
        double fast = duet_mean_push_(&self->fast, self->fast_slots, value);
        self->value = fast - duet_mean_push_(&self->slow, self->slow_slots, value);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_apo)

/**
 * Percentage price oscillator: 100 * (fast mean - slow mean) / slow mean, 0 where that is 0; with `of_fast` over the
 * fast mean. Its signal is an exponential mean of it.
 *
 * The value is there with update max(fast, slow), signal and histogram signal - 1 later; that is ready.
 */
struct duet_ppo {
    double value, signal, histogram;
    struct duet_apo apo;
    struct duet_mean_ mean;
    int64_t of_fast;
};

static inline void duet_ppo_init(
    struct duet_ppo *self, int64_t fast, int64_t slow, int64_t signal, int64_t kind, bool of_fast) {
    duet_apo_init(&self->apo, fast, slow, kind);
    duet_mean_init_(&self->mean, duet_mean_of_first_(kind) ? DUET_MEAN_EMA_FIRST : DUET_MEAN_EMA,
        duet_clamp_(signal, 1, DUET_PART_MAX));
    self->value = self->signal = self->histogram = (double)NAN;
    self->of_fast = of_fast;
}

static inline double duet_ppo_update(struct duet_ppo *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double difference = duet_apo_update(&self->apo, value);
    double divisor = self->of_fast ? self->apo.fast.value : self->apo.slow.value;
    self->value = 100 * duet_ratio_(difference, divisor, 0);
    self->signal = duet_mean_push_(&self->mean, NULL, self->value);
    self->histogram = self->value - self->signal;
    return self->value;
}

static inline double duet_ppo_value(const struct duet_ppo *self) {
    return self->value;
}

static inline bool duet_ppo_ready(const struct duet_ppo *self) {
    return !isnan(self->signal);
}

/**
 * Moving average convergence and divergence (Appel): fast mean - slow mean, the mean of it as signal, and what lies
 * between these as histogram. All three of one kind, usually DUET_MEAN_EMA.
 *
 * The value is there with update max(fast, slow), signal and histogram signal - 1 later; that is ready.
 */
struct duet_macd {
    double value, signal, histogram;
    struct duet_apo apo;
    struct duet_mean_ mean;
    double slots[DUET_PART_MAX];
};

static inline void duet_macd_init(struct duet_macd *self, int64_t fast, int64_t slow, int64_t signal, int64_t kind) {
    memset(self, 0, sizeof(*self));
    duet_apo_init(&self->apo, fast, slow, kind);
    duet_mean_init_(&self->mean, kind, duet_clamp_(signal, 1, DUET_PART_MAX));
    self->value = self->signal = self->histogram = (double)NAN;
}

static inline double duet_macd_update(struct duet_macd *self, double value) {
    if (isfinite(value)) {
        self->value = duet_apo_update(&self->apo, value);
        self->signal = duet_mean_push_(&self->mean, self->slots, self->value);
        self->histogram = self->value - self->signal;
    }
    return self->value;
}

static inline double duet_macd_value(const struct duet_macd *self) {
    return self->value;
}

static inline bool duet_macd_ready(const struct duet_macd *self) {
    return !isnan(self->signal);
}

/**
 * MACD with each mean seeded with the first value it takes, shown from update max(fast, slow) on: the signal begins
 * with the first value shown. For 12 and 26 the factors are the historical 0.15 and 0.075.
 */
struct duet_macdfix {
    double value, signal, histogram;
    struct duet_mean_ fast, slow, mean;
    int64_t count, from;
};

static inline void duet_macdfix_init(struct duet_macdfix *self, int64_t fast, int64_t slow, int64_t signal) {
    fast = duet_clamp_(fast, 1, DUET_PART_MAX);
    slow = duet_clamp_(slow, 1, DUET_PART_MAX);
    duet_mean_init_(&self->fast, DUET_MEAN_EMA_FIRST, fast);
    duet_mean_init_(&self->slow, DUET_MEAN_EMA_FIRST, slow);
    duet_mean_init_(&self->mean, DUET_MEAN_EMA_FIRST, duet_clamp_(signal, 1, DUET_PART_MAX));
    if (fast == 12 && slow == 26) {
        self->fast.alpha = 0.15;
        self->slow.alpha = 0.075;
    }
    self->value = self->signal = self->histogram = (double)NAN;
    self->count = 0;
    self->from = fast > slow ? fast : slow;
}

static inline double duet_macdfix_update(struct duet_macdfix *self, double value) {
    if (isfinite(value)) {
        double fast = duet_mean_push_(&self->fast, NULL, value);
        double slow = duet_mean_push_(&self->slow, NULL, value);
        self->count += self->count < self->from;
        if (self->count == self->from) {
            self->value = fast - slow;
            self->signal = duet_mean_push_(&self->mean, NULL, self->value);
            self->histogram = self->value - self->signal;
        }
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_macdfix)

/* ------------------------------------------------------------------ trix, tsi */

/** How a threefold mean begins. */
enum duet_trix_seed {
    DUET_TRIX_SMA = 0, // each mean with the simple mean of `length` values of the one before it
    DUET_TRIX_FIRST = 1, // each with the first value after `length` of the one before it; per cent of the newest mean
    DUET_TRIX_JOINT = 2, // all with the simple mean of the first `length` inputs, as Stock.Indicators has it
};

/**
 * TRIX: percent change, over one update, of an exponential mean taken three times; 0 where the mean before is 0. The
 * signal is the mean of its last `signal` values, simple or exponential.
 *
 * The value is there with update 3 * length - 1 (length + 1 for DUET_TRIX_JOINT), the signal signal - 1 later; that is
 * ready.
 */
struct duet_trix {
    double value, signal, triple; // triple: the threefold mean
    struct duet_mean_ means[3], mean;
    int64_t count, from, wait; // the first triple comes with update `from`; a mean waits for `wait` of the one before
    double slots[DUET_PART_MAX];
};

static inline void duet_trix_init(
    struct duet_trix *self, int64_t length, int64_t signal, enum duet_trix_seed seed, enum duet_mean_kind signal_kind) {
    memset(self, 0, sizeof(*self));
    length = duet_clamp_(length, 1, DUET_LENGTH_MAX);
    for (int i = 0; i < 3; i++) {
        bool simple = seed == DUET_TRIX_SMA || (seed == DUET_TRIX_JOINT && i == 0);
        duet_mean_init_(&self->means[i], simple ? DUET_MEAN_EMA : DUET_MEAN_EMA_FIRST, length);
    }
    duet_mean_init_(&self->mean, signal_kind, duet_clamp_(signal, 1, DUET_PART_MAX));
    self->value = self->signal = self->triple = (double)NAN;
    self->wait = seed == DUET_TRIX_FIRST ? length - 1 : 0;
    self->from = seed == DUET_TRIX_JOINT ? length : 3 * length - 2;
}

static inline double duet_trix_update(struct duet_trix *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double before = self->triple;
    for (int i = 0; i < 3; i++) {
        value = duet_mean_push_(&self->means[i], NULL, self->count < i * self->wait ? (double)NAN : value);
    }
    self->count += self->count <= self->from;
    if (self->count >= self->from) {
        self->triple = value;
    }
    if (self->count > self->from) {
        self->value = 100 * duet_ratio_(value - before, self->wait > 0 ? value : before, 0);
        self->signal = duet_mean_push_(&self->mean, self->slots, self->value);
    }
    return self->value;
}

static inline double duet_trix_value(const struct duet_trix *self) {
    return self->value;
}

static inline bool duet_trix_ready(const struct duet_trix *self) {
    return !isnan(self->signal);
}

/**
 * True strength index (Blau): 100 * the change over one update, smoothed twice (slow, then fast), over its magnitude
 * smoothed alike; 0 where nothing moves. The signal is an exponential mean of it.
 *
 * The value is there with update slow + fast, the signal signal - 1 later; that is ready.
 */
struct duet_tsi {
    double value, signal, before;
    struct duet_mean_ moves[2], sizes[2], mean;
};

/** Lengths are clamped to 1..DUET_LENGTH_MAX. */
static inline void duet_tsi_init(struct duet_tsi *self, int64_t slow, int64_t fast, int64_t signal) {
    for (int i = 0; i < 2; i++) {
        int64_t length = duet_clamp_(i == 0 ? slow : fast, 1, DUET_LENGTH_MAX);
        duet_mean_init_(&self->moves[i], DUET_MEAN_EMA, length);
        duet_mean_init_(&self->sizes[i], DUET_MEAN_EMA, length);
    }
    duet_mean_init_(&self->mean, DUET_MEAN_EMA, duet_clamp_(signal, 1, DUET_LENGTH_MAX));
    self->value = self->signal = self->before = (double)NAN;
}

static inline double duet_tsi_update(struct duet_tsi *self, double value) {
    if (!isfinite(value)) {
        return self->value;
    }
    double move = value - self->before, size = duet_magnitude_(move);
    self->before = value;
    for (int i = 0; i < 2; i++) {
        move = duet_mean_push_(&self->moves[i], NULL, move);
        size = duet_mean_push_(&self->sizes[i], NULL, size);
    }
    self->value = 100 * duet_ratio_(move, size, 0);
    self->signal = duet_mean_push_(&self->mean, NULL, self->value);
    return self->value;
}

static inline double duet_tsi_value(const struct duet_tsi *self) {
    return self->value;
}

static inline bool duet_tsi_ready(const struct duet_tsi *self) {
    return !isnan(self->signal);
}

/* ------------------------------------------------------------------ awesome, accelerator */

/**
 * Awesome oscillator (Williams): simple mean of the last `fast` middles (high + low) / 2 less that of the last `slow`.
 * percent: the same in percent of the middle, 0 where that is 0. First with update max(fast, slow).
 */
struct duet_ao {
    double value, percent;
    struct duet_apo apo;
};

static inline void duet_ao_init(struct duet_ao *self, int64_t fast, int64_t slow) {
    duet_apo_init(&self->apo, fast, slow, DUET_MEAN_SMA);
    self->value = self->percent = (double)NAN;
}

static inline double duet_ao_update(struct duet_ao *self, double high, double low) {
    if (duet_finite_(high, low, 0, 0)) {
        double middle = (high + low) / 2;
        self->value = duet_apo_update(&self->apo, middle);
        self->percent = 100 * duet_ratio_(self->value, middle, 0);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_ao)

/** Accelerator (Williams): the awesome oscillator less its simple mean of `length`. First with slow + length - 1. */
struct duet_accelerator {
    double value;
    struct duet_ao ao;
    struct duet_mean_ mean;
    double slots[DUET_PART_MAX];
};

static inline void duet_accelerator_init(struct duet_accelerator *self, int64_t fast, int64_t slow, int64_t length) {
    memset(self, 0, sizeof(*self));
    duet_ao_init(&self->ao, fast, slow);
    duet_mean_init_(&self->mean, DUET_MEAN_SMA, duet_clamp_(length, 1, DUET_PART_MAX));
    self->value = (double)NAN;
}

static inline double duet_accelerator_update(struct duet_accelerator *self, double high, double low) {
    if (duet_finite_(high, low, 0, 0)) {
        double ao = duet_ao_update(&self->ao, high, low);
        self->value = ao - duet_mean_push_(&self->mean, self->slots, ao);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_accelerator)

#endif
