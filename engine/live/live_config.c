#include "engine/live/live_config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/money.h"
#include "base/text.h"
#include "data/series.h"
#include "engine/config.h"

enum kind { TEXT, MONEY, REAL, SWITCH, COUNT, CHOICE, WORKERS };

/** One row per key: the only place that knows its name, type, default, bounds and help. */
struct key {
    struct duet_config_key shown;
    enum kind kind;
    size_t offset;
    const char *fallback; // NULL: unset
    const char *choices; // CHOICE: "a|b|c"; the index is stored
    double minimum, maximum; // REAL, COUNT, WORKERS
};

#define AT(field) offsetof(struct duet_live_config, field)
#define DAY_S 86400
#define HOUR_MS 3600000

/** A choice of two is a bool, any other an enum. */
static const struct key keys[] = {
    {{"session", "FILE", "journal of the session; made where missing, taken up again where there"}, TEXT, AT(session),
        "duet-session.db"},
    {{"name", "NAME", "of the session, prefix of its order ids; default the journal's name"}, TEXT, AT(name), NULL},
    {{"feed", "file|gateway", "where market data comes from: the files of `data:`, played; or the gateway"}, CHOICE,
        AT(feed_gateway), "file", "file|gateway"},
    {{"speed", "N", "of a file: times faster than the wall; 0: as fast as it goes"}, REAL, AT(speed), "1", NULL, 0,
        1e9},
    {{"broker", "paper|gateway", "who fills orders: the venue inside, or the gateway"}, CHOICE, AT(broker_gateway),
        "paper", "paper|gateway"},
    {{"gateway", "ADDRESS", "of the gateway: 127.0.0.1:7777 or unix:/path"}, TEXT, AT(gateway), NULL},
    {{"gateway_token_file", "FILE", "secret that the gateway asks for; mode 0600"}, TEXT, AT(gateway_token_file), NULL},
    {{"real_money", NULL, "first switch for real money; the second is --real-money"}, SWITCH, AT(real_money), "false"},
    {{"arm", NULL, "armed from the start, and again at every restart; not for real money"}, SWITCH, AT(arm), "false"},
    {{"bar_grace_ms", "MS", "wait this long for the bars of an instant that are missing"}, COUNT, AT(bar_grace_ms),
        "2000", NULL, 0, HOUR_MS},
    {{"stale_ms", "MS", "a feed this long without data is stale; 0: three intervals"}, COUNT, AT(stale_ms), "0", NULL,
        0, 7.0 * 24 * HOUR_MS},
    {{"heartbeat_ms", "MS", "between heartbeats on the gateway's line"}, COUNT, AT(heartbeat_ms), "5000", NULL, 10,
        HOUR_MS},
    {{"on_stop", "leave|cancel|flatten", "orders and positions when the daemon is stopped"}, CHOICE, AT(on_stop),
        "leave", "leave|cancel|flatten"},
    {{"on_halt", "keep-stops|none", "protective stops of a halted session"}, CHOICE, AT(on_halt_none), "keep-stops",
        "keep-stops|none"},
    {{"start_timeout_ms", "MS", "the gateway must have answered by then; 0: wait for ever"}, COUNT,
        AT(start_timeout_ms), "10000", NULL, 0, HOUR_MS},
    {{"stop_timeout_ms", "MS", "a stop takes no longer"}, COUNT, AT(stop_timeout_ms), "5000", NULL, 1, HOUR_MS},
    {{"open_known", "open|close", "close: opens are met when their bar has closed"}, CHOICE, AT(opens_at_close), "open",
        "open|close"},
    {{"api", "ADDRESS|off", "where the control interface listens"}, TEXT, AT(api), "127.0.0.1:8000"},
    {{"api_remote", NULL, "let it listen beyond loopback"}, SWITCH, AT(api_remote), "false"},
    {{"token_file", "FILE", "secret of the control interface; default SESSION.token, made where missing"}, TEXT,
        AT(token_file), NULL},
    {{"log_file", "FILE", "log to a file; default standard error"}, TEXT, AT(log_file), NULL},
    {{"log_format", "text|json", "of log lines"}, CHOICE, AT(log_json), "text", "text|json"},
    {{"log_max_mb", "MB", "a larger log file is set aside"}, COUNT, AT(log_max_mb), "64", NULL, 1, 1e6},
    {{"log_keep", "N", "log files set aside that are kept"}, COUNT, AT(log_keep), "5", NULL, 0, 1000},
    {{"workers", "N|auto-io|auto-cpu", "threads of the offload pool; auto: cores × 2, or cores"}, WORKERS, AT(workers),
        "8", NULL, 1, 1024},
    {{"queue", "N", "offloaded jobs that may wait"}, COUNT, AT(queue), "1000", NULL, 1, 1e6},
    {{"process_pool", NULL, "forked processes for heavy work"}, SWITCH, AT(process_pool), "false"},
    {{"monitor_s", "S", "position monitor: between looks; 0: off"}, COUNT, AT(monitor_s), "60", NULL, 0, DAY_S},
    {{"stop_loss", "F", "monitor: loss of a position at which it is closed; 0: none"}, REAL, AT(stop_loss), "0", NULL,
        0, 1},
    {{"take_profit", "F", "monitor: gain at which it is closed; 0: none"}, REAL, AT(take_profit), "0", NULL, 0, 1e6},
    {{"trailing", "F", "monitor: fall from the best price at which it is closed; 0: none"}, REAL, AT(trailing), "0",
        NULL, 0, 1},
    {{"max_age_s", "S", "monitor: age of a position at which it is closed; 0: none"}, COUNT, AT(max_age_s), "0", NULL,
        0, 1e10},
    {{"max_daily_loss", "N", "loss of a day that halts the session; 0: none"}, MONEY, AT(max_daily_loss), "0"},
    {{"snapshot_s", "S", "between snapshots of the state; 0: only at the stop"}, COUNT, AT(snapshot_s), "60", NULL, 0,
        DAY_S},
    {{"alert_command", "FILE", "program that gets each alert as JSON on standard input"}, TEXT, AT(alert_command),
        NULL},
    {{"alert_url", "URL", "gets each alert POSTed as JSON"}, TEXT, AT(alert_url), NULL},
    {{"lag_probe_ms", "MS", "between looks at how late the loop is"}, COUNT, AT(lag_probe_ms), "200", NULL, 1, 60000},
};

#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))

const struct duet_config_key *duet_live_config_key(size_t index) {
    return index < KEY_COUNT ? &keys[index].shown : NULL;
}

const char *duet_live_config_default(size_t index) {
    return keys[index].fallback;
}

void duet_live_config_init(struct duet_live_config *live) {
    *live = (struct duet_live_config){0};
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (keys[i].fallback != NULL &&
            duet_live_config_set(live, keys[i].shown.name, keys[i].fallback, NULL) != DUET_OK) {
            abort(); // a default that its own key refuses
        }
    }
}

void duet_live_config_finish(struct duet_live_config *live) {
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (keys[i].kind == TEXT) {
            free(*(char **)((char *)live + keys[i].offset));
        }
    }
    for (size_t i = 0; i < live->job_count; i++) {
        free(live->jobs[i].name);
        free(live->jobs[i].run);
    }
    *live = (struct duet_live_config){0};
}

/* ------------------------------------------------------------------------------------------------------- setting */

static enum duet_status set_text(char **field, const struct key *key, const char *value) {
    if (value[0] == '\0') {
        return duet_error(DUET_EINVAL, "%s: is empty", key->shown.name);
    }
    char *copy = duet_strdup(value);
    free(*field);
    *field = copy;
    return DUET_OK;
}

static bool is_bool_choice(const struct key *key) {
    return key->kind == CHOICE && strchr(strchr(key->choices, '|') + 1, '|') == NULL;
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

static enum duet_status set_choice(void *field, const struct key *key, const char *value) {
    int index = choice_index(key->choices, value);
    if (index < 0) {
        return duet_error(DUET_EINVAL, "%s: \"%s\" is none of %s", key->shown.name, value, key->choices);
    }
    if (is_bool_choice(key)) {
        *(bool *)field = index != 0;
    } else {
        *(enum duet_on_stop *)field = (enum duet_on_stop)index;
    }
    return DUET_OK;
}

static enum duet_status set_switch(bool *field, const struct key *key, const char *value) {
    bool yes = strcmp(value, "true") == 0 || strcmp(value, "yes") == 0 || strcmp(value, "1") == 0;
    bool no = strcmp(value, "false") == 0 || strcmp(value, "no") == 0 || strcmp(value, "0") == 0;
    if (!yes && !no) {
        return duet_error(DUET_EINVAL, "%s: \"%s\" is neither true nor false", key->shown.name, value);
    }
    *field = yes;
    return DUET_OK;
}

static enum duet_status set_real(double *field, const struct key *key, const char *value) {
    double real;
    if (!duet_parse_double(value, &real)) {
        return duet_error(DUET_EINVAL, "%s: \"%s\" is not a number", key->shown.name, value);
    }
    if (real < key->minimum || real > key->maximum) {
        return duet_error(
            DUET_EINVAL, "%s: %s is outside of %g to %g", key->shown.name, value, key->minimum, key->maximum);
    }
    *field = real;
    return DUET_OK;
}

/** Cores that are there; a job that waits for others leaves its core to a second one. */
static int64_t cores(void) {
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online < 1 ? 1 : online;
}

static enum duet_status set_count(int64_t *field, const struct key *key, const char *value) {
    int64_t count;
    if (key->kind == WORKERS && strcmp(value, "auto-io") == 0) {
        count = 2 * cores();
    } else if (key->kind == WORKERS && strcmp(value, "auto-cpu") == 0) {
        count = cores();
    } else if (!duet_parse_int64(value, &count)) {
        return duet_error(DUET_EINVAL, "%s: \"%s\" is not a whole number%s", key->shown.name, value,
            key->kind == WORKERS ? ", auto-io or auto-cpu" : "");
    }
    if ((double)count < key->minimum || (double)count > key->maximum) {
        return duet_error(
            DUET_EINVAL, "%s: %s is outside of %.0f to %.0f", key->shown.name, value, key->minimum, key->maximum);
    }
    *field = count;
    return DUET_OK;
}

static enum duet_status set_money(duet_money *field, const struct key *key, const char *value) {
    duet_money money;
    if (duet_money_parse(value, strlen(value), &money) != DUET_OK || money < 0) {
        return duet_error(DUET_EINVAL, "%s: \"%s\" is not an amount such as 1000 or 2500.50", key->shown.name, value);
    }
    *field = money;
    return DUET_OK;
}

static enum duet_status set_key(struct duet_live_config *live, const struct key *key, const char *value) {
    void *field = (char *)live + key->offset;
    switch (key->kind) {
    case TEXT:
        return set_text(field, key, value);
    case MONEY:
        return set_money(field, key, value);
    case REAL:
        return set_real(field, key, value);
    case SWITCH:
        return set_switch(field, key, value);
    case CHOICE:
        return set_choice(field, key, value);
    default:
        return set_count(field, key, value);
    }
}

static enum duet_status set_any(struct duet_live_config *live, const char *name, const char *value) {
    const char *names[KEY_COUNT + 1];
    for (size_t i = 0; i < KEY_COUNT; i++) {
        names[i] = keys[i].shown.name;
        if (strcmp(name, names[i]) == 0) {
            return set_key(live, &keys[i], value);
        }
    }
    names[KEY_COUNT] = "jobs";
    const char *nearest = duet_nearest(name, names, KEY_COUNT + 1);
    return nearest == NULL
               ? duet_error(DUET_EINVAL, "unknown key \"%s\" in live:", name)
               : duet_error(DUET_EINVAL, "unknown key \"%s\" in live:; did you mean \"%s\"?", name, nearest);
}

enum duet_status duet_live_config_set(
    struct duet_live_config *live, const char *key, const char *value, const char *where) {
    enum duet_status status = set_any(live, key, value);
    return status == DUET_OK || where == NULL ? status : duet_error_prefix(status, "%s", where);
}

/* ---------------------------------------------------------------------------------------------------------- jobs */

static const char command_prefix[] = "command:";

static enum duet_status check_run(const char *name, const char *run) {
    static const char *const known[] = {"scan", "health", "snapshot"};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(run, known[i]) == 0) {
            return DUET_OK;
        }
    }
    size_t prefix = strlen(command_prefix);
    if (strncmp(run, command_prefix, prefix) == 0 && run[prefix + strspn(run + prefix, " ")] != '\0') {
        return DUET_OK;
    }
    return duet_error(
        DUET_EINVAL, "job \"%s\": run: \"%s\" is none of scan, health, snapshot, command: FILE", name, run);
}

enum duet_status duet_live_config_add_job(
    struct duet_live_config *live, const char *name, const char *every, const char *run) {
    int64_t period_ns;
    if (live->job_count == DUET_LIVE_JOBS_MAX) {
        return duet_error(DUET_EINVAL, "jobs: more than %d", DUET_LIVE_JOBS_MAX);
    }
    for (size_t i = 0; i < live->job_count; i++) {
        if (strcmp(live->jobs[i].name, name) == 0) {
            return duet_error(DUET_EINVAL, "job \"%s\" stands twice", name);
        }
    }
    enum duet_status status = duet_interval_parse(every, &period_ns);
    if (status != DUET_OK) {
        return duet_error_prefix(status, "job \"%s\": every", name);
    }
    status = check_run(name, run);
    if (status == DUET_OK) {
        live->jobs[live->job_count++] =
            (struct duet_live_job){.name = duet_strdup(name), .period_ns = period_ns, .run = duet_strdup(run)};
    }
    return status;
}

const char *duet_live_job_command(const struct duet_live_job *job) {
    size_t prefix = strlen(command_prefix);
    return strncmp(job->run, command_prefix, prefix) == 0 ? job->run + prefix + strspn(job->run + prefix, " ") : NULL;
}

/* -------------------------------------------------------------------------------------------------- as a whole */

enum duet_status duet_live_config_environment(struct duet_live_config *live) {
    static const struct {
        const char *variable, *key;
    } variables[] = {{"ASYNC_FEATURES_WORKERS", "workers"}, {"ASYNC_FEATURES_QUEUE_SIZE", "queue"},
        {"ASYNC_FEATURES_USE_PROCESS_POOL", "process_pool"}};
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        const char *value = getenv(variables[i].variable);
        if (value != NULL) {
            enum duet_status status = duet_live_config_set(live, variables[i].key, value, variables[i].variable);
            if (status != DUET_OK) {
                return status;
            }
        }
    }
    return DUET_OK;
}

/** "run/spring.db" without folders and ending, cut, and only of letters that an order id may hold. */
static char *name_of(const char *path) {
    const char *slash = strrchr(path, '/');
    char *name = duet_strdup(slash == NULL ? path : slash + 1);
    char *dot = strrchr(name, '.');
    if (dot != NULL && dot != name) {
        *dot = '\0';
    }
    if (strlen(name) > DUET_LIVE_NAME_MAX) {
        name[DUET_LIVE_NAME_MAX] = '\0';
    }
    for (char *c = name; *c != '\0'; c++) {
        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", *c) == NULL) {
            *c = '-';
        }
    }
    return name;
}

void duet_live_config_complete(struct duet_live_config *live) {
    if (live->name == NULL) {
        live->name = name_of(live->session);
    }
    if (live->token_file == NULL) {
        struct duet_text path = {0};
        duet_text_print(&path, "%s.token", live->session);
        live->token_file = path.text;
    }
}

static enum duet_status check_name(const char *name) {
    size_t length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
    return name[length] != '\0' || length > DUET_LIVE_NAME_MAX
               ? duet_error(DUET_EINVAL, "live: name: \"%s\": letters, digits, - and _, at most %d; say name: NAME",
                     name, DUET_LIVE_NAME_MAX)
               : DUET_OK;
}

static enum duet_status check_real_money(const struct duet_config *config, bool second_switch) {
    const struct duet_live_config *live = config->live;
    if (second_switch && !live->real_money) {
        return duet_error(DUET_EINVAL,
            "--real-money is the second of two switches; the first, real_money: true in live:, is not set");
    }
    if (!live->real_money) {
        return DUET_OK;
    }
    if (!second_switch) {
        return duet_error(
            DUET_EINVAL, "live: real_money is set, but the second switch is not; start with --real-money");
    }
    const char *missing = config->limits.max_position <= 0   ? "max_position"
                          : config->limits.max_notional <= 0 ? "max_notional"
                          : live->max_daily_loss <= 0        ? "live: max_daily_loss"
                                                             : NULL;
    if (missing != NULL) {
        return duet_error(DUET_EINVAL, "real money wants a limit: %s is not set", missing);
    }
    return live->broker_gateway
               ? live->arm ? duet_error(DUET_EINVAL, "arm is not for real money, which is armed by `duet ctl arm`")
                           : DUET_OK
               : duet_error(DUET_EINVAL, "live: real_money wants broker: gateway; paper fills no real orders");
}

/** A series without a file comes from the gateway. */
static enum duet_status check_series(const struct duet_config *config) {
    for (size_t i = 0; i < config->data_count; i++) {
        const struct duet_data_spec *spec = &config->data[i];
        if (duet_data_spec_is_gateway(spec) && !config->live->feed_gateway) {
            return duet_error(DUET_EINVAL,
                "data %s: path gateway, but live: feed: is file; name a file, or say feed: gateway",
                spec->symbol == NULL ? "" : spec->symbol);
        }
    }
    return DUET_OK;
}

enum duet_status duet_live_config_check(const struct duet_config *config, bool second_switch) {
    const struct duet_live_config *live = config->live;
    if ((live->feed_gateway || live->broker_gateway) && live->gateway == NULL) {
        return duet_error(DUET_EINVAL, "live: %s: gateway, but no address; say gateway: HOST:PORT or unix:/path",
            live->feed_gateway ? "feed" : "broker");
    }
    if (live->broker_gateway && !live->feed_gateway) {
        return duet_error(
            DUET_EINVAL, "live: broker: gateway goes with feed: gateway; a file's clock is not the market's");
    }
    enum duet_status status = live->name != NULL ? check_name(live->name) : DUET_OK;
    if (status == DUET_OK) {
        status = check_real_money(config, second_switch);
    }
    return status == DUET_OK ? check_series(config) : status;
}

/* ------------------------------------------------------------------------------------------------------ printing */

static const char *choice_text(const struct key *key, const void *field, char out[DUET_DECIMAL_TEXT_MAX]) {
    int index = is_bool_choice(key) ? *(const bool *)field : (int)*(const enum duet_on_stop *)field;
    const char *choice = key->choices;
    for (; index > 0; index--) {
        choice = strchr(choice, '|') + 1;
    }
    snprintf(out, DUET_DECIMAL_TEXT_MAX, "%.*s", (int)strcspn(choice, "|"), choice);
    return out;
}

const char *duet_live_config_text(const struct duet_live_config *live, size_t index, char out[DUET_DECIMAL_TEXT_MAX]) {
    const struct key *key = &keys[index];
    const void *field = (const char *)live + key->offset;
    switch (key->kind) {
    case TEXT:
        return *(char *const *)field;
    case MONEY:
        return duet_money_format(*(const duet_money *)field, 0, out);
    case REAL:
        for (int digits = 1; digits <= 17; digits++) {
            snprintf(out, DUET_DECIMAL_TEXT_MAX, "%.*g", digits, *(const double *)field);
            if (strtod(out, NULL) == *(const double *)field) {
                break;
            }
        }
        return out;
    case SWITCH:
        return *(const bool *)field ? "true" : "false";
    case CHOICE:
        return choice_text(key, field, out);
    default:
        snprintf(out, DUET_DECIMAL_TEXT_MAX, "%lld", (long long)*(const int64_t *)field);
        return out;
    }
}
