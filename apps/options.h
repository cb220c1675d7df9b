/* A command line as options and operands: --name value, --name=value, --switch, -c value; "--" ends the options. */
#ifndef DUET_APPS_OPTIONS_H
#define DUET_APPS_OPTIONS_H

#include <stdbool.h>

/** Most options of one command. */
#define DUET_OPTIONS_MAX 128

struct duet_option {
    const char *name; // without dashes; one letter for a short option
    const char *metavar; // NULL: a switch
    const char *help;
};

/** Walks one command line. Zero-initialise but argc, argv (without program and command), options, count and command. */
struct duet_arguments {
    int argc;
    char **argv;
    const struct duet_option *options;
    int count;
    const char *command; // for messages, e.g. "backtest"
    int next;
    bool only_operands;
};

enum duet_argument { DUET_ARGUMENT_END = -1, DUET_ARGUMENT_OPERAND = -2, DUET_ARGUMENT_WRONG = -3 };

/**
 * The next argument: index of its option with *value set (NULL for a switch), DUET_ARGUMENT_OPERAND with *value the
 * operand, DUET_ARGUMENT_END, or DUET_ARGUMENT_WRONG after one line on standard error.
 */
int duet_arguments_next(struct duet_arguments *arguments, const char **value);

/** "  --name VALUE   help", aligned, wrapped at 80 columns. */
void duet_options_print(const struct duet_option *options, int count);

#endif
