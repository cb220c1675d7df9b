/* duet explain: from an order back through its causes to the input, and forward to what became of it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/time.h"
#include "components/store/journal.h"
#include "engine/commands.h"
#include "engine/live/input_session.h"
#include "engine/live/record_text.h"
#include "engine/live/replay.h"

/** Steps from an order back to its input; events cannot be deeper (DUET_HOP_MAX, reports twice that). */
#define STEPS_MAX (2 * DUET_HOP_MAX + 4)
/** Bars of an input that are shown; those of the order's instrument come first. */
#define BARS_MAX 6

struct explain {
    struct duet_journal *journal;
    struct duet_session_record record;
    bool has_record;
    uint64_t order_id;
    uint32_t instrument; // of the order
    struct duet_event steps[STEPS_MAX]; // from the order back
    size_t step_count;
    uint64_t last_input; // that was told
    uint64_t last_sequence; // of its story
    struct duet_json *json; // NULL: text
    bool is_over;
};

/* ------------------------------------------------------------------------------------------------------ one input */

static void input_of_row(const struct duet_journal_input *row, struct duet_input *out) {
    *out = (struct duet_input){.number = row->number,
        .time_ns = row->time_ns,
        .kind = (uint16_t)row->kind,
        .size = (uint32_t)row->size,
        .bytes = row->size > 0 ? row->bytes : NULL};
}

static void tell_line(const struct explain *explain, const char *what, uint64_t number, int64_t ns, const char *text) {
    char time[DUET_TIME_TEXT_MAX];
    duet_time_format(ns, time);
    if (explain->json == NULL) {
        printf("  %s  %s %-7" PRIu64 "  %s\n", time, what, number, text);
        return;
    }
    duet_json_open(explain->json, NULL, '{');
    duet_json_uint(explain->json, what, number);
    duet_json_string(explain->json, "time", duet_time_format_iso(ns, time));
    duet_json_string(explain->json, "text", text);
    duet_json_close(explain->json, '}');
}

/** The bars that an INSTANT closed, those of the order's instrument, or all where it has none of them. */
static void tell_bars(const struct explain *explain, const struct duet_input *input) {
    const struct duet_input_instant *instant = input->bytes;
    const struct duet_bar *bars = duet_input_closing(input);
    uint32_t told = 0;
    for (uint32_t i = 0; i < instant->closing && told < BARS_MAX; i++) {
        if (bars[i].instrument == explain->instrument) {
            struct duet_text text = {0};
            duet_bar_describe(&bars[i], &explain->record.instruments, &text);
            if (explain->json == NULL) {
                printf("  %40s%s\n", "", text.text);
            } else {
                duet_json_open(explain->json, NULL, '{');
                duet_json_string(explain->json, "bar", text.text);
                duet_json_close(explain->json, '}');
            }
            duet_text_finish(&text);
            told++;
        }
    }
}

static void tell_openings(const struct explain *explain, const struct duet_input *input) {
    const struct duet_input_instant *instant = input->bytes;
    const struct duet_opening *openings = duet_input_opening(input);
    for (uint32_t i = 0; i < instant->opening; i++) {
        if (openings[i].instrument == explain->instrument) {
            const struct duet_instrument *instrument = &explain->record.instruments.items[explain->instrument];
            char price[DUET_DECIMAL_TEXT_MAX], line[DUET_DECIMAL_TEXT_MAX + DUET_SYMBOL_MAX + 16];
            snprintf(line, sizeof(line), "%s opens at %s", instrument->symbol,
                duet_decimal_format(openings[i].open_scaled, instrument->price_decimals, price));
            if (explain->json == NULL) {
                printf("  %40s%s\n", "", line);
            } else {
                duet_json_open(explain->json, NULL, '{');
                duet_json_string(explain->json, "opening", line);
                duet_json_close(explain->json, '}');
            }
        }
    }
}

static void tell_input(struct explain *explain, const struct duet_journal_input *row) {
    struct duet_input input;
    input_of_row(row, &input);
    struct duet_text text = {0};
    duet_input_describe(&input, &explain->record.instruments, &text);
    tell_line(explain, "input", row->number, row->time_ns, text.text);
    duet_text_finish(&text);
    if (row->kind == DUET_INPUT_INSTANT && duet_input_check(&input) == DUET_OK) {
        tell_bars(explain, &input);
        tell_openings(explain, &input);
    }
    explain->last_input = row->number;
}

static void tell_event(const struct explain *explain, const struct duet_event *event) {
    struct duet_text text = {0};
    duet_event_describe(event, &explain->record.instruments, &text);
    tell_line(explain, "event", event->sequence, event->time_ns, text.text);
    duet_text_finish(&text);
}

/* ----------------------------------------------------------------------------------------------------- back, forth */

/** From the order's first event to the last one that is an output. */
static enum duet_status find_causes(struct explain *explain) {
    uint64_t sequence;
    enum duet_status status = duet_journal_order_sequence(explain->journal, explain->order_id, &sequence);
    while (status == DUET_OK && explain->step_count < STEPS_MAX) {
        struct duet_journal_output output;
        status = duet_journal_output(explain->journal, sequence, &output);
        if (status == DUET_ENOTFOUND && explain->step_count > 0) {
            return DUET_OK; // what the input became
        }
        struct duet_event *event = &explain->steps[explain->step_count];
        if (status == DUET_OK && !duet_event_decode(output.bytes, output.size, event)) {
            status = duet_error(DUET_EDATA, "event %" PRIu64 " of the journal is damaged", sequence);
        }
        if (status == DUET_OK) {
            explain->step_count++;
            sequence = event->cause_sequence;
        }
    }
    return status;
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

/** What its fill made of the position follows it at once. */
static bool belongs(const struct explain *explain, const struct duet_event *event) {
    return order_of(event) == explain->order_id ||
           (event->type == DUET_EVENT_POSITION && event->cause_sequence == explain->last_sequence &&
               event->position.instrument == explain->instrument);
}

static enum duet_status tell_output(void *argument, const struct duet_journal_output *output) {
    struct explain *explain = argument;
    struct duet_event event;
    if (!duet_event_decode(output->bytes, output->size, &event)) {
        return duet_error(DUET_EDATA, "event %" PRIu64 " of the journal is damaged", output->sequence);
    }
    if (explain->is_over && event.cause_sequence != explain->last_sequence && output->input != explain->last_input) {
        return DUET_PENDING; // nothing more can come
    }
    if (!belongs(explain, &event)) {
        return DUET_OK;
    }
    if (output->input != explain->last_input) {
        struct duet_journal_input row;
        enum duet_status status = duet_journal_input_of(explain->journal, event.sequence, &row);
        if (status != DUET_OK) {
            return status;
        }
        tell_input(explain, &row);
    }
    tell_event(explain, &event);
    explain->is_over |= event.type == DUET_EVENT_ORDER_STATUS && is_final(event.status.status);
    if (event.type == DUET_EVENT_FILL) {
        explain->last_sequence = event.sequence;
    }
    return DUET_OK;
}

static enum duet_status tell_causes(struct explain *explain) {
    const struct duet_event *first = &explain->steps[explain->step_count - 1];
    struct duet_journal_input row;
    enum duet_status status = duet_journal_input_of(explain->journal, first->sequence, &row);
    if (status != DUET_OK) {
        return status;
    }
    tell_input(explain, &row);
    for (size_t i = explain->step_count; i > 0; i--) {
        tell_event(explain, &explain->steps[i - 1]);
    }
    return DUET_OK;
}

/* ------------------------------------------------------------------------------------------------------- the command
 */

static enum duet_status read_first(void *argument, const struct duet_journal_input *input) {
    struct explain *explain = argument;
    enum duet_status status = duet_session_record_read(input->bytes, input->size, &explain->record);
    explain->has_record = status == DUET_OK;
    return status == DUET_OK ? DUET_PENDING : status; // enough
}

/** An order's number, or its id with the broker. */
static enum duet_status find_order(struct explain *explain, const char *order) {
    char prefix[128];
    duet_journal_meta(explain->journal, "order_prefix", prefix, sizeof(prefix));
    const char *digits = strncmp(order, prefix, strlen(prefix)) == 0 ? order + strlen(prefix) : order;
    int64_t number;
    if (!duet_parse_int64(digits, &number) || number <= 0) {
        return duet_error(
            DUET_EINVAL, "\"%s\" is no order of this session; orders are 1, 2, 3 … or %s1 …", order, prefix);
    }
    explain->order_id = (uint64_t)number;
    enum duet_status status = find_causes(explain);
    if (status == DUET_OK) {
        const struct duet_event *event = &explain->steps[0];
        explain->instrument = event->type == DUET_EVENT_ORDER ? event->order.instrument : event->status.instrument;
    }
    return status;
}

static enum duet_status tell(struct explain *explain) {
    char prefix[128];
    duet_journal_meta(explain->journal, "order_prefix", prefix, sizeof(prefix));
    struct duet_json *json = explain->json;
    if (json != NULL) {
        duet_json_open(json, NULL, '{');
        duet_json_uint(json, "schema", 1);
        duet_json_uint(json, "order", explain->order_id);
        char id[160];
        snprintf(id, sizeof(id), "%s%" PRIu64, prefix, explain->order_id);
        duet_json_string(json, "client_id", id);
        duet_json_open(json, "why", '[');
    } else {
        printf("order %" PRIu64 ", %s%" PRIu64 "\n\nwhy\n", explain->order_id, prefix, explain->order_id);
    }
    enum duet_status status = tell_causes(explain);
    if (status == DUET_OK && json != NULL) {
        duet_json_close(json, ']');
        duet_json_open(json, "then", '[');
    } else if (status == DUET_OK) {
        printf("\nwhat became of it\n");
    }
    if (status == DUET_OK) {
        status = duet_journal_each_output(explain->journal, explain->steps[0].sequence + 1, tell_output, explain);
        status = status == DUET_PENDING ? DUET_OK : status;
    }
    if (status == DUET_OK && json != NULL) {
        duet_json_close(json, ']');
        duet_json_close(json, '}');
        printf("\n");
    } else if (status == DUET_OK && !explain->is_over && explain->steps[0].type == DUET_EVENT_ORDER) {
        printf("  it was still working when the record ends\n");
    }
    return status;
}

int duet_command_explain(const char *path, const char *order, bool json) {
    struct explain *explain = duet_alloc(1, sizeof(*explain));
    struct duet_json writer = {.stream = stdout};
    explain->json = json ? &writer : NULL;
    enum duet_status status = duet_journal_open(path, DUET_JOURNAL_READ, &explain->journal);
    if (status == DUET_OK) {
        status = duet_journal_each_input(explain->journal, 1, read_first, explain);
        if (status == DUET_OK) {
            status = duet_error(DUET_EDATA, "%s: nothing has been recorded in it yet", path);
        }
    }
    if (status == DUET_PENDING) {
        status = find_order(explain, order);
    }
    if (status == DUET_OK) {
        status = tell(explain);
    }
    int code = status == DUET_OK ? 0 : duet_complain(status);
    duet_journal_close(explain->journal);
    if (explain->has_record) {
        duet_session_record_finish(&explain->record);
    }
    free(explain);
    return code;
}
