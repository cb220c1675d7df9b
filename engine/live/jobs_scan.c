#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/live/features.h"
#include "engine/live/jobs_private.h"

struct job_scan {
    struct job_entry *entry; // NULL: nobody listens any more
    int64_t due_ns;
    const char **symbols;
};

static void scan_free(struct job_scan *scan) {
    free(scan->symbols);
    free(scan);
}

static void tell_listeners(const struct duet_jobs *jobs, const struct duet_instrument *instrument,
    const struct duet_ticker_signal *signal, int64_t due_ns) {
    if (jobs->options.event == NULL) {
        return;
    }
    struct duet_event event = {.type = DUET_EVENT_SIGNAL, .time_ns = due_ns, .event_ns = signal->features.close_ns};
    event.signal = (struct duet_signal){.size = sizeof(event.signal),
        .instrument = instrument->index,
        .strategy = UINT32_MAX,
        .direction = signal->direction,
        .strength = signal->strength};
    snprintf(event.signal.reason, sizeof(event.signal.reason), "scan: %s", signal->reason);
    jobs->options.event(jobs->options.argument, &event);
}

/** Whether it is news: another direction than the last one, or long after it. */
static bool is_news(const struct job_told *told, int direction, int64_t due_ns) {
    bool is_duplicate = told->direction == direction && due_ns - told->ns < DUET_SCAN_COOLDOWN_NS;
    return direction != 0 && !is_duplicate;
}

static bool take_row(const struct job_scan *scan, const struct duet_watch_row *row) {
    const struct duet_jobs *jobs = scan->entry->jobs;
    const struct duet_instrument *instrument = duet_instruments_find(jobs->options.instruments, row->symbol);
    const struct duet_ticker_signal *signal = &row->signal;
    if (instrument == NULL || !is_news(&jobs->told[instrument->index], signal->direction, scan->due_ns)) {
        return false;
    }
    jobs->told[instrument->index] = (struct job_told){.ns = scan->due_ns, .direction = signal->direction};
    duet_log_info(jobs->options.log, "scan-signal", "job=%s symbol=%s direction=%+d strength=%.2f reason=\"%s\"",
        scan->entry->name, row->symbol, signal->direction, signal->strength, signal->reason);
    tell_listeners(jobs, instrument, signal, scan->due_ns);
    return true;
}

static void scan_done(void *argument, const struct duet_watch_row *rows, size_t count, size_t failed, size_t peak) {
    struct job_scan *scan = argument;
    struct job_entry *entry = scan->entry;
    if (entry == NULL) {
        scan_free(scan);
        return;
    }
    size_t news = 0, broken = 0;
    const char *error = "";
    for (size_t i = 0; i < count; i++) {
        if (rows[i].status == DUET_OK) {
            news += take_row(scan, &rows[i]);
        } else if (rows[i].status != DUET_ENOTFOUND) { // before its first bar there is nothing to say
            error = broken++ == 0 ? rows[i].error : error;
        }
    }
    duet_log_info(entry->jobs->options.log, "scan-done", "job=%s symbols=%zu failed=%zu news=%zu peak=%zu", entry->name,
        count, failed, news, peak);
    enum duet_status status = DUET_OK;
    if (failed == count && broken > 0) {
        status = duet_error(DUET_EDATA, "none of %zu symbols could be computed: %s", count, error);
    }
    entry->scan = NULL;
    scan_free(scan);
    duet_scheduler_done(entry->jobs->options.scheduler, entry->name, status);
}

enum duet_status job_scan_begin(struct job_entry *entry, int64_t due_ns) {
    const struct duet_jobs_options *options = &entry->jobs->options;
    if (options->analyst == NULL) {
        return duet_error(DUET_ESTATE, "nothing computes signals here");
    }
    size_t count = options->instruments->count;
    struct job_scan *scan = duet_alloc(1, sizeof(*scan));
    *scan = (struct job_scan){.entry = entry, .due_ns = due_ns};
    scan->symbols = duet_alloc(count > 0 ? count : 1, sizeof(*scan->symbols));
    for (size_t i = 0; i < count; i++) {
        scan->symbols[i] = options->instruments->items[i].symbol;
    }
    enum duet_status status = duet_signals_watchlist(options->analyst, scan->symbols, count, scan_done, scan);
    if (status != DUET_OK) {
        scan_free(scan);
        return status;
    }
    entry->scan = scan;
    return DUET_PENDING;
}

void job_scan_leave(struct job_entry *entry) {
    if (entry->scan != NULL) {
        entry->scan->entry = NULL;
        entry->scan = NULL;
    }
}
