/*
 * SIGHUP and `duet ctl reload`: the configuration is read again, compared key by key with what is in force, and what
 * may change while running changes. Limits are the core's, so they go in as an input; alerts, jobs and log are the
 * daemon's own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "engine/live/alerts.h"
#include "engine/live/input_session.h"
#include "engine/live/live_private.h"

/** Keys that can change while running, and who takes them. */
static const char *const core_keys[] = {"max_order_quantity", "max_position", "max_notional"};
static const char *const core_live_keys[] = {
    "max_daily_loss", "stop_loss", "take_profit", "trailing", "max_age_s", "on_halt"};
static const char *const own_keys[] = {"log"};
static const char *const own_live_keys[] = {"alert_command", "alert_url", "snapshot_s", "on_stop", "stop_timeout_ms"};

struct changes {
    struct duet_text changed, restart; // names, joined by ", "
    bool core, alerts, jobs;
};

static bool is_one_of(const char *name, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}
#define IS_ONE_OF(name, names) is_one_of((name), (names), sizeof(names) / sizeof((names)[0]))

static void note(struct duet_text *list, const char *name) {
    duet_text_print(list, "%s%s", list->length > 0 ? ", " : "", name);
}

static bool differ(const char *a, const char *b) {
    return a == NULL || b == NULL ? a != b : strcmp(a, b) != 0;
}

/** `told` is what the core goes by, where it has been told anew since the start. */
static void compare_run(const struct duet_config *old, const struct duet_config *told, const struct duet_config *new,
    struct changes *changes) {
    char a[DUET_DECIMAL_TEXT_MAX], b[DUET_DECIMAL_TEXT_MAX];
    const struct duet_config_key *key;
    for (size_t i = 0; (key = duet_config_key(i)) != NULL; i++) {
        bool core = IS_ONE_OF(key->name, core_keys);
        if (differ(duet_config_text(core ? told : old, i, a), duet_config_text(new, i, b))) {
            changes->core |= core;
            note(core || IS_ONE_OF(key->name, own_keys) ? &changes->changed : &changes->restart, key->name);
        }
    }
    bool params = old->param_count != new->param_count;
    for (size_t i = 0; !params && i < old->param_count; i++) {
        params = strcmp(old->params[i].name, new->params[i].name) != 0 ||
                 strcmp(old->params[i].value, new->params[i].value) != 0;
    }
    if (params) {
        note(&changes->restart, "params");
    }
    bool data = old->data_count != new->data_count;
    for (size_t i = 0; !data && i < old->data_count; i++) {
        data = differ(old->data[i].symbol, new->data[i].symbol) || differ(old->data[i].path, new->data[i].path) ||
               old->data[i].interval_ns != new->data[i].interval_ns || differ(old->data[i].bars, new->data[i].bars);
    }
    if (data) {
        note(&changes->restart, "data");
    }
}

static bool jobs_differ(const struct duet_live_config *old, const struct duet_live_config *new) {
    bool different = old->job_count != new->job_count;
    for (size_t i = 0; !different && i < old->job_count; i++) {
        different = strcmp(old->jobs[i].name, new->jobs[i].name) != 0 ||
                    strcmp(old->jobs[i].run, new->jobs[i].run) != 0 || old->jobs[i].period_ns != new->jobs[i].period_ns;
    }
    return different;
}

static void compare_live(const struct duet_live_config *old, const struct duet_live_config *told,
    const struct duet_live_config *new, struct changes *changes) {
    char a[DUET_DECIMAL_TEXT_MAX], b[DUET_DECIMAL_TEXT_MAX];
    const struct duet_config_key *key;
    for (size_t i = 0; (key = duet_live_config_key(i)) != NULL; i++) {
        bool core = IS_ONE_OF(key->name, core_live_keys);
        if (differ(duet_live_config_text(core ? told : old, i, a), duet_live_config_text(new, i, b))) {
            changes->core |= core;
            changes->alerts |= strncmp(key->name, "alert_", strlen("alert_")) == 0;
            bool own = IS_ONE_OF(key->name, own_live_keys);
            note(core || own ? &changes->changed : &changes->restart, key->name);
        }
    }
    changes->jobs = jobs_differ(old, new);
    if (changes->jobs) {
        note(&changes->changed, "jobs");
    }
}

/** The limits become an input: from then on the core goes by them, and a replay does so at the same place. */
static enum duet_status admit_config(struct live_run *run, const struct duet_config *config) {
    struct duet_text text = {0};
    enum duet_status status = duet_session_config_text(config, &text);
    if (status == DUET_OK) {
        status = duet_session_admit(run->live.session, DUET_INPUT_CONFIG, text.text, text.length, 0);
    }
    duet_text_finish(&text);
    return status;
}

static void move_text(char **into, char **from) {
    free(*into);
    *into = *from;
    *from = NULL;
}

/** Take over what the daemon itself goes by. `from` loses the texts. */
static enum duet_status apply_own(struct live_run *run, struct duet_config *from, const struct changes *changes) {
    struct duet_live_config *live = run->live.live, *new = from->live;
    enum duet_status status = DUET_OK;
    run->log.threshold = live_severity(from);
    move_text(&run->live.config->log, &from->log);
    live->on_stop = new->on_stop;
    live->snapshot_s = new->snapshot_s;
    live->stop_timeout_ms = new->stop_timeout_ms;
    if (changes->alerts) {
        duet_alerts_destroy(run->live.alerts);
        run->live.alerts = NULL;
        move_text(&live->alert_command, &new->alert_command);
        move_text(&live->alert_url, &new->alert_url);
        status = duet_alerts_create(&run->live, &run->live.alerts);
    }
    if (status == DUET_OK && changes->jobs) {
        for (size_t i = 0; i < live->job_count; i++) {
            free(live->jobs[i].name);
            free(live->jobs[i].run);
        }
        memcpy(live->jobs, new->jobs, sizeof(live->jobs));
        live->job_count = new->job_count;
        new->job_count = 0;
        status = duet_jobs_set(run->jobs, live->jobs, live->job_count);
    }
    return status;
}

static enum duet_status read_again(struct live_run *run, struct duet_config *config) {
    const struct duet_live_command *command = run->command;
    enum duet_status status = command->read == NULL
                                  ? duet_error(DUET_ESTATE, "there is no configuration file to read again")
                                  : command->read(command->argument, config);
    if (status == DUET_OK) {
        (void)duet_config_live(config);
        duet_live_config_complete(config->live);
        status = duet_config_check(config);
    }
    return status == DUET_OK ? duet_live_config_check(config, command->real_money) : status;
}

enum duet_status duet_live_reload(struct duet_live *live, char *answer, size_t size) {
    struct live_run *run = live_run_of(live);
    struct duet_config config, kept;
    struct changes changes = {0};
    if (duet_log_file_reopen(run->log_file) != DUET_OK) {
        duet_log_error(&run->log, "log-reopen", "reason=%s", duet_error_text());
    }
    duet_config_init(&config);
    duet_config_init(&kept);
    enum duet_status status = read_again(run, &config);
    if (status == DUET_OK) {
        const struct duet_config *told = run->latest.live != NULL ? &run->latest : live->config;
        compare_run(live->config, told, &config, &changes);
        compare_live(live->live, told->live, config.live, &changes);
        status = read_again(run, &kept); // apply_own() takes texts out of the first
    }
    if (status == DUET_OK && changes.core) {
        status = admit_config(run, &config);
    }
    if (status == DUET_OK) {
        status = apply_own(run, &config, &changes);
    }
    if (status == DUET_OK) {
        duet_config_finish(&run->latest);
        run->latest = kept;
        snprintf(answer, size, "changed: %s; needs a restart: %s",
            changes.changed.length > 0 ? changes.changed.text : "nothing",
            changes.restart.length > 0 ? changes.restart.text : "nothing");
        duet_log_info(&run->log, "reloaded", "%s", answer);
    } else {
        duet_config_finish(&kept);
        snprintf(answer, size, "%s", duet_error_text());
        duet_log_error(&run->log, "reload-refused", "reason=%s", answer);
    }
    duet_config_finish(&config);
    duet_text_finish(&changes.changed);
    duet_text_finish(&changes.restart);
    duet_loop_wake(live->loop);
    return status;
}
