#include "engine/live/input.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

static_assert(sizeof(struct duet_input_instant) == 24 && sizeof(struct duet_opening) == 24 &&
                  sizeof(struct duet_input_restart) == 16 && sizeof(struct duet_input_report) == 176 &&
                  sizeof(struct duet_input_command) == 120 && sizeof(struct duet_input_connection) == 64 &&
                  sizeof(struct duet_input_stale) == 16 && sizeof(struct duet_input_result) == 72 &&
                  sizeof(struct duet_input_dropped) == 40 && sizeof(struct duet_input_reconciled) == 24 &&
                  sizeof(struct duet_input_position) == 16,
    "payloads have no padding holes: their bytes are journaled");

/* ------------------------------------------------------------------------------------------------------- names */

const char *duet_input_kind_name(unsigned kind) {
    switch (kind) {
#define KIND_NAME(name, number) \
    case number:                \
        return #name;
        DUET_INPUT_MAP(KIND_NAME)
#undef KIND_NAME
    default:
        return "?";
    }
}

const char *duet_command_name(unsigned command) {
    switch (command) {
#define COMMAND_NAME(name, number, text) \
    case number:                         \
        return text;
        DUET_COMMAND_MAP(COMMAND_NAME)
#undef COMMAND_NAME
    default:
        return NULL;
    }
}

unsigned duet_command_find(const char *name) {
#define COMMAND_FIND(constant, number, text) \
    if (strcmp(name, text) == 0) {           \
        return number;                       \
    }
    DUET_COMMAND_MAP(COMMAND_FIND)
#undef COMMAND_FIND
    return 0;
}

/* ------------------------------------------------------------------------------------------------------ checks */

static bool ends(const char *text, size_t size) {
    return memchr(text, '\0', size) != NULL;
}

/** What is wrong with the counts of an INSTANT; NULL: nothing. */
static const char *instant_problem(const struct duet_input *input) {
    struct duet_input_instant instant;
    if (input->size < sizeof(instant)) {
        return "shorter than its head";
    }
    memcpy(&instant, input->bytes, sizeof(instant));
    uint64_t size = sizeof(instant) + (uint64_t)instant.closing * sizeof(struct duet_bar) +
                    (uint64_t)instant.opening * sizeof(struct duet_opening) +
                    (uint64_t)instant.missing * sizeof(uint32_t);
    if (size != input->size) {
        return "size and counts differ";
    }
    if ((instant.flags & ~(DUET_INSTANT_HISTORY | DUET_INSTANT_LATE | DUET_INSTANT_OPENS_AT_CLOSE)) != 0) {
        return "unknown flags";
    }
    return NULL;
}

static const char *market_problem(const struct duet_input *input) {
    uint32_t size; // both records begin with it
    memcpy(&size, input->bytes, sizeof(size));
    return size == input->size ? NULL : "record of another size";
}

static const char *report_problem(const struct duet_input *input) {
    struct duet_input_report report;
    memcpy(&report, input->bytes, sizeof(report));
    if (report.status >= DUET_ORDER_STATUS_COUNT || report.reason_code >= DUET_REASON_COUNT) {
        return "no such status or reason";
    }
    if (report.side != 0 && report.side != DUET_BUY && report.side != DUET_SELL) {
        return "no such side";
    }
    if (report.fill_quantity < 0 || report.cumulative < 0) {
        return "negative quantity";
    }
    return ends(report.fill_id, sizeof(report.fill_id)) && ends(report.text, sizeof(report.text))
               ? NULL
               : "text without an end";
}

static const char *command_problem(const struct duet_input *input) {
    struct duet_input_command command;
    memcpy(&command, input->bytes, sizeof(command));
    if (duet_command_name(command.command) == NULL) {
        return "no such command";
    }
    return ends(command.origin, sizeof(command.origin)) && ends(command.text, sizeof(command.text))
               ? NULL
               : "text without an end";
}

static const char *connection_problem(const struct duet_input *input) {
    struct duet_input_connection connection;
    memcpy(&connection, input->bytes, sizeof(connection));
    if (connection.link == 0 || (connection.link & ~(DUET_LINK_FEED | DUET_LINK_BROKER)) != 0 || connection.up > 1) {
        return "no such link or state";
    }
    return ends(connection.detail, sizeof(connection.detail)) ? NULL : "text without an end";
}

static const char *stale_problem(const struct duet_input *input) {
    struct duet_input_stale stale;
    memcpy(&stale, input->bytes, sizeof(stale));
    return stale.stale <= 1 ? NULL : "neither stale nor fresh";
}

static const char *result_problem(const struct duet_input *input) {
    struct duet_input_result result;
    memcpy(&result, input->bytes, sizeof(result));
    return result.count <= sizeof(result.values) / sizeof(result.values[0]) ? NULL : "too many values";
}

static const char *dropped_problem(const struct duet_input *input) {
    struct duet_input_dropped dropped;
    memcpy(&dropped, input->bytes, sizeof(dropped));
    return ends(dropped.what, sizeof(dropped.what)) ? NULL : "text without an end";
}

static const char *reconciled_problem(const struct duet_input *input) {
    struct duet_input_reconciled reconciled;
    if (input->size < sizeof(reconciled)) {
        return "shorter than its head";
    }
    memcpy(&reconciled, input->bytes, sizeof(reconciled));
    uint64_t size = sizeof(reconciled) + (uint64_t)reconciled.positions * sizeof(struct duet_input_position);
    return size == input->size ? NULL : "size and counts differ";
}

/** Size of each kind's payload and what else it must keep to; `problem` sees payloads of the right size only. */
static const struct {
    size_t size; // 0 with `open`: any
    bool open; // the payload says itself how long it is
    const char *(*problem)(const struct duet_input *input);
} kinds[] = {
    [DUET_INPUT_SESSION] = {0, true, NULL},
    [DUET_INPUT_RESTART] = {sizeof(struct duet_input_restart), false, NULL},
    [DUET_INPUT_INSTANT] = {0, true, instant_problem},
    [DUET_INPUT_TIME] = {0, false, NULL},
    [DUET_INPUT_TRADE] = {sizeof(struct duet_trade), false, market_problem},
    [DUET_INPUT_QUOTE] = {sizeof(struct duet_quote), false, market_problem},
    [DUET_INPUT_REPORT] = {sizeof(struct duet_input_report), false, report_problem},
    [DUET_INPUT_COMMAND] = {sizeof(struct duet_input_command), false, command_problem},
    [DUET_INPUT_CONNECTION] = {sizeof(struct duet_input_connection), false, connection_problem},
    [DUET_INPUT_STALE] = {sizeof(struct duet_input_stale), false, stale_problem},
    [DUET_INPUT_RESULT] = {sizeof(struct duet_input_result), false, result_problem},
    [DUET_INPUT_DROPPED] = {sizeof(struct duet_input_dropped), false, dropped_problem},
    [DUET_INPUT_RECONCILED] = {0, true, reconciled_problem},
    [DUET_INPUT_CONFIG] = {0, true, NULL},
    [DUET_INPUT_STOP] = {0, false, NULL},
    [DUET_INPUT_END] = {0, false, NULL},
};

enum duet_status duet_input_check(const struct duet_input *input) {
    const char *problem = NULL;
    if (input->kind == 0 || input->kind >= sizeof(kinds) / sizeof(kinds[0])) {
        return duet_error(
            DUET_EDATA, "input %llu: there is no kind %u", (unsigned long long)input->number, (unsigned)input->kind);
    }
    if (input->size > DUET_INPUT_BYTES_MAX || (input->size > 0 && input->bytes == NULL) ||
        (!kinds[input->kind].open && input->size != kinds[input->kind].size)) {
        problem = "payload of a wrong size";
    } else if ((uintptr_t)input->bytes % 8 != 0) {
        problem = "payload is not aligned";
    } else if (kinds[input->kind].problem != NULL) {
        problem = kinds[input->kind].problem(input);
    }
    if (problem != NULL) {
        return duet_error(DUET_EDATA, "input %llu, %s: %s", (unsigned long long)input->number,
            duet_input_kind_name(input->kind), problem);
    }
    return DUET_OK;
}

/* ------------------------------------------------------------------------------------------------- an instant */

static const struct duet_input_instant *instant_of(const struct duet_input *input) {
    return input->bytes;
}

const struct duet_bar *duet_input_closing(const struct duet_input *input) {
    return (const void *)((const unsigned char *)input->bytes + sizeof(struct duet_input_instant));
}

const struct duet_opening *duet_input_opening(const struct duet_input *input) {
    return (const void *)(duet_input_closing(input) + instant_of(input)->closing);
}

const uint32_t *duet_input_missing(const struct duet_input *input) {
    return (const void *)(duet_input_opening(input) + instant_of(input)->opening);
}

void duet_input_write_instant(struct duet_text *out, const struct duet_input_instant *instant,
    const struct duet_bar *closing, const struct duet_opening *opening, const uint32_t *missing) {
    out->length = 0;
    duet_text_append(out, (const char *)instant, sizeof(*instant));
    if (instant->closing > 0) {
        duet_text_append(out, (const char *)closing, instant->closing * sizeof(*closing));
    }
    if (instant->opening > 0) {
        duet_text_append(out, (const char *)opening, instant->opening * sizeof(*opening));
    }
    if (instant->missing > 0) {
        duet_text_append(out, (const char *)missing, instant->missing * sizeof(*missing));
    }
}
