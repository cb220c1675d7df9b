/* Taking a session up again: the newest snapshot that is good, the inputs after it, and every output compared. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/log.h"
#include "engine/live/session_private.h"

/** Inputs ahead of a snapshot that are shown to who looks at inputs: the latest bars are among them. */
#define PAST_INPUTS 4096

static struct duet_input input_of(const struct duet_journal_input *row) {
    return (struct duet_input){.number = row->number,
        .time_ns = row->time_ns,
        .kind = (uint16_t)row->kind,
        .size = (uint32_t)row->size,
        .bytes = row->size > 0 ? row->bytes : NULL};
}

static enum duet_status show_one(void *argument, const struct duet_journal_input *row) {
    struct duet_session *session = argument;
    if (row->number > session->shown_until) {
        return DUET_PENDING;
    }
    if (row->size <= DUET_INPUT_BYTES_MAX && row->kind <= UINT16_MAX) {
        struct duet_input input = input_of(row);
        if (duet_input_check(&input) == DUET_OK) {
            session_show_input(session, &input);
        }
    }
    return DUET_OK;
}

/** What came up to input `number`, for those who only look. Nothing depends on it, so nothing is made of a failure. */
static void show_past(struct duet_session *session, uint64_t number) {
    if (session->options.input != NULL) {
        session->shown_until = number;
        (void)!duet_journal_each_input(
            session->journal, number > PAST_INPUTS ? number - PAST_INPUTS + 1 : 1, show_one, session);
    }
}

static enum duet_status replay_one(void *argument, const struct duet_journal_input *row) {
    struct duet_session *session = argument;
    if (row->size > DUET_INPUT_BYTES_MAX || row->kind > UINT16_MAX) {
        return duet_error(DUET_EDATA, "%s: input %" PRIu64 " is none", session->options.live->session, row->number);
    }
    struct duet_input input = input_of(row);
    session->taken_ns = row->time_ns;
    duet_compare_begin(session->compare, &input);
    enum duet_status status = DUET_OK;
    if (session->core == NULL) {
        struct duet_core_options options = session_core_options(session);
        status = duet_core_create(&options, &session->core);
    }
    if (status == DUET_OK) {
        status = duet_core_take(session->core, &input);
        if (status == DUET_OK) {
            session_show_input(session, &input);
        }
        status = status == DUET_EDATA ? DUET_OK : status; // as it was refused then
    }
    if (status != DUET_OK) {
        return duet_error_prefix(
            status, "%s cannot go on: input %" PRIu64, session->options.live->session, row->number);
    }
    return duet_compare_end(session->compare);
}

/** From the state after input `number`, or from the very first one where there are no bytes. */
static enum duet_status replay_from(struct duet_session *session, uint64_t number, const void *bytes, size_t size) {
    struct duet_compare compare;
    uint64_t sequence = 0;
    enum duet_status status = duet_journal_last_sequence(session->journal, number, &sequence);
    duet_compare_init(&compare, session->journal, &session->record.instruments, sequence);
    session->compare = &compare;
    if (status == DUET_OK && bytes != NULL) {
        struct duet_core_options options = session_core_options(session);
        compare.is_muted = true; // what its making publishes was compared long ago
        status = duet_core_create(&options, &session->core);
        if (status == DUET_OK) {
            status = duet_core_load(session->core, bytes, size);
        }
        compare.is_muted = false;
        show_past(session, number);
    }
    if (status == DUET_OK) {
        status = duet_journal_each_input(session->journal, number + 1, replay_one, session);
    }
    if (status == DUET_OK) {
        duet_log_info(session->options.log, "recovered", "snapshot=%" PRIu64 " outputs-compared=%" PRIu64, number,
            compare.outputs);
    } else {
        compare.is_muted = true;
        duet_core_destroy(session->core);
        session->core = NULL;
    }
    session->compare = NULL;
    return status;
}

/** One snapshot. False: it was no good, `*number` is the next one to look for, and 0 says that there is none. */
static bool try_snapshot(struct duet_session *session, uint64_t *number, enum duet_status *status) {
    void *bytes = NULL;
    size_t size = 0;
    uint64_t found = 0;
    *status = duet_journal_snapshot(session->journal, *number, &found, &bytes, &size);
    if (*status == DUET_ENOTFOUND) {
        *number = 0;
        return false;
    }
    if (*status == DUET_OK) {
        *status = replay_from(session, found, bytes, size);
        free(bytes);
    }
    if (*status != DUET_OK) {
        duet_log_warn(session->options.log, "snapshot-refused", "input=%" PRIu64 " why=%s", found, duet_error_text());
        *number = found > 0 ? found - 1 : 0;
    } else {
        session->snapshot_number = found;
    }
    return *status == DUET_OK;
}

enum duet_status session_recover(struct duet_session *session) {
    session->number = duet_journal_last_input(session->journal);
    uint64_t number = UINT64_MAX;
    enum duet_status status;
    while (number > 0) {
        if (try_snapshot(session, &number, &status)) {
            return DUET_OK;
        }
    }
    return replay_from(session, 0, NULL, 0);
}
