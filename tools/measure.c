/* SPDX-License-Identifier: MIT */
/* Reading a file through views and by read(2), in the same way and with the same arithmetic. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "measure.h"

/* Somebody may cut the file while it is read through plain pointers. */
static void cut_below(int number)
{
	static const char text[] = "filemap: the file was cut, or its storage failed, while it was mapped\n";

	(void)number;
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1); /* there is no way left to tell of a failure */
	_exit(EXIT_FAILED);
}

void measure_catch_cut(void)
{
	struct sigaction action = { .sa_handler = cut_below };

	sigaction(SIGBUS, &action, NULL);
}

int sum_by_read(int fd, uint64_t size, uint64_t *ret_sum, double *ret_seconds)
{
	double started = seconds_now();
	struct quick_sum sum = { 0 };
	char *buffer = malloc(READ_PIECE);

	if (!buffer)
		out_of_memory();
	for (uint64_t at = 0; at < size;) {
		size_t piece = size - at < READ_PIECE ? (size_t)(size - at) : READ_PIECE, filled = 0;

		while (filled < piece) {
			ssize_t got = pread(fd, buffer + filled, piece - filled, (off_t)(at + filled));

			if (got < 0 && errno == EINTR)
				continue;
			if (got <= 0) {
				int error = got < 0 ? errno : EIO; /* cut */

				free(buffer);
				return -error;
			}
			filled += (size_t)got;
		}
		quick_sum_add(&sum, buffer, piece);
		at += piece;
		progress_update(at);
	}
	free(buffer);
	*ret_sum = quick_sum_value(&sum);
	*ret_seconds = seconds_now() - started;
	return 0;
}

/* In pieces, so that progress can be shown. */
static void sum_view(struct quick_sum *sum, const char *view, size_t length, uint64_t before)
{
	for (size_t at = 0; at < length; at += READ_PIECE) {
		size_t piece = length - at < READ_PIECE ? length - at : READ_PIECE;

		quick_sum_add(sum, view + at, piece);
		progress_update(before + at + piece);
	}
}

fm_status sum_by_views(fm_section *section, uint64_t size, uint64_t window, uint64_t *ret_sum, double *ret_seconds)
{
	double started = seconds_now();
	struct quick_sum sum = { 0 };

	for (uint64_t at = 0; at < size;) {
		uint64_t length = window == 0 || size - at < window ? size - at : window;
		fm_status status;
		void *view;

		if (length > SIZE_MAX)
			return FM_E_NO_MEMORY;
		status = fm_view_map(section, FM_READ, at, (size_t)length, &view);
		if (status < 0)
			return status;
		sum_view(&sum, view, (size_t)length, at);
		(void)fm_view_unmap(view); /* just mapped, so it is there */
		at += length;
	}
	*ret_sum = quick_sum_value(&sum);
	*ret_seconds = seconds_now() - started;
	return FM_OK;
}

/* Where the k-th random page lies. A file has at least one whole page here. */
static uint64_t random_page(uint64_t size, uint64_t seed, uint64_t k)
{
	return mix64(seed + k) % (size / RANDOM_PIECE) * RANDOM_PIECE;
}

int random_by_read(int fd, uint64_t size, uint64_t count, uint64_t seed, uint64_t *ret_sum, double *ret_seconds)
{
	double started = seconds_now();
	struct quick_sum sum = { 0 };
	char piece[RANDOM_PIECE];

	for (uint64_t k = 0; k < count; k++) {
		if (pread(fd, piece, sizeof(piece), (off_t)random_page(size, seed, k)) != (ssize_t)sizeof(piece))
			return errno ? -errno : -EIO;
		quick_sum_add(&sum, piece, sizeof(piece));
	}
	*ret_sum = quick_sum_value(&sum);
	*ret_seconds = seconds_now() - started;
	return 0;
}

void random_by_view(const char *view, uint64_t size, uint64_t count, uint64_t seed, uint64_t *ret_sum,
		    double *ret_seconds)
{
	double started = seconds_now();
	struct quick_sum sum = { 0 };

	for (uint64_t k = 0; k < count; k++)
		quick_sum_add(&sum, view + random_page(size, seed, k), RANDOM_PIECE);
	*ret_sum = quick_sum_value(&sum);
	*ret_seconds = seconds_now() - started;
}

/* mincore() answers truly only to who may write the file or owns it. */
static bool may_know_cached(int fd)
{
	char path[40] = "/proc/self/fd/";
	struct stat st;

	strcat(path, bytes_text((uint64_t)fd));
	return fstat(fd, &st) == 0 && (st.st_uid == geteuid() || access(path, W_OK) == 0);
}

double cached_part(fm_section *section, int fd, uint64_t size)
{
	enum { CHUNK = 256 << 20 };
	static unsigned char pages[CHUNK / 4096];
	uint64_t in_memory = 0, all = 0;

	if (!may_know_cached(fd))
		return -1;
	for (uint64_t at = 0; at < size; at += CHUNK) {
		size_t length = size - at < CHUNK ? (size_t)(size - at) : CHUNK, count = (length + 4095) / 4096;
		void *view;

		if (fm_view_map(section, FM_READ, at, length, &view) < 0)
			return -1;
		if (mincore(view, length, pages) < 0)
			count = 0;
		(void)fm_view_unmap(view); /* just mapped, so it is there */
		for (size_t i = 0; i < count; i++)
			in_memory += pages[i] & 1;
		all += count;
	}
	return all ? (double)in_memory / (double)all : -1;
}

static int by_value(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return left < right ? -1 : left > right;
}

double median_of(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), by_value);
	return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}
