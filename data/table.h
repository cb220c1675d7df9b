/*
 * A document as the table of rows that the row readers take: a delimited text as it stands, and whatever is written in
 * another way (JSON, LEAN) transcribed into one, row by row in the same order, so that a row's number is that of its
 * line or element in the document.
 */
#ifndef DUET_DATA_TABLE_H
#define DUET_DATA_TABLE_H

#include "base/text.h"
#include "data/document.h"

/** Longest text of columns= that a transcription gives. */
#define DUET_TABLE_COLUMNS_MAX 128

struct duet_table {
    const char *name; // as in struct duet_document; borrowed
    const char *path; // to be mapped where `bytes` is NULL; borrowed
    const char *bytes; // delimited text; NULL: the file at `path`
    uint64_t size;
    struct duet_data_spec spec; // what the user says, and beneath it what the document says; texts borrowed
    const char *dialect; // NULL: the reader of rows names it
    unsigned added_lines; // at the top of `bytes`, which the document does not have: a header made of JSON keys
    bool elements; // rows are elements of a JSON list, not lines
    bool book; // rows are events of an order book: time, then what it was
    uint64_t foreign_rows, foreign_line; // of another security that had the ticker before, and the first of them
    struct duet_text text; // owned transcription
    char columns[DUET_TABLE_COLUMNS_MAX]; // owned text of spec.columns
    char zone[48]; // owned text of spec.tz
};

/** DUET_EDATA with the line or element for what cannot be transcribed. `spec` and `document` stay in use. */
DUET_MUST_CHECK enum duet_status duet_table_open(const struct duet_document *document,
    const struct duet_data_spec *spec, struct duet_data_info *info, struct duet_table *out);
void duet_table_finish(struct duet_table *table);

/** json_table.c: whether a text begins like JSON, or like lines of a number and a JSON object; and its rows. */
bool duet_json_table_is(const char *head, size_t size);
DUET_MUST_CHECK enum duet_status duet_json_table(
    const char *bytes, size_t size, struct duet_data_info *info, struct duet_table *out);

#endif
