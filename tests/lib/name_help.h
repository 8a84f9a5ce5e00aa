/* SPDX-License-Identifier: MIT */
/* Short ways to the naming protocol, for its tests. Each test calls name_world() first. */
#ifndef NAME_HELP_H
#define NAME_HELP_H

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "names_internal.h"

/* A root of this test's own, on the file system that names usually live on. */
static inline void name_world(void)
{
	if (!getenv("TMPDIR") && access("/dev/shm", W_OK) == 0)
		REQUIRE_EQ(setenv("TMPDIR", "/dev/shm", 1), 0);
	REQUIRE_EQ(setenv("FILEMAP_ROOT", check_directory(), 1), 0);
	name_look_pause = UINT64_MAX; /* only at the first use, whatever time a test takes */
}

/* To open or to make a writable memory section of one page. */
static inline struct name_request name_ask(const char *name)
{
	struct name_request request = {
		.facts = { .kind = NAME_SECTION, .protection = FM_READ | FM_WRITE,
			   .backing = FM_BACKING_MEMORY, .size = 4096 },
		.writable = true, .may_open = true, .may_create = true,
	};

	REQUIRE_EQ(name_parse(name, &request.name), FM_OK);
	return request;
}

static inline fm_status name_take(const char *name, int *ret_fd)
{
	struct name_request request = name_ask(name);
	struct name_facts facts;

	return name_acquire(&request, ret_fd, &facts);
}

static inline fm_status name_open_only(const char *name, int *ret_fd)
{
	struct name_request request = name_ask(name);
	struct name_facts facts;

	request.may_create = false;
	return name_acquire(&request, ret_fd, &facts);
}

static inline void name_give(const char *name, int fd)
{
	struct object_name parsed;

	REQUIRE_EQ(name_parse(name, &parsed), FM_OK);
	name_release(&parsed, fd);
}

/* Where the entry lies. */
static inline const char *name_on_disk(const char *name)
{
	static char ring[4][NAME_DIR_PATH];
	static unsigned next;
	char *path = ring[next++ % 4];
	struct object_name parsed;

	REQUIRE_EQ(name_parse(name, &parsed), FM_OK);
	REQUIRE_EQ(fm_namespace_directory(parsed.space, path, NAME_DIR_PATH - NAME_FILE_SIZE - 1), FM_OK);
	strcat(path, "/");
	name_encode(&parsed, path + strlen(path));
	return path;
}

static inline bool name_is_on_disk(const char *name)
{
	struct stat st;

	return lstat(name_on_disk(name), &st) == 0;
}

/* A process that has a handle on @name, made if it is missing; end it with name_kill(). */
static inline pid_t name_holder(const char *name)
{
	int ready[2], fd;
	char byte;
	pid_t child;

	REQUIRE_EQ(pipe2(ready, O_CLOEXEC), 0);
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0) {
		if (name_take(name, &fd) < 0 || write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	REQUIRE_EQ(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return child;
}

static inline void name_kill(pid_t child)
{
	int status;

	REQUIRE_EQ(kill(child, SIGKILL), 0);
	REQUIRE_EQ(waitpid(child, &status, 0), child);
	REQUIRE_EQ(WTERMSIG(status), SIGKILL);
}

/* An entry that nobody holds. */
static inline void name_corpse(const char *name)
{
	name_kill(name_holder(name));
	REQUIRE(name_is_on_disk(name));
}

/* The directory exists and was looked through, so that what a test puts there is met by the call under test. */
static inline void name_settled_world(void)
{
	int fd;

	name_world();
	REQUIRE_EQ(name_take("settle", &fd), FM_OK);
	name_give("settle", fd);
	REQUIRE_EQ(name_take("Global\\settle", &fd), FM_OK);
	name_give("Global\\settle", fd);
}

static inline void name_write_file(const char *path, const char *text, int length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	REQUIRE(fd >= 0);
	REQUIRE_EQ(write(fd, text, (size_t)length), length);
	close(fd);
}

#endif
