#include "apps/options.h"

#include <stdio.h>
#include <string.h>

#include "engine/commands.h"

#define HELP_COLUMN 30
#define HELP_WIDTH 80

static int find(const struct duet_arguments *arguments, const char *name, size_t length) {
    for (int i = 0; i < arguments->count; i++) {
        const char *known = arguments->options[i].name;
        for (size_t at = 0; at <= length; at++) {
            char typed = at == length ? '\0' : name[at] == '_' ? '-' : name[at];
            if (known[at] != typed) {
                break;
            }
            if (at == length) {
                return i;
            }
        }
    }
    return DUET_ARGUMENT_WRONG;
}

static int unknown(const struct duet_arguments *arguments, const char *typed, size_t length) {
    const char *names[DUET_OPTIONS_MAX];
    char word[64];
    size_t count = 0;
    for (int i = 0; i < arguments->count && count < DUET_OPTIONS_MAX; i++) {
        names[count++] = arguments->options[i].name;
    }
    snprintf(word, sizeof(word), "%.*s", (int)length, typed);
    const char *nearest = duet_suggest(word, names, count);
    if (nearest != NULL) {
        (void)duet_complain_usage(
            "unknown option --%s; did you mean --%s? (duet %s --help lists all)", word, nearest, arguments->command);
    } else {
        (void)duet_complain_usage("unknown option --%s (duet %s --help lists all)", word, arguments->command);
    }
    return DUET_ARGUMENT_WRONG;
}

int duet_arguments_next(struct duet_arguments *arguments, const char **value) {
    *value = NULL;
    if (arguments->next >= arguments->argc) {
        return DUET_ARGUMENT_END;
    }
    const char *typed = arguments->argv[arguments->next++];
    if (!arguments->only_operands && strcmp(typed, "--") == 0) {
        arguments->only_operands = true;
        return duet_arguments_next(arguments, value);
    }
    if (arguments->only_operands || typed[0] != '-' || typed[1] == '\0') {
        *value = typed;
        return DUET_ARGUMENT_OPERAND;
    }
    const char *name = typed + (typed[1] == '-' ? 2 : 1);
    size_t length = strcspn(name, "=");
    int index = find(arguments, name, length);
    if (index < 0 || (typed[1] != '-' && length != 1) || (typed[1] == '-' && length == 1)) {
        return unknown(arguments, name, length);
    }
    bool has_value = name[length] == '=';
    if (arguments->options[index].metavar == NULL) {
        if (has_value) {
            (void)duet_complain_usage("option %.*s takes no value", (int)(name + length - typed), typed);
            return DUET_ARGUMENT_WRONG;
        }
        return index;
    }
    if (has_value) {
        *value = name + length + 1;
    } else if (arguments->next < arguments->argc) {
        *value = arguments->argv[arguments->next++];
    } else {
        (void)duet_complain_usage("option %s needs a value: %s", typed, arguments->options[index].metavar);
        return DUET_ARGUMENT_WRONG;
    }
    return index;
}

/** Columns of `length` bytes, one per UTF-8 character. */
static int columns_of(const char *text, size_t length) {
    int columns = 0;
    for (size_t i = 0; i < length; i++) {
        columns += ((unsigned char)text[i] & 0xC0) != 0x80;
    }
    return columns;
}

static void print_wrapped(const char *text) {
    int column = HELP_COLUMN;
    while (*text != '\0') {
        size_t word = strcspn(text, " ");
        int width = columns_of(text, word);
        if (column > HELP_COLUMN && column + 1 + width > HELP_WIDTH) {
            printf("\n%*s", HELP_COLUMN, "");
            column = HELP_COLUMN;
        }
        bool first = column == HELP_COLUMN;
        printf("%s%.*s", first ? "" : " ", (int)word, text);
        column += width + !first;
        text += word + (text[word] == ' ');
    }
    printf("\n");
}

void duet_options_print(const struct duet_option *options, int count) {
    for (int i = 0; i < count; i++) {
        const struct duet_option *option = &options[i];
        const char *metavar = option->metavar == NULL ? "" : option->metavar;
        printf(
            "  %s%s%s%s", option->name[1] == '\0' ? "-" : "--", option->name, metavar[0] == '\0' ? "" : " ", metavar);
        int width = 3 + (option->name[1] != '\0') + (int)strlen(option->name) + (metavar[0] != '\0') +
                    columns_of(metavar, strlen(metavar));
        if (width >= HELP_COLUMN) {
            printf("\n");
            width = 0;
        }
        printf("%*s", HELP_COLUMN - width, "");
        print_wrapped(option->help);
    }
}
