/*
 * What the offload_*.c files share; nobody else includes it, but for the test of the ring.
 *
 * One mutex guards the queues, the states of jobs and the list of finished ones. Everything else (the live list,
 * tickets, counts, metrics, breaker) belongs to the engine thread: a job's outcome is booked when its completion is
 * called, so there is one accounting and it needs no lock.
 */
#ifndef DUET_COMPONENTS_OFFLOAD_PRIVATE_H
#define DUET_COMPONENTS_OFFLOAD_PRIVATE_H

#include <pthread.h>
#include <sys/types.h>

#include <duet/loop.h>

#include "components/offload.h"

/* ---- offload_metrics.c ---- */

struct offload_record {
    char name[32];
    int64_t wall_ns, began_ns, ended_ns; // the latter two monotonic
    bool ok;
    char error[64];
};
/** A ring: the oldest record makes room. */
struct offload_metrics {
    struct offload_record *records;
    double *scratch; // as many
    uint64_t written; // ever, since the last clear
    uint32_t capacity;
};
void duet_offload_metrics_init(struct offload_metrics *metrics, uint32_t capacity);
void duet_offload_metrics_finish(struct offload_metrics *metrics);
void duet_offload_metrics_add(struct offload_metrics *metrics, const struct offload_record *record);
size_t duet_offload_metrics_count(const struct offload_metrics *metrics);
size_t duet_offload_metrics_recent(
    const struct offload_metrics *metrics, struct duet_operation_record *out, size_t count);
void duet_offload_metrics_summary(
    const struct offload_metrics *metrics, const char *name, struct duet_operation_summary *out);

#define BREAKER_SAMPLES_MAX 100
#define BREAKER_SAMPLES_MIN 20

/** Opens when too many of the last operations failed; after a while one is let through to try. */
struct offload_breaker {
    double error_rate; // 0: never opens
    int64_t reset_ns, opened_ns;
    bool failed[BREAKER_SAMPLES_MAX]; // a ring
    uint32_t samples, next, failures;
    bool open, trying;
};
/** Whether a request may pass at `now_ns`. */
bool duet_offload_breaker_allows(struct offload_breaker *breaker, int64_t now_ns);
void duet_offload_breaker_book(struct offload_breaker *breaker, bool ok, int64_t now_ns);
/** An operation ended without saying anything of the other side: whoever was let through did not find out. */
void duet_offload_breaker_forget(struct offload_breaker *breaker);

/* ---- jobs ---- */

struct offload_job;
struct offload_list {
    struct offload_job *first, *last;
};
struct offload_link {
    struct offload_job *previous, *next;
};

enum offload_state { OFFLOAD_QUEUED, OFFLOAD_RUNNING, OFFLOAD_FINISHED, OFFLOAD_JOINED };
/** Why nobody waits for it any more. */
enum offload_end { OFFLOAD_WANTED = 0, OFFLOAD_CANCELLED, OFFLOAD_TIMED_OUT, OFFLOAD_STOPPED };

struct offload_process_call {
    duet_offload_answer answer;
    uint32_t function;
    size_t in_size, out_size;
    unsigned char *bytes; // in, then out; owned
};

struct offload_job {
    struct offload_link link; // of a queue, the finished, the ready or the free ones
    struct offload_link live; // of those that have not been told, in order of submission; of a leader's joiners
    struct duet_offload_request request;
    uint64_t ticket;
    int64_t submitted_ns, deadline_ns; // monotonic; INT64_MAX: none
    enum offload_state state;
    enum offload_end end;
    bool unwanted; // cancelled, but joined by others
    volatile bool cancelled; // what the work looks at; atomic accesses only
    struct offload_lane *lane;
    struct offload_worker *worker; // while running
    struct offload_job *leader; // of one that joined
    struct offload_list joiners;
    struct offload_process_call call; // on the lane of processes
    /* what the worker leaves behind */
    enum duet_status status;
    uint32_t attempts;
    int64_t wall_ns, began_ns, ended_ns; // began_ns 0: never ran
    char error[160];
};

/** A queue and those who work on it: threads, or threads with a process each. */
struct offload_lane {
    struct duet_offload *offload;
    pthread_cond_t work;
    struct offload_list queues[DUET_PRIORITY_COUNT];
    struct offload_worker **workers;
    uint32_t worker_count, alive, depth, depth_max, busy;
    bool stopping;
};

struct offload_worker {
    struct offload_lane *lane;
    pthread_t thread;
    bool is_done; // has left, can be joined
    bool abandoned; // nobody waits for it; it frees itself and its job
    struct offload_job *job; // it is at
    int fd; // of its process; -1: none
    pid_t pid; // of its process; 0: none, or it has ended
};

struct offload_function {
    const char *name;
    duet_offload_function function;
    void *context;
};

/** The process that forks: it has one thread and never more. */
struct offload_nursery {
    int fd; // -1: none
    pid_t pid;
    pthread_mutex_t lock; // one question at a time
};

enum offload_phase { OFFLOAD_DOWN, OFFLOAD_UP, OFFLOAD_STOPPING };

struct duet_offload {
    struct duet_component component;
    struct duet_source source; // where it has to see to completions itself
    struct duet_loop *loop; // that source is in; else NULL
    struct duet_offload_options options;
    struct offload_lane threads, processes;
    struct offload_function functions[DUET_PROCESS_FUNCTIONS_MAX];
    uint32_t function_count;
    struct offload_nursery nursery;

    pthread_mutex_t lock;
    pthread_cond_t finished_one; // monotonic clock
    struct offload_list finished; // by workers, in the order in which they finished
    uint64_t process_restarts, retried;
    uint32_t abandoned; // workers that are still at something
    bool destroyed; // the last abandoned worker frees the rest

    /* the engine thread's */
    enum offload_phase phase;
    bool completing;
    struct offload_list ready; // to be told
    struct offload_list live;
    struct offload_list idle; // nodes to be used again
    uint64_t tickets;
    int64_t deadline_ns; // not later than the first of the live ones
    struct duet_offload_counts counts;
    uint64_t full_told; // refusals when the log last spoke of them
    int64_t full_told_ns;
    struct offload_metrics metrics;
    struct offload_breaker breaker;
};

static inline void offload_append(struct offload_list *list, struct offload_job *job) {
    job->link = (struct offload_link){.previous = list->last};
    *(list->last != NULL ? &list->last->link.next : &list->first) = job;
    list->last = job;
}
static inline void offload_remove(struct offload_list *list, struct offload_job *job) {
    *(job->link.previous != NULL ? &job->link.previous->link.next : &list->first) = job->link.next;
    *(job->link.next != NULL ? &job->link.next->link.previous : &list->last) = job->link.previous;
}
/** The same by the other link. */
static inline void offload_append_live(struct offload_list *list, struct offload_job *job) {
    job->live = (struct offload_link){.previous = list->last};
    *(list->last != NULL ? &list->last->live.next : &list->first) = job;
    list->last = job;
}
static inline void offload_remove_live(struct offload_list *list, struct offload_job *job) {
    *(job->live.previous != NULL ? &job->live.previous->live.next : &list->first) = job->live.next;
    *(job->live.next != NULL ? &job->live.next->live.previous : &list->last) = job->live.previous;
}

/* ---- offload_queue.c ---- */

/** Take what waits on a lane out, ended by `end`, to be told; with the lock held. Returns how many. */
size_t duet_offload_discard(struct offload_lane *lane, enum offload_end end);
/** Have running work end: the flag, and a process killed; with the lock held. */
void duet_offload_interrupt(struct offload_job *job, enum offload_end end);
/** End a job that is live and not a joiner. */
void duet_offload_end(struct offload_job *job, enum offload_end end);
/** Wake whoever calls completions. */
void duet_offload_notify(struct duet_offload *offload);

/* ---- offload_worker.c ---- */

enum duet_status duet_offload_lane_up(struct offload_lane *lane);
/** Bounded by the stop timeout; all that is left on the lane afterwards is in `finished`, `ready` or abandoned. */
void duet_offload_lane_down(struct offload_lane *lane);
void duet_offload_free(struct duet_offload *offload);

/* ---- offload_process.c ---- */

DUET_MUST_CHECK enum duet_status duet_offload_nursery_up(struct duet_offload *offload);
void duet_offload_nursery_down(struct duet_offload *offload);
/** What a worker of the lane of processes does with a job. */
enum duet_status duet_offload_process_run(struct offload_worker *worker, struct offload_job *job);
/** Have a process at hand. */
enum duet_status duet_offload_process_ready(struct offload_worker *worker);
/** End a worker's process. */
void duet_offload_process_end(struct offload_worker *worker);

/* ---- offload_child.c ---- */

/** A question to the nursery: a new process at the other end of the descriptor that comes along; none without one. */
struct offload_birth {
    int32_t replaces; // process to end and bury first; 0: none
    int32_t reserved;
};
struct offload_born {
    int32_t pid; // negative: errno of the fork
    int32_t status; // of the one that was replaced, as waitpid() gives it
};
/** Before the bytes of a question or an answer. */
struct offload_frame {
    uint32_t function;
    int32_t status;
    uint64_t size; // of the bytes; the answer of a failure is its line
};
/** The nursery's life; never returns. */
_Noreturn void duet_offload_nurse(const struct offload_function *functions, uint32_t count, int fd);
/** All bytes or false; signals and short counts apart. */
bool duet_offload_write(int fd, const void *bytes, size_t size);
bool duet_offload_read(int fd, void *bytes, size_t size);

#endif
