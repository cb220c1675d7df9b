/* Between component.c and stack.c. */
#ifndef DUET_COMPONENT_PRIVATE_H
#define DUET_COMPONENT_PRIVATE_H

#include <duet/component.h>

/** Of a pending start where the component names none. */
#define COMPONENT_START_TIMEOUT_NS (10 * DUET_SECOND_NS)

/** Whether it has this name (NULL: any) and type (NULL: any). */
bool duet_component_is(const struct duet_component *component, const char *name, const char *type);

#endif
