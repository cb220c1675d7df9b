/* Opening, closing and committing. */
#include "components/store/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/error.h"
#include "components/store/journal_private.h"

/** A writer waits so long for another program; it stands on the engine's thread. A reader has time. */
#define WRITER_PATIENCE_MS 10
#define READER_PATIENCE_MS 5000
/** What waits for a commit may grow for one turn; room beyond this is given back. */
#define KEPT_BYTES_MAX (8u << 20)

/* ---------------------------------------------------------------------------------------------------- statements */

static const char *const statement_texts[JOURNAL_STATEMENT_COUNT] = {
#define STATEMENT_TEXT(name, text) text,
    JOURNAL_STATEMENT_MAP(STATEMENT_TEXT)
#undef STATEMENT_TEXT
};

enum duet_status journal_statement(struct duet_journal *journal, enum journal_statement which, sqlite3_stmt **out) {
    sqlite3_stmt **statement = &journal->statements[which];
    if (*statement != NULL) {
        sqlite3_reset(*statement);
    } else if (sqlite3_prepare_v3(journal->database, statement_texts[which], -1, SQLITE_PREPARE_PERSISTENT, statement,
                   NULL) != SQLITE_OK) {
        return journal_error(journal);
    }
    *out = *statement;
    return DUET_OK;
}

enum duet_status journal_run(struct duet_journal *journal, sqlite3_stmt *statement) {
    enum duet_status status = sqlite3_step(statement) == SQLITE_DONE ? DUET_OK : journal_error(journal);
    sqlite3_reset(statement);
    return status;
}

enum duet_status journal_execute(struct duet_journal *journal, const char *sql) {
    return sqlite3_exec(journal->database, sql, NULL, NULL, NULL) == SQLITE_OK ? DUET_OK : journal_error(journal);
}

/** First column of the first row of `sql` as a number. */
static enum duet_status query_number(struct duet_journal *journal, const char *sql, int64_t *out) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(journal->database, sql, -1, &statement, NULL) != SQLITE_OK) {
        return journal_error(journal);
    }
    enum duet_status status = sqlite3_step(statement) == SQLITE_ROW ? DUET_OK : journal_error(journal);
    if (status == DUET_OK) {
        *out = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    return status;
}

/* ------------------------------------------------------------------------------------------------------- opening */

static int note_wal_pages(void *argument, sqlite3 *database, const char *name, int pages) {
    (void)database;
    (void)name;
    struct duet_journal *journal = argument;
    uint64_t bytes = (uint64_t)pages * (4096 + 24);
    journal->tidy_bytes = bytes < journal->counts.wal_bytes ? 0 : journal->tidy_bytes; // it has begun anew
    journal->counts.wal_bytes = bytes;
    return SQLITE_OK;
}

static enum duet_status open_database(struct duet_journal *journal, const char *name, int flags) {
    if (sqlite3_open_v2(name, &journal->database, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
        if (journal->database == NULL) {
            return duet_error(DUET_ENOMEM, "%s: out of memory", journal->path);
        }
        return journal_error(journal);
    }
    sqlite3_extended_result_codes(journal->database, 0);
    sqlite3_busy_timeout(
        journal->database, journal->mode == DUET_JOURNAL_READ ? READER_PATIENCE_MS : WRITER_PATIENCE_MS);
    return DUET_OK;
}

static enum duet_status write_schema(struct duet_journal *journal) {
    char versions[96];
    snprintf(versions, sizeof(versions), "PRAGMA application_id = %d; PRAGMA user_version = %d;",
        JOURNAL_APPLICATION_ID, DUET_JOURNAL_VERSION);
    enum duet_status status = journal_execute(journal, "BEGIN IMMEDIATE");
    if (status == DUET_OK) {
        status = journal_execute(journal, journal_schema);
    }
    for (unsigned type = 1; status == DUET_OK && type < DUET_EVENT_TYPE_COUNT; type++) {
        char row[96];
        snprintf(row, sizeof(row), "INSERT INTO event_types VALUES(%u, '%s')", type, duet_event_type_name(type));
        status = journal_execute(journal, row);
    }
    if (status == DUET_OK) {
        status = journal_execute(journal, versions);
    }
    return status == DUET_OK ? journal_execute(journal, "COMMIT") : status;
}

/** Whose file it is. An empty one is ours: a process died before it had written the first transaction. */
static enum duet_status check_identity(struct duet_journal *journal, bool *is_empty) {
    int64_t application = 0, version = 0, tables = 0;
    enum duet_status status = query_number(journal, "PRAGMA application_id", &application);
    if (status == DUET_OK) {
        status = query_number(journal, "PRAGMA user_version", &version);
    }
    if (status == DUET_OK) {
        status = query_number(journal, "SELECT count(*) FROM sqlite_schema", &tables);
    }
    if (status != DUET_OK) {
        return status;
    }
    *is_empty = application == 0 && version == 0 && tables == 0;
    if (!*is_empty && application != JOURNAL_APPLICATION_ID) {
        return duet_error(DUET_EDATA, "%s: is a database, but not a journal of a session", journal->path);
    }
    if (!*is_empty && version != DUET_JOURNAL_VERSION) {
        return duet_error(DUET_EABI,
            "%s: journal of version %lld, this program reads version %d; use the program that wrote it", journal->path,
            (long long)version, DUET_JOURNAL_VERSION);
    }
    return DUET_OK;
}

/** What SQLite itself can tell of damage. */
static enum duet_status check_content(struct duet_journal *journal) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(journal->database, "PRAGMA quick_check(1)", -1, &statement, NULL) != SQLITE_OK) {
        return journal_error(journal);
    }
    enum duet_status status = sqlite3_step(statement) == SQLITE_ROW ? DUET_OK : journal_error(journal);
    if (status == DUET_OK && strcmp((const char *)sqlite3_column_text(statement, 0), "ok") != 0) {
        status = duet_error(DUET_EDATA, "%s: the file is damaged (%s); restore it from a copy, or name a new session",
            journal->path, (const char *)sqlite3_column_text(statement, 0));
    }
    sqlite3_finalize(statement);
    int64_t orphans = 0;
    if (status == DUET_OK) {
        status = query_number(journal, "SELECT count(*) FROM pragma_foreign_key_check", &orphans);
    }
    if (status == DUET_OK && orphans > 0) {
        status = duet_error(DUET_EDATA,
            "%s: the file is damaged (%lld rows belong to rows that are gone); restore it from a copy, or name a new "
            "session",
            journal->path, (long long)orphans);
    }
    return status;
}

static enum duet_status open_writer(struct duet_journal *journal) {
    enum duet_status status = journal_lock(journal);
    if (status != DUET_OK) {
        return status;
    }
    struct stat info;
    bool exists = stat(journal->path, &info) == 0;
    if (journal->mode == DUET_JOURNAL_CREATE) {
        if (exists) {
            return duet_error(DUET_EEXIST, "%s: is there already; name another file", journal->path);
        }
        int file = open(journal->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0660); // nobody else's business
        if (file < 0) {
            return duet_error(DUET_EIO, "%s: cannot be created: %s", journal->path, strerror(errno));
        }
        close(file);
    } else if (!exists) {
        return duet_error(DUET_ENOTFOUND, "%s: there is no such session", journal->path);
    }
    status = open_database(journal, journal->path, SQLITE_OPEN_READWRITE);
    if (status == DUET_OK && sqlite3_db_readonly(journal->database, "main") == 1) {
        status = duet_error(
            DUET_EIO, "%s: is read-only; give this user the right to write it and its folder", journal->path);
    }
    bool is_empty = false;
    if (status == DUET_OK) {
        status = check_identity(journal, &is_empty);
    }
    if (status == DUET_OK && !is_empty) {
        status = check_content(journal);
    }
    if (status == DUET_OK) {
        status = journal_execute(journal, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; "
                                          "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; "
                                          "PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY; "
                                          "PRAGMA journal_size_limit = 16777216");
    }
    if (status == DUET_OK) {
        sqlite3_wal_hook(journal->database, note_wal_pages, journal);
        status = is_empty ? write_schema(journal) : DUET_OK;
    }
    return status;
}

/** As a URI that tells SQLite that nobody writes there: on a medium that cannot be written it could not lock. */
static void immutable_uri(const char *path, struct duet_text *out) {
    duet_text_print(out, "file:");
    for (; *path != '\0'; path++) {
        if (strchr("?#%", *path) != NULL) {
            duet_text_print(out, "%%%02X", (unsigned)(unsigned char)*path);
        } else {
            duet_text_append(out, path, 1);
        }
    }
    duet_text_print(out, "?immutable=1");
}

/** Whether something waits in the write-ahead log beside the file. */
static bool has_wal(const struct duet_journal *journal) {
    struct duet_text name = {0};
    duet_text_print(&name, "%s-wal", journal->path);
    struct stat info;
    bool has = stat(name.text, &info) == 0 && info.st_size > 0;
    duet_text_finish(&name);
    return has;
}

/** What is read is the file as it was now, however long the reading takes. */
static enum duet_status pin(struct duet_journal *journal, bool *is_empty) {
    enum duet_status status = journal_execute(journal, "BEGIN");
    return status == DUET_OK ? check_identity(journal, is_empty) : status;
}

static enum duet_status open_reader(struct duet_journal *journal) {
    struct stat info;
    if (stat(journal->path, &info) != 0) {
        return errno == ENOENT ? duet_error(DUET_ENOTFOUND, "%s: there is no such session", journal->path)
                               : duet_error(DUET_EDATA, "%s: cannot be read: %s", journal->path, strerror(errno));
    }
    bool is_empty = false;
    enum duet_status status = open_database(journal, journal->path, SQLITE_OPEN_READONLY);
    if (status == DUET_OK) {
        status = pin(journal, &is_empty);
    }
    if (status == DUET_EIO && !has_wal(journal)) {
        sqlite3_close(journal->database);
        journal->database = NULL;
        struct duet_text uri = {0};
        immutable_uri(journal->path, &uri);
        status = open_database(journal, uri.text, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
        duet_text_finish(&uri);
        if (status == DUET_OK) {
            status = pin(journal, &is_empty);
        }
    }
    if (status == DUET_OK && is_empty) {
        status = duet_error(DUET_EDATA, "%s: is empty, not a journal of a session", journal->path);
    }
    return status;
}

enum duet_status duet_journal_open(const char *path, enum duet_journal_mode mode, struct duet_journal **out) {
    struct duet_journal *journal = duet_alloc(1, sizeof(*journal));
    journal->path = duet_strdup(path);
    journal->mode = mode;
    journal->lock = -1;
    journal->last_input_row = SIZE_MAX;
    enum duet_status status = mode == DUET_JOURNAL_READ ? open_reader(journal) : open_writer(journal);
    if (status == DUET_OK) {
        status = journal_read_instruments(journal);
    }
    if (status != DUET_OK) {
        duet_journal_close(journal);
        return status;
    }
    journal->last_input = duet_journal_last_input(journal);
    *out = journal;
    return DUET_OK;
}

void duet_journal_close(struct duet_journal *journal) {
    if (journal == NULL) {
        return;
    }
    for (size_t i = 0; i < JOURNAL_STATEMENT_COUNT; i++) {
        sqlite3_finalize(journal->statements[i]);
    }
    sqlite3_close(journal->database);
    journal_unlock(journal);
    free(journal->lock_path);
    free(journal->path);
    free(journal->rows);
    duet_text_finish(&journal->bytes);
    free(journal->instruments);
    free(journal->output_bytes);
    free(journal->input_bytes);
    free(journal);
}

/* ---------------------------------------------------------------------------------------------------- committing */

enum duet_status duet_journal_begin(struct duet_journal *journal) {
    DUET_ASSERT(!journal->is_open && journal->mode != DUET_JOURNAL_READ);
    journal->is_open = true;
    return DUET_OK;
}

/** How a commit is synced can only be said between transactions. */
static enum duet_status set_sync(struct duet_journal *journal, bool full) {
    if (journal->is_full_sync == full) {
        return DUET_OK;
    }
    enum duet_status status =
        journal_execute(journal, full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    if (status == DUET_OK) {
        journal->is_full_sync = full;
    }
    return status;
}

static enum duet_status run_kept(struct duet_journal *journal, enum journal_statement which) {
    sqlite3_stmt *statement = NULL;
    enum duet_status status = journal_statement(journal, which, &statement);
    return status == DUET_OK ? journal_run(journal, statement) : status;
}

static enum duet_status write_transaction(struct duet_journal *journal) {
    enum duet_status status = run_kept(journal, JOURNAL_BEGIN);
    if (status == DUET_OK) {
        status = journal_write_rows(journal);
    }
    if (status == DUET_OK) {
        status = run_kept(journal, JOURNAL_COMMIT);
    }
    // After some errors SQLite has rolled back by itself; the rows are still here and are written again.
    if (status != DUET_OK && sqlite3_get_autocommit(journal->database) == 0) {
        (void)sqlite3_exec(journal->database, "ROLLBACK", NULL, NULL, NULL);
    }
    return status;
}

/** What is written into a file without a name is gone with the process, though every commit succeeds. */
static enum duet_status check_place(struct duet_journal *journal) {
    int moved = 0;
    bool is_known = sqlite3_file_control(journal->database, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK;
    return is_known && moved != 0
               ? duet_error(DUET_EIO,
                     "%s: was moved or deleted under the session; put it back, nothing is lost until then",
                     journal->path)
               : DUET_OK;
}

enum duet_status duet_journal_commit(struct duet_journal *journal, bool durable) {
    DUET_ASSERT(journal->is_open);
    if (journal->row_count == 0) {
        journal->is_open = false;
        return DUET_OK;
    }
    int64_t began_ns = duet_monotonic_ns();
    enum duet_status status = check_place(journal);
    if (status == DUET_OK) {
        status = set_sync(journal, durable);
    }
    if (status == DUET_OK) {
        status = write_transaction(journal);
    }
    if (status != DUET_OK) {
        return status;
    }
    uint64_t took_ns = (uint64_t)(duet_monotonic_ns() - began_ns);
    struct duet_journal_counts *counts = &journal->counts;
    counts->commits++;
    counts->durable_commits += durable;
    counts->commit_ns_max = took_ns > counts->commit_ns_max ? took_ns : counts->commit_ns_max;
    for (size_t i = 0; i < journal->row_count; i++) {
        counts->inputs += journal->rows[i].kind == ROW_INPUT;
        counts->outputs += journal->rows[i].kind == ROW_OUTPUT;
    }
    journal->row_count = 0;
    journal->last_input_row = SIZE_MAX;
    journal->bytes.length = 0;
    if (journal->bytes.capacity > KEPT_BYTES_MAX) {
        duet_text_finish(&journal->bytes);
    }
    journal->is_open = false;
    if (counts->wal_bytes > JOURNAL_WAL_BYTES_MAX) {
        duet_journal_tidy(journal);
    }
    return DUET_OK;
}

void duet_journal_tidy(struct duet_journal *journal) {
    struct duet_journal_counts *counts = &journal->counts;
    if (counts->wal_bytes < JOURNAL_TIDY_BYTES || counts->wal_bytes < journal->tidy_bytes) {
        return;
    }
    int pages = 0, moved = 0;
    int code = sqlite3_wal_checkpoint_v2(journal->database, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, &moved);
    if (code == SQLITE_OK && moved == pages) {
        counts->wal_bytes = journal->tidy_bytes = 0; // the next commit begins it anew
    } else {
        journal->tidy_bytes = counts->wal_bytes + JOURNAL_TIDY_BYTES;
    }
}

void duet_journal_checkpoint(struct duet_journal *journal) {
    if (journal->counts.wal_bytes == 0) {
        return;
    }
    // A reader may hold it back; what could be moved is moved, and the next call tries again.
    if (sqlite3_wal_checkpoint_v2(journal->database, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) == SQLITE_OK) {
        journal->counts.wal_bytes = 0;
    }
}

void duet_journal_get_counts(const struct duet_journal *journal, struct duet_journal_counts *out) {
    *out = journal->counts;
}
