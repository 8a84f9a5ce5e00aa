/* SPDX-License-Identifier: MIT */
#include "watcher.h"

#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

#include "lock.h"
#include "os.h"

int watcher_open(struct watcher *watcher, uint64_t features)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	uint64_t known = atomic_load_explicit(&watcher->bound, memory_order_acquire);
	uint64_t process = lock_generation();
	int fd, error;

	if (known >> 32 == process)
		return (int)(uint32_t)known - 1;
	fd = os.userfaultfd(O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
	if (fd == -EINVAL) /* before Linux 5.11; root may, or whom vm.unprivileged_userfaultfd lets */
		fd = os.userfaultfd(O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return fd;
	error = os.ioctl(fd, UFFDIO_API, &api);
	if (error >= 0 && atomic_compare_exchange_strong(&watcher->bound, &known, process << 32 | (uint32_t)(fd + 1)))
		return fd;
	os_close(fd);
	return error < 0 ? error : (int)(uint32_t)known - 1; /* another thread was first */
}
