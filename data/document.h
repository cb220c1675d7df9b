/*
 * From a file to the texts in it. A plain file is one document and stays where it is, to be mapped by its reader; what
 * an archive holds is unpacked one document at a time, whole and with its checksum proven before the first byte is
 * handed out: a damaged archive never yields half a series.
 *
 * What a file is, its first bytes tell and not its name: gzip, zip, or neither. A zip's documents come in the order of
 * their names; folders, hidden files and what some programs add beside them (__MACOSX/) are left out, and so is
 * what is no *.csv in an archive that has some.
 */
#ifndef DUET_DATA_DOCUMENT_H
#define DUET_DATA_DOCUMENT_H

#include "data/series.h"

/** Unpacked bytes of one document. Larger files have to be unpacked first: then they are mapped, without limit. */
#define DUET_DOCUMENT_BYTES_MAX (UINT64_C(4) << 30)
/** Above DUET_DOCUMENT_FREE_BYTES, unpacked bytes per packed one: more is no market data but a bomb. */
#define DUET_DOCUMENT_RATIO_MAX 400u
#define DUET_DOCUMENT_FREE_BYTES (UINT64_C(16) << 20)
/** Documents of one archive. */
#define DUET_DOCUMENTS_MAX 100000u
/** Bytes of a plain file that are looked at to tell what it is. */
#define DUET_DOCUMENT_HEAD 4096u

struct duet_document {
    const char *name; // for people: the path, and where there are several "path/inner"
    const char *path; // of the file
    const char *inner; // name inside a zip; NULL for other files
    const char *bytes; // unpacked; NULL: the bytes are those of the file at `path`
    uint64_t size;
    const char *head; // the first bytes, at most DUET_DOCUMENT_HEAD of a plain file
    size_t head_size;
};

struct duet_documents; // opaque: an open file

/** DUET_EDATA, with the reason in `info` too, for what cannot be read, is no archive inside, encrypted, or empty. */
DUET_MUST_CHECK enum duet_status duet_documents_open(
    const char *path, struct duet_data_info *info, struct duet_documents **out);
/** An archive in memory, for tests and fuzzing; `bytes` stay the caller's and as they are. */
DUET_MUST_CHECK enum duet_status duet_documents_memory(
    const char *name, const void *bytes, size_t size, struct duet_data_info *info, struct duet_documents **out);
void duet_documents_close(struct duet_documents *documents);

size_t duet_documents_count(const struct duet_documents *documents);
/** Name inside the archive; NULL where the file is no zip. */
const char *duet_documents_inner(const struct duet_documents *documents, size_t index);
/** Unpack document `index`; it stays until the next call or close. DUET_EDATA for what is damaged, encrypted or too
 * large. */
DUET_MUST_CHECK enum duet_status duet_documents_get(
    struct duet_documents *documents, size_t index, struct duet_data_info *info, struct duet_document *out);

/** The bytes of a document, those of a plain file read into memory: *read is to be freed, and NULL where they were
 * there. */
DUET_MUST_CHECK enum duet_status duet_document_bytes(
    const struct duet_document *document, char **read, const char **bytes, size_t *size);

#endif
