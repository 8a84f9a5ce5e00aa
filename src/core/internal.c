/* SPDX-License-Identifier: MIT */
#include "internal.h"

#include "child.h"
#include "diskfile.h"
#include "mailbox.h"

void fm_internal_kinds(const struct handle_kind *const *kinds)
{
	handle_add_kinds(kinds);
}

const struct handle_kind *fm_internal_process_kind(void)
{
	return &process_kind;
}

const struct handle_kind *fm_internal_file_kind(void)
{
	return &file_kind;
}

fm_status fm_internal_handle_publish(struct handle *handle, int number)
{
	return handle_publish(handle, number);
}

fm_status fm_internal_handle_enter(int number, const struct handle_kind *kind, struct handle **ret_handle)
{
	return handle_enter(number, kind, ret_handle);
}

void fm_internal_handle_leave(struct handle *handle)
{
	handle_leave(handle);
}

struct handle *fm_internal_handle_look(int number, unsigned *ret_token)
{
	return handle_look(number, ret_token);
}

const _Atomic(uint64_t) *fm_internal_handle_changes(void)
{
	return handle_changes();
}

void fm_internal_grace_leave(unsigned token)
{
	grace_leave(token);
}

void fm_internal_grace_retire(struct retired *object, void (*release)(struct retired *self))
{
	grace_retire(object, release);
}

fm_status fm_internal_handle_close(int number)
{
	return handle_close(number);
}

fm_status fm_internal_handle_set_inheritable(struct handle *handle, bool inheritable)
{
	return handle_set_inheritable(handle, inheritable);
}

void fm_internal_handle_discard(struct handle *handle)
{
	handle_discard(handle);
}

void fm_internal_handles_ready(void)
{
	mailbox_ready();
}

fm_status fm_internal_child_add(pid_t pid)
{
	return child_add(pid);
}

bool fm_internal_child_open(pid_t pid)
{
	return child_open(pid);
}

void fm_internal_child_close(pid_t pid)
{
	child_close(pid);
}

void fm_internal_child_ending(pid_t pid, uint32_t code)
{
	child_ending(pid, code);
}

fm_status fm_internal_child_exit_code(int pidfd, pid_t pid, uint32_t *ret_code)
{
	return child_exit_code(pidfd, pid, ret_code);
}

fm_status fm_internal_peer_open(pid_t pid, uint32_t access, bool inheritable, int *ret_number)
{
	return peer_open(pid, access, inheritable, ret_number);
}

fm_status fm_internal_name_parse(const char *name, struct object_name *ret_name)
{
	return name_parse(name, ret_name);
}

char *fm_internal_name_full(const struct object_name *name)
{
	return name_full(name);
}

fm_status fm_internal_name_acquire(const struct name_request *request, int *ret_fd, struct name_facts *ret_facts)
{
	return name_acquire(request, ret_fd, ret_facts);
}

void fm_internal_name_release(const struct object_name *name, int fd)
{
	name_release(name, fd);
}

fm_status fm_internal_name_inspect(int fd, struct name_facts *ret_facts, char **ret_name)
{
	return name_inspect(fd, ret_facts, ret_name);
}

fm_status fm_internal_name_lock(int fd)
{
	return name_lock(fd);
}

fm_status fm_internal_status_of(enum operation operation, int error)
{
	return status_of(operation, error);
}

fm_status fm_internal_lock_ready(void)
{
	return lock_ready();
}

void fm_internal_lock_take(unsigned name)
{
	lock_take(name);
}

void fm_internal_lock_drop(unsigned name)
{
	lock_drop(name);
}

uint32_t fm_internal_lock_generation(void)
{
	return lock_generation();
}
