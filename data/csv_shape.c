/*
 * Columns of a text without a header, told by what stands in them. Times first; then words of sides; then the numbers:
 * four of which one is the highest and one the lowest in nearly every row are a bar, two that stay near each other are
 * bid and ask, a price and another number beside an exact time are a trade. What is none of these stays unknown: a
 * wrong guess would be worse than a question.
 */
#include <string.h>
#include <strings.h>

#include "data/csv_sample.h"

/** Share of rows, in percent, that have to fit. */
#define BARS_PERCENT 80u
#define SIDES_PERCENT 90u
/** Largest distance of bid and ask, as a part of the price. */
#define NEAR 0.05

enum cell { CELL_BLANK = 0, CELL_NUMBER, CELL_SIDE, CELL_FLAG, CELL_OTHER };

struct shape {
    const struct duet_csv_sample *sample;
    size_t count; // columns
    enum cell cells[DUET_CSV_COLUMNS_MAX];
    int time, clock, symbol, side;
    bool maker;
    size_t numbers[DUET_CSV_COLUMNS_MAX]; // columns of numbers, the rest left out
    size_t number_count;
};

static bool is_word(struct duet_csv_field field, const char *const *words) {
    for (; *words != NULL; words++) {
        if (strlen(*words) == field.length && strncasecmp(*words, field.text, field.length) == 0) {
            return true;
        }
    }
    return false;
}

static bool cell_number(const struct shape *shape, size_t row, size_t column, double *out) {
    const struct duet_csv_line *line = &shape->sample->lines[row];
    struct duet_csv_number number;
    if (column >= duet_csv_line_kept(line) ||
        duet_csv_number_parse(line->fields[column], shape->sample->marks, &number) != NULL) {
        return false;
    }
    *out = number.value;
    return true;
}

static enum cell field_kind(struct duet_csv_field field, enum duet_csv_marks marks) {
    static const char *const sides[] = {"buy", "sell", "b", "s", "bid", "ask", NULL};
    static const char *const flags[] = {"true", "false", NULL};
    struct duet_csv_number number;
    return duet_csv_is_blank(field)                               ? CELL_BLANK
           : duet_csv_number_parse(field, marks, &number) == NULL ? CELL_NUMBER
           : is_word(field, sides)                                ? CELL_SIDE
           : is_word(field, flags)                                ? CELL_FLAG
                                                                  : CELL_OTHER;
}

/**
 * What most cells of a column are, blank ones apart. Not all: a cell that is wrong must not make another kind of file
 * of its file, but is to be refused where the rows are read.
 */
static enum cell cell_kind(const struct duet_csv_sample *sample, size_t column) {
    size_t counts[CELL_OTHER + 1] = {0}, filled = 0;
    for (size_t i = sample->data; i < sample->count; i++) {
        const struct duet_csv_line *line = &sample->lines[i];
        enum cell kind =
            column < duet_csv_line_kept(line) ? field_kind(line->fields[column], sample->marks) : CELL_BLANK;
        counts[kind]++;
        filled += kind != CELL_BLANK;
    }
    for (enum cell kind = CELL_NUMBER; kind < CELL_OTHER; kind++) {
        if (counts[kind] * 2 > filled) {
            return kind;
        }
    }
    return filled > 0 ? CELL_OTHER : CELL_BLANK;
}

/** The column before flags at the end: so trades of one exchange write it, with numbers of trades before. */
static int time_before_flags(const struct shape *shape, duet_date_form *form) {
    size_t at = shape->count;
    while (at > 0 && shape->cells[at - 1] == CELL_FLAG) {
        at--;
    }
    bool flagged = at < shape->count && shape->count - at <= 2 && at >= 4;
    return flagged && duet_csv_column_date_form(shape->sample, at - 1, form) > 0 ? (int)at - 1 : -1;
}

/** [symbol,]time, or [symbol,]date,clock. */
static void find_time(struct shape *shape, struct duet_csv_form *form) {
    duet_date_form ignored;
    size_t at = 0;
    shape->time = time_before_flags(shape, &form->date_form);
    if (shape->time >= 0) {
        shape->side = shape->time + 1;
        shape->maker = true;
        return;
    }
    if (shape->count > 1 && duet_csv_column_date_form(shape->sample, 0, &ignored) == 0 &&
        shape->cells[0] == CELL_OTHER) {
        shape->symbol = 0;
        at++;
    } else if (shape->count > 2 && shape->cells[0] == CELL_NUMBER &&
               duet_csv_column_date_form(shape->sample, 0, &ignored) == 0 &&
               duet_csv_column_date_form(shape->sample, 1, &ignored) > 0) {
        shape->cells[0] = CELL_OTHER; // the number of the row
        at++;
    }
    if (at < shape->count && duet_csv_column_date_form(shape->sample, at, &form->date_form) > 0) {
        shape->time = (int)at;
        if (at + 1 < shape->count && duet_csv_column_is_clock(shape->sample, at + 1) && shape->count - at >= 4) {
            shape->clock = (int)at + 1;
        }
    }
}

static void find_numbers(struct shape *shape) {
    for (size_t i = 0; i < shape->count; i++) {
        if (shape->cells[i] == CELL_NUMBER && (int)i != shape->time && (int)i != shape->clock) {
            shape->numbers[shape->number_count++] = i;
        }
        if (shape->cells[i] == CELL_SIDE && shape->side < 0) {
            shape->side = (int)i;
        }
    }
}

static void set_role(struct duet_csv_form *form, int column, enum duet_csv_role role) {
    if (column >= 0) {
        form->columns.roles[column] = role;
        form->columns.of_role[role] = column;
    }
}

/** Open, high, low, close from the n-th number on, in nearly every row. */
static bool are_bars(const struct shape *shape) {
    size_t good = 0, rows = 0;
    for (size_t i = shape->sample->data; shape->number_count >= 4 && i < shape->sample->count; i++) {
        double open, high, low, close;
        if (cell_number(shape, i, shape->numbers[0], &open) && cell_number(shape, i, shape->numbers[1], &high) &&
            cell_number(shape, i, shape->numbers[2], &low) && cell_number(shape, i, shape->numbers[3], &close)) {
            rows++;
            good += high >= open && high >= close && low <= open && low <= close;
        }
    }
    return shape->number_count >= 4 && good * 100 >= rows * BARS_PERCENT && shape->numbers[3] == shape->numbers[0] + 3;
}

/** How many percent of rows have the first two numbers in this order; 0 where some are not near each other. */
static size_t order_percent(const struct shape *shape, bool rising) {
    size_t good = 0, rows = 0;
    for (size_t i = shape->sample->data; i < shape->sample->count; i++) {
        double a, b;
        if (!cell_number(shape, i, shape->numbers[0], &a) || !cell_number(shape, i, shape->numbers[1], &b)) {
            continue;
        }
        double size = a > b ? a : b, distance = a > b ? a - b : b - a;
        if (size <= 0 || distance > size * NEAR) {
            return 0;
        }
        rows++;
        good += rising ? a <= b : a >= b;
    }
    return rows > 0 ? good * 100 / rows : 0;
}

/** How many percent of rows have the number at `middle` between the other two, lower first. */
static size_t between_percent(const struct shape *shape, size_t lower, size_t middle, size_t upper) {
    size_t good = 0, rows = 0;
    for (size_t i = shape->sample->data; i < shape->sample->count; i++) {
        double low, mid, high;
        if (cell_number(shape, i, shape->numbers[lower], &low) && cell_number(shape, i, shape->numbers[middle], &mid) &&
            cell_number(shape, i, shape->numbers[upper], &high)) {
            rows++;
            good += low <= mid && mid <= high && high - low <= high * NEAR;
        }
    }
    return rows > 0 ? good * 100 / rows : 0;
}

/** The last trade before or behind bid and ask: a trade each, with its quantity behind. */
static bool take_last(const struct shape *shape, struct duet_csv_form *form) {
    if (shape->number_count < 3 || shape->number_count > 4) {
        return false;
    }
    bool ahead = between_percent(shape, 1, 0, 2) >= SIDES_PERCENT;
    if (!ahead && between_percent(shape, 0, 2, 1) < SIDES_PERCENT) {
        return false;
    }
    set_role(form, (int)shape->numbers[ahead ? 0 : 2], DUET_CSV_PRICE);
    if (shape->number_count == 4) {
        set_role(form, (int)shape->numbers[3], DUET_CSV_QUANTITY);
    }
    set_role(form, (int)shape->numbers[ahead ? 1 : 0], DUET_CSV_BID);
    set_role(form, (int)shape->numbers[ahead ? 2 : 1], DUET_CSV_ASK);
    return true;
}

static bool take_quotes(const struct shape *shape, struct duet_csv_form *form) {
    if (shape->number_count < 2 || shape->number_count > 4) {
        return false;
    }
    bool rising = order_percent(shape, true) >= SIDES_PERCENT;
    if (!rising && order_percent(shape, false) < SIDES_PERCENT) {
        return false;
    }
    set_role(form, (int)shape->numbers[0], rising ? DUET_CSV_BID : DUET_CSV_ASK);
    set_role(form, (int)shape->numbers[1], rising ? DUET_CSV_ASK : DUET_CSV_BID);
    if (shape->number_count == 4) {
        set_role(form, (int)shape->numbers[2], rising ? DUET_CSV_BID_SIZE : DUET_CSV_ASK_SIZE);
        set_role(form, (int)shape->numbers[3], rising ? DUET_CSV_ASK_SIZE : DUET_CSV_BID_SIZE);
    }
    return true;
}

/** Price and quantity: the two numbers behind the side, else the first two that number nothing. */
static bool take_trades(const struct shape *shape, struct duet_csv_form *form) {
    size_t at = shape->maker ? 1 : 0; // behind the trade's own number
    for (size_t i = 0; !shape->maker && shape->side >= 0 && i + 1 < shape->number_count; i++) {
        if ((int)shape->numbers[i] > shape->side) {
            at = i;
            break;
        }
    }
    if (at + 1 >= shape->number_count) {
        return false;
    }
    set_role(form, (int)shape->numbers[at], DUET_CSV_PRICE);
    set_role(form, (int)shape->numbers[at + 1], DUET_CSV_QUANTITY);
    set_role(form, shape->side, DUET_CSV_SIDE);
    form->side_is_maker = shape->maker;
    return true;
}

/** Is the cell a price near that of another column, in every row? */
static bool columns_are_near(const struct shape *shape, size_t column, size_t other) {
    for (size_t i = shape->sample->data; i < shape->sample->count; i++) {
        double a, b;
        if (!cell_number(shape, i, column, &a) || !cell_number(shape, i, other, &b) || a <= 0 || a > b * 1.001) {
            return false;
        }
    }
    return true;
}

/** Does the column lie between low and high in every row, and is not the close in all of them: an average price? */
static bool column_is_average(const struct shape *shape, size_t column, size_t close) {
    bool differs = false;
    for (size_t i = shape->sample->data; i < shape->sample->count; i++) {
        double price, last, high, low;
        if (!cell_number(shape, i, column, &price) || !cell_number(shape, i, close, &last) ||
            !cell_number(shape, i, close - 2, &high) || !cell_number(shape, i, close - 1, &low) || price < low ||
            price > high) {
            return false;
        }
        differs = differs || price != last;
    }
    return differs;
}

/** Behind the close: volume and open interest, adjusted close and volume, or average price and volume? The rows tell.
 */
static void take_bars(const struct shape *shape, struct duet_csv_form *form) {
    static const enum duet_csv_role order[] = {
        DUET_CSV_OPEN, DUET_CSV_HIGH, DUET_CSV_LOW, DUET_CSV_CLOSE, DUET_CSV_VOLUME};
    size_t close = shape->numbers[3];
    for (size_t i = 0; i < 5 && close - 3 + i < shape->count; i++) {
        set_role(form, (int)(close - 3 + i), order[i]);
    }
    if (close + 2 < shape->count && column_is_average(shape, close + 1, close) &&
        !column_is_average(shape, close + 2, close)) {
        form->columns.roles[close + 1] = DUET_CSV_IGNORE;
        set_role(form, (int)close + 2, DUET_CSV_VOLUME);
    } else if (close + 3 == shape->count && columns_are_near(shape, close + 1, close) &&
               !columns_are_near(shape, close + 2, close)) {
        set_role(form, (int)close + 1, DUET_CSV_ADJUSTED);
        set_role(form, (int)close + 2, DUET_CSV_VOLUME);
    }
}

/** Trades and quotes have exact times; a date with a few numbers may be anything. */
static bool has_exact_times(const struct shape *shape, const struct duet_csv_form *form) {
    const struct duet_csv_line *first = &shape->sample->lines[shape->sample->data];
    struct duet_label label;
    struct duet_csv_field field = first->fields[shape->time];
    return shape->clock >= 0 ||
           (duet_label_parse(form->date_form, field.text, field.length, &label) && label.has_clock);
}

void duet_csv_columns_from_shape(const struct duet_csv_sample *sample, struct duet_csv_form *form) {
    struct shape shape = {.sample = sample,
        .count = duet_csv_line_kept(&sample->lines[sample->data]),
        .time = -1,
        .clock = -1,
        .symbol = -1,
        .side = -1};
    for (size_t i = 0; i < shape.count; i++) {
        shape.cells[i] = cell_kind(sample, i);
        duet_csv_columns_add(&form->columns, DUET_CSV_IGNORE);
    }
    find_time(&shape, form);
    if (shape.time < 0) {
        return;
    }
    find_numbers(&shape);
    set_role(form, shape.time, DUET_CSV_TIME);
    set_role(form, shape.clock, DUET_CSV_CLOCK);
    set_role(form, shape.symbol, DUET_CSV_SYMBOL);
    bool traded = shape.side >= 0 && take_trades(&shape, form);
    if (!traded && are_bars(&shape)) {
        take_bars(&shape, form);
    } else if (!traded && has_exact_times(&shape, form) && !take_last(&shape, form) && !take_quotes(&shape, form) &&
               shape.number_count <= 3) {
        (void)take_trades(&shape, form);
    }
}

void duet_csv_settle_flat_bars(const struct duet_csv_sample *sample, struct duet_csv_form *form) {
    static const enum duet_csv_role prices[] = {DUET_CSV_OPEN, DUET_CSV_HIGH, DUET_CSV_LOW};
    struct duet_csv_columns *columns = &form->columns;
    int close = columns->of_role[DUET_CSV_CLOSE], time = columns->of_role[DUET_CSV_TIME];
    bool odd_times = false;
    duet_date_form date_form;
    if (time < 0 || duet_csv_column_date_form(sample, (size_t)time, &date_form) == 0) {
        return;
    }
    for (size_t i = sample->data; i < sample->count; i++) {
        const struct duet_csv_line *line = &sample->lines[i];
        struct duet_label label;
        for (size_t k = 0; k < 3; k++) {
            size_t column = (size_t)columns->of_role[prices[k]];
            if (column >= duet_csv_line_kept(line) || (size_t)close >= duet_csv_line_kept(line) ||
                line->fields[column].length != line->fields[close].length ||
                memcmp(line->fields[column].text, line->fields[close].text, line->fields[close].length) != 0) {
                return;
            }
        }
        odd_times =
            odd_times || (duet_label_parse(date_form, line->fields[time].text, line->fields[time].length, &label) &&
                             label.local_ns % DUET_SECOND_NS != 0);
    }
    for (size_t k = 0; odd_times && k < 3; k++) {
        columns->roles[columns->of_role[prices[k]]] = DUET_CSV_IGNORE;
        columns->of_role[prices[k]] = -1;
    }
    if (odd_times) {
        set_role(form, close, DUET_CSV_PRICE);
        columns->of_role[DUET_CSV_CLOSE] = -1;
    }
}
