/* SPDX-License-Identifier: MIT */
/* CreateThread and what it takes: detached POSIX threads, whose handles are descriptors. */
#include "thread.h"

#include <linux/futex.h>
#include <errno.h>
#include <sys/eventfd.h>

#include "local.h"
#include "object.h"
#include "self.h"

#include <process.h>

#define STACK_LEAST (64u << 10)

static _Thread_local struct thread *current;

/* ---- handles ---- */

static void close_thread(struct handle *base)
{
	struct thread_handle *handle = (struct thread_handle *)base;

	os_close(handle->fd);
	if (handle->thread)
		thread_put(handle->thread);
	if (handle->child)
		fm_internal_child_close(handle->pid);
}

static void forget_thread(struct handle *base)
{
	os_free(base);
}

/* A handle on @thread, or on a process's first one. Takes over @fd; takes one reference more. */
static struct thread_handle *new_handle(struct thread *thread, pid_t pid, uint32_t access, int fd)
{
	struct thread_handle *handle = os_allocate(sizeof(*handle));

	if (!handle) {
		os_close(fd);
		return NULL;
	}
	handle_init(&handle->handle, &thread_kind);
	handle->thread = thread;
	handle->pid = pid;
	handle->access = access;
	handle->fd = fd;
	if (thread)
		thread_get(thread);
	else
		handle->child = fm_internal_child_open(pid);
	return handle;
}

static fm_status duplicate_thread(struct handle *source, const uint32_t *access, struct handle **ret_handle,
				  int *ret_number)
{
	const struct thread_handle *from = (const struct thread_handle *)source;
	int fd = os.dupfd(from->fd, 0);
	struct thread_handle *copy;

	if (fd < 0)
		return fm_internal_status_of(OP_DESCRIPTOR, fd);
	copy = new_handle(from->thread, from->pid, access ? *access : from->access, fd);
	if (!copy)
		return FM_E_NO_MEMORY;
	*ret_handle = &copy->handle;
	*ret_number = fd;
	return FM_OK;
}

static bool same_thread(const struct handle *a, const struct handle *b)
{
	const struct thread_handle *first = (const struct thread_handle *)a, *second = (const struct thread_handle *)b;

	return first->thread == second->thread && first->pid == second->pid;
}

const struct handle_kind thread_kind = {
	.name = "thread",
	.close = close_thread,
	.forget = forget_thread,
	.duplicate = duplicate_thread,
	.same = same_thread,
};

/* Enter a fresh handle. On failure it is closed. */
static fm_status publish(struct thread_handle *handle, bool inheritable, int *ret_number)
{
	fm_status status = FM_OK;

	if (inheritable && os.setfd(handle->fd, 0) < 0)
		status = FM_E_INVALID_HANDLE;
	if (!status_failed(status))
		status = fm_internal_handle_publish(&handle->handle, handle->fd);
	if (status_failed(status))
		fm_internal_handle_discard(&handle->handle);
	else
		*ret_number = handle->fd;
	return status;
}

fm_status thread_of_process(int pidfd, pid_t pid, bool inheritable, int *ret_number)
{
	struct thread_handle *handle = new_handle(NULL, pid, THREAD_ALL_ACCESS, pidfd);

	return handle ? publish(handle, inheritable, ret_number) : FM_E_NO_MEMORY;
}

/* ---- running ---- */

static void *run(void *memory)
{
	struct thread *thread = memory;

	thread_live(thread);
	current = thread;
	atomic_store_explicit(&thread->id, (uint32_t)os_tid(), memory_order_release);
	local_wake(&thread->id, 1);
	while (atomic_load_explicit(&thread->suspended, memory_order_acquire))
		(void)local_sleep(&thread->suspended, 1, UINT64_MAX); /* looked at again */
	atomic_store_explicit(&thread->exit_code, thread->start(thread->argument), memory_order_release);
	return NULL;
}

/* What to ask pthread for; the greater of @size and the usual, or @size alone. */
static int set_stack(pthread_attr_t *attributes, size_t size, bool exact)
{
	size_t usual = 0;
	int error = pthread_attr_getstacksize(attributes, &usual);

	if (error || size == 0 || (!exact && size <= usual))
		return error;
	if (size < STACK_LEAST)
		size = STACK_LEAST;
	if (size > SIZE_MAX - OS_PAGE)
		return ENOMEM;
	return pthread_attr_setstacksize(attributes, (size + OS_PAGE - 1) & ~(size_t)(OS_PAGE - 1));
}

static int start(struct thread *thread, size_t stack, bool exact)
{
	pthread_attr_t attributes;
	pthread_t made;
	int error = pthread_attr_init(&attributes);

	if (error)
		return error;
	error = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	if (!error)
		error = set_stack(&attributes, stack, exact);
	if (!error)
		error = pthread_create(&made, &attributes, run, thread);
	(void)pthread_attr_destroy(&attributes); /* initialised: cannot fail */
	while (!error && !atomic_load_explicit(&thread->id, memory_order_acquire))
		(void)local_sleep(&thread->id, 0, UINT64_MAX); /* looked at again */
	return error;
}

/* The handle first, since a thread cannot be taken back. It is closed if the thread cannot be started. */
static fm_status create(struct thread *thread, size_t stack, bool exact, bool inheritable, int *ret_number)
{
	int fd = os.eventfd(0, EFD_CLOEXEC), number = -1;
	struct thread_handle *handle;
	fm_status status;

	if (fd < 0)
		return fm_internal_status_of(OP_DESCRIPTOR, fd);
	handle = new_handle(thread, 0, THREAD_ALL_ACCESS, fd);
	if (!handle)
		return FM_E_NO_MEMORY;
	status = publish(handle, inheritable, &number);
	if (status_failed(status))
		return status;
	if (start(thread, stack, exact)) {
		atomic_store(&thread->id, UINT32_MAX); /* dead, as its mutex is free */
		(void)fm_internal_handle_close(number); /* nobody knows it */
		return FM_E_NO_MEMORY;
	}
	*ret_number = number;
	return FM_OK;
}

HANDLE WINAPI CreateThread(LPSECURITY_ATTRIBUTES lpThreadAttributes, SIZE_T dwStackSize,
			   LPTHREAD_START_ROUTINE lpStartAddress, LPVOID lpParameter, DWORD dwCreationFlags,
			   LPDWORD lpThreadId)
{
	const DWORD known = CREATE_SUSPENDED | STACK_SIZE_PARAM_IS_A_RESERVATION;
	fm_status status = dwCreationFlags & ~known ? FM_E_INVALID_PARAMETER : fm_internal_lock_ready();
	struct thread *thread;
	int number = -1;

	if (!finish(status))
		return NULL;
	thread = thread_new();
	if (!thread)
		return finish_pointer(FM_E_NO_MEMORY, NULL);
	thread->start = lpStartAddress;
	thread->argument = lpParameter;
	atomic_store(&thread->suspended, dwCreationFlags & CREATE_SUSPENDED ? 1 : 0);
	status = create(thread, dwStackSize, dwCreationFlags & STACK_SIZE_PARAM_IS_A_RESERVATION,
			lpThreadAttributes && lpThreadAttributes->bInheritHandle, &number);
	if (!status_failed(status) && lpThreadId)
		*lpThreadId = atomic_load(&thread->id);
	thread_put(thread);
	return finish_pointer(status, handle_of(number));
}

VOID WINAPI ExitThread(DWORD dwExitCode)
{
	if (current)
		atomic_store_explicit(&current->exit_code, dwExitCode, memory_order_release);
	pthread_exit(NULL);
}

/* ---- the C library's ---- */

uintptr_t __cdecl _beginthreadex(void *security, unsigned stack_size, _beginthreadex_proc_type start_address,
				 void *argument, unsigned flags, unsigned *ret_id)
{
	HANDLE handle = start_address ? CreateThread(security, stack_size, start_address, argument, flags, ret_id) : NULL;

	if (!handle)
		errno = !start_address || GetLastError() == ERROR_INVALID_PARAMETER ? EINVAL : EAGAIN;
	return (uintptr_t)handle;
}

void __cdecl _endthreadex(unsigned exit_code)
{
	ExitThread(exit_code);
}
