/* SPDX-License-Identifier: MIT */
/* What the sources of file handles share. */
#ifndef FM_CORE_DISKFILE_INTERNAL_H
#define FM_CORE_DISKFILE_INTERNAL_H

#include <limits.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "diskfile.h"
#include "filelock.h"

/* Delete on close: shared by a handle and its duplicates; the last one removes the name. */
struct deletion {
	atomic_uint handles;
	_Atomic(pid_t) pid;     /* who opened or disposed of it: a forked child's close removes nothing */
	atomic_bool on_close;   /* opened so */
	atomic_bool disposed;   /* diskfile_dispose() */
};

struct diskfile {
	struct handle handle;   /* first */
	_Atomic int fd;         /* -1: the program closed it */
	uint32_t access;        /* what it grants; immutable */
	uint32_t flags;         /* enum diskfile_flags; immutable */
	_Atomic(struct deletion *) deletion; /* NULL: its name stays; set at most once */
	_Atomic(struct filelocks *) locks; /* NULL: none was ever taken */
	/* Where a positioned transfer has left the position; -1: the kernel has it. It is told so only when the
	 * position is used, or when another handle or process is to share it (@alone is false from then on). */
	_Atomic int64_t position;
	atomic_bool alone;
	_Atomic uint64_t allowed;    /* writes up to here have passed the limit of file sizes */
	atomic_bool name_due;   /* the handle, or the one it was duplicated from, made the file, and no flush kept its name */
	_Atomic signed char regular; /* is it a regular file? 0: not known yet, else 1 or -1 */
	atomic_bool foreign;    /* the program may close the descriptor itself; then the identity tells */
	dev_t device;           /* these three once @foreign is set */
	ino_t inode;
	int mode;               /* of the description, F_GETFL */
};

/* Windows' generic bits as rights of files. */
uint32_t diskfile_expand(uint32_t access);
/* A handle on @fd, not entered; NULL: no memory. A reference of @deletion is taken over. */
struct diskfile *diskfile_new(int fd, uint32_t access, uint32_t flags, struct deletion *deletion);
/* handle_enter(), with the rights that the call needs: FM_E_ACCESS_DENIED if none of @any is granted. */
fm_status diskfile_enter(int number, uint32_t any, struct diskfile **ret_file);
void diskfile_leave(struct diskfile *file);
/* Enter, @work with @context, leave: for work that needs no more. */
typedef fm_status diskfile_work(struct diskfile *file, void *context);
fm_status diskfile_with(int number, uint32_t any, diskfile_work *work, void *context);
/* Tell the kernel the position. diskfile_share() also has it told at once from now on. */
void diskfile_settle(struct diskfile *file);
void diskfile_share(struct diskfile *file);
/* Only a regular file has a size, a position that others rely on, and locks. 1, 0, or -errno: not known. */
int diskfile_regular(struct diskfile *file);

/* The name by which the open file is known now, if it still is this file's: FM_E_FILE_DELETED. */
fm_status diskfile_name(int fd, char path[PATH_MAX], struct stat *ret_st);
/* diskfile_dispose.c: one handle less that shares file->deletion; the last one of a process that @removes. */
void diskfile_drop_deletion(struct diskfile *file, bool removes);
/* A deletion for one handle, of this process; NULL: no memory. */
struct deletion *diskfile_deletion_new(bool on_close);
/* diskfile_move.c: make the name of the open file durable, if it has one and its directory may be opened. Errors of
 * opening and of flushing. */
fm_status diskfile_sync_name(int fd);

/* diskfile_open.c: open the file at @path, found to be @expected, and mark it as going, until the descriptor
 * is closed; *ret_fd is -1 where there is nothing to mark. FM_E_SHARING_VIOLATION. */
fm_status diskfile_claim(const char *path, const struct stat *expected, int *ret_fd);

#endif
