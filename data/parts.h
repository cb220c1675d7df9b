/*
 * The documents that make up one series: which of them are wanted, and whether they can be one series at all. Files of
 * several months follow one another in time; files of several instruments cover the same time.
 */
#ifndef DUET_DATA_PARTS_H
#define DUET_DATA_PARTS_H

#include "data/document.h"
#include "data/source.h"

struct duet_part {
    char *name;
    int64_t first_ns, last_ns;
};

/** Zero-initialise. */
struct duet_parts {
    struct duet_part *items;
    size_t count;
};

/** Whether inner= of `spec` names a document: by its name in an archive of several, else by that or the file's. */
bool duet_parts_wants(
    const struct duet_data_spec *spec, const char *file, const struct duet_documents *documents, size_t index);
void duet_parts_add(struct duet_parts *parts, const char *name, int64_t first_ns, int64_t last_ns);
/**
 * DUET_EDATA where there are none, because inner= names none, or where they are several instruments; info->choices then
 * lists them, and choice_key is "inner".
 */
DUET_MUST_CHECK enum duet_status duet_parts_check(struct duet_parts *parts, const struct duet_source *source,
    const struct duet_data_spec *spec, struct duet_data_info *info);
void duet_parts_finish(struct duet_parts *parts);

#endif
