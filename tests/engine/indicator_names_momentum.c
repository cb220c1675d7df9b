/* What other libraries call the rows of the groups momentum, trend and volume, and how they differ. */
#include "engine/indicator_suite.h"

const struct suite_mapping suite_names_momentum[] = {
    {0},
};
