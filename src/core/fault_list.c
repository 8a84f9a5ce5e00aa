/* SPDX-License-Identifier: MIT */
/* A list that a signal handler reads: each change makes a new array and retires the old one. */
#include <string.h>

#include "faulting.h"
#include "lock.h"
#include "os.h"

struct entry {
	fault_function *function;
	void *token;
};

struct fault_entries {
	struct retired retired;
	unsigned count;
	struct entry entry[];
};

static void release(struct retired *self)
{
	os_free(self);
}

static struct fault_entries *entries_new(unsigned count)
{
	struct fault_entries *entries = os_allocate(sizeof(*entries) + count * sizeof(struct entry));

	if (entries)
		entries->count = count;
	return entries;
}

/* What was replaced is retired without the lock: releasing what waits beside it may take any other. */
static void retire(struct fault_entries *old)
{
	if (old)
		grace_retire(&old->retired, release);
}

static void *add(struct fault_list *list, fault_function *function, bool first, struct fault_entries **ret_old)
{
	struct fault_entries *old = atomic_load_explicit(&list->entries, memory_order_relaxed), *fresh = NULL;
	unsigned count = old ? old->count : 0;
	void *token = os_allocate(1); /* an address of its own */

	if (count < FAULT_LIST_MOST && token)
		fresh = entries_new(count + 1);
	if (!fresh) {
		os_free(token);
		return NULL;
	}
	if (count)
		memcpy(fresh->entry + first, old->entry, count * sizeof(struct entry));
	fresh->entry[first ? 0 : count] = (struct entry){ function, token };
	atomic_store_explicit(&list->entries, fresh, memory_order_release);
	*ret_old = old;
	return token;
}

void *fault_list_add(struct fault_list *list, fault_function *function, bool first)
{
	struct fault_entries *old = NULL;
	void *token;

	{
		LOCK_SCOPE(LOCK_FAULT);
		token = add(list, function, first, &old);
	}
	retire(old);
	return token;
}

/* Without memory for a shorter array the entry stays, as one that is passed by. */
static void cut(struct fault_list *list, struct fault_entries *old, unsigned at, struct fault_entries **ret_old)
{
	struct fault_entries *fresh = entries_new(old->count - 1);
	void *token = old->entry[at].token;

	if (!fresh) {
		__atomic_store_n(&old->entry[at].function, NULL, __ATOMIC_RELEASE);
		__atomic_store_n(&old->entry[at].token, NULL, __ATOMIC_RELEASE);
	} else {
		memcpy(fresh->entry, old->entry, at * sizeof(struct entry));
		memcpy(fresh->entry + at, old->entry + at + 1, (old->count - 1 - at) * sizeof(struct entry));
		atomic_store_explicit(&list->entries, fresh, memory_order_release);
		*ret_old = old;
	}
	os_free(token);
}

bool fault_list_remove(struct fault_list *list, const void *token)
{
	struct fault_entries *old = NULL;
	bool found = false;

	{
		LOCK_SCOPE(LOCK_FAULT);
		struct fault_entries *now = atomic_load_explicit(&list->entries, memory_order_relaxed);

		for (unsigned i = 0; now && token && !found && i < now->count; i++) {
			found = now->entry[i].token == token;
			if (found)
				cut(list, now, i, &old);
		}
	}
	retire(old);
	return found;
}

unsigned fault_list_copy(struct fault_list *list, fault_function *functions[FAULT_LIST_MOST])
{
	unsigned token = grace_enter(), count = 0;
	struct fault_entries *entries = atomic_load_explicit(&list->entries, memory_order_acquire);

	for (unsigned i = 0; entries && i < entries->count; i++) {
		fault_function *function = __atomic_load_n(&entries->entry[i].function, __ATOMIC_ACQUIRE);

		if (function)
			functions[count++] = function;
	}
	grace_leave(token);
	return count;
}
