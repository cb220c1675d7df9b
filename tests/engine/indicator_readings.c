#include "engine/indicator_readings.h"

#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "engine/indicators/list.h"

#define WIDTH DUET_INDICATOR_OUTPUTS_MAX

/** A straight line from one row to another, in output `column`; both ends included. */
static void draw(double *out, size_t column, size_t from, double first, size_t to, double last) {
    for (size_t i = from; i <= to; i++) {
        double share = to > from ? (double)(i - from) / (double)(to - from) : 1;
        out[i * WIDTH + column] = first + share * (last - first);
    }
}

/** Of the row zigzag: value, trend, pivot, turned, age, pivot_age. */
static void read_zigzag(enum suite_reading reading, const double *values, size_t rows, double *out) {
    size_t last = rows, turns = 0; // row of the last turn
    double price = 0;
    for (size_t i = 0; i <= rows; i++) {
        const double *row = &values[(i < rows ? i : rows - 1) * WIDTH];
        bool turned = i < rows && row[3] != 0;
        if (!turned && (i < rows || last == rows)) {
            continue;
        }
        size_t at = i < rows ? i - (size_t)row[5] : rows - 1 - (size_t)row[4];
        double now = i < rows ? row[2] : row[0];
        if (reading == READ_LEGS && turns++ > 1) { // they do not draw the first leg
            draw(out, 0, last, price, at, now);
        } else if (reading == READ_TURNS && i < rows) {
            out[at * WIDTH] = now;
        }
        last = at;
        price = now;
    }
}

/** Of the row pivots: value, high, low, high_trend, low_trend, high_step, low_step. */
static void read_pivots(const double *values, size_t rows, size_t right, double *out) {
    for (size_t side = 0; side < 2; side++) {
        size_t last = rows;
        for (size_t i = right; i < rows; i++) {
            const double *row = &values[i * WIDTH];
            double price = row[1 + side], step = row[5 + side];
            if (isnan(price)) {
                continue;
            }
            size_t at = i - right;
            out[at * WIDTH + side] = out[at * WIDTH + 2 + side] = price;
            if (!isnan(step)) {
                draw(out, 2 + side, last, price - step * (double)(at - last), at, price);
                for (size_t k = last + 1; k <= at; k++) {
                    out[k * WIDTH + 4 + side] = (row[3 + side] != 0 ? 0 : 1) + 2 * (double)side;
                }
            }
            last = at;
        }
    }
}

/** Of the row renko: value, open, high, low, close, volume. */
static void read_bricks(const double *values, size_t rows, double size, double *out) {
    size_t brick = 0;
    for (size_t i = 0; i < rows; i++) {
        const double *row = &values[i * WIDTH];
        double way = row[0] < 0 ? -1 : 1;
        for (double k = 0; k < fabs(row[0]) && brick < rows; k++) {
            double *to = &out[brick++ * WIDTH];
            to[0] = way > 0 ? 1 : 0;
            to[1] = row[1] + way * k * size;
            to[2] = row[2];
            to[3] = row[3];
            to[4] = to[1] + way * size;
            to[5] = row[5];
        }
    }
}

double *suite_read_as(enum suite_reading reading, double *values, size_t rows, const double *params) {
    if (reading == READ_ROWS || rows == 0) {
        return values;
    }
    double *out = duet_alloc(rows * WIDTH + 1, sizeof(*out));
    for (size_t i = 0; i < rows * WIDTH; i++) {
        out[i] = (double)NAN;
    }
    if (reading == READ_PIVOTS) {
        read_pivots(values, rows, (size_t)params[1], out);
    } else if (reading == READ_BRICKS) {
        read_bricks(values, rows, params[0], out);
    } else {
        read_zigzag(reading, values, rows, out);
    }
    free(values);
    return out;
}
