/* SPDX-License-Identifier: MIT */
/*
 * A disk that loses at a power cut what was not synced, and fails write-backs when told to.
 *
 * A file system of FUSE with one directory and a few small files, served by a child. It keeps two images:
 * what programs see, and what a cut leaves. Writes, sizes, times and names change the first; FSYNC of a file
 * makes its bytes, its size and, if more than its data was asked for, its time kept; FSYNCDIR makes names kept,
 * and nothing else does.
 */
#ifndef LOSSY_H
#define LOSSY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { LOSSY_ROOM = 128 << 10, LOSSY_FILES = 16, LOSSY_NAMES = 8, LOSSY_SECTOR = 512 };

/* Which of the unsynced changes a cut spares all the same: bit n of them that of the sectors n, n + 64, ...;
 * bit 0 sizes too, bit 1 names. */
#define LOSSY_NOTHING ((uint64_t)0)
#define LOSSY_EVERYTHING (~(uint64_t)0)

struct lossy_file {
	uint64_t size;
	int64_t mtime;
	char data[LOSSY_ROOM];
};

struct lossy_image {
	struct lossy_file files[LOSSY_FILES];
	struct lossy_name {
		char text[60];
		unsigned file;      /* from 1; 0: no name */
	} names[LOSSY_NAMES];
	unsigned made;          /* files so far; none comes again */
};

struct lossy {
	struct lossy_image now, kept;
	atomic_uint requests;   /* since the start: those that change or sync something */
	atomic_uint writes;     /* since lossy_fail_write(): WRITE alone */
	unsigned cut_at, fail_at;
	int fail_error;
	uint64_t survivors;
	atomic_bool off;        /* the cut has come: every request fails */
	const char *path;       /* where it is mounted */
	pid_t server;
};

/* Run @part with an empty disk, in a child with a mount space of its own; skips where that is not allowed. */
void with_lossy(void (*part)(struct lossy *disk));
/* Cut the power, unless that has been done, and start again with what is left. Nothing may be under way. */
void lossy_cut(struct lossy *disk, uint64_t survivors);
/* The @nth request (from 1) from here on that changes or syncs something meets the cut: it fails, and all later ones
 * do, until lossy_cut() with the same @survivors starts again. disk->off tells whether it has come. */
void lossy_cut_at(struct lossy *disk, unsigned nth, uint64_t survivors);
/* The @nth WRITE (from 1) from here on fails with @error (positive) and changes nothing. To be said before pages are
 * made dirty: the kernel may write them back at any time. */
void lossy_fail_write(struct lossy *disk, unsigned nth, int error);
/* Skip where FUSE ends a write-back before its server has answered: waiting for it is then told nothing. */
void need_write_backs_that_last(void);
/* An empty disk. Nothing of the old one may be open. */
void lossy_format(struct lossy *disk);
/* A path on the disk, in a ring of buffers. */
const char *lossy_path(const struct lossy *disk, const char *name);

#endif
