#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "engine/host.h"
#include "engine/host_private.h"
#include "net/digest.h"

/** The bundled ones, sorted by name; strategies/meson.build gives each table its own symbol. */
extern const struct duet_strategy_impl duet_strategy_buy_and_hold, duet_strategy_donchian_breakout,
    duet_strategy_macd_trend, duet_strategy_mean_reversion, duet_strategy_pairs, duet_strategy_quote_maker,
    duet_strategy_rotation, duet_strategy_rsi_reversal, duet_strategy_sma_cross, duet_strategy_trend;
static const struct duet_strategy_impl *const bundled[] = {
    &duet_strategy_buy_and_hold,
    &duet_strategy_donchian_breakout,
    &duet_strategy_macd_trend,
    &duet_strategy_mean_reversion,
    &duet_strategy_pairs,
    &duet_strategy_quote_maker,
    &duet_strategy_rotation,
    &duet_strategy_rsi_reversal,
    &duet_strategy_sma_cross,
    &duet_strategy_trend,
};
#define BUNDLED_COUNT (sizeof(bundled) / sizeof(bundled[0]))

/** All tables have at least what version 1.0 needs to be of use: everything before the callbacks. */
#define IMPL_SIZE_MIN offsetof(struct duet_strategy_impl, init)
#define IMPL_SIZE_MAX 65536u
#define STATE_SIZE_MAX ((size_t)1 << 30)

const struct duet_strategy_impl *const *duet_bundled_strategies(size_t *count) {
    *count = BUNDLED_COUNT;
    return bundled;
}

bool duet_plugin_name_is_plain(const char *name) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    size_t length = strlen(name);
    return length > 0 && length < sizeof(((struct duet_plugin *)0)->name) && strspn(name, plain) == length;
}

/** What size and version say; the first eight bytes of the table never change. */
static enum duet_status check_version(const struct duet_strategy_impl *impl) {
    if (impl->abi >> 16 != DUET_STRATEGY_ABI_MAJOR) {
        return duet_error(DUET_EABI,
            "built for plugin interface %u.%u, this duet speaks %u.%u; rebuild it with this duet's headers",
            impl->abi >> 16, impl->abi & 0xffff, DUET_STRATEGY_ABI_MAJOR, DUET_STRATEGY_ABI_MINOR);
    }
    if (impl->size < IMPL_SIZE_MIN || impl->size > IMPL_SIZE_MAX) {
        return duet_error(DUET_EINVAL,
            "its table says it has %u bytes, %zu expected (.size = sizeof(struct "
            "duet_strategy_impl))",
            impl->size, sizeof(struct duet_strategy_impl));
    }
    return DUET_OK;
}

static enum duet_status check_table(const struct duet_strategy_impl *impl) {
    if (impl->name == NULL || !duet_plugin_name_is_plain(impl->name)) {
        return duet_error(DUET_EINVAL, "its table needs a .name of 1 to 63 letters, digits, '_', '-' or '.'");
    }
    if (impl->scope != DUET_EACH_INSTRUMENT && impl->scope != DUET_ALL) {
        return duet_error(DUET_EINVAL, "its .scope is neither DUET_EACH_INSTRUMENT nor DUET_ALL");
    }
    if (impl->on_instant != NULL && impl->scope != DUET_ALL) {
        return duet_error(DUET_EINVAL, "on_instant needs .scope = DUET_ALL");
    }
    if (impl->state_size > STATE_SIZE_MAX) {
        return duet_error(DUET_EINVAL, "a .state_size of %zu bytes is more than %zu", impl->state_size, STATE_SIZE_MAX);
    }
    if ((impl->save == NULL) != (impl->load == NULL)) {
        return duet_error(DUET_EINVAL, "save and load come together or not at all");
    }
    return duet_plugin_check_params(impl);
}

/** Take over a table that was found: check it, complete one that is smaller than ours. */
static enum duet_status adopt(const struct duet_strategy_impl *found, struct duet_plugin *out) {
    enum duet_status status = check_version(found);
    if (status != DUET_OK) {
        return status;
    }
    out->impl = found;
    if (found->size < sizeof(*found)) {
        memset(&out->completed, 0, sizeof(out->completed));
        memcpy(&out->completed, found, found->size);
        out->impl = &out->completed;
    }
    status = check_table(out->impl);
    if (status == DUET_OK) {
        duet_text_copy(out->name, sizeof(out->name), out->impl->name);
    }
    return status;
}

static enum duet_status open_bundled(const char *name, struct duet_plugin *out) {
    const char *names[BUNDLED_COUNT];
    for (size_t i = 0; i < BUNDLED_COUNT; i++) {
        names[i] = bundled[i]->name;
        if (strcmp(names[i], name) == 0) {
            char identity[128];
            snprintf(identity, sizeof(identity), "%s %s", name, DUET_VERSION);
            duet_digest_bytes(identity, strlen(identity), out->sha256);
            return adopt(bundled[i], out);
        }
    }
    const char *nearest = duet_nearest(name, names, BUNDLED_COUNT);
    if (nearest != NULL) {
        return duet_error(
            DUET_EINVAL, "strategy %s: no bundled strategy of that name; did you mean %s?", name, nearest);
    }
    return duet_error(DUET_EINVAL,
        "strategy %s: no bundled strategy of that name (see duet strategies); write ./%s.so for a file", name, name);
}

/** The linker's words without the path that it likes to begin with. */
static const char *linker_reason(const char *path) {
    const char *reason = dlerror();
    if (reason == NULL) {
        return "unknown reason";
    }
    size_t length = strlen(path);
    return strncmp(reason, path, length) == 0 && strncmp(reason + length, ": ", 2) == 0 ? reason + length + 2 : reason;
}

static enum duet_status open_file(const char *path, struct duet_plugin *out) {
    enum duet_status status = duet_digest_file(path, out->sha256);
    if (status != DUET_OK) {
        return DUET_ENOTFOUND; // the line is the digest's
    }
    out->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (out->library == NULL) {
        return duet_error(DUET_EINVAL, "not a loadable plugin: %s", linker_reason(path));
    }
    const struct duet_strategy_impl *found = dlsym(out->library, "duet_strategy_plugin");
    if (found == NULL) {
        return duet_error(DUET_ENOTFOUND, "exports no table duet_strategy_plugin; is it a duet strategy?");
    }
    return adopt(found, out);
}

enum duet_status duet_plugin_open(const char *name, struct duet_plugin *out) {
    memset(out, 0, sizeof(*out));
    size_t length = strlen(name);
    bool has_slash = strchr(name, '/') != NULL;
    if (!has_slash && (length < 3 || strcmp(name + length - 3, ".so") != 0)) {
        return open_bundled(name, out);
    }
    if (access(name, R_OK) != 0) {
        return duet_error(DUET_ENOTFOUND, "strategy %s: %s", name, strerror(errno));
    }
    struct duet_text path = {0};
    duet_text_print(&path, "%s%s", has_slash ? "" : "./", name); // without a slash the linker searches its own folders
    enum duet_status status = open_file(path.text, out);
    if (status != DUET_OK) {
        status = duet_error_prefix(status, "strategy %s", name);
        duet_plugin_close(out);
    }
    duet_text_finish(&path);
    return status;
}

void duet_plugin_close(struct duet_plugin *plugin) {
    if (plugin->library != NULL) {
        dlclose(plugin->library);
    }
    memset(plugin, 0, sizeof(*plugin));
}
