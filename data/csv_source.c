#include "data/csv_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "data/csv_form.h"

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

void duet_csv_source_close(struct duet_csv_source *source) {
    if (source->fd >= 0) {
        close(source->fd);
    }
    free(source->buffer);
    *source = (struct duet_csv_source){.fd = -1};
}

enum duet_status duet_csv_source_seek(struct duet_csv_source *source, uint64_t offset, struct duet_data_info *info) {
    if (source->fd >= 0 && lseek(source->fd, (off_t)offset, SEEK_SET) < 0) {
        return duet_csv_refuse(info, 0, NULL, "%s", strerror(errno));
    }
    source->offset = offset;
    source->taken = source->filled = 0;
    return DUET_OK;
}

/** The last end of line; NULL where there is none. */
static const char *last_newline(const char *text, size_t length) {
    while (length > 0 && text[length - 1] != '\n') {
        length--;
    }
    return length == 0 ? NULL : text + length - 1;
}

/** Read up to `room` bytes behind what is there; 0 at the end. */
static enum duet_status source_read(
    struct duet_csv_source *source, size_t room, struct duet_data_info *info, size_t *got) {
    char *to = source->buffer + DUET_CSV_PAD + source->filled;
    if (source->fd < 0) {
        uint64_t left = source->size - source->offset;
        *got = left < room ? (size_t)left : room;
        memcpy(to, source->bytes + source->offset, *got);
    } else {
        ssize_t count;
        do {
            count = read(source->fd, to, room);
        } while (count < 0 && errno == EINTR);
        if (count < 0) {
            return duet_csv_refuse(info, 0, NULL, "%s", strerror(errno));
        }
        *got = (size_t)count;
    }
    source->offset += *got;
    source->filled += *got;
    return DUET_OK;
}

enum duet_status duet_csv_source_next(
    struct duet_csv_source *source, uint64_t line, struct duet_data_info *info, const char **begin, const char **end) {
    char *base = source->buffer + DUET_CSV_PAD;
    size_t carried = source->filled - source->taken;
    memmove(base, base + source->taken, carried);
    source->taken = 0;
    source->filled = carried;
    for (;;) {
        if (source->capacity - source->filled < source->chunk) {
            source_reserve(source, source->filled + source->chunk);
            base = source->buffer + DUET_CSV_PAD;
        }
        size_t fresh = source->filled, got = 0;
        enum duet_status status = source_read(source, source->chunk, info, &got);
        if (status != DUET_OK) {
            return status;
        }
        const char *stop = last_newline(base + fresh, got);
        if (stop != NULL || got == 0) {
            source->taken = stop == NULL ? source->filled : (size_t)(stop + 1 - base);
            *begin = base;
            *end = base + source->taken;
            return DUET_OK;
        }
        if (source->filled > DUET_CSV_LINE_MAX) {
            return duet_csv_refuse(info, line, NULL, "line of more than 1 MiB");
        }
    }
}
