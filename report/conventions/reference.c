#include "report/conventions/reference.h"

#include <string.h>

#include "base/wrap.h"
#include "report/conventions/convention.h"

static const char *const units[] = {
    [DUET_UNIT_NUMBER] = "number",
    [DUET_UNIT_FRACTION] = "fraction",
    [DUET_UNIT_MONEY] = "money",
    [DUET_UNIT_COUNT] = "count",
    [DUET_UNIT_SECONDS] = "seconds",
    [DUET_UNIT_TIME] = "time",
};

void duet_conventions_list(FILE *out) {
    const struct duet_convention *convention;
    for (size_t i = 0; (convention = duet_convention_at(i)) != NULL; i++) {
        duet_text_print_wrapped(out, convention->name, 13, convention->about);
    }
    fprintf(out, "\nduet statistics NAME shows the figures of one;\nduet backtest --statistics NAME gives them.\n");
}

enum duet_status duet_convention_describe(const char *name, FILE *out) {
    const struct duet_convention *convention;
    enum duet_status status = duet_convention_find(name, &convention);
    if (status != DUET_OK) {
        return status;
    }
    char head[96];
    snprintf(head, sizeof(head), "%s:", convention->name);
    duet_text_print_wrapped(out, head, strlen(head) + 1, convention->about);
    const char *group = "";
    for (size_t i = 0; i < convention->count; i++) {
        const struct duet_figure *row = &convention->table[i];
        if (strcmp(row->group, group) != 0) {
            group = row->group;
            fprintf(out, "\n%s\n", group);
        }
        snprintf(head, sizeof(head), "  %-36s %s", row->key, units[row->unit]);
        duet_text_print_wrapped(out, head, 49, row->formula);
    }
    return DUET_OK;
}

/** A bar would end the cell. */
static void put_cell(const char *text, FILE *out) {
    for (; *text != '\0'; text++) {
        if (*text == '|') {
            putc('\\', out);
        }
        putc(*text, out);
    }
}

void duet_conventions_markdown(FILE *out) {
    const struct duet_convention *convention;
    for (size_t i = 0; (convention = duet_convention_at(i)) != NULL; i++) {
        fprintf(out, "\n## %s\n\n", convention->name);
        put_cell(convention->about, out);
        fprintf(out, ".\n");
        const char *group = "";
        for (size_t k = 0; k < convention->count; k++) {
            const struct duet_figure *row = &convention->table[k];
            if (strcmp(row->group, group) != 0) {
                group = row->group;
                fprintf(out, "\n| %s | unit | definition |\n|---|---|---|\n", group);
            }
            fprintf(out, "| `%s` | %s | ", row->key, units[row->unit]);
            put_cell(row->formula, out);
            fprintf(out, " |\n");
        }
    }
}
