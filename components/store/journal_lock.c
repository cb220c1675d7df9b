/*
 * One daemon at a time: a record lock on a file beside the journal. The system drops it when the process ends, however
 * it ends, and no child inherits it. It is not on the journal itself, where closing any descriptor would drop the locks
 * that SQLite holds. The file goes away with a journal that is closed; one left by a crash says nothing by itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "components/store/journal_private.h"

/** Tries before a lock file that goes away again and again is an error. */
#define LOCK_TRIES_MAX 10

static enum duet_status lock_taken(const struct duet_journal *journal) {
    struct flock holder = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(journal->lock, F_GETLK, &holder) == 0 && holder.l_type != F_UNLCK) {
        return duet_error(
            DUET_ESTATE, "%s: locked by process %ld; stop that session first", journal->path, (long)holder.l_pid);
    }
    return duet_error(DUET_ESTATE, "%s: locked by another process; stop that session first", journal->path);
}

/** Whether the file that is locked is still the one that others would find. */
static bool lock_is_current(const struct duet_journal *journal) {
    struct stat mine, there;
    return fstat(journal->lock, &mine) == 0 && stat(journal->lock_path, &there) == 0 && mine.st_dev == there.st_dev &&
           mine.st_ino == there.st_ino;
}

enum duet_status journal_lock(struct duet_journal *journal) {
    struct duet_text path = {0};
    duet_text_print(&path, "%s-lock", journal->path);
    journal->lock_path = path.text;
    for (int i = 0; i < LOCK_TRIES_MAX; i++) {
        journal->lock = open(journal->lock_path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (journal->lock < 0) {
            return errno == ENOENT
                       ? duet_error(DUET_EIO, "%s: there is no such folder; create it first", journal->path)
                       : duet_error(DUET_EIO, "%s: cannot be written: %s; choose another place for the session",
                             journal->lock_path, strerror(errno));
        }
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        if (fcntl(journal->lock, F_SETLK, &lock) != 0) {
            enum duet_status status =
                errno == EACCES || errno == EAGAIN
                    ? lock_taken(journal)
                    : duet_error(DUET_EIO, "%s: cannot be locked: %s", journal->lock_path, strerror(errno));
            close(journal->lock);
            journal->lock = -1;
            return status;
        }
        if (lock_is_current(journal)) {
            return DUET_OK;
        }
        close(journal->lock); // its holder has just taken it away
        journal->lock = -1;
    }
    return duet_error(DUET_ESTATE, "%s: other processes keep opening and closing it; stop them", journal->path);
}

void journal_unlock(struct duet_journal *journal) {
    if (journal->lock >= 0) {
        unlink(journal->lock_path);
        close(journal->lock);
        journal->lock = -1;
    }
}
