/* Keeps the folder of bar caches from growing for ever. */
#ifndef DUET_DATA_CACHE_SWEEP_H
#define DUET_DATA_CACHE_SWEEP_H

#include <stdint.h>

/** What a process left behind when it was killed goes after this long. */
#define DUET_CACHE_STALE_S INT64_C(3600)
/** What nobody has opened for this long goes. */
#define DUET_CACHE_UNUSED_S (INT64_C(90) * 24 * 3600)
/** Beyond this, those opened longest ago go first. */
#define DUET_CACHE_FOLDER_MAX (INT64_C(32) << 30)

/** Remove what is stale, unused or too much from the folder that holds `path`, never `path` itself. The time of last
 * use is a file's mtime. Other names are left alone; failures are no harm. */
void duet_cache_sweep(const char *path, int64_t now_s, int64_t bytes_max);
/** Note that the open cache file `fd` is in use, if the last note is a day old. */
void duet_cache_mark_used(int fd, int64_t now_s);

#endif
