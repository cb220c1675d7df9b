#include "data/archive.h"

#include <limits.h>
#include <string.h>
#include <zlib.h>

#include "base/assert.h"
#include "base/text.h"
#include "data/csv_form.h"

/** Window of 32 KiB, and a gzip header. */
#define WINDOW_BITS (15 + 16)
#define GUESS_RATIO 6u
#define GUESS_MIN ((size_t)64 * 1024)

struct gunzip {
    z_stream stream;
    const unsigned char *end; // of the packed bytes
    char *bytes;
    size_t size, capacity;
};

/** Room for more, and for a zero behind. */
static void gunzip_grow(struct gunzip *gunzip) {
    if (gunzip->capacity - gunzip->size < 2) {
        gunzip->capacity *= 2;
        gunzip->bytes = duet_realloc(gunzip->bytes, gunzip->capacity, 1);
    }
    size_t room = gunzip->capacity - gunzip->size - 1;
    gunzip->stream.next_out = (unsigned char *)gunzip->bytes + gunzip->size;
    gunzip->stream.avail_out = room < UINT_MAX ? (uInt)room : UINT_MAX;
}

/** One step of inflate() over what is left of the packed bytes. */
static int gunzip_step(struct gunzip *gunzip) {
    gunzip_grow(gunzip);
    size_t left = (size_t)(gunzip->end - gunzip->stream.next_in);
    uInt room = gunzip->stream.avail_out;
    gunzip->stream.avail_in = left < UINT_MAX ? (uInt)left : UINT_MAX;
    int result = inflate(&gunzip->stream, Z_NO_FLUSH);
    gunzip->size += room - gunzip->stream.avail_out;
    return result;
}

/** Behind a member: another one, or the end. Zeros fill up tapes, and some writers' files. */
static bool gunzip_next_member(struct gunzip *gunzip) {
    const unsigned char *at = gunzip->stream.next_in;
    while (at < gunzip->end && *at == 0) {
        at++;
    }
    gunzip->stream.next_in = (z_const Bytef *)(uintptr_t)at;
    return at < gunzip->end && inflateReset(&gunzip->stream) == Z_OK;
}

static enum duet_status gunzip_all(struct gunzip *gunzip, size_t packed_size, struct duet_data_info *info) {
    for (;;) {
        int result = gunzip_step(gunzip);
        enum duet_status status = duet_archive_check_size(gunzip->size, packed_size, info);
        if (status != DUET_OK) {
            return status;
        }
        if (result == Z_STREAM_END) {
            if (!gunzip_next_member(gunzip)) {
                return DUET_OK;
            }
        } else if (result == Z_BUF_ERROR && gunzip->stream.next_in == gunzip->end) {
            return duet_csv_refuse(info, 0, NULL, "gzip data cut short; the file is not complete");
        } else if (result != Z_OK && result != Z_BUF_ERROR) {
            return duet_csv_refuse(info, 0, NULL, "damaged gzip data: %s",
                gunzip->stream.msg != NULL ? gunzip->stream.msg : "cannot be unpacked");
        }
    }
}

enum duet_status duet_gzip_unpack(
    const unsigned char *packed, size_t packed_size, struct duet_data_info *info, char **bytes, size_t *size) {
    // zlib does not write through next_in, though its type does not say so.
    struct gunzip gunzip = {.stream.next_in = (z_const Bytef *)(uintptr_t)packed, .end = packed + packed_size};
    *bytes = NULL;
    *size = 0;
    if (inflateInit2(&gunzip.stream, WINDOW_BITS) != Z_OK) {
        return duet_csv_refuse(info, 0, NULL, "gzip data cannot be unpacked: no memory");
    }
    gunzip.capacity = packed_size < SIZE_MAX / GUESS_RATIO / 2 ? packed_size * GUESS_RATIO + GUESS_MIN : GUESS_MIN;
    gunzip.bytes = duet_realloc(NULL, gunzip.capacity, 1);
    enum duet_status status = gunzip_all(&gunzip, packed_size, info);
    (void)inflateEnd(&gunzip.stream);
    DUET_ASSERT(gunzip.size < gunzip.capacity);
    gunzip.bytes[gunzip.size] = '\0';
    *bytes = gunzip.bytes;
    *size = gunzip.size;
    return status;
}
