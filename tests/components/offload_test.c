/*
 * The pool of threads: who runs what where, in which order, and that every request is accounted for. Work waits at
 * gates that the tests open, so nothing here depends on how fast the machine is.
 */
#include <duet/loop.h>

#include "components/pool.h"

#define JOBS_MAX 600

static struct pool pool;
static struct gate gate;
static pthread_t loop_thread;

/** One request and what came of it. */
struct job {
    struct gate *gate; // NULL: none
    int fails; // times before it goes well
    int runs;
    pthread_t thread;
    int64_t began_ns, ended_ns;
    unsigned told, number; // number: how many had been told before
    enum duet_status status;
    char error[96];
    pthread_t told_on;
};
static struct job jobs[JOBS_MAX];
static unsigned told;

static void fresh(void) {
    memset(jobs, 0, sizeof(jobs));
    gate = (struct gate)GATE_SHUT;
    told = 0;
    loop_thread = pthread_self();
}

static enum duet_status work(void *argument, const volatile bool *cancelled) {
    struct job *job = argument;
    job->runs++;
    job->thread = pthread_self();
    job->began_ns = duet_monotonic_ns();
    if (job->gate != NULL) {
        gate_pass(job->gate);
    }
    job->ended_ns = duet_monotonic_ns();
    return job->runs <= job->fails ? duet_error(DUET_EIO, "no luck the %d. time", job->runs) : DUET_OK;
}

static void done(void *argument, void *subject, enum duet_status status, const char *error) {
    struct job *job = subject;
    job->number = told++;
    job->told++;
    job->status = status;
    job->told_on = pthread_self();
    snprintf(job->error, sizeof(job->error), "%s", error);
}

static struct duet_offload_request request_of(struct job *job) {
    return (struct duet_offload_request){
        .name = "work", .work = work, .done = done, .job = job, .priority = DUET_PRIORITY_NORMAL};
}

static void submit(struct job *job) {
    struct duet_offload_request request = request_of(job);
    ck_assert_msg(duet_offload_submit(pool.offload, &request, NULL) == DUET_OK, "%s", duet_error_text());
}

static void check_accounts(void) {
    struct duet_offload_counts counts = pool_counts(&pool);
    ck_assert_uint_eq(counts.accepted, counts.completed + counts.failed + counts.discarded);
    ck_assert_uint_eq(counts.depth, 0);
    ck_assert_uint_eq(counts.busy, 0);
}

START_TEST(keeps_its_configuration_and_runs_only_between_start_and_stop) {
    pool_make(&pool, (struct duet_offload_options){0});
    struct duet_offload_counts counts = pool_counts(&pool);
    ck_assert_uint_eq(counts.workers, 8);
    ck_assert_uint_eq(counts.capacity, 1000);
    ck_assert_uint_eq(counts.processes, 0);
    struct duet_offload_request request = request_of(&jobs[0]);
    ck_assert_int_eq(duet_offload_submit(pool.offload, &request, NULL), DUET_ESTATE);
    ck_assert_str_eq(duet_error_text(), "offload must be started before work can run");
    pool_start(&pool);
    ck_assert_ptr_nonnull(strstr(pool.text, "info offload-start workers=8 queue=1000 processes=0\n"));
    submit(&jobs[0]);
    pool_until(&pool, &told, 1);
    pool_stop(&pool);
    ck_assert_int_eq(duet_offload_submit(pool.offload, &request, NULL), DUET_ESTATE);
    ck_assert_int_eq(duet_component_start(duet_offload_component(pool.offload)), DUET_OK);
    submit(&jobs[1]);
    pool_until(&pool, &told, 2);
    ck_assert_uint_eq(pool_counts(&pool).refused, 2);
    ck_assert_uint_eq(pool_counts(&pool).completed, 2);
    pool_down(&pool);
}
END_TEST

START_TEST(works_on_other_threads_and_tells_on_the_loop_s) {
    pool_up(&pool, (struct duet_offload_options){.workers = 2});
    for (unsigned i = 0; i < 20; i++) {
        submit(&jobs[i]);
    }
    pool_until(&pool, &told, 20);
    for (unsigned i = 0; i < 20; i++) {
        ck_assert(!pthread_equal(jobs[i].thread, loop_thread));
        ck_assert(pthread_equal(jobs[i].told_on, loop_thread));
        ck_assert_uint_eq(jobs[i].told, 1);
        ck_assert_int_eq(jobs[i].status, DUET_OK);
    }
    ck_assert_uint_ge(atomic_load(&pool.wakes), 1);
    struct duet_operation_record records[64];
    ck_assert_uint_eq(duet_offload_recent(pool.offload, records, 64), 20);
    ck_assert_str_eq(records[0].name, "work");
    ck_assert(records[0].ok && records[0].wall_ns > INT64_C(1700000000) * 1000000000);
    pool_down(&pool);
}
END_TEST

START_TEST(four_jobs_on_four_workers_overlap) {
    pool_up(&pool, (struct duet_offload_options){.workers = 4});
    for (unsigned i = 0; i < 4; i++) {
        jobs[i].gate = &gate;
        submit(&jobs[i]);
    }
    gate_await(&gate, 4); // with fewer workers this would never come
    ck_assert_uint_eq(pool_counts(&pool).busy, 4);
    gate_open(&gate);
    pool_until(&pool, &told, 4);
    for (unsigned i = 0; i < 4; i++) {
        for (unsigned j = 0; j < 4; j++) {
            ck_assert_int_le(jobs[i].began_ns, jobs[j].ended_ns);
            ck_assert(i == j || !pthread_equal(jobs[i].thread, jobs[j].thread));
        }
    }
    pool_down(&pool);
}
END_TEST

START_TEST(a_full_queue_refuses_counts_and_says_so) {
    pool_up(&pool, (struct duet_offload_options){.workers = 1, .queue_max = 5});
    jobs[0].gate = &gate;
    submit(&jobs[0]);
    gate_await(&gate, 1); // the worker is busy: what comes now waits
    unsigned accepted = 1, refused = 0;
    for (unsigned i = 1; i < 10; i++) {
        struct duet_offload_request request = request_of(&jobs[i]);
        enum duet_status status = duet_offload_submit(pool.offload, &request, NULL);
        ck_assert(status == DUET_OK || status == DUET_EFULL);
        *(status == DUET_OK ? &accepted : &refused) += 1;
    }
    ck_assert_uint_eq(accepted, 6);
    ck_assert_uint_eq(refused, 4);
    struct duet_offload_counts counts = pool_counts(&pool);
    ck_assert_uint_eq(counts.refused, 4);
    ck_assert_uint_eq(counts.depth, 5);
    ck_assert_uint_eq(counts.depth_max, 5);
    ck_assert_ptr_nonnull(strstr(pool.text, "Task queue full"));
    gate_open(&gate);
    pool_until(&pool, &told, 6);
    submit(&jobs[9]); // there is room again
    pool_until(&pool, &told, 7);
    pool_stop(&pool);
    check_accounts();
    pool_down(&pool);
}
END_TEST

START_TEST(the_urgent_go_first_and_equals_in_order) {
    pool_up(&pool, (struct duet_offload_options){.workers = 1});
    jobs[0].gate = &gate;
    submit(&jobs[0]);
    gate_await(&gate, 1);
    static const enum duet_offload_priority priorities[] = {DUET_PRIORITY_LOW, DUET_PRIORITY_NORMAL, DUET_PRIORITY_HIGH,
        DUET_PRIORITY_LOW, DUET_PRIORITY_NORMAL, DUET_PRIORITY_HIGH};
    static const unsigned numbers[] = {5, 3, 1, 6, 4, 2};
    for (unsigned i = 0; i < 6; i++) {
        struct duet_offload_request request = request_of(&jobs[i + 1]);
        request.priority = priorities[i];
        ck_assert_int_eq(duet_offload_submit(pool.offload, &request, NULL), DUET_OK);
    }
    gate_open(&gate);
    pool_until(&pool, &told, 7);
    for (unsigned i = 0; i < 6; i++) {
        ck_assert_uint_eq(jobs[i + 1].number, numbers[i]);
    }
    pool_down(&pool);
}
END_TEST

/** Dead letters: what the pool hands over. */
static char dead[256];
static void bury(void *argument, const char *name, uint32_t attempts, const char *error) {
    snprintf(dead, sizeof(dead), "%s %u %s", name, attempts, error);
}

START_TEST(a_failure_is_told_with_its_line_and_booked) {
    pool_up(&pool, (struct duet_offload_options){.workers = 1, .dead_letter = bury});
    jobs[0].fails = 1;
    submit(&jobs[0]);
    submit(&jobs[1]);
    pool_until(&pool, &told, 2);
    ck_assert_int_eq(jobs[0].status, DUET_EIO);
    ck_assert_str_eq(jobs[0].error, "no luck the 1. time");
    ck_assert_str_eq(jobs[1].error, "");
    ck_assert_str_eq(dead, "work 1 no luck the 1. time");
    struct duet_operation_summary summary;
    duet_offload_summary(pool.offload, NULL, &summary);
    ck_assert_uint_eq(summary.total, 2);
    ck_assert_uint_eq(summary.failed, 1);
    ck_assert_double_eq(summary.success_rate, 0.5);
    struct duet_operation_record records[2];
    ck_assert_uint_eq(duet_offload_recent(pool.offload, records, 2), 2);
    ck_assert(records[0].ok && !records[1].ok);
    ck_assert_str_eq(records[1].error, "no luck the 1. time");
    ck_assert_uint_eq(pool_counts(&pool).failed, 1);
    pool_down(&pool);
}
END_TEST

START_TEST(tries_as_often_as_it_may_and_then_gives_up) {
    pool_up(&pool, (struct duet_offload_options){.workers = 1, .dead_letter = bury});
    jobs[0].fails = 2;
    jobs[1].fails = 9;
    for (unsigned i = 0; i < 2; i++) {
        struct duet_offload_request request = request_of(&jobs[i]);
        request.attempts = 3;
        ck_assert_int_eq(duet_offload_submit(pool.offload, &request, NULL), DUET_OK);
    }
    pool_until(&pool, &told, 2);
    ck_assert_int_eq(jobs[0].status, DUET_OK);
    ck_assert_int_eq(jobs[0].runs, 3);
    ck_assert_int_eq(jobs[1].status, DUET_EIO);
    ck_assert_int_eq(jobs[1].runs, 3);
    ck_assert_str_eq(dead, "work 3 no luck the 3. time");
    struct duet_offload_counts counts = pool_counts(&pool);
    ck_assert_uint_eq(counts.retried, 4);
    ck_assert_uint_eq(counts.accepted, 2);
    ck_assert_uint_eq(counts.completed, 1);
    ck_assert_uint_eq(counts.failed, 1);
    pool_down(&pool);
}
END_TEST

START_TEST(fire_and_forget_work_is_done_too) {
    pool_up(&pool, (struct duet_offload_options){.workers = 3});
    for (unsigned i = 0; i < 10; i++) {
        struct duet_offload_request request = request_of(&jobs[i]);
        request.done = NULL;
        ck_assert_int_eq(duet_offload_submit(pool.offload, &request, NULL), DUET_OK);
    }
    duet_offload_join(pool.offload);
    for (unsigned i = 0; i < 10; i++) {
        ck_assert_int_eq(jobs[i].runs, 1);
    }
    ck_assert_uint_eq(pool_counts(&pool).completed, 10);
    pool_down(&pool);
}
END_TEST

START_TEST(a_join_tells_in_the_order_of_submission) {
    pool_up(&pool, (struct duet_offload_options){.workers = 4});
    jobs[0].gate = &gate;
    submit(&jobs[0]);
    for (unsigned i = 1; i < 100; i++) {
        submit(&jobs[i]);
    }
    while (pool_counts(&pool).busy > 1 || pool_counts(&pool).depth > 0) {
        pool_nap(); // the later ones are through, the first is not
    }
    gate_open(&gate);
    duet_offload_join(pool.offload);
    for (unsigned i = 0; i < 100; i++) {
        ck_assert_uint_eq(jobs[i].number, i);
    }
    pool_down(&pool);
}
END_TEST

/* ---- cancelling, deadlines, stopping ---- */

/** Work that goes on until it is told to end. */
static enum duet_status endure(void *argument, const volatile bool *cancelled) {
    struct job *job = argument;
    job->runs++;
    gate_pass(&gate);
    while (!duet_offload_is_cancelled(cancelled)) {
        pool_nap();
    }
    return DUET_OK;
}

START_TEST(a_cancelled_job_is_told_once_whether_it_waits_or_runs) {
    pool_up(&pool, (struct duet_offload_options){.workers = 1});
    gate_open(&gate);
    uint64_t running, waiting;
    struct duet_offload_request request = request_of(&jobs[0]);
    request.work = endure;
    ck_assert_int_eq(duet_offload_submit(pool.offload, &request, &running), DUET_OK);
    request = request_of(&jobs[1]);
    ck_assert_int_eq(duet_offload_submit(pool.offload, &request, &waiting), DUET_OK);
    gate_await(&gate, 1);
    ck_assert_int_eq(duet_offload_cancel(pool.offload, waiting), DUET_OK);
    ck_assert_uint_eq(told, 0); // not from inside the call
    pool_until(&pool, &told, 1);
    ck_assert_int_eq(jobs[1].status, DUET_ESTATE);
    ck_assert_int_eq(jobs[1].runs, 0);
    ck_assert_int_eq(duet_offload_cancel(pool.offload, waiting), DUET_ENOTFOUND);
    ck_assert_int_eq(duet_offload_cancel(pool.offload, running), DUET_OK);
    pool_until(&pool, &told, 2);
    ck_assert_int_eq(jobs[0].status, DUET_ESTATE);
    ck_assert_str_eq(jobs[0].error, "cancelled");
    ck_assert_uint_eq(pool_counts(&pool).discarded, 2);
    pool_stop(&pool);
    check_accounts();
    pool_down(&pool);
}
END_TEST

START_TEST(a_deadline_ends_what_waits_and_what_runs) {
    pool_up(&pool, (struct duet_offload_options){.workers = 1, .dead_letter = bury});
    ck_assert_int_eq(duet_offload_next_deadline_ns(pool.offload), INT64_MAX);
    gate_open(&gate);
    struct duet_offload_request request = request_of(&jobs[0]);
    request.work = endure;
    request.deadline_ns = 20000000;
    ck_assert_int_eq(duet_offload_submit(pool.offload, &request, NULL), DUET_OK);
    gate_await(&gate, 1);
    request = request_of(&jobs[1]);
    request.deadline_ns = 1;
    ck_assert_int_eq(duet_offload_submit(pool.offload, &request, NULL), DUET_OK);
    ck_assert_int_lt(duet_offload_next_deadline_ns(pool.offload), INT64_MAX);
    pool_until(&pool, &told, 2);
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_int_eq(jobs[i].status, DUET_ETIMEOUT);
        ck_assert_uint_eq(jobs[i].told, 1);
    }
    ck_assert_str_eq(jobs[0].error, "ran past its deadline");
    ck_assert_str_eq(jobs[1].error, "waited past its deadline");
    ck_assert_int_eq(jobs[1].runs, 0);
    struct duet_offload_counts counts = pool_counts(&pool);
    ck_assert_uint_eq(counts.timed_out, 2);
    ck_assert_uint_eq(counts.failed, 2);
    struct duet_operation_summary summary;
    duet_offload_summary(pool.offload, "work", &summary);
    ck_assert_uint_eq(summary.failed, 2);
    pool_down(&pool);
}
END_TEST

START_TEST(a_stop_with_fifty_waiting_discards_them_and_accounts_for_all) {
    pool_up(&pool, (struct duet_offload_options){.workers = 2});
    struct duet_offload_request request = request_of(&jobs[0]);
    request.work = endure;
    ck_assert_int_eq(duet_offload_submit(pool.offload, &request, NULL), DUET_OK);
    request.job = &jobs[1];
    ck_assert_int_eq(duet_offload_submit(pool.offload, &request, NULL), DUET_OK);
    gate_await(&gate, 2);
    for (unsigned i = 2; i < 52; i++) {
        submit(&jobs[i]);
    }
    gate_open(&gate);
    pool_stop(&pool);
    ck_assert_uint_eq(told, 52);
    struct duet_offload_counts counts = pool_counts(&pool);
    ck_assert_uint_eq(counts.accepted, 52);
    ck_assert_uint_eq(counts.discarded, 50);
    ck_assert_uint_eq(counts.completed, 2); // told to end, they returned well
    for (unsigned i = 2; i < 52; i++) {
        ck_assert_int_eq(jobs[i].status, DUET_ESTATE);
        ck_assert_int_eq(jobs[i].runs, 0);
    }
    check_accounts();
    pool_down(&pool);
}
END_TEST

START_TEST(a_stop_that_drains_discards_nothing) {
    pool_up(
        &pool, (struct duet_offload_options){.workers = 2, .drain_at_stop = true, .stop_timeout_ns = POOL_PATIENCE_NS});
    for (unsigned i = 0; i < 50; i++) {
        submit(&jobs[i]);
    }
    pool_stop(&pool);
    ck_assert_uint_eq(told, 50);
    ck_assert_uint_eq(pool_counts(&pool).completed, 50);
    ck_assert_uint_eq(pool_counts(&pool).discarded, 0);
    pool_down(&pool);
}
END_TEST

START_TEST(work_that_never_returns_does_not_hold_up_a_stop) {
    pool_up(&pool, (struct duet_offload_options){.workers = 1, .stop_timeout_ns = 50000000});
    struct duet_offload_request request = request_of(&jobs[0]);
    jobs[0].gate = &gate; // which stays shut
    ck_assert_int_eq(duet_offload_submit(pool.offload, &request, NULL), DUET_OK);
    gate_await(&gate, 1);
    submit(&jobs[1]);
    pool_stop(&pool);
    ck_assert_uint_eq(jobs[0].told, 0);
    ck_assert_uint_eq(jobs[1].told, 1);
    ck_assert_ptr_nonnull(strstr(pool.text, "error offload-abandoned name=work has not returned"));
    ck_assert_uint_eq(duet_offload_abandoned(pool.offload), 1);
    check_accounts();
    pool_down(&pool);
    gate_open(&gate); // it returns to a pool that is gone, and frees what is left of it
    int64_t until_ns = duet_monotonic_ns() + INT64_C(200000000);
    while (duet_monotonic_ns() < until_ns) {
        pool_nap();
    }
}
END_TEST

START_TEST(what_waits_can_be_cleared) {
    pool_up(&pool, (struct duet_offload_options){.workers = 1});
    jobs[0].gate = &gate;
    submit(&jobs[0]);
    gate_await(&gate, 1);
    for (unsigned i = 1; i < 8; i++) {
        submit(&jobs[i]);
    }
    ck_assert_uint_eq(duet_offload_clear_pending(pool.offload), 7);
    pool_until(&pool, &told, 7);
    gate_open(&gate);
    pool_until(&pool, &told, 8);
    ck_assert_int_eq(jobs[0].status, DUET_OK);
    ck_assert_int_eq(jobs[7].status, DUET_ESTATE);
    ck_assert_uint_eq(pool_counts(&pool).discarded, 7);
    pool_down(&pool);
}
END_TEST

/* ---- single flight ---- */

START_TEST(equal_requests_under_way_run_once_and_all_are_told) {
    pool_up(&pool, (struct duet_offload_options){.workers = 2});
    jobs[0].gate = &gate;
    jobs[0].fails = 1;
    struct duet_offload_request request;
    uint64_t tickets[6];
    for (unsigned i = 0; i < 6; i++) {
        request = request_of(&jobs[i]);
        request.flight = i < 5 ? 77 : 78;
        ck_assert_int_eq(duet_offload_submit(pool.offload, &request, &tickets[i]), DUET_OK);
    }
    ck_assert_int_eq(duet_offload_cancel(pool.offload, tickets[2]), DUET_OK);
    pool_until(&pool, &told, 2); // the one that was cancelled, and the other key
    ck_assert_int_eq(jobs[2].status, DUET_ESTATE);
    ck_assert_int_eq(jobs[5].status, DUET_OK);
    gate_open(&gate);
    pool_until(&pool, &told, 6);
    ck_assert_int_eq(jobs[0].runs, 1);
    static const unsigned joined[] = {1, 3, 4};
    for (unsigned i = 0; i < 3; i++) {
        const struct job *job = &jobs[joined[i]];
        ck_assert_int_eq(job->runs, 0);
        ck_assert_int_eq(job->status, DUET_EIO);
        ck_assert_str_eq(job->error, "no luck the 1. time");
        ck_assert_uint_eq(job->number, 3 + i);
    }
    struct duet_offload_counts counts = pool_counts(&pool);
    ck_assert_uint_eq(counts.accepted, 2);
    ck_assert_uint_eq(counts.joined, 4);
    jobs[0].fails = 0;
    request = request_of(&jobs[6]);
    request.flight = 77; // nothing is under way any more
    ck_assert_int_eq(duet_offload_submit(pool.offload, &request, NULL), DUET_OK);
    pool_until(&pool, &told, 7);
    ck_assert_int_eq(jobs[6].runs, 1);
    pool_down(&pool);
}
END_TEST

START_TEST(a_flight_goes_on_for_those_who_still_want_it) {
    pool_up(&pool, (struct duet_offload_options){.workers = 1});
    gate_open(&gate);
    uint64_t first, second;
    struct duet_offload_request request = request_of(&jobs[0]);
    request.work = endure;
    request.flight = 5;
    ck_assert_int_eq(duet_offload_submit(pool.offload, &request, &first), DUET_OK);
    request.job = &jobs[1];
    ck_assert_int_eq(duet_offload_submit(pool.offload, &request, &second), DUET_OK);
    gate_await(&gate, 1);
    ck_assert_int_eq(duet_offload_cancel(pool.offload, first), DUET_OK);
    ck_assert_uint_eq(duet_offload_complete(pool.offload, 8), 0); // still at it, for the second
    ck_assert_int_eq(duet_offload_cancel(pool.offload, second), DUET_OK);
    pool_until(&pool, &told, 2);
    ck_assert_int_eq(jobs[0].status, DUET_ESTATE);
    ck_assert_int_eq(jobs[1].status, DUET_ESTATE);
    pool_stop(&pool);
    check_accounts();
    pool_down(&pool);
}
END_TEST

/* ---- the breaker ---- */

START_TEST(the_breaker_opens_on_failures_lets_the_urgent_through_and_tries_again) {
    pool_up(
        &pool, (struct duet_offload_options){.workers = 1, .breaker_error_rate = 0.5, .breaker_reset_ns = 200000000});
    for (unsigned i = 0; i < 20; i++) {
        jobs[i].fails = i % 2 == 0;
        submit(&jobs[i]);
        pool_until(&pool, &told, i + 1);
        ck_assert(pool_counts(&pool).breaker_open == (i == 19)); // half of the twenty it wants to see
    }
    struct duet_offload_request request = request_of(&jobs[20]);
    ck_assert_int_eq(duet_offload_submit(pool.offload, &request, NULL), DUET_EDENIED);
    request.priority = DUET_PRIORITY_HIGH;
    ck_assert_int_eq(duet_offload_submit(pool.offload, &request, NULL), DUET_OK);
    pool_until(&pool, &told, 21);
    request = request_of(&jobs[21]);
    int64_t until_ns = duet_monotonic_ns() + POOL_PATIENCE_NS;
    while (duet_offload_submit(pool.offload, &request, NULL) == DUET_EDENIED && duet_monotonic_ns() < until_ns) {
        pool_nap();
    }
    pool_until(&pool, &told, 22);
    ck_assert(!pool_counts(&pool).breaker_open);
    submit(&jobs[22]);
    pool_until(&pool, &told, 23);
    pool_down(&pool);
}
END_TEST

/* ---- load ---- */

static void submit_another(void *argument, void *subject, enum duet_status status, const char *error) {
    done(argument, subject, status, error);
    submit(&jobs[501]); // from inside a completion
}

START_TEST(five_hundred_at_once_all_come_back) {
    pool_up(&pool, (struct duet_offload_options){0});
    for (unsigned i = 0; i < 500; i++) {
        submit(&jobs[i]);
    }
    pool_until(&pool, &told, 500);
    struct duet_offload_request request = request_of(&jobs[500]);
    request.done = submit_another;
    ck_assert_int_eq(duet_offload_submit(pool.offload, &request, NULL), DUET_OK);
    pool_until(&pool, &told, 502);
    struct duet_offload_counts counts = pool_counts(&pool);
    ck_assert_uint_eq(counts.completed, 502);
    ck_assert_uint_eq(counts.refused, 0);
    pool_stop(&pool);
    check_accounts();
    pool_down(&pool);
}
END_TEST

static atomic_uint loop_told;
static void count_on_loop(void *argument, void *subject, enum duet_status status, const char *error) {
    ck_assert(pthread_equal(pthread_self(), loop_thread));
    if (atomic_fetch_add(&loop_told, 1) + 1 == 50) {
        duet_loop_stop(argument);
    }
}

START_TEST(without_a_wake_of_its_owner_s_it_is_a_source_of_the_loop) {
    struct duet_bus *bus;
    struct duet_loop *loop;
    struct duet_offload *offload;
    ck_assert_int_eq(duet_bus_create(&(struct duet_bus_options){0}, &bus), DUET_OK);
    ck_assert_int_eq(duet_loop_libevent_create(bus, NULL, &loop), DUET_OK);
    struct duet_env env = {.bus = bus, .loop = loop};
    ck_assert_int_eq(duet_offload_create(&(struct duet_offload_options){.workers = 2}, &offload), DUET_OK);
    ck_assert_int_eq(duet_component_init(duet_offload_component(offload), &env), DUET_OK);
    ck_assert_int_eq(duet_component_start(duet_offload_component(offload)), DUET_OK);
    for (unsigned i = 0; i < 50; i++) {
        struct duet_offload_request request = request_of(&jobs[i]);
        request.done = count_on_loop;
        request.argument = loop;
        ck_assert_int_eq(duet_offload_submit(offload, &request, NULL), DUET_OK);
    }
    ck_assert_int_eq(duet_loop_run(loop), DUET_OK);
    ck_assert_uint_eq(atomic_load(&loop_told), 50);
    duet_component_teardown(duet_offload_component(offload));
    duet_offload_destroy(offload);
    duet_loop_destroy(loop);
    duet_bus_destroy(bus);
}
END_TEST

START_TEST(up_and_down_a_hundred_times_leaves_nothing_behind) {
    pool_make(&pool, (struct duet_offload_options){.workers = 2});
    for (unsigned i = 0; i < 100; i++) {
        pool_start(&pool);
        submit(&jobs[i]);
        pool_stop(&pool);
        duet_component_teardown(duet_offload_component(pool.offload));
        ck_assert_uint_eq(jobs[i].told, 1);
    }
    check_accounts();
    pool_down(&pool);
}
END_TEST

DUET_TEST_MAIN("offload", fresh, keeps_its_configuration_and_runs_only_between_start_and_stop,
    works_on_other_threads_and_tells_on_the_loop_s, four_jobs_on_four_workers_overlap,
    a_full_queue_refuses_counts_and_says_so, the_urgent_go_first_and_equals_in_order,
    a_failure_is_told_with_its_line_and_booked, tries_as_often_as_it_may_and_then_gives_up,
    fire_and_forget_work_is_done_too, a_join_tells_in_the_order_of_submission,
    a_cancelled_job_is_told_once_whether_it_waits_or_runs, a_deadline_ends_what_waits_and_what_runs,
    a_stop_with_fifty_waiting_discards_them_and_accounts_for_all, a_stop_that_drains_discards_nothing,
    work_that_never_returns_does_not_hold_up_a_stop, what_waits_can_be_cleared,
    equal_requests_under_way_run_once_and_all_are_told, a_flight_goes_on_for_those_who_still_want_it,
    the_breaker_opens_on_failures_lets_the_urgent_through_and_tries_again, five_hundred_at_once_all_come_back,
    without_a_wake_of_its_owner_s_it_is_a_source_of_the_loop, up_and_down_a_hundred_times_leaves_nothing_behind)
