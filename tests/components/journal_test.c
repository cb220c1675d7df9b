/* The journal on real files: what is in it, who may open it, and what happens on bad days. */
#include "components/store/journal.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "support/folder.h"
#include "support/suite.h"

static const char *path;

static void fresh_path(void) {
    duet_test_fresh_folder();
    static char kept[256];
    snprintf(kept, sizeof(kept), "%s", duet_test_path("session.db"));
    path = kept;
}

#define ok(call) ck_assert_msg((call) == DUET_OK, "%s: %s", #call, duet_error_text())

static struct duet_journal *opened(enum duet_journal_mode mode) {
    struct duet_journal *journal = NULL;
    ok(duet_journal_open(path, mode, &journal));
    return journal;
}

static void put_input(struct duet_journal *journal, uint64_t number, const char *bytes) {
    struct duet_journal_input input = {.number = number,
        .time_ns = (int64_t)number * 1000,
        .kind = 3,
        .first_sequence = number * 10,
        .last_sequence = number * 10 + 5,
        .bytes = bytes,
        .size = strlen(bytes)};
    ok(duet_journal_put_input(journal, &input));
}

/** One turn of one input with one output. */
static void put_turn(struct duet_journal *journal, uint64_t number, const char *bytes) {
    ok(duet_journal_begin(journal));
    put_input(journal, number, bytes);
    struct duet_event event = {.type = DUET_EVENT_CUSTOM, .sequence = number * 10 + 1, .cause_sequence = number * 10};
    event.custom.size = sizeof(event.custom);
    ok(duet_journal_put_output(journal, number, &event));
}

static void take_turn(struct duet_journal *journal, uint64_t number, const char *bytes) {
    put_turn(journal, number, bytes);
    ok(duet_journal_commit(journal, false));
}

/** What a person with the sqlite3 shell would see: columns joined by "|", rows by a line end. */
static const char *query(const char *sql) {
    static char text[4096];
    sqlite3 *database;
    sqlite3_stmt *statement;
    ck_assert_int_eq(sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    ck_assert_msg(sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(database));
    text[0] = '\0';
    while (sqlite3_step(statement) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const char *value = (const char *)sqlite3_column_text(statement, i);
            size_t used = strlen(text);
            snprintf(text + used, sizeof(text) - used, "%s%s", i > 0 ? "|" : used > 0 ? "\n" : "", value ? value : "-");
        }
    }
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return text;
}

struct seen {
    uint64_t count, last;
    char text[256];
};

static enum duet_status see_input(void *argument, const struct duet_journal_input *input) {
    struct seen *seen = argument;
    ck_assert_uint_eq((uintptr_t)input->bytes % 8, 0);
    seen->count++;
    seen->last = input->number;
    snprintf(seen->text, sizeof(seen->text), "%.*s", (int)input->size, (const char *)input->bytes);
    return DUET_OK;
}

static uint64_t count_inputs(struct duet_journal *journal) {
    struct seen seen = {0};
    ok(duet_journal_each_input(journal, 1, see_input, &seen));
    return seen.count;
}

static enum duet_status see_output(void *argument, const struct duet_journal_output *output) {
    struct seen *seen = argument;
    seen->count++;
    seen->last = output->sequence;
    return DUET_OK;
}

/* -------------------------------------------------------------------------------------------- what is kept */

START_TEST(keeps_what_was_committed_and_forgets_what_was_not) {
    struct duet_journal *journal = opened(DUET_JOURNAL_CREATE);
    take_turn(journal, 1, "one");
    take_turn(journal, 2, "");
    put_turn(journal, 3, "never committed");
    duet_journal_close(journal);

    journal = opened(DUET_JOURNAL_CONTINUE);
    ck_assert_uint_eq(duet_journal_last_input(journal), 2);
    struct seen seen = {0};
    ok(duet_journal_each_input(journal, 1, see_input, &seen));
    ck_assert_uint_eq(seen.count, 2);
    seen = (struct seen){0};
    ok(duet_journal_each_output(journal, 12, see_output, &seen));
    ck_assert_uint_eq(seen.count, 1);
    ck_assert_uint_eq(seen.last, 21);
    take_turn(journal, 3, "three");
    duet_journal_close(journal);
}
END_TEST

START_TEST(numbers_inputs_without_gaps) {
    struct duet_journal *journal = opened(DUET_JOURNAL_CREATE);
    take_turn(journal, 1, "one");
    ok(duet_journal_begin(journal));
    struct duet_journal_input input = {.number = 3};
    ck_assert_int_eq(duet_journal_put_input(journal, &input), DUET_EINVAL);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "input 3 put after input 1"));
    duet_journal_close(journal);
}
END_TEST

START_TEST(finds_the_output_and_the_input_behind_an_event) {
    struct duet_journal *journal = opened(DUET_JOURNAL_CREATE);
    take_turn(journal, 1, "one");
    ok(duet_journal_begin(journal));
    struct duet_journal_input input = {.number = 2, .kind = 4, .bytes = "", .size = 0};
    ok(duet_journal_put_input(journal, &input)); // becomes no event
    put_input(journal, 3, "three");
    ok(duet_journal_input_done(journal, 3, 30, 40));
    ok(duet_journal_commit(journal, true));

    struct duet_journal_input found;
    ok(duet_journal_input_of(journal, 11, &found));
    ck_assert_uint_eq(found.number, 1);
    ok(duet_journal_input_of(journal, 40, &found));
    ck_assert_uint_eq(found.number, 3);
    ck_assert_mem_eq(found.bytes, "three", 5);
    ck_assert_int_eq(duet_journal_input_of(journal, 41, &found), DUET_ENOTFOUND);
    ck_assert_int_eq(duet_journal_input_of(journal, 9, &found), DUET_ENOTFOUND);

    struct duet_journal_output output;
    ok(duet_journal_output(journal, 11, &output));
    ck_assert_uint_eq(output.input, 1);
    ck_assert_uint_eq(output.cause_sequence, 10);
    ck_assert_uint_eq(output.type, DUET_EVENT_CUSTOM);
    ck_assert_int_eq(duet_journal_output(journal, 10, &output), DUET_ENOTFOUND);
    ok(duet_journal_output_from(journal, 2, &output));
    ck_assert_uint_eq(output.sequence, 11);

    ok(duet_journal_begin(journal)); // a turn later
    ok(duet_journal_input_done(journal, 3, 30, 50));
    ok(duet_journal_commit(journal, false));
    ok(duet_journal_input_of(journal, 50, &found));
    ck_assert_uint_eq(found.number, 3);
    duet_journal_close(journal);
}
END_TEST

START_TEST(keeps_the_last_three_snapshots_and_tells_a_damaged_one) {
    struct duet_journal *journal = opened(DUET_JOURNAL_CREATE);
    void *bytes;
    size_t size;
    uint64_t number;
    ck_assert_int_eq(duet_journal_snapshot(journal, UINT64_MAX, &number, &bytes, &size), DUET_ENOTFOUND);
    for (uint64_t i = 1; i <= 5; i++) {
        char text[16];
        snprintf(text, sizeof(text), "state %u", (unsigned)i);
        put_turn(journal, i, text);
        ok(duet_journal_put_snapshot(journal, i, text, strlen(text)));
        ok(duet_journal_commit(journal, false));
    }
    duet_journal_close(journal);
    ck_assert_str_eq(query("SELECT group_concat(number) FROM (SELECT number FROM snapshots ORDER BY number)"), "3,4,5");
    query("UPDATE snapshots SET bytes = 'other' WHERE number = 5");

    journal = opened(DUET_JOURNAL_READ);
    ck_assert_int_eq(duet_journal_snapshot(journal, UINT64_MAX, &number, &bytes, &size), DUET_EDATA);
    ck_assert_uint_eq(number, 5);
    ok(duet_journal_snapshot(journal, number - 1, &number, &bytes, &size));
    ck_assert_uint_eq(number, 4);
    ck_assert_uint_eq(size, 7);
    ck_assert_mem_eq(bytes, "state 4", 7);
    free(bytes);
    duet_journal_close(journal);
}
END_TEST

static struct duet_event output_event(uint16_t type, uint64_t sequence) {
    return (struct duet_event){
        .type = type, .time_ns = 1709287200000000000, .sequence = sequence, .cause_sequence = 10};
}

static void put_order(struct duet_journal *journal, uint64_t sequence, uint8_t action) {
    struct duet_event event = output_event(DUET_EVENT_ORDER, sequence);
    event.order = (struct duet_order_event){.size = sizeof(event.order),
        .instrument = 1,
        .order_id = 7,
        .action = action,
        .side = DUET_SELL,
        .type = DUET_STOP_LIMIT,
        .time_in_force = DUET_DAY,
        .quantity = 1500,
        .price = -25,
        .stop_price = 1005,
        .reason = "all twenty-four letters"};
    ok(duet_journal_put_output(journal, 1, &event));
}

static void put_status(
    struct duet_journal *journal, uint64_t sequence, uint64_t order_id, uint8_t status, uint16_t reason_code) {
    struct duet_event event = output_event(DUET_EVENT_ORDER_STATUS, sequence);
    event.status = (struct duet_order_status_event){.size = sizeof(event.status),
        .instrument = 1,
        .order_id = order_id,
        .status = status,
        .reason_code = reason_code,
        .side = DUET_SELL,
        .type = DUET_MARKET,
        .quantity = 1500,
        .cumulative = order_id == 7 ? 500 : 0,
        .reason = "cross"};
    ok(duet_journal_put_output(journal, 1, &event));
}

START_TEST(writes_the_books_so_that_people_can_read_them) {
    struct duet_journal *journal = opened(DUET_JOURNAL_CREATE);
    ok(duet_journal_begin(journal));
    put_input(journal, 1, "one");
    ok(duet_journal_put_instrument(journal, 1, "ES", 2, 3));
    ok(duet_journal_put_meta(journal, "order_prefix", "desk-"));
    put_order(journal, 11, DUET_SUBMIT);
    put_status(journal, 12, 7, DUET_ORDER_PARTIALLY_FILLED, DUET_REASON_NONE);
    put_order(journal, 13, DUET_CANCEL);
    put_status(journal, 14, 7, DUET_ORDER_CANCELLED, DUET_REASON_USER);
    put_status(journal, 15, 8, DUET_ORDER_DENIED, DUET_REASON_CASH);
    put_status(journal, 16, 0, DUET_ORDER_DENIED, DUET_REASON_WARMUP);
    struct duet_event event = output_event(DUET_EVENT_FILL, 17);
    event.fill = (struct duet_fill){.size = sizeof(event.fill),
        .instrument = 1,
        .fill_id = 3,
        .order_id = 7,
        .side = DUET_SELL,
        .liquidity = DUET_LIQUIDITY_TAKER,
        .commission = DUET_MONEY_ONE / 8,
        .quantity = 500,
        .price = 100125,
        .slippage = 25,
        .timestamp_ns = 1709287200000000000};
    ok(duet_journal_put_output(journal, 1, &event));
    event = output_event(DUET_EVENT_POSITION, 18);
    event.position = (struct duet_position_event){.size = sizeof(event.position),
        .instrument = 1,
        .quantity = -500,
        .cost = -DUET_MONEY_ONE * 500,
        .mark = 100125,
        .average_price = 1001.25};
    ok(duet_journal_put_output(journal, 1, &event));
    event = output_event(DUET_EVENT_ACCOUNT, 19);
    event.account = (struct duet_account_event){
        .size = sizeof(event.account), .cash = DUET_MONEY_ONE * 1000, .equity = DUET_MONEY_ONE * 999 + 1};
    ok(duet_journal_put_output(journal, 1, &event));
    ok(duet_journal_commit(journal, true));
    duet_journal_close(journal);

    ck_assert_str_eq(query("SELECT * FROM orders WHERE order_id = 7"),
        "7|ES|SELL|STOP_LIMIT|DAY|1.500|-0.25|10.05|CANCELLED|0.500|USER|all twenty-four letters|1709287200000000000|"
        "1709287200000000000|1709287200000000000|11");
    ck_assert_str_eq(query("SELECT client_id, status, reason_code, price, created, fills FROM orders_view"),
        "desk-7|CANCELLED|USER|-0.25|2024-03-01 10:00:00|1\ndesk-8|DENIED|CASH|-|2024-03-01 10:00:00|0");
    ck_assert_str_eq(query("SELECT sequence, order_id, symbol, quantity, reason_code, reason FROM denials"),
        "15|8|ES|1.500|CASH|cross\n16|-|ES|1.500|WARMUP|cross");
    ck_assert_str_eq(query("SELECT * FROM fills_view"), "2024-03-01 10:00:00|ES|SELL|0.500|1001.25|0.125|desk-7|3");
    ck_assert_str_eq(query("SELECT symbol, quantity, average_price, cost, mark FROM positions"),
        "ES|-0.500|1001.25|-500.00|1001.25");
    ck_assert_str_eq(query("SELECT cash, equity FROM account"), "1000.00|999.000000000001");
    ck_assert_str_eq(query("SELECT name FROM outputs_view WHERE sequence = 17"), "FILL");
}
END_TEST

START_TEST(keeps_keys_dead_letters_and_names_of_inputs) {
    struct duet_journal *journal = opened(DUET_JOURNAL_CREATE);
    ok(duet_journal_begin(journal));
    put_input(journal, 1, "one");
    ok(duet_journal_put_kind(journal, 3, "INSTANT"));
    ok(duet_journal_put_meta(journal, "epoch", "1"));
    ok(duet_journal_put_meta(journal, "epoch", "2"));
    ok(duet_journal_put_dead_letter(journal, "feature", 5, 3, "it's broken"));
    ok(duet_journal_commit(journal, false));
    char value[8];
    ck_assert_str_eq(duet_journal_meta(journal, "epoch", value, sizeof(value)), "2");
    ck_assert_str_eq(duet_journal_meta(journal, "nothing", value, sizeof(value)), "");
    duet_journal_close(journal);
    ck_assert_str_eq(query("SELECT name, attempts, error FROM dead_letters"), "feature|3|it's broken");
    ck_assert_str_eq(query("SELECT number, name, size FROM inputs_view"), "1|INSTANT|3");
}
END_TEST

START_TEST(explains_itself_in_the_shell) {
    duet_journal_close(opened(DUET_JOURNAL_CREATE));
    const char *schema = query("SELECT sql FROM sqlite_schema WHERE name = 'orders'");
    ck_assert_ptr_nonnull(strstr(schema, "-- why it ended as it did"));
    ck_assert_str_eq(query("SELECT name FROM event_types WHERE type = 10"), "FILL");
}
END_TEST

START_TEST(gives_the_log_back_when_asked) {
    struct duet_journal *journal = opened(DUET_JOURNAL_CREATE);
    take_turn(journal, 1, "one");
    put_turn(journal, 2, "two");
    ok(duet_journal_commit(journal, true));
    struct duet_journal_counts counts;
    duet_journal_get_counts(journal, &counts);
    ck_assert_uint_eq(counts.commits, 2);
    ck_assert_uint_eq(counts.durable_commits, 1);
    ck_assert_uint_eq(counts.inputs, 2);
    ck_assert_uint_eq(counts.outputs, 2);
    ck_assert_uint_gt(counts.wal_bytes, 0);
    duet_journal_checkpoint(journal);
    duet_journal_get_counts(journal, &counts);
    ck_assert_uint_eq(counts.wal_bytes, 0);
    struct stat info;
    char wal[300];
    snprintf(wal, sizeof(wal), "%s-wal", path);
    ck_assert_int_eq(stat(wal, &info), 0);
    ck_assert_int_eq(info.st_size, 0);
    duet_journal_close(journal);
}
END_TEST

/* -------------------------------------------------------------------------------------- who may open it */

/** A process that opens the journal, says so, and holds it until it is killed. */
static pid_t hold(enum duet_journal_mode mode) {
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        struct duet_journal *journal;
        char answer = duet_journal_open(path, mode, &journal) == DUET_OK ? 'y' : 'n';
        if (answer == 'y' && mode == DUET_JOURNAL_CREATE) {
            take_turn(journal, 1, "one");
        }
        (void)!write(ends[1], &answer, 1);
        for (;;) {
            pause();
        }
    }
    char answer = '?';
    close(ends[1]);
    ck_assert_int_eq(read(ends[0], &answer, 1), 1);
    close(ends[0]);
    ck_assert_int_eq(answer, 'y');
    return child;
}

static void end(pid_t child) {
    kill(child, SIGKILL);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
}

START_TEST(belongs_to_one_process_which_is_named) {
    pid_t child = hold(DUET_JOURNAL_CREATE);
    struct duet_journal *journal;
    ck_assert_int_eq(duet_journal_open(path, DUET_JOURNAL_CONTINUE, &journal), DUET_ESTATE);
    char expected[64];
    snprintf(expected, sizeof(expected), "locked by process %ld", (long)child);
    ck_assert_msg(strstr(duet_error_text(), expected) != NULL, "%s", duet_error_text());
    end(child);
    journal = opened(DUET_JOURNAL_CONTINUE); // a killed process holds nothing
    ck_assert_uint_eq(duet_journal_last_input(journal), 1);
    duet_journal_close(journal);
    ck_assert_int_ne(access(duet_test_path("session.db-lock"), F_OK), 0);
}
END_TEST

START_TEST(follows_no_link_that_stands_where_its_lock_goes) {
    char lock[300];
    snprintf(lock, sizeof(lock), "%s-lock", path);
    ck_assert_int_eq(symlink("elsewhere", lock), 0);
    struct duet_journal *journal;
    ck_assert_int_eq(duet_journal_open(path, DUET_JOURNAL_CREATE, &journal), DUET_EIO);
    ck_assert_int_ne(access("elsewhere", F_OK), 0);
}
END_TEST

START_TEST(can_be_read_while_it_is_written) {
    struct duet_journal *writer = opened(DUET_JOURNAL_CREATE);
    take_turn(writer, 1, "one");
    struct duet_journal *reader = opened(DUET_JOURNAL_READ);
    take_turn(writer, 2, "two");
    ck_assert_uint_eq(count_inputs(reader), 1); // as it was when it was opened
    duet_journal_close(reader);
    reader = opened(DUET_JOURNAL_READ);
    ck_assert_uint_eq(count_inputs(reader), 2);
    ck_assert_uint_eq(duet_journal_last_input(reader), 2);
    duet_journal_checkpoint(writer); // a reader may be in its way
    take_turn(writer, 3, "three");
    duet_journal_close(reader);
    duet_journal_close(writer);
}
END_TEST

START_TEST(can_be_read_after_a_crash_without_being_touched) {
    end(hold(DUET_JOURNAL_CREATE));
    struct duet_journal *reader = opened(DUET_JOURNAL_READ);
    ck_assert_uint_eq(count_inputs(reader), 1);
    duet_journal_close(reader);
    struct stat info;
    ck_assert_int_eq(stat(duet_test_path("session.db-wal"), &info), 0);
    ck_assert_int_gt(info.st_size, 0);
}
END_TEST

START_TEST(says_what_is_wrong_with_a_name) {
    struct duet_journal *journal;
    ck_assert_int_eq(duet_journal_open(path, DUET_JOURNAL_READ, &journal), DUET_ENOTFOUND);
    ck_assert_int_eq(duet_journal_open(path, DUET_JOURNAL_CONTINUE, &journal), DUET_ENOTFOUND);
    ck_assert_int_eq(duet_journal_open(duet_test_path("nowhere/session.db"), DUET_JOURNAL_CREATE, &journal), DUET_EIO);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "no such folder"));
    duet_journal_close(opened(DUET_JOURNAL_CREATE));
    ck_assert_int_eq(duet_journal_open(path, DUET_JOURNAL_CREATE, &journal), DUET_EEXIST);
}
END_TEST

static void write_file(const char *bytes) {
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(bytes, file);
    fclose(file);
}

START_TEST(refuses_files_that_are_no_journals) {
    struct duet_journal *journal;
    write_file("time,open,high,low,close\n2024-01-01,1,1,1,1\n2024-01-02,1,1,1,1\n2024-01-03,1,1,1,1\n"
               "2024-01-04,1,1,1,1\n2024-01-05,1,1,1,1\n");
    ck_assert_int_eq(duet_journal_open(path, DUET_JOURNAL_CONTINUE, &journal), DUET_EDATA);
    ck_assert_int_eq(duet_journal_open(path, DUET_JOURNAL_READ, &journal), DUET_EDATA);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "not a journal"));
    unlink(path);
    write_file("");
    query("CREATE TABLE songs(name)");
    ck_assert_int_eq(duet_journal_open(path, DUET_JOURNAL_CONTINUE, &journal), DUET_EDATA);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "a database, but not a journal"));
}
END_TEST

START_TEST(refuses_journals_of_another_version) {
    duet_journal_close(opened(DUET_JOURNAL_CREATE));
    query("PRAGMA user_version = 99");
    struct duet_journal *journal;
    ck_assert_int_eq(duet_journal_open(path, DUET_JOURNAL_CONTINUE, &journal), DUET_EABI);
    ck_assert_int_eq(duet_journal_open(path, DUET_JOURNAL_READ, &journal), DUET_EABI);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "version 99, this program reads version 1"));
}
END_TEST

START_TEST(takes_an_empty_file_as_a_session_that_never_began) {
    write_file("");
    struct duet_journal *journal = opened(DUET_JOURNAL_CONTINUE);
    ck_assert_uint_eq(duet_journal_last_input(journal), 0);
    take_turn(journal, 1, "one");
    duet_journal_close(journal);
}
END_TEST

/* ------------------------------------------------------------------------------------------------- bad days */

/** A payload of several pages. */
static const char *large(void) {
    static char text[300001];
    memset(text, 'x', sizeof(text) - 1);
    return text;
}

static uint64_t wal_bytes(struct duet_journal *journal) {
    struct duet_journal_counts counts;
    duet_journal_get_counts(journal, &counts);
    return counts.wal_bytes;
}

START_TEST(moves_the_log_when_idle_and_waits_for_no_reader) {
    struct duet_journal *journal = opened(DUET_JOURNAL_CREATE);
    uint64_t number = 0;
    take_turn(journal, ++number, "one");
    uint64_t little = wal_bytes(journal);
    duet_journal_tidy(journal);
    ck_assert_uint_eq(wal_bytes(journal), little); // not worth a sync
    struct duet_journal *reader = opened(DUET_JOURNAL_READ);
    for (int i = 0; i < 10; i++) {
        take_turn(journal, ++number, large());
    }
    uint64_t much = wal_bytes(journal);
    duet_journal_tidy(journal);
    ck_assert_uint_eq(wal_bytes(journal), much); // the reader is still at the first
    duet_journal_close(reader);
    for (int i = 0; i < 10; i++) {
        take_turn(journal, ++number, large());
        duet_journal_tidy(journal);
    }
    ck_assert_uint_lt(wal_bytes(journal), much);
    ck_assert_uint_eq(count_inputs(journal), number);
    duet_journal_close(journal);
    ck_assert_str_eq(query("PRAGMA integrity_check"), "ok");
}
END_TEST

START_TEST(loses_nothing_on_a_full_disk) {
    signal(SIGXFSZ, SIG_IGN);
    struct duet_journal *journal = opened(DUET_JOURNAL_CREATE);
    take_turn(journal, 1, "one");
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = 200000;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    put_turn(journal, 2, large());
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(duet_journal_commit(journal, true), DUET_EIO);
        ck_assert_msg(strstr(duet_error_text(), "disk is full") != NULL, "%s", duet_error_text());
    }
    limit.rlim_cur = before;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ok(duet_journal_commit(journal, true));
    take_turn(journal, 3, "three");
    duet_journal_close(journal);
    ck_assert_str_eq(query("SELECT group_concat(number || ':' || length(bytes)) FROM inputs"), "1:3,2:300000,3:5");
    ck_assert_str_eq(query("SELECT count(*) FROM outputs"), "3");
    ck_assert_str_eq(query("PRAGMA integrity_check"), "ok");
}
END_TEST

START_TEST(loses_nothing_while_another_program_writes) {
    struct duet_journal *journal = opened(DUET_JOURNAL_CREATE);
    sqlite3 *other;
    ck_assert_int_eq(sqlite3_open(path, &other), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    put_turn(journal, 1, "one");
    ck_assert_int_eq(duet_journal_commit(journal, true), DUET_ESTATE);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "another program is writing"));
    ck_assert_int_eq(duet_journal_commit(journal, true), DUET_ESTATE);
    ck_assert_int_eq(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    ok(duet_journal_commit(journal, true));
    sqlite3_close(other);
    ck_assert_uint_eq(count_inputs(journal), 1);
    duet_journal_close(journal);
}
END_TEST

START_TEST(writes_nothing_into_a_file_that_has_lost_its_name) {
    struct duet_journal *journal = opened(DUET_JOURNAL_CREATE);
    take_turn(journal, 1, "one");
    ck_assert_int_eq(rename(path, "elsewhere"), 0);
    put_turn(journal, 2, "two");
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(duet_journal_commit(journal, i == 0), DUET_EIO);
        ck_assert_msg(strstr(duet_error_text(), "was moved or deleted") != NULL, "%s", duet_error_text());
    }
    ck_assert_int_eq(rename("elsewhere", path), 0);
    ok(duet_journal_commit(journal, true));
    ck_assert_uint_eq(count_inputs(journal), 2);
    duet_journal_close(journal);
}
END_TEST

START_TEST(says_that_file_or_folder_is_read_only) {
    struct duet_journal *journal = opened(DUET_JOURNAL_CREATE);
    take_turn(journal, 1, "one");
    duet_journal_close(journal);
    ck_assert_int_eq(chmod(path, 0444), 0);
    ck_assert_int_eq(chmod(duet_test_folder, 0777), 0);
    bool was_root = geteuid() == 0;
    ck_assert(!was_root || seteuid(65534) == 0);
    ck_assert_int_eq(duet_journal_open(path, DUET_JOURNAL_CONTINUE, &journal), DUET_EIO);
    ck_assert_msg(strstr(duet_error_text(), "read-only") != NULL, "%s", duet_error_text());
    ck_assert(!was_root || seteuid(0) == 0);
    ck_assert_int_eq(chmod(duet_test_folder, 0555), 0);
    ck_assert(!was_root || seteuid(65534) == 0);
    ck_assert_int_eq(duet_journal_open(path, DUET_JOURNAL_CONTINUE, &journal), DUET_EIO);
    ck_assert_msg(strstr(duet_error_text(), "cannot be written: Permission denied") != NULL, "%s", duet_error_text());
    journal = opened(DUET_JOURNAL_READ); // a finished session can be read from there
    ck_assert_uint_eq(count_inputs(journal), 1);
    duet_journal_close(journal);
    ck_assert(!was_root || seteuid(0) == 0);
    ck_assert_int_eq(chmod(duet_test_folder, 0700), 0);
}
END_TEST

START_TEST(reads_files_with_odd_names_where_it_cannot_write) {
    static char odd[256];
    snprintf(odd, sizeof(odd), "%s", duet_test_path("50%3f?a#b.db"));
    path = odd;
    struct duet_journal *journal = opened(DUET_JOURNAL_CREATE);
    take_turn(journal, 1, "one");
    duet_journal_close(journal);
    ck_assert_int_eq(chmod(path, 0444), 0);
    ck_assert_int_eq(chmod(duet_test_folder, 0555), 0);
    bool was_root = geteuid() == 0;
    ck_assert(!was_root || seteuid(65534) == 0);
    journal = opened(DUET_JOURNAL_READ);
    ck_assert_uint_eq(count_inputs(journal), 1);
    duet_journal_close(journal);
    ck_assert(!was_root || seteuid(0) == 0);
    ck_assert_int_eq(chmod(duet_test_folder, 0700), 0);
}
END_TEST

/** Overwrite `count` bytes where `needle` stands in the file, or at `at` where it is NULL. */
static void damage(const char *needle, long at, const char *bytes, size_t count) {
    FILE *file = fopen(path, "r+");
    ck_assert_ptr_nonnull(file);
    static char content[1 << 20];
    size_t size = fread(content, 1, sizeof(content), file);
    for (size_t i = 0; needle != NULL && i + strlen(needle) <= size; i++) {
        at = memcmp(content + i, needle, strlen(needle)) == 0 ? (long)i : at;
    }
    ck_assert_int_ge(at, 0);
    fseek(file, at, SEEK_SET);
    ck_assert_uint_eq(fwrite(bytes, 1, count, file), count);
    fclose(file);
}

static void some_turns(void) {
    struct duet_journal *journal = opened(DUET_JOURNAL_CREATE);
    for (uint64_t i = 1; i <= 200; i++) {
        take_turn(journal, i, i == 150 ? "needle" : "hay, a good deal of it, to fill some pages with");
    }
    duet_journal_close(journal);
}

START_TEST(names_the_input_in_which_a_byte_was_flipped) {
    some_turns();
    damage("needle", -1, "noodle", 6);
    struct duet_journal *journal = opened(DUET_JOURNAL_READ);
    struct seen seen = {0};
    ck_assert_int_eq(duet_journal_each_input(journal, 1, see_input, &seen), DUET_EDATA);
    ck_assert_uint_eq(seen.count, 149);
    ck_assert_ptr_nonnull(strstr(duet_error_text(), "input 150 is damaged"));
    duet_journal_close(journal);
}
END_TEST

START_TEST(refuses_to_go_on_with_a_damaged_file) {
    some_turns();
    ck_assert_str_eq(query("SELECT min(rootpage) > 1 FROM sqlite_schema WHERE rootpage > 0"), "1");
    long page = strtol(query("SELECT rootpage FROM sqlite_schema WHERE name = 'inputs'"), NULL, 10);
    char garbage[100];
    memset(garbage, 0x5a, sizeof(garbage));
    damage(NULL, (page - 1) * 4096, garbage, sizeof(garbage));
    struct duet_journal *journal;
    ck_assert_int_eq(duet_journal_open(path, DUET_JOURNAL_CONTINUE, &journal), DUET_EDATA);
    ck_assert_msg(strstr(duet_error_text(), "damaged") != NULL, "%s", duet_error_text());
}
END_TEST

START_TEST(refuses_rows_that_belong_to_nothing) {
    some_turns();
    query("DELETE FROM inputs WHERE number = 7");
    struct duet_journal *journal;
    ck_assert_int_eq(duet_journal_open(path, DUET_JOURNAL_CONTINUE, &journal), DUET_EDATA);
    ck_assert_msg(strstr(duet_error_text(), "1 rows belong to rows that are gone") != NULL, "%s", duet_error_text());
}
END_TEST

DUET_TEST_MAIN("journal", fresh_path, keeps_what_was_committed_and_forgets_what_was_not, numbers_inputs_without_gaps,
    finds_the_output_and_the_input_behind_an_event, keeps_the_last_three_snapshots_and_tells_a_damaged_one,
    writes_the_books_so_that_people_can_read_them, keeps_keys_dead_letters_and_names_of_inputs,
    explains_itself_in_the_shell, moves_the_log_when_idle_and_waits_for_no_reader, gives_the_log_back_when_asked,
    belongs_to_one_process_which_is_named, follows_no_link_that_stands_where_its_lock_goes,
    can_be_read_while_it_is_written, can_be_read_after_a_crash_without_being_touched, says_what_is_wrong_with_a_name,
    refuses_files_that_are_no_journals, refuses_journals_of_another_version,
    takes_an_empty_file_as_a_session_that_never_began, loses_nothing_on_a_full_disk,
    loses_nothing_while_another_program_writes, writes_nothing_into_a_file_that_has_lost_its_name,
    says_that_file_or_folder_is_read_only, reads_files_with_odd_names_where_it_cannot_write,
    names_the_input_in_which_a_byte_was_flipped, refuses_to_go_on_with_a_damaged_file,
    refuses_rows_that_belong_to_nothing)
