#include "components/parallel.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"

struct crowd {
    pthread_mutex_t lock;
    pthread_cond_t finished;
    size_t count, next;
    bool *is_done; // by index
    void (*work)(void *argument, size_t index);
    void *argument;
};

static void *take_pieces(void *argument) {
    struct crowd *crowd = argument;
    pthread_mutex_lock(&crowd->lock);
    while (crowd->next < crowd->count) {
        size_t index = crowd->next++;
        pthread_mutex_unlock(&crowd->lock);
        crowd->work(crowd->argument, index);
        pthread_mutex_lock(&crowd->lock);
        crowd->is_done[index] = true;
        pthread_cond_signal(&crowd->finished);
    }
    pthread_mutex_unlock(&crowd->lock);
    return NULL;
}

/** How many were made; signals stay the caller's business. */
static unsigned make_threads(struct crowd *crowd, pthread_t *threads, unsigned wanted) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    unsigned made = 0;
    while (made < wanted && pthread_create(&threads[made], NULL, take_pieces, crowd) == 0) {
        made++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return made;
}

static void do_all_here(size_t count, void (*work)(void *, size_t), void (*done)(void *, size_t), void *argument) {
    for (size_t i = 0; i < count; i++) {
        work(argument, i);
        if (done != NULL) {
            done(argument, i);
        }
    }
}

void duet_parallel_for(size_t count, unsigned threads, void (*work)(void *argument, size_t index),
    void (*done)(void *argument, size_t index), void *argument) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned wanted = threads > 0 ? threads : processors > 0 ? (unsigned)processors : 1;
    wanted = wanted < DUET_PARALLEL_THREADS_MAX ? wanted : DUET_PARALLEL_THREADS_MAX;
    wanted = wanted < count ? wanted : (unsigned)count;
    if (wanted < 2) {
        do_all_here(count, work, done, argument);
        return;
    }
    struct crowd crowd = {.count = count, .work = work, .argument = argument};
    pthread_t made[DUET_PARALLEL_THREADS_MAX];
    pthread_mutex_init(&crowd.lock, NULL);
    pthread_cond_init(&crowd.finished, NULL);
    crowd.is_done = duet_alloc(count, sizeof(*crowd.is_done));
    unsigned made_count = make_threads(&crowd, made, wanted);
    if (made_count == 0) {
        do_all_here(count, work, done, argument);
    } else {
        for (size_t i = 0; i < count; i++) {
            pthread_mutex_lock(&crowd.lock);
            while (!crowd.is_done[i]) {
                pthread_cond_wait(&crowd.finished, &crowd.lock);
            }
            pthread_mutex_unlock(&crowd.lock);
            if (done != NULL) {
                done(argument, i);
            }
        }
    }
    for (unsigned i = 0; i < made_count; i++) {
        pthread_join(made[i], NULL);
    }
    free(crowd.is_done);
    pthread_cond_destroy(&crowd.finished);
    pthread_mutex_destroy(&crowd.lock);
}
