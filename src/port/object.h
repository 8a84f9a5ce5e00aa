/* SPDX-License-Identifier: MIT */
/*
 * Mutexes, events and semaphores as objects: a page of memory that all their users map, behind a
 * descriptor that is the handle. Named: an entry of the namespace; unnamed: a memfd.
 *
 * Whoever may write the page may write anything there. It is checked when it is mapped, what cannot change
 * is copied then, and no address is ever read from it.
 */
#ifndef FM_PORT_OBJECT_H
#define FM_PORT_OBJECT_H

#include <stdatomic.h>

#include "port.h"

#define OBJECT_SLOTS 64u

/* Who waits, by process: so that the dead can be told from the living. High half: process id, low: count. */
typedef _Atomic(uint64_t) object_slot;

struct object_page {
	char magic[8];
	uint32_t kind;                 /* enum name_kind */
	uint32_t manual;               /* event */
	uint32_t limit;                /* semaphore */
	_Atomic(uint32_t) shared;      /* not 0: more than one process has had it; tokens.c */
	_Atomic(uint32_t) crowded;     /* OBJECT_SLOTS did not suffice; mutex: is waited for among others */
	char pad[36];
	_Atomic(uint64_t) state;       /* tokens.c, event.c; the low half is what waiters sleep on */
	_Atomic(uint32_t) watchers;    /* waits for all; too high after a SIGKILL, which costs a wake-up */
	char pad2[52];
	object_slot slots[OBJECT_SLOTS];
	char pad3[4088 - 128 - 8 * OBJECT_SLOTS];
	_Atomic(uint32_t) lock;        /* mutex.c: here, so that the kernel's list node lies in the next page */
	uint32_t pad4;
};

_Static_assert(sizeof(struct object_page) == OS_PAGE, "the layout is a format");

/* What the kernel's list of a thread's mutexes is made of; in memory of this process alone. */
struct object_node {
	char room[64];
};

/* One object in this process, whatever the number of handles. LOCK_PORT guards what has no other note. */
struct object {
	struct retired retired;           /* first: a call may still be in it, see handle_look() */
	struct object *next;              /* of its bucket */
	dev_t device;                     /* immutable, as all down to @pages */
	ino_t inode;
	enum name_kind kind;
	bool manual, sealed;
	uint32_t limit;
	char *name;                       /* "Local\x"; NULL: unnamed */
	struct object_page *page;
	size_t pages;                     /* mapped: the page, and a mutex's node behind it */
	unsigned references;              /* handles; 0: kept for its owner's sake only */
	_Atomic(uint32_t) owner;          /* mutex: the thread of this process that has it; written by that */
	uint32_t recursion;               /* mutex: how often; the owner's */
	_Atomic(uint32_t) generation;     /* of the process that used it last, see object_enter() */
	_Atomic(uint32_t) slot;           /* index of this process's slot plus 1; 0: none yet */
};

struct object_handle {
	struct handle handle; /* first */
	struct object *object;
	uint32_t access;      /* immutable, as the descriptor */
	int fd;
};

extern const struct handle_kind mutex_kind, event_kind, semaphore_kind;

/* What a call that makes an object asks for, its text as UTF-8. */
struct object_call {
	enum name_kind kind;
	const SECURITY_ATTRIBUTES *security;
	const char *name;      /* NULL or "": unnamed */
	DWORD access;
	bool manual;           /* event */
	bool owned;            /* mutex */
	uint32_t count, limit; /* state and limit of an event (1) or semaphore */
};

/* Create*: the handle and last error 0 or 183, or NULL and the last error. Open*: NULL for @name is 87. */
HANDLE object_create(const struct object_call *call);
HANDLE object_open(enum name_kind kind, DWORD access, BOOL inherit, const char *name);
/* At most MAX_PATH characters, as the ANSI calls want it; else the last error is 206. */
bool object_name_fits(LPCSTR name);

/* Use a handle of @kind that grants @access. FM_E_ACCESS_DENIED, errors of enter(). */
fm_status object_enter(HANDLE handle, const struct handle_kind *kind, uint32_t access,
		       struct object_handle **ret_handle);
static inline void object_leave(struct object_handle *handle)
{
	fm_internal_handle_leave(&handle->handle);
}

static inline struct object *object_of(const struct handle *handle)
{
	return ((const struct object_handle *)handle)->object;
}

uint32_t object_granted(const struct handle *handle);

/* A process that meets an object for the first time, after a fork too, says that it is shared. */
void object_note(struct object *object);

/* ---- the objects of this process, object_table.c ---- */

/*
 * object_bind - the object behind a descriptor, with one more reference
 * @start: where in the file the page lies       @kind: what it must be; 0: any
 * @make: what to write into the page of a new one; NULL: there is one, to be checked
 * FM_E_OBJECT_CORRUPT, FM_E_OBJECT_TYPE_MISMATCH, errors of mapping.
 */
fm_status object_bind(int fd, uint64_t start, enum name_kind kind, const struct object_call *make,
		      struct object **ret_object);
void object_get(struct object *object);
void object_put(struct object *object);
/* Take over @name as the object's, unless it has one. NULL: it has none. */
void object_name_take(struct object *object, char *name);

#endif
