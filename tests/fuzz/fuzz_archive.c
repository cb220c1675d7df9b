/*
 * Any bytes as a gzip or zip file: it is unpacked whole or refused with a reason, and what it holds is read as a series
 * is, within the limits of size.
 */
#include <stdint.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "data/csv.h"
#include "data/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static enum duet_status take(void *argument, const void *records, size_t count, bool wide) {
    *(size_t *)argument += count;
    return DUET_OK;
}

static enum duet_status restart(void *argument, bool wide) {
    *(size_t *)argument = 0;
    return DUET_OK;
}

static void read_document(const struct duet_document *document) {
    const struct duet_data_spec spec = {.decimals = -1, .quantity_decimals = -1};
    size_t count = 0;
    const struct duet_csv_sink sink = {take, restart, &count};
    struct duet_data_info info = {0};
    struct duet_csv_order order;
    struct duet_table table;
    enum duet_status status = duet_table_open(document, &spec, &info, &table);
    if (status == DUET_OK) {
        status = duet_csv_read_table(&table, NULL, &sink, &info, &order);
        duet_table_finish(&table);
    }
    DUET_ASSERT(status != DUET_OK || count > 0);
    DUET_ASSERT(status == DUET_OK || duet_error_text()[0] != '\0');
    DUET_ASSERT(strchr(duet_error_text(), '\n') == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    struct duet_documents *documents = NULL;
    struct duet_data_info info = {0};
    if (duet_documents_memory("f.zip", bytes, size, &info, &documents) != DUET_OK) {
        DUET_ASSERT(info.error_reason[0] != '\0');
        return 0;
    }
    for (size_t i = 0; i < duet_documents_count(documents) && i < 8; i++) {
        struct duet_document document;
        if (duet_documents_get(documents, i, &info, &document) == DUET_OK) {
            read_document(&document);
        }
    }
    duet_documents_close(documents);
    return 0;
}
