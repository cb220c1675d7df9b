#include "data/zone.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <duet/bar.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "data/zone_rule.h"

#define ZONE_FOLDER "/usr/share/zoneinfo"
#define ZONE_FILE_MAX (1u << 20)
#define ZONE_NAME_MAX 48
#define ZONE_HEADER_SIZE 44
#define DAY_S 86400
/** Nanoseconds in an int64_t reach into this year; rules are unrolled so far. */
#define ZONE_LAST_YEAR 2262
/** Seconds whose nanoseconds fit, and room for an offset on either side. */
#define ZONE_SECONDS_MAX (INT64_MAX / DUET_SECOND_NS - 2 * DAY_S)

struct duet_zone {
    size_t count; // of transitions
    int64_t *at_ns; // when clocks change, ascending
    int64_t *offset_ns; // count + 1: before the first change, then after each
};

static uint64_t read_be(const unsigned char *bytes, unsigned size) {
    uint64_t value = 0;
    for (unsigned i = 0; i < size; i++) {
        value = value << 8 | bytes[i];
    }
    return value;
}

static void zone_add(struct duet_zone *zone, int64_t at_s, int64_t offset_s) {
    if (at_s < -ZONE_SECONDS_MAX || at_s > ZONE_SECONDS_MAX) {
        if (at_s < 0) { // in force since before time begins for us
            zone->offset_ns[0] = offset_s * DUET_SECOND_NS;
        }
        return;
    }
    int64_t at_ns = at_s * DUET_SECOND_NS;
    if (zone->count > 0 && at_ns <= zone->at_ns[zone->count - 1]) {
        return;
    }
    zone->at_ns = duet_realloc(zone->at_ns, zone->count + 1, sizeof(*zone->at_ns));
    zone->offset_ns = duet_realloc(zone->offset_ns, zone->count + 2, sizeof(*zone->offset_ns));
    zone->at_ns[zone->count++] = at_ns;
    zone->offset_ns[zone->count] = offset_s * DUET_SECOND_NS;
}

/** Unroll the footer's rule from the year of the last listed change on. */
static bool zone_add_rule(struct duet_zone *zone, const char *text, size_t length) {
    struct duet_zone_rule rule;
    if (length == 0) {
        return true;
    }
    if (!duet_zone_rule_parse(text, length, &rule)) {
        return false;
    }
    if (!rule.has_summer) {
        if (zone->count == 0) {
            zone->offset_ns[0] = rule.standard_s * DUET_SECOND_NS;
        }
        return true;
    }
    int year = zone->count > 0 ? duet_civil_from_ns(zone->at_ns[zone->count - 1]).year : 1900;
    for (; year <= ZONE_LAST_YEAR; year++) {
        int64_t starts = duet_zone_rule_date(&rule.summer_starts, year) - rule.standard_s;
        int64_t ends = duet_zone_rule_date(&rule.summer_ends, year) - rule.summer_s;
        if (starts < ends) {
            zone_add(zone, starts, rule.summer_s);
            zone_add(zone, ends, rule.standard_s);
        } else {
            zone_add(zone, ends, rule.standard_s);
            zone_add(zone, starts, rule.summer_s);
        }
    }
    return true;
}

struct zone_block {
    uint64_t ut_count, std_count, leap_count, time_count, type_count, text_count;
    unsigned time_size;
    const unsigned char *data;
    size_t size;
};

/** The block whose header stands at `bytes`; false where it does not fit. */
static bool zone_block_at(const unsigned char *bytes, size_t size, unsigned time_size, struct zone_block *out) {
    if (size < ZONE_HEADER_SIZE || memcmp(bytes, "TZif", 4) != 0) {
        return false;
    }
    *out = (struct zone_block){.ut_count = read_be(bytes + 20, 4),
        .std_count = read_be(bytes + 24, 4),
        .leap_count = read_be(bytes + 28, 4),
        .time_count = read_be(bytes + 32, 4),
        .type_count = read_be(bytes + 36, 4),
        .text_count = read_be(bytes + 40, 4),
        .time_size = time_size,
        .data = bytes + ZONE_HEADER_SIZE};
    uint64_t need = out->time_count * (time_size + 1) + out->type_count * 6 + out->text_count +
                    out->leap_count * (time_size + 4) + out->std_count + out->ut_count;
    out->size = (size_t)need;
    return need <= size - ZONE_HEADER_SIZE && out->type_count > 0;
}

static bool zone_add_block(struct duet_zone *zone, const struct zone_block *block) {
    const unsigned char *times = block->data;
    const unsigned char *types = times + block->time_count * block->time_size;
    const unsigned char *infos = types + block->time_count;
    // The first type holds before any change.
    zone->offset_ns[0] = (int32_t)read_be(infos, 4) * DUET_SECOND_NS;
    for (uint64_t i = 0; i < block->time_count; i++) {
        if (types[i] >= block->type_count) {
            return false;
        }
        uint64_t raw = read_be(times + i * block->time_size, block->time_size);
        int64_t at_s = block->time_size == 8 ? (int64_t)raw : (int32_t)raw;
        zone_add(zone, at_s, (int32_t)read_be(infos + types[i] * 6u, 4));
    }
    return block->leap_count == 0;
}

static bool zone_decode(struct duet_zone *zone, const unsigned char *bytes, size_t size) {
    struct zone_block block;
    if (!zone_block_at(bytes, size, 4, &block)) {
        return false;
    }
    if (bytes[4] < '2') {
        return zone_add_block(zone, &block);
    }
    size_t second = ZONE_HEADER_SIZE + block.size;
    if (!zone_block_at(bytes + second, size - second, 8, &block) || !zone_add_block(zone, &block)) {
        return false;
    }
    const char *footer = (const char *)(block.data + block.size);
    const char *end = (const char *)(bytes + size);
    if (footer == end || *footer != '\n') {
        return false;
    }
    const char *stop = memchr(footer + 1, '\n', (size_t)(end - footer) - 1);
    return stop != NULL && zone_add_rule(zone, footer + 1, (size_t)(stop - footer) - 1);
}

/** "+05:30", "-0500", "+5"; false for anything else. */
static bool zone_parse_offset(const char *name, int64_t *offset_s) {
    int sign = *name == '+' ? 1 : -1;
    if (*name != '+' && *name != '-') {
        return false;
    }
    int hours = 0, minutes = 0;
    const char *p = name + 1;
    size_t digits = strspn(p, "0123456789");
    if (digits < 1 || digits > 4 || digits == 3) {
        return false;
    }
    size_t hour_digits = digits < 2 ? digits : 2;
    for (size_t i = 0; i < hour_digits; i++) {
        hours = hours * 10 + (*p++ - '0');
    }
    if (*p == ':') {
        p++;
    }
    if (*p != '\0') {
        if (strspn(p, "0123456789") != 2 || p[2] != '\0') {
            return false;
        }
        minutes = (p[0] - '0') * 10 + (p[1] - '0');
    }
    *offset_s = sign * (hours * 3600 + minutes * 60);
    return hours < 24 && minutes < 60;
}

static bool zone_name_is_safe(const char *name) {
    if (!isalpha((unsigned char)*name) || strstr(name, "..") != NULL) {
        return false;
    }
    return strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") == strlen(name);
}

static enum duet_status zone_load(struct duet_zone *zone, const char *name) {
    char path[sizeof(ZONE_FOLDER) + ZONE_NAME_MAX + 1];
    snprintf(path, sizeof(path), ZONE_FOLDER "/%s", name);
    char *bytes = NULL;
    size_t size = 0;
    if (!zone_name_is_safe(name) || duet_file_read(path, ZONE_FILE_MAX, &bytes, &size) != DUET_OK) {
        return duet_error(DUET_EINVAL,
            "time zone \"%s\" is not known; try \"UTC\", \"America/New_York\" or an offset such as \"+05:30\"", name);
    }
    bool good = zone_decode(zone, (const unsigned char *)bytes, size);
    free(bytes);
    return good ? DUET_OK : duet_error(DUET_EINVAL, "time zone \"%s\": %s is not usable zone data", name, path);
}

enum duet_status duet_zone_open(const char *name, struct duet_zone **out) {
    if (*name == '\0' || strlen(name) >= ZONE_NAME_MAX) {
        return duet_error(DUET_EINVAL, "time zone \"%.60s\" is not known; try \"UTC\" or \"America/New_York\"", name);
    }
    struct duet_zone *zone = duet_alloc(1, sizeof(*zone));
    zone->offset_ns = duet_alloc(1, sizeof(*zone->offset_ns));
    int64_t offset_s = 0;
    enum duet_status status = DUET_OK;
    if (zone_parse_offset(name, &offset_s)) {
        zone->offset_ns[0] = offset_s * DUET_SECOND_NS;
    } else if (strcmp(name, "UTC") != 0 && strcmp(name, "Z") != 0) {
        status = zone_load(zone, name);
    }
    if (status != DUET_OK) {
        duet_zone_close(zone);
        return status;
    }
    *out = zone;
    return DUET_OK;
}

void duet_zone_close(struct duet_zone *zone) {
    if (zone == NULL) {
        return;
    }
    free(zone->at_ns);
    free(zone->offset_ns);
    free(zone);
}

/** How many changes lie at or before `utc_ns`; the offset in force has that index. */
static size_t zone_find(const struct duet_zone *zone, int64_t utc_ns) {
    size_t low = 0, high = zone->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->at_ns[middle] <= utc_ns) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

int64_t duet_zone_offset_ns(const struct duet_zone *zone, int64_t utc_ns) {
    return zone->offset_ns[zone_find(zone, utc_ns)];
}

int64_t duet_zone_next_change_ns(const struct duet_zone *zone, int64_t utc_ns) {
    size_t index = zone_find(zone, utc_ns);
    return index < zone->count ? zone->at_ns[index] : INT64_MAX;
}

static int64_t add_saturated(int64_t a, int64_t b) {
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum)) {
        return a < 0 ? INT64_MIN : INT64_MAX;
    }
    return sum;
}

int64_t duet_zone_to_utc_ns(const struct duet_zone *zone, int64_t local_ns) {
    // Offsets stay within a day or so; the stretches around the label are tried in order of time.
    size_t index = zone_find(zone, add_saturated(local_ns, -2 * DUET_DAY_NS));
    for (; index < zone->count; index++) {
        int64_t change_ns = zone->at_ns[index];
        int64_t utc_ns = add_saturated(local_ns, -zone->offset_ns[index]);
        if (utc_ns < change_ns) {
            return utc_ns;
        }
        if (local_ns < add_saturated(change_ns, zone->offset_ns[index + 1])) {
            return change_ns; // the label falls into the gap
        }
    }
    return add_saturated(local_ns, -zone->offset_ns[zone->count]);
}

bool duet_zone_to_second_utc_ns(const struct duet_zone *zone, int64_t local_ns, int64_t *utc_ns) {
    size_t index = zone_find(zone, duet_zone_to_utc_ns(zone, local_ns));
    if (index == zone->count) {
        return false;
    }
    *utc_ns = add_saturated(local_ns, -zone->offset_ns[index + 1]);
    return *utc_ns >= zone->at_ns[index];
}

int64_t duet_zone_steady_ns(const struct duet_zone *zone, int64_t local_ns, int64_t *from_ns, int64_t *until_ns) {
    int64_t utc_ns = duet_zone_to_utc_ns(zone, local_ns);
    size_t index = zone_find(zone, utc_ns);
    int64_t offset_ns = zone->offset_ns[index];
    *from_ns = INT64_MIN;
    *until_ns = INT64_MAX;
    if (index > 0) {
        int64_t before_ns = zone->offset_ns[index - 1];
        *from_ns = add_saturated(zone->at_ns[index - 1], before_ns > offset_ns ? before_ns : offset_ns);
    }
    if (index < zone->count) {
        int64_t after_ns = zone->offset_ns[index + 1];
        *until_ns = add_saturated(zone->at_ns[index], after_ns < offset_ns ? after_ns : offset_ns);
    }
    if (local_ns < *from_ns || local_ns >= *until_ns) { // shown twice, or never: only this very label
        *from_ns = local_ns;
        *until_ns = add_saturated(local_ns, 1);
        return local_ns - utc_ns;
    }
    return offset_ns;
}

int64_t duet_zone_next_midnight_ns(const struct duet_zone *zone, int64_t utc_ns) {
    int64_t local_ns = add_saturated(utc_ns, duet_zone_offset_ns(zone, utc_ns));
    int64_t day = local_ns / DUET_DAY_NS - (local_ns % DUET_DAY_NS < 0);
    int64_t midnight_ns;
    do {
        day++;
        if (day > INT64_MAX / DUET_DAY_NS) {
            return INT64_MAX;
        }
        midnight_ns = duet_zone_to_utc_ns(zone, day * DUET_DAY_NS);
    } while (midnight_ns <= utc_ns);
    return midnight_ns;
}
