#include "data/table.h"

#include <stdlib.h>

#include "data/lean.h"

enum duet_status duet_table_open(const struct duet_document *document, const struct duet_data_spec *spec,
    struct duet_data_info *info, struct duet_table *out) {
    *out = (struct duet_table){.name = document->name,
        .path = document->path,
        .bytes = document->bytes,
        .size = document->size,
        .spec = *spec};
    bool taken = false;
    enum duet_status status = duet_lean_table(document, spec, info, out, &taken);
    if (status == DUET_OK && !taken && duet_json_table_is(document->head, document->head_size)) {
        char *read = NULL;
        const char *bytes;
        size_t size;
        status = duet_document_bytes(document, &read, &bytes, &size);
        if (status == DUET_OK) {
            status = duet_json_table(bytes, size, info, out);
        }
        free(read);
        taken = true;
    }
    if (taken) {
        out->bytes = out->text.text != NULL ? out->text.text : "";
        out->size = out->text.length;
    }
    if (status != DUET_OK) {
        duet_table_finish(out);
    }
    return status;
}

void duet_table_finish(struct duet_table *table) {
    duet_text_finish(&table->text);
    *table = (struct duet_table){0};
}
