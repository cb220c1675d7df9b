/* The rows of a turn: kept in memory as they are put, written by the commit. */
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/hash.h"
#include "components/store/journal_private.h"

static_assert(sizeof(((struct journal_instrument *)NULL)->symbol) >= 16, "symbols fit");

uint64_t journal_bytes_checksum(uint64_t number, const void *bytes, size_t size) {
    return duet_hash_bytes(duet_hash_step(DUET_HASH_SEED, number), bytes, size);
}

uint64_t journal_input_checksum(const struct duet_journal_input *input) {
    uint64_t sum = journal_bytes_checksum(input->number, input->bytes, input->size);
    return duet_hash_step(duet_hash_step(sum, (uint64_t)input->time_ns), input->kind);
}

/* ------------------------------------------------------------------------------------------------------- keeping */

static struct journal_row *row_add(struct duet_journal *journal, enum journal_row_kind kind) {
    DUET_ASSERT(journal->is_open);
    if (journal->row_count == journal->row_capacity) {
        journal->row_capacity = journal->row_capacity == 0 ? 256 : 2 * journal->row_capacity;
        journal->rows = duet_realloc(journal->rows, journal->row_capacity, sizeof(*journal->rows));
    }
    struct journal_row *row = &journal->rows[journal->row_count++];
    *row = (struct journal_row){.kind = kind, .at = journal->bytes.length};
    return row;
}

static void row_append(struct duet_journal *journal, struct journal_row *row, const void *bytes, size_t size) {
    duet_text_append(&journal->bytes, bytes, size);
    row->size += size;
}

/** With the zero at its end. */
static void row_append_text(struct duet_journal *journal, struct journal_row *row, const char *text) {
    row_append(journal, row, text, strlen(text) + 1);
}

enum duet_status duet_journal_put_input(struct duet_journal *journal, const struct duet_journal_input *input) {
    if (input->number != journal->last_input + 1) {
        return duet_error(DUET_EINVAL, "%s: input %llu put after input %llu", journal->path,
            (unsigned long long)input->number, (unsigned long long)journal->last_input);
    }
    journal->last_input_row = journal->row_count;
    struct journal_row *row = row_add(journal, ROW_INPUT);
    row->number = journal->last_input = input->number;
    row->time_ns = input->time_ns;
    row->extra[0] = input->kind;
    row->first_sequence = input->first_sequence;
    row->last_sequence = input->last_sequence;
    row_append(journal, row, input->bytes, input->size);
    return DUET_OK;
}

enum duet_status duet_journal_input_done(
    struct duet_journal *journal, uint64_t number, uint64_t first_sequence, uint64_t last_sequence) {
    bool is_waiting = journal->last_input_row != SIZE_MAX && number == journal->last_input;
    struct journal_row *row = is_waiting ? &journal->rows[journal->last_input_row] : row_add(journal, ROW_INPUT_DONE);
    row->number = number;
    row->first_sequence = first_sequence;
    row->last_sequence = last_sequence;
    return DUET_OK;
}

enum duet_status duet_journal_put_output(struct duet_journal *journal, uint64_t input, const struct duet_event *event) {
    struct journal_row *row = row_add(journal, ROW_OUTPUT);
    row->number = input;
    row_append(journal, row, event, sizeof(*event));
    return DUET_OK;
}

enum duet_status duet_journal_put_snapshot(
    struct duet_journal *journal, uint64_t number, const void *bytes, size_t size) {
    struct journal_row *row = row_add(journal, ROW_SNAPSHOT);
    row->number = number;
    row_append(journal, row, bytes, size);
    return DUET_OK;
}

enum duet_status duet_journal_put_meta(struct duet_journal *journal, const char *key, const char *value) {
    struct journal_row *row = row_add(journal, ROW_META);
    row_append_text(journal, row, key);
    row_append_text(journal, row, value);
    return DUET_OK;
}

enum duet_status duet_journal_put_dead_letter(
    struct duet_journal *journal, const char *name, int64_t time_ns, uint32_t attempts, const char *error) {
    struct journal_row *row = row_add(journal, ROW_DEAD_LETTER);
    row->time_ns = time_ns;
    row->extra[0] = attempts;
    row_append_text(journal, row, name);
    row_append_text(journal, row, error);
    return DUET_OK;
}

enum duet_status duet_journal_put_instrument(struct duet_journal *journal, uint32_t instrument, const char *symbol,
    uint32_t price_decimals, uint32_t quantity_decimals) {
    struct journal_row *row = row_add(journal, ROW_INSTRUMENT);
    row->number = instrument;
    row->extra[0] = price_decimals;
    row->extra[1] = quantity_decimals;
    row_append_text(journal, row, symbol);
    journal_keep_instrument(journal, instrument, symbol, price_decimals, quantity_decimals);
    return DUET_OK;
}

enum duet_status duet_journal_put_kind(struct duet_journal *journal, uint32_t kind, const char *name) {
    struct journal_row *row = row_add(journal, ROW_KIND);
    row->number = kind;
    row_append_text(journal, row, name);
    return DUET_OK;
}

/* ------------------------------------------------------------------------------------------------------- writing */

/** Never NULL: a blob of nothing is a blob too. */
static void bind_bytes(sqlite3_stmt *statement, int column, const void *bytes, size_t size) {
    sqlite3_bind_blob64(statement, column, bytes != NULL ? bytes : "", size, SQLITE_STATIC);
}

static enum duet_status write_input(
    struct duet_journal *journal, const struct journal_row *row, const char *bytes, sqlite3_stmt *statement) {
    struct duet_journal_input input = {
        .number = row->number, .time_ns = row->time_ns, .kind = row->extra[0], .bytes = bytes, .size = row->size};
    journal_bind_uint(statement, 1, row->number);
    sqlite3_bind_int64(statement, 2, row->time_ns);
    journal_bind_uint(statement, 3, row->extra[0]);
    journal_bind_uint(statement, 4, row->first_sequence);
    journal_bind_uint(statement, 5, row->last_sequence);
    bind_bytes(statement, 6, bytes, row->size);
    journal_bind_uint(statement, 7, journal_input_checksum(&input));
    return journal_run(journal, statement);
}

static enum duet_status write_output(
    struct duet_journal *journal, const struct journal_row *row, const char *bytes, sqlite3_stmt *statement) {
    struct duet_event event;
    memcpy(&event, bytes, sizeof(event));
    unsigned char encoded[DUET_EVENT_ENCODED_MAX];
    size_t size = duet_event_encode(&event, encoded);
    journal_bind_uint(statement, 1, event.sequence);
    journal_bind_uint(statement, 2, event.cause_sequence);
    journal_bind_uint(statement, 3, row->number);
    journal_bind_uint(statement, 4, event.type);
    bind_bytes(statement, 5, encoded, size);
    enum duet_status status = journal_run(journal, statement);
    return status == DUET_OK ? journal_write_books(journal, &event) : status;
}

static enum duet_status write_snapshot(
    struct duet_journal *journal, const struct journal_row *row, const char *bytes, sqlite3_stmt *statement) {
    journal_bind_uint(statement, 1, row->number);
    bind_bytes(statement, 2, bytes, row->size);
    journal_bind_uint(statement, 3, journal_bytes_checksum(row->number, bytes, row->size));
    enum duet_status status = journal_run(journal, statement);
    sqlite3_stmt *trim;
    if (status == DUET_OK) {
        status = journal_statement(journal, JOURNAL_TRIM_SNAPSHOTS, &trim);
    }
    if (status != DUET_OK) {
        return status;
    }
    journal_bind_uint(trim, 1, row->number);
    sqlite3_bind_int(trim, 2, JOURNAL_SNAPSHOTS_KEPT);
    return journal_run(journal, trim);
}

/** Rows of numbers and at most two texts. */
static enum duet_status write_plain(
    struct duet_journal *journal, const struct journal_row *row, const char *bytes, sqlite3_stmt *statement) {
    const char *second = row->size > 0 ? bytes + strlen(bytes) + 1 : ""; // used where there are two
    switch (row->kind) {
    case ROW_INPUT_DONE:
        journal_bind_uint(statement, 1, row->number);
        journal_bind_uint(statement, 2, row->first_sequence);
        journal_bind_uint(statement, 3, row->last_sequence);
        break;
    case ROW_META:
        journal_bind_text(statement, 1, bytes);
        journal_bind_text(statement, 2, second);
        break;
    case ROW_DEAD_LETTER:
        journal_bind_text(statement, 1, bytes);
        sqlite3_bind_int64(statement, 2, row->time_ns);
        journal_bind_uint(statement, 3, row->extra[0]);
        journal_bind_text(statement, 4, second);
        break;
    case ROW_INSTRUMENT:
        journal_bind_uint(statement, 1, row->number);
        journal_bind_text(statement, 2, bytes);
        journal_bind_uint(statement, 3, row->extra[0]);
        journal_bind_uint(statement, 4, row->extra[1]);
        break;
    default:
        journal_bind_uint(statement, 1, row->number);
        journal_bind_text(statement, 2, bytes);
        break;
    }
    return journal_run(journal, statement);
}

static const struct {
    enum journal_statement statement;
    enum duet_status (*write)(
        struct duet_journal *journal, const struct journal_row *row, const char *bytes, sqlite3_stmt *statement);
} writers[] = {
    [ROW_INPUT] = {JOURNAL_PUT_INPUT, write_input},
    [ROW_INPUT_DONE] = {JOURNAL_INPUT_DONE, write_plain},
    [ROW_OUTPUT] = {JOURNAL_PUT_OUTPUT, write_output},
    [ROW_SNAPSHOT] = {JOURNAL_PUT_SNAPSHOT, write_snapshot},
    [ROW_META] = {JOURNAL_PUT_META, write_plain},
    [ROW_DEAD_LETTER] = {JOURNAL_PUT_DEAD_LETTER, write_plain},
    [ROW_INSTRUMENT] = {JOURNAL_PUT_INSTRUMENT, write_plain},
    [ROW_KIND] = {JOURNAL_PUT_KIND, write_plain},
};

enum duet_status journal_write_rows(struct duet_journal *journal) {
    for (size_t i = 0; i < journal->row_count; i++) {
        const struct journal_row *row = &journal->rows[i];
        const char *bytes = journal->bytes.text != NULL ? journal->bytes.text + row->at : "";
        sqlite3_stmt *statement = NULL;
        enum duet_status status = journal_statement(journal, writers[row->kind].statement, &statement);
        if (status == DUET_OK) {
            status = writers[row->kind].write(journal, row, bytes, statement);
        }
        if (status != DUET_OK) {
            return status;
        }
    }
    return DUET_OK;
}
