/* SPDX-License-Identifier: MIT */
#include "watcher.h"

#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

#include "lock.h"
#include "os.h"

/*
 * The parent's, unless the program has closed it and the number is another file's by now. Before Linux 5.12 all
 * such files have one inode, @own too: nobody can tell then, and it stays.
 */
static void close_inherited(int fd, uint64_t inode, uint64_t own)
{
	struct stat st;

	if (fd >= 0 && inode != own && os.fstat(fd, &st) >= 0 && st.st_ino == inode)
		os_close(fd);
}

int watcher_open(struct watcher *watcher, uint64_t features)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	uint64_t known = atomic_load_explicit(&watcher->bound, memory_order_acquire);
	uint64_t process = lock_generation();
	struct stat st = { 0 };
	int fd, error;

	if (known >> 32 == process)
		return (int)(uint32_t)known - 1;
	fd = os.userfaultfd(O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
	if (fd == -EINVAL) /* before Linux 5.11; root may, or whom vm.unprivileged_userfaultfd lets */
		fd = os.userfaultfd(O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return fd;
	error = os.ioctl(fd, UFFDIO_API, &api);
	if (error >= 0)
		error = os.fstat(fd, &st);
	if (error >= 0 && atomic_compare_exchange_strong(&watcher->bound, &known, process << 32 | (uint32_t)(fd + 1))) {
		close_inherited((int)(uint32_t)known - 1, atomic_exchange(&watcher->inode, st.st_ino), st.st_ino);
		return fd;
	}
	os_close(fd);
	return error < 0 ? error : (int)(uint32_t)known - 1; /* another thread was first */
}
