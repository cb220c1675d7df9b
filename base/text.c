#include "base/text.h"

#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"

/** Longest word that duet_nearest() compares. */
#define NEAREST_WORD_MAX 64
#define NEAREST_DISTANCE_MAX 2

static void text_reserve(struct duet_text *text, size_t more) {
    size_t needed = text->length + more + 1;
    if (needed <= text->capacity) {
        return;
    }
    size_t capacity = text->capacity < 64 ? 64 : text->capacity;
    while (capacity < needed) {
        capacity *= 2;
    }
    text->text = duet_realloc(text->text, capacity, 1);
    text->capacity = capacity;
}

void duet_text_append(struct duet_text *text, const char *bytes, size_t length) {
    text_reserve(text, length);
    if (length > 0) {
        memcpy(text->text + text->length, bytes, length);
    }
    text->length += length;
    text->text[text->length] = '\0';
}

void duet_text_print(struct duet_text *text, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    DUET_ASSERT(length >= 0);
    text_reserve(text, (size_t)length);
    vsnprintf(text->text + text->length, (size_t)length + 1, format, again);
    va_end(again);
    text->length += (size_t)length;
}

void duet_text_finish(struct duet_text *text) {
    free(text->text);
    *text = (struct duet_text){0};
}

static size_t smallest(size_t a, size_t b, size_t c) {
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length) {
    // The last three rows of the table: a swap looks two rows back.
    size_t rows[3][NEAREST_WORD_MAX + 1];
    for (size_t j = 0; j <= b_length; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t change = above[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = smallest(above[j] + 1, row[j - 1] + 1, change);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && above2[j - 2] + 1 < row[j]) {
                row[j] = above2[j - 2] + 1;
            }
        }
    }
    return rows[a_length % 3][b_length];
}

const char *duet_nearest(const char *word, const char *const *candidates, size_t count) {
    const char *nearest = NULL;
    size_t nearest_distance = NEAREST_DISTANCE_MAX + 1;
    size_t length = strlen(word);
    for (size_t i = 0; length <= NEAREST_WORD_MAX && i < count; i++) {
        size_t candidate_length = strlen(candidates[i]);
        if (candidate_length > NEAREST_WORD_MAX) {
            continue;
        }
        size_t distance = edit_distance(word, length, candidates[i], candidate_length);
        if (distance < nearest_distance && 2 * distance < length) {
            nearest = candidates[i];
            nearest_distance = distance;
        }
    }
    return nearest;
}

void duet_text_copy(char *out, size_t size, const char *text) {
    DUET_ASSERT(size > 0);
    size_t length = strnlen(text, size - 1);
    memmove(out, text, length);
    memset(out + length, 0, size - length);
}

bool duet_parse_double(const char *text, double *out) {
    // Neither blanks nor hex, inf or nan, all of which strtod() would take.
    if (text[0] == '\0' || text[strspn(text, "0123456789+-.eE")] != '\0') {
        return false;
    }
    // A program around this library may have chosen a locale with a decimal comma.
    locale_t plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
    locale_t before = uselocale(plain);
    char *end;
    double value = strtod(text, &end);
    uselocale(before);
    freelocale(plain);
    if (*end != '\0' || end == text || !isfinite(value)) {
        return false;
    }
    *out = value;
    return true;
}

bool duet_parse_int64(const char *text, int64_t *out) {
    bool negative = text[0] == '-';
    const char *digit = text + (text[0] == '-' || text[0] == '+');
    if (*digit == '\0') {
        return false;
    }
    // Built up below zero, where there is one value more.
    int64_t value = 0;
    for (; *digit != '\0'; digit++) {
        if (*digit < '0' || *digit > '9' || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, *digit - '0', &value)) {
            return false;
        }
    }
    if (!negative && value == INT64_MIN) {
        return false;
    }
    *out = negative ? value : -value;
    return true;
}

static _Noreturn void out_of_memory(size_t count, size_t size) {
    fprintf(stderr, "out of memory: %zu items of %zu bytes wanted\n", count, size);
    exit(EXIT_FAILURE);
}

void *duet_alloc(size_t count, size_t size) {
    void *memory = count == 0 || size == 0 ? calloc(1, 1) : calloc(count, size);
    if (memory == NULL) {
        out_of_memory(count, size);
    }
    return memory;
}

void *duet_realloc(void *memory, size_t count, size_t size) {
    size_t bytes;
    void *moved = NULL;
    if (!__builtin_mul_overflow(count, size, &bytes)) {
        moved = realloc(memory, bytes == 0 ? 1 : bytes);
    }
    if (moved == NULL) {
        out_of_memory(count, size);
    }
    return moved;
}

char *duet_strdup(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = duet_alloc(size, 1);
    memcpy(copy, text, size);
    return copy;
}
