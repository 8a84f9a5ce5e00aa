/* SPDX-License-Identifier: MIT */
/* Mutexes: owned by a thread; the kernel frees those of the dead, through the list that libc keeps for it. */
#ifndef FM_PORT_MUTEX_H
#define FM_PORT_MUTEX_H

#include "object.h"
#include "waitable.h"

extern const struct waitable mutex_waitable;

/* Can mutexes work here? FM_E_NOT_SUPPORTED: no robust list, or one of another make. FM_OK for other kinds. */
fm_status mutex_ready(enum name_kind kind);

/* Take a new mutex that nobody else can see; and undo that. Errors of mutex_ready(). */
fm_status mutex_own(struct object *object);
void mutex_disown(struct object *object);

/* Does a thread of this process have it, so that its node is in that thread's list? False for other kinds. */
bool mutex_is_ours(const struct object *object);

/* This thread has just taken @object through @handle, which was looked up after mutex_handles() said @changes:
 * so releasing it needs no look. */
void mutex_remember(HANDLE handle, struct object *object, uint64_t changes);
uint64_t mutex_handles(void);

/* CreateMutexEx, for either width of text. */
HANDLE mutex_create(LPSECURITY_ATTRIBUTES security, const char *name, DWORD flags, DWORD access);

/* FM_E_MUTANT_NOT_OWNED. */
fm_status mutex_release(struct object *object);

#endif
