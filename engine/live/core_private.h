/*
 * What the files of the core share; nobody else includes this.
 *
 *   core.c           life, the table of inputs, views
 *   core_instant.c   market data and the passing of time
 *   core_trading.c   trading states: permit, staleness, links, daily loss
 *   core_commands.c  operator commands and their replies
 *   core_broker.c    what the gateway tells
 *   core_effects.c   outputs, effects, alerts
 *   core_save.c      saving and loading
 *   core_unsent.c    orders that a restart has proven unsent
 */
#ifndef DUET_ENGINE_LIVE_CORE_PRIVATE_H
#define DUET_ENGINE_LIVE_CORE_PRIVATE_H

#include "base/clock.h"
#include "base/text.h"
#include "broker/venue.h"
#include "engine/live/core.h"
#include "engine/live/live_config.h"
#include "engine/made.h"
#include "engine/market.h"
#include "portfolio/monitor.h"

struct core_series {
    struct duet_window window; // what strategies may see
    int64_t last_close_ns; // of the newest bar, or time of the newest tick, told; INT64_MIN: none
    uint64_t ticks; // told of a series of trades or quotes
    bool wanted; // the strategy gets its bars
    bool stale;
};

/** What a reload may change. */
struct core_rules {
    struct duet_limits limits;
    duet_money max_daily_loss;
    double stop_loss, take_profit, trailing;
    int64_t max_age_s;
    bool on_halt_none;
};

/** Something that left before the first input; owns what it points to. */
struct core_early {
    struct duet_effect effect; // kind 0: an output
    struct duet_event event;
    struct duet_compute_request compute;
    char *text;
    void *input;
};

/** Intents, wanted still, that never left. */
#define CORE_UNSENT_MAX 64
struct core_unsent {
    int64_t instant_time_ns; // when the latest instant was admitted: what is older is no longer wanted
    uint64_t count;
    uint64_t ids[CORE_UNSENT_MAX];
};

struct duet_core {
    struct duet_core_options options;
    struct duet_live_config defaults; // where the configuration has no section `live:`
    const struct duet_live_config *live; // never NULL

    struct duet_bus *bus;
    struct duet_portfolio *portfolio;
    struct duet_venue *venue; // NULL with a gateway
    struct duet_desk *desk; // NULL on paper
    struct duet_monitor *monitor; // NULL where it is off
    struct duet_host_run *host;
    struct duet_host_series *host_series;
    struct duet_made *made;
    struct duet_zone **zones; // of each series
    struct duet_clock clock;
    struct duet_env env;
    struct duet_stack stack;

    struct core_series *series; // as options.series
    uint32_t *executing; // series of each instrument; UINT32_MAX none
    uint32_t *stale_series; // of each instrument: those that matter
    int64_t *marked_ns; // of each instrument: as of when; INT64_MIN never
    struct duet_event *events; // scratch: closings or openings
    uint32_t *closing; // scratch: series that close now
    bool wants_instants;

    int64_t last_instant_ns; // latest instant of market data; INT64_MIN before the first
    int64_t logical_ns; // latest instant worked off, timers included
    uint64_t repeated_bars;
    bool stopped, ended;
    enum duet_status failure; // of a restart

    /* trading */
    enum duet_trading level; // what the operator, or a halt, has made of it
    char reason[64]; // why
    enum duet_trading shown; // told last
    char shown_reason[64];
    bool feed_stale, feed_down, broker_down, unreconciled;
    bool mismatch; // the books that were told last differ from ours
    uint32_t stale_instruments;
    bool flattening; // close again what comes in after all
    bool ruin_told;
    bool loss_hit; // today
    bool loss_halt; // that is why it is HALTED
    duet_money day_start; // equity
    int64_t day_end_ns; // INT64_MIN: before the first day
    struct core_rules rules; // of the configuration, reloads included

    struct core_unsent unsent;

    /* what leaves */
    bool creating; // nobody listens yet
    bool quiet; // nobody is to hear it: loading, destroying
    struct core_early *early;
    size_t early_count, early_capacity;
    uint64_t first_sequence, last_sequence; // of the input being worked off
};

/* core.c */
/** Whether everything still runs; else why not. */
DUET_MUST_CHECK enum duet_status duet_core_fault(const struct duet_core *core);
/** The record as an event of `type`; it is the cause of what follows, until the bus is drained. */
void duet_core_admit(struct duet_core *core, const struct duet_input *input, enum duet_event_type type);

/* core_sound.c */
/** Times beyond this could overflow a sum with an interval. */
#define DUET_CORE_TIME_MAX (INT64_MAX / 2)
DUET_MUST_CHECK enum duet_status duet_core_check_instant(const struct duet_core *core, const struct duet_input *input);
DUET_MUST_CHECK enum duet_status duet_core_check_trade(const struct duet_core *core, const struct duet_input *input);
DUET_MUST_CHECK enum duet_status duet_core_check_quote(const struct duet_core *core, const struct duet_input *input);
/** Index of a bar's series from `from` on; the number of series where there is none. Bars and series are sorted alike.
 */
uint32_t duet_core_series_of(const struct duet_core *core, const struct duet_bar *bar, uint32_t from);

/* core_due.c */
void duet_core_take_time(struct duet_core *core, const struct duet_input *input);
/** Work off what is due before `end_ns`, each as of when it was due; time begins at `begins_ns`, if it has not. Longer
 * bars are given so much grace. */
void duet_core_advance(struct duet_core *core, int64_t end_ns, int64_t begins_ns, int64_t grace_ns);
/** What is worked off from here to duet_core_end_logical() is accepted as of `ns`. */
void duet_core_set_logical(struct duet_core *core, int64_t ns);
void duet_core_end_logical(struct duet_core *core);
void duet_core_expire(struct duet_core *core, int64_t ns);
void duet_core_run_timers(struct duet_core *core, int64_t ns);
void duet_core_openings_done(struct duet_core *core, int64_t ns);
/** As the conductor does: made bars that come before those of (interval, instrument). Stamped `stamp_ns`; *last becomes
 * the event of the last of them. */
void duet_core_tell_made(struct duet_core *core, int64_t now_ns, int64_t stamp_ns, int64_t interval_ns,
    uint32_t instrument, uint32_t *cursor, struct duet_event *last);
/** What is closed of the bars that are made of the ticks of `source`. */
void duet_core_tell_made_of(struct duet_core *core, uint32_t source, int64_t now_ns);
/** Phases 3 and 4 of an instant at which no bar closes that was given. */
void duet_core_deliver_made(struct duet_core *core, int64_t now_ns, int64_t stamp_ns);
/** Phase 4. */
void duet_core_tell_instant(struct duet_core *core, const struct duet_event *last, int64_t instant_ns);

/* core_instant.c */
void duet_core_take_instant(struct duet_core *core, const struct duet_input *input);
/** A price of an instrument as of `ns`; older ones than the present mark say nothing. */
void duet_core_mark(struct duet_core *core, uint32_t instrument, int64_t price, int64_t ns);

/* core_ticks.c */
void duet_core_take_trade(struct duet_core *core, const struct duet_input *input);
void duet_core_take_quote(struct duet_core *core, const struct duet_input *input);
void duet_core_take_end(struct duet_core *core, const struct duet_input *input);

/* core_trading.c */
void duet_core_begin_trading(struct duet_core *core);
/** Put rules in place that were read from a configuration. */
void duet_core_set_rules(struct duet_core *core, const struct core_rules *rules);
/** Tell the new state, if it is one, and put the permit in place. Between inputs' events only: the bus is drained. */
void duet_core_update_trading(struct duet_core *core);
void duet_core_set_level(struct duet_core *core, enum duet_trading level, const char *format, ...) DUET_PRINTF(3, 4);
/** Latch HALTED and cancel working entries; with on_halt none all orders; to flatten, all but the protective stops of
 * what is held. Returns how many were asked to go. */
size_t duet_core_halt(struct duet_core *core, bool flatten, const char *format, ...) DUET_PRINTF(3, 4);
/** Cancel all working orders. */
size_t duet_core_cancel_orders(struct duet_core *core);
/** Send operator orders that close every position that nothing closes yet; returns how many. */
size_t duet_core_close_positions(struct duet_core *core);
/** While flattening: what is held after all goes out again. After a fill, a reconciliation, and with each instant. */
void duet_core_go_on_flattening(struct duet_core *core);
/** Why it cannot be armed now, into `out`; false: it can. */
bool duet_core_refuses_arm(const struct duet_core *core, char out[160]);
void duet_core_set_stale(struct duet_core *core, uint32_t series, bool stale);
/** Data has come, of whatever kind. */
void duet_core_hear_feed(struct duet_core *core);
/** The day in which `ns` lies begins now, if it is a new one. */
void duet_core_roll_day(struct duet_core *core, int64_t ns);
/** Prices have moved: halt past the daily loss, tell ruin once. The bus is drained. */
void duet_core_check_losses(struct duet_core *core);
/** Loss of the day so far; negative: a gain. */
duet_money duet_core_day_loss(const struct duet_core *core);
DUET_MUST_CHECK enum duet_status duet_core_check_stale(const struct duet_core *core, const struct duet_input *input);
void duet_core_take_stale(struct duet_core *core, const struct duet_input *input);
void duet_core_take_restart(struct duet_core *core, const struct duet_input *input);
DUET_MUST_CHECK enum duet_status duet_core_check_config(const struct duet_core *core, const struct duet_input *input);
void duet_core_take_config(struct duet_core *core, const struct duet_input *input);

/* core_commands.c */
void duet_core_take_command(struct duet_core *core, const struct duet_input *input);

/* core_broker.c */
DUET_MUST_CHECK enum duet_status duet_core_check_report(const struct duet_core *core, const struct duet_input *input);
void duet_core_take_report(struct duet_core *core, const struct duet_input *input);
void duet_core_take_connection(struct duet_core *core, const struct duet_input *input);
DUET_MUST_CHECK enum duet_status duet_core_check_reconciled(
    const struct duet_core *core, const struct duet_input *input);
void duet_core_take_reconciled(struct duet_core *core, const struct duet_input *input);
void duet_core_take_result(struct duet_core *core, const struct duet_input *input);
void duet_core_take_dropped(struct duet_core *core, const struct duet_input *input);

/* core_unsent.c */
/** An order has ended REJECTED, UNSENT_AT_CRASH. */
void duet_core_note_unsent(struct duet_core *core, const struct duet_order_status_event *status);
/** The market has moved on, at an instant admitted at this time. */
void duet_core_forget_unsent(struct duet_core *core, int64_t instant_time_ns);
/** Send what may go by now. The bus is drained. */
void duet_core_send_unsent(struct duet_core *core);

/* core_effects.c */
/** The bus's tap: outputs, sequences, and the alerts that follow from them. */
void duet_core_tap(void *argument, const struct duet_event *event);
void duet_core_effect(struct duet_core *core, const struct duet_effect *effect);
void duet_core_alert(struct duet_core *core, const char *code, const char *format, ...) DUET_PRINTF(3, 4);
/** Hand over, or forget, what left before the first input. */
void duet_core_hand_over_early(struct duet_core *core);
void duet_core_forget_early(struct duet_core *core);

#endif
