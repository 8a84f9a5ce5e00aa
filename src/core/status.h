/* SPDX-License-Identifier: MIT */
/* Where errno becomes a status: one place, told the operation. */
#ifndef FM_CORE_STATUS_H
#define FM_CORE_STATUS_H

#include <filemap/status.h>

enum operation {
	OP_OPEN_FILE,     /* open a file that the caller named */
	OP_OPEN_NAME,     /* open or make a namespace entry */
	OP_STORAGE_FILE,  /* size or storage of a file */
	OP_STORAGE_MEMORY,/* size or storage of memory: memfd or namespace file */
	OP_DESCRIPTOR,    /* dup, memfd_create, reopen of what is open */
	OP_MAP,           /* mmap, mprotect, mremap, munmap */
	OP_FLUSH,         /* write-back */
	OP_COPY,          /* guarded copies */
	OP_SOCKET,        /* send and receive */
	OP_TRANSFER,      /* read, write and seek of an open file */
};

/* @error is -errno (negative). Never FM_OK. */
fm_status status_of(enum operation operation, int error);

static inline int status_failed(fm_status status)
{
	return status < 0;
}

#endif
