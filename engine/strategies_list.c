#include "engine/strategies_list.h"

#include <string.h>

#include "engine/host.h"
#include "engine/host_private.h"

void duet_strategies_list(FILE *out) {
    size_t count;
    const struct duet_strategy_impl *const *bundled = duet_bundled_strategies(&count);
    size_t widest = 0;
    for (size_t i = 0; i < count; i++) {
        size_t width = strlen(bundled[i]->name);
        widest = width > widest ? width : widest;
    }
    for (size_t i = 0; i < count; i++) {
        const char *summary = bundled[i]->summary;
        fprintf(out, "%-*s  %s\n", (int)widest, bundled[i]->name, summary != NULL ? summary : "(see its parameters)");
    }
}

static void describe_param(const struct duet_param *param, int widest, FILE *out) {
    static const char *const kinds[] = {"", "int", "real", "bool"};
    char fallback[48], minimum[48], maximum[48], bounds[100];
    duet_param_format_number(param, param->fallback, fallback);
    snprintf(bounds, sizeof(bounds), "%s .. %s", duet_param_format_number(param, param->minimum, minimum),
        duet_param_format_number(param, param->maximum, maximum));
    fprintf(out, "  %-*s  %-4s  default %-8s  %-16s  %s\n", widest, param->name, kinds[param->kind], fallback,
        param->kind == DUET_PARAM_KIND_BOOL ? "true or false" : bounds, param->help != NULL ? param->help : "");
}

enum duet_status duet_strategies_describe(const char *name, FILE *out) {
    struct duet_plugin plugin;
    enum duet_status status = duet_plugin_open(name, &plugin);
    if (status != DUET_OK) {
        return status;
    }
    const struct duet_strategy_impl *impl = plugin.impl;
    fprintf(out, "%s", impl->name);
    fprintf(out, impl->summary != NULL ? ": %s\n" : "\n", impl->summary);
    fprintf(out, "one state %s\n", impl->scope == DUET_ALL ? "for all instruments" : "per instrument");
    size_t count = duet_plugin_param_count(impl);
    int widest = 0;
    for (size_t i = 0; i < count; i++) {
        int width = (int)strlen(duet_plugin_param(impl, i)->name);
        widest = width > widest ? width : widest;
    }
    fprintf(out, count == 0 ? "no parameters\n" : "parameters (--param NAME=VALUE):\n");
    for (size_t i = 0; i < count; i++) {
        describe_param(duet_plugin_param(impl, i), widest, out);
    }
    duet_plugin_close(&plugin);
    return DUET_OK;
}
