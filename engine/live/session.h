/*
 * A live session: the core and its journal, one turn at a time.
 *
 * A turn takes what was admitted, up to a budget, in one transaction: each input is journaled, then given to the core,
 * whose outputs are journaled as they come; then the transaction is committed (synced where it holds an intent), and
 * only then do effects leave: orders to the gateway, replies to commands, broadcasts, alerts, work for the pool. Where
 * the commit fails (disk full, read-only, locked) nothing leaves, nothing more is taken, and the commit is tried again
 * until the stop deadline; a session that cannot write ends with exit code 1 and has lost nothing.
 *
 * Opening a journal that exists recovers: last snapshot, replay of the tail with effects thrown away, comparison of
 * every output, then a RESTART input under the next epoch. An armed session comes back REDUCING.
 */
#ifndef DUET_ENGINE_LIVE_SESSION_H
#define DUET_ENGINE_LIVE_SESSION_H

#include <stdbool.h>

#include <duet/loop.h>

#include "components/store/journal.h"
#include "engine/live/core.h"
#include "engine/live/live_config.h"

struct duet_session; // opaque

/** Most inputs that wait; instants beyond it are dropped and counted (a DROPPED input), orders and commands never. */
#define DUET_SESSION_WAITING_MAX 65536
/** Where so many inputs wait already, trades and quotes are dropped and counted: a flood of them must neither fill the
 * room of bars nor make everything late. */
#define DUET_SESSION_TICKS_MAX 8192

struct duet_session_options {
    const struct duet_config *config; // borrowed; its `live` is the next
    const struct duet_live_config *live; // borrowed; `session` is set
    const struct duet_plugin *plugin; // borrowed
    const struct duet_instruments *instruments; // borrowed
    const struct duet_core_series *series; // borrowed
    uint32_t series_count;
    const struct duet_zone *zone;
    /** Of the session: stamps. &duet_clock_wall, and then its source asks the loop to be woken for timers; or a
     * replayed file's own, and then timers wait for what is admitted when that clock has moved. */
    const struct duet_clock *clock;
    struct duet_log *log;
    /* After the commit, engine thread; each may be NULL. */
    void (*send)(void *argument, const struct duet_event *order); // to the gateway
    void (*query)(void *argument, uint64_t order_id);
    void (*reply)(void *argument, uint64_t request_id, enum duet_status status, const char *json);
    /** Two codes come from here, at once: "disk" (the journal cannot be written), "fault". */
    void (*alert)(void *argument, const char *code, const char *text);
    void (*event)(void *argument, const struct duet_event *event); // every output, for broadcasts
    void (*compute)(void *argument, const struct duet_compute_request *request);
    /** Each input that the core has taken, to look at only: before the commit. In a recovery those that are taken
     * again, and some that came before them; some perhaps twice. NULL: nobody looks. */
    void (*input)(void *argument, const struct duet_input *input);
    /** Timers due at or after this must wait (an instant is incomplete); NULL: none. */
    int64_t (*holds_ns)(void *argument);
    void *argument;
    /** Called between the steps of a turn; tests kill the process there. NULL in service. In this order: "begin"; for
     * each input "input" (its row is put), "output" for each, "taken"; "snapshot" where one is due; "before-commit",
     * "committed"; "effect-send" before each order that leaves; "after-effects". */
    void (*step)(void *argument, const char *name);
};

/** Create or recover what live->session names. DUET_EDIFF: recovery did not come to what the journal says (with the
 * first difference); the rest as duet_journal_open() and duet_core_create(). DUET_EINVAL: the journal belongs to
 * another strategy file, other parameters or other data; says which and what to do. */
DUET_MUST_CHECK enum duet_status duet_session_open(
    const struct duet_session_options *options, struct duet_session **out);
/** Whether it was there before; whether it had ended in order. */
bool duet_session_recovered(const struct duet_session *session);
bool duet_session_ended_clean(const struct duet_session *session);
/** 1, 2, 3 …: processes that have had this session. */
uint64_t duet_session_epoch(const struct duet_session *session);
/** "name-STAMP-": prefix of client order ids. STAMP is when the session began, because a broker takes a repeated id for
 * the same order, and names are used again. */
const char *duet_session_order_prefix(const struct duet_session *session);
/** Last feed sequence that was journaled; the feed resumes after it. */
uint64_t duet_session_feed_sequence(const struct duet_session *session);
/** Where the feed of this session begins: what comes after `sequence` is told once, and missed by nobody. Durable with
 * the next turn; nothing happens where it has begun. */
void duet_session_begin_feed(struct duet_session *session, uint64_t sequence);
/** Whether that is on disk: then, and only then, there is a sequence to resume after. */
bool duet_session_feed_has_begun(const struct duet_session *session);
/** When the last INSTANT was, INT64_MIN for none. */
int64_t duet_session_last_instant_ns(const struct duet_session *session);
struct duet_core *duet_session_core(struct duet_session *session);
/** Add to the loop; run() is a turn. */
struct duet_source *duet_session_source(struct duet_session *session);

/**
 * Hand in an input; copied. Stamped now with the session's clock. `feed_sequence` is kept with it (0: none).
 * DUET_EFULL: dropped (market data only). Engine thread; other threads post.
 */
enum duet_status duet_session_admit(
    struct duet_session *session, enum duet_input_kind kind, const void *bytes, size_t size, uint64_t feed_sequence);
/** Whether more than half of the room is used: feeds pause. */
bool duet_session_is_full(const struct duet_session *session);
/** Whether more than half of the room of trades and quotes is used: what can be had later should wait. */
bool duet_session_is_behind(const struct duet_session *session);
/** The session's time: what an input would be stamped with now. Where the wall clock is put back it goes on. */
int64_t duet_session_now_ns(struct duet_session *session);
/** A new request_id for a command. */
uint64_t duet_session_request_id(struct duet_session *session);
/** When the session next has something to do by itself; INT64_MAX: never. */
int64_t duet_session_due_ns(const struct duet_session *session);

/** Work that failed for good, into the table of dead letters with the next turn. */
void duet_session_dead_letter(struct duet_session *session, const char *name, uint32_t attempts, const char *error);
/** Write a snapshot with the next turn. */
void duet_session_snapshot(struct duet_session *session);
/** Take what waits, a STOP input, a last snapshot, commit, checkpoint. */
DUET_MUST_CHECK enum duet_status duet_session_stop(struct duet_session *session);
/** Without stop: as a crash would leave it. */
void duet_session_close(struct duet_session *session);

struct duet_session_status {
    uint64_t inputs, outputs, turns, commits, dropped, waiting;
    int64_t commit_ms_max;
    bool blocked; // the journal cannot be written; `error` says why
    enum duet_status fault; // not DUET_OK: the core cannot go on, nothing is taken any more; `error` says why
    char error[160];
};
void duet_session_get_status(const struct duet_session *session, struct duet_session_status *out);

#endif
