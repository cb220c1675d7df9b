/* The inside of a live session. */
#ifndef DUET_ENGINE_LIVE_SESSION_PRIVATE_H
#define DUET_ENGINE_LIVE_SESSION_PRIVATE_H

#include "base/steady.h"
#include "base/text.h"
#include "engine/live/compare.h"
#include "engine/live/input_session.h"
#include "engine/live/session.h"

/** A payload of this size needs no memory of its own: trades, quotes, most commands. */
#define QUEUED_BYTES 64
/** Market data waits up to so many bytes too. */
#define WAITING_BYTES_MAX (64u << 20)

/** An input that was admitted and waits. */
struct queued {
    enum duet_input_kind kind;
    uint32_t size;
    int64_t time_ns;
    uint64_t feed_sequence;
    unsigned char *large; // owned; NULL: in `small`
    _Alignas(8) unsigned char small[QUEUED_BYTES];
};

/** Ring of inputs; positions count up for ever. */
struct session_queue {
    struct queued *items;
    uint64_t capacity, head, tail; // capacity is a power of two
    size_t bytes; // of large payloads
    int64_t *instants; // when the waiting INSTANTs are, in order; a ring of the same capacity
    uint64_t instant_head, instant_tail;
    uint64_t dropped_at[3]; // position of the DROPPED record that counts a kind of market data, UINT64_MAX: none
};

/** Something that leaves once the turn is committed: an effect, or an output for the broadcasts. */
struct held {
    struct duet_effect effect; // kind 0: an output; pointers lead into the rest
    struct duet_event event;
    struct duet_compute_request compute;
    char *code, *text; // owned
    void *input; // owned
};

struct duet_session {
    struct duet_session_options options;
    struct duet_session_record record; // what the core is made of
    struct duet_journal *journal;
    struct duet_core *core;
    struct duet_source source;
    struct session_queue queue;
    struct duet_compare *compare; // while recovering; else NULL
    uint64_t shown_until; // while inputs of the past are shown

    struct held *held;
    size_t held_count, held_capacity;

    /* the turn under way */
    bool is_open; // a transaction was begun
    bool has_intent; // it must be synced
    uint64_t first_output, last_output; // sequences, of the input being worked off
    uint64_t feed_sequence;
    bool feed_begun; // it is one to resume after
    int64_t last_instant_ns;
    bool stopping; // its last input was STOP

    /* as committed */
    uint64_t number; // of the last input
    int64_t taken_ns, admitted_ns; // last stamps
    struct duet_steady_clock steady; // the wall clock, if that is the session's
    uint64_t committed_feed_sequence;
    bool committed_feed_begun;
    int64_t committed_instant_ns;
    char trading[16]; // as the journal has it
    uint64_t epoch, request_id;
    char order_prefix[96];
    bool recovered, ended_clean, stopped;

    bool blocked;
    int64_t retry_ns; // monotonic
    enum duet_status fault;
    char error[160];

    bool snapshot_wanted;
    int64_t snapshot_ns; // monotonic: when the next is due
    uint64_t snapshot_number; // input of the last one

    uint64_t inputs, outputs, turns, dropped;
};

/* ---- session_queue.c ---- */

void session_queue_finish(struct session_queue *queue);
/** The first that waits; NULL: none. */
struct queued *session_queue_first(struct session_queue *queue);
void session_queue_drop_first(struct session_queue *queue);
static inline uint64_t session_queue_count(const struct session_queue *queue) {
    return queue->tail - queue->head;
}
/** Instant of the first INSTANT that waits; INT64_MAX: none. */
int64_t session_queue_instant_ns(const struct session_queue *queue);
static inline const void *queued_bytes(const struct queued *queued) {
    return queued->large != NULL ? queued->large : queued->small;
}

/* ---- session_effects.c: the callbacks of the core ---- */

void session_hold_output(struct duet_session *session, const struct duet_event *event);
void session_hold_effect(void *argument, const struct duet_effect *effect);
/** Let everything that is held go, in order. */
void session_release(struct duet_session *session);
/** Forget it. */
void session_discard(struct duet_session *session);

/* ---- session_turn.c ---- */

/** Callback of the core: into the journal, or held against it. */
void session_output(void *argument, const struct duet_event *event);
/** What the core is made of, live or in recovery. */
struct duet_core_options session_core_options(struct duet_session *session);
/** Journal an input and give it to the core (NULL while that is being made). */
DUET_MUST_CHECK enum duet_status session_take(struct duet_session *session, struct duet_input *input);
DUET_MUST_CHECK enum duet_status session_begin_turn(struct duet_session *session);
/** Meta rows and the snapshot if due, then the commit. What is held stays held. */
DUET_MUST_CHECK enum duet_status session_end_turn(struct duet_session *session);
/** Take what waits, up to `budget`, and let its effects go. */
void session_turn(struct duet_session *session, uint32_t budget);
/** Timers due at or after it must wait. */
int64_t session_hold_ns(const struct duet_session *session);
void session_step(struct duet_session *session, const char *name);
/** A row of `meta`. It waits in memory, so putting it cannot fail. */
void session_put_number(struct duet_session *session, const char *key, int64_t value);
/** To who looks at inputs. */
void session_show_input(struct duet_session *session, const struct duet_input *input);
/** The session's present: never before its last stamp, and where the wall clock was put back, it goes on from there. */
int64_t session_now_ns(struct duet_session *session);
/** A stamp for something that is admitted now. */
int64_t session_stamp(struct duet_session *session);

/* ---- session_recover.c ---- */

/** A journal that has inputs: core and counters as they were, every output compared. */
DUET_MUST_CHECK enum duet_status session_recover(struct duet_session *session);

#endif
