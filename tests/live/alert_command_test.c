/* Commands that are told of alerts: real processes. */
#include "engine/live/alert_command.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "support/suite.h"

static struct alert_command command;
static char why[64];

/** The words with "|" between them. */
static const char *words_of(const char *text) {
    static char joined[400];
    ck_assert_int_eq(alert_command_parse(&command, text), DUET_OK);
    joined[0] = '\0';
    for (size_t i = 0; i < command.count; i++) {
        size_t used = strlen(joined);
        snprintf(joined + used, sizeof(joined) - used, "%s%s", i > 0 ? "|" : "", command.words[i]);
    }
    ck_assert_ptr_null(command.words[command.count]);
    alert_command_finish(&command);
    return joined;
}

static pid_t start(const char *text, const char *input) {
    pid_t pid = 0;
    ck_assert_int_eq(alert_command_parse(&command, text), DUET_OK);
    ck_assert_int_eq(alert_command_start(&command, input, strlen(input), &pid), 0);
    alert_command_finish(&command);
    return pid;
}

static enum alert_command_state wait_for(pid_t pid) {
    enum alert_command_state state;
    while ((state = alert_command_look(pid, why, sizeof(why))) == ALERT_COMMAND_RUNNING) {
        poll(NULL, 0, 5);
    }
    return state;
}

START_TEST(words_are_parted_by_blanks_and_kept_by_quotes) {
    ck_assert_str_eq(words_of(NULL), "");
    ck_assert_str_eq(words_of("  "), "");
    ck_assert_str_eq(words_of("mail -s  alert"), "mail|-s|alert");
    ck_assert_str_eq(words_of("a \"b c\" 'd \"e' f\"g h\"i ''"), "a|b c|d \"e|fg hi|");
    ck_assert_str_eq(words_of("echo $HOME;`id` >x"), "echo|$HOME;`id`|>x"); // a shell's business, and there is none
    ck_assert_int_eq(alert_command_parse(&command, "a 'b"), DUET_EINVAL);
}
END_TEST

START_TEST(gets_all_of_the_alert_on_its_input) {
    char folder[] = "/tmp/duet-alert-XXXXXX", text[200], line[64];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(text, sizeof(text), "dd of=%s/got status=none", folder);
    ck_assert_int_eq(wait_for(start(text, "{\"code\":\"halt\"}")), ALERT_COMMAND_DONE);
    snprintf(text, sizeof(text), "%s/got", folder);
    FILE *got = fopen(text, "r");
    ck_assert_ptr_nonnull(got);
    ck_assert_ptr_nonnull(fgets(line, sizeof(line), got));
    ck_assert_str_eq(line, "{\"code\":\"halt\"}");
    fclose(got);
    remove(text);
    rmdir(folder);
}
END_TEST

START_TEST(a_failure_says_how) {
    ck_assert_int_eq(wait_for(start("false", "")), ALERT_COMMAND_FAILED);
    ck_assert_str_eq(why, "exit code 1");
    pid_t pid;
    ck_assert_int_eq(alert_command_parse(&command, "./there-is-no-such-program"), DUET_OK);
    ck_assert_int_ne(alert_command_start(&command, "", 0, &pid), 0);
    alert_command_finish(&command);
}
END_TEST

START_TEST(is_killed_with_what_it_started) {
    signal(SIGTERM, SIG_IGN); // ours, not the command's
    pid_t pid = start("sh -c 'sleep 300 & sleep 300'", "");
    ck_assert_int_eq(alert_command_look(pid, why, sizeof(why)), ALERT_COMMAND_RUNNING);
    alert_command_kill(pid);
    ck_assert_int_eq(wait_for(pid), ALERT_COMMAND_FAILED);
    ck_assert_str_eq(why, "ended by signal 9");
}
END_TEST

START_TEST(one_that_does_not_read_holds_nobody_up) {
    char input[4000];
    memset(input, 'x', sizeof(input) - 1);
    input[sizeof(input) - 1] = '\0';
    ck_assert_int_eq(wait_for(start("true", input)), ALERT_COMMAND_DONE);
}
END_TEST

DUET_TEST_MAIN("alert command", NULL, words_are_parted_by_blanks_and_kept_by_quotes, gets_all_of_the_alert_on_its_input,
    a_failure_says_how, is_killed_with_what_it_started, one_that_does_not_read_holds_nobody_up)
