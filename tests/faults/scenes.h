/* SPDX-License-Identifier: MIT */
/* The ways in which a mapped page can fail, each made for real. */
#ifndef SCENES_H
#define SCENES_H

#include <stdbool.h>
#include <stddef.h>

#include <filemap.h>

struct scene {
	char *view;          /* a view of whole pages ... */
	char *bad;           /* ... of which this one has lost its storage */
	size_t good;         /* bytes in front of it that can be had */
	bool reads, writes;  /* which accesses of it fail */
	bool forks;          /* they fail only in a forked child */
	bool unshares;       /* the kernel's own copy wants the page unshared first, and so fails where reads do not */
};

/* Each ends the test as skipped where its means are missing. @directory is empty, and this scene's own. */
typedef void scene_maker(const char *directory, struct scene *scene);

scene_maker scene_cut;         /* a file cut by another process */
scene_maker scene_cut_copy;    /* the same below a page that was private already */
scene_maker scene_full_tmpfs;  /* a hole of a sparse file on a full tmpfs */
scene_maker scene_full_disk;   /* a hole of a sparse file on a full ext4 */
scene_maker scene_io_error;    /* a file system that answers EIO */
scene_maker scene_no_huge_page;/* the pool of huge pages is empty */
scene_maker scene_poisoned;    /* a page that the hardware lost, as the kernel tells it */

/* Serve an empty directory as a file system with one file, "file", of @size bytes that cannot be read. */
void errors_mount(const char *directory, size_t size);

/* vectored.c: what a vectored handler is told; it goes on behind the access by a page of its own making. */
struct told {
	unsigned count;
	unsigned long code, parameters, access, address, cause;
};
bool vectored_tells(char *at, bool write, struct told *ret_told);

#endif
