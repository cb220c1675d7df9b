/*
 * The core of a live session: bus, portfolio, broker side, strategy and the trading state, driven by input records and
 * by nothing else. No clock, no socket, no file: what it wants to leave the process it hands over as effects, which
 * the session holds until the transaction that has them is on disk. The same core runs live, in recovery (effects
 * thrown away) and in `duet replay`.
 *
 * An INSTANT is worked off in the phases of DESIGN 4, the same that the conductor plays in a backtest; a session over a
 * replayed file and a backtest over that file decide the same, event for event. Orders are accepted as of the instant
 * that is worked off, not as of its stamp, which live is later. Before an instant, and with TIME, what is due by then
 * (timers, expiries) is worked off, each as of when it was due; no other input runs what is due.
 *
 * Bars. A HISTORY instant is told to the strategy while nobody is warm (orders are refused WARMUP), is marked, and is
 * unknown to the venue. A LATE one (or one that is not later than the last) is told, without on_instant and timers; its
 * range meets only orders that had been accepted when it opened. A bar that is not newer than its series' last is not
 * told twice, and counted. Timers run with a history that is stamped as it happened (a file's); fetched later, they
 * wait for its end. A series that is missing is a STALE event, and no new risk is taken on its instrument until it
 * comes again.
 *
 * Longer bars (engine/made.h) are made here, of the bars that INSTANT records bring; no record holds one. They close
 * with an INSTANT or, where nothing else closes then, when they are due, as timers do.
 *
 * Trading states (DESIGN 7). What takes ACTIVE away by itself gives it back: while all data is stale (every instrument,
 * or the feed as a whole) or the broker cannot be reached, an armed session shows REDUCING, and is ACTIVE again when
 * that is over. A restart, a resume and everything else that led to REDUCING need a new `arm`. HALTED is left by
 * `resume` only; while it lasts strategies send nothing, and on_halt says whether the engine's own stops still work.
 * `arm` is refused while HALTED, in doubt, not reconciled, stale, ruined, on the day of a daily loss, and with real
 * money without limits. It is not refused while the strategy is cold: its orders are, until it is warm.
 *
 * Events. An input that is no market data becomes an event of its type (COMMAND, CONNECTION, STALE, FEATURE, else
 * CUSTOM) whose tag is the record's kind and whose data is the front of its payload; SESSION, TIME, STOP and END become
 * none. A change of the trading state is a derived COMMAND with tag DUET_TAG_TRADING.
 *
 * Engine thread only.
 */
#ifndef DUET_ENGINE_LIVE_CORE_H
#define DUET_ENGINE_LIVE_CORE_H

#include <stdbool.h>

#include "components/instruments.h"
#include "data/series.h"
#include "data/zone.h"
#include "engine/config.h"
#include "engine/host.h"
#include "engine/live/input.h"
#include "portfolio/portfolio.h"

struct duet_core; // opaque
struct duet_made; // engine/made.h
struct duet_desk; // broker/desk.h

/** Who may do what. In this order from least to most. */
#define DUET_TRADING_MAP(X) X(DISARMED) X(REDUCING) X(ACTIVE) X(HALTED)
enum duet_trading {
#define DUET_TRADING_ENUM(name) DUET_TRADING_##name,
    DUET_TRADING_MAP(DUET_TRADING_ENUM)
#undef DUET_TRADING_ENUM
};
const char *duet_trading_name(enum duet_trading trading);

/** Tag of the COMMAND event that tells of a new trading state. */
#define DUET_TAG_TRADING 0x100u
struct duet_trading_payload {
    uint32_t trading, previous; // enum duet_trading
    char reason[64];
};

/** One series of the session. Sorted by interval, then symbol. Trades and quotes are series only where they come from
 * files: those of a gateway are told of whatever executes. */
struct duet_core_series {
    uint32_t instrument;
    uint32_t price_decimals;
    int64_t interval_ns; // 0 of trades and quotes
    enum duet_data_kind kind;
    bool primary, executes;
    char tz[48]; // of its days, for longer bars that are made of it; "": UTC
};

enum duet_effect_kind {
    DUET_EFFECT_SEND = 1, // `event`: an ORDER that goes to the gateway
    DUET_EFFECT_REPLY, // to a command: request_id, status, text
    DUET_EFFECT_ALERT, // `code` (fill, denial, stale, halt, restart, mismatch, ruin …), text
    DUET_EFFECT_COMPUTE, // `compute`: work for the pool
    DUET_EFFECT_QUERY, // order_id: in doubt, ask the gateway; 0: its books again, for something did not fit
};
struct duet_effect {
    enum duet_effect_kind kind;
    uint64_t request_id, order_id;
    enum duet_status status;
    const char *code, *text; // valid during the call
    const struct duet_event *event; // valid during the call
    const struct duet_compute_request *compute; // engine/host.h; valid during the call
};

struct duet_core_options {
    const struct duet_config *config; // borrowed; strategy, costs, limits, live section
    const struct duet_plugin *plugin; // borrowed
    const struct duet_instruments *instruments; // borrowed
    const struct duet_core_series *series; // borrowed
    uint32_t series_count;
    const struct duet_zone *zone; // of the run's days; borrowed
    struct duet_log *log; // may be NULL
    /** Every derived event as it is sequenced: the journal's outputs. Inputs are not shown. May be NULL. */
    void (*output)(void *argument, const struct duet_event *event);
    /** Every input of the bus likewise: what a record became, bar by bar. For explanations; may be NULL. */
    void (*input)(void *argument, const struct duet_event *event);
    /** Something wants to leave; to be copied and held. May be NULL (replay, recovery). */
    void (*effect)(void *argument, const struct duet_effect *effect);
    void *argument;
};

/** Builds and starts everything; the strategy's init and on_start have run. Same errors as a backtest. What on_start
 * has put out (outputs and effects) is handed over with the first input. `config->live` may be NULL. */
DUET_MUST_CHECK enum duet_status duet_core_create(const struct duet_core_options *options, struct duet_core **out);
/** on_stop is called unless a STOP input was. NULL is fine. */
void duet_core_destroy(struct duet_core *core);

/**
 * Work off one input to quiescence. DUET_EDATA for a record that cannot be (nothing happened); any other failure means
 * that the core has faulted and must not go on.
 */
DUET_MUST_CHECK enum duet_status duet_core_take(struct duet_core *core, const struct duet_input *input);

/** When the next TIME input has something to do (timers, expiries); INT64_MAX: never. */
int64_t duet_core_due_ns(const struct duet_core *core);
/** Sequences of the bus given while the last input was worked off: first (of the input itself) and last; both 0 where
 * it became no event. */
void duet_core_sequences(const struct duet_core *core, uint64_t *first, uint64_t *last);

/** Everything that is needed to go on later, checksummed; `*bytes` is the caller's, free(). Between inputs only. */
DUET_MUST_CHECK enum duet_status duet_core_save(struct duet_core *core, void **bytes, size_t *size);
/** Into a core that was just created with the same options and has taken nothing. As duet_host_load(). */
DUET_MUST_CHECK enum duet_status duet_core_load(struct duet_core *core, const void *bytes, size_t size);

/* ---- views, for the control interface and the session ---- */

enum duet_trading duet_core_trading(const struct duet_core *core);
/** Bars that were there already, and not told again. */
uint64_t duet_core_repeated_bars(const struct duet_core *core);
/** Trades or quotes told of a series, and when the last one was; INT64_MIN: none was. */
uint64_t duet_core_ticks(const struct duet_core *core, uint32_t series, int64_t *last_ns);
/** Why it is so, e.g. "api: fat finger", "data is stale"; "" at first. */
const char *duet_core_trading_reason(const struct duet_core *core);
/** How the reason begins of a session that a process took up again, while nothing else has been decided. */
#define DUET_RESTARTED "restarted"
/** Whether something takes ACTIVE away for now: the broker or the feed is gone or differs, data is stale. */
bool duet_core_is_impeded(const struct duet_core *core);
/** Whether no new risk is taken somewhere for want of data: the feed as a whole, or an instrument. */
bool duet_core_is_stale(const struct duet_core *core);
struct duet_portfolio *duet_core_portfolio(const struct duet_core *core);
/** NULL where the venue is the simulated one. */
struct duet_desk *duet_core_desk(const struct duet_core *core);
struct duet_bus *duet_core_bus(const struct duet_core *core);
struct duet_host_run *duet_core_host(const struct duet_core *core);
/** The longer bars that it makes, of its series in their order. */
const struct duet_made *duet_core_made(const struct duet_core *core);
const struct duet_instruments *duet_core_instruments(const struct duet_core *core);
/** Working and recent orders in ascending id; calls `each` until it returns false. */
void duet_core_each_order(
    const struct duet_core *core, bool (*each)(void *argument, const struct duet_order *order), void *argument);
/** Orders of which it is not known whether they reached the broker. */
uint32_t duet_core_in_doubt(const struct duet_core *core);
/** Latest target of the strategy on an instrument, for "targets against actual" (NaN: none). */
double duet_core_target(const struct duet_core *core, uint32_t instrument);
uint64_t duet_core_event_hash(const struct duet_core *core);
uint64_t duet_core_decision_hash(const struct duet_core *core);
/** Bars of a series that the strategy still wants before it is warm, itself or made of them; 0 when warm. */
int64_t duet_core_warm_up_left(const struct duet_core *core, uint32_t series);

#endif
