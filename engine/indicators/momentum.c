#include "engine/indicators/groups.h"

const struct duet_indicator_row duet_indicators_momentum[] = {
    {0},
};
