/* The catalogue by group: each array stands in the file of its name, sorted by name, and ends with a row without one.
 */
#ifndef DUET_ENGINE_INDICATORS_GROUPS_H
#define DUET_ENGINE_INDICATORS_GROUPS_H

#include "engine/indicators/list.h"

extern const struct duet_indicator_row duet_indicators_average[];
extern const struct duet_indicator_row duet_indicators_breadth[];
extern const struct duet_indicator_row duet_indicators_math[];
extern const struct duet_indicator_row duet_indicators_momentum[];
extern const struct duet_indicator_row duet_indicators_price[];
extern const struct duet_indicator_row duet_indicators_range[];
extern const struct duet_indicator_row duet_indicators_statistics[];
extern const struct duet_indicator_row duet_indicators_trend[];
extern const struct duet_indicator_row duet_indicators_volume[];

#endif
