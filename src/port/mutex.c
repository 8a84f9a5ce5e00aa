/* SPDX-License-Identifier: MIT */
/*
 * Mutexes over the kernel's robust lists.
 *
 * The lock word is what the kernel says it is: the owner's thread id, FUTEX_WAITERS, FUTEX_OWNER_DIED.
 * libc keeps one list for each thread; a mutex that is owned stands in it beside libc's own, in the same
 * form: a pointer to the next, and before that one to the previous node's pointer. The node lies in a page
 * of this process behind the shared one, so that no other process can make us follow an address.
 */
#include "mutex.h"

#include <linux/futex.h>
#include <stdio.h>
#include <string.h>

#include "self.h"

#define FREE 0u
#define EXITING 0x4u /* PF_EXITING, in /proc's stat of a thread */
#define RECURSION_LIMIT 0x7fffffffu

/* What the kernel reads when the thread dies must be in memory in this order. */
#define IN_ORDER() __asm__ volatile("" ::: "memory")

static fm_status self_ready(void)
{
	return self()->list ? FM_OK : FM_E_NOT_SUPPORTED;
}

/* The node's pointer to the next one, at the distance from the lock word that libc told the kernel. */
static struct robust_list *node_of(const struct object *object)
{
	return (struct robust_list *)((char *)&object->page->lock - self_.list->futex_offset);
}

fm_status mutex_ready(enum name_kind kind)
{
	fm_status status = kind == NAME_MUTEX ? self_ready() : FM_OK;
	ptrdiff_t at;

	if (kind != NAME_MUTEX || status_failed(status))
		return status;
	at = (ptrdiff_t)offsetof(struct object_page, lock) - self_.list->futex_offset;
	return at >= (ptrdiff_t)(OS_PAGE + sizeof(void *)) && at <= (ptrdiff_t)(2 * OS_PAGE - sizeof(void *)) &&
			       at % (ptrdiff_t)sizeof(void *) == 0
		       ? FM_OK
		       : FM_E_NOT_SUPPORTED;
}

/* ---- the list ---- */

static struct robust_list **previous_of(struct robust_list *node)
{
	return (struct robust_list **)node - 1;
}

/* A pointer whose lowest bit says that it is a mutex of libc with priority inheritance. */
static struct robust_list *plain(struct robust_list *node)
{
	return (struct robust_list *)((uintptr_t)node & ~(uintptr_t)1);
}

static void announce(const struct object *object)
{
	self_.list->list_op_pending = node_of(object);
	IN_ORDER();
}

static void announce_nothing(void)
{
	IN_ORDER();
	self_.list->list_op_pending = NULL;
}

static void list_add(const struct object *object)
{
	struct robust_list *node = node_of(object), *first = self_.list->list.next;

	node->next = first;
	*previous_of(node) = &self_.list->list;
	IN_ORDER();
	if (plain(first) != &self_.list->list)
		*previous_of(plain(first)) = node;
	self_.list->list.next = node;
	IN_ORDER();
}

static void list_remove(const struct object *object)
{
	struct robust_list *node = node_of(object), *next = node->next, *previous = *previous_of(node);

	plain(previous)->next = next;
	IN_ORDER();
	if (plain(next) != &self_.list->list)
		*previous_of(plain(next)) = previous;
}

/* ---- the word ---- */

/* How many were asleep. */
static int wake(struct object *object)
{
	bool all = atomic_load_explicit(&object->page->crowded, memory_order_relaxed);

	return os.futex((uint32_t *)&object->page->lock, FUTEX_WAKE, all ? INT32_MAX : 1, NULL);
}

/* One that is on its way out is not: the kernel has seen to its mutexes, though its number is still taken.
 * @doubt: the answer when the system does not tell. */
static bool alive(uint32_t thread, bool doubt)
{
	char path[48], text[512];
	unsigned flags = 0;
	const char *at;
	ssize_t length;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%u/stat", thread); /* always fits */
	fd = os_open(AT_FDCWD, path, O_RDONLY, 0);
	length = fd < 0 ? fd : os.pread(fd, text, sizeof(text) - 1, 0);
	os_close(fd);
	if (length == -ENOENT || length == -ESRCH || length == 0)
		return false;
	if (length < 0)
		return doubt;
	text[length] = 0;
	at = strrchr(text, ')'); /* the name before it may contain anything */
	return at && sscanf(at, ") %*c %*d %*d %*d %*d %*d %u", &flags) == 1 && !(flags & EXITING);
}

/*
 * Taken: now it is ours in this process's memory too. A living thread of this process that has it, by that
 * memory, is proof that somebody wrote into the word: put right, or one node would be in two lists.
 */
static enum taken own(struct object *object, uint32_t value)
{
	uint32_t before = atomic_load_explicit(&object->owner, memory_order_relaxed);

	if (before && before != self_.id && alive(before, false)) {
		atomic_store_explicit(&object->page->lock, before | FUTEX_WAITERS, memory_order_relaxed);
		return TAKEN_NOT;
	}
	list_add(object);
	object->recursion = 1;
	atomic_store_explicit(&object->owner, self_.id, memory_order_relaxed);
	return value & FUTEX_OWNER_DIED ? TAKEN_ABANDONED : TAKEN;
}

static enum taken try_lock(struct object *object)
{
	uint32_t value = atomic_load_explicit(&object->page->lock, memory_order_relaxed), wanted;
	enum taken taken;

	if (value & FUTEX_TID_MASK)
		return TAKEN_NOT;
	announce(object);
	do {
		if (value & FUTEX_TID_MASK) {
			announce_nothing();
			return TAKEN_NOT;
		}
		wanted = self_.id | (value & FUTEX_WAITERS);
	} while (!atomic_compare_exchange_weak_explicit(&object->page->lock, &value, wanted, memory_order_acquire,
							memory_order_relaxed));
	taken = own(object, value);
	announce_nothing();
	return taken;
}

/* By this process's own memory, which nobody else can write. */
static bool is_mine(const struct object *object)
{
	return atomic_load_explicit(&object->owner, memory_order_relaxed) == self_.id;
}

/*
 * Let go of it; @left: what stays in the word beside FUTEX_WAITERS. That bit goes only when nobody is
 * asleep: else one who is woken, finds another quicker and is killed would leave the rest asleep for ever.
 */
static void unlock(struct object *object, uint32_t left)
{
	uint32_t value = atomic_load_explicit(&object->page->lock, memory_order_relaxed);

	if (self_.owned == object)
		self_.owned = NULL;
	object->recursion = 0;
	atomic_store_explicit(&object->owner, 0, memory_order_relaxed);
	announce(object);
	list_remove(object);
	IN_ORDER();
	while (!atomic_compare_exchange_weak_explicit(&object->page->lock, &value, left | (value & FUTEX_WAITERS),
						      memory_order_release, memory_order_relaxed))
		;
	if ((value & FUTEX_WAITERS) && wake(object) == 0) {
		value = left | FUTEX_WAITERS;
		(void)atomic_compare_exchange_strong(&object->page->lock, &value, left); /* else there is a new owner */
	}
	announce_nothing();
}

fm_status mutex_own(struct object *object)
{
	fm_status status = mutex_ready(NAME_MUTEX);

	if (!status_failed(status))
		(void)try_lock(object); /* nobody else knows it */
	return status;
}

void mutex_disown(struct object *object)
{
	if (!status_failed(self_ready()) && is_mine(object))
		unlock(object, FREE);
}

bool mutex_is_ours(const struct object *object)
{
	uint32_t owner = atomic_load_explicit(&object->owner, memory_order_relaxed);

	return object->kind == NAME_MUTEX && owner &&
	       atomic_load_explicit(&object->generation, memory_order_relaxed) == fm_internal_lock_generation() &&
	       alive(owner, true); /* in doubt it is kept: the kernel may have its address */
}

fm_status mutex_release(struct object *object)
{
	fm_status status = self_ready();

	if (status_failed(status))
		return status;
	if (!is_mine(object))
		return FM_E_MUTANT_NOT_OWNED;
	if (object->recursion > 1)
		object->recursion--;
	else
		unlock(object, FREE);
	return FM_OK;
}

/* ---- waiting ---- */

static void begin(struct wait_seat *seat)
{
	object_note(object_of(seat->handle));
}

static enum taken take(struct wait_seat *seat)
{
	struct object *object = object_of(seat->handle);
	enum taken taken;

	seat->error = self_ready();
	if (status_failed(seat->error))
		return TAKEN_REFUSED;
	if (is_mine(object)) {
		seat->error = FM_E_MUTANT_LIMIT_EXCEEDED;
		if (object->recursion >= RECURSION_LIMIT)
			return TAKEN_REFUSED;
		object->recursion++;
		return TAKEN;
	}
	taken = try_lock(object);
	if (taken == TAKEN_NOT && seat->queued)
		announce(object);
	else
		seat->queued = false;
	return taken;
}

static bool signaled(struct wait_seat *seat)
{
	struct object *object = object_of(seat->handle);
	uint32_t value = atomic_load_explicit(&object->page->lock, memory_order_relaxed);

	return !(value & FUTEX_TID_MASK) || status_failed(self_ready()) || is_mine(object);
}

static void give_back(struct wait_seat *seat, enum taken taken)
{
	struct object *object = object_of(seat->handle);

	if (object->recursion > 1)
		object->recursion--;
	else
		unlock(object, taken == TAKEN_ABANDONED ? FUTEX_OWNER_DIED : FREE);
}

/* Announced while asleep: who is woken and killed before it acts has the kernel wake another one. */
static bool point(struct wait_seat *seat, bool claim, struct wait_point *ret_point)
{
	struct object *object = object_of(seat->handle);
	uint32_t value = atomic_load_explicit(&object->page->lock, memory_order_relaxed);

	(void)claim; /* a mutex is nobody's until it is taken */
	if (seat->among)
		atomic_store(&object->page->crowded, 1);
	do {
		if (!(value & FUTEX_TID_MASK))
			return false;
		if (value & FUTEX_WAITERS)
			break;
	} while (!atomic_compare_exchange_weak(&object->page->lock, &value, value | FUTEX_WAITERS));
	seat->queued = true;
	announce(object);
	*ret_point = (struct wait_point){ .word = (uint32_t *)&object->page->lock, .fd = -1,
					  .expected = value | FUTEX_WAITERS };
	if (atomic_load_explicit(&object->page->crowded, memory_order_relaxed))
		ret_point->recheck_ns = 1000000000u; /* the kernel wakes one, and announces stand for one mutex */
	return true;
}

static void leave(struct wait_seat *seat)
{
	struct object *object = object_of(seat->handle);

	if (!seat->queued)
		return;
	seat->queued = false;
	if (!(atomic_load(&object->page->lock) & FUTEX_TID_MASK))
		(void)wake(object); /* the wake-up may have been ours */
	announce_nothing();
}

const struct waitable mutex_waitable = {
	.access = SYNCHRONIZE,
	.granted = object_granted,
	.begin = begin,
	.take = take,
	.signaled = signaled,
	.give_back = give_back,
	.point = point,
	.leave = leave,
};

/* ---- the calls ---- */

uint64_t mutex_handles(void)
{
	static const _Atomic(uint64_t) *_Atomic counter;
	const _Atomic(uint64_t) *known = atomic_load_explicit(&counter, memory_order_relaxed);

	if (!known) {
		known = fm_internal_handle_changes();
		atomic_store_explicit(&counter, known, memory_order_relaxed);
	}
	return atomic_load_explicit(known, memory_order_seq_cst);
}

void mutex_remember(HANDLE handle, struct object *object, uint64_t changes)
{
	self_.owned = object;
	self_.handle = handle;
	self_.changes = changes;
}

/* A mutex that is owned stays in memory, so the one remembered needs no look into the table. */
static bool release_remembered(HANDLE handle)
{
	struct self *me = self_.generation ? self() : &self_;
	struct object *object = me->owned;

	if (!object || me->handle != handle || me->changes != mutex_handles())
		return false;
	if (object->recursion > 1) {
		object->recursion--;
		return true;
	}
	unlock(object, FREE);
	return true;
}

BOOL WINAPI ReleaseMutex(HANDLE hMutex)
{
	struct object_handle *handle;
	fm_status status;

	if (release_remembered(hMutex))
		return TRUE;
	status = object_enter(hMutex, &mutex_kind, 0, &handle);
	if (status_failed(status))
		return finish(status);
	status = mutex_release(handle->object);
	object_leave(handle);
	return finish(status);
}

HANDLE mutex_create(LPSECURITY_ATTRIBUTES security, const char *name, DWORD flags, DWORD access)
{
	const struct object_call call = { .kind = NAME_MUTEX, .security = security, .name = name, .owned = flags,
					  .access = access };

	if (flags & ~(DWORD)CREATE_MUTEX_INITIAL_OWNER)
		return finish_pointer(FM_E_INVALID_PARAMETER, NULL);
	return object_create(&call);
}

HANDLE WINAPI CreateMutexA(LPSECURITY_ATTRIBUTES lpMutexAttributes, BOOL bInitialOwner, LPCSTR lpName)
{
	return CreateMutexExA(lpMutexAttributes, lpName, bInitialOwner ? CREATE_MUTEX_INITIAL_OWNER : 0,
			      MUTEX_ALL_ACCESS);
}

HANDLE WINAPI CreateMutexExA(LPSECURITY_ATTRIBUTES lpMutexAttributes, LPCSTR lpName, DWORD dwFlags,
			     DWORD dwDesiredAccess)
{
	return object_name_fits(lpName) ? mutex_create(lpMutexAttributes, lpName, dwFlags, dwDesiredAccess) : NULL;
}

HANDLE WINAPI OpenMutexA(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCSTR lpName)
{
	return object_name_fits(lpName) ? object_open(NAME_MUTEX, dwDesiredAccess, bInheritHandle, lpName) : NULL;
}
