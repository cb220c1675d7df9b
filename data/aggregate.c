#include "data/aggregate.h"

#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/money.h"
#include "data/bars.h"

/** Volumes are summed with at least so many decimals, whatever the instrument is traded in. */
#define VOLUME_DECIMALS_MIN 8
/** Prices are below 2^62; a brick of this or more would leave 64 bits. */
#define BRICK_END (INT64_C(1) << 60)
/** More than any sum comes to. */
#define VALUE_MAX ((duet_money)1 << 126)

static_assert(sizeof(struct duet_aggregate_state) % 16 == 0, "no padding at its end");

/* -------------------------------------------------------------------------------------------------------- sizes */

/** `size` in units of 10^-from as one in units of 10^-to, rounded up: sums are whole numbers. */
static duet_money rescale_up(int64_t size, unsigned from, unsigned to) {
    duet_money result = size;
    for (; to > from && result < VALUE_MAX / 10; to--) {
        result *= 10;
    }
    for (; from > to; from--) {
        result = (result + 9) / 10;
    }
    return result;
}

static enum duet_status set_brick(struct duet_aggregate *aggregate, int64_t bars) {
    unsigned decimals = duet_bars_decimals(DUET_BARS_KIND_RENKO);
    duet_money size = rescale_up(duet_bars_size(bars), decimals, aggregate->options.price_decimals);
    if (rescale_up((int64_t)size, aggregate->options.price_decimals, decimals) != duet_bars_size(bars) ||
        size >= BRICK_END) {
        char text[DUET_BARS_TEXT_MAX];
        return duet_error(DUET_ENOTFOUND, "no bars of %s: prices here have %u decimals", duet_bars_format(bars, text),
            aggregate->options.price_decimals);
    }
    aggregate->size = (int64_t)size;
    return DUET_OK;
}

enum duet_status duet_aggregate_init(struct duet_aggregate *aggregate, const struct duet_aggregate_options *options) {
    int64_t bars = options->bars;
    enum duet_status status = duet_bars_check(bars, 0);
    if (status != DUET_OK) {
        return status;
    }
    memset(aggregate, 0, sizeof(*aggregate)); // it is saved as it lies
    aggregate->options = *options;
    aggregate->kind = duet_bars_kind(bars);
    aggregate->volume_decimals =
        options->quantity_decimals > VOLUME_DECIMALS_MIN ? options->quantity_decimals : VOLUME_DECIMALS_MIN;
    aggregate->volume_scale = (double)duet_pow10(aggregate->volume_decimals);
    aggregate->quantity_units = duet_pow10(aggregate->volume_decimals - options->quantity_decimals);
    aggregate->state.due_ns = INT64_MAX;
    aggregate->state.last_ns = INT64_MIN;
    aggregate->state.span = (struct duet_span){.open_ns = INT64_MAX, .close_ns = INT64_MIN};
    switch (aggregate->kind) {
    case DUET_BARS_KIND_TICKS:
        aggregate->size = duet_bars_size(bars);
        break;
    case DUET_BARS_KIND_VOLUME:
        aggregate->limit =
            rescale_up(duet_bars_size(bars), duet_bars_decimals(DUET_BARS_KIND_VOLUME), aggregate->volume_decimals);
        break;
    case DUET_BARS_KIND_VALUE:
        aggregate->limit = rescale_up(duet_bars_size(bars), duet_bars_decimals(DUET_BARS_KIND_VALUE),
            aggregate->volume_decimals + options->price_decimals);
        break;
    case DUET_BARS_KIND_RENKO:
        status = set_brick(aggregate, bars);
        break;
    default:
        break;
    }
    return status;
}

/* ------------------------------------------------------------------------------------------------ what is told */

/** One piece, with everything that is known of it. */
struct piece {
    const struct duet_bar *bar;
    duet_money volume;
    int64_t inside_ns, told_ns;
};

/** The first piece of a bar: everything but its span. */
static void begin(struct duet_aggregate *aggregate, const struct piece *piece) {
    struct duet_aggregate_state *state = &aggregate->state;
    state->bar = *piece->bar;
    state->bar.size = sizeof(state->bar);
    state->bar.instrument = aggregate->options.instrument;
    state->bar.interval_ns = aggregate->options.bars;
    state->bar.price_decimals = aggregate->options.price_decimals;
    state->bar.flags = 0;
    state->bar.reserved[0] = state->bar.reserved[1] = 0;
    state->volume = piece->volume;
    state->value = 0;
    state->count = 0;
    state->last_ns = piece->told_ns;
}

static void begin_or_join(struct duet_aggregate *aggregate, const struct piece *piece) {
    if (aggregate->state.bar.size == 0) {
        begin(aggregate, piece);
    } else {
        duet_aggregate_join(&aggregate->state, piece->bar, piece->volume, piece->told_ns);
    }
}

static void take_time(struct duet_aggregate *aggregate, const struct piece *piece) {
    struct duet_aggregate_state *state = &aggregate->state;
    if (state->begun != 0 && piece->inside_ns < state->span.close_ns) {
        state->late++; // its span is over, or lies before the one under way
        return;
    }
    DUET_ASSERT(state->bar.size == 0);
    state->span = duet_span_of(aggregate->options.zone, aggregate->options.bars, piece->inside_ns);
    begin(aggregate, piece);
    state->bar.flags = state->begun == 0 && piece->bar->open_ns > state->span.open_ns ? DUET_BAR_PARTIAL : 0;
    state->bar.open_ns = state->span.open_ns;
    state->bar.close_ns = state->due_ns = state->span.close_ns;
}

/** price · volume added; beyond all bounds it is simply enough. */
static void add_value(struct duet_aggregate_state *state, const struct piece *piece) {
    duet_money product, sum;
    if (duet_money_muldiv(piece->bar->close_scaled, piece->volume, 1, &product) != DUET_OK ||
        duet_money_add(state->value, product, &sum) != DUET_OK) {
        sum = VALUE_MAX;
    }
    state->value = sum;
}

static void take_counted(struct duet_aggregate *aggregate, const struct piece *piece) {
    struct duet_aggregate_state *state = &aggregate->state;
    begin_or_join(aggregate, piece);
    state->count++;
    bool enough = false;
    if (aggregate->kind == DUET_BARS_KIND_TICKS) {
        enough = state->count >= aggregate->size;
    } else if (aggregate->kind == DUET_BARS_KIND_VOLUME) {
        enough = state->volume >= aggregate->limit;
    } else {
        add_value(state, piece);
        enough = state->value >= aggregate->limit;
    }
    state->due_ns = enough ? state->last_ns : INT64_MAX;
}

/* --------------------------------------------------------------------------------------------------------- renko */

static int64_t greater(int64_t a, int64_t b) {
    return a > b ? a : b;
}
static int64_t lesser(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/** +1: the next brick goes up and is complete; -1: down; 0: the price has not got there. */
static int brick_ready(const struct duet_aggregate *aggregate) {
    const struct duet_aggregate_state *state = &aggregate->state;
    int64_t up = greater(state->brick_open, state->brick_close) + aggregate->size;
    int64_t down = lesser(state->brick_open, state->brick_close) - aggregate->size;
    return state->price >= up ? 1 : state->price <= down ? -1 : 0;
}

/** The multiple of the size that is nearest, halves up. */
static int64_t nearest_edge(int64_t price, int64_t size) {
    int64_t rest = price % size;
    rest += rest < 0 ? size : 0;
    return price - rest + (rest >= size - rest ? size : 0);
}

static void take_renko(struct duet_aggregate *aggregate, const struct piece *piece) {
    struct duet_aggregate_state *state = &aggregate->state;
    if (state->begun == 0) {
        state->brick_open = state->brick_close = nearest_edge(piece->bar->close_scaled, aggregate->size);
    }
    begin_or_join(aggregate, piece);
    state->price = piece->bar->close_scaled;
    state->due_ns = brick_ready(aggregate) != 0 ? state->last_ns : INT64_MAX;
}

static void put_prices(const struct duet_aggregate *aggregate, struct duet_bar *bar) {
    unsigned decimals = aggregate->options.price_decimals;
    bar->open = duet_unscale(bar->open_scaled, decimals);
    bar->high = duet_unscale(bar->high_scaled, decimals);
    bar->low = duet_unscale(bar->low_scaled, decimals);
    bar->close = duet_unscale(bar->close_scaled, decimals);
}

/** The next complete brick out of what is under way; what is left begins where it ends. */
static void finish_brick(struct duet_aggregate *aggregate, struct duet_bar *out) {
    struct duet_aggregate_state *state = &aggregate->state;
    bool up = brick_ready(aggregate) > 0;
    out->open_scaled =
        up ? greater(state->brick_open, state->brick_close) : lesser(state->brick_open, state->brick_close);
    out->close_scaled = out->open_scaled + (up ? aggregate->size : -aggregate->size);
    out->high_scaled = up ? out->close_scaled : greater(out->open_scaled, state->bar.high_scaled);
    out->low_scaled = up ? lesser(out->open_scaled, state->bar.low_scaled) : out->close_scaled;
    put_prices(aggregate, out);
    state->brick_open = out->open_scaled;
    state->brick_close = out->close_scaled;
    state->bar.open_ns = state->last_ns;
    state->bar.high_scaled = state->bar.low_scaled = state->brick_close; // the price came from there: no wick
    state->volume = 0;
    if (brick_ready(aggregate) == 0) {
        state->due_ns = INT64_MAX;
        state->bar.high_scaled = greater(state->price, state->brick_close);
        state->bar.low_scaled = lesser(state->price, state->brick_close);
        state->bar.size = state->price == state->brick_close ? 0 : state->bar.size;
    }
}

/* ----------------------------------------------------------------------------------------------------- from outside */

void duet_aggregate_piece(struct duet_aggregate *aggregate, const struct duet_bar *bar, duet_money volume,
    int64_t inside_ns, int64_t told_ns) {
    const struct piece piece = {.bar = bar, .volume = volume, .inside_ns = inside_ns, .told_ns = told_ns};
    struct duet_aggregate_state *state = &aggregate->state;
    if (aggregate->kind == DUET_BARS_KIND_TIME) {
        take_time(aggregate, &piece);
    } else if (told_ns < state->last_ns) {
        state->late++;
    } else if (aggregate->kind == DUET_BARS_KIND_RENKO) {
        take_renko(aggregate, &piece);
    } else {
        take_counted(aggregate, &piece);
    }
    state->begun = 1;
}

bool duet_aggregate_trade(
    struct duet_aggregate *aggregate, int64_t time_ns, int64_t price_scaled, int64_t quantity_scaled) {
    struct duet_aggregate_state *state = &aggregate->state;
    double price = duet_unscale(price_scaled, aggregate->options.price_decimals);
    const struct duet_bar bar = {.open_ns = time_ns,
        .close_ns = time_ns,
        .open = price,
        .high = price,
        .low = price,
        .close = price,
        .open_scaled = price_scaled,
        .high_scaled = price_scaled,
        .low_scaled = price_scaled,
        .close_scaled = price_scaled};
    duet_money volume = (duet_money)quantity_scaled * aggregate->quantity_units;
    if (state->due_ns != INT64_MAX && time_ns < state->due_ns && time_ns >= state->span.open_ns) {
        duet_aggregate_join(state, &bar, volume, time_ns);
        return false;
    }
    uint64_t late = state->late;
    bool opens = state->bar.size == 0;
    duet_aggregate_piece(aggregate, &bar, volume, time_ns, time_ns);
    return opens && state->late == late;
}

bool duet_aggregate_next(struct duet_aggregate *aggregate, int64_t now_ns, struct duet_bar *out) {
    struct duet_aggregate_state *state = &aggregate->state;
    if (state->due_ns > now_ns || state->due_ns == INT64_MAX) {
        return false;
    }
    *out = state->bar;
    out->close_ns = state->due_ns;
    out->volume = (double)state->volume / aggregate->volume_scale;
    if (aggregate->kind == DUET_BARS_KIND_RENKO) {
        finish_brick(aggregate, out);
    } else {
        state->bar.size = 0;
        state->due_ns = INT64_MAX;
    }
    return true;
}

bool duet_aggregate_flush(struct duet_aggregate *aggregate, struct duet_bar *out) {
    struct duet_aggregate_state *state = &aggregate->state;
    if (state->bar.size == 0) {
        return false;
    }
    *out = state->bar;
    out->close_ns = state->last_ns;
    out->volume = (double)state->volume / aggregate->volume_scale;
    out->flags |= DUET_BAR_PARTIAL;
    if (aggregate->kind == DUET_BARS_KIND_RENKO) {
        out->open_scaled = state->brick_close;
        out->close_scaled = state->price;
        out->high_scaled = greater(out->high_scaled, out->open_scaled);
        out->low_scaled = lesser(out->low_scaled, out->open_scaled);
        put_prices(aggregate, out);
    }
    state->bar.size = 0;
    state->due_ns = INT64_MAX;
    return true;
}
