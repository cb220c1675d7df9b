#include "base/math.h"

#include <math.h>

double duet_pow(double base, double exponent) {
    return pow(base, exponent);
}
