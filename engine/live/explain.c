/* duet explain: from an order back through its causes to the input, and forward to what became of it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "engine/commands.h"
#include "engine/live/explain_private.h"
#include "engine/live/record_text.h"
#include "engine/live/replay.h"

/* -------------------------------------------------------------------------------------------------- the events */

/** From event `sequence` back to the last one that is an output. */
static enum duet_status walk_back(
    struct explain *explain, uint64_t sequence, struct duet_event steps[EXPLAIN_STEPS_MAX], size_t *count) {
    enum duet_status status = DUET_OK;
    *count = 0;
    while (status == DUET_OK && *count < EXPLAIN_STEPS_MAX) {
        struct duet_journal_output output;
        status = duet_journal_output(explain->journal, sequence, &output);
        if (status == DUET_ENOTFOUND && *count > 0) {
            return DUET_OK; // what the input became
        }
        if (status == DUET_OK && !duet_event_decode(output.bytes, output.size, &steps[*count])) {
            status = duet_error(DUET_EDATA, "event %" PRIu64 " of the journal is damaged", sequence);
        }
        if (status == DUET_OK) {
            sequence = steps[(*count)++].cause_sequence;
        }
    }
    return status;
}

/** Index of what an input became, from which a chain of events comes. */
static size_t find_root(struct explain *explain, const struct duet_event *steps, size_t count) {
    uint64_t sequence = steps[count - 1].cause_sequence;
    for (size_t i = explain->root_count; i > 0; i--) {
        if (explain->roots[i - 1].sequence == sequence) {
            return i - 1;
        }
    }
    explain->roots = duet_realloc(explain->roots, explain->root_count + 1, sizeof(*explain->roots));
    explain->roots[explain->root_count] = (struct explain_root){.sequence = sequence};
    return explain->root_count++;
}

static uint64_t order_of(const struct duet_event *event) {
    switch (event->type) {
    case DUET_EVENT_ORDER:
        return event->order.order_id;
    case DUET_EVENT_ORDER_STATUS:
        return event->status.order_id;
    case DUET_EVENT_FILL:
        return event->fill.order_id;
    case DUET_EVENT_ERROR:
        return event->error.order_id;
    default:
        return 0;
    }
}

static bool is_final(unsigned status) {
    return status == DUET_ORDER_DENIED || status == DUET_ORDER_REJECTED || status == DUET_ORDER_FILLED ||
           status == DUET_ORDER_CANCELLED || status == DUET_ORDER_EXPIRED;
}

/** What tells of the order, and what its fills made of the position. */
static bool belongs(const struct explain *explain, const struct duet_event *event) {
    if (event->type != DUET_EVENT_POSITION) {
        return order_of(event) == explain->order_id;
    }
    for (size_t i = 0; i < explain->story_count; i++) {
        const struct duet_event *earlier = &explain->story[i].event;
        if (earlier->type == DUET_EVENT_FILL && earlier->sequence == event->cause_sequence) {
            return true;
        }
    }
    return false;
}

static enum duet_status gather_output(void *argument, const struct duet_journal_output *output) {
    struct explain *explain = argument;
    struct duet_event event;
    if (!duet_event_decode(output->bytes, output->size, &event)) {
        return duet_error(DUET_EDATA, "event %" PRIu64 " of the journal is damaged", output->sequence);
    }
    if (explain->is_over && output->input != explain->story[explain->story_count - 1].input) {
        return DUET_PENDING; // nothing more can come
    }
    if (!belongs(explain, &event)) {
        return DUET_OK;
    }
    if (explain->story_count == explain->story_capacity) {
        explain->story_capacity = explain->story_capacity == 0 ? 16 : 2 * explain->story_capacity;
        explain->story = duet_realloc(explain->story, explain->story_capacity, sizeof(*explain->story));
    }
    explain->story[explain->story_count++] = (struct explain_told){.event = event, .input = output->input};
    if (event.type == DUET_EVENT_ORDER_STATUS) {
        explain->status = event.status.status;
        explain->is_over |= is_final(event.status.status);
    }
    return DUET_OK;
}

/** An order's number, or its id with the broker. */
static enum duet_status find_order(struct explain *explain, const char *order, const char *prefix) {
    const char *digits = strncmp(order, prefix, strlen(prefix)) == 0 ? order + strlen(prefix) : order;
    int64_t number;
    if (!duet_parse_int64(digits, &number) || number <= 0) {
        return duet_error(
            DUET_EINVAL, "\"%s\" is no order of this session; its orders are 1, 2, 3 … or %s1 …", order, prefix);
    }
    explain->order_id = (uint64_t)number;
    uint64_t sequence;
    enum duet_status status = duet_journal_order_sequence(explain->journal, explain->order_id, &sequence);
    if (status == DUET_OK) {
        status = walk_back(explain, sequence, explain->steps, &explain->step_count);
    }
    if (status == DUET_OK) {
        const struct duet_event *event = &explain->steps[0];
        explain->instrument = event->type == DUET_EVENT_ORDER ? event->order.instrument : event->status.instrument;
        status = duet_journal_each_output(explain->journal, sequence, gather_output, explain);
        status = status == DUET_PENDING ? DUET_OK : status;
    }
    return status;
}

/** What the inputs of the story became: that is known where the session can be played again. */
static enum duet_status find_roots(struct explain *explain, const char *path) {
    struct duet_event *steps = duet_alloc(EXPLAIN_STEPS_MAX, sizeof(*steps));
    explain->step_root = find_root(explain, explain->steps, explain->step_count);
    uint64_t last = 0;
    enum duet_status status = DUET_OK;
    for (size_t i = 0; status == DUET_OK && i < explain->story_count; i++) {
        struct explain_told *told = &explain->story[i];
        size_t count;
        status = walk_back(explain, told->event.sequence, steps, &count);
        if (status == DUET_OK) {
            told->root = find_root(explain, steps, count);
            last = told->input;
        }
    }
    free(steps);
    if (status == DUET_OK) {
        explain->is_replayed = duet_replay_watch(path, last, explain_watch, explain) == DUET_OK;
    }
    return status;
}

/* --------------------------------------------------------------------------------------------------- the telling */

static void tell_event(const struct explain *explain, const struct duet_event *event) {
    struct duet_text text = {0};
    duet_event_describe(event, &explain->record.instruments, &text);
    explain_line(explain, "event", event->sequence, event->time_ns, text.text);
    duet_text_finish(&text);
}

/** The input from which an event comes, and what of it. */
static enum duet_status tell_input(struct explain *explain, uint64_t sequence, size_t root) {
    struct duet_journal_input row;
    enum duet_status status = duet_journal_input_of(explain->journal, sequence, &row);
    if (status == DUET_OK) {
        explain_input(explain, &row, &explain->roots[root]);
    }
    return status;
}

static enum duet_status tell_causes(struct explain *explain) {
    enum duet_status status = tell_input(explain, explain->steps[0].sequence, explain->step_root);
    for (size_t i = explain->step_count; status == DUET_OK && i > 0; i--) {
        tell_event(explain, &explain->steps[i - 1]);
    }
    return status;
}

static enum duet_status tell_story(struct explain *explain) {
    size_t root = explain->step_root;
    enum duet_status status = DUET_OK;
    for (size_t i = 1; status == DUET_OK && i < explain->story_count; i++) {
        const struct explain_told *told = &explain->story[i];
        if (told->root != root) {
            root = told->root;
            status = tell_input(explain, told->event.sequence, root);
        }
        if (status == DUET_OK) {
            tell_event(explain, &told->event);
        }
    }
    return status;
}

static void begin_text(const struct explain *explain, const char *prefix) {
    struct duet_text text = {0};
    duet_event_describe(&explain->steps[0], &explain->record.instruments, &text);
    printf("%s\n%s%" PRIu64 ", %s%s\n\nwhy\n", text.text, prefix, explain->order_id,
        duet_order_status_name(explain->status), explain->is_over ? "" : ", still working when the record ends");
    duet_text_finish(&text);
}

static void begin_json(const struct explain *explain, const char *prefix) {
    struct duet_json *json = explain->json;
    char id[160];
    snprintf(id, sizeof(id), "%s%" PRIu64, prefix, explain->order_id);
    duet_json_open(json, NULL, '{');
    duet_json_uint(json, "schema", 1);
    duet_json_uint(json, "order", explain->order_id);
    duet_json_string(json, "client_id", id);
    duet_json_string(json, "status", duet_order_status_name(explain->status));
    duet_json_open(json, "why", '[');
}

static enum duet_status tell(struct explain *explain, const char *prefix) {
    struct duet_json *json = explain->json;
    if (json != NULL) {
        begin_json(explain, prefix);
    } else {
        begin_text(explain, prefix);
    }
    enum duet_status status = tell_causes(explain);
    if (json != NULL) {
        duet_json_close(json, ']');
        duet_json_open(json, "then", '[');
    } else if (explain->story_count > 1) {
        printf("\nwhat became of it\n");
    }
    if (status == DUET_OK) {
        status = tell_story(explain);
    }
    if (json != NULL) {
        duet_json_close(json, ']');
        duet_json_close(json, '}');
        printf("\n");
    }
    return status;
}

static enum duet_status read_first(void *argument, const struct duet_journal_input *input) {
    struct explain *explain = argument;
    enum duet_status status = duet_session_record_read(input->bytes, input->size, &explain->record);
    explain->has_record = status == DUET_OK;
    return status == DUET_OK ? DUET_PENDING : status; // enough
}

int duet_command_explain(const char *path, const char *order, bool json) {
    struct explain *explain = duet_alloc(1, sizeof(*explain));
    struct duet_json writer = {.stream = stdout};
    explain->json = json ? &writer : NULL;
    char prefix[128] = "";
    enum duet_status status = duet_journal_open(path, DUET_JOURNAL_READ, &explain->journal);
    if (status == DUET_OK) {
        status = duet_journal_each_input(explain->journal, 1, read_first, explain);
        status = status == DUET_OK ? duet_error(DUET_EDATA, "%s: nothing has been recorded in it yet", path) : status;
    }
    if (status == DUET_PENDING) {
        duet_journal_meta(explain->journal, "order_prefix", prefix, sizeof(prefix));
        status = find_order(explain, order, prefix);
    }
    if (status == DUET_OK) {
        status = find_roots(explain, path);
    }
    if (status == DUET_OK) {
        status = tell(explain, prefix);
    }
    int code = status == DUET_OK ? 0 : duet_complain(status);
    duet_journal_close(explain->journal);
    if (explain->has_record) {
        duet_session_record_finish(&explain->record);
    }
    for (size_t i = 0; i < explain->root_count; i++) {
        free(explain->roots[i].text);
    }
    free(explain->roots);
    free(explain->story);
    free(explain);
    return code;
}
