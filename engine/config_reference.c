#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "engine/config.h"
#include "engine/live/live_config.h"

/* ------------------------------------------------------------------------------------------------- environment */

char *duet_config_variable(const char *key, char out[48]) {
    snprintf(out, 48, "DUET_%s", key);
    for (char *at = out; *at != '\0'; at++) {
        *at = *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at;
    }
    return out;
}

enum duet_status duet_config_environment(struct duet_config *config) {
    const struct duet_config_key *key;
    struct duet_text said = {0};
    for (size_t i = 0; (key = duet_config_key(i)) != NULL; i++) {
        char variable[48];
        const char *value = getenv(duet_config_variable(key->name, variable));
        if (value == NULL) {
            continue;
        }
        enum duet_status status = duet_config_set(config, key->name, value, variable);
        if (status != DUET_OK) {
            duet_text_finish(&said);
            return status;
        }
        duet_text_print(&said, "%s%s=%s", said.length > 0 ? " " : "", variable, value);
    }
    if (said.text != NULL) {
        free(config->environment);
        config->environment = duet_strdup(said.text);
    }
    duet_text_finish(&said);
    return DUET_OK;
}

/* --------------------------------------------------------------------------------------------------- reference */

static void print_cell(const char *text, FILE *out) {
    for (; text != NULL && *text != '\0'; text++) {
        fputs(*text == '|' ? "\\|" : (const char[]){*text, '\0'}, out); // a bar would end the cell
    }
}

/** A line of roff must not begin with a control character, and a backslash begins an escape. */
static void print_roff(const char *text, FILE *out) {
    fputs(*text == '.' || *text == '\'' ? "\\&" : "", out);
    for (; *text != '\0'; text++) {
        fputs(*text == '\\' ? "\\e" : *text == '`' ? "\\(ga" : (const char[]){*text, '\0'}, out);
    }
}

/** `fallback` may be NULL. */
static void print_row(const char *name, const char *metavar, const char *fallback, const char *help,
    enum duet_reference_form form, FILE *out) {
    metavar = metavar == NULL ? "true|false" : metavar;
    switch (form) {
    case DUET_REFERENCE_MARKDOWN:
        fprintf(out, "| `%s` | ", name);
        print_cell(metavar, out);
        fprintf(out, " | %s%s%s | ", fallback == NULL ? "" : "`", fallback == NULL ? "" : fallback,
            fallback == NULL ? "" : "`");
        print_cell(help, out);
        fprintf(out, " |\n");
        break;
    case DUET_REFERENCE_MAN:
        fprintf(out, ".It Cm %s : ", name);
        print_roff(metavar, out);
        fprintf(out, "\n");
        print_roff(help, out);
        fprintf(out, fallback == NULL ? "\n" : ".\nDefault: %s\n", fallback);
        break;
    case DUET_REFERENCE_TEXT:
        fprintf(out, "  %-22s %-24s %-12s %s\n", name, metavar, fallback == NULL ? "-" : fallback, help);
        break;
    }
}

static void print_head(const char *title, const char *text, enum duet_reference_form form, FILE *out) {
    switch (form) {
    case DUET_REFERENCE_MARKDOWN:
        fprintf(out, "\n## %s\n\n%s\n\n| key | value | default | meaning |\n|---|---|---|---|\n", title, text);
        break;
    case DUET_REFERENCE_MAN:
        fprintf(out, ".Sh %s\n", title);
        print_roff(text, out);
        fprintf(out, "\n.Bl -tag -width Ds\n");
        break;
    case DUET_REFERENCE_TEXT:
        fprintf(out, "\n%s\n", title);
        break;
    }
}

static void print_end(enum duet_reference_form form, FILE *out) {
    if (form == DUET_REFERENCE_MAN) {
        fprintf(out, ".El\n");
    }
}

static void print_man_introduction(FILE *out) {
    fprintf(out, ".Dd November 21, 2026\n.Dt DUET.YAML 5\n.Os\n.Sh NAME\n.Nm duet.yaml\n.Nd configuration of a run\n"
                 ".Sh DESCRIPTION\n"
                 "Keys come from their defaults, a YAML file\n.Pq Fl c Ar run.yaml ,\nthe environment\n"
                 ".Pq Ev DUET_ No and the key in capitals\nand the command line, each over the one before.\n"
                 "Parameters of the strategy stand under\n.Cm params ,\nseries under\n.Cm data .\n"
                 ".Ql duet backtest --print-config\nprints a file that repeats the run.\n");
}

static void print_introduction(FILE *out) {
    fprintf(out,
        "# Configuration\n\n"
        "<!-- Made by `duet config --markdown` from the tables in the program; change it there. -->\n\n"
        "A run is described by keys. They come from four places, each over the one before: the defaults below, a YAML\n"
        "file (`-c run.yaml`), the environment, the command line. `duet backtest … --print-config` prints the outcome\n"
        "as a file that repeats the run; unknown keys are refused, with their line and the nearest known one.\n\n"
        "On the command line a key is an option with dashes for underscores (`fill_profile: duet-1` is\n"
        "`--fill-profile duet-1`); in the environment it is `DUET_` and the key in capitals (`DUET_FILL_PROFILE`).\n"
        "What the environment has set is named among the assumptions of the result. Parameters of the strategy stand\n"
        "under `params:` (`--param NAME=VALUE`), series under `data:` (`--data SYMBOL=PATH,key=value`).\n\n"
        "```yaml\n"
        "strategy: sma_cross\n"
        "params: {fast: 10, slow: 50}\n"
        "cash: 100000\n"
        "commission: 0.1%%\n"
        "data:\n"
        "  - {symbol: SPY, path: spy.csv, tz: America/New_York}\n"
        "```\n");
}

void duet_config_reference(enum duet_reference_form form, FILE *out) {
    const struct duet_config_key *key;
    const struct duet_data_key *data;
    if (form == DUET_REFERENCE_MARKDOWN) {
        print_introduction(out);
    } else if (form == DUET_REFERENCE_MAN) {
        print_man_introduction(out);
    }
    print_head("Of a run", "For `duet backtest`, `duet check` and `duet live`.", form, out);
    for (size_t i = 0; (key = duet_config_key(i)) != NULL; i++) {
        print_row(key->name, key->metavar, duet_config_default(i), key->help, form, out);
    }
    print_end(form, out);
    print_head("Of a series", "Besides `symbol` and `path`, which every series has.", form, out);
    for (size_t i = 0; (data = duet_data_spec_key(i)) != NULL; i++) {
        print_row(data->name, data->metavar, NULL, data->help, form, out);
    }
    print_end(form, out);
    print_head("Of the daemon",
        "Under `live:`; a backtest checks them and has no use for them. `jobs:` is a list of `name`, `every` and\n"
        "`run`. `ASYNC_FEATURES_WORKERS`, `ASYNC_FEATURES_QUEUE_SIZE` and `ASYNC_FEATURES_USE_PROCESS_POOL` in the\n"
        "environment are `workers`, `queue` and `process_pool`.",
        form, out);
    for (size_t i = 0; (key = duet_live_config_key(i)) != NULL; i++) {
        print_row(key->name, key->metavar, duet_live_config_default(i), key->help, form, out);
    }
    print_end(form, out);
    if (form == DUET_REFERENCE_MAN) {
        fprintf(out, ".Sh SEE ALSO\n.Xr duet 1 ,\n.Xr duetd 8\n");
    }
}
