/* SPDX-License-Identifier: MIT */
/*
 * The operating system's contract, whole: every system call of the library goes through this table, and
 * a test may replace any entry (fail the N-th call, kill the process before or after it).
 *
 * Every entry returns a result >= 0, or -errno. os_retry_* below repeat what EINTR may interrupt.
 */
#ifndef FM_OS_H
#define FM_OS_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

struct futex_waitv;
struct os_spawn;
struct robust_list_head;
#define OS_FUTEX_WAITV 449 /* Linux 5.16; the same number everywhere */

/* X(result type, name, (parameters), (arguments), expression over libc) */
#define OS_CALLS(X)                                                                                \
	X(int, openat, (int dir, const char *path, int flags, unsigned mode), (dir, path, flags, mode), \
	  openat(dir, path, flags, mode))                                                           \
	X(int, close, (int fd), (fd), close(fd))                                                   \
	X(int, fstat, (int fd, struct stat *st), (fd, st), fstat(fd, st))                          \
	X(int, fstatat, (int dir, const char *path, struct stat *st, int flags), (dir, path, st, flags), \
	  fstatat(dir, path, st, flags))                                                            \
	X(int, statx, (int dir, const char *path, int flags, unsigned mask, struct statx *st),     \
	  (dir, path, flags, mask, st), statx(dir, path, flags, mask, st))                          \
	X(int, utimensat, (int dir, const char *path, const struct timespec times[2], int flags),  \
	  (dir, path, times, flags), utimensat(dir, path, times, flags))                            \
	X(int, chdir, (const char *path), (path), chdir(path))                                     \
	X(int, getcwd, (char *path, size_t size), (path, size), (int)syscall(SYS_getcwd, path, size)) \
	X(int, fstatfs, (int fd, struct statfs *st), (fd, st), fstatfs(fd, st))                    \
	X(ssize_t, readlinkat, (int dir, const char *path, char *buffer, size_t size),             \
	  (dir, path, buffer, size), readlinkat(dir, path, buffer, size))                          \
	X(int, linkat, (int from_dir, const char *from, int to_dir, const char *to, int flags),    \
	  (from_dir, from, to_dir, to, flags), linkat(from_dir, from, to_dir, to, flags))          \
	X(int, unlinkat, (int dir, const char *path, int flags), (dir, path, flags),               \
	  unlinkat(dir, path, flags))                                                              \
	X(int, renameat2, (int from_dir, const char *from, int to_dir, const char *to, unsigned flags), \
	  (from_dir, from, to_dir, to, flags), renameat2(from_dir, from, to_dir, to, flags))       \
	X(int, mkdirat, (int dir, const char *path, unsigned mode), (dir, path, mode),             \
	  mkdirat(dir, path, mode))                                                                \
	X(int, fchmod, (int fd, unsigned mode), (fd, mode), fchmod(fd, mode))                      \
	X(int, fchmodat, (int dir, const char *path, unsigned mode), (dir, path, mode),            \
	  fchmodat(dir, path, mode, 0))                                                             \
	X(int, fsetxattr, (int fd, const char *name, const void *value, size_t size, int flags),   \
	  (fd, name, value, size, flags), fsetxattr(fd, name, value, size, flags))                 \
	X(ssize_t, fgetxattr, (int fd, const char *name, void *value, size_t size),                \
	  (fd, name, value, size), fgetxattr(fd, name, value, size))                               \
	X(int, ftruncate, (int fd, uint64_t size), (fd, size), ftruncate(fd, (off_t)size))         \
	X(int, fallocate, (int fd, int mode, uint64_t offset, uint64_t length),                    \
	  (fd, mode, offset, length), fallocate(fd, mode, (off_t)offset, (off_t)length))           \
	X(ssize_t, pread, (int fd, void *buffer, size_t size, uint64_t offset),                    \
	  (fd, buffer, size, offset), pread(fd, buffer, size, (off_t)offset))                      \
	X(ssize_t, pwrite, (int fd, const void *buffer, size_t size, uint64_t offset),             \
	  (fd, buffer, size, offset), pwrite(fd, buffer, size, (off_t)offset))                     \
	X(ssize_t, read, (int fd, void *buffer, size_t size), (fd, buffer, size), read(fd, buffer, size)) \
	X(ssize_t, write, (int fd, const void *buffer, size_t size), (fd, buffer, size),           \
	  write(fd, buffer, size))                                                                 \
	X(int64_t, lseek, (int fd, int64_t offset, int whence), (fd, offset, whence),              \
	  lseek(fd, (off_t)offset, whence))                                                        \
	X(ssize_t, getdents64, (int fd, void *buffer, size_t size), (fd, buffer, size),            \
	  syscall(SYS_getdents64, fd, buffer, size))                                               \
	X(int, ofd_setlk, (int fd, struct flock *lock), (fd, lock), fcntl(fd, F_OFD_SETLK, lock))  \
	X(int, ofd_setlkw, (int fd, struct flock *lock), (fd, lock), fcntl(fd, F_OFD_SETLKW, lock)) \
	X(int, ofd_getlk, (int fd, struct flock *lock), (fd, lock), fcntl(fd, F_OFD_GETLK, lock))  \
	X(int, dupfd, (int fd, int least), (fd, least), fcntl(fd, F_DUPFD_CLOEXEC, least))         \
	X(int, dup3, (int fd, int to, int flags), (fd, to, flags), dup3(fd, to, flags))            \
	X(int, eventfd, (unsigned count, int flags), (count, flags), eventfd(count, flags))        \
	X(int, getfd, (int fd), (fd), fcntl(fd, F_GETFD))                                          \
	X(int, setfd, (int fd, int flags), (fd, flags), fcntl(fd, F_SETFD, flags))                 \
	X(int, getfl, (int fd), (fd), fcntl(fd, F_GETFL))                                          \
	X(int, add_seals, (int fd, int seals), (fd, seals), fcntl(fd, F_ADD_SEALS, seals))         \
	X(int, get_seals, (int fd), (fd), fcntl(fd, F_GET_SEALS))                                  \
	X(int, memfd_create, (const char *name, unsigned flags), (name, flags),                    \
	  memfd_create(name, flags))                                                               \
	X(intptr_t, mmap, (void *at, size_t size, int prot, int flags, int fd, uint64_t offset),   \
	  (at, size, prot, flags, fd, offset),                                                     \
	  (intptr_t)mmap(at, size, prot, flags, fd, (off_t)offset))                                \
	X(int, munmap, (void *at, size_t size), (at, size), munmap(at, size))                      \
	X(int, mprotect, (void *at, size_t size, int prot), (at, size, prot),                      \
	  mprotect(at, size, prot))                                                                \
	X(intptr_t, mremap, (void *at, size_t size, size_t new_size, int flags, void *to),         \
	  (at, size, new_size, flags, to), (intptr_t)mremap(at, size, new_size, flags, to))        \
	X(int, madvise, (void *at, size_t size, int advice), (at, size, advice),                   \
	  madvise(at, size, advice))                                                               \
	X(int, msync, (void *at, size_t size, int flags), (at, size, flags), msync(at, size, flags)) \
	X(int, sync_file_range, (int fd, uint64_t offset, uint64_t size, unsigned flags),          \
	  (fd, offset, size, flags), sync_file_range(fd, (off_t)offset, (off_t)size, flags))       \
	X(int, fdatasync, (int fd), (fd), fdatasync(fd))                                           \
	X(int, fsync, (int fd), (fd), fsync(fd))                                                   \
	X(ssize_t, process_vm_readv, (pid_t pid, const struct iovec *local, const struct iovec *remote), \
	  (pid, local, remote), process_vm_readv(pid, local, 1, remote, 1, 0))                     \
	X(ssize_t, process_vm_writev, (pid_t pid, const struct iovec *local, const struct iovec *remote), \
	  (pid, local, remote), process_vm_writev(pid, local, 1, remote, 1, 0))                    \
	X(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags), \
	  sendmsg(fd, message, flags))                                                             \
	X(ssize_t, recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags),     \
	  recvmsg(fd, message, flags))                                                             \
	X(int, socket, (int domain, int type), (domain, type), socket(domain, type, 0))            \
	X(int, bind, (int fd, const struct sockaddr *to, socklen_t size), (fd, to, size), bind(fd, to, size)) \
	X(int, listen, (int fd, int backlog), (fd, backlog), listen(fd, backlog))                  \
	X(int, connect, (int fd, const struct sockaddr *to, socklen_t size), (fd, to, size),       \
	  connect(fd, to, size))                                                                   \
	X(int, accept4, (int fd, int flags), (fd, flags), accept4(fd, NULL, NULL, flags))          \
	X(int, getsockopt, (int fd, int level, int name, void *value, socklen_t *size),            \
	  (fd, level, name, value, size), getsockopt(fd, level, name, value, size))                \
	X(int, poll, (struct pollfd *fds, unsigned count, int milliseconds), (fds, count, milliseconds), \
	  poll(fds, count, milliseconds))                                                          \
	X(int, sigaction, (int number, const struct sigaction *action, struct sigaction *ret_old), \
	  (number, action, ret_old), sigaction(number, action, ret_old))                            \
	X(int, inotify_init1, (int flags), (flags), inotify_init1(flags))                          \
	X(int, inotify_add_watch, (int fd, const char *path, uint32_t mask), (fd, path, mask),     \
	  inotify_add_watch(fd, path, mask))                                                        \
	X(int, inotify_rm_watch, (int fd, int watch), (fd, watch), inotify_rm_watch(fd, watch))    \
	X(pid_t, spawn, (const struct os_spawn *request), (request), os_spawn(request))            \
	X(int, kill, (pid_t pid, int number), (pid, number), kill(pid, number))                    \
	X(int, waitid, (int type, int id, siginfo_t *ret_info, int options), (type, id, ret_info, options), \
	  waitid((idtype_t)type, (id_t)id, ret_info, options))                                     \
	X(int, pidfd_open, (pid_t pid), (pid), (int)syscall(SYS_pidfd_open, pid, 0))               \
	X(int, pidfd_getfd, (int pidfd, int number), (pidfd, number),                              \
	  (int)syscall(SYS_pidfd_getfd, pidfd, number, 0))                                         \
	X(int, pidfd_send_signal, (int pidfd, int number), (pidfd, number),                        \
	  (int)syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0))                             \
	X(int, kcmp_file, (int a, int b), (a, b),                                                  \
	  (int)syscall(SYS_kcmp, getpid(), getpid(), 0 /* KCMP_FILE */, a, b))                     \
	X(int, prlimit, (pid_t pid, int resource, struct rlimit *ret_limit), (pid, resource, ret_limit), \
	  prlimit(pid, (__rlimit_resource_t)resource, NULL, ret_limit))                            \
	X(int, ioctl, (int fd, unsigned long request, void *argument), (fd, request, argument),    \
	  ioctl(fd, request, argument))                                                            \
	X(int, userfaultfd, (int flags), (flags), (int)syscall(SYS_userfaultfd, flags))            \
	X(int, futex, (uint32_t *word, int operation, uint32_t value, const struct timespec *timeout), \
	  (word, operation, value, timeout),                                                       \
	  (int)syscall(SYS_futex, word, operation, value, timeout, NULL, 0))                       \
	X(int, futex_waitv, (struct futex_waitv *waiters, unsigned count, const struct timespec *end), \
	  (waiters, count, end), (int)syscall(OS_FUTEX_WAITV, waiters, count, 0, end, CLOCK_MONOTONIC)) \
	X(int, get_robust_list, (struct robust_list_head **ret_head, size_t *ret_size), (ret_head, ret_size), \
	  (int)syscall(SYS_get_robust_list, 0, ret_head, ret_size))                                \
	X(int, sched_yield, (void), (), sched_yield())                                             \
	X(int, getrusage, (int who, struct rusage *ret_usage), (who, ret_usage),                   \
	  getrusage((__rusage_who_t)who, ret_usage))                                               \
	X(int, getrlimit, (int resource, struct rlimit *limit), (resource, limit),                 \
	  getrlimit((__rlimit_resource_t)resource, limit))                                         \
	X(int, setrlimit, (int resource, const struct rlimit *limit), (resource, limit),           \
	  setrlimit((__rlimit_resource_t)resource, limit))                                         \
	X(int, sysinfo, (struct sysinfo *info), (info), sysinfo(info))                             \
	X(int, nanosleep, (const struct timespec *time), (time), nanosleep(time, NULL))            \
	X(int, sigprocmask, (int how, const sigset_t *set, sigset_t *ret_former), (how, set, ret_former), \
	  sigprocmask(how, set, ret_former))                                                       \
	X(int, tgkill, (pid_t pid, pid_t tid, int number), (pid, tid, number),                     \
	  (int)syscall(SYS_tgkill, pid, tid, number))                                              \
	X(int, mlock, (const void *at, size_t size), (at, size), mlock(at, size))                  \
	X(int, munlock, (const void *at, size_t size), (at, size), munlock(at, size))

/*
 * The table. One for the whole library; tests replace entries before they start threads.
 */
struct os_calls {
#define OS_MEMBER(type, name, params, args, expression) type(*name) params;
	OS_CALLS(OS_MEMBER)
#undef OS_MEMBER
};

extern struct os_calls os;

/* Another program in a new process. */
struct os_spawn {
	const char *path;
	char *const *arguments, *const *environment;
	const char *directory;  /* to begin in; NULL: this process's */
	int standard[3];        /* what its descriptors 0 to 2 shall be, above them; -1: as they are */
	bool close_others;      /* those above 2, also where exec would not */
	bool session, group;    /* it leads one of its own */
};

pid_t os_spawn(const struct os_spawn *request); /* -1 and errno: for the table */

/*
 * Has this process one thread, so that a load and a store do what one atomic operation would? The C library
 * knows; where it does not tell, no. A signal handler in between undoes what it does, so it is no other thread.
 */
#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#define os_single_threaded() __builtin_expect(__libc_single_threaded, 1)
#else
#define os_single_threaded() 0
#endif

/* What needs no table because it cannot fail. */
pid_t os_pid(void);
pid_t os_tid(void);
unsigned os_processors(void);       /* online; at least 1 */
uid_t os_uid(void);
gid_t os_gid(void);
#define OS_HOST_NAME 65
void os_host_name(char ret_name[OS_HOST_NAME]);
int64_t os_realtime(void);          /* seconds since 1970 */
uint64_t os_realtime_ns(void);      /* since 1970 */
uint64_t os_monotonic_ns(void);
uint64_t os_coarse_ns(void);        /* the same, some ms behind and cheaper; never 0 */
uint64_t os_boot_ns(void);          /* since the machine was started, sleep included */
const char *os_environment(const char *name); /* NULL under set-user-id */
void *os_allocate(size_t size);     /* zeroed; NULL when exhausted; tests may make it fail */
void os_free(void *memory);
extern void *(*os_allocate_hook)(size_t size);

/* Was it interrupted, and not for the last time? Bounded, so that a call that is interrupted for ever is an error. */
static inline bool os_interrupted(int64_t result, int *tries)
{
	return result == -EINTR && ++*tries < 100;
}

/* Repeats an interrupted call. */
#define OS_RETRY(expression)                                                                       \
	({                                                                                          \
		__typeof__(expression) os_result_;                                                  \
		int os_tries_ = 0;                                                                  \
		do                                                                                  \
			os_result_ = (expression);                                                  \
		while (os_interrupted(os_result_, &os_tries_));                                     \
		os_result_;                                                                         \
	})

int os_open(int dir, const char *path, int flags, unsigned mode); /* openat, repeated on EINTR, CLOEXEC added */
#define OS_FD_PATH 32u
void os_fd_path(int fd, char path[OS_FD_PATH]); /* what leads to the same file by a path, wherever that lies */
/* Where it leads, as the kernel knows it now; with an end. The length without, cut to the room; -errno. */
ssize_t os_fd_link(int fd, char *text, size_t size);
int os_reopen(int fd, int flags);     /* a new description of the same file, by that path */
void os_close(int fd);                /* -1 is ignored; a close error has no remedy and is dropped */
int os_check_size(uint64_t size);     /* -EFBIG beyond RLIMIT_FSIZE, where the kernel would send SIGXFSZ */
int os_truncate(int fd, uint64_t size); /* ftruncate, with that check */
int os_allocate_storage(int fd, uint64_t offset, uint64_t length); /* fallocate in pieces, with that check */
int os_pread_all(int fd, void *buffer, size_t size, uint64_t offset);        /* -EIO on a short file */
int os_pwrite_all(int fd, const void *buffer, size_t size, uint64_t offset);
enum { OS_SEND_FDS = 4 };
/* One message with up to OS_SEND_FDS descriptors beside it. What was sent, or -errno; no SIGPIPE. */
ssize_t os_send(int socket, void *data, size_t size, const int *fds, unsigned count);

static inline void os_close_pointer(const int *fd)
{
	os_close(*fd);
}

/* A descriptor that is closed when its scope ends; OS_TAKE hands it on. */
#define OS_CLEANUP_FD __attribute__((cleanup(os_close_pointer)))
#define OS_TAKE(fd)                                                                                \
	({                                                                                          \
		int os_taken_ = (fd);                                                               \
		(fd) = -1;                                                                          \
		os_taken_;                                                                          \
	})

#define OS_PAGE 4096u /* x86-64 and arm64 with 4 KiB pages; checked when the library is first used */

#endif
