#include "data/parts.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "data/csv_form.h"

/** Names listed in an error. */
#define NAMES_SHOWN 4

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static bool name_matches(const char *wanted, const char *name) {
    return strpbrk(wanted, "*?") != NULL ? fnmatch(wanted, name, 0) == 0 : strstr(name, wanted) != NULL;
}

bool duet_parts_wants(
    const struct duet_data_spec *spec, const char *file, const struct duet_documents *documents, size_t index) {
    const char *inner = duet_documents_inner(documents, index);
    if (spec->inner == NULL || (inner != NULL && name_matches(spec->inner, inner))) {
        return true;
    }
    return duet_documents_count(documents) == 1 && name_matches(spec->inner, base_name(file));
}

void duet_parts_add(struct duet_parts *parts, const char *name, int64_t first_ns, int64_t last_ns) {
    parts->items = duet_realloc(parts->items, parts->count + 1, sizeof(*parts->items));
    parts->items[parts->count++] =
        (struct duet_part){.name = duet_strdup(name), .first_ns = first_ns, .last_ns = last_ns};
}

static int compare_parts(const void *a, const void *b) {
    const struct duet_part *x = a, *y = b;
    int order = (x->first_ns > y->first_ns) - (x->first_ns < y->first_ns);
    return order != 0 ? order : strcmp(x->name, y->name);
}

/** Do both, of which `a` begins first, cover the same time? Months that share a day or two do not. */
static bool are_parallel(const struct duet_part *a, const struct duet_part *b) {
    int64_t end_ns = a->last_ns < b->last_ns ? a->last_ns : b->last_ns;
    int64_t common_ns = end_ns - b->first_ns;
    int64_t a_ns = a->last_ns - a->first_ns, b_ns = b->last_ns - b->first_ns;
    int64_t shorter_ns = a_ns < b_ns ? a_ns : b_ns;
    if (b_ns == 0) {
        return a->first_ns < b->first_ns && b->first_ns < a->last_ns;
    }
    return common_ns > 0 && common_ns > shorter_ns / 2;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(((const struct duet_part *)a)->name, ((const struct duet_part *)b)->name);
}

static enum duet_status refuse_parallel(
    struct duet_parts *parts, const struct duet_source *source, struct duet_data_info *info) {
    struct duet_text names = {0}, all = {0};
    qsort(parts->items, parts->count, sizeof(*parts->items), compare_names);
    for (size_t i = 0; i < parts->count; i++) {
        const char *name = base_name(parts->items[i].name);
        duet_text_print(&all, "%s%s", i > 0 ? "," : "", name);
        if (i < NAMES_SHOWN) {
            duet_text_print(&names, "%s%.60s", i > 0 ? ", " : "", name);
        }
    }
    duet_text_copy(info->path, sizeof(info->path), source->path);
    duet_text_copy(info->choices, sizeof(info->choices), all.text);
    info->choice_key = "inner";
    enum duet_status status = duet_csv_refuse(info, 0, NULL,
        "%zu files that cover the same time are not one series; choose with inner=, of %s%s", parts->count, names.text,
        parts->count > NAMES_SHOWN ? ", …" : "");
    duet_text_finish(&names);
    duet_text_finish(&all);
    return status;
}

enum duet_status duet_parts_check(struct duet_parts *parts, const struct duet_source *source,
    const struct duet_data_spec *spec, struct duet_data_info *info) {
    if (parts->count == 0) {
        duet_text_copy(info->path, sizeof(info->path), source->path);
        return duet_csv_refuse(
            info, 0, NULL, "no file in it is named like inner=%.60s", spec->inner != NULL ? spec->inner : "");
    }
    if (spec->inner != NULL && strpbrk(spec->inner, "*?") != NULL) {
        return DUET_OK; // the user says that these are one series
    }
    qsort(parts->items, parts->count, sizeof(*parts->items), compare_parts);
    size_t longest = 0; // of those so far, the one that ends last
    for (size_t i = 1; i < parts->count; i++) {
        if (are_parallel(&parts->items[longest], &parts->items[i])) {
            return refuse_parallel(parts, source, info);
        }
        longest = parts->items[i].last_ns > parts->items[longest].last_ns ? i : longest;
    }
    return DUET_OK;
}

void duet_parts_finish(struct duet_parts *parts) {
    for (size_t i = 0; i < parts->count; i++) {
        free(parts->items[i].name);
    }
    free(parts->items);
    *parts = (struct duet_parts){0};
}
