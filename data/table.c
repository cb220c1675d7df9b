#include "data/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data/csv_form.h"

enum duet_status duet_table_open(const struct duet_document *document, const struct duet_data_spec *spec,
    struct duet_data_info *info, struct duet_table *out) {
    *out = (struct duet_table){.name = document->name,
        .path = document->path,
        .bytes = document->bytes,
        .size = document->size,
        .spec = *spec};
    if (!duet_json_table_is(document->head, document->head_size)) {
        return DUET_OK;
    }
    char *read = NULL;
    const char *bytes = document->bytes;
    size_t size = (size_t)document->size;
    if (bytes == NULL) {
        enum duet_status status = duet_file_read(document->path, DUET_DOCUMENT_BYTES_MAX, &read, &size);
        if (status != DUET_OK) {
            return status;
        }
        bytes = read;
    }
    enum duet_status status = duet_json_table(bytes, size, info, out);
    free(read);
    out->bytes = out->text.text != NULL ? out->text.text : "";
    out->size = out->text.length;
    if (status != DUET_OK) {
        duet_table_finish(out);
    }
    return status;
}

void duet_table_finish(struct duet_table *table) {
    duet_text_finish(&table->text);
    *table = (struct duet_table){0};
}
