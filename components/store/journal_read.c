/* Reading: keys, inputs and outputs in order, and the few look-ups that verification and explanation need. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "components/store/journal_private.h"

char *duet_journal_meta(struct duet_journal *journal, const char *key, char *out, size_t size) {
    duet_text_copy(out, size, "");
    sqlite3_stmt *statement = NULL;
    if (journal_statement(journal, JOURNAL_META, &statement) == DUET_OK) {
        journal_bind_text(statement, 1, key);
        if (sqlite3_step(statement) == SQLITE_ROW) {
            duet_text_copy(out, size, (const char *)sqlite3_column_text(statement, 0));
        }
        sqlite3_reset(statement);
    }
    return out;
}

char *duet_journal_text(struct duet_journal *journal, const char *key) {
    char *text = NULL;
    sqlite3_stmt *statement = NULL;
    if (journal_statement(journal, JOURNAL_META, &statement) == DUET_OK) {
        journal_bind_text(statement, 1, key);
        if (sqlite3_step(statement) == SQLITE_ROW) {
            text = duet_strdup((const char *)sqlite3_column_text(statement, 0));
        }
        sqlite3_reset(statement);
    }
    return text;
}

uint64_t duet_journal_last_input(struct duet_journal *journal) {
    uint64_t number = journal->last_input;
    sqlite3_stmt *statement = NULL;
    if (number == 0 && journal_statement(journal, JOURNAL_LAST_INPUT, &statement) == DUET_OK) {
        if (sqlite3_step(statement) == SQLITE_ROW) {
            number = (uint64_t)sqlite3_column_int64(statement, 0);
        }
        sqlite3_reset(statement);
    }
    return number;
}

/** Bytes of a column, copied to where they are aligned; `*memory` grows as it must. */
static const void *aligned_bytes(sqlite3_stmt *statement, int column, void **memory, size_t *capacity, size_t *size) {
    const void *bytes = sqlite3_column_blob(statement, column);
    *size = (size_t)sqlite3_column_bytes(statement, column);
    if (*memory == NULL || *size > *capacity) {
        *capacity = *size < 256 ? 256 : 2 * *size;
        *memory = duet_realloc(*memory, *capacity, 1);
    }
    if (*size > 0) {
        memcpy(*memory, bytes, *size);
    }
    return *memory;
}

/** The columns number, time_ns, kind, first_sequence, last_sequence, bytes, checksum. */
static enum duet_status take_input(const struct duet_journal *journal, sqlite3_stmt *statement, void **memory,
    size_t *capacity, struct duet_journal_input *out) {
    *out = (struct duet_journal_input){.number = (uint64_t)sqlite3_column_int64(statement, 0),
        .time_ns = sqlite3_column_int64(statement, 1),
        .kind = (uint32_t)sqlite3_column_int64(statement, 2),
        .first_sequence = (uint64_t)sqlite3_column_int64(statement, 3),
        .last_sequence = (uint64_t)sqlite3_column_int64(statement, 4)};
    out->bytes = aligned_bytes(statement, 5, memory, capacity, &out->size);
    if ((uint64_t)sqlite3_column_int64(statement, 6) != journal_input_checksum(out)) {
        return duet_error(DUET_EDATA, "%s: input %llu is damaged; restore the file from a copy", journal->path,
            (unsigned long long)out->number);
    }
    return DUET_OK;
}

/** The columns sequence, cause, input, type, bytes. */
static void take_output(sqlite3_stmt *statement, void **memory, size_t *capacity, struct duet_journal_output *out) {
    *out = (struct duet_journal_output){.sequence = (uint64_t)sqlite3_column_int64(statement, 0),
        .cause_sequence = (uint64_t)sqlite3_column_int64(statement, 1),
        .input = (uint64_t)sqlite3_column_int64(statement, 2),
        .type = (uint32_t)sqlite3_column_int64(statement, 3)};
    out->bytes = aligned_bytes(statement, 4, memory, capacity, &out->size);
}

enum duet_status duet_journal_each_input(struct duet_journal *journal, uint64_t from,
    enum duet_status (*each)(void *argument, const struct duet_journal_input *input), void *argument) {
    static const char text[] = "SELECT number, time_ns, kind, first_sequence, last_sequence, bytes, checksum "
                               "FROM inputs WHERE number >= ?1 ORDER BY number";
    sqlite3_stmt *statement = NULL; // its own: `each` may look things up
    if (sqlite3_prepare_v2(journal->database, text, -1, &statement, NULL) != SQLITE_OK) {
        return journal_error(journal);
    }
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)from);
    enum duet_status status = DUET_OK;
    void *memory = NULL;
    size_t capacity = 0;
    int code;
    while (status == DUET_OK && (code = sqlite3_step(statement)) != SQLITE_DONE) {
        struct duet_journal_input input;
        status =
            code == SQLITE_ROW ? take_input(journal, statement, &memory, &capacity, &input) : journal_error(journal);
        if (status == DUET_OK) {
            status = each(argument, &input);
        }
    }
    free(memory);
    sqlite3_finalize(statement);
    return status;
}

enum duet_status duet_journal_each_output(struct duet_journal *journal, uint64_t from,
    enum duet_status (*each)(void *argument, const struct duet_journal_output *output), void *argument) {
    static const char text[] =
        "SELECT sequence, cause, input, type, bytes FROM outputs WHERE sequence >= ?1 ORDER BY sequence";
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(journal->database, text, -1, &statement, NULL) != SQLITE_OK) {
        return journal_error(journal);
    }
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)from);
    enum duet_status status = DUET_OK;
    void *memory = NULL;
    size_t capacity = 0;
    int code;
    while (status == DUET_OK && (code = sqlite3_step(statement)) != SQLITE_DONE) {
        if (code != SQLITE_ROW) {
            status = journal_error(journal);
            break;
        }
        struct duet_journal_output output;
        take_output(statement, &memory, &capacity, &output);
        status = each(argument, &output);
    }
    free(memory);
    sqlite3_finalize(statement);
    return status;
}

enum duet_status duet_journal_output_from(
    struct duet_journal *journal, uint64_t from, struct duet_journal_output *out) {
    sqlite3_stmt *statement = NULL;
    enum duet_status status = journal_statement(journal, JOURNAL_OUTPUT_FROM, &statement);
    if (status != DUET_OK) {
        return status;
    }
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)from);
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        take_output(statement, &journal->output_bytes, &journal->output_capacity, out);
    } else if (code == SQLITE_DONE) {
        status =
            duet_error(DUET_ENOTFOUND, "%s: no output from event %llu on", journal->path, (unsigned long long)from);
    } else {
        status = journal_error(journal);
    }
    sqlite3_reset(statement);
    return status;
}

enum duet_status duet_journal_output(struct duet_journal *journal, uint64_t sequence, struct duet_journal_output *out) {
    enum duet_status status = duet_journal_output_from(journal, sequence, out);
    if (status == DUET_OK && out->sequence != sequence) {
        status = duet_error(DUET_ENOTFOUND, "%s: event %llu is no output", journal->path, (unsigned long long)sequence);
    }
    return status;
}

enum duet_status duet_journal_input_of(
    struct duet_journal *journal, uint64_t sequence, struct duet_journal_input *out) {
    sqlite3_stmt *statement = NULL;
    enum duet_status status = journal_statement(journal, JOURNAL_INPUT_OF, &statement);
    if (status != DUET_OK) {
        return status;
    }
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)sequence);
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW && (uint64_t)sqlite3_column_int64(statement, 4) >= sequence) {
        status = take_input(journal, statement, &journal->input_bytes, &journal->input_capacity, out);
    } else if (code == SQLITE_ROW || code == SQLITE_DONE) {
        status =
            duet_error(DUET_ENOTFOUND, "%s: no input became event %llu", journal->path, (unsigned long long)sequence);
    } else {
        status = journal_error(journal);
    }
    sqlite3_reset(statement);
    return status;
}

/** The one number that a kept statement finds for a key; *found tells whether there is one. */
static enum duet_status look_up(
    struct duet_journal *journal, enum journal_statement which, uint64_t key, uint64_t *out, bool *found) {
    sqlite3_stmt *statement = NULL;
    enum duet_status status = journal_statement(journal, which, &statement);
    if (status != DUET_OK) {
        return status;
    }
    journal_bind_uint(statement, 1, key);
    int code = sqlite3_step(statement);
    *found = code == SQLITE_ROW;
    if (*found) {
        *out = (uint64_t)sqlite3_column_int64(statement, 0);
    } else if (code != SQLITE_DONE) {
        status = journal_error(journal);
    }
    sqlite3_reset(statement);
    return status;
}

enum duet_status duet_journal_last_sequence(struct duet_journal *journal, uint64_t number, uint64_t *sequence) {
    bool found;
    *sequence = 0;
    return look_up(journal, JOURNAL_LAST_SEQUENCE, number, sequence, &found);
}

enum duet_status duet_journal_order_sequence(struct duet_journal *journal, uint64_t order_id, uint64_t *sequence) {
    bool found;
    enum duet_status status = look_up(journal, JOURNAL_ORDER_SEQUENCE, order_id, sequence, &found);
    return status == DUET_OK && !found
               ? duet_error(DUET_ENOTFOUND, "%s: there is no order %llu", journal->path, (unsigned long long)order_id)
               : status;
}

enum duet_status duet_journal_snapshot(
    struct duet_journal *journal, uint64_t last, uint64_t *number, void **bytes, size_t *size) {
    sqlite3_stmt *statement = NULL;
    enum duet_status status = journal_statement(journal, JOURNAL_SNAPSHOT, &statement);
    if (status != DUET_OK) {
        return status;
    }
    sqlite3_bind_int64(statement, 1, last > INT64_MAX ? INT64_MAX : (sqlite3_int64)last);
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        *number = (uint64_t)sqlite3_column_int64(statement, 0);
        size_t capacity = 0;
        void *memory = NULL;
        (void)aligned_bytes(statement, 1, &memory, &capacity, size);
        if ((uint64_t)sqlite3_column_int64(statement, 2) == journal_bytes_checksum(*number, memory, *size)) {
            *bytes = memory;
        } else {
            free(memory);
            status = duet_error(
                DUET_EDATA, "%s: the snapshot of input %llu is damaged", journal->path, (unsigned long long)*number);
        }
    } else if (code == SQLITE_DONE) {
        status = duet_error(DUET_ENOTFOUND, "%s: no snapshot", journal->path);
    } else {
        status = journal_error(journal);
    }
    sqlite3_reset(statement);
    return status;
}

void journal_keep_instrument(struct duet_journal *journal, uint32_t instrument, const char *symbol,
    uint32_t price_decimals, uint32_t quantity_decimals) {
    if (instrument >= journal->instrument_count) {
        uint32_t count = instrument + 1;
        journal->instruments = duet_realloc(journal->instruments, count, sizeof(*journal->instruments));
        memset(journal->instruments + journal->instrument_count, 0,
            (count - journal->instrument_count) * sizeof(*journal->instruments));
        journal->instrument_count = count;
    }
    struct journal_instrument *row = &journal->instruments[instrument];
    duet_text_copy(row->symbol, sizeof(row->symbol), symbol);
    row->price_decimals = price_decimals <= DUET_DECIMALS_MAX ? price_decimals : 0;
    row->quantity_decimals = quantity_decimals <= DUET_DECIMALS_MAX ? quantity_decimals : 0;
}

enum duet_status journal_read_instruments(struct duet_journal *journal) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(journal->database,
            "SELECT instrument, symbol, price_decimals, quantity_decimals FROM instruments ORDER BY instrument DESC",
            -1, &statement, NULL) != SQLITE_OK) {
        return journal_error(journal);
    }
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        journal_keep_instrument(journal, (uint32_t)sqlite3_column_int64(statement, 0) & 0xffff,
            (const char *)sqlite3_column_text(statement, 1), (uint32_t)sqlite3_column_int64(statement, 2),
            (uint32_t)sqlite3_column_int64(statement, 3));
    }
    enum duet_status status = code == SQLITE_DONE ? DUET_OK : journal_error(journal);
    sqlite3_finalize(statement);
    return status;
}
