/*
 * Outputs of a core that plays a journal again, held against those that the journal has: every one, byte for byte, none
 * missing and none too many. Recovery and `duet replay --verify` are the two users.
 */
#ifndef DUET_ENGINE_LIVE_COMPARE_H
#define DUET_ENGINE_LIVE_COMPARE_H

#include <stdbool.h>

#include "components/instruments.h"
#include "components/store/journal.h"
#include "engine/live/input.h"

#define DUET_DIFFERENCE_MAX 4096

struct duet_compare {
    struct duet_journal *journal; // borrowed
    const struct duet_instruments *instruments; // borrowed
    struct duet_input input; // being worked off; borrowed
    struct duet_journal_output expected; // the next one of the journal
    bool has_expected, is_over;
    bool is_muted; // outputs are passed over
    uint64_t next; // sequence from which the journal is to be read on
    uint64_t outputs, decisions; // compared; decisions are ORDERs
    uint64_t difference_sequence; // 0: none
    char line[512]; // the first difference in one line
    char text[DUET_DIFFERENCE_MAX]; // the same field by field, for people; several lines
};

/** Outputs after event `sequence` are compared (0: all). */
void duet_compare_init(struct duet_compare *compare, struct duet_journal *journal,
    const struct duet_instruments *instruments, uint64_t sequence);
/** The record that is given to the core next. */
void duet_compare_begin(struct duet_compare *compare, const struct duet_input *input);
/** An output of the core. */
void duet_compare_output(struct duet_compare *compare, const struct duet_event *event);
/** The core is through with the record. DUET_EDIFF with compare->line where anything differed, here or before. */
DUET_MUST_CHECK enum duet_status duet_compare_end(struct duet_compare *compare);

#endif
