/* SPDX-License-Identifier: MIT */
/* Sections, files, views and touches for tests; each ends the test if it cannot be had. */
#ifndef MAKE_H
#define MAKE_H

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filemap.h>

#include "check.h"

#define PAGE ((size_t)4096)

static inline fm_section *make_section(const fm_section_options *options)
{
	fm_section *section = NULL;

	REQUIRE_EQ(fm_section_create(options, &section), FM_OK);
	return section;
}

static inline fm_section *make_memory(uint64_t size, uint32_t access)
{
	fm_section_options options = { .size = size, .access = access };

	return make_section(&options);
}

static inline fm_section *make_file_section(const char *path, uint32_t access)
{
	fm_section_options options = { .path = path, .access = access };

	return make_section(&options);
}

/* A file of @size bytes; those of page n are n + 1. In a ring of buffers. */
static inline const char *make_file(const char *name, size_t size)
{
	static char ring[8][512];
	static unsigned next;
	char *path = ring[next++ % 8], page[4096];
	int fd;

	snprintf(path, sizeof(ring[0]), "%s/%s", check_directory(), name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	REQUIRE(fd >= 0);
	for (size_t at = 0; at < size; at += PAGE) {
		size_t part = size - at < PAGE ? size - at : PAGE;

		memset(page, (int)(at / PAGE + 1), PAGE);
		REQUIRE_EQ(write(fd, page, part), part);
	}
	close(fd);
	return path;
}

static inline char *make_view(fm_section *section, uint32_t access, uint64_t offset, size_t length)
{
	void *view = NULL;

	REQUIRE_EQ(fm_view_map(section, access, offset, length, &view), FM_OK);
	return view;
}

static inline fm_view_info query_of(const void *address)
{
	fm_view_info info = { 0 };

	REQUIRE_EQ(fm_view_query(address, &info), FM_OK);
	return info;
}

static sigjmp_buf touch_return;

static inline void touch_caught(int number)
{
	siglongjmp(touch_return, number);
}

/* Read the byte, or write it with its own value; the signal that this raised, or 0. */
static inline int touch(const void *address, bool write)
{
	struct sigaction action = { .sa_handler = touch_caught }, segv, bus;
	volatile char *at = (volatile char *)(uintptr_t)address;
	int number;

	sigaction(SIGSEGV, &action, &segv);
	sigaction(SIGBUS, &action, &bus);
	number = sigsetjmp(touch_return, 1);
	if (number == 0) {
		char byte = *at;

		if (write)
			*at = byte;
	}
	sigaction(SIGSEGV, &segv, NULL);
	sigaction(SIGBUS, &bus, NULL);
	return number;
}

/* Wait for a child: its exit code, or minus the signal that ended it. */
static inline int child_result(pid_t child)
{
	int status = 0;

	REQUIRE_EQ(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* What the library maps and opens once in a process, so that worlds can be compared. */
static inline void warm_up(void)
{
	fm_section_options named = { .name = check_name("warm"), .size = PAGE };
	fm_section *section = make_memory(PAGE, 0);

	(void)fm_view_unmap(make_view(section, FM_WRITE, 0, 0));
	fm_section_close(section);
	fm_section_close(make_section(&named));
}

/* Descriptor numbers up to @most may be used: an ordinary user's limit is often 1,024, to be raised by himself. */
static inline void make_room_for_descriptors(rlim_t most)
{
	struct rlimit limit;

	REQUIRE_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
	if (limit.rlim_cur <= most)
		limit.rlim_cur = most + 1;
	REQUIRE_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

#endif
