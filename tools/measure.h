/* SPDX-License-Identifier: MIT */
/* Reading a file in several ways, with the time each takes. Used by `filemap map` and `filemap demo`. */
#ifndef MEASURE_H
#define MEASURE_H

#include "tool.h"

#define READ_PIECE (256u << 10) /* of read(2); larger ones fall out of the processor's cache */
#define RANDOM_PIECE 4096u
#define WINDOW_DEFAULT (64u << 20)

/** measure_catch_cut - a file cut below a view ends the program with a message, not with a signal. */
void measure_catch_cut(void);

/** sum_by_read - the whole of @fd by pread(2). 0 or -errno. */
int sum_by_read(int fd, uint64_t size, uint64_t *ret_sum, double *ret_seconds);
/** sum_by_views - the same through views of @window bytes (a multiple of 32), one after another; 0: one view. */
fm_status sum_by_views(fm_section *section, uint64_t size, uint64_t window, uint64_t *ret_sum, double *ret_seconds);
/** random_by_read, random_by_view - @count pages at places given by @seed. @size: at least one page. */
int random_by_read(int fd, uint64_t size, uint64_t count, uint64_t seed, uint64_t *ret_sum, double *ret_seconds);
void random_by_view(const char *view, uint64_t size, uint64_t count, uint64_t seed, uint64_t *ret_sum,
		    double *ret_seconds);
/** cached_part - how much of the file lies in memory, 0 to 1; -1: this user may not know. */
double cached_part(fm_section *section, int fd, uint64_t size);
/** median_of - sorts @values. */
double median_of(double *values, size_t count);

#endif
