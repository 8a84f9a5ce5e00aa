/* SPDX-License-Identifier: MIT */
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "lock.h"
#include "names.h"
#include "os.h"
#include "section.h"
#include "status.h"

static struct peer *peer_new(int fd, pid_t pid, uint32_t access)
{
	struct peer *peer = os_allocate(sizeof(*peer));

	if (!peer)
		return NULL;
	handle_init(&peer->handle, &process_kind);
	peer->pid = pid;
	peer->access = access;
	peer->fd = fd;
	peer->child = child_open(pid);
	return peer;
}

static void close_peer(struct handle *base)
{
	struct peer *peer = (struct peer *)base;

	os_close(peer->fd);
	if (peer->child)
		child_close(peer->pid);
}

static void forget_peer(struct handle *base)
{
	struct peer *peer = (struct peer *)base;

	if (peer->child)
		child_close(peer->pid);
	os_free(base);
}

/* Whose pidfd is @fd? FM_E_OBJECT_TYPE_MISMATCH: it is none. */
static fm_status pid_of(int fd, pid_t *ret_pid)
{
	char path[40], text[512];
	const char *at;
	ssize_t length = os_fd_link(fd, text, sizeof(text));
	int info;

	if (length < 0)
		return FM_E_INVALID_HANDLE;
	if (strncmp(text, "anon_inode:[pidfd]", 18) != 0 && strncmp(text, "pidfd:[", 7) != 0)
		return FM_E_OBJECT_TYPE_MISMATCH;
	(void)snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd); /* always fits */
	info = os_open(AT_FDCWD, path, O_RDONLY, 0);
	length = info < 0 ? info : os.pread(info, text, sizeof(text) - 1, 0);
	os_close(info);
	if (length < 0)
		return status_of(OP_DESCRIPTOR, (int)length);
	text[length] = 0;
	at = strstr(text, "\nPid:");
	*ret_pid = at ? (pid_t)strtol(at + 5, NULL, 10) : -1;
	return FM_OK;
}

static fm_status adopt_peer(int number, struct handle **ret_handle)
{
	struct peer *peer;
	pid_t pid;
	fm_status status = pid_of(number, &pid);

	if (status_failed(status))
		return status;
	peer = peer_new(number, pid, PEER_ALL);
	if (!peer)
		return FM_E_NO_MEMORY;
	*ret_handle = &peer->handle;
	return FM_OK;
}

static fm_status duplicate_peer(struct handle *source, const uint32_t *access, struct handle **ret_handle, int *ret_number)
{
	const struct peer *from = (const struct peer *)source;
	int fd = os.dupfd(from->fd, 0);
	struct peer *copy;

	if (fd < 0)
		return status_of(OP_DESCRIPTOR, fd);
	copy = peer_new(fd, from->pid, access ? *access : from->access);
	if (!copy) {
		os_close(fd);
		return FM_E_NO_MEMORY;
	}
	*ret_handle = &copy->handle;
	*ret_number = fd;
	return FM_OK;
}

/* A process that runs has its number for itself; of those that ended none is another. */
static bool same_peer(const struct handle *a, const struct handle *b)
{
	const struct peer *first = (const struct peer *)a, *second = (const struct peer *)b;

	return first->pid > 0 && first->pid == second->pid; /* of the dead that were handed on, nothing is known */
}

static fm_status pack_peer(struct handle *source, const uint32_t *access, struct parcel *ret_parcel)
{
	const struct peer *from = (const struct peer *)source;
	int fd = os.dupfd(from->fd, 0);

	if (fd < 0)
		return status_of(OP_DESCRIPTOR, fd);
	*ret_parcel = (struct parcel){ .words = { access ? *access : from->access }, .fds = { fd }, .count = 1 };
	return FM_OK;
}

static fm_status unpack_peer(const struct parcel *parcel, int number, struct handle **ret_handle)
{
	int fd = parcel->count ? os.dupfd(parcel->fds[0], number) : -EBADF;
	fm_status status = fd == number ? adopt_peer(fd, ret_handle) : FM_E_INVALID_HANDLE;

	for (uint32_t i = 0; i < parcel->count; i++)
		os_close(parcel->fds[i]);
	if (status_failed(status))
		os_close(fd);
	else
		((struct peer *)*ret_handle)->access = parcel->words[0];
	return status;
}

const struct handle_kind process_kind = {
	.name = "process",
	.close = close_peer,
	.adopt = adopt_peer,
	.forget = forget_peer,
	.duplicate = duplicate_peer,
	.same = same_peer,
	.pack = pack_peer,
	.unpack = unpack_peer,
};

fm_status peer_running(const struct peer *peer)
{
	struct pollfd end = { .fd = peer->fd, .events = POLLIN };

	return OS_RETRY(os.poll(&end, 1, 0)) == 0 ? FM_OK : FM_E_PROCESS_IS_TERMINATING;
}

static fm_status check_new(const struct peer *peer)
{
	int error;

	if (status_failed(peer_running(peer)))
		return FM_E_INVALID_PARAMETER; /* nobody had it open: as if it never was */
	error = os.pidfd_send_signal(peer->fd, 0);
	return error < 0 ? FM_E_ACCESS_DENIED : FM_OK;
}

fm_status peer_open(pid_t pid, uint32_t access, bool inheritable, int *ret_number)
{
	struct peer *peer;
	fm_status status = pid <= 0 ? FM_E_INVALID_PARAMETER : lock_ready();
	int fd;

	if (status_failed(status))
		return status;
	fd = os.pidfd_open(pid);
	if (fd < 0)
		return fd == -ESRCH || fd == -EINVAL ? FM_E_INVALID_PARAMETER : status_of(OP_DESCRIPTOR, fd);
	peer = peer_new(fd, pid, access);
	if (!peer) {
		os_close(fd);
		return FM_E_NO_MEMORY;
	}
	if (!peer->child)
		status = check_new(peer);
	if (!status_failed(status) && inheritable && os.setfd(fd, 0) < 0)
		status = FM_E_INVALID_HANDLE;
	if (!status_failed(status))
		status = handle_publish(&peer->handle, fd);
	if (status_failed(status))
		handle_discard(&peer->handle);
	else
		*ret_number = fd;
	return status;
}

/* ---- taking from another process ---- */

/* The open mode of @number there, or -errno. */
static int mode_there(const struct peer *peer, int number)
{
	char path[48], text[128];
	const char *at;
	ssize_t length;
	int info;

	(void)snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", peer->pid, number); /* always fits */
	info = os_open(AT_FDCWD, path, O_RDONLY, 0);
	if (info < 0)
		return info == -ENOENT ? -EBADF : info;
	length = os.pread(info, text, sizeof(text) - 1, 0);
	os_close(info);
	if (length < 0)
		return (int)length;
	text[length] = 0;
	at = strstr(text, "\nflags:");
	return at ? (int)(strtol(at + 7, NULL, 8) & O_ACCMODE) : -EIO;
}

/* Where the kernel keeps processes of one user from tracing each other (Yama): a second description of
 * the same file, which reading their /proc allows. The lock of a name does not come with it. */
static int reopen_there(const struct peer *peer, int number)
{
	char path[48];
	int mode = mode_there(peer, number), fd;

	if (mode < 0)
		return mode;
	(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", peer->pid, number); /* always fits */
	fd = os_open(AT_FDCWD, path, mode | O_NOCTTY | O_NONBLOCK, 0);
	if (fd >= 0 && status_failed(peer_running(peer))) { /* the number may have been another's by then */
		os_close(fd);
		return -ESRCH;
	}
	return fd;
}

static int fetch(void *context, int number)
{
	const struct peer *peer = context;
	int fd = os.pidfd_getfd(peer->fd, number);

	return fd == -EPERM || fd == -ENOSYS ? reopen_there(peer, number) : fd;
}

/* A second description of a name's file holds the name only with a lock of its own; one more on the
 * shared description changes nothing. */
static fm_status hold_name(const struct fm_section *section)
{
	return section->section->named ? name_lock(section->fd) : FM_OK;
}

static fm_status take_section(struct peer *peer, int fd, struct handle **ret_handle, int *ret_number)
{
	struct fm_section *section;
	fm_status status = section_take(fd, fetch, peer, &section);

	if (!status_failed(status)) {
		status = hold_name(section);
		if (status_failed(status))
			section_close(section);
	}
	if (status_failed(status))
		return status;
	*ret_handle = &section->handle;
	*ret_number = section->fd;
	return FM_OK;
}

/* What is recognised is taken over; @fd itself stays. */
static fm_status take_duplicate(struct peer *peer, int fd, struct handle **ret_handle, int *ret_number)
{
	int copy = os.dupfd(fd, 0);

	return copy < 0 ? status_of(OP_DESCRIPTOR, copy) : take_section(peer, copy, ret_handle, ret_number);
}

fm_status peer_take(struct peer *peer, int number, struct handle **ret_handle, int *ret_number)
{
	fm_status status = peer->access & PEER_DUPLICATE_HANDLE ? peer_running(peer) : FM_E_ACCESS_DENIED;
	int fd;

	if (!status_failed(status) && number < 0)
		status = FM_E_INVALID_HANDLE;
	if (status_failed(status))
		return status;
	fd = fetch(peer, number);
	if (fd < 0)
		return fd == -ESRCH ? FM_E_PROCESS_IS_TERMINATING : status_of(OP_DESCRIPTOR, fd);
	status = handle_is_plain_file(fd) ? FM_E_OBJECT_TYPE_MISMATCH : take_duplicate(peer, fd, ret_handle, ret_number);
	if (status == FM_E_OBJECT_TYPE_MISMATCH) {
		status = handle_recognise(fd, true, ret_handle);
		if (!status_failed(status)) {
			*ret_number = fd;
			return status;
		}
	}
	os_close(fd);
	return status;
}
