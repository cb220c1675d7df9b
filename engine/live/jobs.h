/*
 * The jobs of `live.jobs`, on the scheduler's grid: what each kind of `run` does.
 *
 *   scan            the signals of all instruments, computed by the workers; what is new is logged and told to
 *                   listeners as a SIGNAL event that is none of the session's (sequence 0, reason "scan: …"). A
 * symbol's signal of the same direction is a duplicate for 300 s. Scans inform: they never send an order. command:
 * FILE…  a program without a shell; its lines are logged; a period is its deadline health          the owner's line of
 * figures, and the operations under way with their ages snapshot        the owner's
 *
 * The grid begins with the start, which is the first point. A job that fails is logged and counted by the scheduler and
 * runs again next time. A stop, a deadline and the removal of a job end its work at once: programs are killed, the
 * answers of a scan are not listened to.
 */
#ifndef DUET_ENGINE_LIVE_JOBS_H
#define DUET_ENGINE_LIVE_JOBS_H

#include <duet/event.h>
#include <duet/loop.h>

#include "components/instruments.h"
#include "components/scheduler.h"
#include "engine/live/live_config.h"

struct duet_jobs; // opaque
struct duet_analyst; // engine/live/features.h

#define DUET_SCAN_COOLDOWN_NS (300 * DUET_SECOND_NS)

/** All borrowed. */
struct duet_jobs_options {
    struct duet_scheduler *scheduler;
    struct duet_loop *loop;
    const struct duet_clock *clock; // of loop and scheduler
    struct duet_log *log;
    struct duet_analyst *analyst; // NULL: scans fail
    const struct duet_instruments *instruments; // what is scanned
    void (*health)(void *argument);
    void (*snapshot)(void *argument);
    void (*event)(void *argument, const struct duet_event *event); // for listeners; may be NULL
    void *argument;
};
struct duet_jobs *duet_jobs_create(const struct duet_jobs_options *options);
/** After the scheduler was stopped; before it is destroyed. NULL is fine. */
void duet_jobs_destroy(struct duet_jobs *jobs);

/** From now on these, copied. Jobs that stay as they are go on on their grid; those that are new or changed begin;
 * those that are gone end. DUET_EEXIST: the name is another's; DUET_EFULL. */
DUET_MUST_CHECK enum duet_status duet_jobs_set(struct duet_jobs *jobs, const struct duet_live_job *items, size_t count);

#endif
