/* Where the volume goes. What holds for all of them stands in <duet/indicators/rolling.h>. */
#ifndef DUET_INDICATORS_VOLUME_H
#define DUET_INDICATORS_VOLUME_H

#include <duet/indicators/parts.h>

/* ------------------------------------------------------------------ obv, nvi, pvi */

/**
 * On balance volume (Granville): adds the volume of a bar that closes higher, takes away that of one that closes
 * lower; begins at 0, or with the first volume. smooth: its simple mean over `smoothing`.
 *
 * The value is there with update 1, smooth with update `smoothing`; that is ready.
 */
struct duet_obv {
    double value, smooth, before;
    struct duet_sum sum;
    struct duet_mean_ mean;
    int64_t with_first;
    double slots[DUET_PART_MAX];
};

/** `smoothing` is clamped to 1..DUET_PART_MAX. */
static inline void duet_obv_init(struct duet_obv *self, int64_t smoothing, bool with_first) {
    memset(self, 0, sizeof(*self));
    self->with_first = with_first;
    self->value = self->smooth = self->before = (double)NAN;
    duet_mean_init_(&self->mean, DUET_MEAN_SMA, duet_clamp_(smoothing, 1, DUET_PART_MAX));
}

static inline double duet_obv_update(struct duet_obv *self, double close, double volume) {
    if (duet_finite_(close, volume, 0, 0)) {
        bool up = close > self->before || (self->with_first && isnan(self->before));
        duet_sum_add(&self->sum, up ? volume : close < self->before ? -volume : 0);
        self->before = close;
        self->value = duet_sum_value(&self->sum);
        self->smooth = duet_mean_push_(&self->mean, self->slots, self->value);
    }
    return self->value;
}

static inline double duet_obv_value(const struct duet_obv *self) {
    return self->value;
}

static inline bool duet_obv_ready(const struct duet_obv *self) {
    return !isnan(self->smooth);
}

/** Negative volume index (Dysart, Fosback): moves with the price, in percent, on bars of less volume than the one
 * before; begins at 1000. First with update 1. */
struct duet_nvi {
    double value, close, volume;
};

static inline void duet_nvi_init(struct duet_nvi *self) {
    self->value = self->close = self->volume = (double)NAN;
}

static inline double duet_nvi_update(struct duet_nvi *self, double close, double volume) {
    if (duet_finite_(close, volume, 0, 0)) {
        if (isnan(self->value)) {
            self->value = 1000;
        } else if (volume < self->volume) {
            self->value += self->value * duet_ratio_(close - self->close, self->close, 0);
        }
        self->close = close;
        self->volume = volume;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_nvi)

/** Positive volume index: as duet_nvi, on bars of more volume. */
struct duet_pvi {
    double value, close, volume;
};

static inline void duet_pvi_init(struct duet_pvi *self) {
    self->value = self->close = self->volume = (double)NAN;
}

static inline double duet_pvi_update(struct duet_pvi *self, double close, double volume) {
    if (duet_finite_(close, volume, 0, 0)) {
        if (isnan(self->value)) {
            self->value = 1000;
        } else if (volume > self->volume) {
            self->value += self->value * duet_ratio_(close - self->close, self->close, 0);
        }
        self->close = close;
        self->volume = volume;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_pvi)

/* ------------------------------------------------------------------ ad, adosc, cmf */

/** Where the close lies between low and high, -1 to 1; 0 where these are equal. */
static inline double duet_flow_(double high, double low, double close) {
    return duet_ratio_((close - low) - (high - close), high - low, 0);
}

/**
 * Accumulation and distribution line (Chaikin): sum of flow * volume, the flow being ((close - low) - (high - close)) /
 * (high - low), 0 where high = low. moved: what this bar adds. First with update 1.
 */
struct duet_ad {
    double value, flow, moved;
    struct duet_sum sum;
};

static inline void duet_ad_init(struct duet_ad *self) {
    self->value = self->flow = self->moved = (double)NAN;
    self->sum = duet_sum_none_();
}

static inline double duet_ad_update(struct duet_ad *self, double high, double low, double close, double volume) {
    if (duet_finite_(high, low, close, volume)) {
        self->flow = duet_flow_(high, low, close);
        self->moved = self->flow * volume;
        duet_sum_add(&self->sum, self->moved);
        self->value = duet_sum_value(&self->sum);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_ad)

/** Chaikin oscillator, also AD oscillator: fast mean - slow mean of the accumulation and distribution line;
 * DUET_MEAN_EMA or DUET_MEAN_EMA_FIRST. First with update max(fast, slow) whatever the kind. */
struct duet_adosc {
    double value;
    struct duet_ad ad;
    struct duet_mean_ fast, slow;
    int64_t count, from;
};

static inline void duet_adosc_init(struct duet_adosc *self, int64_t fast, int64_t slow, bool of_first) {
    duet_ad_init(&self->ad);
    fast = duet_clamp_(fast, 1, DUET_LENGTH_MAX);
    slow = duet_clamp_(slow, 1, DUET_LENGTH_MAX);
    duet_mean_init_(&self->fast, of_first ? DUET_MEAN_EMA_FIRST : DUET_MEAN_EMA, fast);
    duet_mean_init_(&self->slow, of_first ? DUET_MEAN_EMA_FIRST : DUET_MEAN_EMA, slow);
    self->count = 0;
    self->from = fast > slow ? fast : slow;
    self->value = (double)NAN;
}

static inline double duet_adosc_update(struct duet_adosc *self, double high, double low, double close, double volume) {
    if (duet_finite_(high, low, close, volume)) {
        double ad = duet_ad_update(&self->ad, high, low, close, volume);
        double fast = duet_mean_push_(&self->fast, NULL, ad), slow = duet_mean_push_(&self->slow, NULL, ad);
        self->count += self->count < self->from;
        self->value = self->count == self->from ? fast - slow : (double)NAN;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_adosc)

/** Chaikin money flow: flow * volume over volume, each summed over `length` bars; 0 without volume. First with update
 * `length`. */
struct duet_cmf {
    double value, flow, moved;
    struct duet_total_ flows, volumes;
    double flow_slots[DUET_PART_MAX], volume_slots[DUET_PART_MAX];
};

static inline void duet_cmf_init(struct duet_cmf *self, int64_t length) {
    memset(self, 0, sizeof(*self));
    duet_total_init_(&self->flows, duet_clamp_(length, 1, DUET_PART_MAX));
    duet_total_init_(&self->volumes, self->flows.ring.length);
    self->value = self->flow = self->moved = (double)NAN;
}

static inline double duet_cmf_update(struct duet_cmf *self, double high, double low, double close, double volume) {
    if (duet_finite_(high, low, close, volume)) {
        self->flow = duet_flow_(high, low, close);
        self->moved = self->flow * volume;
        double flows = duet_total_push_(&self->flows, self->flow_slots, self->moved);
        double volumes = duet_total_push_(&self->volumes, self->volume_slots, volume);
        self->value = duet_total_ready_(&self->flows) ? duet_ratio_(flows, volumes, 0) : (double)NAN;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_cmf)

/* ------------------------------------------------------------------ mfi, force, emv, marketfi */

/**
 * Money flow index (Quong, Soudack): 100 * U / (U + D), sums over `length` bars of p * volume where p = (high + low +
 * close) / 3 rose, and where it fell; 50 where neither. First with update length + 1.
 */
struct duet_mfi {
    double value, before;
    struct duet_total_ up, down;
    double up_slots[DUET_PART_MAX], down_slots[DUET_PART_MAX];
};

static inline void duet_mfi_init(struct duet_mfi *self, int64_t length) {
    memset(self, 0, sizeof(*self));
    duet_total_init_(&self->up, duet_clamp_(length, 1, DUET_PART_MAX));
    duet_total_init_(&self->down, self->up.ring.length);
    self->value = self->before = (double)NAN;
}

static inline double duet_mfi_update(struct duet_mfi *self, double high, double low, double close, double volume) {
    if (!duet_finite_(high, low, close, volume)) {
        return self->value;
    }
    double typical = (high + low + close) / 3;
    if (!isnan(self->before)) {
        double up = duet_total_push_(&self->up, self->up_slots, typical > self->before ? typical * volume : 0);
        double down = duet_total_push_(&self->down, self->down_slots, typical < self->before ? typical * volume : 0);
        self->value = duet_total_ready_(&self->up) ? 100 * duet_ratio_(up, up + down, 0.5) : (double)NAN;
    }
    self->before = typical;
    return self->value;
}

DUET_INDICATOR_READS_(duet_mfi)

/** Force index (Elder): exponential mean over `length` of the close's change times the volume, seeded with a simple
 * one. First with update length + 1. */
struct duet_force {
    double value, before;
    struct duet_mean_ mean;
};

static inline void duet_force_init(struct duet_force *self, int64_t length) {
    duet_mean_init_(&self->mean, DUET_MEAN_EMA, duet_clamp_(length, 1, DUET_LENGTH_MAX));
    self->value = self->before = (double)NAN;
}

static inline double duet_force_update(struct duet_force *self, double close, double volume) {
    if (duet_finite_(close, volume, 0, 0)) {
        self->value = duet_mean_push_(&self->mean, NULL, (close - self->before) * volume);
        self->before = close;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_force)

/**
 * Ease of movement (Arms): the way of the middle (high + low) / 2 from bar to bar, times high - low, over volume /
 * `scale`; 0 without volume. As simple mean over `length`. First with update length + 1.
 */
struct duet_emv {
    double value, before, scale;
    struct duet_mean_ mean;
    double slots[DUET_PART_MAX];
};

/** `scale` 10000 keeps the figures readable. */
static inline void duet_emv_init(struct duet_emv *self, int64_t length, double scale) {
    memset(self, 0, sizeof(*self));
    duet_mean_init_(&self->mean, DUET_MEAN_SMA, duet_clamp_(length, 1, DUET_PART_MAX));
    self->scale = scale;
    self->value = self->before = (double)NAN;
}

static inline double duet_emv_update(struct duet_emv *self, double high, double low, double volume) {
    if (duet_finite_(high, low, volume, 0)) {
        double middle = (high + low) / 2;
        double move = duet_ratio_((middle - self->before) * (high - low) * self->scale, volume, 0);
        self->value = duet_mean_push_(&self->mean, self->slots, move);
        self->before = middle;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_emv)

/** Market facilitation index (Williams): (high - low) / volume, 0 without volume. First with update 1. */
struct duet_marketfi {
    double value;
};

static inline void duet_marketfi_init(struct duet_marketfi *self) {
    self->value = (double)NAN;
}

static inline double duet_marketfi_update(struct duet_marketfi *self, double high, double low, double volume) {
    if (duet_finite_(high, low, volume, 0)) {
        self->value = duet_ratio_(high - low, volume, 0);
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_marketfi)

/* ------------------------------------------------------------------ kvo */

enum duet_kvo_style {
    DUET_KVO_SIMPLE_SEED = 0, // means seeded with simple ones; an unchanged price falls (Stock.Indicators)
    DUET_KVO_FIRST_SEED = 1, // means seeded with the first force; an unchanged price keeps the trend (Tulip)
    DUET_KVO_FULL_FLOW = 2, // as SIMPLE_SEED, but a flow of 0 takes in the bar before too (LEAN)
};

/**
 * Klinger volume oscillator: fast mean - slow mean of the volume force, volume * |2 (range / flow - 1)| * trend * 100;
 * trend: whether high + low + close rose; range: high - low; flow: ranges summed while the trend lasts, from the bar
 * before its first on. signal: its exponential mean.
 *
 * DUET_KVO_FIRST_SEED has |2 range / flow - 1|, which is as Klinger's article may be read as well. First with update
 * slow + 2 (signal signal - 1 later; that is ready), FIRST_SEED with update 2.
 */
struct duet_kvo {
    double value, signal;
    double price, range, flow, force;
    struct duet_mean_ fast, slow, mean;
    int64_t trend, count, style;
};

static inline void duet_kvo_init(
    struct duet_kvo *self, int64_t fast, int64_t slow, int64_t signal, enum duet_kvo_style style) {
    memset(self, 0, sizeof(*self));
    enum duet_mean_kind kind = style == DUET_KVO_FIRST_SEED ? DUET_MEAN_EMA_FIRST : DUET_MEAN_EMA;
    duet_mean_init_(&self->fast, kind, duet_clamp_(fast, 1, DUET_LENGTH_MAX));
    duet_mean_init_(&self->slow, kind, duet_clamp_(slow, 1, DUET_LENGTH_MAX));
    duet_mean_init_(&self->mean, kind, duet_clamp_(signal, 1, DUET_LENGTH_MAX));
    self->style = style;
    self->value = self->signal = (double)NAN;
}

/** Force of this bar, NAN where there is none yet. */
static inline double duet_kvo_force_(struct duet_kvo *self, double price, double range, double volume) {
    bool first_seed = self->style == DUET_KVO_FIRST_SEED;
    if (self->count == 0) {
        return (double)NAN;
    }
    int64_t trend = price > self->price ? 1 : first_seed && price == self->price ? self->trend : -1;
    bool turned = trend != self->trend || (self->style == DUET_KVO_FULL_FLOW && self->flow == 0);
    self->trend = trend;
    if (!first_seed && self->count == 1) {
        return (double)NAN;
    }
    self->flow = (turned ? self->range : self->flow) + range;
    double share = duet_ratio_(range, self->flow, first_seed ? 0.5 : 1);
    double part = first_seed ? 2 * share - 1 : 2 * (share - 1);
    return volume * duet_magnitude_(part) * (double)trend * 100;
}

static inline double duet_kvo_update(struct duet_kvo *self, double high, double low, double close, double volume) {
    if (!duet_finite_(high, low, close, volume)) {
        return self->value;
    }
    double price = high + low + close, range = high - low;
    double force = duet_kvo_force_(self, price, range, volume);
    double fast = duet_mean_push_(&self->fast, NULL, force);
    self->value = fast - duet_mean_push_(&self->slow, NULL, force);
    self->signal = duet_mean_push_(&self->mean, NULL, self->value);
    self->price = price;
    self->range = range;
    self->count += self->count < 2;
    return self->value;
}

static inline double duet_kvo_value(const struct duet_kvo *self) {
    return self->value;
}

static inline bool duet_kvo_ready(const struct duet_kvo *self) {
    return !isnan(self->signal);
}

/* ------------------------------------------------------------------ vwap */

/**
 * Volume weighted average price of (high + low + close) / 3, from the first bar of a session on; that price itself
 * while there is no volume. A session ends after `session` bars, never with 0, or with duet_vwap_restart(), which a
 * strategy calls where its day begins. First with update 1.
 */
struct duet_vwap {
    double value;
    struct duet_sum money, volume;
    int64_t session, count;
};

static inline void duet_vwap_init(struct duet_vwap *self, int64_t session) {
    memset(self, 0, sizeof(*self));
    self->session = duet_clamp_(session, 0, DUET_LENGTH_MAX);
    self->value = (double)NAN;
}

/** The next bar is the first of a session. */
static inline void duet_vwap_restart(struct duet_vwap *self) {
    duet_vwap_init(self, self->session);
}

static inline double duet_vwap_update(struct duet_vwap *self, double high, double low, double close, double volume) {
    if (!duet_finite_(high, low, close, volume)) {
        return self->value;
    }
    if (self->session > 0 && self->count == self->session) {
        duet_vwap_restart(self);
    }
    self->count += self->session > 0;
    double typical = (high + low + close) / 3;
    duet_sum_add(&self->money, typical * volume);
    duet_sum_add(&self->volume, volume);
    return self->value = duet_ratio_(duet_sum_value(&self->money), duet_sum_value(&self->volume), typical);
}

DUET_INDICATOR_READS_(duet_vwap)

/** Rolling volume weighted average price: a price over `length` bars, weighted by volume; that price itself while there
 * is no volume. First with update `length`. */
struct duet_vwap_rolling {
    double value;
    struct duet_total_ money, volume;
    double money_slots[DUET_PART_MAX], volume_slots[DUET_PART_MAX];
};

static inline void duet_vwap_rolling_init(struct duet_vwap_rolling *self, int64_t length) {
    memset(self, 0, sizeof(*self));
    duet_total_init_(&self->money, duet_clamp_(length, 1, DUET_PART_MAX));
    duet_total_init_(&self->volume, self->money.ring.length);
    self->value = (double)NAN;
}

/** `price` is whatever stands for the bar: its close, or (high + low + close) / 3. */
static inline double duet_vwap_rolling_update(struct duet_vwap_rolling *self, double price, double volume) {
    if (duet_finite_(price, volume, 0, 0)) {
        double money = duet_total_push_(&self->money, self->money_slots, price * volume);
        double sum = duet_total_push_(&self->volume, self->volume_slots, volume);
        self->value = duet_total_ready_(&self->money) ? duet_ratio_(money, sum, price) : (double)NAN;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_vwap_rolling)

/* ------------------------------------------------------------------ relative volume */

/**
 * Volume of the session so far over the mean of what the last `length` sessions had by then; 0 where that is 0. A
 * session has `bars` bars. First with the first bar of session length + 1.
 */
struct duet_relative_volume {
    double value, sum;
    int64_t length, bars, bar, sessions;
    double slots[DUET_WINDOW_MAX]; // by session and bar
};

/** `bars` is clamped to 1..DUET_WINDOW_MAX, `length` to what fits: length * bars is at most DUET_WINDOW_MAX. */
static inline void duet_relative_volume_init(struct duet_relative_volume *self, int64_t length, int64_t bars) {
    memset(self, 0, sizeof(*self));
    self->bars = duet_clamp_(bars, 1, DUET_WINDOW_MAX);
    self->length = duet_clamp_(length, 1, DUET_WINDOW_MAX / self->bars);
    self->value = (double)NAN;
}

static inline double duet_relative_volume_update(struct duet_relative_volume *self, double volume) {
    if (!isfinite(volume)) {
        return self->value;
    }
    self->sum += volume;
    if (self->sessions >= self->length) {
        double mean = 0;
        for (int64_t i = 0; i < self->length; i++) {
            mean += self->slots[i * self->bars + self->bar] / (double)self->length;
        }
        self->value = duet_ratio_(self->sum, mean, 0);
    }
    self->slots[self->sessions % self->length * self->bars + self->bar] = self->sum;
    if (++self->bar == self->bars) {
        self->bar = 0;
        self->sum = 0;
        self->sessions++;
    }
    return self->value;
}

DUET_INDICATOR_READS_(duet_relative_volume)

#endif
