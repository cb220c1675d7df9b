#include "data/archive.h"

#include <inttypes.h>
#include <string.h>

#include "data/csv_form.h"

enum duet_archive_kind duet_archive_kind_of(const char *head, size_t size) {
    if (size >= 2 && memcmp(head, "\x1f\x8b", 2) == 0) {
        return DUET_ARCHIVE_GZIP;
    }
    // A local entry, the directory of an empty archive, or the mark of a split one.
    bool zip = size >= 4 && (memcmp(head, "PK\x03\x04", 4) == 0 || memcmp(head, "PK\x05\x06", 4) == 0 ||
                                memcmp(head, "PK\x07\x08", 4) == 0);
    return zip ? DUET_ARCHIVE_ZIP : DUET_ARCHIVE_NONE;
}

enum duet_status duet_archive_check_size(uint64_t unpacked, uint64_t packed, struct duet_data_info *info) {
    if (unpacked > DUET_DOCUMENT_BYTES_MAX) {
        return duet_csv_refuse(info, 0, NULL, "more than %" PRIu64 " GiB unpacked; unpack it and name what it holds",
            DUET_DOCUMENT_BYTES_MAX >> 30);
    }
    if (unpacked > DUET_DOCUMENT_FREE_BYTES && unpacked / DUET_DOCUMENT_RATIO_MAX > packed) {
        return duet_csv_refuse(info, 0, NULL,
            "unpacks to more than %u times its size, as no market data does; unpack it and name what it holds",
            DUET_DOCUMENT_RATIO_MAX);
    }
    return DUET_OK;
}
