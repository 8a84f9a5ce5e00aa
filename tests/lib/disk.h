/* SPDX-License-Identifier: MIT */
/* Small ext4 disks: an image in a file, behind a loop device. For root; each skips the test where it cannot be had. */
#ifndef DISK_H
#define DISK_H

#include <linux/loop.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "small.h"

/* An image of @megabytes with an empty file system, in the directory of the test. */
static inline void disk_make(const char *image, unsigned megabytes)
{
	char command[1400];
	int fd;

	if (geteuid() != 0)
		check_skip("only root can mount a disk");
	fd = open(image, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	REQUIRE(fd >= 0);
	REQUIRE_EQ(ftruncate(fd, (off_t)megabytes << 20), 0);
	close(fd);
	snprintf(command, sizeof(command), "PATH=$PATH:/usr/sbin:/sbin mkfs.ext4 -q -F -m 0 '%s' 2>/dev/null", image);
	if (system(command) != 0) /* NOLINT: a test's own file */
		check_skip("mkfs.ext4 is not installed");
}

/* A loop device that goes with its last user. */
static inline const char *disk_loop(const char *image)
{
	static char device[32];
	struct loop_config config = { .info.lo_flags = LO_FLAGS_AUTOCLEAR };
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), number, loop;

	if (control < 0)
		check_skip("/dev/loop-control: %s", strerror(errno));
	number = ioctl(control, LOOP_CTL_GET_FREE);
	if (number < 0)
		check_skip("no loop device: %s", strerror(errno));
	close(control);
	snprintf(device, sizeof(device), "/dev/loop%d", number);
	loop = open(device, O_RDWR | O_CLOEXEC);
	if (loop < 0)
		check_skip("%s: %s", device, strerror(errno));
	config.fd = (unsigned)open(image, O_RDWR | O_CLOEXEC);
	if (ioctl(loop, LOOP_CONFIGURE, &config) < 0)
		check_skip("%s: %s", device, strerror(errno));
	close((int)config.fd); /* the loop device stays until the mount ends; its descriptor is kept till exit */
	return device;
}

/* Mount it in a mount space of the caller's own, as small_unshare() makes one. */
static inline void disk_mount(const char *image, const char *directory, const char *options)
{
	if (mount(disk_loop(image), directory, "ext4", 0, options) < 0)
		check_skip("mount ext4: %s", strerror(errno));
}

#endif
