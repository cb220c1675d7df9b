/* The files of a new strategy; @NAME@ stands for its name. */
#ifndef DUET_ENGINE_SCAFFOLD_TEXTS_H
#define DUET_ENGINE_SCAFFOLD_TEXTS_H

#include <stdbool.h>

struct duet_scaffold_text {
    const char *file; // its name; one that begins with "." has the strategy's name before that
    const char *text;
    bool runs; // a script
};

/** Ends with a row without a file. */
extern const struct duet_scaffold_text duet_scaffold_texts[];

#endif
