/*
 * The inside of the journal. What a turn puts is kept in memory and written in one go by the commit, so a commit that
 * fails, and that SQLite has rolled back, is simply done again.
 */
#ifndef DUET_COMPONENTS_STORE_JOURNAL_PRIVATE_H
#define DUET_COMPONENTS_STORE_JOURNAL_PRIVATE_H

#include <sqlite3.h>

#include "base/text.h"
#include "components/store/journal.h"

/** "Duet" in the header of the file, so that other programs know what it is. */
#define JOURNAL_APPLICATION_ID 0x44756574
/** Snapshots that are kept. */
#define JOURNAL_SNAPSHOTS_KEPT 3
/** The WAL is moved into the file when it is larger, idle or not. */
#define JOURNAL_WAL_BYTES_MAX (64u << 20)
/** When idle, a log of this size is. No more, for the engine waits while it is written and synced. */
#define JOURNAL_TIDY_BYTES (2u << 20)

/** Statements that are kept prepared: name and text. */
#define JOURNAL_STATEMENT_MAP(X)                                                                                      \
    X(PUT_INPUT, "INSERT INTO inputs(number, time_ns, kind, first_sequence, last_sequence, bytes, checksum) "         \
                 "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")                                                                \
    X(INPUT_DONE, "UPDATE inputs SET first_sequence = ?2, last_sequence = ?3 WHERE number = ?1")                      \
    X(PUT_OUTPUT, "INSERT INTO outputs(sequence, cause, input, type, bytes) VALUES(?1, ?2, ?3, ?4, ?5)")              \
    X(PUT_SNAPSHOT, "INSERT OR REPLACE INTO snapshots(number, bytes, checksum) VALUES(?1, ?2, ?3)")                   \
    X(TRIM_SNAPSHOTS, "DELETE FROM snapshots WHERE number < ?1 AND number NOT IN "                                    \
                      "(SELECT number FROM snapshots ORDER BY number DESC LIMIT ?2)")                                 \
    X(PUT_META, "INSERT INTO meta(key, value) VALUES(?1, ?2) ON CONFLICT(key) DO UPDATE SET value = excluded.value")  \
    X(PUT_DEAD_LETTER, "INSERT INTO dead_letters(name, time_ns, attempts, error) VALUES(?1, ?2, ?3, ?4)")             \
    X(PUT_INSTRUMENT, "INSERT INTO instruments(instrument, symbol, price_decimals, quantity_decimals) "               \
                      "VALUES(?1, ?2, ?3, ?4) ON CONFLICT(instrument) DO UPDATE SET symbol = excluded.symbol, "       \
                      "price_decimals = excluded.price_decimals, quantity_decimals = excluded.quantity_decimals")     \
    X(PUT_KIND, "INSERT INTO input_kinds(kind, name) VALUES(?1, ?2) "                                                 \
                "ON CONFLICT(kind) DO UPDATE SET name = excluded.name")                                               \
    X(PUT_ORDER, "INSERT INTO orders(order_id, symbol, side, type, time_in_force, quantity, price, stop_price, "      \
                 "status, reason, created_ns, updated_ns, sequence) "                                                 \
                 "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'SUBMITTED', ?9, ?10, ?10, ?11) "                            \
                 "ON CONFLICT(order_id) DO NOTHING")                                                                  \
    X(ASK_CANCEL, "UPDATE orders SET cancel_asked_ns = ?2 WHERE order_id = ?1")                                       \
    X(PUT_STATUS, "INSERT INTO orders(order_id, symbol, side, type, quantity, price, stop_price, status, filled, "    \
                  "reason_code, reason, created_ns, updated_ns, sequence) "                                           \
                  "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12, ?13) "                              \
                  "ON CONFLICT(order_id) DO UPDATE SET status = excluded.status, filled = excluded.filled, "          \
                  "reason_code = excluded.reason_code, updated_ns = excluded.updated_ns")                             \
    X(PUT_DENIAL, "INSERT INTO denials(sequence, time_ns, order_id, symbol, side, type, quantity, price, "            \
                  "reason_code, reason) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")                             \
    X(PUT_FILL, "INSERT INTO fills(sequence, fill_id, order_id, time_ns, symbol, side, quantity, price, commission, " \
                "slippage, liquidity) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")                          \
    X(PUT_POSITION, "INSERT INTO positions(symbol, quantity, average_price, cost, realized, commission, mark, "       \
                    "updated_ns) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT(symbol) DO UPDATE SET "           \
                    "quantity = excluded.quantity, average_price = excluded.average_price, cost = excluded.cost, "    \
                    "realized = excluded.realized, commission = excluded.commission, mark = excluded.mark, "          \
                    "updated_ns = excluded.updated_ns")                                                               \
    X(PUT_ACCOUNT, "INSERT INTO account(id, cash, equity, realized, commission, updated_ns) "                         \
                   "VALUES(1, ?1, ?2, ?3, ?4, ?5) ON CONFLICT(id) DO UPDATE SET cash = excluded.cash, "               \
                   "equity = excluded.equity, realized = excluded.realized, commission = excluded.commission, "       \
                   "updated_ns = excluded.updated_ns")                                                                \
    X(BEGIN, "BEGIN IMMEDIATE")                                                                                       \
    X(COMMIT, "COMMIT")                                                                                               \
    X(META, "SELECT value FROM meta WHERE key = ?1")                                                                  \
    X(LAST_INPUT, "SELECT max(number) FROM inputs")                                                                   \
    X(LAST_SEQUENCE, "SELECT last_sequence FROM inputs WHERE number <= ?1 AND last_sequence > 0 "                     \
                     "ORDER BY number DESC LIMIT 1")                                                                  \
    X(ORDER_SEQUENCE, "SELECT sequence FROM orders WHERE order_id = ?1")                                              \
    X(OUTPUT_FROM, "SELECT sequence, cause, input, type, bytes FROM outputs WHERE sequence >= ?1 "                    \
                   "ORDER BY sequence LIMIT 1")                                                                       \
    X(INPUT_OF, "SELECT number, time_ns, kind, first_sequence, last_sequence, bytes, checksum FROM inputs "           \
                "WHERE first_sequence > 0 AND first_sequence <= ?1 ORDER BY first_sequence DESC LIMIT 1")             \
    X(SNAPSHOT, "SELECT number, bytes, checksum FROM snapshots WHERE number <= ?1 ORDER BY number DESC LIMIT 1")

enum journal_statement {
#define JOURNAL_STATEMENT_ENUM(name, text) JOURNAL_##name,
    JOURNAL_STATEMENT_MAP(JOURNAL_STATEMENT_ENUM)
#undef JOURNAL_STATEMENT_ENUM
        JOURNAL_STATEMENT_COUNT
};

enum journal_row_kind {
    ROW_INPUT,
    ROW_INPUT_DONE,
    ROW_OUTPUT,
    ROW_SNAPSHOT,
    ROW_META,
    ROW_DEAD_LETTER,
    ROW_INSTRUMENT,
    ROW_KIND
};

/** A row that waits for the commit. Its bytes, or its texts one after another, lie in `bytes` of the journal. */
struct journal_row {
    enum journal_row_kind kind;
    uint32_t extra[2]; // input: its kind; dead letter: attempts; instrument: decimals
    uint64_t number; // of the input, the snapshot, the instrument
    uint64_t first_sequence, last_sequence;
    int64_t time_ns;
    size_t at, size;
};

struct journal_instrument {
    char symbol[32];
    uint32_t price_decimals, quantity_decimals;
};

struct duet_journal {
    char *path;
    enum duet_journal_mode mode;
    int lock; // descriptor of the side file, -1: none
    char *lock_path;
    sqlite3 *database;
    sqlite3_stmt *statements[JOURNAL_STATEMENT_COUNT]; // prepared when first used

    bool is_open; // between begin and commit
    bool is_full_sync;
    uint64_t last_input; // put, committed or not
    size_t last_input_row; // its place in `rows`, SIZE_MAX: committed before
    struct journal_row *rows;
    size_t row_count, row_capacity;
    struct duet_text bytes;

    struct journal_instrument *instruments; // by index
    uint32_t instrument_count;
    struct duet_journal_counts counts;
    uint64_t tidy_bytes; // a reader held the WAL back: it is looked at again when it is this large
    void *output_bytes, *input_bytes; // of the last ones looked up
    size_t output_capacity, input_capacity;
};

extern const char journal_schema[];

/** The line for what SQLite said last: what, where, what to do. */
enum duet_status journal_error(const struct duet_journal *journal);

/** Take the lock of the side file. DUET_ESTATE names the process that has it. */
DUET_MUST_CHECK enum duet_status journal_lock(struct duet_journal *journal);
void journal_unlock(struct duet_journal *journal);

/** A kept statement, reset. */
DUET_MUST_CHECK enum duet_status journal_statement(
    struct duet_journal *journal, enum journal_statement which, sqlite3_stmt **out);
/** Step one that returns no rows, and reset it. */
DUET_MUST_CHECK enum duet_status journal_run(struct duet_journal *journal, sqlite3_stmt *statement);
/** Run SQL text as it stands. */
DUET_MUST_CHECK enum duet_status journal_execute(struct duet_journal *journal, const char *sql);

/** Texts stay where they are until the statement has run. */
static inline void journal_bind_text(sqlite3_stmt *statement, int column, const char *text) {
    sqlite3_bind_text(statement, column, text, -1, SQLITE_STATIC);
}

static inline void journal_bind_uint(sqlite3_stmt *statement, int column, uint64_t value) {
    sqlite3_bind_int64(statement, column, (sqlite3_int64)value);
}

/** Of an input, as its row keeps it. */
uint64_t journal_input_checksum(const struct duet_journal_input *input);
uint64_t journal_bytes_checksum(uint64_t number, const void *bytes, size_t size);
/** Names and decimals of the instruments that the file holds. */
DUET_MUST_CHECK enum duet_status journal_read_instruments(struct duet_journal *journal);
void journal_keep_instrument(struct duet_journal *journal, uint32_t instrument, const char *symbol,
    uint32_t price_decimals, uint32_t quantity_decimals);
/** Write the rows that wait, within a transaction. */
DUET_MUST_CHECK enum duet_status journal_write_rows(struct duet_journal *journal);
/** The row of the books that an output changes. */
DUET_MUST_CHECK enum duet_status journal_write_books(struct duet_journal *journal, const struct duet_event *event);

#endif
