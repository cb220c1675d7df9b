#include "base/wrap.h"

#include <stdbool.h>
#include <string.h>

/** A text narrower than this stands below its head, so much further in. */
#define TEXT_COLUMNS_MIN 24
#define TEXT_INDENT 4

static bool is_continuation(char byte) {
    return ((unsigned char)byte & 0xC0) == 0x80;
}

size_t duet_text_columns(const char *text) {
    size_t columns = 0;
    for (; *text != '\0'; text++) {
        columns += !is_continuation(*text);
    }
    return columns;
}

size_t duet_text_bytes(const char *text, size_t columns) {
    size_t at = 0;
    for (; text[at] != '\0'; at++) {
        if (!is_continuation(text[at]) && columns-- == 0) {
            break;
        }
    }
    return at;
}

/** The blank at `at` ends a clause. */
static bool ends_clause(const char *text, size_t at) {
    return text[at - 1] == ',' || text[at - 1] == ';' || text[at + 1] == '(';
}

size_t duet_text_line(const char *text, size_t columns) {
    size_t fitting = duet_text_bytes(text, columns > 0 ? columns : 1);
    if (text[fitting] == '\0') {
        return fitting;
    }
    size_t blank = 0;
    for (size_t at = fitting; at > 0; at--) {
        if (text[at] != ' ') {
            continue;
        }
        if (blank == 0) {
            blank = at;
        }
        if (at < fitting / 2) {
            break; // better a full line than one that ends well
        }
        if (ends_clause(text, at)) {
            return at;
        }
    }
    return blank > 0 ? blank : fitting;
}

void duet_text_print_wrapped(FILE *out, const char *head, size_t column, const char *text) {
    size_t length = strlen(head);
    while (length > 0 && head[length - 1] == ' ') {
        length--;
    }
    if (length > column || column + TEXT_COLUMNS_MIN > DUET_PAGE_COLUMNS) {
        fprintf(out, "%.*s\n", (int)length, head);
        column = strspn(head, " ") + TEXT_INDENT;
        length = 0;
    }
    do {
        size_t row = strcspn(text, "\n"), columns = DUET_PAGE_COLUMNS - column;
        size_t shown = row <= duet_text_bytes(text, columns) ? row : duet_text_line(text, columns);
        fprintf(out, "%-*.*s%.*s\n", shown > 0 ? (int)column : 0, (int)length, head, (int)shown, text);
        text += shown;
        text += text[0] == '\n' ? 1 : strspn(text, " ");
        length = 0;
    } while (*text != '\0');
}
