/*
 * Any text as a document: JSON of every shape, or a file of LEAN, whose place the first byte chooses. What is
 * transcribed has a row for each of the document's, and the readers of rows take it or say why not.
 */
#include <stdint.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "data/csv.h"
#include "data/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static enum duet_status take(void *argument, const void *records, size_t count, bool wide) {
    return DUET_OK;
}

static enum duet_status restart(void *argument, bool wide) {
    return DUET_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static const char *const places[] = {"f.json", "equity/usa/minute/abc/20140605_trade.csv",
        "equity/usa/minute/abc/20140605_quote.csv", "equity/usa/daily/abc.csv",
        "equity/usa/tick/abc/20140605_quote.csv", "crypto/x/tick/abc/20140605_trade.csv", "forex/fxcm/hour/abc.csv",
        "20140605_abc_second_trade.csv"};
    if (size < 1) {
        return 0;
    }
    const char *place = places[bytes[0] % (sizeof(places) / sizeof(places[0]))];
    const char *text = (const char *)bytes + 1;
    struct duet_document document = {
        .name = place, .path = place, .bytes = text, .size = size - 1, .head = text, .head_size = size - 1};
    struct duet_data_spec spec = {.decimals = -1, .quantity_decimals = -1, .skip_errors = (bytes[0] & 0x80) != 0};
    const struct duet_csv_sink sink = {take, restart, NULL};
    struct duet_data_info info = {0};
    struct duet_csv_order order;
    struct duet_table table;
    enum duet_status status = duet_table_open(&document, &spec, &info, &table);
    if (status != DUET_OK) {
        DUET_ASSERT(duet_error_text()[0] != '\0');
        DUET_ASSERT(strchr(duet_error_text(), '\n') == NULL);
        return 0;
    }
    status = duet_csv_read_table(&table, NULL, &sink, &info, &order);
    DUET_ASSERT(status != DUET_OK || info.rows > 0);
    duet_table_finish(&table);
    return 0;
}
