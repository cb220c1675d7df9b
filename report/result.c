#include "report/result.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/** A free note; past the last one, NULL, and the last one says how many kinds found no room. */
static struct duet_result_note *note_add(struct duet_result_note *notes, size_t *count, const char *rest_code) {
    if (*count < DUET_RESULT_NOTES_MAX) {
        return &notes[(*count)++];
    }
    struct duet_result_note *last = &notes[DUET_RESULT_NOTES_MAX - 1];
    uint64_t kinds = 2; // the one that stood here, and the one that comes now
    if (strcmp(last->code, rest_code) == 0) {
        kinds = last->count + 1;
    }
    *last = (struct duet_result_note){.count = kinds};
    duet_text_copy(last->code, sizeof(last->code), rest_code);
    snprintf(last->text, sizeof(last->text), "%llu more kinds are not listed", (unsigned long long)kinds);
    return NULL;
}

void duet_result_warn(
    struct duet_result *result, const char *code, uint64_t count, const char *first, const char *format, ...) {
    struct duet_result_note *note = note_add(result->warnings, &result->warning_count, "MORE_WARNINGS");
    if (note == NULL) {
        return;
    }
    *note = (struct duet_result_note){.count = count};
    duet_text_copy(note->code, sizeof(note->code), code);
    duet_text_copy(note->first, sizeof(note->first), first != NULL ? first : "");
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(note->text, sizeof(note->text), format, arguments);
    va_end(arguments);
}

void duet_result_assume(struct duet_result *result, const char *code, const char *format, ...) {
    struct duet_result_note *note = note_add(result->assumptions, &result->assumption_count, "MORE_ASSUMPTIONS");
    if (note == NULL) {
        return;
    }
    *note = (struct duet_result_note){.count = 1};
    duet_text_copy(note->code, sizeof(note->code), code);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(note->text, sizeof(note->text), format, arguments);
    va_end(arguments);
}

void duet_result_finish(struct duet_result *result) {
    free(result->positions);
    free(result->data);
    free(result->benchmark);
    result->positions = NULL;
    result->data = NULL;
    result->benchmark = NULL;
    result->position_count = result->data_count = 0;
}
