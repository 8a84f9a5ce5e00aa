/* SPDX-License-Identifier: MIT */
/* What the kernel has mapped: the same from its text as from its query, and as safe to ask in a handler. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>

#include "maps.h"
#include "os.h"
#include "vm_make.h"

static int no_ioctl(int fd, unsigned long request, void *argument)
{
	(void)fd, (void)request, (void)argument;
	return -ENOTTY; /* Linux before 6.11 */
}

/* Read whole and parsed apart: what os_find_map() must say of each line. */
struct line {
	uintptr_t start, end;
	char flags[5];
	uint64_t offset, inode;
	unsigned major, minor;
	char path[256];
};

static struct line lines[512];

static size_t read_lines(void)
{
	FILE *file = fopen("/proc/self/maps", "re");
	char text[512];
	size_t count = 0;

	REQUIRE(file != NULL);
	setvbuf(file, NULL, _IONBF, 0); /* no mapping of its own */
	while (count < ARRAY_SIZE(lines) && fgets(text, sizeof(text), file)) {
		struct line *line = &lines[count++];

		line->path[0] = 0;
		REQUIRE(sscanf(text, "%lx-%lx %4s %lx %x:%x %lu %255[^\n]", &line->start, &line->end, line->flags,
			       &line->offset, &line->major, &line->minor, &line->inode, line->path) >= 7);
	}
	fclose(file);
	return count;
}

static void check_line(const struct line *line, const struct os_map *map)
{
	CHECK_EQ(map->start, line->start);
	CHECK_EQ(map->end, line->end);
	CHECK_EQ(map->prot, (line->flags[0] == 'r' ? PROT_READ : 0) | (line->flags[1] == 'w' ? PROT_WRITE : 0) |
				    (line->flags[2] == 'x' ? PROT_EXEC : 0));
	CHECK_EQ(map->shared, line->flags[3] == 's');
	CHECK_EQ(map->offset, line->offset);
	CHECK_EQ(map->inode, line->inode);
	CHECK_EQ(map->device, makedev(line->major, line->minor));
	CHECK(strcmp(map->path, line->path) == 0);
}

static void check_lines(size_t count, size_t step)
{
	static struct os_map map;

	for (size_t i = 0; i < count; i += step) {
		if (lines[i].start >> 63)
			continue; /* the kernel's own page, of which the query does not tell */
		check_row("%s %lx", lines[i].path, lines[i].start);
		REQUIRE_EQ(os_find_map(lines[i].start, &map), 0);
		check_line(&lines[i], &map);
		REQUIRE_EQ(os_find_map(lines[i].end - 1, &map), 0);
		check_line(&lines[i], &map);
	}
	check_row("behind all");
	CHECK_EQ(os_find_map(UINTPTR_MAX - 1, &map), -ENOENT);
}

static ssize_t (*real_pread)(int fd, void *buffer, size_t size, uint64_t offset);

static ssize_t pread_a_byte(int fd, void *buffer, size_t size, uint64_t offset)
{
	return real_pread(fd, buffer, size ? 1 : 0, offset);
}

TEST(the_text_tells_what_the_query_tells)
{
	void *shared = mmap(NULL, PAGE, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd = open(make_file("name with blanks ", 2 * PAGE), O_RDWR | O_CLOEXEC);
	void *file = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, PAGE);
	size_t count = read_lines();

	REQUIRE(shared != MAP_FAILED && file != MAP_FAILED);
	check_lines(count, 1);
	os.ioctl = no_ioctl;
	check_lines(count, 1);
	real_pread = os.pread;
	os.pread = pread_a_byte; /* fields and lines end anywhere */
	check_lines(count, count / 3);
}

/* ---- texts that no kernel has shown yet ---- */

static const char *shown;
static int pread_error; /* once the text is at its end */

static ssize_t pread_shown(int fd, void *buffer, size_t size, uint64_t offset)
{
	size_t length = strlen(shown), rest = length - (size_t)offset;

	(void)fd;
	if (rest == 0 && pread_error)
		return pread_error;
	rest = rest < size ? rest : size;
	memcpy(buffer, shown + offset, rest);
	return (ssize_t)rest;
}

TEST(a_text_that_is_not_understood_is_an_error)
{
	static const struct { const char *text; int error, result; } cases[] = {
		{ "", 0, -ENOENT }, { "", -EIO, -EIO }, { "1000", 0, -ENOENT }, { "1000", -EACCES, -EACCES },
		{ "10x0-2000 r--p 0 0:0 0 \n", 0, -EIO }, { "1000-20g0 r--p 0 0:0 0 \n", 0, -EIO },
		{ "1000-2000 r--p - 0:0 0 \n", 0, -EIO }, { "1000-2000 r--p 0 0-0 0 \n", 0, -EIO },
		{ "1000-2000 r--p 0 0:0 f \n", 0, -EIO }, { "1000-2000 r--p 0 0:0 0 /half", -EIO, -EIO },
		{ "1000-2000 r--p 0 0:0 0 \n", 0, 0 }, { "10-20 r--p 0 0:0 0 \n1000-2000 ---p 0 0:0 0 /x\n", 0, 0 },
	};
	static struct os_map map;

	os.ioctl = no_ioctl;
	os.pread = pread_shown;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].text);
		shown = cases[i].text;
		pread_error = cases[i].error;
		CHECK_EQ(os_find_map(0x1000, &map), cases[i].result);
		if (cases[i].result == 0)
			CHECK_EQ(map.end, 0x2000);
	}
}

TEST(a_path_longer_than_paths_are_is_cut)
{
	static char text[2 * PATH_MAX];
	static struct os_map map;
	int start = snprintf(text, sizeof(text), "1000-2000 r--p 0 0:0 0 ");

	memset(text + start, 'x', PATH_MAX + 100);
	text[start + PATH_MAX + 100] = '\n';
	shown = text;
	os.ioctl = no_ioctl;
	os.pread = pread_shown;
	CHECK_EQ(os_find_map(0x1000, &map), 0);
	CHECK_EQ(strlen(map.path), PATH_MAX - 1);
}

/* ---- in a handler ---- */

static int found = 1;
static struct os_map handler_map;

static void ask(int number)
{
	(void)number;
	found = os_find_map((uintptr_t)lines, &handler_map);
}

/* Fault handlers run on what the program gives them: here hardly more than the kernel's own frame. */
TEST(a_handler_may_ask_on_a_small_stack)
{
	const bool plain = LOCKS_ARE_REAL; /* else a sanitizer is at work */
	size_t size = (size_t)sysconf(_SC_MINSIGSTKSZ) / PAGE * PAGE + 2 * PAGE;
	char *memory = mmap(NULL, size + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stack_t stack = { .ss_sp = memory + PAGE, .ss_size = size };
	struct sigaction action = { .sa_handler = ask, .sa_flags = SA_ONSTACK };

	if (!plain)
		check_skip("a sanitizer's frames are larger");
	REQUIRE(memory != MAP_FAILED);
	REQUIRE_EQ(mprotect(memory, PAGE, PROT_NONE), 0);
	REQUIRE_EQ(sigaltstack(&stack, NULL), 0);
	REQUIRE_EQ(sigaction(SIGUSR1, &action, NULL), 0);
	os.ioctl = no_ioctl;
	REQUIRE_EQ(raise(SIGUSR1), 0);
	CHECK_EQ(found, 0);
	CHECK(handler_map.start <= (uintptr_t)lines && handler_map.end > (uintptr_t)lines);
}
