#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void duet_assert_failed(const char *expression, const char *file, int line) {
    fprintf(
        stderr, "%s:%d: a promise inside the program does not hold: %s; please report this\n", file, line, expression);
    abort();
}
