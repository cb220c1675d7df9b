/*
 * What the two loops share: the sources, and one turn of work. The loops differ in where the time comes from and in
 * how they wait.
 */
#ifndef DUET_BUS_LOOP_PRIVATE_H
#define DUET_BUS_LOOP_PRIVATE_H

#include <stdatomic.h>
#include <stdbool.h>

#include <duet/loop.h>

/** Inputs a source, the mailbox or the schedule may bring in one turn. The same on both loops: where sources have
 * more at once, it decides how their inputs interleave. */
#define LOOP_BUDGET 256

struct loop_impl {
    enum duet_status (*run)(struct duet_loop *loop);
    /** Async-signal-safe. */
    void (*wake)(struct duet_loop *loop);
    void (*destroy)(struct duet_loop *loop);
    void *(*base)(struct duet_loop *loop);
};

/** Embedded by each loop. */
struct duet_loop {
    const struct loop_impl *impl;
    struct duet_bus *bus; // borrowed
    struct duet_source *first; // in the order they were added
    struct duet_source *next_to_run; // of the turn under way; moves on when that one is removed
    bool running;
    bool is_virtual; // time jumps to the next thing to do
    atomic_bool leaves_bus; // mailbox and schedule are the sources' business
    int64_t now_ns; // virtual time
    atomic_bool woken; // waiting sources are to be looked at again
    int64_t slow_ns; // a run that takes as long is told
    void (*slow)(void *argument, const char *source, int64_t took_ns); // NULL: nobody listens
    void *slow_argument;
};

enum loop_outlook {
    LOOP_BUSY, // there is more to do now
    LOOP_WAIT, // nothing before *wake_ns
    LOOP_END, // every source is done and nothing is posted
    LOOP_HALTED, // stopped or faulted
};

void duet_loop_init(struct duet_loop *loop, const struct loop_impl *impl, struct duet_bus *bus, bool is_virtual);
/** Mailbox, schedule and sources once each at `now_ns`, none beyond its budget. */
enum loop_outlook duet_loop_turn(struct duet_loop *loop, int64_t now_ns, int64_t *wake_ns);
/** Ends a run: forgets that it was told to stop; the status of duet_loop_run(). */
enum duet_status duet_loop_finish(struct duet_loop *loop);

#endif
