#include "data/csv_form.h"

#include <string.h>

#include "base/time.h"

/*
 * Vendors' dialects, most particular first. A row matches where all that it states matches; headers are normalised
 * names joined by commas, and match as the beginning of the file's.
 */
static const struct dialect {
    const char *name;
    const char *header; // NULL: a file without header
    const char *preamble; // a word of the line before the header
    const char *dates; // date form
    char delimiter;
    size_t fields;
    enum duet_stamp stamp;
    const char *zone;
    bool zero_volume;
    bool ticks; // trades or quotes, else bars
    bool symbol, flags; // a column of symbols, of whether the buyer waited
    bool sides_stay; // a blank bid or ask is the one before
} dialects[] = {
    {"cryptodatadownload", .header = "", .preamble = "CryptoDataDownload", .zone = "UTC"},
    {"yahoo", .header = "date,open,high,low,close,adjclose,volume"},
    {"yahoo_old", .header = "date,open,high,low,close,volume,adjclose"},
    {"quandl_wiki", .header = "date,open,high,low,close,volume,exdividend"},
    {"alphavantage", .header = "date,open,high,low,close,adjustedclose,volume"},
    {"alphavantage", .header = "timestamp,open,high,low,close,adjustedclose,volume"},
    {"stooq", .header = "date,open,high,low,close,volume,openint"},
    {"stooq", .header = "data,otwarcie,najwyzszy,najnizszy,zamkniecie"},
    {"stooq", .header = "ticker,per,date,time,open,high,low,close,vol"},
    {"tushare", .header = ",tscode,tradedate"},
    {"barchart", .header = "time,open,high,low,last"},
    {"barchart", .header = "time,open,high,low,latest"},
    {"barchart", .header = "symbol,time,open,high,low"},
    {"google", .header = "date,open,high,low,close,volume", .dates = "D-b-y"},
    {"dukascopy", .header = "time,open,high,low,close,volume", .dates = "D.M.y"},
    {"dukascopy", .header = "gmttime,open,high,low,close,volume", .zone = "UTC"},
    {"binance_klines", .header = "opentime,open,high,low,close,volume,closetime"},
    {"binance_klines", .dates = "epoch", .fields = 12},
    {"investing", .header = "date,price,open,high,low,vol"},
    {"investing", .header = "datum,zuletzt,eröffn,hoch,tief"},
    {"nasdaq", .header = "date,closelast,volume,open,high,low"},
    {"metatrader", .header = "date,time,open,high,low,close,tickvol"},
    {"metatrader", .header = "date,open,high,low,close,tickvol"},
    {"metatrader", .header = "date,time,bid,ask,last,volume,flags", .ticks = true, .sides_stay = true},
    {"tardis", .header = "exchange,symbol,timestamp,localtimestamp", .ticks = true},
    {"dukascopy", .header = "gmttime,ask,bid", .zone = "UTC", .ticks = true},
    {"mtgox", .header = "id,price,amount,type", .dates = "epoch", .ticks = true},
    {"freqtrade_trades", .header = ",timestamp,id,type,side,price,amount,cost", .ticks = true},
    {"kraken", .dates = "epoch", .delimiter = ',', .fields = 7},
    {"kraken_trades", .dates = "epoch", .delimiter = ',', .fields = 3, .ticks = true},
    {"truefx", .header = "timestamp,bid,ask", .dates = "Y-M-D", .ticks = true},
    {"truefx", .dates = "Ymd", .fields = 4, .symbol = true, .zone = "UTC", .ticks = true},
    {"binance_trades", .header = "id,price,qty,quoteqty,time,isbuyermaker", .ticks = true, .flags = true},
    {"binance_aggtrades", .header = "aggtradeid,price,quantity,firsttradeid", .ticks = true, .flags = true},
    {"binance_trades", .dates = "epoch", .fields = 7, .ticks = true, .flags = true},
    {"binance_aggtrades", .dates = "epoch", .fields = 8, .ticks = true, .flags = true},
    // HistData writes New York's winter time all year, and no volume.
    {"histdata", .dates = "Ymd", .delimiter = ';', .fields = 6, .zone = "-05:00", .zero_volume = true},
    {"histdata", .dates = "Y.M.D", .delimiter = ',', .fields = 7, .zone = "-05:00", .zero_volume = true},
    {"histdata_ticks", .dates = "Ymd", .delimiter = ',', .fields = 4, .zone = "-05:00", .zero_volume = true,
        .ticks = true},
    {"metatrader", .dates = "Y.M.D", .fields = 7},
    // NinjaTrader stamps a bar when it ends.
    {"ninjatrader", .dates = "Ymd", .delimiter = ';', .fields = 6, .stamp = DUET_STAMP_CLOSE},
};

static bool begins_with_names(const char *header, const char *names) {
    size_t length = strlen(names);
    return length == 0 || (strncmp(header, names, length) == 0 && (header[length] == ',' || header[length] == '\0'));
}

static bool dialect_matches(
    const struct dialect *dialect, const struct duet_csv_looks *looks, const struct duet_csv_form *form) {
    if ((dialect->header == NULL) != (looks->header == NULL)) {
        return false;
    }
    if (dialect->header != NULL && !begins_with_names(looks->header, dialect->header)) {
        return false;
    }
    if (dialect->preamble != NULL && (looks->preamble == NULL || strstr(looks->preamble, dialect->preamble) == NULL)) {
        return false;
    }
    return (dialect->dates == NULL || strcmp(dialect->dates, duet_date_form_name(form->date_form)) == 0) &&
           (!dialect->zero_volume || looks->zero_volume) &&
           dialect->ticks == (looks->kind != DUET_KIND_BARS && looks->kind != DUET_KIND_OTHER) &&
           dialect->symbol == (dialect->symbol && form->columns.of_role[DUET_CSV_SYMBOL] >= 0) &&
           dialect->flags == (dialect->flags && form->side_is_maker) &&
           (dialect->delimiter == '\0' || dialect->delimiter == form->delimiter) &&
           (dialect->fields == 0 || dialect->fields == form->fields);
}

void duet_csv_dialect(const struct duet_csv_looks *looks, struct duet_csv_form *form) {
    form->dialect = "csv";
    for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++) {
        if (dialect_matches(&dialects[i], looks, form)) {
            form->dialect = dialects[i].name;
            form->stamp = dialects[i].stamp;
            form->zone = dialects[i].zone;
            form->sides_stay = dialects[i].sides_stay;
            return;
        }
    }
}
