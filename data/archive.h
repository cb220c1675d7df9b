/* The two packings that market data comes in: gzip by zlib, zip by libzip, both from bytes in memory. */
#ifndef DUET_DATA_ARCHIVE_H
#define DUET_DATA_ARCHIVE_H

#include "data/document.h"

enum duet_archive_kind { DUET_ARCHIVE_NONE = 0, DUET_ARCHIVE_GZIP, DUET_ARCHIVE_ZIP };

/** By the first bytes. */
enum duet_archive_kind duet_archive_kind_of(const char *head, size_t size);

/** Whether `unpacked` bytes, so far, are too many for `packed` ones; refuses in that case. */
DUET_MUST_CHECK enum duet_status duet_archive_check_size(
    uint64_t unpacked, uint64_t packed, struct duet_data_info *info);

/** All members of a gzip file, one after another. `*bytes` is the caller's, to be freed, also where this fails. */
DUET_MUST_CHECK enum duet_status duet_gzip_unpack(
    const unsigned char *packed, size_t packed_size, struct duet_data_info *info, char **bytes, size_t *size);

struct duet_zip; // opaque: the directory of an archive, its documents in the order of their names
/** `packed` stays the caller's, and as it is until duet_zip_close(). */
DUET_MUST_CHECK enum duet_status duet_zip_open(
    const unsigned char *packed, size_t size, struct duet_data_info *info, struct duet_zip **out);
/** NULL is fine. */
void duet_zip_close(struct duet_zip *zip);
size_t duet_zip_count(const struct duet_zip *zip);
const char *duet_zip_name(const struct duet_zip *zip, size_t index);
/** As duet_gzip_unpack(). */
DUET_MUST_CHECK enum duet_status duet_zip_unpack(
    struct duet_zip *zip, size_t index, struct duet_data_info *info, char **bytes, size_t *size);

#endif
