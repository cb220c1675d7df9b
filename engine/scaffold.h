/* `duet new strategy NAME`: a folder with a strategy that builds out of tree and runs; `duet cflags`: how to compile.
 */
#ifndef DUET_ENGINE_SCAFFOLD_H
#define DUET_ENGINE_SCAFFOLD_H

#include <duet/status.h>

/** Longest name of a new strategy, with its end. */
#define DUET_SCAFFOLD_NAME_MAX 33

/**
 * Make the folder `name` below the present one: NAME.c, Makefile, test.sh, README.md. `name` is lower-case letters,
 * digits and "_", a letter first. DUET_EINVAL for another, DUET_EEXIST where there is something of that name; then, and
 * where a file cannot be written, nothing is left behind.
 */
DUET_EXPORT DUET_MUST_CHECK enum duet_status duet_scaffold_strategy(const char *name);
DUET_EXPORT int duet_command_new(const char *name);

/** Print the options with which a C compiler builds a strategy for this program: where its headers are, and exact
 * rounding. Exit code 1 where the headers are not beside the program. */
DUET_EXPORT int duet_command_cflags(void);

#endif
