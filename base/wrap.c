#include "base/wrap.h"

#include <stdbool.h>
#include <string.h>

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
