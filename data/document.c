#include "data/document.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/file.h"
#include "base/text.h"
#include "data/archive.h"
#include "data/csv_form.h"
#include "data/encoding.h"

struct duet_documents {
    char *path;
    enum duet_archive_kind kind;
    char head[DUET_DOCUMENT_HEAD];
    size_t head_size;
    uint64_t file_size;
    const unsigned char *packed; // of an archive: all of the file
    void *map; // NULL: the caller's memory
    struct duet_zip *zip;
    struct duet_text name;
    char *bytes; // of the last document unpacked
};

/** The first bytes of a file. */
static enum duet_status documents_peek(struct duet_documents *documents, int fd, struct duet_data_info *info) {
    ssize_t got;
    do {
        got = pread(fd, documents->head, sizeof(documents->head), 0);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return duet_csv_refuse(info, 0, NULL, "%s", strerror(errno));
    }
    documents->head_size = (size_t)got;
    documents->kind = duet_archive_kind_of(documents->head, documents->head_size);
    return DUET_OK;
}

static enum duet_status documents_map(struct duet_documents *documents, int fd, struct duet_data_info *info) {
    if (documents->kind == DUET_ARCHIVE_NONE) {
        return DUET_OK;
    }
    void *map = mmap(NULL, (size_t)documents->file_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED) {
        return duet_csv_refuse(info, 0, NULL, "%s", strerror(errno));
    }
    documents->map = map;
    documents->packed = map;
    return DUET_OK;
}

static enum duet_status documents_open_fd(struct duet_documents *documents, struct duet_data_info *info) {
    struct stat stat;
    // Not to hang on a pipe that nobody writes to.
    int fd = open(documents->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &stat) != 0) {
        enum duet_status status = duet_csv_refuse(info, 0, NULL, "%s", strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return status;
    }
    enum duet_status status = DUET_OK;
    if (!S_ISREG(stat.st_mode)) {
        status = duet_csv_refuse(info, 0, NULL, S_ISDIR(stat.st_mode) ? "is a folder, not a file" : "no regular file");
    } else {
        documents->file_size = (uint64_t)stat.st_size;
        status = documents_peek(documents, fd, info);
    }
    if (status == DUET_OK) {
        status = documents_map(documents, fd, info);
    }
    close(fd);
    return status;
}

static enum duet_status documents_list(struct duet_documents *documents, struct duet_data_info *info) {
    if (documents->kind != DUET_ARCHIVE_ZIP) {
        return DUET_OK;
    }
    return duet_zip_open(documents->packed, (size_t)documents->file_size, info, &documents->zip);
}

enum duet_status duet_documents_open(const char *path, struct duet_data_info *info, struct duet_documents **out) {
    struct duet_documents *documents = duet_alloc(1, sizeof(*documents));
    documents->path = duet_strdup(path);
    enum duet_status status = documents_open_fd(documents, info);
    if (status == DUET_OK) {
        status = documents_list(documents, info);
    }
    if (status != DUET_OK) {
        duet_documents_close(documents);
        return status;
    }
    *out = documents;
    return DUET_OK;
}

enum duet_status duet_documents_memory(
    const char *name, const void *bytes, size_t size, struct duet_data_info *info, struct duet_documents **out) {
    struct duet_documents *documents = duet_alloc(1, sizeof(*documents));
    documents->path = duet_strdup(name);
    documents->packed = bytes;
    documents->file_size = size;
    documents->kind = duet_archive_kind_of(bytes, size);
    enum duet_status status = documents_list(documents, info);
    if (status != DUET_OK) {
        duet_documents_close(documents);
        return status;
    }
    *out = documents;
    return DUET_OK;
}

void duet_documents_close(struct duet_documents *documents) {
    if (documents == NULL) {
        return;
    }
    duet_zip_close(documents->zip);
    if (documents->map != NULL) {
        (void)munmap(documents->map, (size_t)documents->file_size);
    }
    duet_text_finish(&documents->name);
    free(documents->bytes);
    free(documents->path);
    free(documents);
}

size_t duet_documents_count(const struct duet_documents *documents) {
    return documents->zip != NULL ? duet_zip_count(documents->zip) : 1;
}

const char *duet_documents_inner(const struct duet_documents *documents, size_t index) {
    DUET_ASSERT(index < duet_documents_count(documents));
    return documents->zip != NULL ? duet_zip_name(documents->zip, index) : NULL;
}

/** Rewrite a text in another encoding; all others stay as and where they are. */
static enum duet_status documents_recode(
    struct duet_documents *documents, struct duet_data_info *info, struct duet_document *out) {
    char *read = NULL;
    const char *bytes;
    size_t size = 0;
    if (!duet_encoding_is_other(out->head, out->head_size < DUET_DOCUMENT_HEAD ? out->head_size : DUET_DOCUMENT_HEAD)) {
        return DUET_OK;
    }
    enum duet_status status = duet_document_bytes(out, &read, &bytes, &size);
    if (status != DUET_OK) {
        return duet_csv_refuse(info, 0, NULL, "no UTF-8 with line feeds, and too large to be rewritten as such");
    }
    char *text = duet_encoding_rewrite(bytes, size, &size);
    free(read);
    free(documents->bytes);
    documents->bytes = text;
    out->bytes = out->head = text;
    out->size = out->head_size = size;
    return DUET_OK;
}

enum duet_status duet_documents_get(
    struct duet_documents *documents, size_t index, struct duet_data_info *info, struct duet_document *out) {
    DUET_ASSERT(index < duet_documents_count(documents));
    enum duet_status status = DUET_OK;
    free(documents->bytes);
    documents->bytes = NULL;
    documents->name.length = 0;
    duet_text_print(&documents->name, "%s", documents->path);
    *out = (struct duet_document){.path = documents->path, .inner = duet_documents_inner(documents, index)};
    if (duet_documents_count(documents) > 1) {
        duet_text_print(&documents->name, "/%s", out->inner);
        duet_text_copy(info->path, sizeof(info->path), documents->name.text);
    }
    out->name = documents->name.text;
    if (documents->kind == DUET_ARCHIVE_NONE) {
        out->bytes = (const char *)documents->packed; // NULL of a file
        out->size = documents->file_size;
        out->head = out->bytes != NULL ? out->bytes : documents->head;
        out->head_size = out->bytes != NULL ? (size_t)out->size : documents->head_size;
        return documents_recode(documents, info, out);
    }
    size_t size = 0;
    if (documents->zip != NULL) {
        status = duet_zip_unpack(documents->zip, index, info, &documents->bytes, &size);
    } else {
        status = duet_gzip_unpack(documents->packed, (size_t)documents->file_size, info, &documents->bytes, &size);
    }
    out->bytes = out->head = documents->bytes;
    out->size = out->head_size = size;
    return status == DUET_OK ? documents_recode(documents, info, out) : status;
}

enum duet_status duet_document_bytes(
    const struct duet_document *document, char **read, const char **bytes, size_t *size) {
    *read = NULL;
    *bytes = document->bytes;
    *size = (size_t)document->size;
    if (document->bytes != NULL) {
        return DUET_OK;
    }
    enum duet_status status = duet_file_read(document->path, DUET_DOCUMENT_BYTES_MAX, read, size);
    *bytes = *read;
    return status;
}
