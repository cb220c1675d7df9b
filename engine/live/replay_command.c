/* duet replay: the summary of a session, or the proof that its decisions follow from its inputs. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/money.h"
#include "base/time.h"
#include "components/store/journal.h"
#include "engine/commands.h"
#include "engine/live/input_session.h"
#include "engine/live/record_text.h"
#include "engine/live/replay.h"

#define KINDS_MAX 32

/* ------------------------------------------------------------------------------------------------------- proving */

/** A line on a terminal that says how far it is. */
struct progress {
    bool shown, drawn;
    int64_t drawn_ns;
};

static void draw(void *argument, uint64_t done, uint64_t total) {
    struct progress *progress = argument;
    int64_t now_ns = duet_monotonic_ns();
    if (progress->shown && now_ns - progress->drawn_ns > DUET_SECOND_NS / 5) {
        fprintf(stderr, "\rverifying  %" PRIu64 " of %" PRIu64 " inputs ", done, total);
        fflush(stderr);
        progress->drawn_ns = now_ns;
        progress->drawn = true;
    }
}

static void hash_field(struct duet_json *json, const char *name, uint64_t hash) {
    char text[20];
    snprintf(text, sizeof(text), "%016" PRIx64, hash);
    duet_json_string(json, name, text);
}

static void print_result_json(const char *path, const struct duet_replay_result *result) {
    struct duet_json json = {.stream = stdout};
    duet_json_open(&json, NULL, '{');
    duet_json_uint(&json, "schema", 1);
    duet_json_string(&json, "session", path);
    duet_json_string(&json, "result", result->first_difference == 0 ? "identical" : "different");
    duet_json_uint(&json, "inputs", result->inputs);
    duet_json_uint(&json, "outputs", result->outputs);
    duet_json_uint(&json, "decisions", result->decisions);
    hash_field(&json, "event_hash", result->event_hash);
    hash_field(&json, "decision_hash", result->decision_hash);
    if (result->first_difference == 0) {
        duet_json_null(&json, "first_difference");
    } else {
        duet_json_open(&json, "first_difference", '{');
        duet_json_uint(&json, "sequence", result->first_difference);
        duet_json_string(&json, "text", result->difference);
        duet_json_close(&json, '}');
    }
    duet_json_close(&json, '}');
    printf("\n");
}

static int verify_session(const char *path, const char *strategy, bool json) {
    struct progress progress = {.shown = isatty(STDERR_FILENO) != 0, .drawn_ns = duet_monotonic_ns()};
    const struct duet_replay_progress told = {.tell = draw, .argument = &progress};
    struct duet_replay_result *result = duet_alloc(1, sizeof(*result));
    int64_t begun_ns = duet_monotonic_ns();
    enum duet_status status = duet_replay_verify(path, strategy, strategy != NULL, 0, &told, result);
    if (progress.drawn) {
        fprintf(stderr, "\r\033[K");
    }
    if (json && (status == DUET_OK || result->first_difference != 0)) {
        print_result_json(path, result);
    } else if (status == DUET_OK) {
        printf("%s: %" PRIu64 " inputs, %" PRIu64 " decisions identical\n", path, result->inputs, result->decisions);
        printf("%" PRIu64 " outputs compared in %.2f s; event hash %016" PRIx64 ", decision hash %016" PRIx64 "\n",
            result->outputs, (double)(duet_monotonic_ns() - begun_ns) / 1e9, result->event_hash, result->decision_hash);
    } else if (result->first_difference != 0) {
        printf("%s: NOT identical, after %" PRIu64 " inputs with %" PRIu64 " outputs that were\n%s", path,
            result->inputs, result->outputs, result->difference);
    }
    free(result);
    return status == DUET_OK ? 0 : duet_complain(status);
}

/* ----------------------------------------------------------------------------------------------------- summary */

struct summary {
    struct duet_session_record record;
    bool has_record;
    uint64_t inputs, outputs;
    uint64_t kinds[KINDS_MAX], types[DUET_EVENT_TYPE_COUNT], statuses[DUET_ORDER_STATUS_COUNT];
    int64_t first_ns, last_ns;
    struct duet_position_event *positions; // by instrument
    struct duet_account_event account;
    bool has_account;
};

static enum duet_status sum_input(void *argument, const struct duet_journal_input *input) {
    struct summary *summary = argument;
    summary->kinds[input->kind < KINDS_MAX ? input->kind : 0]++;
    summary->first_ns = summary->inputs == 0 ? input->time_ns : summary->first_ns;
    summary->last_ns = input->time_ns;
    if (summary->inputs++ == 0) {
        enum duet_status status = duet_session_record_read(input->bytes, input->size, &summary->record);
        if (status != DUET_OK) {
            return status;
        }
        summary->has_record = true;
        summary->positions = duet_alloc(summary->record.instruments.count, sizeof(*summary->positions));
    }
    return DUET_OK;
}

static enum duet_status sum_output(void *argument, const struct duet_journal_output *output) {
    struct summary *summary = argument;
    struct duet_event event;
    summary->outputs++;
    if (!duet_event_decode(output->bytes, output->size, &event)) {
        return duet_error(
            DUET_EDATA, "output %" PRIu64 " is damaged; verify names what it should be (--verify)", output->sequence);
    }
    summary->types[event.type]++;
    if (event.type == DUET_EVENT_ORDER_STATUS && event.status.status < DUET_ORDER_STATUS_COUNT) {
        summary->statuses[event.status.status]++;
    } else if (event.type == DUET_EVENT_POSITION && event.position.instrument < summary->record.instruments.count) {
        summary->positions[event.position.instrument] = event.position;
    } else if (event.type == DUET_EVENT_ACCOUNT) {
        summary->account = event.account;
        summary->has_account = true;
    }
    return DUET_OK;
}

static void print_counts(const struct summary *summary) {
    printf("inputs     %" PRIu64 ":", summary->inputs);
    for (unsigned kind = 1; kind < KINDS_MAX; kind++) {
        if (summary->kinds[kind] > 0) {
            printf(" %s %" PRIu64, duet_input_kind_name(kind), summary->kinds[kind]);
        }
    }
    printf("\noutputs    %" PRIu64 ":", summary->outputs);
    for (unsigned type = 1; type < DUET_EVENT_TYPE_COUNT; type++) {
        if (summary->types[type] > 0) {
            printf(" %s %" PRIu64, duet_event_type_name(type), summary->types[type]);
        }
    }
    printf("\norders    ");
    static const enum duet_order_status told[] = {DUET_ORDER_ACCEPTED, DUET_ORDER_FILLED, DUET_ORDER_CANCELLED,
        DUET_ORDER_EXPIRED, DUET_ORDER_REJECTED, DUET_ORDER_DENIED};
    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
        printf(" %s %" PRIu64, duet_order_status_name(told[i]), summary->statuses[told[i]]);
    }
    printf("\n");
}

static void print_books(const struct summary *summary) {
    char a[DUET_DECIMAL_TEXT_MAX], b[DUET_DECIMAL_TEXT_MAX];
    const struct duet_instruments *instruments = &summary->record.instruments;
    for (uint32_t i = 0; i < instruments->count; i++) {
        const struct duet_position_event *position = &summary->positions[i];
        if (position->quantity != 0) {
            const struct duet_instrument *instrument = &instruments->items[i];
            printf("position   %s %s, cost %s\n", instrument->symbol,
                duet_decimal_format(position->quantity, instrument->quantity_decimals, a),
                duet_money_format(position->cost, 2, b));
        }
    }
    if (summary->has_account) {
        printf("account    cash %s, equity %s after the last fill\n", duet_money_format(summary->account.cash, 2, a),
            duet_money_format(summary->account.equity, 2, b));
    }
}

static void print_summary(struct duet_journal *journal, const char *path, const struct summary *summary) {
    char value[128], other[128], from[DUET_TIME_TEXT_MAX], to[DUET_TIME_TEXT_MAX];
    printf("session    %s (%s)\n", duet_journal_meta(journal, "name", value, sizeof(value)), path);
    printf("strategy   %s, file %.12s…\n", summary->record.plugin, summary->record.plugin_sha256);
    printf("time       %s to %s\n", duet_time_format(summary->first_ns, from), duet_time_format(summary->last_ns, to));
    printf("processes  %s, the last %s\n", duet_journal_meta(journal, "epoch", value, sizeof(value)),
        strcmp(duet_journal_meta(journal, "clean", other, sizeof(other)), "1") == 0
            ? "ended in order"
            : "still runs, or did not end in order");
    printf("trading    %s\n", duet_journal_meta(journal, "trading", value, sizeof(value)));
    print_counts(summary);
    print_books(summary);
    printf("\nduet replay --verify %s   proves that the decisions follow from the inputs\n", path);
}

static void print_summary_json(struct duet_journal *journal, const char *path, const struct summary *summary) {
    char text[DUET_DECIMAL_TEXT_MAX], value[128];
    struct duet_json json = {.stream = stdout};
    duet_json_open(&json, NULL, '{');
    duet_json_uint(&json, "schema", 1);
    duet_json_string(&json, "session", path);
    static const char *const keys[] = {"name", "strategy", "plugin_sha256", "trading", "order_prefix"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        duet_json_string(&json, keys[i], duet_journal_meta(journal, keys[i], value, sizeof(value)));
    }
    int64_t epoch = 0;
    (void)duet_parse_int64(duet_journal_meta(journal, "epoch", value, sizeof(value)), &epoch);
    duet_json_uint(&json, "epoch", (uint64_t)epoch);
    duet_json_bool(&json, "clean", strcmp(duet_journal_meta(journal, "clean", value, sizeof(value)), "1") == 0);
    duet_json_string(&json, "first", duet_time_format_iso(summary->first_ns, value));
    duet_json_string(&json, "last", duet_time_format_iso(summary->last_ns, value));
    duet_json_open(&json, "inputs", '{');
    for (unsigned kind = 1; kind < KINDS_MAX; kind++) {
        if (summary->kinds[kind] > 0) {
            duet_json_uint(&json, duet_input_kind_name(kind), summary->kinds[kind]);
        }
    }
    duet_json_close(&json, '}');
    duet_json_open(&json, "outputs", '{');
    for (unsigned type = 1; type < DUET_EVENT_TYPE_COUNT; type++) {
        if (summary->types[type] > 0) {
            duet_json_uint(&json, duet_event_type_name(type), summary->types[type]);
        }
    }
    duet_json_close(&json, '}');
    duet_json_open(&json, "positions", '{');
    for (uint32_t i = 0; i < summary->record.instruments.count; i++) {
        const struct duet_instrument *instrument = &summary->record.instruments.items[i];
        if (summary->positions[i].quantity != 0) {
            duet_json_string(&json, instrument->symbol,
                duet_decimal_format(summary->positions[i].quantity, instrument->quantity_decimals, text));
        }
    }
    duet_json_close(&json, '}');
    if (summary->has_account) {
        duet_json_string(&json, "cash", duet_money_format(summary->account.cash, 0, text));
        duet_json_string(&json, "equity", duet_money_format(summary->account.equity, 0, text));
    }
    duet_json_close(&json, '}');
    printf("\n");
}

static int summarise(const char *path, bool json) {
    struct duet_journal *journal;
    enum duet_status status = duet_journal_open(path, DUET_JOURNAL_READ, &journal);
    if (status != DUET_OK) {
        return duet_complain(status);
    }
    struct summary summary = {0};
    status = duet_journal_each_input(journal, 1, sum_input, &summary);
    if (status == DUET_OK && !summary.has_record) {
        status = duet_error(DUET_EDATA, "%s: nothing has been recorded in it yet", path);
    }
    if (status == DUET_OK) {
        status = duet_journal_each_output(journal, 0, sum_output, &summary);
    }
    if (status == DUET_OK && json) {
        print_summary_json(journal, path, &summary);
    } else if (status == DUET_OK) {
        print_summary(journal, path, &summary);
    }
    int code = status == DUET_OK ? 0 : duet_complain(status);
    if (summary.has_record) {
        duet_session_record_finish(&summary.record);
    }
    free(summary.positions);
    duet_journal_close(journal);
    return code;
}

int duet_command_replay(const char *path, bool verify, const char *strategy, bool json) {
    return verify ? verify_session(path, strategy, json) : summarise(path, json);
}
