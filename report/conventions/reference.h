/* What the conventions hold, for people: lists and the tables of docs/statistics.md. */
#ifndef DUET_REPORT_CONVENTIONS_REFERENCE_H
#define DUET_REPORT_CONVENTIONS_REFERENCE_H

#include <stdio.h>

#include <duet/status.h>

/** Names and what they are, one line each. */
void duet_conventions_list(FILE *out);
/** Every figure of one; DUET_EINVAL for a name that there is not. */
DUET_MUST_CHECK enum duet_status duet_convention_describe(const char *name, FILE *out);
/** All tables in Markdown. */
void duet_conventions_markdown(FILE *out);

#endif
