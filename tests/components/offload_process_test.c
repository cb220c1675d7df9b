/*
 * The pool of processes: work runs elsewhere, and its death is a failed job and no more. Every test leaves no process
 * behind, which the nursery's end shows.
 */
#include "components/pool.h"

#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

static struct pool pool;
static uint32_t own_pid, reverse, refuse, die, hang, memory;

struct answer {
    unsigned told;
    enum duet_status status;
    size_t size;
    char error[96];
    union {
        unsigned char bytes[64];
        pid_t pid;
    };
};
static struct answer answers[64];
static unsigned told;

static enum duet_status tell_pid(
    void *context, const void *in, size_t in_size, void *out, size_t out_capacity, size_t *out_size) {
    pid_t pid = getpid();
    memcpy(out, &pid, sizeof(pid));
    *out_size = sizeof(pid);
    return DUET_OK;
}
/** What stands at `context` when the processes are forked is what they see, whatever becomes of it here. */
static int64_t remembered = 41;
static enum duet_status recall(
    void *context, const void *in, size_t in_size, void *out, size_t out_capacity, size_t *out_size) {
    memcpy(out, context, sizeof(int64_t));
    *out_size = sizeof(int64_t);
    return DUET_OK;
}
static enum duet_status turn_round(
    void *context, const void *in, size_t in_size, void *out, size_t out_capacity, size_t *out_size) {
    const unsigned char *from = in;
    unsigned char *to = out;
    for (size_t i = 0; i < in_size; i++) {
        to[i] = from[in_size - 1 - i];
    }
    *out_size = in_size;
    return DUET_OK;
}
static enum duet_status say_no(
    void *context, const void *in, size_t in_size, void *out, size_t out_capacity, size_t *out_size) {
    return duet_error(DUET_EDATA, "%zu bytes are no model", in_size);
}
static enum duet_status crash(
    void *context, const void *in, size_t in_size, void *out, size_t out_capacity, size_t *out_size) {
    raise(SIGSEGV);
    return DUET_OK;
}
static enum duet_status wait_for_ever(
    void *context, const void *in, size_t in_size, void *out, size_t out_capacity, size_t *out_size) {
    while (in_size == 0) {
        pause();
    }
    return DUET_OK;
}

static void up(uint32_t processes) {
    pool_make(&pool, (struct duet_offload_options){.workers = 1, .processes = processes});
    own_pid = duet_offload_register(pool.offload, "pid", tell_pid, NULL);
    reverse = duet_offload_register(pool.offload, "reverse", turn_round, NULL);
    refuse = duet_offload_register(pool.offload, "refuse", say_no, NULL);
    die = duet_offload_register(pool.offload, "die", crash, NULL);
    hang = duet_offload_register(pool.offload, "hang", wait_for_ever, NULL);
    memory = duet_offload_register(pool.offload, "memory", recall, &remembered);
    pool_start(&pool);
    memset(answers, 0, sizeof(answers));
    told = 0;
}

static void take(void *argument, enum duet_status status, const void *out, size_t out_size, const char *error) {
    struct answer *answer = argument;
    told++;
    answer->told++;
    answer->status = status;
    answer->size = out_size;
    snprintf(answer->error, sizeof(answer->error), "%s", error);
    if (out_size > 0 && out_size <= sizeof(answer->bytes)) {
        memcpy(answer->bytes, out, out_size);
    }
}

static void ask(struct answer *answer, uint32_t function, const void *in, size_t size, int64_t deadline_ns) {
    ck_assert_msg(duet_offload_process(pool.offload, function, in, size, deadline_ns, take, answer) == DUET_OK, "%s",
        duet_error_text());
}

static pid_t ask_pid(struct answer *answer) {
    unsigned before = told;
    ask(answer, own_pid, NULL, 0, 0);
    pool_until(&pool, &told, before + 1);
    ck_assert_msg(answer->status == DUET_OK, "%s", answer->error);
    ck_assert_uint_eq(answer->size, sizeof(pid_t));
    return answer->pid;
}

START_TEST(runs_in_another_process_and_brings_its_bytes_back) {
    up(2);
    pid_t pid = ask_pid(&answers[0]);
    ck_assert_int_ne(pid, getpid());
    ck_assert_int_gt(pid, 0);
    ask(&answers[1], reverse, "abc", 3, 0);
    ask(&answers[2], reverse, NULL, 0, 0);
    pool_until(&pool, &told, 3);
    ck_assert_uint_eq(answers[1].size, 3);
    ck_assert_mem_eq(answers[1].bytes, "cba", 3);
    ck_assert_int_eq(answers[2].status, DUET_OK);
    ck_assert_uint_eq(answers[2].size, 0);
    remembered = 42;
    ask(&answers[3], memory, NULL, 0, 0);
    pool_until(&pool, &told, 4);
    int64_t recalled;
    memcpy(&recalled, answers[3].bytes, sizeof(recalled));
    ck_assert_int_eq(recalled, 41);
    struct duet_operation_summary summary;
    duet_offload_summary(pool.offload, "reverse", &summary);
    ck_assert_uint_eq(summary.total, 2);
    ck_assert_uint_eq(pool_counts(&pool).completed, 4);
    pool_down(&pool);
    ck_assert_int_eq(kill(pid, 0), -1); // gone with the pool
}
END_TEST

START_TEST(takes_as_much_as_it_says_and_no_more) {
    up(1);
    unsigned char *much = calloc(DUET_PROCESS_BYTES_MAX + 1, 1);
    ck_assert_ptr_nonnull(much);
    ask(&answers[0], reverse, much, DUET_PROCESS_BYTES_MAX, 0);
    pool_until(&pool, &told, 1);
    ck_assert_int_eq(answers[0].status, DUET_OK);
    ck_assert_uint_eq(answers[0].size, DUET_PROCESS_BYTES_MAX);
    ck_assert_int_eq(
        duet_offload_process(pool.offload, reverse, much, DUET_PROCESS_BYTES_MAX + 1, 0, take, &answers[1]),
        DUET_EINVAL);
    free(much);
    pool_down(&pool);
}
END_TEST

START_TEST(a_failure_there_is_told_with_its_line_here) {
    up(1);
    ask(&answers[0], refuse, "xyz", 3, 0);
    pool_until(&pool, &told, 1);
    ck_assert_int_eq(answers[0].status, DUET_EDATA);
    ck_assert_str_eq(answers[0].error, "3 bytes are no model");
    ck_assert_uint_eq(answers[0].size, 0);
    ck_assert_uint_eq(pool_counts(&pool).process_restarts, 0);
    pool_down(&pool);
}
END_TEST

START_TEST(a_crash_fails_that_job_and_the_next_is_answered) {
    up(1);
    pid_t before = ask_pid(&answers[0]);
    ask(&answers[1], die, NULL, 0, 0);
    ask(&answers[2], own_pid, NULL, 0, 0);
    pool_until(&pool, &told, 3);
    ck_assert_int_eq(answers[1].status, DUET_EIO);
    ck_assert_ptr_nonnull(strstr(answers[1].error, "die: its process "));
    ck_assert_int_eq(answers[2].status, DUET_OK);
    ck_assert_int_ne(answers[2].pid, before);
    ck_assert_int_ne(answers[2].pid, getpid());
    struct duet_offload_counts counts = pool_counts(&pool);
    ck_assert_uint_eq(counts.process_restarts, 1);
    ck_assert_uint_eq(counts.failed, 1);
    ck_assert_uint_eq(counts.completed, 2);
    pool_down(&pool);
}
END_TEST

START_TEST(a_process_that_is_killed_fails_its_job_alone) {
    up(2);
    pid_t pid = ask_pid(&answers[0]);
    ask(&answers[1], hang, NULL, 0, 0);
    ask(&answers[2], hang, NULL, 0, 0);
    while (pool_counts(&pool).busy < 2) {
        pool_nap(); // both processes hang
    }
    kill(pid, SIGKILL);
    pool_until(&pool, &told, 2);
    ck_assert_uint_eq(answers[1].told + answers[2].told, 1);
    const struct answer *killed = answers[1].told == 1 ? &answers[1] : &answers[2];
    ck_assert_int_eq(killed->status, DUET_EIO);
    ck_assert_str_eq(killed->error, "hang: its process died of signal 9");
    ck_assert_int_ne(ask_pid(&answers[3]), pid);
    pool_stop(&pool); // and the other one does not hold it up
    ck_assert_uint_eq(told, 4);
    struct duet_offload_counts counts = pool_counts(&pool);
    ck_assert_uint_eq(counts.accepted, counts.completed + counts.failed + counts.discarded);
    ck_assert_uint_eq(counts.discarded, 1);
    pool_down(&pool);
}
END_TEST

START_TEST(a_deadline_kills_the_process_and_the_next_job_gets_a_new_one) {
    up(1);
    pid_t before = ask_pid(&answers[0]);
    ask(&answers[1], hang, NULL, 0, 30000000);
    ask(&answers[2], own_pid, NULL, 0, 0);
    pool_until(&pool, &told, 3);
    ck_assert_int_eq(answers[1].status, DUET_ETIMEOUT);
    ck_assert_int_eq(answers[2].status, DUET_OK);
    ck_assert_int_ne(answers[2].pid, before);
    ck_assert_uint_eq(pool_counts(&pool).timed_out, 1);
    pool_down(&pool);
}
END_TEST

START_TEST(without_processes_there_is_none_and_that_is_said) {
    up(0);
    ck_assert_int_eq(duet_offload_process(pool.offload, own_pid, NULL, 0, 0, take, NULL), DUET_ESTATE);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "there is no process pool"));
    pool_down(&pool);
}
END_TEST

START_TEST(comes_up_again_after_stop_and_after_teardown) {
    up(2);
    for (unsigned i = 0; i < 5; i++) {
        ck_assert_int_ne(ask_pid(&answers[i]), getpid());
        pool_stop(&pool);
        if (i % 2 == 1) {
            duet_component_teardown(duet_offload_component(pool.offload));
            pool_start(&pool);
        } else {
            ck_assert_int_eq(duet_component_start(duet_offload_component(pool.offload)), DUET_OK);
        }
    }
    pool_down(&pool);
}
END_TEST

DUET_TEST_MAIN("offload_process", NULL, runs_in_another_process_and_brings_its_bytes_back,
    takes_as_much_as_it_says_and_no_more, a_failure_there_is_told_with_its_line_here,
    a_crash_fails_that_job_and_the_next_is_answered, a_process_that_is_killed_fails_its_job_alone,
    a_deadline_kills_the_process_and_the_next_job_gets_a_new_one, without_processes_there_is_none_and_that_is_said,
    comes_up_again_after_stop_and_after_teardown)
