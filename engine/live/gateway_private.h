/*
 * The inside of the daemon's end of a gateway; only its files include this.
 *
 *   gateway.c          life, the connection and its stages, heartbeats, what is due by itself
 *   gateway_feed.c     market data: subscriptions, instants, resumption, staleness
 *   gateway_market.c   single messages of it, checked and put in their places
 *   gateway_history.c  closed bars on request: warm-up, and what was missed
 *   gateway_orders.c   orders out, reports in, reconciliation
 */
#ifndef DUET_ENGINE_LIVE_GATEWAY_PRIVATE_H
#define DUET_ENGINE_LIVE_GATEWAY_PRIVATE_H

#include <duet/loop.h>

#include "base/text.h"
#include "data/grid.h"
#include "data/tick_bars.h"
#include "engine/live/gateway.h"
#include "engine/live/live.h"
#include "net/gateway_codec.h"
#include "net/line_link.h"
#include "net/token.h"

enum gateway_stage {
    GATEWAY_DOWN, // no connection, or not greeted yet
    GATEWAY_GREETED, // hello is out
    GATEWAY_RECONCILING, // asked for everything about orders
    GATEWAY_HISTORY, // asked for bars
    GATEWAY_RUNNING,
};

/** A feed message that was taken and is not yet in an input: what a resumption must begin before. */
struct gateway_pending {
    uint64_t sequence;
    int64_t instant_ns;
};

/** A submit that is out on this connection and has had no answer, or a cancel of what has not ended. */
struct gateway_awaited {
    uint64_t order_id;
    int64_t asked_ns; // monotonic: sent, or asked about last
    uint32_t asked; // how often
    bool is_cancel;
};

struct gateway_series {
    struct duet_tick_bars ticks;
    uint32_t wanted; // bars of history asked for and not had; 0: none, or all
    bool asked, executes;
};

struct duet_gateway {
    struct duet_live *live; // borrowed
    const struct duet_instruments *instruments; // the core's
    struct duet_line_link *link;
    struct duet_source source;
    char token[DUET_TOKEN_MAX];
    char session[64], prefix[64]; // "name-stamp", "name-stamp-"
    uint32_t roles;

    /* the connection */
    enum gateway_stage stage;
    bool told_up; // the core has heard of it
    bool reconciled;
    bool books_asked; // for its books once more, and not had the end of them
    uint64_t epoch;
    uint32_t connections;
    uint32_t gives;
    uint64_t oldest; // feed message that it can still send
    char refusal[120]; // the last, alerted already
    int64_t spoke_ns, stage_ns; // monotonic

    /* orders */
    struct gateway_awaited *awaited; // in no order
    size_t awaited_count, awaited_capacity;
    uint64_t reports, reports_last; // numbers of reports that came: all up to here; the highest
    uint64_t reports_ahead; // bit i: report reports + 1 + i came too
    int64_t lacking_ns; // monotonic: since when one is missing; 0: none is
    struct duet_input_position *positions; // of the snapshot that is being told
    uint32_t position_count;

    /* feed */
    struct gateway_series *series; // as live->series
    struct duet_grid *grid; // NULL while no feed flows
    int64_t grid_wake_ns; // wall: when a grace of its ends; INT64_MAX: none
    struct duet_text instant; // scratch
    struct duet_text held; // an INSTANT of a resumption that may be the last; empty: none
    uint64_t held_sequence;
    uint32_t passed; // bars that were told as history because newer ones followed
    struct gateway_pending *pending; // ring, capacity a power of two; sequences and instants rise
    uint64_t pending_head, pending_tail, pending_capacity;
    uint64_t received, resumed_to; // seq: last taken; everything up to it is in inputs, or led to none
    uint64_t admitted; // highest that went with an input
    uint64_t acked; // last told to the gateway
    bool has_acked; // on this connection
    int64_t last_instant_ns; // admitted by this process
    int64_t tick_ns, tick_came_ns; // time of the newest tick, and when it came (monotonic)
    int64_t fed_ns; // monotonic: when the last came
    bool stale, paused;
    bool resuming; // what it kept is being played back
    bool begun; // its first `resumed` has been heard, by this process or by one before: `resumed_to` says where

    struct duet_bar *history; // as it comes, to be sorted
    size_t history_count, history_capacity;
    uint32_t history_open; // series whose end has not been told
    bool missed; // it fills a gap, rather than warms up

    uint64_t messages, ignored, late_bars, missed_bars;
    int64_t last_message_ns, logged_ns;
    uint64_t unlogged;
    char error[120];
};

/* ---- gateway.c ---- */

/** Queue a line that a codec function has written; 0 is what did not fit. */
bool gateway_say(struct duet_gateway *gateway, const char *line, size_t size);
/** A message that could not be used: counted, and logged now and then. */
void gateway_ignore(struct duet_gateway *gateway, const char *why);
/** End the connection; everything is asked for anew by the next. */
void gateway_drop(struct duet_gateway *gateway, const char *why);
void gateway_alert(struct duet_gateway *gateway, const char *code, const char *format, ...) DUET_PRINTF(3, 4);
void gateway_admit(
    struct duet_gateway *gateway, enum duet_input_kind kind, const void *bytes, size_t size, uint64_t sequence);
void gateway_enter(struct duet_gateway *gateway, enum gateway_stage stage);
/** A decimal of a message in an instrument's units; "" is 0. False: it does not fit. */
bool gateway_scaled(const char *text, unsigned decimals, int64_t *out);
/** Look at what is due now rather than when it was thought to be. */
void gateway_wake(struct duet_gateway *gateway);

/* ---- gateway_orders.c ---- */

/** Ask for every order that works, and for everything since the last report. */
void gateway_reconcile(struct duet_gateway *gateway);
/** Whether positions and an end of them are awaited. */
bool gateway_awaits_books(const struct duet_gateway *gateway);
/** False: not understood, or contradicts itself; the connection must end, for it may have been a fill. */
bool gateway_take_order(struct duet_gateway *gateway, const struct duet_gateway_message *message);
bool gateway_take_fill(struct duet_gateway *gateway, const struct duet_gateway_message *message);
bool gateway_take_position(struct duet_gateway *gateway, const struct duet_gateway_message *message);
bool gateway_take_snapshot_end(struct duet_gateway *gateway, const struct duet_gateway_message *message);
/** Ask about orders that have had no answer, and for reports that are missing. Returns when to look again
 * (monotonic). */
int64_t gateway_look_after_orders(struct duet_gateway *gateway, int64_t now_ns);
/** The connection is gone: nobody waits for an answer any more. */
void gateway_forget_orders(struct duet_gateway *gateway);

/* ---- gateway_feed.c ---- */

/** Subscribe to everything and let it flow. */
void gateway_start_feed(struct duet_gateway *gateway);
void gateway_take_feed(struct duet_gateway *gateway, const struct duet_gateway_message *message);
/** A message of the feed that could not be read: the next one counts as following it. */
void gateway_pass_over(struct duet_gateway *gateway, const struct duet_gateway_message *message);
/** What the next start is to come after; false: the feed has never begun. */
bool gateway_resumes_after(const struct duet_gateway *gateway, uint64_t *after);
/** What was kept has been sent. */
void gateway_take_resumed(struct duet_gateway *gateway, const struct duet_gateway_message *message);
/** Instants that are complete, bars that close by the clock, staleness. Returns when to look again (monotonic). */
int64_t gateway_look_after_feed(struct duet_gateway *gateway, int64_t now_ns);
/** The connection is gone: what was not admitted will come again. */
void gateway_stop_feed(struct duet_gateway *gateway);
/** Index of a series; UINT32_MAX: none. */
uint32_t gateway_series_find(const struct duet_gateway *gateway, uint32_t instrument, int64_t interval_ns);
void gateway_admit_instant(struct duet_gateway *gateway, const struct duet_input_instant *instant,
    const struct duet_bar *closing, const struct duet_opening *opening, const uint32_t *missing, uint64_t sequence);
/** The session's time, which no clock that is put back holds up. */
int64_t gateway_now_ns(const struct duet_gateway *gateway);
/** Session's last instant, those that it has still to take included; INT64_MIN: none. */
int64_t gateway_last_instant_ns(const struct duet_gateway *gateway);

/** What was taken as `sequence` is held until the input of `instant_ns`. */
void gateway_pend(struct duet_gateway *gateway, uint64_t sequence, int64_t instant_ns);
/** A resumption after this one loses nothing once what is being admitted is on disk. */
uint64_t gateway_covered(struct duet_gateway *gateway);
/** Admit the instants that are complete. */
void gateway_take_instants(struct duet_gateway *gateway);
/** The instant that is held goes on its way; `passed`: newer ones have come. */
void gateway_release_held(struct duet_gateway *gateway, bool passed);

/* ---- gateway_market.c ---- */

/** False: it could not be used, and is no sign that the feed lives. */
bool gateway_take_market(struct duet_gateway *gateway, const struct duet_gateway_message *message);
/** A bar of a message, checked. False: it cannot be, duet_error_text() says why. */
bool gateway_bar(const struct duet_gateway *gateway, const struct duet_gateway_message *message, uint32_t *series,
    struct duet_bar *out);
/** Put what a tick made known of one series (DUET_TICK_…) into the grid. */
void gateway_put_made(struct duet_gateway *gateway, uint32_t series, unsigned made, const struct duet_bar *closed,
    const struct duet_opening *opening);

/* ---- gateway_history.c ---- */

/** Ask for what the strategy needs to be warm and for what was missed; `oldest`: feed message that can still be sent.
 * False: nothing is needed. */
bool gateway_ask_history(struct duet_gateway *gateway, uint64_t oldest);
void gateway_take_history(struct duet_gateway *gateway, const struct duet_gateway_message *message);
/** True: it was the last. */
bool gateway_take_history_end(struct duet_gateway *gateway, const struct duet_gateway_message *message);
/** Admit what came, in order. */
void gateway_admit_history(struct duet_gateway *gateway);

#endif
