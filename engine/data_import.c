#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "components/parallel.h"
#include "data/inspect.h"
#include "data/series.h"
#include "engine/commands.h"
#include "engine/data_commands.h"

struct item {
    struct duet_data_spec spec;
    struct duet_data_info info;
    bool refused, kept; // kept: the cache has it now
    char reason[DUET_ERROR_TEXT_MAX];
};

struct import {
    struct item *items;
    size_t count, refused, unkept;
    uint64_t rows;
    double load_s;
    bool json, shows;
};

static enum duet_status add(struct import *import, const char *path) {
    struct duet_data_spec spec, *files = NULL;
    size_t count = 0;
    enum duet_status status = duet_inspect_parse(path, &spec);
    if (status == DUET_OK) {
        status = duet_data_spec_expand(&spec, &files, &count);
        duet_data_spec_finish(&spec);
    }
    if (status == DUET_OK) {
        import->items = duet_realloc(import->items, import->count + count, sizeof(*import->items));
        for (size_t i = 0; i < count; i++) {
            import->items[import->count++] = (struct item){.spec = files[i]};
        }
    }
    free(files);
    return status;
}

static void read_one(void *argument, size_t index) {
    struct item *item = &((struct import *)argument)->items[index];
    const struct duet_series_options options = {.refused = &item->info};
    struct duet_series *series = NULL;
    if (duet_series_open(&item->spec, &options, &series) != DUET_OK) {
        item->refused = true;
        duet_text_copy(item->reason, sizeof(item->reason), duet_error_text());
        return;
    }
    item->info = series->info;
    item->kept = duet_series_is_kept(series);
    duet_series_close(series);
}

static void told(void *argument, size_t index) {
    struct import *import = argument;
    const struct item *item = &import->items[index];
    import->refused += item->refused;
    import->unkept += !item->refused && !item->kept;
    import->rows += item->refused ? 0 : item->info.rows;
    import->load_s += item->info.load_s;
    if (import->json) {
        return;
    }
    if (item->refused) {
        printf("refused  %s\n", item->reason);
    } else {
        printf("%-8s %-6s %12" PRIu64 " rows  %7.3f s  %s\n", item->info.from_cache ? "current" : "read",
            duet_data_kind_text(item->info.kind), item->info.rows, item->info.load_s, item->info.path);
    }
    if (import->shows) {
        (void)fflush(stdout);
    }
}

static void print_json(const struct import *import) {
    struct duet_json json = {.stream = stdout};
    duet_json_open(&json, NULL, '{');
    duet_json_uint(&json, "schema", 1);
    duet_json_open(&json, "files", '[');
    for (size_t i = 0; i < import->count; i++) {
        const struct item *item = &import->items[i];
        duet_json_open(&json, NULL, '{');
        duet_json_string(&json, "path", item->spec.path);
        duet_json_string(&json, "symbol", item->info.symbol);
        duet_json_string(&json, "kind", duet_data_kind_text(item->info.kind));
        duet_json_uint(&json, "rows", item->info.rows);
        duet_json_bool(&json, "was_current", item->info.from_cache);
        duet_json_bool(&json, "cached", item->kept);
        if (item->refused) {
            duet_json_string(&json, "error", item->reason);
        }
        duet_json_close(&json, '}');
    }
    duet_json_close(&json, ']');
    duet_json_uint(&json, "rows", import->rows);
    duet_json_close(&json, '}');
    putchar('\n');
}

int duet_command_import(const char *const *paths, size_t count, bool json) {
    struct import import = {.json = json, .shows = isatty(STDOUT_FILENO) == 1};
    enum duet_status status = DUET_OK;
    for (size_t i = 0; status == DUET_OK && i < count; i++) {
        status = add(&import, paths[i]);
    }
    if (status == DUET_OK) {
        duet_parallel_for(import.count, 0, read_one, told, &import);
        if (json) {
            print_json(&import);
        } else {
            printf("%zu files, %" PRIu64 " rows\n", import.count - import.refused, import.rows);
        }
        if (import.refused > 0) {
            status = duet_error(DUET_EDATA, "%zu of %zu files could not be read", import.refused, import.count);
        } else if (import.unkept > 0) {
            status = duet_error(DUET_EIO,
                "%zu files were read, but the cache folder could not be written; see `cache` in docs/configuration.md",
                import.unkept);
        }
    }
    for (size_t i = 0; i < import.count; i++) {
        duet_data_spec_finish(&import.items[i].spec);
    }
    free(import.items);
    return status == DUET_OK ? 0 : duet_complain(status);
}
