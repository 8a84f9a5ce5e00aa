/* SPDX-License-Identifier: MIT */
/* The demo's file: pseudo-random words that can be told from their place alone. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "demo.h"

enum { CHUNK = 4 << 20, SAMPLES = 256 };

void demo_file_fill(void *data, uint64_t offset, size_t length)
{
	for (size_t at = 0; at < length; at += 8) {
		uint64_t word = mix64((offset + at) / 8);

		memcpy((char *)data + at, &word, length - at < 8 ? length - at : 8);
	}
}

bool demo_file_check(const void *data, uint64_t offset, size_t length)
{
	uint64_t wrong = 0;

	for (size_t at = 0; at + 8 <= length; at += 8) {
		uint64_t word;

		memcpy(&word, (const char *)data + at, 8);
		wrong |= word ^ mix64((offset + at) / 8);
	}
	return wrong == 0;
}

bool demo_file_is_ours(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	bool ours = false;
	char piece[64];
	struct stat st;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= 1 << 20 && st.st_size % 4096 == 0) {
		ours = true;
		for (uint64_t k = 0; k < SAMPLES && ours; k++) {
			uint64_t offset = k == 0 ? 0 : mix64(~k) % ((uint64_t)st.st_size / 64) * 64;

			ours = pread(fd, piece, sizeof(piece), (off_t)offset) == (ssize_t)sizeof(piece) &&
			       demo_file_check(piece, offset, sizeof(piece));
		}
	}
	close(fd);
	return ours;
}

static int write_words(int fd, uint64_t size)
{
	char *chunk = malloc(CHUNK);
	int error = 0;

	if (!chunk)
		out_of_memory();
	for (uint64_t at = 0; at < size && error == 0;) {
		size_t length = size - at < CHUNK ? (size_t)(size - at) : CHUNK, put = 0;

		demo_file_fill(chunk, at, length);
		while (put < length && error == 0) {
			ssize_t got = pwrite(fd, chunk + put, length - put, (off_t)(at + put));

			if (got >= 0)
				put += (size_t)got;
			else if (errno != EINTR)
				error = errno;
		}
		at += length;
		progress_update(at);
	}
	free(chunk);
	return error;
}

char *demo_file_unfinished;

int demo_file_make(const char *path, uint64_t size)
{
	char *part;
	int fd, code = EXIT_DONE, error;

	if (asprintf(&part, "%s.part", path) < 0)
		out_of_memory();
	fd = open(part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		code = complain_errno("make the file", part);
		free(part);
		return code;
	}
	demo_file_unfinished = part;
	progress_start("making the file", size);
	error = write_words(fd, size);
	progress_end();
	if (close(fd) < 0 && error == 0)
		error = errno;
	if (error == 0 && rename(part, path) < 0)
		error = errno;
	if (error != 0) {
		(void)unlink(part); /* what is told is the first error */
		errno = error;
		code = complain_errno("make the file", path);
	}
	demo_file_unfinished = NULL;
	free(part);
	return code;
}

uint64_t demo_file_sum(uint64_t size)
{
	struct quick_sum sum = { 0 };
	char chunk[4096];

	for (uint64_t at = 0; at < size; at += sizeof(chunk)) {
		demo_file_fill(chunk, at, sizeof(chunk));
		quick_sum_add(&sum, chunk, sizeof(chunk));
	}
	return quick_sum_value(&sum);
}
