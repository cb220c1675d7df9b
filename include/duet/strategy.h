/*
 * Writing a strategy.
 *
 * A strategy is one C file that exports one constant table, `duet_strategy_plugin`, and
 * links nothing:
 *
 *     cc -shared -fPIC -O2 $(pkg-config --cflags duet) -o libmine.so mine.c
 *     duet backtest --strategy ./libmine.so --data SPY=spy.csv
 *
 * The engine allocates `state_size` zeroed bytes per state, fills in the parameters and
 * calls the callbacks below, all on one thread. State is flat by default: no pointers, so the
 * engine can save, restore and copy it. A strategy never reads a clock or a random source
 * of its own; duet_now() and duet_random() come from the run, which makes every decision
 * repeatable.
 *
 * Every struct that crosses begins with its size and only grows at its end within one
 * major interface version; a callback that is NULL is not called.
 */
#ifndef DUET_STRATEGY_H
#define DUET_STRATEGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <duet/bar.h>
#include <duet/event.h>
#include <duet/indicator.h>
#include <duet/order.h>
#include <duet/status.h>

#define DUET_STRATEGY_ABI_MAJOR 1u
#define DUET_STRATEGY_ABI_MINOR 1u
/** Version of this interface. The same major version: smaller tables are accepted. */
#define DUET_STRATEGY_ABI (DUET_STRATEGY_ABI_MAJOR << 16 | DUET_STRATEGY_ABI_MINOR)

/** `instrument` of the context of a DUET_ALL strategy; pick one with duet_on(). */
#define DUET_NO_INSTRUMENT UINT32_MAX

struct duet_host;

/** What a callback is handed; read-only for the plugin. Valid during the callback. */
struct duet_context {
    uint32_t size;
    uint32_t instrument; // whose state this is; DUET_NO_INSTRUMENT in DUET_ALL
    const struct duet_host *host;
    int64_t now_ns; // time of the input being worked off
    uint32_t is_warm; // see duet_warm_up()
    uint32_t instrument_count; // instruments of the run, sorted by symbol: 0 … count-1
};

/* ------------------------------------------------------------------ parameters */

enum duet_param_kind { DUET_PARAM_KIND_INT = 1, DUET_PARAM_KIND_REAL, DUET_PARAM_KIND_BOOL };

/** One parameter: where it lies in the state, its default and its bounds (both inclusive). */
struct duet_param {
    uint32_t size;
    uint32_t kind; // enum duet_param_kind
    const char *name;
    size_t offset;
    double fallback, minimum, maximum; // integers are exact up to 2^53
    const char *help;
};

#define DUET_PARAM_(state, field, ctype, kind_, default_, minimum_, maximum_, help_)                                \
    {                                                                                                               \
        .size = sizeof(struct duet_param), .kind = kind_, .name = #field,                                           \
        .offset = offsetof(state, field) + 0 * sizeof(_Generic(((state *)0)->field, ctype : 1)),                    \
        .fallback = (double)(default_), .minimum = (double)(minimum_), .maximum = (double)(maximum_), .help = help_ \
    }
/** The field must be an int64_t, a double or a bool respectively; another type does not compile. */
#define DUET_PARAM_INT(state, field, default_, minimum, maximum, help) \
    DUET_PARAM_(state, field, int64_t, DUET_PARAM_KIND_INT, default_, minimum, maximum, help)
#define DUET_PARAM_REAL(state, field, default_, minimum, maximum, help) \
    DUET_PARAM_(state, field, double, DUET_PARAM_KIND_REAL, default_, minimum, maximum, help)
#define DUET_PARAM_BOOL(state, field, default_, help) \
    DUET_PARAM_(state, field, bool, DUET_PARAM_KIND_BOOL, default_, 0, 1, help)

/* ------------------------------------------------------------ what is handed over */

/** An instrument. `*_scaled` count 10^-decimals. */
struct duet_instrument_info {
    uint32_t size;
    uint32_t price_decimals, quantity_decimals, reserved;
    int64_t tick_scaled, lot_scaled;
    double tick, lot, multiplier;
    char symbol[32], currency[8];
};

struct duet_position {
    uint32_t size, instrument;
    double quantity; // signed; 0 is flat
    double working; // signed sum of what working orders may still add, reduce-only ones apart
    double average_price; // of the open part; 0 when flat
    double last_price; // it is valued at; 0 before any price
    double unrealized, realized, commission;
};

struct duet_account {
    uint32_t size, reserved;
    double cash, equity, initial_cash;
    double gross_exposure; // sum of |quantity · price · multiplier|
    double realized, commission;
};

/** All fields of an order. Quantity > 0; prices that the type does not use stay 0. */
struct duet_order_request {
    uint32_t size;
    uint32_t flags; // DUET_REDUCE_ONLY
    int32_t side; // enum duet_side
    int32_t type; // enum duet_order_type
    int32_t time_in_force;
    int32_t reserved;
    double quantity, price, stop_price;
    int64_t expires_ns; // GTD: first instant at which it is dead
    const char *reason; // copied; may be NULL
};

/** State of one of your orders, as on_order reports it. */
struct duet_order_update {
    uint32_t size, instrument;
    uint64_t order_id;
    int32_t status, previous; // enum duet_order_status
    int32_t reason_code; // enum duet_reason
    int32_t side;
    int32_t type;
    int32_t reserved;
    double quantity, filled, price, stop_price;
    const char *reason; // as you gave it
};

/** A fill of one of your orders, as on_fill reports it. */
struct duet_fill_update {
    uint32_t size, instrument;
    uint64_t order_id, fill_id;
    int32_t side, liquidity;
    double quantity, price, commission;
    int64_t time_ns;
    const char *reason; // of the order
};

/** Values that one computation can give. */
#define DUET_FEATURE_VALUES 7

/**
 * Runs on a worker thread, away from the loop: a pure function of its input. It must not touch the strategy's state,
 * nor anything global. Writes up to DUET_FEATURE_VALUES values and returns how many; negative: it failed.
 */
typedef int (*duet_compute_function)(const void *input, size_t size, double values[DUET_FEATURE_VALUES]);

/** What a computation gave, as on_feature reports it. */
struct duet_feature {
    uint32_t size, instrument; // of the context that asked; DUET_NO_INSTRUMENT for that of all
    uint64_t ticket; // as duet_compute() returned it
    int32_t status; // enum duet_status: DUET_OK, DUET_ETIMEOUT, DUET_EFULL …
    uint32_t count;
    double values[DUET_FEATURE_VALUES];
};

enum duet_log_level { DUET_LOG_ERROR = 0, DUET_LOG_WARN, DUET_LOG_INFO, DUET_LOG_DEBUG };

/* ------------------------------------------------------------------- the strategy */

enum duet_scope {
    DUET_EACH_INSTRUMENT = 0, // one state per instrument; the context is that instrument's
    DUET_ALL, // one state for all; pick an instrument with duet_on()
};

/**
 * The table a plugin exports. Callbacks run in the order of the inputs; none may block.
 * A failure of `init` or `on_start` ends the run before it begins (exit code 2).
 */
struct duet_strategy_impl {
    uint32_t size; // sizeof(struct duet_strategy_impl)
    uint32_t abi; // DUET_STRATEGY_ABI
    const char *name;
    uint32_t scope; // enum duet_scope
    uint32_t reserved;
    size_t state_size;
    const struct duet_param *params; // ends with {0}; NULL: none

    /** Parameters are in place; check them, set indicators up, ask for warm-up and series. No orders yet. */
    enum duet_status (*init)(struct duet_context *ctx, void *state);
    /** Everything is connected; no bar has been delivered. */
    enum duet_status (*on_start)(struct duet_context *ctx, void *state);
    /** A bar closed: the instrument's primary series (the finest, or what bars= names first), and those asked for by
     * duet_subscribe(). */
    void (*on_bar)(struct duet_context *ctx, void *state, const struct duet_bar *bar);
    /** DUET_ALL: once per instant, after every bar that closes at it. */
    void (*on_instant)(struct duet_context *ctx, void *state, int64_t now_ns);
    void (*on_trade)(struct duet_context *ctx, void *state, const struct duet_trade *trade);
    void (*on_quote)(struct duet_context *ctx, void *state, const struct duet_quote *quote);
    /** A signal of another strategy of the run. */
    void (*on_signal)(struct duet_context *ctx, void *state, const struct duet_signal *signal);
    /** One of your orders changed its status; position and account already know. */
    void (*on_order)(struct duet_context *ctx, void *state, const struct duet_order_update *order);
    void (*on_fill)(struct duet_context *ctx, void *state, const struct duet_fill_update *fill);
    /** A timer of duet_timer() came due; `cookie` is the number given there. */
    void (*on_timer)(struct duet_context *ctx, void *state, uint64_t cookie);
    /** No more inputs. Orders sent here are refused. */
    void (*on_stop)(struct duet_context *ctx, void *state);

    /**
     * Only for a state with pointers. save writes at most `capacity` bytes into `out` and returns
     * how many it needs; it is called again with more room where that was too little. load
     * rebuilds a state from what save wrote.
     */
    size_t (*save)(struct duet_context *ctx, const void *state, void *out, size_t capacity);
    enum duet_status (*load)(struct duet_context *ctx, void *state, const void *saved, size_t size);

    const char *summary; // one line for `duet strategies`; may be NULL
    /* minor version 1 */
    /** A computation of duet_compute() is done. In a backtest: before the next input, in the order they were asked for.
     */
    void (*on_feature)(struct duet_context *ctx, void *state, const struct duet_feature *feature);
};

/** What the engine looks up in the plugin. */
extern DUET_EXPORT const struct duet_strategy_impl duet_strategy_plugin;

/* ---------------------------------------------------------------------- the host */

/** The engine's side; use the verbs below. A slot the engine does not have is NULL. */
struct duet_host {
    uint32_t size;
    uint32_t abi;
    enum duet_status (*fail)(struct duet_context *, enum duet_status, const char *format, ...) DUET_PRINTF(3, 4);
    void (*log)(struct duet_context *, enum duet_log_level, const char *format, ...) DUET_PRINTF(3, 4);
    struct duet_context *(*on)(struct duet_context *, uint32_t instrument);
    enum duet_status (*warm_up)(struct duet_context *, int64_t bars);
    enum duet_status (*subscribe)(struct duet_context *, int64_t interval_ns);
    void (*protect_entries)(struct duet_context *, double stop_fraction);
    uint64_t (*target)(struct duet_context *, double quantity, const char *reason);
    uint64_t (*target_percent)(struct duet_context *, double weight, const char *reason);
    uint64_t (*rebalance)(struct duet_context *, double weight, double band, const char *reason);
    uint64_t (*trade)(struct duet_context *, int type, double signed_quantity, double price, const char *reason);
    uint64_t (*order)(struct duet_context *, const struct duet_order_request *request);
    enum duet_status (*cancel)(struct duet_context *, uint64_t order_id);
    size_t (*cancel_all)(struct duet_context *);
    uint64_t (*replace)(struct duet_context *, uint64_t order_id, double quantity, double price, double stop_price);
    uint64_t (*close)(struct duet_context *, const char *reason);
    uint64_t (*timer)(struct duet_context *, int64_t due_ns, int64_t period_ns, uint64_t cookie);
    enum duet_status (*timer_cancel)(struct duet_context *, uint64_t timer);
    void (*signal)(struct duet_context *, int direction, double strength, const char *reason);
    const struct duet_bar *(*history)(struct duet_context *, int64_t interval_ns, size_t bars, size_t *count);
    const struct duet_bar *(*latest)(struct duet_context *, uint32_t instrument);
    void (*position)(struct duet_context *, struct duet_position *out);
    void (*account)(struct duet_context *, struct duet_account *out);
    enum duet_status (*instrument)(struct duet_context *, uint32_t instrument, struct duet_instrument_info *out);
    enum duet_status (*find)(struct duet_context *, const char *symbol, uint32_t *instrument);
    uint64_t (*random)(struct duet_context *);
    /* minor version 1 */
    uint64_t (*compute)(struct duet_context *, const char *name, duet_compute_function work, const void *input,
        size_t size, int64_t deadline_ns);
};

/* --------------------------------------------------------------------- the verbs */

/** Leave one line that says what is wrong, and return `status`: `return duet_fail(ctx, DUET_EINVAL, "…");` */
#define duet_fail(ctx, status, ...) ((ctx)->host->fail((ctx), (status), __VA_ARGS__))
/** Write to the run's log. `level` is DUET_LOG_…; the text follows printf. */
#define duet_log(ctx, level, ...) ((ctx)->host->log((ctx), (level), __VA_ARGS__))

/** Time of the input being worked off, nanoseconds UTC. */
static inline int64_t duet_now(const struct duet_context *ctx) {
    return ctx->now_ns;
}

/** The context of one instrument, for a DUET_ALL strategy: duet_target_percent(duet_on(ctx, i), …). NULL: no such
 * index. */
static inline struct duet_context *duet_on(struct duet_context *ctx, uint32_t instrument) {
    return ctx->host->on(ctx, instrument);
}

/**
 * In init: this many whole bars (of each instrument's primary series) come before the first order; until
 * then orders are refused WARMUP and duet_is_warm() is false. With --from, those bars are taken
 * from before it. Several calls: the largest counts.
 */
static inline enum duet_status duet_warm_up(struct duet_context *ctx, int64_t bars) {
    return ctx->host->warm_up(ctx, bars);
}
/** Orders may go out. On the context of all (DUET_ALL): every instrument that has had a bar has had enough, those
 * apart that have stopped: since whose last bar another has had as many as are asked for. It stays so, and an
 * instrument that begins later is cold on its own: duet_is_warm(duet_on(ctx, i)). */
static inline bool duet_is_warm(const struct duet_context *ctx) {
    return ctx->is_warm != 0;
}

/**
 * In init: also deliver these bars to on_bar: DUET_HOUR_NS, DUET_BARS_RENKO(0.5) … Where no file has them they are made
 * of the instrument's finest series. DUET_ENOTFOUND: they cannot be (shorter than the data, not made of whole bars of
 * it); returned from init, the line that ends the run says why. DUET_EINVAL: a number that says nothing.
 */
static inline enum duet_status duet_subscribe(struct duet_context *ctx, int64_t interval_ns) {
    return ctx->host->subscribe(ctx, interval_ns);
}

/**
 * In init: every entry fill carries a stop order `stop_fraction` of its price away from it (0: none).
 * It is reduce-only, works from the opening that filled the entry on, and ends with the position.
 */
static inline void duet_protect_entries(struct duet_context *ctx, double stop_fraction) {
    ctx->host->protect_entries(ctx, stop_fraction);
}

/*
 * Orders. Each verb returns the id of the order that it sent, or 0: nothing to do, or refused, and
 * then on_order and the summary name the reason. Quantities are in units of the instrument, at most
 * one lot finer than it trades.
 */

/**
 * Be at this signed quantity: sends the difference to position plus working orders, at market.
 * Repeating the last target sends nothing, even after a stop has closed the position.
 */
static inline uint64_t duet_target(struct duet_context *ctx, double quantity, const char *reason) {
    return ctx->host->target(ctx, quantity, reason);
}
/** The same with the quantity that `weight` of equity buys at the last price; capped by cash, costs and leverage. */
static inline uint64_t duet_target_percent(struct duet_context *ctx, double weight, const char *reason) {
    return ctx->host->target_percent(ctx, weight, reason);
}
/** Follows the price: sends the difference whenever the share of equity is more than `band` from `weight`. */
static inline uint64_t duet_rebalance(struct duet_context *ctx, double weight, double band, const char *reason) {
    return ctx->host->rebalance(ctx, weight, band, reason);
}
/** Market order. */
static inline uint64_t duet_buy(struct duet_context *ctx, double quantity, const char *reason) {
    return ctx->host->trade(ctx, DUET_MARKET, quantity, 0, reason);
}
static inline uint64_t duet_sell(struct duet_context *ctx, double quantity, const char *reason) {
    return ctx->host->trade(ctx, DUET_MARKET, -quantity, 0, reason);
}
/** Good-till-cancelled limit or stop order; quantity > 0 buys, < 0 sells. Price and size are rounded to tick
    and lot, the price away from the market, and the rounding is counted. */
static inline uint64_t duet_limit(struct duet_context *ctx, double signed_quantity, double price, const char *reason) {
    return ctx->host->trade(ctx, DUET_LIMIT, signed_quantity, price, reason);
}
static inline uint64_t duet_stop(struct duet_context *ctx, double signed_quantity, double price, const char *reason) {
    return ctx->host->trade(ctx, DUET_STOP, signed_quantity, price, reason);
}
/** Any order. Off tick or off lot is refused, not rounded. */
static inline uint64_t duet_order(struct duet_context *ctx, const struct duet_order_request *request) {
    return ctx->host->order(ctx, request);
}
/** DUET_ENOTFOUND for a foreign id, DUET_ESTATE for an order that is final. */
static inline enum duet_status duet_cancel(struct duet_context *ctx, uint64_t order_id) {
    return ctx->host->cancel(ctx, order_id);
}
/** Cancel your working orders on this instrument; returns how many. */
static inline size_t duet_cancel_all(struct duet_context *ctx) {
    return ctx->host->cancel_all(ctx);
}
/** Cancel and send anew with other numbers; 0 leaves a number as it is. Returns the new order's id. */
static inline uint64_t duet_replace(
    struct duet_context *ctx, uint64_t order_id, double quantity, double price, double stop_price) {
    return ctx->host->replace(ctx, order_id, quantity, price, stop_price);
}
/** Cancel what works on this instrument and close the position at market. */
static inline uint64_t duet_close(struct duet_context *ctx, const char *reason) {
    return ctx->host->close(ctx, reason);
}

/** on_timer(cookie) at `due_ns`; then every `period_ns` on the same grid, if that is > 0. 0: refused: too many, or
    due at or before an instant at which a timer has fired already (it could answer itself for ever). */
static inline uint64_t duet_timer(struct duet_context *ctx, int64_t due_ns, int64_t period_ns, uint64_t cookie) {
    return ctx->host->timer(ctx, due_ns, period_ns, cookie);
}
static inline enum duet_status duet_timer_cancel(struct duet_context *ctx, uint64_t timer) {
    return ctx->host->timer_cancel(ctx, timer);
}

/** Publish a SIGNAL; the run's sizer turns it into a target: direction · strength of equity. */
static inline void duet_signal(struct duet_context *ctx, int direction, double strength, const char *reason) {
    ctx->host->signal(ctx, direction, strength, reason);
}

/**
 * The last `bars` closed bars of a series of this context's instrument, oldest first, in one slice;
 * `*count` may be less where there are fewer. interval_ns 0: the primary series; or a DUET_BARS_…(). NULL with *count
 * 0: none yet. Valid until the callback returns.
 */
static inline const struct duet_bar *duet_history(
    struct duet_context *ctx, int64_t interval_ns, size_t bars, size_t *count) {
    return ctx->host->history(ctx, interval_ns, bars, count);
}
/** Last closed bar of an instrument's primary series; NULL before the first. Valid until the callback returns. */
static inline const struct duet_bar *duet_latest(struct duet_context *ctx, uint32_t instrument) {
    return ctx->host->latest(ctx, instrument);
}
static inline struct duet_position duet_position(struct duet_context *ctx) {
    struct duet_position position = {.size = sizeof(position)};
    ctx->host->position(ctx, &position);
    return position;
}
static inline struct duet_account duet_account(struct duet_context *ctx) {
    struct duet_account account = {.size = sizeof(account)};
    ctx->host->account(ctx, &account);
    return account;
}
static inline struct duet_instrument_info duet_instrument(struct duet_context *ctx, uint32_t instrument) {
    struct duet_instrument_info info = {.size = sizeof(info)};
    (void)ctx->host->instrument(ctx, instrument, &info);
    return info;
}
/** Index of a symbol. DUET_ENOTFOUND: not in the run. */
static inline enum duet_status duet_find(struct duet_context *ctx, const char *symbol, uint32_t *instrument) {
    return ctx->host->find(ctx, symbol, instrument);
}
/** 64 random bits from the run's seeded generator; the same in every repetition. */
static inline uint64_t duet_random(struct duet_context *ctx) {
    return ctx->host->random(ctx);
}

/**
 * Have `work` run on a worker thread over a copy of `input` (at most 64 KiB); on_feature gets the result. `name` is the
 * kind of work, for the metrics; it must stay valid (a literal). `deadline_ns` counts from now, 0: 30 s. Returns a
 * ticket, or 0: refused (an ERROR event says why), or a host that is too old. Every ticket is answered once; where
 * there was no room or time, with that status.
 *
 * In a backtest the results come at the same instant, after the bars and before timers and openings, in the order of
 * these calls, and there are no deadlines; so they do not depend on how many workers there are. Live, they are inputs
 * like any other, and a replay takes them from the journal; what was under way when the process ended is answered
 * DUET_ESTATE after the restart. A result may ask for more, at one instant DUET_HOP_MAX times in a row.
 */
static inline uint64_t duet_compute(struct duet_context *ctx, const char *name, duet_compute_function work,
    const void *input, size_t size, int64_t deadline_ns) {
    const struct duet_host *host = ctx->host;
    if (host->size < offsetof(struct duet_host, compute) + sizeof(host->compute) || host->compute == NULL) {
        return 0;
    }
    return host->compute(ctx, name, work, input, size, deadline_ns);
}

#endif
