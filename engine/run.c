#include <duet/run.h>

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "engine/backtest.h"
#include "report/json.h"

struct duet_run {
    struct duet_config config;
    char *json; // from open_memstream(), or NULL
    char error[DUET_ERROR_TEXT_MAX];
};

struct duet_run *duet_run_create(void) {
    struct duet_run *run = duet_alloc(1, sizeof(*run));
    duet_config_init(&run->config);
    return run;
}

void duet_run_destroy(struct duet_run *run) {
    if (run != NULL) {
        duet_config_finish(&run->config);
        free(run->json);
        free(run);
    }
}

/** Keep the line of a failure with the run it belongs to. */
static enum duet_status keep(struct duet_run *run, enum duet_status status) {
    if (status != DUET_OK) {
        duet_text_copy(run->error, sizeof(run->error), duet_error_text());
    }
    return status;
}

enum duet_status duet_run_set(struct duet_run *run, const char *key, const char *value) {
    return keep(run, duet_config_set(&run->config, key, value, NULL));
}

enum duet_status duet_run_load(struct duet_run *run, const char *path) {
    return keep(run, duet_config_load(&run->config, path));
}

static enum duet_status result_to_json(struct duet_run *run, const struct duet_result *result) {
    size_t size;
    FILE *stream = open_memstream(&run->json, &size);
    if (stream == NULL) {
        return duet_error(DUET_ENOMEM, "no memory for the result");
    }
    enum duet_status status = duet_result_print_json(result, stream);
    if (fclose(stream) != 0 && status == DUET_OK) {
        status = duet_error(DUET_ENOMEM, "no memory for the result");
    }
    return status;
}

enum duet_status duet_run_backtest(struct duet_run *run) {
    free(run->json);
    run->json = NULL;
    struct duet_backtest *backtest;
    enum duet_status status =
        duet_backtest_run(&run->config, &(struct duet_backtest_options){.digests = true}, &backtest);
    if (status == DUET_OK) {
        status = result_to_json(run, duet_backtest_result(backtest));
    }
    if (status != DUET_OK) {
        free(run->json);
        run->json = NULL;
    }
    duet_backtest_destroy(backtest);
    return keep(run, status);
}

const char *duet_run_json(const struct duet_run *run) {
    return run->json;
}

const char *duet_run_error(const struct duet_run *run) {
    return run->error;
}
