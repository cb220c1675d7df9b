#include "engine/indicators/list.h"

#include <string.h>

#include "engine/indicators/groups.h"

static const struct duet_indicator_row *const groups[] = {
    duet_indicators_average,
    duet_indicators_breadth,
    duet_indicators_math,
    duet_indicators_momentum,
    duet_indicators_price,
    duet_indicators_range,
    duet_indicators_statistics,
    duet_indicators_trend,
    duet_indicators_volume,
};

const struct duet_indicator_row *duet_indicator_row(size_t index) {
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        for (const struct duet_indicator_row *row = groups[i]; row->name != NULL; row++) {
            if (index-- == 0) {
                return row;
            }
        }
    }
    return NULL;
}

const struct duet_indicator_row *duet_indicator_find(const char *name) {
    const struct duet_indicator_row *row;
    for (size_t i = 0; (row = duet_indicator_row(i)) != NULL; i++) {
        if (strcmp(row->name, name) == 0) {
            return row;
        }
    }
    return NULL;
}
