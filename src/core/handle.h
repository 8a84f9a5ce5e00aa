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
#include <stdbool.h>
#include <stdint.h>

#include <filemap/status.h>

#include "grace.h"

struct handle;

/* What travels to another process: descriptors, and words of the kind's that say what they are. */
#define PARCEL_FDS 2
struct parcel {
	uint32_t words[12];
	int fds[PARCEL_FDS];
	uint32_t count; /* of descriptors in use */
};

struct handle_kind {
	const char *name;
	/* The last user left: give back all but the memory of the handle itself. */
	void (*close)(struct handle *handle);
	/* Take over descriptor @number; FM_E_OBJECT_TYPE_MISMATCH if it is not of this kind. May be NULL. */
	fm_status (*adopt)(int number, struct handle **ret_handle);
	/* The same with a descriptor fetched from another process. NULL: adopt. */
	fm_status (*take)(int number, struct handle **ret_handle);
	/* Free an adopted handle without closing what it took over: another thread's is in the table. */
	void (*forget)(struct handle *handle);

	/* What follows may be NULL: this kind cannot. */

	/* Another handle on the same object, not entered, its descriptor at *ret_number; @access: rights in
	 * the kind's terms, NULL: the same. FM_E_ACCESS_DENIED. */
	fm_status (*duplicate)(struct handle *source, const uint32_t *access, struct handle **ret_handle,
			       int *ret_number);
	/* Whether it survives exec under its number. NULL: its descriptor is all there is to it. */
	fm_status (*set_inheritable)(struct handle *handle, bool inheritable);
	/* Are both on one object? NULL: the open file description is the object. */
	bool (*same)(const struct handle *a, const struct handle *b);
	/* For another process: descriptors made for the journey, which the caller closes after sending. */
	fm_status (*pack)(struct handle *source, const uint32_t *access, struct parcel *ret_parcel);
	/* Make what came a handle whose descriptor is @number, which is free, not entered. All of it is
	 * hostile; the descriptors are taken over, or closed. */
	fm_status (*unpack)(const struct parcel *parcel, int number, struct handle **ret_handle);
	/* Did the program close the descriptor itself? Then the handle has let go of it when this returns. */
	bool (*lost)(struct handle *handle);
};

enum handle_flags {
	HANDLE_PROTECTED = 0x1, /* refuses to be closed */
	HANDLE_FORGOTTEN = 0x2, /* the program closed its descriptor, whose number is another's by now */
	HANDLE_CLOSED = 0x4,    /* no more to be found; whoever sets this leaves the table's user */
};

struct handle {
	struct retired retired;           /* first: a reader of the table may still look at it */
	_Atomic uint32_t users;           /* calls under way, plus one for being open */
	_Atomic uint32_t flags;           /* enum handle_flags */
	const struct handle_kind *kind;   /* immutable */
	int number;                       /* under which it is entered; immutable then */
};

/* Make a fresh handle's base. */
static inline void handle_init(struct handle *handle, const struct handle_kind *kind)
{
	handle->kind = kind;
	atomic_init(&handle->users, 1);
}

/* Memory for the number's place in the table; handle_publish() cannot fail then. FM_E_NO_MEMORY. */
fm_status handle_reserve(int number);

/* Enter an open handle under its number. FM_E_NO_MEMORY, and the handle is still the caller's. */
fm_status handle_publish(struct handle *handle, int number);

/*
 * handle_enter - use a handle by number; release with handle_leave()
 * @kind: what it must be, NULL: anything
 * FM_E_INVALID_HANDLE: not open; FM_E_OBJECT_TYPE_MISMATCH: open, but of another kind.
 */
fm_status handle_enter(int number, const struct handle_kind *kind, struct handle **ret_handle);
void handle_leave(struct handle *handle);

/*
 * handle_look - what is entered under a number, for a call that does not sleep: a reader's stay, not a user
 * NULL: nothing, or what must be looked at more closely; use handle_enter(). Else end with
 * grace_leave(*ret_token). The handle may be closed meanwhile; only its memory stays, and what its kind
 * retires (grace.h) instead of freeing it.
 */
struct handle *handle_look(int number, unsigned *ret_token);
/* How many numbers were taken out so far: while it stays, a number means what it meant. */
const _Atomic(uint64_t) *handle_changes(void);

/* The number is invalid at once, and its descriptor is closed when its last user leaves. FM_E_INVALID_HANDLE,
 * FM_E_OBJECT_TYPE_MISMATCH (open, but nothing we know), FM_E_HANDLE_NOT_CLOSABLE (protected). */
fm_status handle_close(int number);

/* Duplicate within this process and enter it; @access as handle_kind.duplicate. */
fm_status handle_duplicate(struct handle *source, const uint32_t *access, bool inheritable, int *ret_number);
fm_status handle_set_inheritable(struct handle *handle, bool inheritable);
fm_status handle_inheritable(const struct handle *handle, bool *ret_inheritable);
/* Are both on one object? */
bool handle_same(const struct handle *a, const struct handle *b);
/* Is it a file of the program's by where it lies? Then its contents are not looked at: a document may contain
 * what a name's file contains. */
bool handle_is_plain_file(int number);
/* What is an open descriptor that nobody has entered? @taken: fetched from another process. Not entered. */
fm_status handle_recognise(int number, bool taken, struct handle **ret_handle);
/* Close a handle that never was entered, its descriptors included. */
void handle_discard(struct handle *handle);
/* Kinds of a library above, added when it is loaded; at most EXTRA_KINDS, then NULL. */
#define EXTRA_KINDS 8
void handle_add_kinds(const struct handle_kind *const *more);
/* The kinds by their index; NULL beyond the last. The index of a kind, for a message to another process. */
const struct handle_kind *handle_kind_at(uint32_t index);
uint32_t handle_kind_index(const struct handle_kind *kind);

#endif
