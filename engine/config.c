#include "engine/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/money.h"
#include "base/text.h"
#include "base/time.h"
#include "data/zone.h"
#include "engine/live/live_config.h"
#include "report/conventions/convention.h"

enum kind { TEXT, MONEY, REAL, SWITCH, COUNT, CHOICE, TIME, COMMISSION, SLIPPAGE };

/** One row per key: the only place that knows its name, type, default, bounds and help. */
struct key {
    struct duet_config_key shown;
    enum kind kind;
    size_t offset;
    const char *fallback; // NULL: unset
    const char *choices; // CHOICE: "a|b"; the index is stored as a bool, the text as a text
    double minimum; // REAL, COUNT
};

#define AT(field) offsetof(struct duet_config, field)

static const struct key keys[] = {
    {{"strategy", "NAME|FILE.so", "bundled strategy (see `duet strategies`) or a plugin file"}, TEXT, AT(strategy),
        NULL},
    {{"from", "TIME", "first day or time that may trade, inclusive; in tz unless it says otherwise"}, TIME, AT(from),
        NULL},
    {{"to", "TIME", "end: a date is included, a time is not"}, TIME, AT(to), NULL},
    {{"cash", "N", "starting cash"}, MONEY, AT(cash), "100000"},
    {{"currency", "CODE", "account currency; default that of the instruments"}, TEXT, AT(currency), NULL},
    {{"tz", "ZONE", "zone of days, and of labels that carry none, e.g. America/New_York"}, TEXT, AT(tz), NULL},
    {{"commission", "X", "10bps, 0.1%, 0.001, 0.005/unit, 1/order, min 1; join with +"}, COMMISSION, AT(commission),
        NULL},
    {{"slippage", "X", "5bps, 0.05%, 1tick; against every market and stop fill"}, SLIPPAGE, AT(slippage), NULL},
    {{"leverage", "N", "gross exposure allowed, times equity"}, REAL, AT(leverage), "1", NULL, 0},
    {{"cash_buffer", "F", "share of equity that sizing leaves alone"}, REAL, AT(cash_buffer), "0", NULL, 0},
    {{"max_order_quantity", "N", "largest quantity of one order; 0: no limit"}, REAL, AT(limits.max_order_quantity),
        "0", NULL, 0},
    {{"max_position", "N", "largest position in units; 0: no limit"}, REAL, AT(limits.max_position), "0", NULL, 0},
    {{"max_notional", "N", "largest value of one order; 0: no limit"}, MONEY, AT(limits.max_notional), "0"},
    {{"fill_profile", "NAME", "how orders fill: duet-1 or backtrader (docs/fills.md)"}, TEXT, AT(fill_profile),
        "duet-1"},
    {{"statistics", "NAME", "whose figures: duet-1, backtrader, backtesting, lean or empyrical (docs/statistics.md)"},
        TEXT, AT(statistics), "duet-1"},
    {{"benchmark", "WHAT", "buy_and_hold, none, a symbol of the run, or SYMBOL=FILE of a series to be held against"},
        TEXT, AT(benchmark), "buy_and_hold"},
    {{"open_known", "open|close", "close: openings are met when their bars close, as with a feed of closed bars"},
        CHOICE, AT(opens_at_close), "open", "open|close"},
    {{"at_end", "hold|close", "open positions at the end: marked, or sold at the last close"}, CHOICE, AT(close_at_end),
        "hold", "hold|close"},
    {{"max_bars", "N", "stop after N bars of the first instrument (by symbol); 0: all"}, COUNT, AT(max_bars), "0", NULL,
        0},
    {{"seed", "N", "of the run's random generator"}, COUNT, AT(seed), "1", NULL, 0},
    {{"report", "DIR",
         "a folder for report.html, summary.txt, result.json, run.yaml and CSV of fills, orders, trades, equity"},
        TEXT, AT(report), NULL},
    {{"fills", "FILE", "write every fill as CSV"}, TEXT, AT(fills), NULL},
    {{"orders", "FILE", "write every order as CSV"}, TEXT, AT(orders), NULL},
    {{"trades", "FILE", "write every round trip as CSV"}, TEXT, AT(trades), NULL},
    {{"equity", "FILE", "write equity at every instant as CSV"}, TEXT, AT(equity), NULL},
    {{"json", NULL, "print one JSON object instead of the summary"}, SWITCH, AT(json), "false"},
    {{"quiet", NULL, "no progress bar and no summary"}, SWITCH, AT(quiet), "false"},
    {{"log", "LEVEL", "error, warn, info or debug; default warn, of a daemon info"}, CHOICE, AT(log), NULL,
        "error|warn|info|debug"},
    {{"cache", "DIR|off", "folder of the bar cache; default ${XDG_CACHE_HOME:-~/.cache}/duet"}, TEXT, AT(cache), NULL},
    {{"offload_workers", "N", "threads for computations of strategies; 0: none; results are the same"}, COUNT,
        AT(offload_workers), "8", NULL, 0},
    {{"loop", "sync|libevent", "what drives the run; results are the same"}, CHOICE, AT(loop_libevent), "sync",
        "sync|libevent"},
    {{"decisions", NULL, "put every decision into the JSON, for `duet diff`; a report always has them"}, SWITCH,
        AT(decisions), "false"},
    {{"check", "auto|off", "auto: a plugin file that is new here is first checked for look-ahead, once"}, CHOICE,
        AT(check_off), "auto", "auto|off"},
    {{"guard", NULL, "peek check: bars end at an unreadable page (slow)"}, SWITCH, AT(guard), "false"},
};

#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))

static bool is_text_choice(const struct key *key) {
    return key->offset == AT(log);
}

const struct duet_config_key *duet_config_key(size_t index) {
    return index < KEY_COUNT ? &keys[index].shown : NULL;
}

const char *duet_config_default(size_t index) {
    return keys[index].fallback;
}

bool duet_config_decides(size_t index) {
    static const char *const silent[] = {"report", "fills", "orders", "trades", "equity", "json", "quiet", "log",
        "cache", "offload_workers", "loop", "decisions", "check", "guard"};
    for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
        if (strcmp(keys[index].shown.name, silent[i]) == 0) {
            return false;
        }
    }
    return true;
}

static void set_text(char **field, const char *value) {
    char *copy = value == NULL ? NULL : duet_strdup(value);
    free(*field);
    *field = copy;
}

void duet_config_init(struct duet_config *config) {
    *config = (struct duet_config){.from_ns = INT64_MIN, .to_ns = INT64_MAX};
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (keys[i].fallback != NULL) {
            enum duet_status status = duet_config_set(config, keys[i].shown.name, keys[i].fallback, NULL);
            if (status != DUET_OK) {
                abort(); // a default that its own key refuses
            }
        }
    }
}

void duet_config_clear_data(struct duet_config *config) {
    for (size_t i = 0; i < config->data_count; i++) {
        duet_data_spec_finish(&config->data[i]);
    }
    free(config->data);
    config->data = NULL;
    config->data_count = 0;
}

void duet_config_finish(struct duet_config *config) {
    duet_config_clear_data(config);
    for (size_t i = 0; i < config->param_count; i++) {
        free(config->params[i].name);
        free(config->params[i].value);
    }
    free(config->params);
    free(config->environment);
    if (config->live != NULL) {
        duet_live_config_finish(config->live);
        free(config->live);
    }
    for (size_t i = 0; i < KEY_COUNT; i++) {
        enum kind kind = keys[i].kind;
        if (kind == TEXT || kind == TIME || kind == COMMISSION || kind == SLIPPAGE || is_text_choice(&keys[i])) {
            free(*(char **)((char *)config + keys[i].offset));
        }
    }
    *config = (struct duet_config){0};
}

struct duet_live_config *duet_config_live(struct duet_config *config) {
    if (config->live == NULL) {
        config->live = duet_alloc(1, sizeof(*config->live));
        duet_live_config_init(config->live);
    }
    return config->live;
}

static enum duet_status set_param(struct duet_config *config, const char *value) {
    const char *equals = strchr(value, '=');
    if (equals == NULL || equals == value) {
        return duet_error(DUET_EINVAL, "param \"%s\": NAME=VALUE expected", value);
    }
    size_t length = (size_t)(equals - value);
    for (size_t i = 0; i < config->param_count; i++) {
        if (strlen(config->params[i].name) == length && memcmp(config->params[i].name, value, length) == 0) {
            set_text(&config->params[i].value, equals + 1);
            return DUET_OK;
        }
    }
    config->params = duet_realloc(config->params, config->param_count + 1, sizeof(config->params[0]));
    struct duet_config_param *param = &config->params[config->param_count++];
    param->name = duet_alloc(length + 1, 1);
    memcpy(param->name, value, length);
    param->value = duet_strdup(equals + 1);
    return DUET_OK;
}

enum duet_status duet_config_add_data(struct duet_config *config, const struct duet_data_spec *spec) {
    struct duet_data_spec *files = NULL;
    size_t count = 0;
    enum duet_status status = duet_data_spec_expand(spec, &files, &count);
    if (status == DUET_OK) {
        config->data = duet_realloc(config->data, config->data_count + count, sizeof(*files));
        memcpy(&config->data[config->data_count], files, count * sizeof(*files));
        config->data_count += count;
    }
    free(files);
    return status;
}

static enum duet_status add_data(struct duet_config *config, const char *value) {
    struct duet_data_spec spec;
    enum duet_status status = duet_data_spec_parse(value, &spec);
    if (status != DUET_OK) {
        return status;
    }
    status = duet_config_add_data(config, &spec);
    duet_data_spec_finish(&spec);
    return status;
}

/** The instant of a text; without a zone of its own it is in the run's. `is_end`: of a date, the end of that day. */
static enum duet_status place_time(const struct duet_zone *zone, const char *text, bool is_end, int64_t *ns) {
    bool is_date;
    enum duet_status status = duet_time_parse(text, ns, &is_date);
    if (status == DUET_OK && is_end && is_date && __builtin_add_overflow(*ns, DUET_DAY_NS, ns)) {
        *ns = INT64_MAX;
    } else if (status == DUET_OK && (is_date || strpbrk(text + strlen("YYYY-MM-DD"), "Zz+-") == NULL)) {
        *ns = duet_zone_to_utc_ns(zone, *ns);
    }
    return status;
}

/** from and to hang on tz, whichever is said first. */
static enum duet_status place_times(struct duet_config *config, const char *from, const char *to, const char *tz) {
    struct duet_zone *zone;
    enum duet_status status = duet_zone_open(tz == NULL ? "UTC" : tz, &zone);
    if (status != DUET_OK) {
        return status;
    }
    if (from != NULL) {
        status = place_time(zone, from, false, &config->from_ns);
    }
    if (status == DUET_OK && to != NULL) {
        status = place_time(zone, to, true, &config->to_ns);
    }
    duet_zone_close(zone);
    return status;
}

/** Index of `value` in "a|b|c", or -1. */
static int choice_index(const char *choices, const char *value) {
    size_t length = strlen(value);
    int index = 0;
    for (const char *choice = choices; length > 0; index++) {
        size_t span = strcspn(choice, "|");
        if (span == length && memcmp(choice, value, span) == 0) {
            return index;
        }
        if (choice[span] == '\0') {
            break;
        }
        choice += span + 1;
    }
    return -1;
}

static enum duet_status set_switch(bool *field, const struct key *key, const char *value) {
    if (strcmp(value, "true") == 0 || strcmp(value, "yes") == 0) {
        *field = true;
    } else if (strcmp(value, "false") == 0 || strcmp(value, "no") == 0) {
        *field = false;
    } else {
        return duet_error(DUET_EINVAL, "%s: \"%s\" is neither true nor false", key->shown.name, value);
    }
    return DUET_OK;
}

static enum duet_status set_number(void *field, const struct key *key, const char *value) {
    double real;
    int64_t count;
    if (key->kind == REAL) {
        if (!duet_parse_double(value, &real)) {
            return duet_error(DUET_EINVAL, "%s: \"%s\" is not a number", key->shown.name, value);
        }
        if (real < key->minimum || (real == 0 && key->offset == AT(leverage))) {
            return duet_error(DUET_EINVAL, "%s: %s is too small", key->shown.name, value);
        }
        *(double *)field = real;
        return DUET_OK;
    }
    if (!duet_parse_int64(value, &count) || count < 0) {
        return duet_error(DUET_EINVAL, "%s: \"%s\" is not a whole number from 0 on", key->shown.name, value);
    }
    *(int64_t *)field = count;
    return DUET_OK;
}

static enum duet_status set_money(struct duet_config *config, const struct key *key, const char *value) {
    duet_money money;
    if (duet_money_parse(value, strlen(value), &money) != DUET_OK || money < 0) {
        return duet_error(DUET_EINVAL, "%s: \"%s\" is not an amount such as 100000 or 2500.50", key->shown.name, value);
    }
    if (key->offset == AT(cash)) {
        if (money == 0) {
            return duet_error(DUET_EINVAL, "cash: must be more than 0");
        }
    }
    memcpy((char *)config + key->offset, &money, sizeof(money));
    return DUET_OK;
}

static enum duet_status set_key(struct duet_config *config, const struct key *key, const char *value) {
    void *field = (char *)config + key->offset;
    enum duet_status status = DUET_OK;
    switch (key->kind) {
    case TEXT:
        if (value[0] == '\0') {
            return duet_error(DUET_EINVAL, "%s: is empty", key->shown.name);
        }
        if (key->offset == AT(tz)) {
            status = place_times(config, config->from, config->to, value);
        }
        break;
    case MONEY:
        return set_money(config, key, value);
    case REAL:
    case COUNT:
        return set_number(field, key, value);
    case SWITCH:
        return set_switch(field, key, value);
    case CHOICE: {
        int index = choice_index(key->choices, value);
        if (index < 0) {
            return duet_error(DUET_EINVAL, "%s: \"%s\" is none of %s", key->shown.name, value, key->choices);
        }
        if (!is_text_choice(key)) {
            *(bool *)field = index != 0;
            return DUET_OK;
        }
        break;
    }
    case TIME:
        status = place_times(
            config, key->offset == AT(from) ? value : NULL, key->offset == AT(to) ? value : NULL, config->tz);
        break;
    case COMMISSION:
        status = duet_costs_parse_commission(value, &config->costs);
        break;
    case SLIPPAGE:
        status = duet_costs_parse_slippage(value, &config->costs);
        break;
    }
    if (status != DUET_OK) {
        return duet_error_prefix(status, "%s", key->shown.name);
    }
    set_text(field, value);
    return DUET_OK;
}

static const char *nearest_key(const char *name) {
    const char *names[KEY_COUNT + 2];
    for (size_t i = 0; i < KEY_COUNT; i++) {
        names[i] = keys[i].shown.name;
    }
    names[KEY_COUNT] = "data";
    names[KEY_COUNT + 1] = "params";
    return duet_nearest(name, names, KEY_COUNT + 2);
}

static enum duet_status set_any(struct duet_config *config, const char *name, const char *value) {
    if (strcmp(name, "data") == 0) {
        return add_data(config, value);
    }
    if (strcmp(name, "param") == 0) {
        return set_param(config, value);
    }
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (strcmp(keys[i].shown.name, name) == 0) {
            return set_key(config, &keys[i], value);
        }
    }
    const char *nearest = nearest_key(name);
    return nearest == NULL ? duet_error(DUET_EINVAL, "unknown key \"%s\"", name)
                           : duet_error(DUET_EINVAL, "unknown key \"%s\"; did you mean \"%s\"?", name, nearest);
}

enum duet_status duet_config_set(struct duet_config *config, const char *key, const char *value, const char *where) {
    enum duet_status status = set_any(config, key, value);
    return status == DUET_OK || where == NULL ? status : duet_error_prefix(status, "%s", where);
}

/** Two files of one name would overwrite each other. */
static enum duet_status check_outputs(const struct duet_config *config) {
    const char *const names[] = {"fills", "orders", "trades", "equity"};
    const char *const paths[] = {config->fills, config->orders, config->trades, config->equity};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (paths[i] != NULL && config->json && strcmp(paths[i], "-") == 0) {
            return duet_error(
                DUET_EINVAL, "--%s - and --json both want standard output; give %s a file", names[i], names[i]);
        }
        for (size_t j = 0; paths[i] != NULL && j < i; j++) {
            if (paths[j] != NULL && strcmp(paths[i], paths[j]) == 0) {
                return duet_error(
                    DUET_EINVAL, "--%s and --%s both name %s; give each its own", names[j], names[i], paths[i]);
            }
        }
    }
    return DUET_OK;
}

enum duet_status duet_config_check(const struct duet_config *config) {
    if (config->strategy == NULL) {
        return duet_error(
            DUET_EINVAL, "no strategy: say --strategy NAME (`duet strategies` lists them) or --strategy FILE.so");
    }
    if (config->data_count == 0) {
        return duet_error(DUET_EINVAL, "no data: say --data SYMBOL=FILE.csv");
    }
    for (size_t i = 0; i < config->data_count; i++) {
        if (config->data[i].symbol == NULL) {
            const char *path = config->data[i].path == NULL ? "" : config->data[i].path;
            return duet_error(DUET_EINVAL, "data \"%s\" has no symbol; say --data SYMBOL=%s", path, path);
        }
    }
    if (config->from_ns != INT64_MIN && config->from_ns >= config->to_ns) {
        return duet_error(DUET_EINVAL, "--from %s is not before --to %s", config->from, config->to);
    }
    const struct duet_convention *convention;
    enum duet_status status = duet_convention_find(config->statistics, &convention);
    return status == DUET_OK ? check_outputs(config) : status;
}

const char *duet_config_text(const struct duet_config *config, size_t index, char out[DUET_DECIMAL_TEXT_MAX]) {
    const struct key *key = &keys[index];
    const void *field = (const char *)config + key->offset;
    duet_money money;
    switch (key->kind) {
    case MONEY:
        memcpy(&money, field, sizeof(money));
        return duet_money_format(money, 0, out);
    case REAL:
        snprintf(out, DUET_DECIMAL_TEXT_MAX, "%.17g", *(const double *)field);
        for (int digits = 1; digits < 17; digits++) {
            char shorter[DUET_DECIMAL_TEXT_MAX];
            snprintf(shorter, sizeof(shorter), "%.*g", digits, *(const double *)field);
            if (strtod(shorter, NULL) == *(const double *)field) {
                memcpy(out, shorter, sizeof(shorter));
                break;
            }
        }
        return out;
    case COUNT:
        snprintf(out, DUET_DECIMAL_TEXT_MAX, "%lld", (long long)*(const int64_t *)field);
        return out;
    case SWITCH:
        return *(const bool *)field ? "true" : "false";
    case CHOICE:
        if (!is_text_choice(key)) {
            const char *bar = strchr(key->choices, '|');
            size_t first = (size_t)(bar - key->choices);
            bool second = *(const bool *)field;
            snprintf(out, DUET_DECIMAL_TEXT_MAX, "%.*s", second ? (int)strlen(bar + 1) : (int)first,
                second ? bar + 1 : key->choices);
            return out;
        }
        return *(char *const *)field;
    default:
        return *(char *const *)field;
    }
}
