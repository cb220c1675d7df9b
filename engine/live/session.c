/* A live session as a whole: opening, closing, and what others ask of it. */
#include "engine/live/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "engine/live/session_private.h"

/** Between two tries of a commit that holds up the stop. */
#define STOP_PAUSE_US 20000

/* ---------------------------------------------------------------------------------------------------- the source */

static struct duet_session *session_of(struct duet_source *source) {
    return duet_container_of(source, struct duet_session, source);
}

static enum duet_source_state session_run(struct duet_source *source, uint32_t budget, int64_t *wake_ns) {
    struct duet_session *session = session_of(source);
    *wake_ns = INT64_MAX;
    if (session->stopped) {
        return DUET_SOURCE_DONE;
    }
    session_turn(session, budget);
    // A file's clock stands between instants: whoever moves it admits something, and that wakes us.
    bool is_wall = session->options.clock == &duet_clock_wall;
    if (session->blocked) {
        *wake_ns = duet_clock_now_ns(&duet_clock_wall) + (session->retry_ns - duet_monotonic_ns());
        return DUET_SOURCE_WAIT;
    }
    if (session->fault == DUET_OK && (session_queue_count(&session->queue) > 0 || session->snapshot_wanted)) {
        return DUET_SOURCE_MORE;
    }
    if (session->fault == DUET_OK && is_wall) {
        int64_t due_ns = duet_session_due_ns(session); // in its own time, which may be ahead of the loop's
        *wake_ns =
            due_ns == INT64_MAX ? due_ns : duet_clock_now_ns(&duet_clock_wall) + (due_ns - session_now_ns(session));
    }
    return DUET_SOURCE_WAIT;
}

struct duet_source *duet_session_source(struct duet_session *session) {
    return &session->source;
}

int64_t duet_session_due_ns(const struct duet_session *session) {
    int64_t due_ns = duet_core_due_ns(session->core), hold_ns = session_hold_ns(session);
    // What is held is looked at again when the instant that holds it is admitted.
    return due_ns >= hold_ns || hold_ns - 1 < session->taken_ns ? INT64_MAX : due_ns;
}

/* ------------------------------------------------------------------------------------------------------- opening */

/** Ids must not repeat over sessions of one name, because a broker takes a repeated id for the same order: the name,
 * and when the session began. */
static void make_order_prefix(const struct duet_session *session, char *out, size_t size) {
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    char stamp[16];
    size_t at = sizeof(stamp) - 1;
    stamp[at] = '\0';
    uint64_t milliseconds = (uint64_t)duet_clock_now_ns(&duet_clock_wall) / 1000000;
    for (; milliseconds > 0 && at > 0; milliseconds /= 36) {
        stamp[--at] = digits[milliseconds % 36];
    }
    const char *name = session->options.live->name;
    snprintf(out, size, "%.64s-%s-", name != NULL ? name : "duet", stamp + at);
}

/** The rows of a new session besides its records. Rows wait in memory, so putting them cannot fail. */
static void put_beginning(struct duet_session *session) {
    struct duet_journal *journal = session->journal;
    const struct duet_live_config *live = session->options.live;
    make_order_prefix(session, session->order_prefix, sizeof(session->order_prefix));
    (void)!duet_journal_put_meta(journal, "name", live->name != NULL ? live->name : "duet");
    (void)!duet_journal_put_meta(journal, "order_prefix", session->order_prefix);
    (void)!duet_journal_put_meta(journal, "program", "duet " DUET_VERSION);
    (void)!duet_journal_put_meta(journal, "strategy", session->record.plugin);
    (void)!duet_journal_put_meta(journal, "plugin_sha256", session->record.plugin_sha256);
    for (unsigned kind = 1; strcmp(duet_input_kind_name(kind), "?") != 0; kind++) {
        (void)!duet_journal_put_kind(journal, kind, duet_input_kind_name(kind));
    }
    for (uint32_t i = 0; i < session->record.instruments.count; i++) {
        const struct duet_instrument *item = &session->record.instruments.items[i];
        (void)!duet_journal_put_instrument(journal, i, item->symbol, item->price_decimals, item->quantity_decimals);
    }
}

static void put_epoch(struct duet_session *session) {
    char text[24];
    snprintf(text, sizeof(text), "%" PRIu64, session->epoch);
    (void)!duet_journal_put_meta(session->journal, "epoch", text);
    (void)!duet_journal_put_meta(session->journal, "clean", "0");
}

static struct duet_core_options given_options(const struct duet_session *session) {
    return (struct duet_core_options){.config = session->options.config,
        .plugin = session->options.plugin,
        .instruments = session->options.instruments,
        .series = session->options.series,
        .series_count = session->options.series_count,
        .zone = session->options.zone};
}

static enum duet_status begin_new(struct duet_session *session) {
    struct duet_core_options given = given_options(session);
    struct duet_text text = {0};
    enum duet_status status = duet_session_record_write(&given, &text);
    if (status == DUET_OK) { // what the core is made of is what a replay will read
        status = duet_session_record_read(text.text, text.length, &session->record);
    }
    if (status == DUET_OK) {
        status = session_begin_turn(session);
    }
    if (status == DUET_OK) {
        session->epoch = 1;
        put_beginning(session);
        put_epoch(session);
        struct duet_input input = {.time_ns = session_stamp(session),
            .kind = DUET_INPUT_SESSION,
            .size = (uint32_t)text.length,
            .bytes = text.text};
        status = session_take(session, &input);
    }
    if (status == DUET_OK) {
        status = session_end_turn(session);
    }
    duet_text_finish(&text);
    return status;
}

/** The first record; the walk ends there. */
static enum duet_status read_first(void *argument, const struct duet_journal_input *input) {
    struct duet_session *session = argument;
    if (input->kind != DUET_INPUT_SESSION) {
        return duet_error(DUET_EDATA, "%s: does not begin with a SESSION record", session->options.live->session);
    }
    enum duet_status status = duet_session_record_read(input->bytes, input->size, &session->record);
    return status == DUET_OK ? DUET_PENDING : status; // enough
}

/** What the configuration says today against what is in force; a reload that is due is the last input of the turn. */
static enum duet_status check_given(struct duet_session *session, struct duet_text *reload) {
    struct duet_config in_force;
    duet_config_init(&in_force);
    (void)duet_config_live(&in_force);
    char *changed = duet_journal_text(session->journal, "config");
    enum duet_status status = DUET_OK;
    if (changed != NULL) {
        status = duet_config_load_bytes(&in_force, "the recorded configuration", changed, strlen(changed));
    }
    bool differs = false;
    struct duet_core_options given = given_options(session);
    if (status == DUET_OK) {
        status = duet_session_record_check(&session->record, changed != NULL ? &in_force : &session->record.config,
            &given, session->options.live->session, &differs);
    }
    if (status == DUET_OK && differs) {
        status = duet_session_config_text(session->options.config, reload);
    }
    free(changed);
    duet_config_finish(&in_force);
    return status;
}

/** A process takes the session up: its first records. */
static enum duet_status begin_again(struct duet_session *session, const struct duet_text *reload) {
    enum duet_status status = session_begin_turn(session);
    if (status != DUET_OK) {
        return status;
    }
    put_epoch(session);
    struct duet_input_restart restart = {.epoch = session->epoch, .clean = session->ended_clean};
    struct duet_input input = {
        .time_ns = session_stamp(session), .kind = DUET_INPUT_RESTART, .size = sizeof(restart), .bytes = &restart};
    status = session_take(session, &input);
    if (status == DUET_OK && reload->length > 0) {
        input = (struct duet_input){.time_ns = session_stamp(session),
            .kind = DUET_INPUT_CONFIG,
            .size = (uint32_t)reload->length,
            .bytes = reload->text};
        status = session_take(session, &input);
    }
    return status == DUET_OK ? session_end_turn(session) : status;
}

static int64_t meta_number(struct duet_session *session, const char *key, int64_t fallback) {
    char text[32];
    int64_t value;
    return duet_parse_int64(duet_journal_meta(session->journal, key, text, sizeof(text)), &value) ? value : fallback;
}

static enum duet_status take_up(struct duet_session *session) {
    enum duet_status status = duet_journal_each_input(session->journal, 1, read_first, session);
    if (status != DUET_PENDING) {
        return status;
    }
    struct duet_text reload = {0};
    status = check_given(session, &reload);
    if (status == DUET_OK) {
        status = session_recover(session);
    }
    if (status == DUET_OK) {
        session->recovered = true;
        session->ended_clean = meta_number(session, "clean", 0) == 1;
        session->epoch = (uint64_t)meta_number(session, "epoch", 0) + 1;
        int64_t feed_sequence = meta_number(session, "feed_sequence", -1);
        session->feed_begun = session->committed_feed_begun = feed_sequence >= 0;
        session->feed_sequence = session->committed_feed_sequence = feed_sequence >= 0 ? (uint64_t)feed_sequence : 0;
        session->last_instant_ns = session->committed_instant_ns = meta_number(session, "last_instant_ns", INT64_MIN);
        duet_journal_meta(session->journal, "order_prefix", session->order_prefix, sizeof(session->order_prefix));
        duet_journal_meta(session->journal, "trading", session->trading, sizeof(session->trading));
        status = begin_again(session, &reload);
    }
    duet_text_finish(&reload);
    return status;
}

/** A file that never got its first record is of no use to anybody. */
static void remove_empty(const char *path) {
    static const char *const endings[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        struct duet_text name = {0};
        duet_text_print(&name, "%s%s", path, endings[i]);
        (void)unlink(name.text);
        duet_text_finish(&name);
    }
}

enum duet_status duet_session_open(const struct duet_session_options *options, struct duet_session **out) {
    DUET_ASSERT(options->config->live == options->live && options->live->session != NULL);
    struct duet_session *session = duet_alloc(1, sizeof(*session));
    session->options = *options;
    session->source = (struct duet_source){.name = "session", .run = session_run};
    session->last_instant_ns = session->committed_instant_ns = INT64_MIN;
    session->taken_ns = session->admitted_ns = INT64_MIN;
    session->snapshot_ns = duet_monotonic_ns() + options->live->snapshot_s * DUET_SECOND_NS;
    const char *path = options->live->session;
    enum duet_status status = duet_journal_open(path, DUET_JOURNAL_CONTINUE, &session->journal);
    bool is_new = status == DUET_ENOTFOUND;
    if (is_new) {
        status = duet_journal_open(path, DUET_JOURNAL_CREATE, &session->journal);
    }
    bool was_made = is_new && status == DUET_OK;
    if (status == DUET_OK) {
        is_new = duet_journal_last_input(session->journal) == 0;
        status = is_new ? begin_new(session) : take_up(session);
    }
    if (status != DUET_OK) {
        duet_session_close(session);
        if (was_made) {
            remove_empty(path);
        }
        return status;
    }
    session->request_id = session->epoch << 32;
    duet_log_info(options->log, "session-open", "file=%s recovered=%d clean=%d epoch=%" PRIu64 " inputs=%" PRIu64, path,
        session->recovered, session->ended_clean, session->epoch, session->number);
    *out = session;
    return DUET_OK;
}

/* ------------------------------------------------------------------------------------------------------- closing */

/** Turns until nothing waits; a blocked journal is tried again until `deadline_ns`. */
static enum duet_status drain(struct duet_session *session, int64_t deadline_ns) {
    while (session->fault == DUET_OK &&
           (session->blocked || session->is_open || session_queue_count(&session->queue) > 0)) {
        if (session->blocked && duet_monotonic_ns() > deadline_ns) {
            return duet_error(DUET_EIO, "%s", session->error);
        }
        if (session->blocked) {
            (void)usleep(STOP_PAUSE_US);
        }
        session_turn(session, UINT32_MAX);
    }
    return session->fault == DUET_OK ? DUET_OK : duet_error(session->fault, "%s", session->error);
}

enum duet_status duet_session_stop(struct duet_session *session) {
    int64_t deadline_ns = duet_monotonic_ns() + session->options.live->stop_timeout_ms * (DUET_SECOND_NS / 1000);
    enum duet_status status = drain(session, deadline_ns);
    if (status == DUET_OK) {
        status = session_begin_turn(session);
    }
    if (status == DUET_OK) {
        session->stopping = true;
        struct duet_input input = {.time_ns = session_stamp(session), .kind = DUET_INPUT_STOP};
        status = session_take(session, &input);
        (void)!duet_journal_put_meta(session->journal, "clean", "1");
    }
    if (status == DUET_OK && session_end_turn(session) != DUET_OK) {
        status = drain(session, deadline_ns);
    }
    session->stopped = true;
    if (status == DUET_OK) {
        session_release(session);
        duet_journal_checkpoint(session->journal);
    }
    return status;
}

void duet_session_close(struct duet_session *session) {
    if (session == NULL) {
        return;
    }
    struct duet_compare mute = {.is_muted = true};
    session->compare = &mute; // what the strategy says at its end is nobody's business any more
    duet_core_destroy(session->core);
    duet_journal_close(session->journal);
    session_queue_finish(&session->queue);
    session_discard(session);
    free(session->held);
    duet_session_record_finish(&session->record);
    free(session);
}

/* --------------------------------------------------------------------------------------------------------- views */

bool duet_session_recovered(const struct duet_session *session) {
    return session->recovered;
}

bool duet_session_ended_clean(const struct duet_session *session) {
    return session->ended_clean;
}

uint64_t duet_session_epoch(const struct duet_session *session) {
    return session->epoch;
}

const char *duet_session_order_prefix(const struct duet_session *session) {
    return session->order_prefix;
}

uint64_t duet_session_feed_sequence(const struct duet_session *session) {
    return session->committed_feed_sequence;
}

int64_t duet_session_last_instant_ns(const struct duet_session *session) {
    return session->committed_instant_ns;
}

int64_t duet_session_now_ns(struct duet_session *session) {
    return session_now_ns(session);
}

struct duet_core *duet_session_core(struct duet_session *session) {
    return session->core;
}

void duet_session_dead_letter(struct duet_session *session, const char *name, uint32_t attempts, const char *error) {
    if (!session->stopped && (session->is_open || session_begin_turn(session) == DUET_OK)) {
        (void)!duet_journal_put_dead_letter(
            session->journal, name, duet_clock_now_ns(&duet_clock_wall), attempts, error);
        session->source.wake_ns = INT64_MIN;
    }
}

void duet_session_begin_feed(struct duet_session *session, uint64_t sequence) {
    if (session->feed_begun || session->stopped || (!session->is_open && session_begin_turn(session) != DUET_OK)) {
        return;
    }
    session->feed_begun = true;
    session->feed_sequence = sequence;
    session_put_number(session, "feed_sequence", (int64_t)sequence);
    session->source.wake_ns = INT64_MIN;
}

bool duet_session_feed_has_begun(const struct duet_session *session) {
    return session->committed_feed_begun;
}

uint64_t duet_session_request_id(struct duet_session *session) {
    return ++session->request_id;
}

void duet_session_snapshot(struct duet_session *session) {
    session->snapshot_wanted = true;
    session->source.wake_ns = INT64_MIN;
}

void duet_session_get_status(const struct duet_session *session, struct duet_session_status *out) {
    struct duet_journal_counts counts;
    duet_journal_get_counts(session->journal, &counts);
    *out = (struct duet_session_status){.inputs = session->inputs,
        .outputs = session->outputs,
        .turns = session->turns,
        .commits = counts.commits,
        .dropped = session->dropped,
        .waiting = session_queue_count(&session->queue),
        .commit_ms_max = (int64_t)(counts.commit_ns_max / 1000000),
        .blocked = session->blocked,
        .fault = session->fault};
    duet_text_copy(out->error, sizeof(out->error), session->error);
}
