#include "data/archive.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zip.h>

#include "base/assert.h"
#include "base/text.h"
#include "data/csv_form.h"

/** Bytes unpacked at a time, so that a wrong size in the directory is found out early. */
#define STEP ((size_t)1 << 20)

struct zip_entry {
    char *name;
    zip_uint64_t index;
};

struct duet_zip {
    zip_t *archive;
    struct zip_entry *entries;
    size_t count;
};

static int compare_entries(const void *a, const void *b) {
    const struct zip_entry *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

static bool is_csv(const char *name) {
    size_t length = strlen(name);
    return length > 4 && strcasecmp(name + length - 4, ".csv") == 0;
}

/** Where there are CSV files, what lies beside them is about them: a page to read, a report. */
static void zip_keep_csv(struct duet_zip *zip) {
    size_t kept = 0, count = 0;
    for (size_t i = 0; i < zip->count; i++) {
        count += is_csv(zip->entries[i].name);
    }
    for (size_t i = 0; count > 0 && i < zip->count; i++) {
        if (is_csv(zip->entries[i].name)) {
            zip->entries[kept++] = zip->entries[i];
        } else {
            free(zip->entries[i].name);
        }
    }
    zip->count = count > 0 ? kept : zip->count;
}

/** Folders, hidden files, and what is kept beside files by some systems. */
static bool is_document(const char *name) {
    size_t length = strlen(name);
    const char *slash = strrchr(name, '/');
    const char *base = slash != NULL ? slash + 1 : name;
    return length > 0 && name[length - 1] != '/' && base[0] != '.' && strncmp(name, "__MACOSX/", 9) != 0;
}

static enum duet_status zip_list(struct duet_zip *zip, struct duet_data_info *info) {
    zip_int64_t total = zip_get_num_entries(zip->archive, 0);
    if (total > DUET_DOCUMENTS_MAX) {
        return duet_csv_refuse(info, 0, NULL, "a zip archive of more than %u files", DUET_DOCUMENTS_MAX);
    }
    zip->entries = duet_alloc((size_t)total + 1, sizeof(*zip->entries));
    for (zip_int64_t i = 0; i < total; i++) {
        const char *name = zip_get_name(zip->archive, (zip_uint64_t)i, ZIP_FL_ENC_GUESS);
        if (name != NULL && is_document(name)) {
            zip->entries[zip->count++] = (struct zip_entry){.name = duet_strdup(name), .index = (zip_uint64_t)i};
        }
    }
    if (zip->count == 0) {
        return duet_csv_refuse(info, 0, NULL, "a zip archive without files");
    }
    zip_keep_csv(zip);
    qsort(zip->entries, zip->count, sizeof(*zip->entries), compare_entries);
    return DUET_OK;
}

enum duet_status duet_zip_open(
    const unsigned char *packed, size_t size, struct duet_data_info *info, struct duet_zip **out) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(packed, size, 0, &error);
    zip_t *archive = source == NULL ? NULL : zip_open_from_source(source, ZIP_RDONLY, &error);
    if (archive == NULL) {
        enum duet_status status = duet_csv_refuse(info, 0, NULL, "damaged zip archive: %s", zip_error_strerror(&error));
        zip_source_free(source); // NULL is fine
        zip_error_fini(&error);
        return status;
    }
    zip_error_fini(&error);
    struct duet_zip *zip = duet_alloc(1, sizeof(*zip));
    zip->archive = archive;
    enum duet_status status = zip_list(zip, info);
    if (status != DUET_OK) {
        duet_zip_close(zip);
        return status;
    }
    *out = zip;
    return DUET_OK;
}

void duet_zip_close(struct duet_zip *zip) {
    if (zip == NULL) {
        return;
    }
    for (size_t i = 0; i < zip->count; i++) {
        free(zip->entries[i].name);
    }
    free(zip->entries);
    zip_discard(zip->archive);
    free(zip);
}

size_t duet_zip_count(const struct duet_zip *zip) {
    return zip->count;
}

const char *duet_zip_name(const struct duet_zip *zip, size_t index) {
    DUET_ASSERT(index < zip->count);
    return zip->entries[index].name;
}

static enum duet_status zip_damaged(struct duet_zip *zip, size_t index, zip_file_t *file, struct duet_data_info *info) {
    const char *why = zip_error_strerror(file != NULL ? zip_file_get_error(file) : zip_get_error(zip->archive));
    return duet_csv_refuse(info, 0, NULL, "\"%.80s\" in the zip archive: %s", zip->entries[index].name, why);
}

/** Read to the end, where libzip compares the checksum. */
static enum duet_status zip_read_all(struct duet_zip *zip, size_t index, zip_file_t *file, const zip_stat_t *stat,
    struct duet_data_info *info, char **bytes, size_t *size) {
    size_t capacity = 0;
    for (;;) {
        if (capacity - *size <= STEP) { // a zero behind
            size_t wanted = *size + STEP + 1;
            capacity = capacity * 2 > wanted ? capacity * 2 : wanted;
            *bytes = duet_realloc(*bytes, capacity, 1);
        }
        zip_int64_t got = zip_fread(file, *bytes + *size, STEP);
        if (got < 0) {
            return zip_damaged(zip, index, file, info);
        }
        if (got == 0) {
            (*bytes)[*size] = '\0';
            return *size == stat->size ? DUET_OK
                                       : duet_csv_refuse(info, 0, NULL,
                                             "\"%.80s\" in the zip archive: other length than its directory says",
                                             zip->entries[index].name);
        }
        *size += (size_t)got;
        enum duet_status status = duet_archive_check_size(*size, stat->comp_size, info);
        if (status != DUET_OK) {
            return status;
        }
    }
}

enum duet_status duet_zip_unpack(
    struct duet_zip *zip, size_t index, struct duet_data_info *info, char **bytes, size_t *size) {
    DUET_ASSERT(index < zip->count);
    zip_stat_t stat;
    *bytes = NULL;
    *size = 0;
    zip_stat_init(&stat);
    if (zip_stat_index(zip->archive, zip->entries[index].index, 0, &stat) != 0) {
        return zip_damaged(zip, index, NULL, info);
    }
    const char *name = zip->entries[index].name;
    if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat.encryption_method != ZIP_EM_NONE) {
        return duet_csv_refuse(
            info, 0, NULL, "\"%.80s\" in the zip archive is encrypted; unpack it with its password first", name);
    }
    enum duet_status status = duet_archive_check_size(stat.size, stat.comp_size, info);
    if (status != DUET_OK) {
        return status;
    }
    zip_file_t *file = zip_fopen_index(zip->archive, zip->entries[index].index, 0);
    if (file == NULL) {
        return zip_damaged(zip, index, NULL, info);
    }
    status = zip_read_all(zip, index, file, &stat, info, bytes, size);
    (void)zip_fclose(file);
    return status;
}
