/* What a column means: the table of header names that data vendors use, and the columns= list of a spec. */
#ifndef DUET_DATA_CSV_COLUMNS_H
#define DUET_DATA_CSV_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include <duet/status.h>

/** Most columns of a file that can be told apart; what lies behind them is ignored. */
#define DUET_CSV_COLUMNS_MAX 256

enum duet_csv_role {
    DUET_CSV_IGNORE = 0,
    DUET_CSV_TIME, // date, date and time, or epoch
    DUET_CSV_CLOCK, // time of day, beside a date in DUET_CSV_TIME
    DUET_CSV_OPEN,
    DUET_CSV_HIGH,
    DUET_CSV_LOW,
    DUET_CSV_CLOSE,
    DUET_CSV_VOLUME,
    DUET_CSV_ADJUSTED, // close adjusted for splits and dividends
    DUET_CSV_SYMBOL,
    DUET_CSV_BID,
    DUET_CSV_ASK,
    DUET_CSV_PRICE,
    DUET_CSV_QUANTITY,
    DUET_CSV_SIDE, // of the aggressor
    DUET_CSV_BID_SIZE,
    DUET_CSV_ASK_SIZE,
    DUET_CSV_ROLES,
};

/** Column of each role, -1 where there is none, and the number of columns. */
struct duet_csv_columns {
    int of_role[DUET_CSV_ROLES];
    enum duet_csv_role roles[DUET_CSV_COLUMNS_MAX];
    size_t count;
};

/** Name of a role as written in columns=, "-" for an ignored column. */
const char *duet_csv_role_name(enum duet_csv_role role);

/** A header name without case, blanks, dots, dashes, underscores, brackets and quotes; cut at `size`. */
void duet_csv_normalise(const char *text, size_t length, char *out, size_t size);

/** Rank of a name that is a time only where its cells are, in every row: an id that is the time. */
#define DUET_CSV_RANK_ID 3

/** Role of a normalised header name, and how good the name is for it (0 best); DUET_CSV_IGNORE for an unknown name. */
enum duet_csv_role duet_csv_name_role(const char *normalised, int *rank);

/** Set the role of the next column. */
void duet_csv_columns_add(struct duet_csv_columns *columns, enum duet_csv_role role);

/** columns=time,open,high,low,close[,volume]…; DUET_EINVAL for an unknown, repeated or missing name. */
DUET_MUST_CHECK enum duet_status duet_csv_columns_parse(const char *text, struct duet_csv_columns *out);
/** The same list back, cut at `size`. */
void duet_csv_columns_format(const struct duet_csv_columns *columns, char *out, size_t size);

#endif
