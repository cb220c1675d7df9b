#include "engine/live/compare.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "engine/live/record_text.h"

void duet_compare_init(struct duet_compare *compare, struct duet_journal *journal,
    const struct duet_instruments *instruments, uint64_t sequence) {
    *compare = (struct duet_compare){.journal = journal, .instruments = instruments, .next = sequence + 1};
}

void duet_compare_begin(struct duet_compare *compare, const struct duet_input *input) {
    compare->input = *input;
}

/** The journal's next output; NULL past the last. */
static const struct duet_journal_output *expect(struct duet_compare *compare) {
    if (!compare->has_expected && !compare->is_over) {
        compare->has_expected =
            duet_journal_output_from(compare->journal, compare->next, &compare->expected) == DUET_OK;
        compare->is_over = !compare->has_expected;
    }
    return compare->has_expected ? &compare->expected : NULL;
}

/* --------------------------------------------------------------------------------------------- what is different */

static void describe_cause(const struct duet_compare *compare, struct duet_text *out) {
    duet_text_print(out, "input %" PRIu64 ", ", compare->input.number);
    duet_input_describe(&compare->input, compare->instruments, out);
}

static void side_by_side(const struct duet_compare *compare, const struct duet_event *journaled,
    const struct duet_event *replayed, struct duet_text *out) {
    struct duet_field a[DUET_FIELDS_MAX], b[DUET_FIELDS_MAX];
    size_t count = duet_event_fields(journaled, compare->instruments, a);
    size_t other_count = duet_event_fields(replayed, compare->instruments, b);
    if (journaled->type != replayed->type || count != other_count) {
        for (size_t i = 0; i < count; i++) {
            duet_text_print(out, "  journaled  %-14s %s\n", a[i].name, a[i].value);
        }
        for (size_t i = 0; i < other_count; i++) {
            duet_text_print(out, "  replayed   %-14s %s\n", b[i].name, b[i].value);
        }
        return;
    }
    duet_text_print(out, "  %-14s  %-28s  %s\n", "", "journaled", "replayed");
    for (size_t i = 0; i < count; i++) {
        bool same = strcmp(a[i].value, b[i].value) == 0;
        duet_text_print(out, "%s %-14s  %-28s  %s\n", same ? " " : ">", a[i].name, a[i].value, b[i].value);
    }
}

static void one_side(
    const struct duet_compare *compare, const char *which, const struct duet_event *event, struct duet_text *out) {
    struct duet_field fields[DUET_FIELDS_MAX];
    size_t count = duet_event_fields(event, compare->instruments, fields);
    duet_text_print(out, "  %s\n", which);
    for (size_t i = 0; i < count; i++) {
        duet_text_print(out, "  %-14s  %s\n", fields[i].name, fields[i].value);
    }
}

/** Names of the fields that differ: "quantity, price". */
static void name_differences(const struct duet_compare *compare, const struct duet_event *journaled,
    const struct duet_event *replayed, struct duet_text *out) {
    struct duet_field a[DUET_FIELDS_MAX], b[DUET_FIELDS_MAX];
    size_t count = duet_event_fields(journaled, compare->instruments, a);
    size_t other_count = duet_event_fields(replayed, compare->instruments, b);
    const char *comma = "";
    for (size_t i = 0; i < count && i < other_count && journaled->type == replayed->type; i++) {
        if (strcmp(a[i].value, b[i].value) != 0) {
            duet_text_print(out, "%s%s %s, not %s", comma, a[i].name, b[i].value, a[i].value);
            comma = "; ";
        }
    }
    if (comma[0] == '\0') {
        duet_event_describe(replayed, compare->instruments, out);
        duet_text_print(out, ", not ");
        duet_event_describe(journaled, compare->instruments, out);
    }
}

/** Keep the first difference, once. Either event may be NULL: it is not there. */
static void differ(struct duet_compare *compare, uint64_t sequence, const struct duet_event *journaled,
    const struct duet_event *replayed) {
    if (compare->difference_sequence != 0) {
        return;
    }
    compare->difference_sequence = sequence;
    struct duet_text line = {0}, text = {0};
    const struct duet_event *either = journaled != NULL ? journaled : replayed;
    duet_text_print(
        &line, "first difference at event %" PRIu64 " (%s): ", sequence, duet_event_type_name(either->type));
    duet_text_print(
        &text, "first difference: event %" PRIu64 ", %s, caused by ", sequence, duet_event_type_name(either->type));
    describe_cause(compare, &text);
    duet_text_print(&text, "\n");
    if (journaled != NULL && replayed != NULL) {
        name_differences(compare, journaled, replayed, &line);
        side_by_side(compare, journaled, replayed, &text);
    } else {
        const char *what = journaled != NULL ? "the replay does not have it" : "the journal does not have it";
        duet_text_print(&line, "%s: ", what);
        duet_event_describe(either, compare->instruments, &line);
        one_side(compare, what, either, &text);
    }
    duet_text_print(&line, "; caused by ");
    describe_cause(compare, &line);
    duet_text_copy(compare->line, sizeof(compare->line), line.text);
    duet_text_copy(compare->text, sizeof(compare->text), text.text);
    duet_text_finish(&line);
    duet_text_finish(&text);
}

/** A row that is no event can only be named. */
static void differ_damaged(struct duet_compare *compare, const struct duet_journal_output *expected) {
    if (compare->difference_sequence == 0) {
        compare->difference_sequence = expected->sequence;
        snprintf(compare->line, sizeof(compare->line), "output %" PRIu64 " of the journal is damaged (%zu bytes)",
            expected->sequence, expected->size);
        snprintf(compare->text, sizeof(compare->text),
            "first difference: output %" PRIu64 " of the journal is no event (%zu bytes of type %" PRIu32
            "); the file was damaged or changed\n",
            expected->sequence, expected->size, expected->type);
    }
}

static void differ_from(
    struct duet_compare *compare, const struct duet_journal_output *expected, const struct duet_event *replayed) {
    struct duet_event journaled;
    if (!duet_event_decode(expected->bytes, expected->size, &journaled)) {
        differ_damaged(compare, expected);
    } else {
        // The row's own number counts: the bytes say it too, but they are what may be wrong.
        differ(compare, expected->sequence, &journaled, replayed);
    }
}

/* --------------------------------------------------------------------------------------------------- comparing */

void duet_compare_output(struct duet_compare *compare, const struct duet_event *event) {
    if (compare->is_muted) {
        return;
    }
    const struct duet_journal_output *expected = expect(compare);
    if (compare->difference_sequence != 0) {
        return;
    }
    if (expected == NULL || expected->input > compare->input.number || expected->sequence > event->sequence) {
        differ(compare, event->sequence, NULL, event);
        return;
    }
    unsigned char bytes[DUET_EVENT_ENCODED_MAX];
    size_t size = duet_event_encode(event, bytes);
    if (expected->sequence < event->sequence) {
        differ_from(compare, expected, NULL);
        return;
    }
    if (expected->size != size || memcmp(expected->bytes, bytes, size) != 0) {
        differ_from(compare, expected, event);
        return;
    }
    if (expected->type != event->type || expected->cause_sequence != event->cause_sequence ||
        expected->input != compare->input.number) {
        differ_damaged(compare, expected);
        return;
    }
    compare->outputs++;
    compare->decisions += event->type == DUET_EVENT_ORDER;
    compare->next = event->sequence + 1;
    compare->has_expected = false;
}

enum duet_status duet_compare_end(struct duet_compare *compare) {
    const struct duet_journal_output *expected = expect(compare);
    if (expected != NULL && expected->input <= compare->input.number) {
        differ_from(compare, expected, NULL);
    }
    return compare->difference_sequence == 0 ? DUET_OK : duet_error(DUET_EDIFF, "%s", compare->line);
}
