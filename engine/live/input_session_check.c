/* Whether a recorded session and the configuration at hand are the same session. */
#include <string.h>

#include "base/error.h"
#include "engine/live/input_session.h"
#include "engine/live/live_config.h"

/** Keys that decide nothing once a session has begun: where results go, how much is told. */
static const char *const free_keys[] = {"strategy", // its file's hash is what counts
    "to", "max_bars", "report", "fills", "orders", "trades", "equity", "json", "quiet", "log", "cache", "loop",
    "guard"};
/** Keys that a reload may change (a CONFIG record), of the run and of `live:`. */
static const char *const reload_keys[] = {"max_order_quantity", "max_position", "max_notional", "max_daily_loss",
    "on_halt", "stop_loss", "take_profit", "trailing", "max_age_s"};
/** Keys of `live:` that decide; the others belong to the process. */
static const char *const live_keys[] = {"broker", "real_money", "open_known", "monitor_s"};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool is_among(const char *name, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool equal(const char *a, const char *b) {
    return strcmp(a == NULL ? "" : a, b == NULL ? "" : b) == 0;
}

static enum duet_status differs(const char *path, const char *what, const char *recorded, const char *given) {
    return duet_error(DUET_EINVAL,
        "%s: was begun with %s \"%s\", now it is \"%s\"; put it back, or name another session", path, what,
        recorded == NULL ? "" : recorded, given == NULL ? "" : given);
}

/** What decides is held against the beginning of the session, what a reload may change against the last one. */
static enum duet_status check_keys(const struct duet_config *recorded, const struct duet_config *in_force,
    const struct duet_config *given, const char *path, bool *reload) {
    const struct duet_config_key *key;
    char a[DUET_DECIMAL_TEXT_MAX], b[DUET_DECIMAL_TEXT_MAX];
    for (size_t i = 0; (key = duet_config_key(i)) != NULL; i++) {
        const char *is = duet_config_text(given, i, b);
        if (is_among(key->name, reload_keys, COUNT(reload_keys))) {
            *reload |= !equal(duet_config_text(in_force, i, a), is);
        } else if (!is_among(key->name, free_keys, COUNT(free_keys))) {
            const char *was = duet_config_text(recorded, i, a);
            if (!equal(was, is)) {
                return differs(path, key->name, was, is);
            }
        }
    }
    for (size_t i = 0; (key = duet_live_config_key(i)) != NULL; i++) {
        const char *is = duet_live_config_text(given->live, i, b);
        if (is_among(key->name, reload_keys, COUNT(reload_keys))) {
            *reload |= !equal(duet_live_config_text(in_force->live, i, a), is);
        } else if (is_among(key->name, live_keys, COUNT(live_keys))) {
            const char *was = duet_live_config_text(recorded->live, i, a);
            if (!equal(was, is)) {
                return differs(path, key->name, was, is);
            }
        }
    }
    return DUET_OK;
}

static const char *param_of(const struct duet_config *config, const char *name) {
    for (size_t i = 0; i < config->param_count; i++) {
        if (strcmp(config->params[i].name, name) == 0) {
            return config->params[i].value;
        }
    }
    return NULL;
}

static enum duet_status check_params(
    const struct duet_config *recorded, const struct duet_config *given, const char *path) {
    const struct duet_config *const both[] = {recorded, given};
    for (size_t side = 0; side < 2; side++) {
        for (size_t i = 0; i < both[side]->param_count; i++) {
            const char *name = both[side]->params[i].name;
            const char *was = param_of(recorded, name), *is = param_of(given, name);
            if (!equal(was, is)) {
                return differs(path, name, was, is);
            }
        }
    }
    return DUET_OK;
}

/** What the data entries say for a symbol; NULL: nothing. */
static const char *bars_of(const struct duet_config *config, const char *symbol) {
    const char *bars = NULL;
    for (size_t i = 0; i < config->data_count; i++) {
        if (config->data[i].symbol != NULL && strcmp(config->data[i].symbol, symbol) == 0) {
            bars = config->data[i].bars != NULL ? config->data[i].bars : bars;
        }
    }
    return bars;
}

static enum duet_status check_data(
    const struct duet_session_record *record, const struct duet_core_options *options, const char *path) {
    const struct duet_instruments *was = &record->instruments, *is = options->instruments;
    bool same = was->count == is->count && record->series_count == options->series_count;
    for (uint32_t i = 0; same && i < was->count; i++) {
        const struct duet_instrument *a = &was->items[i], *b = &is->items[i];
        same = strcmp(a->symbol, b->symbol) == 0 && strcmp(a->currency, b->currency) == 0 &&
               a->price_decimals == b->price_decimals && a->quantity_decimals == b->quantity_decimals &&
               a->tick_scaled == b->tick_scaled && a->lot_scaled == b->lot_scaled && a->multiplier == b->multiplier;
        if (!same) {
            return duet_error(DUET_EINVAL,
                "%s: instrument %s is not as it was when the session began (now %s; decimals, tick, lot, multiplier "
                "or currency); put `data:` back, or name another session",
                path, a->symbol, b->symbol);
        }
    }
    for (uint32_t i = 0; same && i < record->series_count; i++) {
        const struct duet_core_series *a = &record->series[i], *b = &options->series[i];
        same = a->instrument == b->instrument && a->price_decimals == b->price_decimals &&
               a->interval_ns == b->interval_ns && a->kind == b->kind && a->primary == b->primary &&
               a->executes == b->executes;
    }
    for (uint32_t i = 0; same && i < was->count; i++) {
        const char *a = bars_of(&record->config, was->items[i].symbol),
                   *b = bars_of(options->config, was->items[i].symbol);
        if (!equal(a, b)) {
            return differs(path, "bars", a, b);
        }
    }
    return same ? DUET_OK
                : duet_error(DUET_EINVAL,
                      "%s: was begun with other data (%u instruments in %u series, now %u in %u); put `data:` back, or "
                      "name another session",
                      path, was->count, record->series_count, is->count, options->series_count);
}

enum duet_status duet_session_record_check(const struct duet_session_record *record, const struct duet_config *in_force,
    const struct duet_core_options *options, const char *path, bool *reload) {
    *reload = false;
    if (strcmp(record->plugin_sha256, options->plugin->sha256) != 0) {
        return duet_error(DUET_EINVAL,
            "%s: was begun with strategy %s, file %.12s…, this is %s, file %.12s…; put the file back, or name another "
            "session",
            path, record->plugin, record->plugin_sha256, options->plugin->name, options->plugin->sha256);
    }
    enum duet_status status = check_data(record, options, path);
    if (status == DUET_OK) {
        status = check_params(&record->config, options->config, path);
    }
    return status == DUET_OK ? check_keys(&record->config, in_force, options->config, path, reload) : status;
}
