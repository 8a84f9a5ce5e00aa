/* SPDX-License-Identifier: MIT */
#include "os.h"

#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define OS_DEFINE(type, name, params, args, expression)                                            \
	static type call_##name params                                                              \
	{                                                                                           \
		type result = (type)(expression);                                                   \
		return result == -1 ? (type)-errno : result;                                        \
	}
OS_CALLS(OS_DEFINE)
#undef OS_DEFINE

struct os_calls os = {
#define OS_DEFAULT(type, name, params, args, expression) .name = call_##name,
	OS_CALLS(OS_DEFAULT)
#undef OS_DEFAULT
};

static void *zeroed(size_t size)
{
	return calloc(1, size);
}

void *(*os_allocate_hook)(size_t size) = zeroed;

void *os_allocate(size_t size)
{
	return os_allocate_hook(size);
}

void os_free(void *memory)
{
	free(memory);
}

pid_t os_pid(void)
{
	return getpid();
}

pid_t os_tid(void)
{
	return (pid_t)syscall(SYS_gettid);
}

unsigned os_processors(void)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	return online > 0 ? (unsigned)online : 1;
}

uid_t os_uid(void)
{
	return geteuid();
}

gid_t os_gid(void)
{
	return getegid();
}

void os_host_name(char ret_name[OS_HOST_NAME])
{
	struct utsname names;

	(void)uname(&names); /* cannot fail */
	_Static_assert(sizeof(names.nodename) == OS_HOST_NAME, "the kernel's");
	memcpy(ret_name, names.nodename, OS_HOST_NAME);
}

int64_t os_realtime(void)
{
	return (int64_t)time(NULL);
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now = { 0, 0 };

	(void)clock_gettime(clock, &now); /* cannot fail for these clocks */
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t os_realtime_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

uint64_t os_monotonic_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

uint64_t os_coarse_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC_COARSE);
}

uint64_t os_boot_ns(void)
{
	return clock_ns(CLOCK_BOOTTIME);
}

const char *os_environment(const char *name)
{
	return getauxval(AT_SECURE) ? NULL : getenv(name);
}

int os_open(int dir, const char *path, int flags, unsigned mode)
{
	return OS_RETRY(os.openat(dir, path, flags | O_CLOEXEC, mode));
}

void os_fd_path(int fd, char path[OS_FD_PATH])
{
	(void)snprintf(path, OS_FD_PATH, "/proc/self/fd/%d", fd); /* always fits */
}

ssize_t os_fd_link(int fd, char *text, size_t size)
{
	char path[OS_FD_PATH];
	ssize_t length;

	os_fd_path(fd, path);
	length = os.readlinkat(AT_FDCWD, path, text, size - 1);
	text[length < 0 ? 0 : length] = 0;
	return length;
}

int os_reopen(int fd, int flags)
{
	char path[OS_FD_PATH];

	os_fd_path(fd, path);
	return os_open(AT_FDCWD, path, flags | O_NOCTTY | O_NONBLOCK, 0);
}

void os_close(int fd)
{
	if (fd >= 0)
		(void)os.close(fd); /* Linux frees the number whatever it returns */
}

int os_check_size(uint64_t size)
{
	struct rlimit limit;
	int result = OS_RETRY(os.getrlimit(RLIMIT_FSIZE, &limit));

	if (result < 0)
		return result;
	return size > INT64_MAX || (limit.rlim_cur != RLIM_INFINITY && size > limit.rlim_cur) ? -EFBIG : 0;
}

int os_truncate(int fd, uint64_t size)
{
	int result = os_check_size(size);

	return result < 0 ? result : OS_RETRY(os.ftruncate(fd, size));
}

/* In pieces: tmpfs undoes a whole call on EINTR, so that one large call under a timer never ends. */
int os_allocate_storage(int fd, uint64_t offset, uint64_t length)
{
	const uint64_t piece = 64u << 20;
	int result = os_check_size(offset + length);

	while (result >= 0 && length > 0) {
		uint64_t part = length < piece ? length : piece;

		result = OS_RETRY(os.fallocate(fd, 0, offset, part));
		offset += part;
		length -= part;
	}
	return result;
}

int os_pread_all(int fd, void *buffer, size_t size, uint64_t offset)
{
	char *to = buffer;

	while (size > 0) {
		ssize_t got = OS_RETRY(os.pread(fd, to, size, offset));

		if (got <= 0)
			return got < 0 ? (int)got : -EIO;
		to += got;
		offset += (uint64_t)got;
		size -= (size_t)got;
	}
	return 0;
}

int os_pwrite_all(int fd, const void *buffer, size_t size, uint64_t offset)
{
	const char *from = buffer;

	while (size > 0) {
		ssize_t put = OS_RETRY(os.pwrite(fd, from, size, offset));

		if (put <= 0)
			return put < 0 ? (int)put : -EIO;
		from += put;
		offset += (uint64_t)put;
		size -= (size_t)put;
	}
	return 0;
}

ssize_t os_send(int socket, void *data, size_t size, const int *fds, unsigned count)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(OS_SEND_FDS * sizeof(int))];
	} control = { .space = { 0 } };
	size_t length = count * sizeof(int);
	struct iovec part = { data, size };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
				  .msg_controllen = CMSG_SPACE(length) };

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(length);
	memcpy(CMSG_DATA(&control.header), fds, length);
	return OS_RETRY(os.sendmsg(socket, &message, MSG_NOSIGNAL));
}
