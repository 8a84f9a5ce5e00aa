/* SPDX-License-Identifier: MIT */
/* A part of a test that runs with a small file system of its own, in a child with a private mount space. */
#ifndef SMALL_H
#define SMALL_H

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "make.h"

static inline void small_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		check_skip("%s: %s", path, strerror(errno));
	close(fd);
}

/* Rights to mount: root has them, others in a user namespace where the system lets them make one. */
static inline void small_unshare(void)
{
	char users[64], groups[64];

	snprintf(users, sizeof(users), "0 %d 1", (int)geteuid());
	snprintf(groups, sizeof(groups), "0 %d 1", (int)getegid());
	if (geteuid() != 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
			check_skip("no user namespace: %s", strerror(errno));
		small_write("/proc/self/setgroups", "deny");
		small_write("/proc/self/uid_map", users);
		small_write("/proc/self/gid_map", groups);
	} else if (unshare(CLONE_NEWNS) < 0) {
		check_skip("no mount namespace: %s", strerror(errno));
	}
	if (mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0)
		check_skip("mount: %s", strerror(errno));
}

/* Run @part with the path of an empty tmpfs of @size ("256k"). */
static inline void with_small_tmpfs(const char *size, void (*part)(const char *path))
{
	char path[512], options[64];
	pid_t child;
	int result;

	snprintf(path, sizeof(path), "%s/small", check_directory());
	snprintf(options, sizeof(options), "size=%s,mode=1777", size);
	REQUIRE_EQ(mkdir(path, 0700), 0);
	fflush(NULL);
	child = fork();
	if (child == 0) {
		small_unshare();
		if (mount("filemap-test", path, "tmpfs", 0, options) < 0)
			check_skip("mount tmpfs: %s", strerror(errno));
		part(path);
		fflush(NULL);
		_exit(check_failures ? 1 : 0);
	}
	result = child_result(child);
	if (result == 77) /* told why already */
		check_leave(true);
	CHECK_EQ(result, 0);
}

/* Fill the file system: as many bytes as there is room for, in a file "filler". */
static inline void small_fill(const char *path)
{
	char name[600], block[4096] = { 1 };
	int fd;

	snprintf(name, sizeof(name), "%s/filler", path);
	fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND, 0600);
	REQUIRE(fd >= 0);
	while (write(fd, block, sizeof(block)) > 0)
		;
	CHECK_EQ(errno, ENOSPC);
	close(fd);
}

#endif
