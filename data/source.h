/* What a series is read from: one file, or the data files of a folder; and how to tell whether it has changed. */
#ifndef DUET_DATA_SOURCE_H
#define DUET_DATA_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <duet/status.h>

struct duet_source {
    char *path; // as the caller wrote it
    char *real_path; // absolute, without links
    bool folder;
    char **files; // to be read one after another
    size_t count;
    char **companions; // that change what is made of them: the other side's bars, factor files
    size_t companion_count;
    uint64_t left_out; // files of another kind in the same folder
};

/** Fixed layout: stored in cache files as it is. Equal identities mean equal content, unless `newest_ns` is recent. */
struct duet_source_identity {
    uint64_t device, inode, size; // of the file, or of the folder; size summed over the files
    int64_t mtime_ns, ctime_ns; // of a file; 0 of a folder
    int64_t newest_ns; // latest mtime or ctime of any file
    uint64_t files;
    uint64_t fold; // over name and the above of every file and companion
};

/** DUET_EDATA for what is missing, is neither file nor folder, or a folder without data files. */
DUET_MUST_CHECK enum duet_status duet_source_open(const char *path, struct duet_source *out);
void duet_source_finish(struct duet_source *source);
/** Add a file that identity and content count with the others; one that is missing counts as missing. */
void duet_source_accompany(struct duet_source *source, const char *path);
/** Of a folder with files named *_trade.* and *_quote.* keep one kind, "trades" or "quotes"; NULL: trades where there
 * are any. */
void duet_source_keep_kind(struct duet_source *source, const char *kind);

DUET_MUST_CHECK enum duet_status duet_source_identify(
    const struct duet_source *source, struct duet_source_identity *out);
bool duet_source_same(const struct duet_source_identity *a, const struct duet_source_identity *b);
/** Whether a change in the last instants before `now_ns` could have left the identity as it is. */
bool duet_source_is_recent(const struct duet_source_identity *identity, int64_t now_ns);

/** A fold over all bytes; tells apart what accident makes, not what malice makes. */
DUET_MUST_CHECK enum duet_status duet_source_content(const struct duet_source *source, uint64_t *out);
/** SHA-256 of the bytes of all files, one after another, as hexadecimal text. */
DUET_MUST_CHECK enum duet_status duet_source_sha256(const struct duet_source *source, char out[65]);

/** A symbol for a path that came without one: the last part of its name up to the first dot. */
void duet_source_symbol(const char *path, char *out, size_t size);

#endif
