/* Parameters of a strategy: the plugin's table, read by the plugin's own struct size, and text in and out. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/text.h"
#include "engine/host.h"
#include "engine/host_private.h"

/** Integers between these are exact as doubles, and the table holds its bounds as doubles. */
#define EXACT_MAX 9007199254740992.0
#define PARAM_SIZE_MIN (offsetof(struct duet_param, help) + sizeof(const char *))

const struct duet_param *duet_plugin_param(const struct duet_strategy_impl *impl, size_t index) {
    const char *first = (const char *)impl->params;
    return (const struct duet_param *)(const void *)(first + index * impl->params->size);
}

size_t duet_plugin_param_count(const struct duet_strategy_impl *impl) {
    if (impl->params == NULL || impl->params->size == 0) {
        return 0;
    }
    size_t count = 0;
    while (count < DUET_PARAMS_MAX && duet_plugin_param(impl, count)->name != NULL) {
        count++;
    }
    return count;
}

static size_t param_width(uint32_t kind) {
    switch ((enum duet_param_kind)kind) {
    case DUET_PARAM_KIND_INT:
        return sizeof(int64_t);
    case DUET_PARAM_KIND_REAL:
        return sizeof(double);
    case DUET_PARAM_KIND_BOOL:
        return sizeof(bool);
    }
    return 0;
}

static bool param_bounds_are_sane(const struct duet_param *param) {
    bool ordered = param->minimum <= param->fallback && param->fallback <= param->maximum; // false for NaN
    if (!ordered || !isfinite(param->minimum) || !isfinite(param->maximum)) {
        return false;
    }
    return param->kind == DUET_PARAM_KIND_REAL ||
           (floor(param->fallback) == param->fallback && fabs(param->minimum) <= EXACT_MAX &&
               fabs(param->maximum) <= EXACT_MAX);
}

/** Why one entry is refused; NULL where it is fine. */
static const char *param_defect(const struct duet_strategy_impl *impl, const struct duet_param *param, size_t index) {
    size_t width = param_width(param->kind);
    if (param->size != impl->params->size) {
        return "differs in size from the first";
    }
    if (!duet_plugin_name_is_plain(param->name)) {
        return "has a name with other signs than letters, digits, '_', '-' and '.'";
    }
    if (width == 0) {
        return "is of an unknown kind";
    }
    if (param->offset > impl->state_size || width > impl->state_size - param->offset) {
        return "lies outside of the state";
    }
    if (param->offset % width != 0) {
        return "is not aligned";
    }
    if (!param_bounds_are_sane(param)) {
        return "has a default outside of its bounds, or bounds that are no numbers";
    }
    for (size_t i = 0; i < index; i++) {
        const struct duet_param *other = duet_plugin_param(impl, i);
        if (strcmp(other->name, param->name) == 0) {
            return "is there twice";
        }
        size_t other_end = other->offset + param_width(other->kind);
        if (param->offset < other_end && other->offset < param->offset + width) {
            return "overlaps another in the state";
        }
    }
    return NULL;
}

enum duet_status duet_plugin_check_params(const struct duet_strategy_impl *impl) {
    if (impl->params == NULL || impl->params->name == NULL) {
        return DUET_OK;
    }
    if (impl->params->size < PARAM_SIZE_MIN || impl->params->size % _Alignof(struct duet_param) != 0) {
        return duet_error(DUET_EINVAL, "parameter table: entries of %u bytes, at least %zu expected",
            impl->params->size, PARAM_SIZE_MIN);
    }
    size_t count = duet_plugin_param_count(impl);
    if (count == DUET_PARAMS_MAX) {
        return duet_error(
            DUET_EINVAL, "parameter table: no {0} at its end, or %d parameters and more", DUET_PARAMS_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        const struct duet_param *param = duet_plugin_param(impl, i);
        const char *defect = param_defect(impl, param, i);
        if (defect != NULL) {
            return duet_error(DUET_EINVAL, "parameter %zu (%s) %s", i + 1, param->name, defect);
        }
    }
    return DUET_OK;
}

void duet_plugin_set_defaults(const struct duet_strategy_impl *impl, void *state) {
    size_t count = duet_plugin_param_count(impl);
    for (size_t i = 0; i < count; i++) {
        const struct duet_param *param = duet_plugin_param(impl, i);
        char *field = (char *)state + param->offset;
        if (param->kind == DUET_PARAM_KIND_INT) {
            *(int64_t *)(void *)field = (int64_t)param->fallback;
        } else if (param->kind == DUET_PARAM_KIND_REAL) {
            *(double *)(void *)field = param->fallback;
        } else {
            *(bool *)field = param->fallback != 0;
        }
    }
}

char *duet_param_format_number(const struct duet_param *param, double value, char out[48]) {
    if (param->kind == DUET_PARAM_KIND_BOOL) {
        snprintf(out, 48, "%s", value != 0 ? "true" : "false");
    } else if (param->kind == DUET_PARAM_KIND_INT) {
        snprintf(out, 48, "%.0f", value);
    } else {
        snprintf(out, 48, "%.15g", value);
        double back;
        if (!duet_parse_double(out, &back) || back != value) {
            snprintf(out, 48, "%.17g", value);
        }
    }
    return out;
}

void duet_plugin_get_param(const struct duet_strategy_impl *impl, const void *state, size_t index, char out[48]) {
    DUET_ASSERT(index < duet_plugin_param_count(impl));
    const struct duet_param *param = duet_plugin_param(impl, index);
    const char *field = (const char *)state + param->offset;
    if (param->kind == DUET_PARAM_KIND_INT) {
        snprintf(out, 48, "%" PRId64, *(const int64_t *)(const void *)field);
    } else if (param->kind == DUET_PARAM_KIND_REAL) {
        duet_param_format_number(param, *(const double *)(const void *)field, out);
    } else {
        duet_param_format_number(param, *(const bool *)field ? 1 : 0, out);
    }
}

static enum duet_status unknown_param(const struct duet_strategy_impl *impl, const char *name, const char *value) {
    const char *names[DUET_PARAMS_MAX] = {NULL};
    size_t count = duet_plugin_param_count(impl);
    struct duet_text list = {0};
    for (size_t i = 0; i < count; i++) {
        names[i] = duet_plugin_param(impl, i)->name;
        duet_text_print(&list, "%s%s", i == 0 ? "" : ", ", names[i]);
    }
    const char *nearest = duet_nearest(name, names, count);
    enum duet_status status;
    if (nearest != NULL) {
        status = duet_error(
            DUET_EINVAL, "--param %s=%s: %s has no such parameter; did you mean %s?", name, value, impl->name, nearest);
    } else if (count == 0) {
        status = duet_error(DUET_EINVAL, "--param %s=%s: %s has no parameters", name, value, impl->name);
    } else {
        status = duet_error(
            DUET_EINVAL, "--param %s=%s: %s has no such parameter; it has %s", name, value, impl->name, list.text);
    }
    duet_text_finish(&list);
    return status;
}

static bool parse_bool(const char *text, bool *out) {
    static const char *const words[] = {"false", "true", "0", "1", "no", "yes", "off", "on"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcasecmp(text, words[i]) == 0) {
            *out = i % 2 == 1;
            return true;
        }
    }
    return false;
}

static enum duet_status check_bounds(const struct duet_param *param, double number, const char *value) {
    char bound[48];
    if (number < param->minimum) {
        return duet_error(DUET_EINVAL, "--param %s=%s: below its minimum %s", param->name, value,
            duet_param_format_number(param, param->minimum, bound));
    }
    if (number > param->maximum) {
        return duet_error(DUET_EINVAL, "--param %s=%s: above its maximum %s", param->name, value,
            duet_param_format_number(param, param->maximum, bound));
    }
    return DUET_OK;
}

static enum duet_status set_param(const struct duet_param *param, char *field, const char *value) {
    enum duet_status status = DUET_OK;
    if (param->kind == DUET_PARAM_KIND_INT) {
        int64_t integer;
        if (!duet_parse_int64(value, &integer)) {
            return duet_error(DUET_EINVAL, "--param %s=%s: not a whole number", param->name, value);
        }
        // Beyond 2^53 the double is not exact, but no bound is there either.
        status = check_bounds(param, (double)integer, value);
        if (status == DUET_OK) {
            *(int64_t *)(void *)field = integer;
        }
    } else if (param->kind == DUET_PARAM_KIND_REAL) {
        double real;
        if (!duet_parse_double(value, &real)) {
            return duet_error(DUET_EINVAL, "--param %s=%s: not a number", param->name, value);
        }
        status = check_bounds(param, real, value);
        if (status == DUET_OK) {
            *(double *)(void *)field = real;
        }
    } else {
        bool on;
        if (!parse_bool(value, &on)) {
            return duet_error(DUET_EINVAL, "--param %s=%s: neither true nor false", param->name, value);
        }
        *(bool *)field = on;
    }
    return status;
}

enum duet_status duet_plugin_set_param(
    const struct duet_strategy_impl *impl, void *state, const char *name, const char *value) {
    size_t count = duet_plugin_param_count(impl);
    for (size_t i = 0; i < count; i++) {
        const struct duet_param *param = duet_plugin_param(impl, i);
        if (strcmp(param->name, name) == 0) {
            return set_param(param, (char *)state + param->offset, value);
        }
    }
    return unknown_param(impl, name, value);
}
