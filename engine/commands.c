#include "engine/commands.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "data/inspect.h"
#include "engine/backtest.h"
#include "engine/check.h"
#include "engine/host.h"
#include "engine/strategies_list.h"
#include "report/conventions/reference.h"
#include "report/html.h"
#include "report/json.h"
#include "report/summary.h"

int duet_exit_code(enum duet_status status) {
    switch (status) {
    case DUET_OK:
        return 0;
    case DUET_EINVAL:
    case DUET_EABI:
    case DUET_ENOTFOUND:
        return 2;
    case DUET_EDATA:
        return 3;
    case DUET_EDIFF:
        return 4;
    default:
        return 1;
    }
}

int duet_complain(enum duet_status status) {
    const char *text = duet_error_text();
    fflush(stdout);
    fprintf(stderr, "duet: %s\n", text[0] != '\0' ? text : duet_status_text(status));
    return duet_exit_code(status);
}

int duet_complain_usage(const char *format, ...) {
    char text[DUET_ERROR_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    return duet_complain(duet_error(DUET_EINVAL, "%s", text));
}

int duet_finish_output(int code) {
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "duet: standard output could not be written: %s\n", strerror(errno));
        return code == 0 ? 1 : code;
    }
    return code;
}

const char *duet_suggest(const char *word, const char *const *words, size_t count) {
    return duet_nearest(word, words, count);
}

/* ---------------------------------------------------------------------------------------------------- progress */

#define BAR_CELLS 30
#define REFRESH_NS INT64_C(100000000)

/** A bar on standard error, redrawn in place, gone when the run is over. */
struct progress {
    bool shown, drawn;
    int64_t begun_ns, drawn_ns;
};

static void progress_draw(void *argument, const char *stage, uint64_t done, uint64_t total) {
    struct progress *progress = argument;
    int64_t now_ns = duet_monotonic_ns();
    if (!progress->shown || total == 0 || now_ns - progress->begun_ns < 2 * REFRESH_NS ||
        now_ns - progress->drawn_ns < REFRESH_NS) {
        return;
    }
    progress->drawn_ns = now_ns;
    progress->drawn = true;
    done = done < total ? done : total;
    int cells = (int)((double)done / (double)total * BAR_CELLS);
    char bar[BAR_CELLS + 1];
    for (int i = 0; i < BAR_CELLS; i++) {
        bar[i] = i < cells ? '#' : '.';
    }
    bar[BAR_CELLS] = '\0';
    fprintf(stderr, "\r%s [%s] %3.0f%%  %.1f s ",
        strcmp(stage, "load") == 0    ? "reading"
        : strcmp(stage, "check") == 0 ? "checking"
                                      : "running",
        bar, 100.0 * (double)done / (double)total, (double)(now_ns - progress->begun_ns) / 1e9);
    fflush(stderr);
}

static void progress_clear(const struct progress *progress) {
    if (progress->drawn) {
        fprintf(stderr, "\r\033[K");
    }
}

/* ---------------------------------------------------------------------------------------------------- backtest */

static volatile sig_atomic_t interrupted;

static void note_interrupt(int signal_number) {
    interrupted = signal_number;
}

static enum duet_log_severity severity_of(const char *level) {
    static const char *const levels[] = {"error", "warn", "info", "debug"};
    for (size_t i = 0; level != NULL && i < sizeof(levels) / sizeof(levels[0]); i++) {
        if (strcmp(levels[i], level) == 0) {
            return (enum duet_log_severity)i;
        }
    }
    return DUET_SEVERITY_WARN;
}

/** Write one file of the report folder by `print`. */
static enum duet_status write_report_file(
    const char *folder, const char *name, enum duet_status (*print)(const void *what, FILE *stream), const void *what) {
    struct duet_text path = {0};
    duet_text_print(&path, "%s/%s", folder, name);
    struct duet_output output;
    enum duet_status status = duet_output_open(&output, path.text);
    if (status == DUET_OK) {
        status = print(what, output.stream);
        if (status == DUET_OK) {
            status = duet_output_commit(&output);
        } else {
            duet_output_abandon(&output);
        }
    }
    duet_text_finish(&path);
    return status;
}

/** The file of the report folder that people open. */
#define PAGE_NAME "report.html"

static enum duet_status print_json(const void *what, FILE *stream) {
    return duet_result_print_json(what, stream);
}

static enum duet_status print_summary(const void *what, FILE *stream) {
    return duet_result_print_summary(what, &(struct duet_summary_options){0}, stream);
}

static enum duet_status print_config(const void *what, FILE *stream) {
    return duet_config_print(what, stream);
}

/** What the page is printed from. */
struct page_source {
    const struct duet_config *config;
    const struct duet_backtest *backtest;
};

static enum duet_status print_page(const void *what, FILE *stream) {
    const struct page_source *source = what;
    return duet_backtest_print_page(source->backtest, source->config, stream);
}

static enum duet_status write_report(const struct duet_config *config, const struct duet_backtest *backtest) {
    if (config->report == NULL) {
        return DUET_OK;
    }
    const struct duet_result *result = duet_backtest_result(backtest);
    enum duet_status status = write_report_file(config->report, "result.json", print_json, result);
    if (status == DUET_OK) {
        status = write_report_file(config->report, "summary.txt", print_summary, result);
    }
    if (status == DUET_OK) {
        status = write_report_file(config->report, "run.yaml", print_config, config);
    }
    if (status == DUET_OK && duet_html_missing() == NULL) {
        const struct page_source source = {.config = config, .backtest = backtest};
        status = write_report_file(config->report, PAGE_NAME, print_page, &source);
    }
    return status;
}

static bool speaks_utf8(void) {
    const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0') {
            return strstr(value, "UTF-8") != NULL || strstr(value, "utf8") != NULL;
        }
    }
    return false;
}

/** Columns for text on standard output: those of the terminal up to 100, 0 where it is none. */
static unsigned terminal_width(void) {
    struct winsize size;
    bool known = isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 60;
    return !known ? 0 : size.ws_col < 100 ? size.ws_col : 100;
}

static enum duet_status show(const struct duet_config *config, const struct duet_result *result) {
    if (config->report != NULL && duet_html_missing() != NULL && !config->quiet) {
        fprintf(stderr, "duet: no %s: %s\n", PAGE_NAME, duet_html_missing());
    }
    if (config->json) {
        return duet_result_print_json(result, stdout);
    }
    if (config->quiet) {
        return DUET_OK;
    }
    struct duet_text page = {0};
    if (config->report != NULL) {
        duet_text_print(&page, "%s/%s", config->report, duet_html_missing() == NULL ? PAGE_NAME : "");
    }
    const struct duet_summary_file candidates[] = {{"report", page.text}, {"fills", config->fills},
        {"orders", config->orders}, {"trades", config->trades}, {"equity", config->equity}};
    struct duet_summary_file files[sizeof(candidates) / sizeof(candidates[0])];
    size_t count = 0;
    for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++) {
        if (candidates[i].path != NULL && strcmp(candidates[i].path, "-") != 0) {
            files[count++] = candidates[i];
        }
    }
    struct duet_summary_options options = {.colour = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == NULL,
        .unicode = speaks_utf8(),
        .width = terminal_width(),
        .files = files,
        .file_count = count};
    enum duet_status status = duet_result_print_summary(result, &options, stdout);
    duet_text_finish(&page);
    return status;
}

int duet_command_backtest(const struct duet_config *config) {
    struct progress progress = {.shown = !config->quiet && isatty(STDERR_FILENO) == 1, .begun_ns = duet_monotonic_ns()};
    struct duet_log log = {.threshold = severity_of(config->log), .sink = duet_log_to_stderr};
    struct duet_backtest_options options = {.progress = progress_draw,
        .argument = &progress,
        .digests = config->json || config->report != NULL,
        .log = &log,
        .interrupted = &interrupted};
    // A second one ends a strategy that never returns.
    struct sigaction action = {.sa_handler = note_interrupt, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    duet_crash_guard_install();

    struct duet_check check;
    const struct duet_check_options check_options = {
        .progress = progress_draw, .argument = &progress, .interrupted = &interrupted};
    duet_check_new_plugin(config, &check_options, &check);
    options.lookahead = check.clean ? NULL : check.finding;

    struct duet_backtest *backtest;
    enum duet_status status = duet_backtest_run(config, &options, &backtest);
    progress_clear(&progress);
    if (status == DUET_OK) {
        status = write_report(config, backtest);
    }
    if (status == DUET_OK) {
        status = show(config, duet_backtest_result(backtest));
    }
    int code = status == DUET_OK ? 0 : duet_complain(status);
    duet_backtest_destroy(backtest);
    return interrupted != 0 ? 128 + (int)interrupted : code;
}

static void print_check(const struct duet_check *check, const char *what, const struct duet_config *config) {
    if (config->json) {
        struct duet_json json = {.stream = stdout};
        duet_json_open(&json, NULL, '{');
        duet_json_uint(&json, "schema", 1);
        duet_json_string(&json, "check", what);
        duet_json_bool(&json, "clean", check->clean);
        duet_json_string(&json, "finding", check->finding);
        duet_json_uint(&json, "runs", check->runs);
        duet_json_uint(&json, "bars", check->bars);
        duet_json_uint(&json, "ticks", check->ticks);
        duet_json_uint(&json, "decisions", check->decisions);
        duet_json_string(&json, "expected", check->detail[0]);
        duet_json_string(&json, "got", check->detail[1]);
        duet_json_close(&json, '}');
        putchar('\n');
        return;
    }
    bool is_of_ticks = check->bars == 0 && check->ticks > 0;
    printf("%s: %s; %llu runs, %llu %s, %llu decisions of the whole run\n", what,
        check->clean ? "nothing found" : "FOUND", (unsigned long long)check->runs,
        (unsigned long long)(is_of_ticks ? check->ticks : check->bars), is_of_ticks ? "ticks" : "bars",
        (unsigned long long)check->decisions);
    if (!check->clean) {
        printf("%s\n", check->finding);
    }
    if (check->detail[0][0] != '\0') {
        printf("  whole run  %s\n  other run  %s\n", check->detail[0], check->detail[1]);
    }
    if (check->clean && check->decisions == 0) {
        printf("the run decided nothing, so there was little to check; give it data on which it trades\n");
    }
}

int duet_command_check(const struct duet_config *config, const char *what, size_t cuts) {
    struct progress progress = {.shown = !config->quiet && isatty(STDERR_FILENO) == 1, .begun_ns = duet_monotonic_ns()};
    const struct duet_check_options options = {
        .cuts = cuts, .progress = progress_draw, .argument = &progress, .interrupted = &interrupted};
    struct sigaction action = {.sa_handler = note_interrupt, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    struct duet_check check;
    enum duet_status status = strcmp(what, "lookahead") == 0 ? duet_check_lookahead(config, &options, &check)
                                                             : duet_check_warm_up(config, &options, &check);
    progress_clear(&progress);
    if (status != DUET_OK) {
        return interrupted != 0 ? 128 + (int)interrupted : duet_complain(status);
    }
    print_check(&check, what, config);
    return check.clean ? 0 : duet_exit_code(DUET_EDIFF);
}

int duet_command_print_config(struct duet_config *config) {
    enum duet_status status = duet_config_check(config);
    if (status == DUET_OK) {
        status = duet_backtest_complete_params(config);
    }
    if (status == DUET_OK) {
        status = duet_config_print(config, stdout);
    }
    return status == DUET_OK ? 0 : duet_complain(status);
}

int duet_command_inspect(const char *const *paths, size_t count, bool json) {
    struct duet_inspect_options options = {.json = json, .unicode = speaks_utf8(), .width = terminal_width()};
    enum duet_status status = duet_inspect(paths, count, &options, stdout);
    return status == DUET_OK ? 0 : json ? duet_exit_code(status) : duet_complain(status);
}

enum duet_status duet_synth_set(struct duet_synth_options *options, const char *name, const char *value) {
    int64_t whole = 0;
    bool is_whole = value != NULL && duet_parse_int64(value, &whole) && whole >= 0;
    bool is_date;
    if (strcmp(name, "ragged") == 0) {
        options->ragged = true;
        return DUET_OK;
    }
    if (strcmp(name, "start") == 0) {
        return duet_time_parse(value, &options->start_ns, &is_date);
    }
    if (strcmp(name, "interval") == 0) {
        return duet_interval_parse(value, &options->interval_ns);
    }
    if (strcmp(name, "price") == 0 || strcmp(name, "volatility") == 0) {
        double *field = name[0] == 'p' ? &options->price : &options->volatility;
        return duet_parse_double(value, field) ? DUET_OK
                                               : duet_error(DUET_EINVAL, "--%s: \"%s\" is not a number", name, value);
    }
    if (!is_whole) {
        return duet_error(DUET_EINVAL, "--%s: \"%s\" is not a whole number from 0 on", name, value);
    }
    if (strcmp(name, "bars") == 0) {
        options->bars = (uint64_t)whole;
    } else if (strcmp(name, "seed") == 0) {
        options->seed = (uint64_t)whole;
    } else {
        options->decimals = whole > 99 ? 99 : (uint32_t)whole; // out of range is refused by duet_synth_write()
    }
    return DUET_OK;
}

int duet_command_synth(const struct duet_synth_options *options, const char *path) {
    enum duet_status status = duet_synth_write(options, path);
    return status == DUET_OK ? 0 : duet_complain(status);
}

int duet_command_statistics(const char *name, bool markdown) {
    enum duet_status status = DUET_OK;
    if (markdown) {
        duet_conventions_markdown(stdout);
    } else if (name == NULL) {
        duet_conventions_list(stdout);
    } else {
        status = duet_convention_describe(name, stdout);
    }
    return status == DUET_OK ? 0 : duet_complain(status);
}

int duet_command_strategies(const char *name) {
    if (name == NULL) {
        duet_strategies_list(stdout);
        return 0;
    }
    enum duet_status status = duet_strategies_describe(name, stdout);
    return status == DUET_OK ? 0 : duet_complain(status);
}
