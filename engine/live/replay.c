/* A journal played again: the same records to a fresh core, and every output held against the journal's. */
#include "engine/live/replay.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "engine/live/compare.h"
#include "engine/live/input_session.h"

struct replay {
    struct duet_journal *journal;
    struct duet_session_record record;
    struct duet_plugin plugin;
    struct duet_core *core;
    struct duet_compare compare;
    const struct duet_replay_progress *progress; // NULL: none
    const char *path, *strategy;
    bool other_plugin;
    uint64_t last, inputs;
    void (*watch)(void *argument, const struct duet_event *event); // NULL: nobody
    void *argument;
};

static void replay_output(void *argument, const struct duet_event *event) {
    struct replay *replay = argument;
    duet_compare_output(&replay->compare, event);
}

static void replay_input(void *argument, const struct duet_event *event) {
    struct replay *replay = argument;
    if (replay->watch != NULL) {
        replay->watch(replay->argument, event);
    }
}

static enum duet_status open_plugin(struct replay *replay) {
    const char *file = replay->strategy != NULL ? replay->strategy : replay->record.plugin_path;
    enum duet_status status = duet_plugin_open(file, &replay->plugin);
    if (status != DUET_OK) {
        return duet_error_prefix(status, "%s needs the strategy it was recorded with (--strategy FILE)", replay->path);
    }
    if (!replay->other_plugin && strcmp(replay->plugin.sha256, replay->record.plugin_sha256) != 0) {
        return duet_error(DUET_EINVAL,
            "%s: %s is another file now (%.12s…) than the one it was recorded with (%.12s…); put that file back, or "
            "name one with --strategy",
            replay->path, file, replay->plugin.sha256, replay->record.plugin_sha256);
    }
    return DUET_OK;
}

/** The first record tells what the core is made of. */
static enum duet_status begin(struct replay *replay, const struct duet_input *input) {
    if (input->kind != DUET_INPUT_SESSION) {
        return duet_error(DUET_EDATA, "%s: does not begin with a SESSION record", replay->path);
    }
    enum duet_status status = duet_session_record_read(input->bytes, input->size, &replay->record);
    if (status == DUET_OK) {
        status = open_plugin(replay);
    }
    replay->compare.instruments = &replay->record.instruments;
    struct duet_core_options options = {.config = &replay->record.config,
        .plugin = &replay->plugin,
        .instruments = &replay->record.instruments,
        .series = replay->record.series,
        .series_count = replay->record.series_count,
        .zone = replay->record.zone,
        .output = replay_output,
        .input = replay_input,
        .argument = replay};
    return status == DUET_OK ? duet_core_create(&options, &replay->core) : status;
}

static enum duet_status replay_one(void *argument, const struct duet_journal_input *row) {
    struct replay *replay = argument;
    if (row->number > replay->last) {
        return DUET_PENDING; // enough
    }
    if (row->size > DUET_INPUT_BYTES_MAX || row->kind > UINT16_MAX) {
        return duet_error(DUET_EDATA, "%s: input %" PRIu64 " is none", replay->path, row->number);
    }
    struct duet_input input = {.number = row->number,
        .time_ns = row->time_ns,
        .kind = (uint16_t)row->kind,
        .size = (uint32_t)row->size,
        .bytes = row->size > 0 ? row->bytes : NULL};
    duet_compare_begin(&replay->compare, &input);
    enum duet_status status = replay->core == NULL ? begin(replay, &input) : DUET_OK;
    if (status == DUET_OK) {
        status = duet_core_take(replay->core, &input);
        status = status == DUET_EDATA ? DUET_OK : status; // as it was refused then
        if (status != DUET_OK) {
            return duet_error_prefix(status, "%s: the core fails at input %" PRIu64, replay->path, row->number);
        }
        status = duet_compare_end(&replay->compare);
    }
    replay->inputs++;
    if (replay->progress != NULL && replay->inputs % 1024 == 0) {
        replay->progress->tell(replay->progress->argument, replay->inputs, duet_journal_last_input(replay->journal));
    }
    return status;
}

/** Outputs behind the last input belong to nothing. */
static enum duet_status check_rest(struct replay *replay) {
    struct duet_input beyond = {.number = UINT64_MAX, .kind = DUET_INPUT_STOP};
    duet_compare_begin(&replay->compare, &beyond);
    return duet_compare_end(&replay->compare);
}

static void take_result(const struct replay *replay, struct duet_replay_result *out) {
    *out = (struct duet_replay_result){.inputs = replay->inputs,
        .outputs = replay->compare.outputs,
        .decisions = replay->compare.decisions,
        .first_difference = replay->compare.difference_sequence};
    duet_text_copy(out->difference, sizeof(out->difference), replay->compare.text);
    if (replay->core != NULL) {
        out->event_hash = duet_core_event_hash(replay->core);
        out->decision_hash = duet_core_decision_hash(replay->core);
    }
}

static enum duet_status run(struct replay *replay, struct duet_replay_result *out) {
    *out = (struct duet_replay_result){0};
    enum duet_status status = duet_journal_open(replay->path, DUET_JOURNAL_READ, &replay->journal);
    if (status != DUET_OK) {
        return status;
    }
    duet_compare_init(&replay->compare, replay->journal, NULL, 0);
    status = duet_journal_each_input(replay->journal, 1, replay_one, replay);
    if (status == DUET_OK && replay->core == NULL) {
        status = duet_error(DUET_EDATA, "%s: nothing has been recorded in it yet", replay->path);
    } else if (status == DUET_OK) {
        status = check_rest(replay);
    }
    status = status == DUET_PENDING ? DUET_OK : status;
    take_result(replay, out);
    replay->compare.is_muted = true;
    char line[DUET_ERROR_TEXT_MAX]; // taking things down may leave a line of its own
    duet_text_copy(line, sizeof(line), duet_error_text());
    duet_core_destroy(replay->core);
    duet_plugin_close(&replay->plugin);
    if (replay->record.series != NULL) {
        duet_session_record_finish(&replay->record);
    }
    duet_journal_close(replay->journal);
    return status == DUET_OK ? DUET_OK : duet_error(status, "%s", line);
}

enum duet_status duet_replay_verify(const char *path, const char *strategy, bool other_plugin, uint64_t last,
    const struct duet_replay_progress *progress, struct duet_replay_result *out) {
    struct replay replay = {.path = path,
        .strategy = strategy,
        .other_plugin = other_plugin,
        .last = last == 0 ? UINT64_MAX : last,
        .progress = progress};
    return run(&replay, out);
}

enum duet_status duet_replay_watch(
    const char *path, uint64_t last, void (*input)(void *argument, const struct duet_event *event), void *argument) {
    struct replay replay = {.path = path, .last = last, .watch = input, .argument = argument};
    struct duet_replay_result *result = duet_alloc(1, sizeof(*result));
    enum duet_status status = run(&replay, result);
    free(result);
    return status;
}
