#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/text.h"
#include "data/csv_sample.h"
#include "data/zone.h"

/** Longest name of an instrument among others, with its end. */
#define ASSET_MAX 24
/** Instruments listed. */
#define ASSETS_MAX 64

struct header {
    enum duet_csv_role roles[DUET_CSV_COLUMNS_MAX];
    int ranks[DUET_CSV_COLUMNS_MAX];
    size_t fields[DUET_CSV_COLUMNS_MAX]; // of the header line
    size_t count;
};

/** Instruments side by side, in the order of their columns. */
struct assets {
    char names[ASSETS_MAX][ASSET_MAX];
    unsigned roles[ASSETS_MAX]; // bits
    size_t count;
};

/** An epoch in microseconds, which some use as the number of a trade. */
static bool column_is_micros(const struct duet_csv_sample *sample, size_t column) {
    for (size_t i = sample->data; i < sample->count; i++) {
        const struct duet_csv_line *line = &sample->lines[i];
        if (column >= duet_csv_line_kept(line) || line->fields[column].length != 16 ||
            (line->fields[column].text[0] != '1' && line->fields[column].text[0] != '2')) {
            return false;
        }
    }
    return true;
}

/** Of the columns that a name makes candidates for time, the best whose cells are times. */
static int choose_time_column(
    const struct duet_csv_sample *sample, const struct header *header, duet_date_form *date_form) {
    for (int rank = 0; rank <= DUET_CSV_RANK_ID; rank++) {
        for (size_t i = 0; i < header->count; i++) {
            if (header->roles[i] == DUET_CSV_TIME && header->ranks[i] == rank &&
                duet_csv_column_date_form(sample, i, date_form) > 0 &&
                (rank < DUET_CSV_RANK_ID || column_is_micros(sample, i))) {
                return (int)i;
            }
        }
    }
    return -1;
}

/** Give the best-ranked column of each role that role; the others are ignored. */
static void assign_roles(struct duet_csv_form *form, const struct header *header, int time_column, int clock_column) {
    int best[DUET_CSV_ROLES];
    for (size_t role = 0; role < DUET_CSV_ROLES; role++) {
        best[role] = -1;
    }
    for (size_t i = 0; i < header->count; i++) {
        enum duet_csv_role role = header->roles[i];
        if (best[role] < 0 || header->ranks[i] < header->ranks[best[role]]) {
            best[role] = (int)i;
        }
    }
    best[DUET_CSV_IGNORE] = -1;
    best[DUET_CSV_TIME] = time_column;
    best[DUET_CSV_CLOCK] = clock_column;
    // "Price" is what investing.com calls the close.
    if (best[DUET_CSV_CLOSE] < 0 && best[DUET_CSV_OPEN] >= 0 && best[DUET_CSV_HIGH] >= 0) {
        best[DUET_CSV_CLOSE] = best[DUET_CSV_PRICE];
        best[DUET_CSV_PRICE] = -1;
    }
    for (size_t i = 0; i < header->count; i++) {
        enum duet_csv_role role = DUET_CSV_IGNORE;
        for (size_t k = 1; k < DUET_CSV_ROLES; k++) {
            role = best[k] == (int)i ? (enum duet_csv_role)k : role;
        }
        duet_csv_columns_add(&form->columns, role);
    }
}

static enum duet_csv_role text_role(const char *text, size_t length, int *rank) {
    char name[DUET_CSV_NAME_MAX];
    duet_csv_normalise(text, length, name, sizeof(name));
    return name[0] == '\0' ? DUET_CSV_IGNORE : duet_csv_name_role(name, rank);
}

static bool is_bar_role(enum duet_csv_role role) {
    return (role >= DUET_CSV_OPEN && role <= DUET_CSV_VOLUME) || role == DUET_CSV_ADJUSTED;
}

/** "BTC:open", "AAPL.Close", "close_AAPL": the instrument's name and the role; IGNORE where it is nothing of the kind.
 */
static enum duet_csv_role split_name(struct duet_csv_field field, char asset[ASSET_MAX], int *rank) {
    for (size_t i = 1; i + 1 < field.length; i++) {
        if (memchr(":._ /-|", field.text[i], 7) == NULL) {
            continue;
        }
        const char *right = field.text + i + 1;
        size_t right_length = field.length - i - 1;
        int ignored;
        enum duet_csv_role before = text_role(field.text, i, &ignored);
        enum duet_csv_role behind = text_role(right, right_length, rank);
        bool side = before == DUET_CSV_BID || before == DUET_CSV_ASK; // "bid open": bars of one side
        bool last = is_bar_role(behind) &&
                    (before == DUET_CSV_IGNORE || (side && behind >= DUET_CSV_OPEN && behind <= DUET_CSV_CLOSE));
        bool first = !last && is_bar_role(before) && behind == DUET_CSV_IGNORE;
        if (first || last) {
            size_t length = last ? i : right_length;
            length = length < ASSET_MAX ? length : ASSET_MAX - 1;
            memcpy(asset, last ? field.text : right, length);
            asset[length] = '\0';
            *rank = first ? ignored : *rank;
            return last ? behind : before;
        }
    }
    return DUET_CSV_IGNORE;
}

static size_t asset_index(struct assets *assets, const char *name) {
    for (size_t i = 0; i < assets->count; i++) {
        if (strcasecmp(assets->names[i], name) == 0) {
            return i;
        }
    }
    if (assets->count == ASSETS_MAX) {
        return ASSETS_MAX;
    }
    duet_text_copy(assets->names[assets->count], ASSET_MAX, name);
    return assets->count++;
}

/** The instruments that have all four prices. */
static void find_assets(const struct duet_csv_line *line, const struct header *header, struct assets *assets) {
    static const unsigned all = 1u << DUET_CSV_OPEN | 1u << DUET_CSV_HIGH | 1u << DUET_CSV_LOW | 1u << DUET_CSV_CLOSE;
    for (size_t i = 0; i < header->count; i++) {
        char name[ASSET_MAX];
        int rank = 0;
        enum duet_csv_role role = split_name(line->fields[header->fields[i]], name, &rank);
        size_t index = role != DUET_CSV_IGNORE ? asset_index(assets, name) : ASSETS_MAX;
        if (index < ASSETS_MAX) {
            assets->roles[index] |= 1u << role;
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < assets->count; i++) {
        if ((assets->roles[i] & all) == all) {
            assets->roles[kept] = assets->roles[i];
            memmove(assets->names[kept++], assets->names[i], ASSET_MAX);
        }
    }
    assets->count = kept;
}

/** Columns of one instrument are its roles, those of others nothing. */
static void take_asset(const struct duet_csv_line *line, const char *wanted, struct header *header) {
    for (size_t i = 0; i < header->count; i++) {
        char name[ASSET_MAX];
        int rank = 0;
        enum duet_csv_role role = split_name(line->fields[header->fields[i]], name, &rank);
        if (role != DUET_CSV_IGNORE) {
            bool ours = strcasecmp(name, wanted) == 0;
            header->roles[i] = ours ? role : DUET_CSV_IGNORE;
            header->ranks[i] = rank;
        }
    }
}

static bool has_bars(const struct header *header) {
    unsigned roles = 0;
    for (size_t i = 0; i < header->count; i++) {
        roles |= 1u << header->roles[i];
    }
    return (roles >> DUET_CSV_OPEN & 1) && (roles >> DUET_CSV_HIGH & 1) && (roles >> DUET_CSV_LOW & 1);
}

/** Of several instruments side by side the one that asset= or the symbol names, or the only one. */
static enum duet_status choose_asset(const struct duet_csv_line *line, const struct duet_data_spec *spec,
    struct duet_data_info *info, struct header *header, struct duet_csv_form *form) {
    struct assets assets = {0};
    const char *wanted = spec->asset != NULL ? spec->asset : spec->symbol;
    if (!has_bars(header)) {
        find_assets(line, header, &assets);
    }
    for (size_t i = 0; wanted != NULL && i < assets.count; i++) {
        if (strcasecmp(assets.names[i], wanted) == 0) {
            take_asset(line, wanted, header);
            form->asset_side_by_side = true;
            return DUET_OK;
        }
    }
    if (assets.count > 0 && spec->asset == NULL) { // of several the first, for who only looks
        take_asset(line, assets.names[0], header);
    }
    if (assets.count <= 1 || spec->asset != NULL) {
        return DUET_OK;
    }
    size_t used = 0;
    for (size_t i = 0; i < assets.count && used < sizeof(info->choices); i++) {
        int more =
            snprintf(info->choices + used, sizeof(info->choices) - used, "%s%s", i > 0 ? "," : "", assets.names[i]);
        used += more > 0 ? (size_t)more : 0;
    }
    info->choice_key = "asset";
    return DUET_OK;
}

/** "Time (EET)": a time, and the zone of all labels. */
static enum duet_csv_role zoned_time_role(struct duet_csv_field field, int *rank) {
    const char *open = memchr(field.text, '(', field.length);
    bool closed = open != NULL && field.text[field.length - 1] == ')';
    enum duet_csv_role role = closed ? text_role(field.text, (size_t)(open - field.text), rank) : DUET_CSV_IGNORE;
    return role == DUET_CSV_TIME ? role : DUET_CSV_IGNORE;
}

/** The zone that the header of the time column states in brackets, or by the words UTC and GMT. */
static void take_zone(struct duet_csv_field field, struct duet_csv_form *form) {
    char name[DUET_CSV_NAME_MAX];
    struct duet_zone *zone = NULL;
    const char *open = memchr(field.text, '(', field.length), *end = field.text + field.length;
    const char *close = open != NULL ? memchr(open, ')', (size_t)(end - open)) : NULL;
    duet_csv_normalise(field.text, field.length, name, sizeof(name));
    form->zone_named[0] = '\0';
    if (strstr(name, "utc") != NULL || strstr(name, "gmt") != NULL) {
        duet_text_copy(form->zone_named, sizeof(form->zone_named), "UTC");
    } else if (close != NULL && close - open > 1 && (size_t)(close - open) < sizeof(form->zone_named)) {
        memcpy(form->zone_named, open + 1, (size_t)(close - open) - 1);
        form->zone_named[close - open - 1] = '\0';
        if (duet_zone_open(form->zone_named, &zone) != DUET_OK) { // some other remark
            form->zone_named[0] = '\0';
        }
        duet_zone_close(zone);
    }
}

static void read_names(const struct duet_csv_sample *sample, struct header *header, struct duet_csv_form *form) {
    const struct duet_csv_line *line = &sample->lines[sample->header];
    const struct duet_csv_line *first = &sample->lines[sample->data];
    for (size_t i = 0; i < duet_csv_line_kept(line) && header->count < DUET_CSV_COLUMNS_MAX; i++) {
        char name[DUET_CSV_NAME_MAX];
        size_t at = header->count++;
        duet_csv_form_name(form, at, line->fields[i].text, line->fields[i].length);
        duet_csv_normalise(line->fields[i].text, line->fields[i].length, name, sizeof(name));
        header->roles[at] = duet_csv_name_role(name, &header->ranks[at]);
        if (header->roles[at] == DUET_CSV_IGNORE) {
            header->roles[at] = zoned_time_role(line->fields[i], &header->ranks[at]);
        }
        header->fields[at] = i;
        // "Date" over two columns, the second of them a time of day.
        if (header->roles[at] == DUET_CSV_TIME && first->count == line->count + 1 &&
            header->count < DUET_CSV_COLUMNS_MAX && duet_csv_column_is_clock(sample, header->count)) {
            at = header->count++;
            duet_csv_form_name(form, at, "Time", 4);
            header->roles[at] = DUET_CSV_TIME;
            header->ranks[at] = 2;
            header->fields[at] = i;
        }
    }
}

/** Two columns of one name that are not the same: nobody can know which of them is meant. */
static enum duet_status refuse_twins(const struct duet_csv_sample *sample, const struct duet_csv_form *form,
    const struct header *header, struct duet_data_info *info) {
    for (size_t i = 0; i < header->count; i++) {
        enum duet_csv_role role = header->roles[i];
        int chosen = role >= DUET_CSV_OPEN && role <= DUET_CSV_VOLUME ? form->columns.of_role[role] : -1;
        if (chosen < 0 || chosen == (int)i || strcasecmp(form->names[chosen], form->names[i]) != 0) {
            continue;
        }
        for (size_t k = sample->data; k < sample->count; k++) {
            const struct duet_csv_line *line = &sample->lines[k];
            if (i >= duet_csv_line_kept(line) || (size_t)chosen >= duet_csv_line_kept(line)) {
                continue;
            }
            struct duet_csv_field a = line->fields[i], b = line->fields[chosen];
            if (a.length != b.length || memcmp(a.text, b.text, a.length) != 0) {
                return duet_csv_refuse(info, sample->lines[sample->header].number, form->names[i],
                    "two columns of this name; say which with columns=, and \"-\" for the other");
            }
        }
    }
    return DUET_OK;
}

enum duet_status duet_csv_columns_from_header(const struct duet_csv_sample *sample, const struct duet_data_spec *spec,
    struct duet_data_info *info, struct duet_csv_form *form) {
    struct header header = {.count = 0};
    read_names(sample, &header, form);
    enum duet_status status = choose_asset(&sample->lines[sample->header], spec, info, &header, form);
    if (status != DUET_OK) {
        return status;
    }
    int time_column = choose_time_column(sample, &header, &form->date_form), clock_column = -1;
    for (size_t i = 0; i < header.count && time_column >= 0; i++) {
        if (header.roles[i] == DUET_CSV_TIME && (int)i != time_column && duet_csv_column_is_clock(sample, i)) {
            clock_column = (int)i;
            break;
        }
    }
    assign_roles(form, &header, time_column, clock_column);
    if (time_column >= 0) {
        take_zone(sample->lines[sample->header].fields[header.fields[time_column]], form);
    }
    int side = form->columns.of_role[DUET_CSV_SIDE];
    form->side_is_maker = side >= 0 && header.ranks[side] == 1 && strstr(form->names[side], "aker") != NULL;
    return refuse_twins(sample, form, &header, info);
}
