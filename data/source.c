#include "data/source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <duet/bar.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "net/digest.h"

/** Coarse file systems keep whole seconds; two of them are safe. */
#define SOURCE_RECENT_NS (2 * DUET_SECOND_NS)
#define SOURCE_CHUNK ((size_t)128 * 1024)
/** Most data files of one folder. */
#define SOURCE_FILES_MAX 100000

static bool source_is_data_name(const char *name) {
    static const char *const ends[] = {".csv", ".txt", ".json", ".jsonl", ".ndjson", ".zip", ".csv.gz", ".txt.gz",
        ".json.gz", ".jsonl.gz", ".ndjson.gz"};
    size_t length = strlen(name);
    for (size_t i = 0; name[0] != '.' && i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t end = strlen(ends[i]);
        if (length > end && strcasecmp(name + length - end, ends[i]) == 0) {
            return true;
        }
    }
    return false;
}

static int source_compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void source_add(struct duet_source *source, const char *path) {
    source->files = duet_realloc(source->files, source->count + 1, sizeof(char *));
    source->files[source->count++] = duet_strdup(path);
}

static enum duet_status source_list_folder(struct duet_source *source) {
    DIR *folder = opendir(source->path);
    if (folder == NULL) {
        return duet_error(DUET_EDATA, "%s: %s", source->path, strerror(errno));
    }
    struct duet_text path = {0};
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        struct stat stats;
        path.length = 0;
        duet_text_print(&path, "%s/%s", source->path, entry->d_name);
        if (source_is_data_name(entry->d_name) && stat(path.text, &stats) == 0 && S_ISREG(stats.st_mode)) {
            source_add(source, path.text);
        }
        if (source->count > SOURCE_FILES_MAX) {
            break;
        }
    }
    duet_text_finish(&path);
    (void)closedir(folder);
    if (source->count > SOURCE_FILES_MAX) {
        return duet_error(DUET_EDATA, "%s: more than %d data files in one folder", source->path, SOURCE_FILES_MAX);
    }
    if (source->count == 0) {
        return duet_error(DUET_EDATA,
            "%s: folder without data files (*.csv, *.txt, *.json, *.zip, *.csv.gz); name a file or another folder",
            source->path);
    }
    qsort(source->files, source->count, sizeof(char *), source_compare_names);
    return DUET_OK;
}

enum duet_status duet_source_open(const char *path, struct duet_source *out) {
    *out = (struct duet_source){0};
    struct stat stats;
    if (stat(path, &stats) != 0) {
        return duet_error(DUET_EDATA, "%s: %s", path, strerror(errno));
    }
    out->path = duet_strdup(path);
    out->real_path = realpath(path, NULL);
    enum duet_status status = DUET_OK;
    if (out->real_path == NULL) {
        status = duet_error(DUET_EDATA, "%s: %s", path, strerror(errno));
    } else if (S_ISDIR(stats.st_mode)) {
        out->folder = true;
        status = source_list_folder(out);
    } else if (S_ISREG(stats.st_mode)) {
        source_add(out, path);
    } else {
        status = duet_error(DUET_EDATA, "%s: neither a file nor a folder", path);
    }
    if (status != DUET_OK) {
        duet_source_finish(out);
    }
    return status;
}

void duet_source_finish(struct duet_source *source) {
    for (size_t i = 0; i < source->count; i++) {
        free(source->files[i]);
    }
    free(source->files);
    for (size_t i = 0; i < source->companion_count; i++) {
        free(source->companions[i]);
    }
    free(source->companions);
    free(source->path);
    free(source->real_path);
    *source = (struct duet_source){0};
}

void duet_source_accompany(struct duet_source *source, const char *path) {
    source->companions = duet_realloc(source->companions, source->companion_count + 1, sizeof(char *));
    source->companions[source->companion_count++] = duet_strdup(path);
}

/** Whether a name is "…_<kind>." or "…_<kind>_…". */
static bool source_is_kind(const char *file, const char *kind) {
    const char *name = strrchr(file, '/');
    name = name != NULL ? name : file;
    const char *found = strstr(name, kind);
    size_t length = strlen(kind);
    return found != NULL && found > name && found[-1] == '_' && (found[length] == '.' || found[length] == '_');
}

void duet_source_keep_kind(struct duet_source *source, const char *kind) {
    size_t trades = 0, quotes = 0, kept = 0;
    for (size_t i = 0; i < source->count; i++) {
        trades += source_is_kind(source->files[i], "trade");
        quotes += source_is_kind(source->files[i], "quote");
    }
    if (!source->folder || trades == 0 || quotes == 0) {
        return;
    }
    bool quotes_wanted = kind != NULL && strcmp(kind, "quotes") == 0;
    for (size_t i = 0; i < source->count; i++) {
        if (source_is_kind(source->files[i], quotes_wanted ? "trade" : "quote")) {
            free(source->files[i]);
            source->left_out++;
        } else {
            source->files[kept++] = source->files[i];
        }
    }
    source->count = kept;
}

static int64_t source_time_ns(const struct timespec *time) {
    return (int64_t)time->tv_sec * DUET_SECOND_NS + time->tv_nsec;
}

/** A companion that is not there is a fact like another: reading says so where it matters. */
static void source_identify_companion(const char *file, struct duet_source_identity *out) {
    struct stat stats;
    uint64_t words[5] = {0};
    if (stat(file, &stats) == 0) {
        int64_t mtime_ns = source_time_ns(&stats.st_mtim), ctime_ns = source_time_ns(&stats.st_ctim);
        int64_t newest_ns = mtime_ns > ctime_ns ? mtime_ns : ctime_ns;
        out->newest_ns = newest_ns > out->newest_ns ? newest_ns : out->newest_ns;
        words[0] = (uint64_t)stats.st_dev;
        words[1] = (uint64_t)stats.st_ino;
        words[2] = (uint64_t)stats.st_size;
        words[3] = (uint64_t)mtime_ns;
        words[4] = (uint64_t)ctime_ns;
    }
    out->fold = duet_hash_bytes(out->fold, file, strlen(file));
    out->fold = duet_hash_bytes(out->fold, words, sizeof(words));
}

enum duet_status duet_source_identify(const struct duet_source *source, struct duet_source_identity *out) {
    DUET_ASSERT(source->count > 0);
    *out = (struct duet_source_identity){.files = source->count, .newest_ns = INT64_MIN, .fold = DUET_HASH_SEED};
    struct stat stats;
    for (size_t i = 0; i < source->count; i++) {
        const char *file = source->files[i];
        if (stat(file, &stats) != 0) {
            return duet_error(DUET_EDATA, "%s: %s", file, strerror(errno));
        }
        int64_t mtime_ns = source_time_ns(&stats.st_mtim), ctime_ns = source_time_ns(&stats.st_ctim);
        int64_t newest_ns = mtime_ns > ctime_ns ? mtime_ns : ctime_ns;
        out->newest_ns = newest_ns > out->newest_ns ? newest_ns : out->newest_ns;
        out->size += (uint64_t)stats.st_size;
        const char *name = strrchr(file, '/');
        name = name != NULL ? name + 1 : file;
        const uint64_t words[] = {(uint64_t)stats.st_dev, (uint64_t)stats.st_ino, (uint64_t)stats.st_size,
            (uint64_t)mtime_ns, (uint64_t)ctime_ns};
        out->fold = duet_hash_bytes(out->fold, name, strlen(name));
        out->fold = duet_hash_bytes(out->fold, words, sizeof(words));
        if (!source->folder) {
            out->mtime_ns = mtime_ns;
            out->ctime_ns = ctime_ns;
        }
    }
    for (size_t i = 0; i < source->companion_count; i++) {
        source_identify_companion(source->companions[i], out);
    }
    if (source->folder && stat(source->path, &stats) != 0) {
        return duet_error(DUET_EDATA, "%s: %s", source->path, strerror(errno));
    }
    out->device = (uint64_t)stats.st_dev;
    out->inode = (uint64_t)stats.st_ino;
    return DUET_OK;
}

bool duet_source_same(const struct duet_source_identity *a, const struct duet_source_identity *b) {
    return memcmp(a, b, sizeof(*a)) == 0;
}

bool duet_source_is_recent(const struct duet_source_identity *identity, int64_t now_ns) {
    return identity->newest_ns > now_ns - SOURCE_RECENT_NS;
}

static enum duet_status source_walk_file(const char *file, unsigned char *chunk,
    void (*take)(void *argument, const unsigned char *bytes, size_t size), void *argument) {
    enum duet_status status = DUET_OK;
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : 1;
    while (got > 0) {
        got = read(fd, chunk, SOURCE_CHUNK);
        if (got > 0) {
            take(argument, chunk, (size_t)got);
        } else if (got < 0 && errno == EINTR) {
            got = 1;
        }
    }
    if (got < 0) {
        status = duet_error(DUET_EDATA, "%s: %s", file, strerror(errno));
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return status;
}

/** Hand all bytes of all files, and of the companions that are there, to `take`, chunk by chunk. */
static enum duet_status source_walk(const struct duet_source *source,
    void (*take)(void *argument, const unsigned char *bytes, size_t size), void *argument) {
    unsigned char *chunk = duet_alloc(1, SOURCE_CHUNK);
    enum duet_status status = DUET_OK;
    for (size_t i = 0; status == DUET_OK && i < source->count; i++) {
        status = source_walk_file(source->files[i], chunk, take, argument);
    }
    for (size_t i = 0; status == DUET_OK && i < source->companion_count; i++) {
        if (access(source->companions[i], R_OK) == 0) {
            status = source_walk_file(source->companions[i], chunk, take, argument);
        }
    }
    free(chunk);
    return status;
}

static void source_fold(void *argument, const unsigned char *bytes, size_t size) {
    uint64_t *fold = argument;
    *fold = duet_hash_bytes(*fold, bytes, size);
}

enum duet_status duet_source_content(const struct duet_source *source, uint64_t *out) {
    *out = DUET_HASH_SEED;
    return source_walk(source, source_fold, out);
}

static void source_digest(void *argument, const unsigned char *bytes, size_t size) {
    duet_digest_update(argument, bytes, size);
}

enum duet_status duet_source_sha256(const struct duet_source *source, char out[65]) {
    struct duet_digest digest;
    duet_digest_init(&digest);
    enum duet_status status = source_walk(source, source_digest, &digest);
    if (status != DUET_OK) {
        duet_digest_abandon(&digest);
        return status;
    }
    duet_digest_final(&digest, out);
    return DUET_OK;
}

void duet_source_symbol(const char *path, char *out, size_t size) {
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/') {
        end--;
    }
    size_t begin = end;
    while (begin > 0 && path[begin - 1] != '/') {
        begin--;
    }
    size_t length = 0;
    while (length < size - 1 && begin + length < end && (path[begin + length] != '.' || length == 0)) {
        out[length] = path[begin + length];
        length++;
    }
    out[length] = '\0';
}
