/*
 * The journal of a live session: one SQLite file that holds what came in, what was decided, and the books.
 *
 * One transaction per loop turn. What it holds leaves the process only after duet_journal_commit() has returned
 * DUET_OK: FULL sync where the turn holds an intent to trade, NORMAL otherwise. WAL; checkpoints when idle or past
 * 64 MiB. The schema is in docs/journal.md and in the file itself (comments in sqlite_schema); everything that a person
 * asks about (orders, fills, positions) is in plain columns.
 *
 * Records are bytes here: this room knows rows, not their meaning, but for the order, fill and position rows, which the
 * caller fills in. The only user of sqlite3.h.
 */
#ifndef DUET_COMPONENTS_STORE_JOURNAL_H
#define DUET_COMPONENTS_STORE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <duet/event.h>
#include <duet/status.h>

#define DUET_JOURNAL_VERSION 1

struct duet_journal; // opaque

enum duet_journal_mode {
    DUET_JOURNAL_CREATE, // must not exist
    DUET_JOURNAL_CONTINUE, // must exist; takes the lock that only one daemon can hold
    DUET_JOURNAL_READ, // also while a daemon writes
};

/** DUET_EEXIST, DUET_ENOTFOUND, DUET_ESTATE ("locked by process 123"), DUET_EABI (another version), DUET_EDATA (not a
 * journal, or damaged: integrity and foreign keys are checked on CONTINUE), DUET_EIO (read-only or full disk). */
DUET_MUST_CHECK enum duet_status duet_journal_open(
    const char *path, enum duet_journal_mode mode, struct duet_journal **out);
/** Rolls back what was not committed. NULL is fine. */
void duet_journal_close(struct duet_journal *journal);

/* ---- writing: begin, rows, commit ---- */

DUET_MUST_CHECK enum duet_status duet_journal_begin(struct duet_journal *journal);

struct duet_journal_input {
    uint64_t number; // key
    int64_t time_ns;
    uint32_t kind;
    uint64_t first_sequence, last_sequence; // events of the bus that it became and caused
    const void *bytes;
    size_t size;
};
/** Number must be the last one's plus one. Sequences may be set later with duet_journal_input_done(). */
DUET_MUST_CHECK enum duet_status duet_journal_put_input(
    struct duet_journal *journal, const struct duet_journal_input *input);
DUET_MUST_CHECK enum duet_status duet_journal_input_done(
    struct duet_journal *journal, uint64_t number, uint64_t first_sequence, uint64_t last_sequence);
/** One derived event, canonical bytes (duet_event_encode), and the row of the books that it changes: orders, fills,
 * positions, accounts. `input` is the number of the record being worked off. */
DUET_MUST_CHECK enum duet_status duet_journal_put_output(
    struct duet_journal *journal, uint64_t input, const struct duet_event *event);
/** State of the core as of input `number`; the last few are kept. */
DUET_MUST_CHECK enum duet_status duet_journal_put_snapshot(
    struct duet_journal *journal, uint64_t number, const void *bytes, size_t size);
/** A key of the session: "name", "plugin_sha256", "epoch", "order_prefix", "trading", "feed_sequence", … */
DUET_MUST_CHECK enum duet_status duet_journal_put_meta(
    struct duet_journal *journal, const char *key, const char *value);
/** Work that failed for good: kept for a person. */
DUET_MUST_CHECK enum duet_status duet_journal_put_dead_letter(
    struct duet_journal *journal, const char *name, int64_t time_ns, uint32_t attempts, const char *error);
/** Symbol and decimals, so that the rows of the books can be read by people. */
DUET_MUST_CHECK enum duet_status duet_journal_put_instrument(struct duet_journal *journal, uint32_t instrument,
    const char *symbol, uint32_t price_decimals, uint32_t quantity_decimals);

/** Name of a kind of input, likewise for people. */
DUET_MUST_CHECK enum duet_status duet_journal_put_kind(struct duet_journal *journal, uint32_t kind, const char *name);

/**
 * Make it durable. `durable`: the turn holds an intent, sync before returning. DUET_EIO (full or read-only disk) and
 * DUET_ESTATE (locked) leave the transaction open: nothing was lost, and commit can be tried again.
 */
DUET_MUST_CHECK enum duet_status duet_journal_commit(struct duet_journal *journal, bool durable);
/** When idle: where there is enough of it to be worth a sync, move the WAL into the file, as far as no reader needs it.
 * Waits for nobody, and what a reader holds is left alone until there is as much again. Never fails the run. */
void duet_journal_tidy(struct duet_journal *journal);
/** At the end: all of it, and the WAL is empty. Readers are waited for as long as for any writer. Never fails the run.
 */
void duet_journal_checkpoint(struct duet_journal *journal);

struct duet_journal_counts {
    uint64_t inputs, outputs, commits, durable_commits;
    uint64_t wal_bytes, commit_ns_max;
};
void duet_journal_get_counts(const struct duet_journal *journal, struct duet_journal_counts *out);

/* ---- reading ---- */

/** "" where unset. Returns `out`. */
char *duet_journal_meta(struct duet_journal *journal, const char *key, char *out, size_t size);
/** The same whatever its length, to be freed by the caller; NULL where unset. */
char *duet_journal_text(struct duet_journal *journal, const char *key);
/** Number of the last input, 0 for none. */
uint64_t duet_journal_last_input(struct duet_journal *journal);
/** Last sequence that the inputs up to `number` gave; 0: none. */
DUET_MUST_CHECK enum duet_status duet_journal_last_sequence(
    struct duet_journal *journal, uint64_t number, uint64_t *sequence);
/** Sequence of the first event of an order. DUET_ENOTFOUND. */
DUET_MUST_CHECK enum duet_status duet_journal_order_sequence(
    struct duet_journal *journal, uint64_t order_id, uint64_t *sequence);
/** Inputs from `from` on in order; `each` returns DUET_OK to go on; any other status ends the walk and is returned.
 * `input->bytes` is 8-byte aligned and valid during the call. */
DUET_MUST_CHECK enum duet_status duet_journal_each_input(struct duet_journal *journal, uint64_t from,
    enum duet_status (*each)(void *argument, const struct duet_journal_input *input), void *argument);

struct duet_journal_output {
    uint64_t sequence, cause_sequence, input;
    uint32_t type;
    const void *bytes;
    size_t size;
};
/** Outputs with sequence >= `from` in order. */
DUET_MUST_CHECK enum duet_status duet_journal_each_output(struct duet_journal *journal, uint64_t from,
    enum duet_status (*each)(void *argument, const struct duet_journal_output *output), void *argument);
/** The first output with sequence >= `from`. DUET_ENOTFOUND. `out->bytes` valid until the next call of these two. */
DUET_MUST_CHECK enum duet_status duet_journal_output_from(
    struct duet_journal *journal, uint64_t from, struct duet_journal_output *out);
/** One output. DUET_ENOTFOUND. */
DUET_MUST_CHECK enum duet_status duet_journal_output(
    struct duet_journal *journal, uint64_t sequence, struct duet_journal_output *out);
/** The input that became, or caused, the event `sequence`. DUET_ENOTFOUND. `out->bytes` valid until the next call. */
DUET_MUST_CHECK enum duet_status duet_journal_input_of(
    struct duet_journal *journal, uint64_t sequence, struct duet_journal_input *out);
/** Newest snapshot of input `last` or an earlier one (UINT64_MAX: of all). DUET_ENOTFOUND; DUET_EDATA where it is
 * damaged, `*number` being set all the same. `*bytes` is the caller's. */
DUET_MUST_CHECK enum duet_status duet_journal_snapshot(
    struct duet_journal *journal, uint64_t last, uint64_t *number, void **bytes, size_t *size);

#endif
