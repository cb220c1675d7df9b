#include "engine/indicators/command.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "data/series.h"
#include "engine/commands.h"
#include "engine/indicators/list.h"

static enum duet_status setting_apply(const struct duet_indicator_row *row, const char *setting, double *params) {
    const char *equals = strchr(setting, '=');
    const char *names[DUET_INDICATOR_PARAMS_MAX];
    size_t count = 0, length = equals != NULL ? (size_t)(equals - setting) : strlen(setting);
    double value;
    for (; count < DUET_INDICATOR_PARAMS_MAX && row->params[count].name != NULL; count++) {
        const struct duet_indicator_param *param = &row->params[count];
        names[count] = param->name;
        if (strlen(param->name) != length || strncmp(param->name, setting, length) != 0) {
            continue;
        }
        if (equals == NULL || !duet_parse_double(equals + 1, &value)) {
            return duet_error(DUET_EINVAL, "\"%s\": write %s=NUMBER", setting, param->name);
        }
        if (!(value >= param->minimum && value <= param->maximum) || (param->whole && value != floor(value))) {
            return duet_error(DUET_EINVAL, "%s=%s: %s from %.10g to %.10g", param->name, equals + 1,
                param->whole ? "a whole number" : "a number", param->minimum, param->maximum);
        }
        params[count] = value;
        return DUET_OK;
    }
    char word[64];
    snprintf(word, sizeof(word), "%.*s", (int)(length < 63 ? length : 63), setting);
    const char *nearest = duet_nearest(word, names, count);
    return nearest != NULL
               ? duet_error(DUET_EINVAL, "%s has no parameter \"%s\"; did you mean \"%s\"?", row->name, word, nearest)
               : duet_error(DUET_EINVAL, "%s has no parameter \"%s\" (duet indicators %s lists them)", row->name, word,
                     row->name);
}

/** Defaults where no text "name=value" says otherwise. */
static enum duet_status params_fill(
    const struct duet_indicator_row *row, const char *const *settings, size_t count, double *params) {
    for (size_t i = 0; i < DUET_INDICATOR_PARAMS_MAX; i++) {
        params[i] = row->params[i].name != NULL ? row->params[i].fallback : 0;
        if (row->params[i].name == NULL) {
            break;
        }
    }
    enum duet_status status = DUET_OK;
    for (size_t i = 0; status == DUET_OK && i < count; i++) {
        status = setting_apply(row, settings[i], params);
    }
    return status;
}

/** A series of the command line, and where it is being read. */
struct feed {
    struct duet_series *series;
    uint64_t next;
    struct duet_bar bar;
    bool has_bar;
};

static enum duet_status feed_open(const char *text, struct feed *feed) {
    struct duet_data_spec spec;
    enum duet_status status = duet_data_spec_parse(text, &spec);
    if (status != DUET_OK) {
        return status;
    }
    struct duet_series_options options = {0};
    status = duet_series_open(&spec, &options, &feed->series);
    if (status == DUET_OK && feed->series->records32 == NULL && feed->series->records48 == NULL &&
        feed->series->count > 0) {
        status = duet_error(DUET_EINVAL, "%s: holds no bars; indicators take bars", spec.path);
    }
    duet_data_spec_finish(&spec);
    return status;
}

static enum duet_status feed_next(struct feed *feed) {
    feed->has_bar = feed->next < feed->series->count;
    if (!feed->has_bar) {
        return DUET_OK;
    }
    enum duet_status status = duet_series_verify(feed->series, feed->next);
    if (status == DUET_OK) {
        duet_series_bar(feed->series, feed->next++, &feed->bar);
    }
    return status;
}

static double input_value(const char *name, const struct duet_bar *bar, const struct duet_bar *bar2) {
    if (strcmp(name, "open") == 0) {
        return bar->open;
    }
    if (strcmp(name, "high") == 0) {
        return bar->high;
    }
    if (strcmp(name, "low") == 0) {
        return bar->low;
    }
    if (strcmp(name, "volume") == 0) {
        return bar->volume;
    }
    if (strcmp(name, "time") == 0) {
        return (double)(bar->open_ns / 1000000000);
    }
    return strcmp(name, "real2") == 0 ? bar2->close : bar->close;
}

static void print_header(const struct duet_indicator_row *row, bool csv) {
    printf(csv ? "time" : "%-20s", "time");
    for (size_t i = 0; row->outputs[i] != NULL; i++) {
        printf(csv ? ",%s" : "  %16s", row->outputs[i]);
    }
    printf("\n");
}

static void print_row(const struct duet_indicator_row *row, int64_t ns, const double *out, bool csv) {
    char time[DUET_TIME_TEXT_MAX], text[40];
    printf(csv ? "%s" : "%-20s", duet_time_format(ns, time));
    for (size_t i = 0; row->outputs[i] != NULL; i++) {
        text[0] = '\0';
        if (!isnan(out[i])) {
            snprintf(text, sizeof(text), csv ? "%.17g" : "%.10g", out[i]);
        }
        printf(csv ? ",%s" : "  %16s", isnan(out[i]) && !csv ? "-" : text);
    }
    printf("\n");
}

/** All series are read in step, to the next opening that all have; bars that only some have are left out. */
static enum duet_status feeds_align(struct feed *feeds, size_t count) {
    for (size_t behind = 0; behind < count;) {
        for (behind = 1; behind < count && feeds[behind].has_bar && feeds[0].has_bar &&
                         feeds[behind].bar.open_ns == feeds[0].bar.open_ns;) {
            behind++;
        }
        if (behind == count || !feeds[behind].has_bar || !feeds[0].has_bar) {
            return DUET_OK;
        }
        size_t late = feeds[behind].bar.open_ns < feeds[0].bar.open_ns ? behind : 0;
        enum duet_status status = feed_next(&feeds[late]);
        if (status != DUET_OK) {
            return status;
        }
    }
    return DUET_OK;
}

static enum duet_status feeds_next(struct feed *feeds, size_t count, bool *all) {
    enum duet_status status = DUET_OK;
    for (size_t i = 0; status == DUET_OK && i < count; i++) {
        status = feed_next(&feeds[i]);
    }
    if (status == DUET_OK) {
        status = feeds_align(feeds, count);
    }
    *all = status == DUET_OK;
    for (size_t i = 0; i < count; i++) {
        *all = *all && feeds[i].has_bar;
    }
    return status;
}

/** One instant: the bars of the members in turn, else one update from the first and the second series. */
static void feeds_update(
    const struct duet_indicator_row *row, void *state, const struct feed *feeds, size_t count, double *out) {
    double in[DUET_INDICATOR_INPUTS_MAX] = {0};
    for (size_t turn = 0; turn < (row->members ? count : 1); turn++) {
        for (size_t i = 0; row->inputs[i] != NULL; i++) {
            in[i] = input_value(row->inputs[i], &feeds[turn].bar, &feeds[count > 1 ? 1 : 0].bar);
        }
        row->update(state, in, out);
    }
}

static enum duet_status compute(const struct duet_indicator_row *row, const double *params,
    const struct duet_indicators_options *options, struct feed *feeds) {
    void *state = duet_alloc(1, row->state_size);
    double out[DUET_INDICATOR_OUTPUTS_MAX] = {0};
    bool all;
    row->init(state, params);
    print_header(row, options->csv);
    enum duet_status status = feeds_next(feeds, options->data_count, &all);
    while (status == DUET_OK && all) {
        feeds_update(row, state, feeds, options->data_count, out);
        if (options->tail == 0 || feeds[0].next + (uint64_t)options->tail > feeds[0].series->count) {
            print_row(row, feeds[0].bar.open_ns, out, options->csv);
        }
        status = feeds_next(feeds, options->data_count, &all);
    }
    free(state);
    return status;
}

static bool takes_second(const struct duet_indicator_row *row) {
    for (size_t i = 0; row->inputs[i] != NULL; i++) {
        if (strcmp(row->inputs[i], "real2") == 0) {
            return true;
        }
    }
    return false;
}

static enum duet_status check_count(const struct duet_indicator_row *row, size_t count) {
    if (row->members) {
        return count > 1 ? DUET_OK
                         : duet_error(DUET_EINVAL, "%s counts several series: give --data for each of them", row->name);
    }
    size_t wanted = takes_second(row) ? 2 : 1;
    if (count != wanted) {
        return takes_second(row) ? duet_error(DUET_EINVAL, "%s compares two series: give --data twice", row->name)
                                 : duet_error(DUET_EINVAL, "%s takes one series: give --data once", row->name);
    }
    return DUET_OK;
}

static enum duet_status run_on_data(const struct duet_indicators_options *options) {
    double params[DUET_INDICATOR_PARAMS_MAX];
    struct feed feeds[DUET_INDICATOR_DATA_MAX] = {0};
    const struct duet_indicator_row *row = duet_indicator_find(options->name);
    if (row == NULL) {
        return duet_indicators_describe(options->name, stdout); // says which is near
    }
    enum duet_status status = check_count(row, options->data_count);
    if (status == DUET_OK) {
        status = params_fill(row, options->settings, options->setting_count, params);
    }
    if (row->members) {
        params[0] = (double)options->data_count;
    }
    for (size_t i = 0; status == DUET_OK && i < options->data_count; i++) {
        status = feed_open(options->data[i], &feeds[i]);
    }
    if (status == DUET_OK) {
        status = compute(row, params, options, feeds);
    }
    for (size_t i = 0; i < options->data_count; i++) {
        if (feeds[i].series != NULL) {
            duet_series_close(feeds[i].series);
        }
    }
    return status;
}

int duet_command_indicators(const struct duet_indicators_options *options) {
    enum duet_status status = DUET_OK;
    if (options->markdown) {
        duet_indicators_markdown(stdout);
    } else if (options->name == NULL) {
        duet_indicators_list(stdout);
    } else if (options->data_count > 0) {
        status = run_on_data(options);
    } else {
        status = duet_indicators_describe(options->name, stdout);
    }
    return status == DUET_OK ? 0 : duet_complain(status);
}
