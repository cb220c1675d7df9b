#include "data/csv_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "data/csv_form.h"

/** What is left of a file is mapped while it is more than this. */
#define MAPPED_MIN (4u * DUET_CSV_CHUNK)

static void source_reserve(struct duet_csv_source *source, size_t capacity) {
    if (capacity <= source->capacity) {
        return;
    }
    source->buffer = duet_realloc(source->buffer, capacity + 2u * DUET_CSV_PAD, 1);
    memset(source->buffer, 0, DUET_CSV_PAD);
    memset(source->buffer + DUET_CSV_PAD + source->capacity, 0, capacity - source->capacity + DUET_CSV_PAD);
    source->capacity = capacity;
}

enum duet_status duet_csv_source_open(struct duet_csv_source *source, struct duet_data_info *info) {
    *source = (struct duet_csv_source){.fd = -1, .chunk = DUET_CSV_CHUNK};
    struct stat stat;
    // Not to hang on a pipe that nobody writes to.
    int fd = open(info->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &stat) != 0) {
        enum duet_status status = duet_csv_refuse(info, 0, NULL, "%s", strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return status;
    }
    if (!S_ISREG(stat.st_mode)) {
        close(fd);
        return duet_csv_refuse(info, 0, NULL, S_ISDIR(stat.st_mode) ? "is a folder, not a file" : "no regular file");
    }
    source->fd = fd;
    source->size = (uint64_t)stat.st_size;
    source_reserve(source, DUET_CSV_CHUNK);
    return DUET_OK;
}

void duet_csv_source_memory(struct duet_csv_source *source, const char *bytes, size_t size) {
    *source = (struct duet_csv_source){.fd = -1, .bytes = bytes, .size = size, .chunk = DUET_CSV_CHUNK};
    source_reserve(source, DUET_CSV_CHUNK);
}

static void source_unmap(struct duet_csv_source *source) {
    if (source->window != NULL) {
        (void)munmap(source->window, source->window_size);
        source->window = NULL;
    }
}

void duet_csv_source_close(struct duet_csv_source *source) {
    source_unmap(source);
    if (source->fd >= 0) {
        close(source->fd);
    }
    free(source->buffer);
    *source = (struct duet_csv_source){.fd = -1};
}

void duet_csv_source_seek(struct duet_csv_source *source, uint64_t offset) {
    source_unmap(source);
    source->position = offset;
    source->taken = source->filled = 0;
}

/** The last end of line; NULL where there is none. */
static const char *last_newline(const char *text, size_t length) {
    while (length > 0 && text[length - 1] != '\n') {
        length--;
    }
    return length == 0 ? NULL : text + length - 1;
}

static enum duet_status became_shorter(struct duet_data_info *info) {
    return duet_csv_refuse(info, 0, NULL, "became shorter while it was read");
}

/** Read up to `room` bytes behind what is there; 0 at the end. */
static enum duet_status source_read(
    struct duet_csv_source *source, size_t room, struct duet_data_info *info, size_t *got) {
    char *to = source->buffer + DUET_CSV_PAD + source->filled;
    uint64_t offset = source->position + source->filled, left = source->size - offset;
    *got = left < room ? (size_t)left : room;
    if (source->fd < 0) {
        memcpy(to, source->bytes + offset, *got);
    } else if (*got > 0) {
        ssize_t count;
        do {
            count = pread(source->fd, to, *got, (off_t)offset);
        } while (count < 0 && errno == EINTR);
        if (count <= 0) {
            return count == 0 ? became_shorter(info) : duet_csv_refuse(info, 0, NULL, "%s", strerror(errno));
        }
        *got = (size_t)count;
    }
    source->filled += *got;
    return DUET_OK;
}

/** Map the next window; *end stays NULL where there is nothing to map, or no line ends in it. */
static enum duet_status source_map(
    struct duet_csv_source *source, struct duet_data_info *info, const char **begin, const char **end) {
    struct stat stat;
    source_unmap(source);
    if (source->fd < 0 || source->small_steps || source->position < DUET_CSV_PAD ||
        source->size - source->position < MAPPED_MIN) {
        return DUET_OK;
    }
    // A page behind the end of a file cannot be touched; this keeps it from being a matter of course.
    if (fstat(source->fd, &stat) != 0 || (uint64_t)stat.st_size < source->size) {
        return became_shorter(info);
    }
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t start = (source->position - DUET_CSV_PAD) / page * page, left = source->size - start;
    size_t size = left < DUET_CSV_WINDOW ? (size_t)left : DUET_CSV_WINDOW, skip = (size_t)(source->position - start);
    char *window = mmap(NULL, size, PROT_READ, MAP_PRIVATE, source->fd, (off_t)start);
    if (window == MAP_FAILED) {
        return DUET_OK; // some file systems cannot; reading can
    }
    source->window = window;
    source->window_size = size;
    const char *stop = last_newline(window + skip, size - skip - DUET_CSV_PAD);
    if (stop != NULL) {
        *begin = window + skip;
        *end = stop + 1;
        source->position += (uint64_t)(*end - *begin);
        source->taken = source->filled = 0;
    }
    return DUET_OK;
}

enum duet_status duet_csv_source_next(
    struct duet_csv_source *source, uint64_t line, struct duet_data_info *info, const char **begin, const char **end) {
    *end = NULL;
    enum duet_status status = source_map(source, info, begin, end);
    if (status != DUET_OK || *end != NULL) {
        return status;
    }
    char *base = source->buffer + DUET_CSV_PAD;
    memmove(base, base + source->taken, source->filled - source->taken);
    source->filled -= source->taken;
    source->taken = 0;
    for (;;) {
        if (source->capacity - source->filled < source->chunk) {
            source_reserve(source, source->filled + source->chunk);
            base = source->buffer + DUET_CSV_PAD;
        }
        size_t fresh = source->filled, got = 0;
        status = source_read(source, source->chunk, info, &got);
        if (status != DUET_OK) {
            return status;
        }
        const char *stop = got == 0 ? NULL : last_newline(base + fresh, got);
        if (stop != NULL || got == 0) {
            source->taken = stop == NULL ? source->filled : (size_t)(stop + 1 - base);
            source->position += source->taken;
            *begin = base;
            *end = base + source->taken;
            return DUET_OK;
        }
        if (source->filled > DUET_CSV_LINE_MAX) {
            return duet_csv_refuse(info, line, NULL, "line of more than 1 MiB");
        }
    }
}
