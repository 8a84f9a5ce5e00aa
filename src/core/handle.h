/* SPDX-License-Identifier: MIT */
/*
 * Numbers to handles: descriptor number -> what is open under it, for faces whose handles are numbers.
 *
 * A handle of any kind begins with a struct handle. The number is a descriptor, so that it survives fork,
 * and exec when inheritable; what is found under a number that nobody entered is recognised (adopted).
 */
#ifndef FM_CORE_HANDLE_H
#define FM_CORE_HANDLE_H

#include <stdatomic.h>
#include <stdint.h>

#include <filemap/status.h>

#include "grace.h"

struct handle;

struct handle_kind {
	const char *name;
	/* The last user left: give back all but the memory of the handle itself. */
	void (*close)(struct handle *handle);
	/* Take over descriptor @number; FM_E_OBJECT_TYPE_MISMATCH if it is not of this kind. May be NULL. */
	fm_status (*adopt)(int number, struct handle **ret_handle);
	/* Free an adopted handle without closing what it took over: another thread's is in the table. */
	void (*forget)(struct handle *handle);
};

enum handle_flags { HANDLE_PROTECTED = 0x1 /* refuses to be closed */ };

struct handle {
	struct retired retired;           /* first: a reader of the table may still look at it */
	_Atomic uint32_t users;           /* calls under way, plus one for being open */
	_Atomic uint32_t flags;           /* enum handle_flags */
	const struct handle_kind *kind;   /* immutable */
};

/* Make a fresh handle's base. */
static inline void handle_init(struct handle *handle, const struct handle_kind *kind)
{
	handle->kind = kind;
	atomic_init(&handle->users, 1);
}

/* Enter an open handle under its number. FM_E_NO_MEMORY, and the handle is still the caller's. */
fm_status handle_publish(struct handle *handle, int number);

/*
 * handle_enter - use a handle by number; release with handle_leave()
 * @kind: what it must be, NULL: anything
 * FM_E_INVALID_HANDLE: not open; FM_E_OBJECT_TYPE_MISMATCH: open, but of another kind.
 */
fm_status handle_enter(int number, const struct handle_kind *kind, struct handle **ret_handle);
void handle_leave(struct handle *handle);

/* Take the number out and close the handle when its last user leaves. FM_E_INVALID_HANDLE,
 * FM_E_OBJECT_TYPE_MISMATCH (open, but nothing we know), FM_E_HANDLE_NOT_CLOSABLE (protected). */
fm_status handle_close(int number);

#endif
