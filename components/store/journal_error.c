/* What SQLite says, in words that tell what to do. */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "components/store/journal_private.h"

static enum duet_status disk_full(const struct duet_journal *journal) {
    return duet_error(DUET_EIO,
        "%s: the disk is full (or the file has reached its size limit); free some space, nothing is lost until then",
        journal->path);
}

/** Why the system refused; SQLite forgets it when it rolls back, its files remember. 0 where nobody knows. */
static int system_reason(const struct duet_journal *journal) {
    int reason = sqlite3_system_errno(journal->database);
    sqlite3_file *file = NULL;
    if (reason == 0 &&
        sqlite3_file_control(journal->database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file) == SQLITE_OK &&
        file != NULL && file->pMethods != NULL) {
        (void)file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &reason);
    }
    if (reason == 0) {
        (void)sqlite3_file_control(journal->database, "main", SQLITE_FCNTL_LAST_ERRNO, &reason);
    }
    return reason;
}

static enum duet_status disk_error(const struct duet_journal *journal) {
    int reason = system_reason(journal);
    if (reason == ENOSPC || reason == EDQUOT || reason == EFBIG) {
        return disk_full(journal);
    }
    if (reason == EROFS) {
        return duet_error(DUET_EIO, "%s: the file system is read-only; mount it for writing", journal->path);
    }
    return duet_error(DUET_EIO, "%s: cannot be read or written: %s", journal->path,
        reason != 0 ? strerror(reason) : sqlite3_errmsg(journal->database));
}

enum duet_status journal_error(const struct duet_journal *journal) {
    const char *path = journal->path;
    int code = sqlite3_errcode(journal->database); // without its extended part
    switch (code & 0xff) {
    case SQLITE_FULL:
        return disk_full(journal);
    case SQLITE_READONLY:
        return duet_error(DUET_EIO, "%s: is read-only; give this user the right to write it and its folder", path);
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
        return duet_error(
            DUET_EIO, "%s: cannot be opened here; look whether file and folder may be read and written", path);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return duet_error(DUET_ESTATE, "%s: another program is writing to it; close that program", path);
    case SQLITE_NOTADB:
        return duet_error(DUET_EDATA, "%s: is not a journal of a session", path);
    case SQLITE_CORRUPT:
        return duet_error(DUET_EDATA, "%s: the file is damaged (%s); restore it from a copy, or name a new session",
            path, sqlite3_errmsg(journal->database));
    case SQLITE_NOMEM:
        return duet_error(DUET_ENOMEM, "%s: out of memory", path);
    case SQLITE_IOERR:
        return disk_error(journal);
    case SQLITE_CONSTRAINT:
        return duet_error(DUET_EDATA,
            "%s: rows contradict each other (%s); this is a mistake in the program, report it", path,
            sqlite3_errmsg(journal->database));
    case SQLITE_ERROR: // a table that is not there
    case SQLITE_SCHEMA:
        return duet_error(
            DUET_EDATA, "%s: is not a journal of a session (%s)", path, sqlite3_errmsg(journal->database));
    default:
        return duet_error(DUET_EIO, "%s: %s (SQLite code %d)", path, sqlite3_errmsg(journal->database), code);
    }
}
