/* One turn: begin, inputs, outputs, commit, and only then the effects. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "engine/live/session_private.h"

/** Most inputs of one transaction, whatever the loop allows. */
#define TURN_INPUTS_MAX 256
#define RETRY_NS (100 * INT64_C(1000000))

void session_step(struct duet_session *session, const char *name) {
    if (session->options.step != NULL) {
        session->options.step(session->options.argument, name);
    }
}

int64_t session_now_ns(struct duet_session *session) {
    int64_t now_ns = duet_clock_now_ns(session->options.clock);
    int64_t last_ns = session->taken_ns > session->admitted_ns ? session->taken_ns : session->admitted_ns;
    if (session->options.clock == &duet_clock_wall) {
        return duet_steady_now_ns(&session->steady, now_ns, duet_monotonic_ns(), last_ns);
    }
    return now_ns > last_ns ? now_ns : last_ns;
}

int64_t session_stamp(struct duet_session *session) {
    session->admitted_ns = session_now_ns(session);
    return session->admitted_ns;
}

/* ------------------------------------------------------------------------------------------------------ the core */

void session_output(void *argument, const struct duet_event *event) {
    struct duet_session *session = argument;
    if (session->first_output == 0) {
        session->first_output = event->sequence;
    }
    session->last_output = event->sequence;
    if (session->compare != NULL) {
        duet_compare_output(session->compare, event);
        return;
    }
    session->has_intent |= event->type == DUET_EVENT_ORDER;
    session->outputs++;
    // Cannot fail but for programmer errors: rows wait in memory until the commit.
    if (session->is_open && duet_journal_put_output(session->journal, session->number, event) == DUET_OK) {
        session_hold_output(session, event);
        session_step(session, "output");
    }
}

struct duet_core_options session_core_options(struct duet_session *session) {
    return (struct duet_core_options){.config = &session->record.config,
        .plugin = session->options.plugin,
        .instruments = &session->record.instruments,
        .series = session->record.series,
        .series_count = session->record.series_count,
        .zone = session->record.zone,
        .log = session->options.log,
        .output = session_output,
        .effect = session_hold_effect,
        .argument = session};
}

void session_show_input(struct duet_session *session, const struct duet_input *input) {
    if (session->options.input != NULL) {
        session->options.input(session->options.argument, input);
    }
}

/** Commands and what begins or ends a process are answered, so they are on disk first. */
static bool is_answered(enum duet_input_kind kind) {
    return kind == DUET_INPUT_COMMAND || kind == DUET_INPUT_SESSION || kind == DUET_INPUT_RESTART ||
           kind == DUET_INPUT_STOP || kind == DUET_INPUT_CONFIG;
}

static enum duet_status give_to_core(struct duet_session *session, const struct duet_input *input) {
    if (session->core == NULL) {
        struct duet_core_options options = session_core_options(session);
        enum duet_status status = duet_core_create(&options, &session->core);
        if (status != DUET_OK) {
            return status;
        }
    }
    enum duet_status status = duet_core_take(session->core, input);
    if (status == DUET_EDATA) { // nothing happened, here and in every replay
        duet_log_warn(
            session->options.log, "input-refused", "number=%" PRIu64 " why=%s", input->number, duet_error_text());
        return DUET_OK;
    }
    if (status == DUET_OK) {
        session_show_input(session, input);
    }
    return status;
}

enum duet_status session_take(struct duet_session *session, struct duet_input *input) {
    input->number = session->number + 1;
    struct duet_journal_input row = {.number = input->number,
        .time_ns = input->time_ns,
        .kind = input->kind,
        .bytes = input->bytes,
        .size = input->size};
    enum duet_status status = duet_journal_put_input(session->journal, &row);
    if (status != DUET_OK) {
        return status;
    }
    session->number = input->number;
    session->taken_ns = input->time_ns;
    session->has_intent |= is_answered(input->kind);
    session->inputs++;
    session->first_output = session->last_output = 0;
    session_step(session, "input");
    status = give_to_core(session, input);
    session_step(session, "taken");
    uint64_t first = 0, last = 0;
    if (session->core != NULL) {
        duet_core_sequences(session->core, &first, &last);
    }
    if (session->first_output != 0) { // what the making of the core published belongs to its first record
        first = first == 0 || session->first_output < first ? session->first_output : first;
        last = session->last_output > last ? session->last_output : last;
    }
    if (first != 0) {
        enum duet_status done = duet_journal_input_done(session->journal, input->number, first, last);
        status = status == DUET_OK ? done : status;
    }
    if (input->kind == DUET_INPUT_CONFIG) {
        struct duet_text text = {0};
        duet_text_append(&text, input->bytes, input->size);
        (void)!duet_journal_put_meta(session->journal, "config", text.text != NULL ? text.text : "");
        duet_text_finish(&text);
    }
    if (input->kind == DUET_INPUT_INSTANT) {
        const struct duet_input_instant *instant = input->bytes;
        if (instant->instant_ns > session->last_instant_ns) {
            session->last_instant_ns = instant->instant_ns;
        }
    }
    return status;
}

/* ------------------------------------------------------------------------------------------------------ the turn */

enum duet_status session_begin_turn(struct duet_session *session) {
    DUET_ASSERT(!session->is_open);
    session_step(session, "begin");
    enum duet_status status = duet_journal_begin(session->journal);
    session->is_open = status == DUET_OK;
    session->has_intent = false;
    return status;
}

void session_put_number(struct duet_session *session, const char *key, int64_t value) {
    char text[32];
    snprintf(text, sizeof(text), "%" PRId64, value);
    (void)!duet_journal_put_meta(session->journal, key, text);
}

/** Keys of the session that have changed. Rows wait in memory, so putting them cannot fail. */
static void put_meta(struct duet_session *session) {
    const char *trading = duet_trading_name(duet_core_trading(session->core));
    if (strcmp(trading, session->trading) != 0) {
        (void)!duet_journal_put_meta(session->journal, "trading", trading);
        duet_text_copy(session->trading, sizeof(session->trading), trading);
    }
    if (session->feed_sequence != session->committed_feed_sequence) {
        session_put_number(session, "feed_sequence", (int64_t)session->feed_sequence);
    }
    if (session->last_instant_ns != session->committed_instant_ns) {
        session_put_number(session, "last_instant_ns", session->last_instant_ns);
    }
}

static bool snapshot_is_due(const struct duet_session *session) {
    if (session->fault != DUET_OK || session->number == session->snapshot_number) {
        return false;
    }
    return session->snapshot_wanted || session->stopping ||
           (session->options.live->snapshot_s > 0 && duet_monotonic_ns() >= session->snapshot_ns);
}

static void put_snapshot(struct duet_session *session) {
    session_step(session, "snapshot");
    void *bytes = NULL;
    size_t size = 0;
    enum duet_status status = duet_core_save(session->core, &bytes, &size);
    if (status == DUET_OK) {
        status = duet_journal_put_snapshot(session->journal, session->number, bytes, size);
    }
    free(bytes);
    if (status != DUET_OK) { // a recovery begins further back then
        duet_log_warn(
            session->options.log, "no-snapshot", "input=%" PRIu64 " why=%s", session->number, duet_error_text());
    }
    session->snapshot_wanted = false;
    session->snapshot_number = session->number;
    session->snapshot_ns = duet_monotonic_ns() + session->options.live->snapshot_s * DUET_SECOND_NS;
}

/** A commit that fails: nothing leaves and nothing is taken until one succeeds. */
static void block(struct duet_session *session) {
    duet_text_copy(session->error, sizeof(session->error), duet_error_text());
    session->retry_ns = duet_monotonic_ns() + RETRY_NS;
    if (!session->blocked) {
        session->blocked = true;
        duet_log_error(session->options.log, "journal-blocked", "why=%s", session->error);
        if (session->options.alert != NULL) {
            session->options.alert(session->options.argument, "disk", session->error);
        }
    }
}

static enum duet_status commit(struct duet_session *session) {
    session_step(session, "before-commit");
    enum duet_status status = duet_journal_commit(session->journal, session->has_intent);
    if (status != DUET_OK) {
        block(session);
        return status;
    }
    session_step(session, "committed");
    if (session->blocked) {
        duet_log_info(session->options.log, "journal-writes-again", "inputs=%" PRIu64, session->number);
        session->blocked = false;
        session->error[0] = '\0';
    }
    session->is_open = false;
    session->turns++;
    session->committed_feed_sequence = session->feed_sequence;
    session->committed_feed_begun = session->feed_begun;
    session->committed_instant_ns = session->last_instant_ns;
    return DUET_OK;
}

enum duet_status session_end_turn(struct duet_session *session) {
    if (session->core != NULL) {
        put_meta(session);
        if (snapshot_is_due(session)) {
            put_snapshot(session);
        }
    }
    return commit(session);
}

/** The core cannot go on: what it did is journaled, and nothing is taken any more. */
static void fault(struct duet_session *session, enum duet_status status) {
    session->fault = status;
    snprintf(session->error, sizeof(session->error), "input %" PRIu64 ": %s", session->number, duet_error_text());
    duet_log_error(session->options.log, "session-faulted", "why=%s", session->error);
    if (session->options.alert != NULL) {
        session->options.alert(session->options.argument, "fault", session->error);
    }
}

int64_t session_hold_ns(const struct duet_session *session) {
    int64_t hold_ns = session_queue_instant_ns(&session->queue);
    if (session->options.holds_ns != NULL) {
        int64_t asked_ns = session->options.holds_ns(session->options.argument);
        hold_ns = asked_ns < hold_ns ? asked_ns : hold_ns;
    }
    return hold_ns;
}

/**
 * What is taken next: the first that waits, or before it what the core has scheduled. A timer waits for the instant
 * that it must come after: one that is being put together, or that waits here itself. Timers before an INSTANT, and
 * before a tick of a file, are the core's business.
 */
static bool next_input(struct duet_session *session, struct duet_input *out) {
    const struct queued *first = session_queue_first(&session->queue);
    // Of a file ticks are told as they happened, too.
    bool has_timers = first != NULL && (first->kind == DUET_INPUT_INSTANT ||
                                           (!session->options.live->feed_gateway &&
                                               (first->kind == DUET_INPUT_TRADE || first->kind == DUET_INPUT_QUOTE)));
    if (!has_timers) {
        int64_t until_ns = first != NULL ? first->time_ns : session_now_ns(session);
        until_ns = until_ns < session->taken_ns ? session->taken_ns : until_ns;
        int64_t hold_ns = session_hold_ns(session);
        until_ns = hold_ns <= until_ns ? hold_ns - 1 : until_ns;
        if (until_ns >= session->taken_ns && duet_core_due_ns(session->core) <= until_ns) {
            *out = (struct duet_input){.time_ns = until_ns, .kind = DUET_INPUT_TIME};
            return true;
        }
    }
    if (first == NULL) {
        return false;
    }
    *out = (struct duet_input){.time_ns = first->time_ns,
        .kind = (uint16_t)first->kind,
        .size = first->size,
        .bytes = first->size > 0 ? queued_bytes(first) : NULL};
    return true;
}

static enum duet_status take_next(struct duet_session *session, struct duet_input *input) {
    enum duet_status status = session_take(session, input);
    const struct queued *first = session_queue_first(&session->queue);
    if (input->kind != DUET_INPUT_TIME && first != NULL) {
        if (first->feed_sequence > session->feed_sequence) {
            session->feed_sequence = first->feed_sequence;
            session->feed_begun = true;
        }
        session_queue_drop_first(&session->queue);
    }
    return status;
}

/** Inputs of one transaction; false where nothing is to be committed. */
static bool fill_turn(struct duet_session *session, uint32_t budget) {
    struct duet_input input;
    uint32_t count = budget < TURN_INPUTS_MAX ? budget : TURN_INPUTS_MAX;
    for (uint32_t i = 0; i < count && session->fault == DUET_OK && next_input(session, &input); i++) {
        enum duet_status status = session->is_open ? DUET_OK : session_begin_turn(session);
        if (status == DUET_OK) {
            status = take_next(session, &input);
        }
        if (status != DUET_OK) {
            fault(session, status);
        }
    }
    if (!session->is_open && session->snapshot_wanted && session->number != session->snapshot_number) {
        return session_begin_turn(session) == DUET_OK;
    }
    return session->is_open;
}

void session_turn(struct duet_session *session, uint32_t budget) {
    enum duet_status status = DUET_OK;
    if (session->blocked) {
        if (duet_monotonic_ns() < session->retry_ns) {
            return;
        }
        status = commit(session);
    } else if (fill_turn(session, budget)) {
        status = session_end_turn(session);
    }
    if (status == DUET_OK && session->held_count > 0) {
        session_release(session);
        session_step(session, "after-effects");
    }
    if (status == DUET_OK && session_queue_count(&session->queue) == 0) {
        duet_journal_tidy(session->journal);
    }
}
