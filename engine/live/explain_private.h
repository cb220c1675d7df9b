/* What the two files of `duet explain` share. */
#ifndef DUET_ENGINE_LIVE_EXPLAIN_PRIVATE_H
#define DUET_ENGINE_LIVE_EXPLAIN_PRIVATE_H

#include "base/json.h"
#include "components/store/journal.h"
#include "engine/live/input_session.h"

/** Steps from an order back to its input; events cannot be deeper (DUET_HOP_MAX, reports twice that). */
#define EXPLAIN_STEPS_MAX (2 * DUET_HOP_MAX + 4)

/** An event of the order's story. */
struct explain_told {
    struct duet_event event;
    uint64_t input;
    size_t root; // index of what an input became, from which it comes
};

/** What an input became: a bar, an opening, a timer. */
struct explain_root {
    uint64_t sequence;
    char *text; // owned; NULL: not known
};

struct explain {
    struct duet_journal *journal;
    struct duet_session_record record;
    bool has_record;
    uint64_t order_id;
    uint32_t instrument; // of the order
    struct duet_event steps[EXPLAIN_STEPS_MAX]; // from the order back
    size_t step_count;
    size_t step_root;
    struct explain_told *story; // from the order on
    size_t story_count, story_capacity;
    struct explain_root *roots;
    size_t root_count;
    bool is_replayed; // what was not found among the roots says no more than its input
    unsigned status; // that it came to
    bool is_over;
    struct duet_json *json; // NULL: text
};

/** A line of the story: "input 7", its time, its text. */
void explain_line(const struct explain *explain, const char *what, uint64_t number, int64_t ns, const char *text);
/** An input, and what of it is that root. */
void explain_input(
    const struct explain *explain, const struct duet_journal_input *row, const struct explain_root *root);
/** An input of the bus as a replay shows it: its text is kept where it is a root. `argument` is the explanation. */
void explain_watch(void *argument, const struct duet_event *event);

#endif
