/* The configuration as YAML, both ways. Keys and types come from the table in config.c; libyaml only reads and writes.
 */
#include "engine/config.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/error.h"
#include "base/file.h"
#include "base/money.h"
#include "base/text.h"
#include "engine/live/live_config.h"

/** A configuration longer than this is not one. */
#define CONFIG_BYTES_MAX ((size_t)1 << 20)
#define WHERE_MAX 1100

struct reader {
    struct duet_config *config;
    const char *name;
    yaml_document_t document;
};

static enum duet_status refuse(const struct reader *reader, const yaml_node_t *node, const char *what) {
    return duet_error(DUET_EINVAL, "%s:%zu: %s", reader->name, node->start_mark.line + 1, what);
}

static const char *scalar(const yaml_node_t *node) {
    return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

/** A key or value with a zero byte inside would be read as less than it says. */
static bool has_zero_inside(const yaml_node_t *node) {
    return node->type == YAML_SCALAR_NODE && strlen((const char *)node->data.scalar.value) != node->data.scalar.length;
}

static enum duet_status check_pair(struct reader *reader, const yaml_node_t *map, const yaml_node_pair_t *pair) {
    const yaml_node_t *key = yaml_document_get_node(&reader->document, pair->key);
    const yaml_node_t *value = yaml_document_get_node(&reader->document, pair->value);
    if (scalar(key) == NULL) {
        return refuse(reader, key, "a key must be a plain word");
    }
    if (has_zero_inside(key) || has_zero_inside(value)) {
        return refuse(reader, key, "contains a zero byte");
    }
    for (const yaml_node_pair_t *other = map->data.mapping.pairs.start; other < pair; other++) {
        const yaml_node_t *other_key = yaml_document_get_node(&reader->document, other->key);
        if (strcmp(scalar(other_key), scalar(key)) == 0) {
            return duet_error(DUET_EINVAL, "%s:%zu: key \"%s\" stands twice (first in line %zu)", reader->name,
                key->start_mark.line + 1, scalar(key), other_key->start_mark.line + 1);
        }
    }
    return DUET_OK;
}

static void where(const struct reader *reader, const yaml_node_t *node, char out[WHERE_MAX]) {
    snprintf(out, WHERE_MAX, "%s:%zu", reader->name, node->start_mark.line + 1);
}

static enum duet_status read_params(struct reader *reader, const yaml_node_t *map) {
    if (map->type == YAML_SCALAR_NODE && map->data.scalar.length == 0) {
        return DUET_OK;
    }
    if (map->type != YAML_MAPPING_NODE) {
        return refuse(reader, map, "params: must be a map of NAME: VALUE");
    }
    for (const yaml_node_pair_t *pair = map->data.mapping.pairs.start; pair < map->data.mapping.pairs.top; pair++) {
        enum duet_status status = check_pair(reader, map, pair);
        if (status != DUET_OK) {
            return status;
        }
        const yaml_node_t *key = yaml_document_get_node(&reader->document, pair->key);
        const yaml_node_t *value = yaml_document_get_node(&reader->document, pair->value);
        if (scalar(value) == NULL) {
            return refuse(reader, value, "a parameter's value must be a plain word or number");
        }
        char at[WHERE_MAX];
        where(reader, key, at);
        struct duet_text text = {0};
        duet_text_print(&text, "%s=%s", scalar(key), scalar(value));
        status = duet_config_set(reader->config, "param", text.text, at);
        duet_text_finish(&text);
        if (status != DUET_OK) {
            return status;
        }
    }
    return DUET_OK;
}

/** One series: "X=path,tz=UTC", or a map with symbol, path and the same keys. */
static enum duet_status read_series(struct reader *reader, const yaml_node_t *node) {
    char at[WHERE_MAX];
    where(reader, node, at);
    if (scalar(node) != NULL) {
        return has_zero_inside(node) ? refuse(reader, node, "contains a zero byte")
                                     : duet_config_set(reader->config, "data", scalar(node), at);
    }
    if (node->type != YAML_MAPPING_NODE) {
        return refuse(reader, node, "data: each entry is SYMBOL=PATH or a map with symbol and path");
    }
    struct duet_data_spec spec = {.decimals = -1, .quantity_decimals = -1};
    enum duet_status status = DUET_OK;
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         status == DUET_OK && pair < node->data.mapping.pairs.top; pair++) {
        status = check_pair(reader, node, pair);
        if (status != DUET_OK) {
            break;
        }
        const yaml_node_t *key = yaml_document_get_node(&reader->document, pair->key);
        const yaml_node_t *value = yaml_document_get_node(&reader->document, pair->value);
        char **named = strcmp(scalar(key), "symbol") == 0 ? &spec.symbol
                       : strcmp(scalar(key), "path") == 0 ? &spec.path
                                                          : NULL;
        if (scalar(value) == NULL) {
            status = refuse(reader, value, "must be a plain word or number");
        } else if (named != NULL) {
            *named = duet_strdup(scalar(value));
        } else {
            where(reader, key, at);
            status = duet_data_spec_set(&spec, scalar(key), scalar(value));
            status = status == DUET_OK ? status : duet_error_prefix(status, "%s", at);
        }
    }
    // A missing symbol is told when the run is checked, as for --data, and what was read can be printed till then.
    if (status == DUET_OK && spec.path == NULL) {
        status = refuse(reader, node, "data: symbol and path are both needed; path is missing");
    }
    if (status != DUET_OK) {
        duet_data_spec_finish(&spec);
        return status;
    }
    status = duet_config_add_data(reader->config, &spec);
    duet_data_spec_finish(&spec);
    return status;
}

static enum duet_status read_data(struct reader *reader, const yaml_node_t *list) {
    if (list->type != YAML_SEQUENCE_NODE) {
        return read_series(reader, list);
    }
    enum duet_status status = DUET_OK;
    for (const yaml_node_item_t *item = list->data.sequence.items.start;
         status == DUET_OK && item < list->data.sequence.items.top; item++) {
        status = read_series(reader, yaml_document_get_node(&reader->document, *item));
    }
    return status;
}

/** One of `jobs:`, a map of name, every and run. */
static enum duet_status read_job(struct reader *reader, const yaml_node_t *node) {
    static const char *const names[] = {"name", "every", "run"};
    const char *values[3] = {NULL, NULL, NULL};
    if (node->type != YAML_MAPPING_NODE) {
        return refuse(reader, node, "jobs: each entry is a map with name, every and run");
    }
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
        enum duet_status status = check_pair(reader, node, pair);
        if (status != DUET_OK) {
            return status;
        }
        const yaml_node_t *key = yaml_document_get_node(&reader->document, pair->key);
        const yaml_node_t *value = yaml_document_get_node(&reader->document, pair->value);
        size_t index = 0;
        while (index < 3 && strcmp(names[index], scalar(key)) != 0) {
            index++;
        }
        if (index == 3 || scalar(value) == NULL) {
            return refuse(reader, key, index == 3 ? "a job has name, every and run" : "must be a plain word or number");
        }
        values[index] = scalar(value);
    }
    for (size_t i = 0; i < 3; i++) {
        if (values[i] == NULL || values[i][0] == '\0') {
            return duet_error(DUET_EINVAL, "%s:%zu: a job has name, every and run; %s is missing", reader->name,
                node->start_mark.line + 1, names[i]);
        }
    }
    char at[WHERE_MAX];
    where(reader, node, at);
    enum duet_status status =
        duet_live_config_add_job(duet_config_live(reader->config), values[0], values[1], values[2]);
    return status == DUET_OK ? status : duet_error_prefix(status, "%s", at);
}

static enum duet_status read_jobs(struct reader *reader, const yaml_node_t *list) {
    if (list->type != YAML_SEQUENCE_NODE) {
        return refuse(reader, list, "jobs: must be a list of maps with name, every and run");
    }
    enum duet_status status = DUET_OK;
    for (const yaml_node_item_t *item = list->data.sequence.items.start;
         status == DUET_OK && item < list->data.sequence.items.top; item++) {
        status = read_job(reader, yaml_document_get_node(&reader->document, *item));
    }
    return status;
}

static enum duet_status read_live(struct reader *reader, const yaml_node_t *map) {
    struct duet_live_config *live = duet_config_live(reader->config);
    if (map->type == YAML_SCALAR_NODE && map->data.scalar.length == 0) {
        return DUET_OK; // `live:` alone: all at its default
    }
    if (map->type != YAML_MAPPING_NODE) {
        return refuse(reader, map, "live: must be a map of KEY: VALUE");
    }
    enum duet_status status = DUET_OK;
    for (const yaml_node_pair_t *pair = map->data.mapping.pairs.start;
         status == DUET_OK && pair < map->data.mapping.pairs.top; pair++) {
        status = check_pair(reader, map, pair);
        if (status != DUET_OK) {
            break;
        }
        const yaml_node_t *key = yaml_document_get_node(&reader->document, pair->key);
        const yaml_node_t *value = yaml_document_get_node(&reader->document, pair->value);
        char at[WHERE_MAX];
        where(reader, key, at);
        if (strcmp(scalar(key), "jobs") == 0) {
            status = read_jobs(reader, value);
        } else if (scalar(value) == NULL) {
            status = refuse(reader, value, "must be a plain word or number");
        } else {
            status = duet_live_config_set(live, scalar(key), scalar(value), at);
        }
    }
    return status;
}

static enum duet_status read_root(struct reader *reader, const yaml_node_t *root) {
    if (root == NULL) {
        return duet_error(DUET_EINVAL, "%s:1: is empty", reader->name);
    }
    if (root->type != YAML_MAPPING_NODE) {
        return refuse(reader, root, "a map of KEY: VALUE is expected");
    }
    enum duet_status status = DUET_OK;
    for (const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
         status == DUET_OK && pair < root->data.mapping.pairs.top; pair++) {
        status = check_pair(reader, root, pair);
        if (status != DUET_OK) {
            break;
        }
        const yaml_node_t *key = yaml_document_get_node(&reader->document, pair->key);
        const yaml_node_t *value = yaml_document_get_node(&reader->document, pair->value);
        char at[WHERE_MAX];
        where(reader, key, at);
        if (strcmp(scalar(key), "live") == 0) {
            status = read_live(reader, value);
        } else if (strcmp(scalar(key), "params") == 0) {
            status = read_params(reader, value);
        } else if (strcmp(scalar(key), "data") == 0) {
            status = read_data(reader, value);
        } else if (scalar(value) == NULL) {
            status = refuse(reader, value, "must be a plain word or number");
        } else {
            status = duet_config_set(reader->config, scalar(key), scalar(value), at);
        }
    }
    return status;
}

enum duet_status duet_config_load_bytes(struct duet_config *config, const char *name, const char *bytes, size_t size) {
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        return duet_error(DUET_ENOMEM, "%s: no memory to read it", name);
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, size);
    struct reader reader = {.config = config, .name = name};
    enum duet_status status;
    if (!yaml_parser_load(&parser, &reader.document)) {
        status = duet_error(DUET_EINVAL, "%s:%zu: not valid YAML: %s", name, parser.problem_mark.line + 1,
            parser.problem != NULL ? parser.problem : "cannot be read");
    } else {
        status = read_root(&reader, yaml_document_get_root_node(&reader.document));
        yaml_document_delete(&reader.document);
    }
    yaml_parser_delete(&parser);
    return status;
}

enum duet_status duet_config_load(struct duet_config *config, const char *path) {
    char *bytes;
    size_t size;
    enum duet_status status = duet_file_read(path, CONFIG_BYTES_MAX, &bytes, &size);
    if (status != DUET_OK) {
        // An unreadable configuration is a matter of usage (2), not of market data (3).
        return status == DUET_EDATA ? DUET_EINVAL : status;
    }
    status = duet_config_load_bytes(config, path, bytes, size);
    free(bytes);
    return status;
}

/* ------------------------------------------------------------------------------------------------------- writing */

struct writer {
    yaml_emitter_t emitter;
    bool ok;
};

static void emit(struct writer *writer, yaml_event_t *event, int made) {
    writer->ok = writer->ok && made && yaml_emitter_emit(&writer->emitter, event);
}

static void emit_text(struct writer *writer, const char *text) {
    yaml_event_t event;
    emit(writer, &event,
        yaml_scalar_event_initialize(
            &event, NULL, NULL, (const yaml_char_t *)text, (int)strlen(text), 1, 1, YAML_ANY_SCALAR_STYLE));
}

static void emit_pair(struct writer *writer, const char *key, const char *value) {
    if (value != NULL) {
        emit_text(writer, key);
        emit_text(writer, value);
    }
}

static void emit_map(struct writer *writer, bool begins) {
    yaml_event_t event;
    emit(writer, &event,
        begins ? yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE)
               : yaml_mapping_end_event_initialize(&event));
}

static void emit_series(struct writer *writer, const struct duet_data_spec *spec) {
    const struct duet_data_key *key;
    emit_map(writer, true);
    emit_pair(writer, "symbol", spec->symbol);
    emit_pair(writer, "path", spec->path);
    for (size_t i = 0; (key = duet_data_spec_key(i)) != NULL; i++) {
        char text[DUET_DATA_TEXT_MAX];
        emit_pair(writer, key->name, duet_data_spec_text(spec, i, text));
    }
    emit_map(writer, false);
}

static void emit_sequence(struct writer *writer, bool begins) {
    yaml_event_t event;
    emit(writer, &event,
        begins ? yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE)
               : yaml_sequence_end_event_initialize(&event));
}

static void emit_live(struct writer *writer, const struct duet_live_config *live) {
    const struct duet_config_key *key;
    emit_text(writer, "live");
    emit_map(writer, true);
    for (size_t i = 0; (key = duet_live_config_key(i)) != NULL; i++) {
        char text[DUET_DECIMAL_TEXT_MAX];
        emit_pair(writer, key->name, duet_live_config_text(live, i, text));
    }
    if (live->job_count > 0) {
        emit_text(writer, "jobs");
        emit_sequence(writer, true);
        for (size_t i = 0; i < live->job_count; i++) {
            char every[24];
            emit_map(writer, true);
            emit_pair(writer, "name", live->jobs[i].name);
            emit_pair(writer, "every", duet_interval_format(live->jobs[i].period_ns, every));
            emit_pair(writer, "run", live->jobs[i].run);
            emit_map(writer, false);
        }
        emit_sequence(writer, false);
    }
    emit_map(writer, false);
}

static void emit_config(struct writer *writer, const struct duet_config *config) {
    const struct duet_config_key *key;
    emit_map(writer, true);
    for (size_t i = 0; (key = duet_config_key(i)) != NULL; i++) {
        char text[DUET_DECIMAL_TEXT_MAX];
        emit_pair(writer, key->name, duet_config_text(config, i, text));
        if (i == 0 && config->param_count > 0) {
            emit_text(writer, "params");
            emit_map(writer, true);
            for (size_t p = 0; p < config->param_count; p++) {
                emit_pair(writer, config->params[p].name, config->params[p].value);
            }
            emit_map(writer, false);
        }
    }
    emit_text(writer, "data");
    emit_sequence(writer, true);
    for (size_t i = 0; i < config->data_count; i++) {
        emit_series(writer, &config->data[i]);
    }
    emit_sequence(writer, false);
    if (config->live != NULL) {
        emit_live(writer, config->live);
    }
    emit_map(writer, false);
}

enum duet_status duet_config_print(const struct duet_config *config, FILE *out) {
    struct writer writer = {.ok = true};
    if (!yaml_emitter_initialize(&writer.emitter)) {
        return duet_error(DUET_ENOMEM, "no memory to write the configuration");
    }
    yaml_emitter_set_output_file(&writer.emitter, out);
    yaml_emitter_set_unicode(&writer.emitter, 1);
    yaml_emitter_set_width(&writer.emitter, -1);
    yaml_event_t event;
    emit(&writer, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
    emit(&writer, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
    emit_config(&writer, config);
    emit(&writer, &event, yaml_document_end_event_initialize(&event, 1));
    emit(&writer, &event, yaml_stream_end_event_initialize(&event));
    bool ok = writer.ok && yaml_emitter_flush(&writer.emitter);
    yaml_emitter_delete(&writer.emitter);
    return ok ? DUET_OK : duet_error(DUET_EIO, "the configuration could not be written");
}
