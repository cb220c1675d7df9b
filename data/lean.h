/*
 * Files as the LEAN engine keeps them: <security>/<market>/<resolution>/<ticker>/<date>_<kind>.zip for ticks, seconds
 * and minutes, <security>/<market>/<resolution>/<ticker>.zip for hours and days; no header, times within a day in
 * milliseconds since midnight, prices of shares and options times 10,000. What the folders do not say, the name of the
 * file inside and its rows do.
 *
 * Times are of New York for US shares, options and indices, fixed UTC-5 for forex of fxcm, else UTC.
 */
#ifndef DUET_DATA_LEAN_H
#define DUET_DATA_LEAN_H

#include "data/table.h"

enum duet_lean_security {
    DUET_LEAN_UNKNOWN = 0,
    DUET_LEAN_EQUITY,
    DUET_LEAN_OPTION,
    DUET_LEAN_FOREX,
    DUET_LEAN_CFD,
    DUET_LEAN_CRYPTO,
    DUET_LEAN_FUTURE,
    DUET_LEAN_INDEX,
};
enum duet_lean_resolution {
    DUET_LEAN_NO_RESOLUTION = 0,
    DUET_LEAN_TICK,
    DUET_LEAN_SECOND,
    DUET_LEAN_MINUTE,
    DUET_LEAN_HOUR,
    DUET_LEAN_DAILY,
};
enum duet_lean_kind { DUET_LEAN_NO_KIND = 0, DUET_LEAN_TRADE, DUET_LEAN_QUOTE, DUET_LEAN_OPEN_INTEREST };

#define DUET_LEAN_NAME_MAX 32

/** What folders and names say. */
struct duet_lean {
    enum duet_lean_security security;
    enum duet_lean_resolution resolution;
    enum duet_lean_kind kind;
    bool in_tree; // the folders are LEAN's
    bool flat; // hours or days of a ticker outside of them, told by names inside and outside that agree
    bool has_day;
    int64_t day_ns; // local midnight
    char market[DUET_LEAN_NAME_MAX], ticker[DUET_LEAN_NAME_MAX];
    size_t root; // length of the path up to and with the market's folder
};

/** False where neither folders nor names look like LEAN. `inner` may be NULL. */
bool duet_lean_look(const char *path, const char *inner, struct duet_lean *out);

/** Transcribe into `out` if the document is LEAN's, which its rows have to confirm; *taken says so. */
DUET_MUST_CHECK enum duet_status duet_lean_table(const struct duet_document *document,
    const struct duet_data_spec *spec, struct duet_data_info *info, struct duet_table *out, bool *taken);

/** `<root>/<folder>/<ticker>.csv`, e.g. of "factor_files"; false where the path is not in LEAN's folders. */
bool duet_lean_companion(const char *path, const char *folder, char *out, size_t size);

/** One row of a factor file: prices up to and with `day_ns` are multiplied by both. */
struct duet_lean_factor {
    int64_t day_ns;
    double price, split;
};
struct duet_lean_factors {
    struct duet_lean_factor *rows; // ascending; owned
    size_t count;
};
/** The factor file beside `path`. DUET_EDATA where there is none or it cannot be read. */
DUET_MUST_CHECK enum duet_status duet_lean_factors_read(const char *path, struct duet_lean_factors *out);
void duet_lean_factors_finish(struct duet_lean_factors *factors);
/** What the prices of a day are multiplied by; by splits alone, or by dividends too. */
const struct duet_lean_factor *duet_lean_factor_of(const struct duet_lean_factors *factors, int64_t day_ns);

/** Last day on which the ticker's files belonged to another security, by the map file beside `path`; INT64_MIN where
 * there was none or no map file tells. */
int64_t duet_lean_foreign_until_ns(const char *path);

#endif
