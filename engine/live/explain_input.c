/* Inputs as an explanation shows them: which bar, opening or timer it was, with its values. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "engine/live/explain_private.h"
#include "engine/live/record_text.h"

/* -------------------------------------------------------------------------------------------------------- telling */

void explain_line(const struct explain *explain, const char *what, uint64_t number, int64_t ns, const char *text) {
    char time[DUET_TIME_TEXT_MAX];
    if (explain->json == NULL) {
        printf("  %s  %s %-7" PRIu64 " %s\n", duet_time_format(ns, time), what, number, text);
        return;
    }
    duet_json_open(explain->json, NULL, '{');
    duet_json_uint(explain->json, what, number);
    duet_json_string(explain->json, "time", duet_time_format_iso(ns, time));
    duet_json_string(explain->json, "text", text);
    duet_json_close(explain->json, '}');
}

/** A line below an input that says more of it. */
static void tell_detail(const struct explain *explain, const char *text) {
    if (explain->json == NULL) {
        printf("  %35s %s\n", "", text);
        return;
    }
    duet_json_open(explain->json, NULL, '{');
    duet_json_string(explain->json, "of_it", text);
    duet_json_close(explain->json, '}');
}

static void print_opening(const struct explain *explain, const struct duet_opening *opening, struct duet_text *out) {
    if (opening->instrument < explain->record.instruments.count) {
        const struct duet_instrument *instrument = &explain->record.instruments.items[opening->instrument];
        char price[DUET_DECIMAL_TEXT_MAX];
        duet_text_print(out, "%s opens at %s", instrument->symbol,
            duet_decimal_format(opening->open_scaled, instrument->price_decimals, price));
    }
}

void explain_watch(void *argument, const struct duet_event *event) {
    struct explain *explain = argument;
    for (size_t i = 0; i < explain->root_count; i++) {
        if (explain->roots[i].sequence != event->sequence) {
            continue;
        }
        struct duet_text text = {0};
        if (event->type == DUET_EVENT_BAR) {
            duet_bar_describe(event->bar, &explain->record.instruments, &text);
        } else if (event->type == DUET_EVENT_OPENING) {
            print_opening(explain, &event->opening, &text);
        } else if (event->type == DUET_EVENT_TIMER) {
            char time[DUET_TIME_TEXT_MAX];
            duet_text_print(&text, "timer due at %s", duet_time_format(event->event_ns, time));
        }
        free(explain->roots[i].text);
        explain->roots[i].text = text.text;
    }
}

/** Where the strategy is not here to play it again: all that the INSTANT says of the order's instrument. */
static void tell_instant(const struct explain *explain, const struct duet_input *input) {
    const struct duet_input_instant *instant = input->bytes;
    const struct duet_bar *bars = duet_input_closing(input);
    const struct duet_opening *openings = duet_input_opening(input);
    for (uint32_t i = 0; i < instant->closing; i++) {
        struct duet_text text = {0};
        if (bars[i].instrument == explain->instrument) {
            duet_bar_describe(&bars[i], &explain->record.instruments, &text);
            tell_detail(explain, text.text);
        }
        duet_text_finish(&text);
    }
    for (uint32_t i = 0; i < instant->opening; i++) {
        struct duet_text text = {0};
        if (openings[i].instrument == explain->instrument) {
            print_opening(explain, &openings[i], &text);
            tell_detail(explain, text.text);
        }
        duet_text_finish(&text);
    }
}

void explain_input(
    const struct explain *explain, const struct duet_journal_input *row, const struct explain_root *root) {
    struct duet_input input = {.number = row->number,
        .time_ns = row->time_ns,
        .kind = (uint16_t)row->kind,
        .size = (uint32_t)row->size,
        .bytes = row->size > 0 ? row->bytes : NULL};
    struct duet_text text = {0};
    duet_input_describe(&input, &explain->record.instruments, &text);
    explain_line(explain, "input", row->number, row->time_ns, text.text);
    duet_text_finish(&text);
    if (root->text != NULL) {
        tell_detail(explain, root->text);
    } else if (!explain->is_replayed && row->kind == DUET_INPUT_INSTANT && duet_input_check(&input) == DUET_OK) {
        tell_instant(explain, &input);
    }
}
