/*
 * Independent pieces of work on several threads, joined before the call returns: files to read, for instance. Nothing
 * that decides belongs here; the order in which pieces are done is not fixed, their results have to be kept by index.
 */
#ifndef DUET_COMPONENTS_PARALLEL_H
#define DUET_COMPONENTS_PARALLEL_H

#include <stddef.h>

/** Threads that are made at most. */
#define DUET_PARALLEL_THREADS_MAX 64

/**
 * Call `work(argument, i)` once for each i below `count`, on `threads` threads at most (0: as many as there are
 * processors). With one piece, one thread, or where none can be made, on the caller's. `done(argument, i)`, which may
 * be NULL, is called on the caller's thread for i = 0, 1, 2 … in order, each as soon as it and all before it are done.
 */
void duet_parallel_for(size_t count, unsigned threads, void (*work)(void *argument, size_t index),
    void (*done)(void *argument, size_t index), void *argument);

#endif
