/* SPDX-License-Identifier: MIT */
/*
 * Each way in which a mapped page can fail against each way to meet it. A class is a test, and prints its
 * row of the table; each cell makes its scene anew, in a child of its own. What a class needs and the
 * machine lacks is told, and then none of its cells has run.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filemap/fault.h>

#include "make.h"
#include "scenes.h"

static const struct scene *scene;
static fm_status cause;
static char buffer[2 * 4096];

/* ---- the ways ---- */

static void read_gives(bool fails)
{
	size_t done = 99;
	fm_status status = fm_read(buffer, scene->bad - scene->good, scene->good + 8, &done);

	CHECK_EQ(status, fails ? FM_E_IN_PAGE_ERROR : FM_OK);
	CHECK_EQ(done, fails ? scene->good : scene->good + 8);
}

static void read_says_so(void)
{
	read_gives(scene->reads || scene->unshares);
}

static void write_says_so(void)
{
	size_t done = 99;
	fm_status status = fm_write(scene->bad - scene->good, buffer, scene->good + 8, &done);

	CHECK_EQ(status, scene->writes ? FM_E_IN_PAGE_ERROR : FM_OK);
	CHECK_EQ(done, scene->writes ? scene->good : scene->good + 8);
}

static void enable(void)
{
	REQUIRE_EQ(fm_fault_enable(0), FM_OK);
}

static void handled_read(void)
{
	enable();
	read_gives(scene->reads);
}

static void handled_write(void)
{
	enable();
	write_says_so();
}

static void access_page(bool write)
{
	if (write)
		*(volatile char *)scene->bad = 1;
	else
		(void)*(volatile char *)scene->bad;
}

static void block_catches(bool write, bool fails)
{
	volatile bool caught = false;

	FM_GUARD_BEGIN(guard) {
		access_page(write);
	} FM_GUARD_CAUGHT {
		caught = true;
		CHECK_EQ(guard.status, FM_E_IN_PAGE_ERROR);
		CHECK_EQ((uintptr_t)guard.address, (uintptr_t)scene->bad);
		CHECK_EQ(fm_fault_cause(scene->bad), cause);
	} FM_GUARD_END
	CHECK_EQ(caught, fails);
}

static void guard_block(void)
{
	enable();
	block_catches(false, scene->reads);
	block_catches(true, scene->writes);
}

static void zero_page(void)
{
	enable();
	REQUIRE_EQ(fm_view_set_fault_policy(scene->view, FM_FAULT_ZERO_PAGE), FM_OK);
	access_page(false);
	access_page(true);
	CHECK_EQ(scene->bad[0], 1);
	CHECK_EQ(scene->bad[1], 0);
	CHECK(query_of(scene->bad).failed);
	CHECK_EQ(fm_view_flush(scene->bad, 0, FM_FLUSH_START), FM_E_IN_PAGE_ERROR);
	CHECK_EQ(fm_view_flush(scene->bad, 0, FM_FLUSH_START), FM_OK);
}

/* touch() of make.h is the host: it has handlers of its own, and ours lie above or below them. */
static void host_handler(void)
{
	struct sigaction host = { .sa_handler = touch_caught };
	volatile int number;

	sigaction(SIGBUS, &host, NULL);
	enable();
	number = sigsetjmp(touch_return, 1);
	if (number == 0)
		access_page(!scene->reads);
	CHECK_EQ(number, SIGBUS);
	fm_fault_disable(0);
	CHECK_EQ(touch(scene->bad, true), SIGBUS);
}

/* It ends the process, which whoever waits for it sees. */
static void default_action(void)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };

	sigaction(SIGBUS, &plain, NULL); /* a sanitizer's would report */
	enable();
	access_page(!scene->reads);
}

static void vectored(void)
{
	struct told told;

	CHECK(vectored_tells(scene->bad, !scene->reads, &told));
	CHECK_EQ(told.count, 1);
	CHECK_EQ(told.code, 0xC0000006u);
	CHECK_EQ(told.parameters, 3);
	CHECK_EQ(told.access, !scene->reads);
	CHECK_EQ(told.address, (uintptr_t)scene->bad);
	CHECK_EQ((fm_status)told.cause, cause);
}

static const struct way {
	const char *name;
	void (*meet)(void);
	int result;
} ways[] = {
	{ "read", read_says_so, 0 }, { "write", write_says_so, 0 }, { "read*", handled_read, 0 },
	{ "write*", handled_write, 0 }, { "block", guard_block, 0 }, { "zeros", zero_page, 0 },
	{ "host", host_handler, 0 }, { "default", default_action, -SIGBUS }, { "vectored", vectored, 0 },
};

/* ---- the cells ---- */

static int meet_in_child(const struct way *way)
{
	pid_t child = fork();

	if (child == 0) {
		way->meet();
		fflush(NULL);
		_exit(check_failures ? 1 : 0);
	}
	return child_result(child);
}

static int run_cell(scene_maker *make, const struct way *way)
{
	static struct scene made;
	char directory[512];
	pid_t child;
	int result;

	snprintf(directory, sizeof(directory), "%s/%s", check_directory(), way->name);
	fflush(NULL);
	child = fork();
	if (child == 0) {
		check_failures = 0; /* of other cells */
		REQUIRE_EQ(mkdir(directory, 0700), 0);
		make(directory, &made);
		scene = &made;
		if (made.forks)
			exit(meet_in_child(way) == way->result ? 0 : 1); /* what it has set is set back */
		way->meet();
		fflush(NULL);
		exit(check_failures || way->result ? 1 : 0);
	}
	result = child_result(child);
	return result && result == way->result ? 0 : result;
}

static void row(const char *name, scene_maker *make, fm_status because)
{
	char line[200];
	int length = snprintf(line, sizeof(line), "%-34s", name);

	cause = because;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		int result;

		check_row("%s", ways[i].name);
		result = run_cell(make, &ways[i]);
		if (result == 77) /* told why */
			check_leave(true);
		CHECK_EQ(result, 0);
		length += snprintf(line + length, sizeof(line) - (size_t)length, " %-8s", result == 0 ? "ok" : "FAILED");
	}
	puts(line);
}

static void heading(void)
{
	printf("%-34s", "* faults handled");
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		printf(" %-8s", ways[i].name);
	putchar('\n');
}

TEST(file_cut_by_another_process)
{
	heading();
	row("file cut by another process", scene_cut, FM_E_END_OF_FILE);
}

TEST(file_cut_below_a_private_copy)
{
	row("file cut below a private copy", scene_cut_copy, FM_E_END_OF_FILE);
}

TEST(hole_on_a_full_tmpfs)
{
	row("tmpfs full: reads and writes", scene_full_tmpfs, FM_E_DISK_FULL);
}

TEST(hole_on_a_full_disk)
{
	row("disk full under a sparse file", scene_full_disk, FM_E_DISK_FULL);
}

TEST(file_system_answers_eio)
{
	row("I/O error of the file system", scene_io_error, FM_E_IO_DEVICE_ERROR);
}

TEST(pool_of_huge_pages_is_empty)
{
	row("pool of huge pages empty", scene_no_huge_page, FM_E_INSUFFICIENT_RESOURCES);
}

TEST(page_is_poisoned)
{
	row("poisoned page", scene_poisoned, FM_E_IO_DEVICE_ERROR);
}
