/* SPDX-License-Identifier: MIT */
#include "mailbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "lock.h"
#include "os.h"
#include "status.h"

#define MAIL_MAGIC 0x314d4d46u /* "FMM1" */

enum {
	BACKLOG = 4096,
	FIRST_NUMBER = 512,   /* promised numbers lie above what programs have open as a rule */
	LAST_NUMBER = 1 << 20,/* the handle table's end */
	PATIENCE = 100,       /* milliseconds between a sender's connect() and its message */
};

struct mail {
	uint32_t magic;
	uint32_t kind;
	int32_t number;
	uint32_t inheritable;
	struct parcel parcel;
};

#define MAIL_FDS (PARCEL_FDS + 1) /* the last is the claim on the number */
_Static_assert(MAIL_FDS <= OS_SEND_FDS, "one message takes them");

union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(MAIL_FDS * sizeof(int))];
};

static atomic_int listener = -1;
static _Atomic uint64_t listener_inode; /* of it: the host may have closed it and reused its number */

/* ---- addresses ---- */

/* When the process started, in ticks since boot: tells it from a later one of the same number. */
static uint64_t start_of(pid_t pid)
{
	char path[32], text[1024];
	char *at;
	ssize_t length;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", pid); /* always fits */
	fd = os_open(AT_FDCWD, path, O_RDONLY, 0);
	length = fd < 0 ? fd : os.pread(fd, text, sizeof(text) - 1, 0);
	os_close(fd);
	text[length < 0 ? 0 : length] = 0;
	at = strrchr(text, ')'); /* the command before it may contain anything */
	for (unsigned field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at, NULL, 10) : 0;
}

/* An abstract address, which vanishes with its socket. @number: the claim on a number, -1: the mailbox. */
static socklen_t address_of(pid_t pid, uint64_t start, int number, struct sockaddr_un *address)
{
	int length;

	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	length = snprintf(address->sun_path + 1, sizeof(address->sun_path) - 1, "filemap-%d-%llu", pid,
			  (unsigned long long)start);
	if (number >= 0)
		length += snprintf(address->sun_path + 1 + length, sizeof(address->sun_path) - 1 - (size_t)length, "-%d",
				   number);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
}

static int bound_socket(int type, pid_t pid, uint64_t start, int number)
{
	struct sockaddr_un address;
	socklen_t length = address_of(pid, start, number, &address);
	int fd = os.socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK), error;

	if (fd < 0)
		return fd;
	error = os.bind(fd, (struct sockaddr *)&address, length);
	if (error < 0) {
		os_close(fd);
		return error;
	}
	return fd;
}

/* ---- receiving ---- */

static bool is_listener(int fd)
{
	struct stat st;

	return fd >= 0 && os.fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode) && st.st_ino == listener_inode;
}

static bool listen_anew(void)
{
	int inherited = atomic_exchange(&listener, -1), fd;
	pid_t self = os_pid();
	struct stat st;

	if (is_listener(inherited))
		os_close(inherited); /* the parent's: it has its own descriptor of it */
	fd = bound_socket(SOCK_SEQPACKET, self, start_of(self), -1);
	if (fd < 0)
		return false;
	if (os.listen(fd, BACKLOG) < 0 || os.fstat(fd, &st) < 0) {
		os_close(fd);
		return false;
	}
	atomic_store(&listener_inode, st.st_ino);
	atomic_store(&listener, fd);
	return true;
}

void mailbox_ready(void)
{
	_Atomic(uint32_t) *made;
	uint32_t expected = 0;

	if (status_failed(lock_ready()))
		return;
	made = lock_fork_word();
	if (atomic_load_explicit(made, memory_order_relaxed) == 0 && atomic_compare_exchange_strong(made, &expected, 1) &&
	    !listen_anew())
		atomic_store(made, 0); /* the next call tries again */
}

/* Every descriptor that came is the caller's, the claim too. */
static bool receive(int connection, struct mail *mail, int fds[MAIL_FDS], uint32_t *ret_count)
{
	union control control;
	struct iovec data = { mail, sizeof(*mail) };
	struct msghdr header = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control,
				 .msg_controllen = CMSG_LEN(MAIL_FDS * sizeof(int)) }; /* the padding has room for one more */
	struct pollfd arrival = { .fd = connection, .events = POLLIN };
	ssize_t got;

	*ret_count = 0;
	(void)OS_RETRY(os.poll(&arrival, 1, PATIENCE)); /* what has not come by then is taken for lost */
	got = OS_RETRY(os.recvmsg(connection, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT));
	if (got < 0)
		return false;
	for (struct cmsghdr *part = CMSG_FIRSTHDR(&header); part; part = CMSG_NXTHDR(&header, part))
		if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS) {
			size_t size = part->cmsg_len - CMSG_LEN(0);

			memcpy(fds + *ret_count, CMSG_DATA(part), size); /* the buffer holds no more in all */
			*ret_count += (uint32_t)(size / sizeof(int));
		}
	return got == (ssize_t)sizeof(*mail) && !(header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) &&
	       mail->magic == MAIL_MAGIC && mail->parcel.count <= PARCEL_FDS && mail->parcel.count + 1 == *ret_count;
}

static bool trusted(int connection)
{
	struct ucred sender;
	socklen_t size = sizeof(sender);

	return os.getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &sender, &size) >= 0 &&
	       (sender.uid == os_uid() || sender.uid == 0);
}

static bool number_free(int number)
{
	return number >= 0 && number < LAST_NUMBER && os.getfd(number) == -EBADF;
}

static void enter_mail(const struct mail *mail)
{
	const struct handle_kind *kind = handle_kind_at(mail->kind);
	struct handle *handle;
	fm_status status = FM_E_NOT_SUPPORTED;

	if (kind && kind->unpack && number_free(mail->number)) {
		status = kind->unpack(&mail->parcel, mail->number, &handle);
	} else {
		for (uint32_t i = 0; i < mail->parcel.count; i++)
			os_close(mail->parcel.fds[i]);
	}
	if (status_failed(status))
		return; /* the promise cannot be kept: the number stays invalid */
	handle->number = mail->number;
	if (mail->inheritable)
		status = handle_set_inheritable(handle, true);
	if (!status_failed(status))
		status = handle_publish(handle, mail->number);
	if (status_failed(status))
		handle_discard(handle);
}

static void open_mail(int connection)
{
	struct mail mail;
	int fds[MAIL_FDS];
	uint32_t count = 0;
	bool whole = trusted(connection) && receive(connection, &mail, fds, &count);

	if (whole) {
		memcpy(mail.parcel.fds, fds, mail.parcel.count * sizeof(int));
		enter_mail(&mail);
		os_close(fds[count - 1]);
	} else {
		for (uint32_t i = 0; i < count; i++)
			os_close(fds[i]);
	}
}

void mailbox_collect(void)
{
	int fd;

	if (status_failed(lock_ready()) || atomic_load_explicit(lock_fork_word(), memory_order_relaxed) == 0)
		return;
	LOCK_SCOPE(LOCK_MAILBOX); /* who comes second finds what the first has taken in */
	fd = atomic_load(&listener);
	if (!is_listener(fd))
		return;
	for (;;) {
		int connection = OS_RETRY(os.accept4(fd, SOCK_CLOEXEC | SOCK_NONBLOCK));

		if (connection < 0)
			return;
		open_mail(connection);
		os_close(connection);
	}
}

/* ---- sending ---- */

static fm_status connect_to(const struct peer *peer, uint64_t start, int *ret_fd)
{
	struct sockaddr_un address;
	socklen_t length = address_of(peer->pid, start, -1, &address);
	struct ucred listening;
	socklen_t size = sizeof(listening);
	int fd = os.socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK), error;

	if (fd < 0)
		return status_of(OP_SOCKET, fd);
	error = OS_RETRY(os.connect(fd, (struct sockaddr *)&address, length));
	if (error >= 0)
		error = os.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &listening, &size);
	if (error >= 0 && listening.pid == peer->pid) {
		*ret_fd = fd;
		return FM_OK;
	}
	os_close(fd);
	return error == -EAGAIN ? FM_E_INSUFFICIENT_RESOURCES : FM_E_ACCESS_DENIED; /* nobody, or not the process itself */
}

static bool open_there(pid_t pid, int number)
{
	char path[48], nowhere[1];

	(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, number); /* always fits */
	return os.readlinkat(AT_FDCWD, path, nowhere, sizeof(nowhere)) != -ENOENT;
}

/*
 * The claim on @number, -EEXIST if it is taken. The receiver opens a number before it gives up the claim
 * that came with it, so one that is not open once we hold the claim is nobody's.
 */
static int try_claim(const struct peer *peer, uint64_t start, int number)
{
	int claim;

	if (open_there(peer->pid, number))
		return -EEXIST;
	claim = bound_socket(SOCK_DGRAM, peer->pid, start, number);
	if (claim == -EADDRINUSE)
		return -EEXIST;
	if (claim >= 0 && open_there(peer->pid, number)) {
		os_close(claim);
		return -EEXIST;
	}
	return claim;
}

/* A number free over there, and a socket that is the claim on it. */
static fm_status claim_number(const struct peer *peer, uint64_t start, int *ret_number, int *ret_claim)
{
	struct rlimit limit;
	int error = os.prlimit(peer->pid, RLIMIT_NOFILE, &limit);
	rlim_t end = error < 0 ? 1024 : limit.rlim_cur;
	int number, claim = -EEXIST;

	if (end > LAST_NUMBER)
		end = LAST_NUMBER;
	number = end > 2 * FIRST_NUMBER - 1 ? FIRST_NUMBER : (int)end / 2;
	while (number < (int)end && claim == -EEXIST)
		claim = try_claim(peer, start, number++);
	if (claim == -EEXIST)
		return FM_E_TOO_MANY_OPENED_FILES;
	if (claim < 0)
		return status_of(OP_SOCKET, claim);
	*ret_number = number - 1;
	*ret_claim = claim;
	return FM_OK;
}

static fm_status post(int connection, struct mail *mail, int claim)
{
	int fds[MAIL_FDS];
	ssize_t sent;

	memcpy(fds, mail->parcel.fds, sizeof(mail->parcel.fds));
	fds[mail->parcel.count] = claim;
	sent = os_send(connection, mail, sizeof(*mail), fds, mail->parcel.count + 1);
	if (sent == -ETOOMANYREFS)
		return FM_E_INSUFFICIENT_RESOURCES;
	if (sent == -EPIPE || sent == -ECONNRESET)
		return FM_E_PROCESS_IS_TERMINATING;
	return sent < 0 ? status_of(OP_SOCKET, (int)sent) : FM_OK;
}

static fm_status send_parcel(const struct peer *peer, struct mail *mail)
{
	uint64_t start = start_of(peer->pid);
	int connection = -1, claim = -1;
	fm_status status = connect_to(peer, start, &connection);

	if (!status_failed(status))
		status = claim_number(peer, start, &mail->number, &claim);
	if (!status_failed(status))
		status = post(connection, mail, claim);
	os_close(claim); /* the one in flight keeps it */
	os_close(connection);
	return status;
}

fm_status mailbox_send(const struct peer *peer, struct handle *source, const uint32_t *access, bool inheritable,
		       int *ret_number)
{
	struct mail mail = { .magic = MAIL_MAGIC, .inheritable = inheritable };
	fm_status status = peer->access & PEER_DUPLICATE_HANDLE ? peer_running(peer) : FM_E_ACCESS_DENIED;

	if (!status_failed(status) && !source->kind->pack)
		status = FM_E_NOT_SUPPORTED;
	if (!status_failed(status))
		status = source->kind->pack(source, access, &mail.parcel);
	if (status_failed(status))
		return status;
	mail.kind = handle_kind_index(source->kind);
	status = send_parcel(peer, &mail);
	for (uint32_t i = 0; i < mail.parcel.count; i++)
		os_close(mail.parcel.fds[i]);
	if (!status_failed(status))
		*ret_number = mail.number;
	return status;
}
