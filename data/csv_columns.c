#include "data/csv_columns.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "base/text.h"

static const char *const role_names[] = {
    [DUET_CSV_IGNORE] = "-",
    [DUET_CSV_TIME] = "time",
    [DUET_CSV_CLOCK] = "clock",
    [DUET_CSV_OPEN] = "open",
    [DUET_CSV_HIGH] = "high",
    [DUET_CSV_LOW] = "low",
    [DUET_CSV_CLOSE] = "close",
    [DUET_CSV_VOLUME] = "volume",
    [DUET_CSV_ADJUSTED] = "adjclose",
    [DUET_CSV_SYMBOL] = "symbol",
    [DUET_CSV_BID] = "bid",
    [DUET_CSV_ASK] = "ask",
    [DUET_CSV_PRICE] = "price",
    [DUET_CSV_QUANTITY] = "quantity",
    [DUET_CSV_SIDE] = "side",
    [DUET_CSV_BID_SIZE] = "bidsize",
    [DUET_CSV_ASK_SIZE] = "asksize",
};
static_assert(sizeof(role_names) / sizeof(role_names[0]) == DUET_CSV_ROLES, "one name per role");

/*
 * Header names, normalised. Among several columns of one role the lowest rank wins, then the first column. A name that
 * ends in `*` stands for all that begin like it.
 */
static const struct {
    const char *name;
    enum duet_csv_role role;
    int rank;
} names[] = {
    {"date", DUET_CSV_TIME, 0},
    {"datetime", DUET_CSV_TIME, 0},
    {"time", DUET_CSV_TIME, 0},
    {"timestamp", DUET_CSV_TIME, 0},
    {"opentime", DUET_CSV_TIME, 0},
    {"startdate", DUET_CSV_TIME, 0},
    {"starttime", DUET_CSV_TIME, 0},
    {"start", DUET_CSV_TIME, 0},
    {"bartime", DUET_CSV_TIME, 0},
    {"tradedate", DUET_CSV_TIME, 0},
    {"tradingday", DUET_CSV_TIME, 0},
    {"gmttime", DUET_CSV_TIME, 0},
    {"utctime", DUET_CSV_TIME, 0},
    {"timeutc", DUET_CSV_TIME, 0},
    {"dateutc", DUET_CSV_TIME, 0},
    {"datetimeutc", DUET_CSV_TIME, 0},
    {"timestamputc", DUET_CSV_TIME, 0},
    {"localtime", DUET_CSV_TIME, 0},
    {"datum", DUET_CSV_TIME, 0},
    {"transacttime", DUET_CSV_TIME, 0},
    {"tradetime", DUET_CSV_TIME, 0},
    {"eventtime", DUET_CSV_TIME, 0},
    {"exchangetime", DUET_CSV_TIME, 0},
    {"timestampms", DUET_CSV_TIME, 0},
    {"timems", DUET_CSV_TIME, 0},
    {"transactiontime", DUET_CSV_TIME, 0},
    {"createdtime", DUET_CSV_TIME, 0},
    {"createdat", DUET_CSV_TIME, 0},
    {"executedat", DUET_CSV_TIME, 0},
    {"siptimestamp", DUET_CSV_TIME, 0},
    {"windowstart", DUET_CSV_TIME, 0},
    {"begin", DUET_CSV_TIME, 0},
    {"dtyyyymmdd", DUET_CSV_TIME, 0},
    {"data", DUET_CSV_TIME, 0},
    {"fecha", DUET_CSV_TIME, 0},
    {"日期", DUET_CSV_TIME, 0},
    {"时间", DUET_CSV_TIME, 0},
    {"交易日期", DUET_CSV_TIME, 0},
    {"day", DUET_CSV_TIME, 1},
    {"participanttimestamp", DUET_CSV_TIME, 1},
    {"dt", DUET_CSV_TIME, 1},
    {"ts", DUET_CSV_TIME, 1},
    {"t", DUET_CSV_TIME, 1},
    {"unix", DUET_CSV_TIME, 1},
    {"unixtime", DUET_CSV_TIME, 1},
    {"unixtimestamp", DUET_CSV_TIME, 1},
    {"epoch", DUET_CSV_TIME, 1},
    {"", DUET_CSV_TIME, 2}, // an index written without a name
    {"id", DUET_CSV_TIME, DUET_CSV_RANK_ID},
    {"tradeid", DUET_CSV_TIME, DUET_CSV_RANK_ID},
    {"open", DUET_CSV_OPEN, 0},
    {"openprice", DUET_CSV_OPEN, 0},
    {"priceopen", DUET_CSV_OPEN, 0},
    {"1open", DUET_CSV_OPEN, 0},
    {"eröffn", DUET_CSV_OPEN, 0},
    {"eröffnung", DUET_CSV_OPEN, 0},
    {"erster", DUET_CSV_OPEN, 0},
    {"otwarcie", DUET_CSV_OPEN, 0},
    {"ouverture", DUET_CSV_OPEN, 0},
    {"ouv", DUET_CSV_OPEN, 0},
    {"apertura", DUET_CSV_OPEN, 0},
    {"abertura", DUET_CSV_OPEN, 0},
    {"开盘", DUET_CSV_OPEN, 0},
    {"开盘价", DUET_CSV_OPEN, 0},
    {"first", DUET_CSV_OPEN, 1},
    {"o", DUET_CSV_OPEN, 1},
    {"high", DUET_CSV_HIGH, 0},
    {"highprice", DUET_CSV_HIGH, 0},
    {"pricehigh", DUET_CSV_HIGH, 0},
    {"2high", DUET_CSV_HIGH, 0},
    {"hoch", DUET_CSV_HIGH, 0},
    {"najwyzszy", DUET_CSV_HIGH, 0},
    {"haut", DUET_CSV_HIGH, 0},
    {"máximo", DUET_CSV_HIGH, 0},
    {"maximo", DUET_CSV_HIGH, 0},
    {"massimo", DUET_CSV_HIGH, 0},
    {"最高", DUET_CSV_HIGH, 0},
    {"最高价", DUET_CSV_HIGH, 0},
    {"max", DUET_CSV_HIGH, 1},
    {"h", DUET_CSV_HIGH, 1},
    {"low", DUET_CSV_LOW, 0},
    {"lowprice", DUET_CSV_LOW, 0},
    {"pricelow", DUET_CSV_LOW, 0},
    {"3low", DUET_CSV_LOW, 0},
    {"tief", DUET_CSV_LOW, 0},
    {"najnizszy", DUET_CSV_LOW, 0},
    {"bas", DUET_CSV_LOW, 0},
    {"mínimo", DUET_CSV_LOW, 0},
    {"minimo", DUET_CSV_LOW, 0},
    {"最低", DUET_CSV_LOW, 0},
    {"最低价", DUET_CSV_LOW, 0},
    {"min", DUET_CSV_LOW, 1},
    {"l", DUET_CSV_LOW, 1},
    {"close", DUET_CSV_CLOSE, 0},
    {"closeprice", DUET_CSV_CLOSE, 0},
    {"priceclose", DUET_CSV_CLOSE, 0},
    {"closelast", DUET_CSV_CLOSE, 0},
    {"4close", DUET_CSV_CLOSE, 0},
    {"schluss", DUET_CSV_CLOSE, 0},
    {"schlusskurs", DUET_CSV_CLOSE, 0},
    {"zuletzt", DUET_CSV_CLOSE, 0},
    {"zamkniecie", DUET_CSV_CLOSE, 0},
    {"clôture", DUET_CSV_CLOSE, 0},
    {"cloture", DUET_CSV_CLOSE, 0},
    {"clot", DUET_CSV_CLOSE, 0},
    {"dernier", DUET_CSV_CLOSE, 0},
    {"cierre", DUET_CSV_CLOSE, 0},
    {"último", DUET_CSV_CLOSE, 0},
    {"ultimo", DUET_CSV_CLOSE, 0},
    {"收盘", DUET_CSV_CLOSE, 0},
    {"收盘价", DUET_CSV_CLOSE, 0},
    {"latest", DUET_CSV_CLOSE, 1},
    {"last", DUET_CSV_CLOSE, 1},
    {"lastprice", DUET_CSV_CLOSE, 1},
    {"settle", DUET_CSV_CLOSE, 2},
    {"settlement", DUET_CSV_CLOSE, 2},
    {"c", DUET_CSV_CLOSE, 2},
    {"adjclose", DUET_CSV_ADJUSTED, 0},
    {"adjusted", DUET_CSV_ADJUSTED, 1},
    {"adjustedclose", DUET_CSV_ADJUSTED, 0},
    {"adjcloseprice", DUET_CSV_ADJUSTED, 0},
    {"closeadj", DUET_CSV_ADJUSTED, 0},
    {"closeadjusted", DUET_CSV_ADJUSTED, 0},
    {"adjclose*", DUET_CSV_ADJUSTED, 1},
    {"volume", DUET_CSV_VOLUME, 0},
    {"stuecke", DUET_CSV_VOLUME, 0},
    {"stücke", DUET_CSV_VOLUME, 0},
    {"wolumen", DUET_CSV_VOLUME, 0},
    {"成交量", DUET_CSV_VOLUME, 0},
    {"volumen", DUET_CSV_VOLUME, 1},
    {"volumeusd*", DUET_CSV_VOLUME, 1},
    {"volumeeur", DUET_CSV_VOLUME, 1},
    {"volumegbp", DUET_CSV_VOLUME, 1},
    {"volumejpy", DUET_CSV_VOLUME, 1},
    {"volumekrw", DUET_CSV_VOLUME, 1},
    {"volumecurrency", DUET_CSV_VOLUME, 1},
    {"volume*", DUET_CSV_VOLUME, 0},
    {"5volume", DUET_CSV_VOLUME, 0},
    {"tickvol", DUET_CSV_VOLUME, 0},
    {"tickvolume", DUET_CSV_VOLUME, 0},
    {"vol", DUET_CSV_VOLUME, 0},
    {"v", DUET_CSV_VOLUME, 1},
    {"symbol", DUET_CSV_SYMBOL, 0},
    {"ticker", DUET_CSV_SYMBOL, 0},
    {"tscode", DUET_CSV_SYMBOL, 0},
    {"instrument", DUET_CSV_SYMBOL, 1},
    {"instrumentname", DUET_CSV_SYMBOL, 0},
    {"pair", DUET_CSV_SYMBOL, 1},
    {"currencypair", DUET_CSV_SYMBOL, 1},
    {"symbolname", DUET_CSV_SYMBOL, 1},
    {"stocksymbol", DUET_CSV_SYMBOL, 1},
    {"stockcode", DUET_CSV_SYMBOL, 1},
    {"stock", DUET_CSV_SYMBOL, 1},
    {"security", DUET_CSV_SYMBOL, 1},
    {"contract", DUET_CSV_SYMBOL, 1},
    {"asset", DUET_CSV_SYMBOL, 1},
    {"coin", DUET_CSV_SYMBOL, 1},
    {"code", DUET_CSV_SYMBOL, 2},
    {"name", DUET_CSV_SYMBOL, 2},
    {"bid", DUET_CSV_BID, 0},
    {"bidprice", DUET_CSV_BID, 0},
    {"bestbid", DUET_CSV_BID, 0},
    {"bestbidprice", DUET_CSV_BID, 0},
    {"ask", DUET_CSV_ASK, 0},
    {"askprice", DUET_CSV_ASK, 0},
    {"bestask", DUET_CSV_ASK, 0},
    {"bestaskprice", DUET_CSV_ASK, 0},
    {"offer", DUET_CSV_ASK, 1},
    {"price", DUET_CSV_PRICE, 0},
    {"quantity", DUET_CSV_QUANTITY, 0},
    {"qty", DUET_CSV_QUANTITY, 0},
    {"amount", DUET_CSV_QUANTITY, 0},
    {"size", DUET_CSV_QUANTITY, 0},
    {"side", DUET_CSV_SIDE, 0},
    {"takerside", DUET_CSV_SIDE, 0},
    {"direction", DUET_CSV_SIDE, 1},
    {"isbuyermaker", DUET_CSV_SIDE, 1},
    {"type", DUET_CSV_SIDE, 2},
    {"bidsize", DUET_CSV_BID_SIZE, 0},
    {"bidamount", DUET_CSV_BID_SIZE, 0},
    {"bidqty", DUET_CSV_BID_SIZE, 0},
    {"bidquantity", DUET_CSV_BID_SIZE, 0},
    {"bidvolume", DUET_CSV_BID_SIZE, 0},
    {"bidvol", DUET_CSV_BID_SIZE, 0},
    {"bestbidqty", DUET_CSV_BID_SIZE, 0},
    {"bestbidsize", DUET_CSV_BID_SIZE, 0},
    {"asksize", DUET_CSV_ASK_SIZE, 0},
    {"askamount", DUET_CSV_ASK_SIZE, 0},
    {"askqty", DUET_CSV_ASK_SIZE, 0},
    {"askquantity", DUET_CSV_ASK_SIZE, 0},
    {"askvolume", DUET_CSV_ASK_SIZE, 0},
    {"askvol", DUET_CSV_ASK_SIZE, 0},
    {"bestaskqty", DUET_CSV_ASK_SIZE, 0},
    {"bestasksize", DUET_CSV_ASK_SIZE, 0},
};
#define NAMES_COUNT (sizeof(names) / sizeof(names[0]))

const char *duet_csv_role_name(enum duet_csv_role role) {
    DUET_ASSERT((unsigned)role < DUET_CSV_ROLES);
    return role_names[role];
}

void duet_csv_normalise(const char *text, size_t length, char *out, size_t size) {
    DUET_ASSERT(size > 0);
    size_t used = 0;
    for (size_t i = 0; i < length && used + 1 < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c > ' ' && memchr("._-\"'<>()[]#/", c, 13) == NULL) {
            out[used++] = (char)tolower(c);
        }
    }
    out[used] = '\0';
}

enum duet_csv_role duet_csv_name_role(const char *normalised, int *rank) {
    for (size_t i = 0; i < NAMES_COUNT; i++) {
        size_t length = strlen(names[i].name);
        bool prefix = length > 0 && names[i].name[length - 1] == '*';
        if (prefix ? strncmp(normalised, names[i].name, length - 1) == 0 : strcmp(normalised, names[i].name) == 0) {
            *rank = names[i].rank;
            return names[i].role;
        }
    }
    *rank = 0;
    return DUET_CSV_IGNORE;
}

static void columns_clear(struct duet_csv_columns *columns) {
    memset(columns, 0, sizeof(*columns));
    for (size_t i = 0; i < DUET_CSV_ROLES; i++) {
        columns->of_role[i] = -1;
    }
}

void duet_csv_columns_add(struct duet_csv_columns *columns, enum duet_csv_role role) {
    if (columns->count == 0) {
        columns_clear(columns);
    }
    DUET_ASSERT(columns->count < DUET_CSV_COLUMNS_MAX);
    if (role != DUET_CSV_IGNORE && columns->of_role[role] < 0) {
        columns->of_role[role] = (int)columns->count;
        columns->roles[columns->count] = role;
    }
    columns->count++;
}

/** "date" is the time column; "time" beside it is its clock. */
static enum duet_csv_role role_from_option(const char *word, bool has_time) {
    char normalised[32];
    duet_csv_normalise(word, strlen(word), normalised, sizeof(normalised));
    if (strcmp(word, "-") == 0) {
        return DUET_CSV_IGNORE;
    }
    if (strcmp(normalised, "clock") == 0 || (has_time && strcmp(normalised, "time") == 0)) {
        return DUET_CSV_CLOCK;
    }
    int rank = 0;
    enum duet_csv_role role = duet_csv_name_role(normalised, &rank);
    return role == DUET_CSV_IGNORE || normalised[0] == '\0' ? DUET_CSV_ROLES : role;
}

/** The first role that rows of bars, trades or quotes cannot do without and that is not there; IGNORE where none is. */
static enum duet_csv_role columns_missing(const struct duet_csv_columns *columns) {
    static const enum duet_csv_role bars[] = {DUET_CSV_CLOSE, DUET_CSV_OPEN, DUET_CSV_HIGH, DUET_CSV_LOW},
                                    quotes[] = {DUET_CSV_BID, DUET_CSV_ASK};
    const int *of_role = columns->of_role;
    // A close alone is a bar of one price.
    bool whole = of_role[DUET_CSV_OPEN] >= 0 || of_role[DUET_CSV_HIGH] >= 0 || of_role[DUET_CSV_LOW] >= 0;
    bool is_quotes = of_role[DUET_CSV_BID] >= 0 || of_role[DUET_CSV_ASK] >= 0;
    const enum duet_csv_role *wanted = is_quotes ? quotes : bars;
    size_t count = is_quotes ? 2 : of_role[DUET_CSV_PRICE] >= 0 ? 0 : whole ? 4 : 1;
    if (of_role[DUET_CSV_TIME] < 0) {
        return DUET_CSV_TIME;
    }
    for (size_t i = 0; i < count; i++) {
        if (of_role[wanted[i]] < 0) {
            return wanted[i];
        }
    }
    return DUET_CSV_IGNORE;
}

enum duet_status duet_csv_columns_parse(const char *text, struct duet_csv_columns *out) {
    struct duet_csv_columns columns = {0};
    columns_clear(&columns);
    const char *p = text;
    for (;;) {
        char word[32];
        size_t length = strcspn(p, ",");
        if (length >= sizeof(word) || columns.count == DUET_CSV_COLUMNS_MAX) {
            return duet_error(DUET_EINVAL, "columns=%.60s: names too long or too many", text);
        }
        memcpy(word, p, length);
        word[length] = '\0';
        enum duet_csv_role role = role_from_option(word, columns.of_role[DUET_CSV_TIME] >= 0);
        if (role == DUET_CSV_ROLES) {
            return duet_error(DUET_EINVAL,
                "columns=: \"%s\" is none of time, clock, open, high, low, close, volume, adjclose, symbol, price, "
                "quantity, side, bid, ask, bidsize, asksize, -",
                word);
        }
        if (role != DUET_CSV_IGNORE && columns.of_role[role] >= 0) {
            return duet_error(DUET_EINVAL, "columns=: \"%s\" is named twice", word);
        }
        duet_csv_columns_add(&columns, role);
        if (p[length] == '\0') {
            break;
        }
        p += length + 1;
    }
    enum duet_csv_role missing = columns_missing(&columns);
    if (missing != DUET_CSV_IGNORE) {
        return duet_error(DUET_EINVAL, "columns=: \"%s\" is missing", duet_csv_role_name(missing));
    }
    *out = columns;
    return DUET_OK;
}

void duet_csv_columns_format(const struct duet_csv_columns *columns, char *out, size_t size) {
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < columns->count && used < size; i++) {
        int more = snprintf(out + used, size - used, "%s%s", i > 0 ? "," : "", duet_csv_role_name(columns->roles[i]));
        DUET_ASSERT(more >= 0);
        used += (size_t)more;
    }
}
