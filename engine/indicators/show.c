#include "engine/indicators/list.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/wrap.h"

#define NAMES_MAX 512

static const char *const group_titles[][2] = {
    {"average", "Averages"},
    {"breadth", "Breadth"},
    {"math", "Arithmetic"},
    {"momentum", "Momentum"},
    {"price", "Prices"},
    {"range", "Ranges, bands and stops"},
    {"statistics", "Statistics"},
    {"trend", "Trend"},
    {"volume", "Volume"},
};

/** As short as it can be, and exact for what tables hold: "14", "0.02". */
static const char *number(double value, char out[32]) {
    snprintf(out, 32, "%.10g", value);
    return out;
}

static void print_words(const char *const *words, FILE *out) {
    for (size_t i = 0; words[i] != NULL; i++) {
        fprintf(out, "%s%s", i > 0 ? ", " : "", words[i]);
    }
}

static void print_call(const struct duet_indicator_row *row, FILE *out) {
    char text[32];
    fprintf(out, "%s", row->name);
    for (size_t i = 0; i < DUET_INDICATOR_PARAMS_MAX && row->params[i].name != NULL; i++) {
        fprintf(out, "%s%s=%s", i > 0 ? ", " : "(", row->params[i].name, number(row->params[i].fallback, text));
    }
    fprintf(out, "%s", row->params[0].name != NULL ? ")" : "");
}

static int64_t default_warm_up(const struct duet_indicator_row *row) {
    double params[DUET_INDICATOR_PARAMS_MAX] = {0};
    for (size_t i = 0; i < DUET_INDICATOR_PARAMS_MAX && row->params[i].name != NULL; i++) {
        params[i] = row->params[i].fallback;
    }
    return row->warm_up(params);
}

void duet_indicators_list(FILE *out) {
    const struct duet_indicator_row *row;
    const char *group = "";
    int widest = 0;
    for (size_t i = 0; (row = duet_indicator_row(i)) != NULL; i++) {
        int width = (int)strlen(row->name);
        widest = width > widest ? width : widest;
    }
    for (size_t i = 0; (row = duet_indicator_row(i)) != NULL; i++) {
        if (strcmp(group, row->group) != 0) {
            fprintf(out, "%s%s\n", i > 0 ? "\n" : "", row->group);
            group = row->group;
        }
        fprintf(out, "  %-*s  %s\n", widest, row->name, row->title);
    }
    fprintf(out, "\nduet indicators NAME says more; with --data SYMBOL=FILE it is computed.\n");
}

static enum duet_status unknown(const char *name) {
    const char *names[NAMES_MAX];
    size_t count = 0;
    const struct duet_indicator_row *row;
    for (; count < NAMES_MAX && (row = duet_indicator_row(count)) != NULL; count++) {
        names[count] = row->name;
    }
    const char *nearest = duet_nearest(name, names, count);
    return nearest != NULL ? duet_error(DUET_ENOTFOUND, "no indicator \"%s\"; did you mean \"%s\"?", name, nearest)
                           : duet_error(DUET_ENOTFOUND, "no indicator \"%s\" (duet indicators lists them)", name);
}

static void print_params(const struct duet_indicator_row *row, FILE *out) {
    if (row->params[0].name == NULL) {
        fprintf(out, "no parameters\n");
        return;
    }
    fprintf(out, "parameters:\n");
    for (size_t i = 0; i < DUET_INDICATOR_PARAMS_MAX && row->params[i].name != NULL; i++) {
        const struct duet_indicator_param *param = &row->params[i];
        char fallback[32], minimum[32], maximum[32], head[160];
        int length = snprintf(head, sizeof(head), "  %-10s  %-4s  default %-5s  %s .. %s", param->name,
            param->whole ? "int" : "real", number(param->fallback, fallback), number(param->minimum, minimum),
            number(param->maximum, maximum));
        duet_text_print_wrapped(out, head, (size_t)length + 2, param->help);
    }
}

/** What is passed for an input, where `bar` is at hand. */
static const char *input_code(const char *input, char out[32]) {
    if (strcmp(input, "time") == 0) {
        return "bar->open_ns / 1000000000";
    }
    bool is_field = strcmp(input, "real") != 0 && strcmp(input, "real2") != 0;
    snprintf(out, 32, "%s->%s", strcmp(input, "real2") == 0 ? "other" : "bar", is_field ? input : "close");
    return out;
}

static void print_code(const struct duet_indicator_row *row, FILE *out) {
    char text[32], remark[96];
    struct duet_text code = {0};
    fprintf(out, "in C:\n  #include <%s>\n", row->header);
    if (row->call == NULL) {
        snprintf(remark, sizeof(remark), "// in the state; duet_%s_init() in init", row->name);
        duet_text_print(&code, "struct duet_%s x;", row->name);
        bool fits = 2 + code.length + 1 + strlen(remark) <= DUET_PAGE_COLUMNS;
        fprintf(out, "  %s%s%s\n", fits ? code.text : remark, fits ? " " : "\n  ", fits ? remark : code.text);
        code.length = 0;
        duet_text_print(&code, "double value = duet_%s_update(&x", row->name);
        for (size_t i = 0; row->inputs[i] != NULL; i++) {
            duet_text_print(&code, ", %s", input_code(row->inputs[i], text));
        }
        duet_text_print(&code, ");");
    }
    duet_text_print_wrapped(out, "", 2, row->call != NULL ? row->call : code.text);
    duet_text_finish(&code);
}

/** Whether there is a struct to keep; a formula of one bar needs none. */
static bool has_state(const struct duet_indicator_row *row) {
    return row->call == NULL || strstr(row->call, "struct ") != NULL;
}

enum duet_status duet_indicators_describe(const char *name, FILE *out) {
    const struct duet_indicator_row *row = duet_indicator_find(name);
    if (row == NULL) {
        return unknown(name);
    }
    fprintf(out, "%s: %s (%s)\n", row->name, row->title, row->group);
    duet_text_print_wrapped(out, "", 2, row->formula);
    fprintf(out, "inputs:     ");
    print_words(row->inputs, out);
    fprintf(out, "\noutputs:    ");
    print_words(row->outputs, out);
    fprintf(out, "\nwarm-up:    %lld update%s with the defaults\n", (long long)default_warm_up(row),
        default_warm_up(row) == 1 ? "" : "s");
    if (has_state(row)) {
        fprintf(out, "state:      %zu bytes\n", row->state_size);
    }
    duet_text_print_wrapped(out, "source:", 12, row->source);
    if (row->convention != NULL) {
        duet_text_print_wrapped(out, "convention:", 12, row->convention);
    }
    print_params(row, out);
    print_code(row, out);
    return DUET_OK;
}

/** A text in a cell of a table: no ends of lines, no bars. */
static void print_cell(const char *text, FILE *out) {
    for (; *text != '\0'; text++) {
        if (*text == '\n') {
            fputs(" ", out);
        } else if (*text == '|') {
            fputs("\\|", out);
        } else {
            fputc(*text, out);
        }
    }
}

static void print_section(const struct duet_indicator_row *row, FILE *out) {
    char fallback[32], minimum[32], maximum[32];
    fprintf(out, "\n### %s\n\n%s.\n\n```\n%s\n```\n\nInputs: ", row->name, row->title, row->formula);
    print_words(row->inputs, out);
    fprintf(out, ". Outputs: ");
    print_words(row->outputs, out);
    fprintf(out, ". Warm-up with the defaults: %lld. Header: `%s`.\nSource: %s.\n", (long long)default_warm_up(row),
        row->header, row->source);
    if (row->convention != NULL) {
        fprintf(out, "\n%s\n", row->convention);
    }
    if (row->params[0].name != NULL) {
        fprintf(out, "\n| parameter | default | from | to | meaning |\n|---|---|---|---|---|\n");
    }
    for (size_t i = 0; i < DUET_INDICATOR_PARAMS_MAX && row->params[i].name != NULL; i++) {
        const struct duet_indicator_param *param = &row->params[i];
        fprintf(out, "| `%s` | %s | %s | %s | ", param->name, number(param->fallback, fallback),
            number(param->minimum, minimum), number(param->maximum, maximum));
        print_cell(param->help, out);
        fprintf(out, " |\n");
    }
}

static const char *group_title(const char *group) {
    for (size_t i = 0; i < sizeof(group_titles) / sizeof(group_titles[0]); i++) {
        if (strcmp(group_titles[i][0], group) == 0) {
            return group_titles[i][1];
        }
    }
    return group;
}

void duet_indicators_markdown(FILE *out) {
    static const char intro[] =
        "# Indicators\n\n"
        "Written by `duet indicators --markdown` from the tables in the code; a test holds this page to them.\n\n"
        "Each indicator is a flat struct in a public header, without allocation or pointers, so that it can stand in "
        "a\n"
        "strategy's state; `#include <duet/indicator.h>` has them all. They work alike:\n\n"
        "```c\n"
        "struct duet_ema ema;                        // a member of the strategy's state\n"
        "duet_ema_init(&ema, 20);                    // in init; lengths are clamped to their bounds\n"
        "double value = duet_ema_update(&ema, x);    // in on_bar; NAN until it is ready\n"
        "if (duet_ema_ready(&ema)) { /* duet_ema_value(&ema) is the same */ }\n"
        "```\n\n"
        "* A value is NAN until it is ready, and a finite number from then on. Other outputs are members of the "
        "struct.\n"
        "* An input that is not finite is not taken in: nothing changes. So what is not ready yet can be fed on.\n"
        "* Windowed indicators depend on their window alone: equal windows give equal values whatever went before.\n"
        "* Where a divisor is 0 the value is defined; the header says how.\n"
        "* Only + - * / and sqrt() are used, so all machines and compilers get the same bits.\n"
        "* Variants that a parameter chooses here have an init function of their own, such as "
        "`duet_ema_init_seed()`.\n\n"
        "`duet indicators NAME --data SYMBOL=FILE --param length=20` computes one over a file. The values agree with\n"
        "Tulip Indicators, LEAN, Stock.Indicators, backtrader and pandas to the digits of their own tests; where "
        "these\n"
        "differ the convention is named, and a parameter has the other ways.\n";
    const struct duet_indicator_row *row;
    const char *group = "";
    fputs(intro, out);
    for (size_t i = 0; (row = duet_indicator_row(i)) != NULL; i++) {
        if (strcmp(group, row->group) != 0) {
            fprintf(out, "\n## %s\n\n| name | | with its defaults |\n|---|---|---|\n", group_title(row->group));
            group = row->group;
            const struct duet_indicator_row *next;
            for (size_t k = i; (next = duet_indicator_row(k)) != NULL && strcmp(next->group, group) == 0; k++) {
                fprintf(out, "| [%s](#%s) | %s | `", next->name, next->name, next->title);
                print_call(next, out);
                fprintf(out, "` |\n");
            }
        }
        print_section(row, out);
    }
}
