/* From the files of a source to one run of records: reads them one after another, all at the same decimals and width.
 */
#ifndef DUET_DATA_SERIES_READ_H
#define DUET_DATA_SERIES_READ_H

#include "data/cache_writer.h"

/** Parse every file of `source` into `writer` and settle it; `info` tells what was understood, or of a refused file how
 * far that went. The files of a folder must agree on interval and kind. */
DUET_MUST_CHECK enum duet_status duet_series_read(const struct duet_source *source, const struct duet_data_spec *spec,
    const struct duet_series_options *options, struct duet_cache_writer *writer, struct duet_data_info *info);

#endif
