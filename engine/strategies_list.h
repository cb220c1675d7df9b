/* What `duet strategies [NAME]` prints. */
#ifndef DUET_ENGINE_STRATEGIES_LIST_H
#define DUET_ENGINE_STRATEGIES_LIST_H

#include <stdio.h>

#include <duet/status.h>

/** All bundled strategies, one line each: name and summary. */
void duet_strategies_list(FILE *out);
/** One strategy, bundled or a plugin file: name, summary, scope, and its parameters with default, bounds and help.
    Errors of duet_plugin_open(). */
DUET_MUST_CHECK enum duet_status duet_strategies_describe(const char *name, FILE *out);

#endif
