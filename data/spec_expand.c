#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "data/series.h"
#include "data/source.h"

void duet_data_spec_copy(const struct duet_data_spec *spec, struct duet_data_spec *out) {
    *out = (struct duet_data_spec){.decimals = -1, .quantity_decimals = -1};
    out->symbol = spec->symbol == NULL ? NULL : duet_strdup(spec->symbol);
    out->path = spec->path == NULL ? NULL : duet_strdup(spec->path);
    const struct duet_data_key *key;
    for (size_t i = 0; (key = duet_data_spec_key(i)) != NULL; i++) {
        char text[DUET_DATA_TEXT_MAX];
        const char *value = duet_data_spec_text(spec, i, text);
        if (value != NULL && duet_data_spec_set(out, key->name, value) != DUET_OK) {
            abort(); // what its own key has taken before
        }
    }
}

static bool is_pattern(const char *path) {
    return path != NULL && strpbrk(path, "*?[") != NULL && access(path, F_OK) != 0;
}

enum duet_status duet_data_spec_expand(const struct duet_data_spec *spec, struct duet_data_spec **out, size_t *count) {
    if (!is_pattern(spec->path)) {
        *out = duet_alloc(1, sizeof(**out));
        *count = 1;
        duet_data_spec_copy(spec, *out);
        return DUET_OK;
    }
    glob_t found;
    if (glob(spec->path, 0, NULL, &found) != 0 || found.gl_pathc == 0) {
        globfree(&found);
        return duet_error(DUET_EDATA, "%s: no file matches", spec->path);
    }
    if (spec->symbol != NULL && found.gl_pathc > 1) {
        enum duet_status status = duet_error(DUET_EINVAL,
            "%s=%s: %zu files match; leave the symbol away for one series each, or name their folder for one series",
            spec->symbol, spec->path, (size_t)found.gl_pathc);
        globfree(&found);
        return status;
    }
    *count = found.gl_pathc;
    *out = duet_alloc(*count, sizeof(**out));
    for (size_t i = 0; i < *count; i++) {
        struct duet_data_spec *item = &(*out)[i];
        duet_data_spec_copy(spec, item);
        free(item->path);
        item->path = duet_strdup(found.gl_pathv[i]);
        if (item->symbol == NULL) {
            char symbol[DUET_SYMBOL_MAX];
            duet_source_symbol(item->path, symbol, sizeof(symbol));
            item->symbol = duet_strdup(symbol);
        }
    }
    globfree(&found);
    return DUET_OK;
}
