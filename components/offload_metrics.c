/* What operations took: a ring of records and the arithmetic over them; and the breaker. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/text.h"
#include "components/offload_private.h"

void duet_offload_metrics_init(struct offload_metrics *metrics, uint32_t capacity) {
    DUET_ASSERT(capacity > 0);
    *metrics = (struct offload_metrics){.records = duet_alloc(capacity, sizeof(*metrics->records)),
        .scratch = duet_alloc(capacity, sizeof(*metrics->scratch)),
        .capacity = capacity};
}

void duet_offload_metrics_finish(struct offload_metrics *metrics) {
    free(metrics->records);
    free(metrics->scratch);
}

void duet_offload_metrics_add(struct offload_metrics *metrics, const struct offload_record *record) {
    metrics->records[metrics->written++ % metrics->capacity] = *record;
}

size_t duet_offload_metrics_count(const struct offload_metrics *metrics) {
    return metrics->written < metrics->capacity ? (size_t)metrics->written : metrics->capacity;
}

/** The record `age` before the newest. */
static const struct offload_record *record_at(const struct offload_metrics *metrics, size_t age) {
    return &metrics->records[(metrics->written - 1 - age) % metrics->capacity];
}

static double record_ms(const struct offload_record *record) {
    return (double)(record->ended_ns - record->began_ns) / 1e6;
}

size_t duet_offload_metrics_recent(
    const struct offload_metrics *metrics, struct duet_operation_record *out, size_t count) {
    size_t known = duet_offload_metrics_count(metrics);
    count = count < known ? count : known;
    for (size_t i = 0; i < count; i++) {
        const struct offload_record *record = record_at(metrics, i);
        out[i] = (struct duet_operation_record){
            .wall_ns = record->wall_ns, .duration_ms = record_ms(record), .ok = record->ok};
        memcpy(out[i].name, record->name, sizeof(out[i].name));
        memcpy(out[i].error, record->error, sizeof(out[i].error));
    }
    return count;
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double nearest_rank(const double *sorted, size_t count, double percent) {
    if (count == 0) {
        return 0;
    }
    double rank = ceil(percent * (double)count / 100);
    size_t index = rank < 1 ? 0 : (size_t)rank - 1;
    return sorted[index < count ? index : count - 1];
}

double duet_percentile(double *sorted, size_t count, double percent) {
    if (count > 0) {
        qsort(sorted, count, sizeof(*sorted), compare_doubles);
    }
    return nearest_rank(sorted, count, percent);
}

void duet_offload_metrics_summary(
    const struct offload_metrics *metrics, const char *name, struct duet_operation_summary *out) {
    *out = (struct duet_operation_summary){.success_rate = 1};
    double *durations = metrics->scratch, sum = 0;
    size_t count = 0, known = duet_offload_metrics_count(metrics);
    int64_t first_ns = INT64_MAX, last_ns = INT64_MIN;
    for (size_t i = 0; i < known; i++) {
        const struct offload_record *record = record_at(metrics, i);
        if (name != NULL && strncmp(name, record->name, sizeof(record->name) - 1) != 0) {
            continue;
        }
        durations[count++] = record_ms(record);
        sum += record_ms(record);
        out->failed += !record->ok;
        first_ns = record->began_ns < first_ns ? record->began_ns : first_ns;
        last_ns = record->ended_ns > last_ns ? record->ended_ns : last_ns;
    }
    if (count == 0) {
        return;
    }
    out->total = count;
    out->success_rate = (double)(count - out->failed) / (double)count;
    out->average_ms = sum / (double)count;
    out->p50_ms = duet_percentile(durations, count, 50);
    out->p95_ms = nearest_rank(durations, count, 95);
    out->p99_ms = nearest_rank(durations, count, 99);
    out->max_ms = durations[count - 1];
    out->throughput = last_ns > first_ns ? (double)count * 1e9 / (double)(last_ns - first_ns) : 0;
}

/* ---- the breaker ---- */

bool duet_offload_breaker_allows(struct offload_breaker *breaker, int64_t now_ns) {
    if (!breaker->open) {
        return true;
    }
    if (breaker->trying || now_ns - breaker->opened_ns < breaker->reset_ns) {
        return false;
    }
    breaker->trying = true;
    return true;
}

void duet_offload_breaker_book(struct offload_breaker *breaker, bool ok, int64_t now_ns) {
    if (breaker->error_rate <= 0) {
        return;
    }
    if (breaker->open) {
        if (breaker->trying && ok) {
            *breaker = (struct offload_breaker){.error_rate = breaker->error_rate, .reset_ns = breaker->reset_ns};
        } else if (breaker->trying) {
            breaker->trying = false;
            breaker->opened_ns = now_ns;
        }
        return;
    }
    if (breaker->samples == BREAKER_SAMPLES_MAX) {
        breaker->failures -= breaker->failed[breaker->next];
    } else {
        breaker->samples++;
    }
    breaker->failed[breaker->next] = !ok;
    breaker->failures += !ok;
    breaker->next = (breaker->next + 1) % BREAKER_SAMPLES_MAX;
    if (breaker->samples >= BREAKER_SAMPLES_MIN && breaker->failures >= breaker->error_rate * breaker->samples) {
        breaker->open = true;
        breaker->trying = false;
        breaker->opened_ns = now_ns;
    }
}

void duet_offload_breaker_forget(struct offload_breaker *breaker) {
    breaker->trying = false;
}
