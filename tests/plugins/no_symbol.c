/* A shared object that is no strategy. */
#include <duet/status.h>

extern DUET_EXPORT const int duet_something_else;
const int duet_something_else = 1;
