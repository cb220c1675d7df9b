#include "data/series.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/money.h"
#include "base/text.h"
#include "data/cache.h"
#include "data/cache_sweep.h"
#include "data/cache_writer.h"
#include "data/lean.h"
#include "data/series_read.h"
#include "data/tick_series.h"
#include "data/tick_series_read.h"
#include "data/zone.h"

static bool is_calendar(int64_t interval_ns) {
    return interval_ns == DUET_DAY_NS || interval_ns == DUET_WEEK_NS || interval_ns == DUET_MONTH_NS ||
           interval_ns == DUET_QUARTER_NS || interval_ns == DUET_YEAR_NS;
}

/** Fill everything that follows from header and map; `series->store` is set. */
static enum duet_status series_attach(struct duet_series *series) {
    struct duet_series_store *store = series->store;
    const struct duet_cache_header *header = &store->header;
    duet_cache_info_load(header, &series->info);
    enum duet_status status = duet_zone_open(header->tz[0] != '\0' ? header->tz : "UTC", &store->zone);
    if (status != DUET_OK) {
        return status;
    }
    series->zone = store->zone;
    series->count = header->count;
    series->interval_ns = header->interval_ns;
    series->calendar = is_calendar(header->interval_ns);
    series->scale = (double)duet_pow10(header->price_decimals);
    series->quantity_scale = (double)duet_pow10(header->quantity_decimals);
    const void *records = store->map + DUET_CACHE_HEADER_BYTES;
    if (header->kind == DUET_KIND_TRADES) {
        series->trades = records;
    } else if (header->kind == DUET_KIND_QUOTES) {
        series->quotes = records;
    } else if (header->width == sizeof(struct duet_record32)) {
        series->records32 = records;
    } else {
        series->records48 = records;
    }
    series->ticks_wide = header->ticks_wide != 0;
    if (series->count > 0) {
        series->last_close_ns = duet_series_known_ns(series, series->count - 1);
    }
    return DUET_OK;
}

static struct duet_series *series_new(void) {
    struct duet_series *series = duet_alloc(1, sizeof(*series));
    series->store = duet_alloc(1, sizeof(*series->store));
    return series;
}

void duet_series_close(struct duet_series *series) {
    if (series == NULL) {
        return;
    }
    struct duet_series_store *store = series->store;
    if (store->map != NULL) {
        (void)munmap(store->map, store->map_bytes);
    }
    if (store->zone != NULL) {
        duet_zone_close(store->zone);
    }
    duet_source_finish(&store->source);
    free(store->path);
    free(store->verified);
    free(store);
    free(series);
}

enum duet_status duet_series_open_fd(int fd, struct duet_series **out) {
    struct duet_cache_header header;
    enum duet_status status = duet_cache_header_read(fd, &header);
    if (status != DUET_OK) {
        return status;
    }
    struct duet_series *series = series_new();
    struct duet_series_store *store = series->store;
    status = duet_cache_map(fd, &header, store);
    if (status == DUET_OK) {
        store->verified = duet_alloc((size_t)(store->blocks / 64) + 1, sizeof(uint64_t));
        status = series_attach(series);
    }
    if (status != DUET_OK) {
        duet_series_close(series);
        return status;
    }
    *out = series;
    return DUET_OK;
}

char *duet_series_cache_folder(const struct duet_series_options *options) {
    struct duet_text folder = {0};
    const char *home = getenv("HOME"), *caches = getenv("XDG_CACHE_HOME");
    if (options != NULL && options->cache_folder != NULL) {
        duet_text_print(&folder, "%s", options->cache_folder);
    } else if (caches != NULL && caches[0] == '/') {
        duet_text_print(&folder, "%s/duet", caches);
    } else if (home != NULL && home[0] == '/') {
        duet_text_print(&folder, "%s/.cache/duet", home);
    } else {
        return NULL;
    }
    struct stat stats;
    if (stat(folder.text, &stats) != 0) {
        char *slash = strrchr(folder.text, '/');
        bool parents = true;
        if (slash != NULL && slash != folder.text) {
            *slash = '\0';
            parents = duet_make_folders(folder.text) == DUET_OK;
            *slash = '/';
        }
        if (!parents || (mkdir(folder.text, 0700) != 0 && errno != EEXIST)) {
            duet_text_finish(&folder);
            return NULL;
        }
    }
    return folder.text;
}

/** A key of the source's place and of all that changes what a parse makes of it; the symbol chooses among columns. */
static void cache_key(const struct duet_source *source, const struct duet_data_spec *spec, uint64_t key[2]) {
    struct duet_text text = {0};
    duet_text_print(&text, "%s\n%s\n%d\n", DUET_VERSION, source->real_path, source->folder);
    const char *const texts[] = {spec->symbol, spec->tz, spec->columns, spec->inner, spec->asset, spec->kind,
        spec->price, spec->lean, spec->bid};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        duet_text_print(&text, "%s\n", texts[i] != NULL ? texts[i] : "");
    }
    duet_text_print(&text, "%d\n%d\n%d\n%lld\n%d\n%d\n%d\n%d\n%d", (int)spec->stamp, (int)spec->dates, (int)spec->comma,
        (long long)spec->interval_ns, spec->skip_errors, spec->adjust_total, spec->adjust_split, spec->decimals,
        spec->quantity_decimals);
    key[0] = duet_hash_bytes(DUET_HASH_SEED, text.text, text.length);
    key[1] = duet_hash_bytes(~DUET_HASH_SEED, text.text, text.length);
    duet_text_finish(&text);
}

/** `<folder>/<part of the source's name>-<key>.bars`; NULL where there is no folder. */
static char *cache_path(
    const struct duet_series_options *options, const struct duet_source *source, const uint64_t key[2]) {
    char *folder = options != NULL && options->no_cache ? NULL : duet_series_cache_folder(options);
    if (folder == NULL) {
        return NULL;
    }
    const char *slash = strrchr(source->real_path, '/');
    char name[41];
    duet_text_copy(name, sizeof(name), slash != NULL ? slash + 1 : source->real_path);
    struct duet_text path = {0};
    duet_text_print(
        &path, "%s/%s-%016llx%016llx.bars", folder, name, (unsigned long long)key[0], (unsigned long long)key[1]);
    free(folder);
    return path.text;
}

/** Whether the cache is of the source as it stands now. One that was built when the source was so young that a later
 * change may not show in its times is compared by content, and from then on trusted by identity. */
static bool cache_is_current(
    const struct duet_source *source, const uint64_t key[2], const char *path, struct duet_cache_header *header) {
    struct duet_source_identity identity;
    int64_t now_ns = duet_clock_now_ns(&duet_clock_wall);
    if (header->key[0] != key[0] || header->key[1] != key[1] || duet_source_identify(source, &identity) != DUET_OK ||
        !duet_source_same(&identity, &header->source)) {
        return false;
    }
    if (header->recent == 0) {
        return true;
    }
    uint64_t content = 0;
    if (duet_source_content(source, &content) != DUET_OK || content != header->content) {
        return false;
    }
    if (!duet_source_is_recent(&identity, now_ns)) {
        header->recent = 0;
        duet_cache_header_update(path, header);
    }
    return true;
}

/** Whether all of the file reached the disk, as it surely has once it has been read back after another boot. */
static bool cache_is_whole(struct duet_series *series, const char *path) {
    struct duet_series_store *store = series->store;
    uint64_t boot = duet_cache_boot();
    if (store->header.boot == 0 || store->header.boot == boot) {
        return true;
    }
    for (uint64_t i = 0; i < series->count; i += store->block_records) {
        if (duet_series_verify(series, i) != DUET_OK) {
            return false;
        }
    }
    store->dropped = 0;
    store->header.boot = 0;
    duet_cache_header_update(path, &store->header);
    return true;
}

/** NULL where there is no cache that is sure to be current. */
static struct duet_series *series_from_cache(
    const struct duet_source *source, const uint64_t key[2], const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return NULL;
    }
    struct duet_series *series = NULL;
    if (duet_series_open_fd(fd, &series) == DUET_OK) {
        if (cache_is_current(source, key, path, &series->store->header) && cache_is_whole(series, path)) {
            series->info.from_cache = true;
            duet_cache_mark_used(fd, duet_clock_now_ns(&duet_clock_wall) / DUET_SECOND_NS);
            series->store->path = duet_strdup(path);
        } else {
            duet_series_close(series);
            series = NULL;
        }
    }
    (void)close(fd);
    return series;
}

/** Complete the file, map it, and give it its name where it may have one. */
static enum duet_status series_from_writer(const struct duet_source *source, const char *path,
    struct duet_cache_writer *writer, struct duet_cache_header *header, struct duet_series **out) {
    struct duet_source_identity identity;
    enum duet_status status = duet_cache_writer_finish(writer, header);
    if (status != DUET_OK) {
        return status;
    }
    struct duet_series *series = series_new();
    status = duet_cache_map(writer->fd, header, series->store);
    if (status == DUET_OK) {
        status = series_attach(series);
    }
    if (status != DUET_OK) {
        duet_series_close(series);
        return status;
    }
    // A source that changed while it was read is used as it was read, this once.
    if (path != NULL && duet_source_identify(source, &identity) == DUET_OK &&
        duet_source_same(&identity, &header->source) &&
        duet_cache_writer_publish(writer, path, header->boot == 0) == DUET_OK) {
        series->store->path = duet_strdup(path);
    }
    *out = series;
    return DUET_OK;
}

/** Read the source into a new file at `path`, or into memory where that is NULL. `*refused`: the device failed, not the
 * data. */
static enum duet_status series_build(const struct duet_source *source, const struct duet_data_spec *spec,
    const struct duet_series_options *options, const char *path, const uint64_t key[2], struct duet_data_info *info,
    bool *refused, struct duet_series **out) {
    struct duet_cache_header header = {.key = {key[0], key[1]}, .boot = duet_cache_boot()};
    struct duet_cache_writer writer;
    int64_t now_ns = duet_clock_now_ns(&duet_clock_wall);
    enum duet_status status = duet_source_identify(source, &header.source);
    if (status != DUET_OK) {
        return status;
    }
    if (path != NULL) {
        duet_cache_sweep(path, now_ns / DUET_SECOND_NS, DUET_CACHE_FOLDER_MAX);
    }
    status = duet_cache_writer_open(&writer, path);
    if (status != DUET_OK) {
        *refused = true;
        return status;
    }
    // Before the rows are read: a change from here on leaves other content than this behind, and so a rebuild.
    if (duet_source_is_recent(&header.source, now_ns)) {
        header.recent = 1;
        status = duet_source_content(source, &header.content);
    }
    if (status == DUET_OK) {
        status = duet_series_read(source, spec, options, &writer, info);
        if (status == DUET_EDATA && (info->kind == DUET_KIND_TRADES || info->kind == DUET_KIND_QUOTES)) {
            bool wide = false;
            status = duet_tick_series_read(spec, options, &writer, info, &wide);
            header.ticks_wide = wide;
        }
    }
    if (status == DUET_OK) {
        duet_cache_info_store(info, &header);
        status = series_from_writer(source, path, &writer, &header, out);
    }
    *refused = writer.refused;
    duet_cache_writer_close(&writer);
    return status;
}

static enum duet_status series_check_spec(const struct duet_data_spec *spec) {
    if (spec->path == NULL) {
        return duet_error(DUET_EINVAL, "no path given; write SYMBOL=PATH");
    }
    return DUET_OK;
}

/** What depends on the call and not on the file. */
static void series_name(struct duet_data_info *info, const struct duet_data_spec *spec) {
    duet_text_copy(info->path, sizeof(info->path), spec->path);
    if (info->symbol[0] == '\0') {
        duet_source_symbol(spec->path, info->symbol, sizeof(info->symbol));
    }
}

static enum duet_status series_open_source(struct duet_source *source, const struct duet_data_spec *spec,
    const struct duet_series_options *options, struct duet_data_info *info, struct duet_series **out) {
    uint64_t key[2];
    cache_key(source, spec, key);
    char *path = cache_path(options, source, key);
    struct duet_series *series = path != NULL ? series_from_cache(source, key, path) : NULL;
    enum duet_status status = DUET_OK;
    if (series == NULL) {
        bool refused = false;
        status = series_build(source, spec, options, path, key, info, &refused, &series);
        if (refused && path != NULL) {
            status = series_build(source, spec, options, NULL, key, info, &refused, &series);
        }
    }
    free(path);
    if (status == DUET_OK) {
        series->store->source = *source;
        *source = (struct duet_source){0};
        *out = series;
    }
    return status;
}

/** What else the records depend on. */
static void series_accompany(struct duet_source *source, const struct duet_data_spec *spec) {
    char path[4096];
    duet_source_keep_kind(source, spec->kind);
    if (spec->bid != NULL) {
        duet_source_accompany(source, spec->bid);
    }
    if (duet_lean_companion(source->files[0], "map_files", path, sizeof(path))) {
        duet_source_accompany(source, path);
    }
    bool adjusts = spec->adjust_total || spec->adjust_split;
    if (adjusts && duet_lean_companion(source->files[0], "factor_files", path, sizeof(path))) {
        duet_source_accompany(source, path);
    }
}

enum duet_status duet_series_open(
    const struct duet_data_spec *spec, const struct duet_series_options *options, struct duet_series **out) {
    int64_t begin_ns = duet_monotonic_ns();
    struct duet_data_info info = {.kind = DUET_KIND_OTHER};
    struct duet_source source = {0};
    struct duet_series *series = NULL;
    enum duet_status status = series_check_spec(spec);
    if (status == DUET_OK) {
        status = duet_source_open(spec->path, &source);
    }
    if (status == DUET_OK) {
        series_accompany(&source, spec);
        status = series_open_source(&source, spec, options, &info, &series);
    }
    duet_source_finish(&source);
    if (status != DUET_OK) {
        if (options != NULL && options->refused != NULL) {
            if (spec->path != NULL) {
                series_name(&info, spec);
            }
            *options->refused = info;
        }
        return status;
    }
    series_name(&series->info, spec);
    series->info.load_s = (double)(duet_monotonic_ns() - begin_ns) / 1e9;
    *out = series;
    return DUET_OK;
}

bool duet_series_is_kept(const struct duet_series *series) {
    return series->store->path != NULL;
}

enum duet_status duet_series_open_gateway(const struct duet_data_spec *spec, struct duet_series **out) {
    const char *missing = spec->interval_ns == 0 ? "interval=" : spec->decimals < 0 ? "decimals=" : NULL;
    if (missing != NULL) {
        return duet_error(DUET_EINVAL, "%s: a series from the gateway needs %s, e.g. %s=gateway,interval=1m,decimals=2",
            spec->symbol, missing, spec->symbol);
    }
    struct duet_series *series = series_new();
    enum duet_status status = duet_zone_open(spec->tz != NULL ? spec->tz : "UTC", &series->store->zone);
    if (status != DUET_OK) {
        duet_series_close(series);
        return status;
    }
    struct duet_data_info *info = &series->info;
    duet_text_copy(info->symbol, sizeof(info->symbol), spec->symbol);
    duet_text_copy(info->path, sizeof(info->path), spec->path);
    duet_text_copy(info->dialect, sizeof(info->dialect), "gateway");
    duet_text_copy(info->tz, sizeof(info->tz), spec->tz != NULL ? spec->tz : "UTC");
    info->kind = DUET_KIND_BARS;
    info->interval_ns = series->interval_ns = spec->interval_ns;
    info->price_decimals = (uint32_t)spec->decimals;
    info->quantity_decimals = spec->quantity_decimals >= 0 ? (uint32_t)spec->quantity_decimals : 0;
    series->calendar = is_calendar(spec->interval_ns);
    series->zone = series->store->zone;
    series->scale = (double)duet_pow10(info->price_decimals);
    series->quantity_scale = (double)duet_pow10(info->quantity_decimals);
    *out = series;
    return DUET_OK;
}

enum duet_status duet_series_digest(struct duet_series *series) {
    struct duet_series_store *store = series->store;
    if (series->info.digest[0] != '\0') {
        return DUET_OK;
    }
    if (store->source.count == 0) {
        return duet_error(DUET_ESTATE, "%s: the source of this series is not known", series->info.path);
    }
    char digest[65];
    struct duet_source_identity identity;
    enum duet_status status = duet_source_sha256(&store->source, digest);
    if (status == DUET_OK) {
        status = duet_source_identify(&store->source, &identity);
    }
    if (status != DUET_OK) {
        return status;
    }
    if (!duet_source_same(&identity, &store->header.source)) {
        return duet_error(DUET_EDATA, "%s: changed while it was in use; run again", series->info.path);
    }
    duet_text_copy(series->info.digest, sizeof(series->info.digest), digest);
    if (store->path != NULL) {
        duet_text_copy(store->header.digest, sizeof(store->header.digest), digest);
        duet_cache_header_update(store->path, &store->header);
    }
    return DUET_OK;
}
