#include "engine/strategies_list.h"

#include <string.h>

#include "base/text.h"
#include "base/wrap.h"
#include "engine/host.h"
#include "engine/host_private.h"

/** Its own sentence, or the names of its parameters. */
static void summarise(const struct duet_strategy_impl *impl, struct duet_text *out) {
    duet_text_print(out, "%s", impl->summary != NULL ? impl->summary : "takes");
    for (size_t i = 0; impl->summary == NULL && i < duet_plugin_param_count(impl); i++) {
        duet_text_print(out, "%s %s", i > 0 ? "," : "", duet_plugin_param(impl, i)->name);
    }
}

void duet_strategies_list(FILE *out) {
    size_t count;
    const struct duet_strategy_impl *const *bundled = duet_bundled_strategies(&count);
    size_t widest = 0;
    for (size_t i = 0; i < count; i++) {
        size_t width = strlen(bundled[i]->name);
        widest = width > widest ? width : widest;
    }
    for (size_t i = 0; i < count; i++) {
        struct duet_text text = {0};
        summarise(bundled[i], &text);
        duet_text_print_wrapped(out, bundled[i]->name, widest + 2, text.text);
        duet_text_finish(&text);
    }
}

/** Widths of the columns of the table of parameters. */
struct widths {
    int name, fallback, bounds;
};

static const char *bounds_text(const struct duet_param *param, char out[100]) {
    char minimum[48], maximum[48];
    if (param->kind == DUET_PARAM_KIND_BOOL) {
        return "true or false";
    }
    snprintf(out, 100, "%s .. %s", duet_param_format_number(param, param->minimum, minimum),
        duet_param_format_number(param, param->maximum, maximum));
    return out;
}

static int wider(int width, const char *text) {
    return (int)strlen(text) > width ? (int)strlen(text) : width;
}

static void describe_param(const struct duet_param *param, const struct widths *widths, FILE *out) {
    static const char *const kinds[] = {"", "int", "real", "bool"};
    char fallback[48], bounds[100];
    struct duet_text head = {0};
    duet_text_print(&head, "  %-*s  %-4s  default %-*s  %-*s", widths->name, param->name, kinds[param->kind],
        widths->fallback, duet_param_format_number(param, param->fallback, fallback), widths->bounds,
        bounds_text(param, bounds));
    duet_text_print_wrapped(out, head.text, head.length + 2, param->help != NULL ? param->help : "");
    duet_text_finish(&head);
}

enum duet_status duet_strategies_describe(const char *name, FILE *out) {
    struct duet_plugin plugin;
    enum duet_status status = duet_plugin_open(name, &plugin);
    if (status != DUET_OK) {
        return status;
    }
    const struct duet_strategy_impl *impl = plugin.impl;
    fprintf(out, "%s\n", impl->name);
    if (impl->summary != NULL) {
        duet_text_print_wrapped(out, "", 0, impl->summary);
    }
    fprintf(out, "one state %s\n", impl->scope == DUET_ALL ? "for all instruments" : "per instrument");
    size_t count = duet_plugin_param_count(impl);
    struct widths widths = {0};
    for (size_t i = 0; i < count; i++) {
        char text[100];
        const struct duet_param *param = duet_plugin_param(impl, i);
        widths.name = wider(widths.name, param->name);
        widths.fallback = wider(widths.fallback, duet_param_format_number(param, param->fallback, text));
        widths.bounds = wider(widths.bounds, bounds_text(param, text));
    }
    fprintf(out, count == 0 ? "no parameters\n" : "parameters (--param NAME=VALUE):\n");
    for (size_t i = 0; i < count; i++) {
        describe_param(duet_plugin_param(impl, i), &widths, out);
    }
    duet_plugin_close(&plugin);
    return DUET_OK;
}
