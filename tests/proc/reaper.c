/* SPDX-License-Identifier: MIT */
/* A reaper frees what is killed at once, and touches nothing that lives. */
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "make.h"

#define SIZE ((size_t)64 << 20)

static void own_namespace(void)
{
	REQUIRE_EQ(setenv("FILEMAP_ROOT", check_directory(), 1), 0);
}

static fm_reaper *make_reaper(unsigned which)
{
	fm_reaper *reaper = NULL;

	REQUIRE_EQ(fm_reaper_open(which, &reaper), FM_OK);
	return reaper;
}

/* Run it until it has removed @names or there is nothing left to wait for. */
static unsigned run_until(fm_reaper *reaper, unsigned names, uint64_t *ret_bytes)
{
	struct pollfd ready = { .fd = fm_reaper_fd(reaper), .events = POLLIN };
	unsigned total = 0, removed;
	uint64_t bytes;
	int wait;

	for (;;) {
		REQUIRE_EQ(fm_reaper_run(reaper, &removed, &bytes, &wait), FM_OK);
		total += removed;
		*ret_bytes += bytes;
		if (total >= names || wait < 0)
			return total;
		REQUIRE(poll(&ready, 1, wait) >= 0);
	}
}

/* A child that holds @name, and when it does. */
static pid_t make_holder(const char *name, size_t size, uint32_t access)
{
	int told[2];
	pid_t child;
	char ready;

	REQUIRE_EQ(pipe(told), 0);
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0) {
		fm_section_options options = { .name = name, .size = size, .access = access };
		fm_section *section;

		if (fm_section_create(&options, &section) < 0 || write(told[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(told[1]);
	REQUIRE_EQ(read(told[0], &ready, 1), 1);
	close(told[0]);
	return child;
}

static void kill_holder(pid_t child)
{
	kill(child, SIGKILL);
	(void)child_result(child);
}

static bool is_on_disk(const char *file)
{
	char path[512];
	struct stat st;

	REQUIRE_EQ(fm_namespace_directory(FM_LOCAL, path, sizeof(path)), FM_OK);
	strcat(strcat(path, "/"), file);
	return lstat(path, &st) == 0;
}

TEST(what_a_killed_process_held_is_freed)
{
	fm_reaper *reaper;

	own_namespace();
	reaper = make_reaper(FM_LOCAL);
	for (int i = 0; i < 5; i++) {
		pid_t child = make_holder("big", SIZE, 0);
		uint64_t bytes = 0;
		int wait;

		CHECK_EQ(fm_reaper_run(reaper, NULL, NULL, &wait), FM_OK); /* it has seen the name now */
		kill_holder(child);
		CHECK_EQ(run_until(reaper, 1, &bytes), 1);
		CHECK(bytes >= SIZE);
		CHECK(!is_on_disk("big"));
	}
	fm_reaper_close(reaper);
}

TEST(what_was_dead_before_is_swept_when_it_opens)
{
	uint64_t bytes = 0;
	fm_reaper *reaper;

	own_namespace();
	kill_holder(make_holder("dead", PAGE, 0));
	CHECK(is_on_disk("dead"));
	reaper = make_reaper(FM_LOCAL);
	CHECK(!is_on_disk("dead"));
	CHECK_EQ(run_until(reaper, 1, &bytes), 1);
	fm_reaper_close(reaper);
}

TEST(the_last_of_two_holders_counts)
{
	pid_t first, second;
	fm_reaper *reaper;
	uint64_t bytes = 0;

	own_namespace();
	reaper = make_reaper(FM_LOCAL);
	first = make_holder("x", PAGE, 0);
	second = make_holder("x", PAGE, FM_READ);
	kill_holder(first);
	CHECK_EQ(run_until(reaper, 1, &bytes), 0);
	CHECK(is_on_disk("x"));
	kill_holder(second); /* a reader, whose close is another event */
	CHECK_EQ(run_until(reaper, 1, &bytes), 1);
	CHECK(!is_on_disk("x"));
	fm_reaper_close(reaper);
}

TEST(it_is_idle_when_nothing_happens)
{
	fm_reaper *reaper;
	fm_section *section;
	uint64_t bytes = 0;
	struct pollfd ready = { .events = POLLIN };

	own_namespace();
	section = make_section(&(fm_section_options){ .name = "live", .size = PAGE });
	reaper = make_reaper(FM_LOCAL);
	CHECK_EQ(run_until(reaper, 1, &bytes), 0); /* returns: it need not be called again */
	ready.fd = fm_reaper_fd(reaper);
	CHECK_EQ(poll(&ready, 1, 0), 0);
	fm_reaper_close(reaper);
	fm_section_close(section);
}

TEST(a_reaper_is_no_holder)
{
	fm_section_options options = { .name = "x", .size = PAGE };
	fm_section *section, *again;
	fm_reaper *reaper;
	uint64_t bytes = 0;

	own_namespace();
	section = make_section(&options);
	reaper = make_reaper(FM_LOCAL);
	(void)run_until(reaper, 1, &bytes);
	fm_section_close(section);
	CHECK_EQ(fm_section_open("x", FM_READ, &again), FM_E_NAME_NOT_FOUND);
	CHECK(!is_on_disk("x"));
	fm_reaper_close(reaper);
}

TEST(beyond_the_limit_of_descriptors_it_sweeps)
{
	struct rlimit limit = { 24, 24 };
	char name[16][8];
	fm_reaper *reaper;
	uint64_t bytes = 0;
	pid_t child[16];

	own_namespace();
	for (int i = 0; i < 16; i++) {
		(void)snprintf(name[i], sizeof(name[i]), "n%d", i);
		child[i] = make_holder(name[i], PAGE, 0);
	}
	REQUIRE_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
	reaper = make_reaper(FM_LOCAL);
	for (int i = 0; i < 16; i++)
		kill_holder(child[i]);
	CHECK_EQ(run_until(reaper, 16, &bytes), 16);
	fm_reaper_close(reaper);
}

TEST(a_removed_directory_is_told)
{
	char path[512];
	fm_reaper *reaper;
	unsigned removed = 77;
	int wait;

	own_namespace();
	reaper = make_reaper(FM_LOCAL);
	REQUIRE_EQ(fm_namespace_directory(FM_LOCAL, path, sizeof(path)), FM_OK);
	REQUIRE_EQ(rmdir(path), 0);
	CHECK_EQ(fm_reaper_run(reaper, &removed, NULL, &wait), FM_E_PATH_NOT_FOUND);
	CHECK_EQ(removed, 77);
	fm_reaper_close(reaper);
}

TEST(wrong_arguments_are_refused)
{
	fm_reaper *reaper = NULL;
	int wait;

	CHECK_EQ(fm_reaper_open(2, &reaper), FM_E_INVALID_PARAMETER);
	CHECK_EQ(fm_reaper_open(FM_LOCAL, NULL), FM_E_INVALID_PARAMETER);
	CHECK_EQ(fm_reaper_run(NULL, NULL, NULL, &wait), FM_E_INVALID_PARAMETER);
	fm_reaper_close(NULL);
}

/* What it holds must be found by its name all the while. */
static void storm_one(unsigned seed)
{
	for (int i = 0; i < 1500; i++) {
		fm_section_options options = { .size = PAGE };
		fm_section *held, *again;
		char name[16];

		(void)snprintf(name, sizeof(name), "s%d", rand_r(&seed) % 6);
		options.name = name;
		options.access = rand_r(&seed) % 2 ? FM_READ : 0;
		if (fm_section_create(&options, &held) < 0)
			_exit(2);
		if (fm_section_open(name, FM_READ, &again) != FM_OK)
			_exit(3);
		fm_section_close(again);
		if (!is_on_disk(name))
			_exit(4);
		if (i == 1499 && seed % 2)
			kill(getpid(), SIGKILL); /* with the handle open */
		fm_section_close(held);
	}
	_exit(0);
}

TEST(a_storm_beside_it_loses_no_live_name)
{
	pid_t child[4], reap;
	uint64_t bytes = 0;
	fm_reaper *reaper;

	own_namespace();
	reap = fork();
	REQUIRE(reap >= 0);
	if (reap == 0) {
		struct pollfd ready = { .events = POLLIN };
		int wait;

		reaper = make_reaper(FM_LOCAL);
		ready.fd = fm_reaper_fd(reaper);
		while (fm_reaper_run(reaper, NULL, NULL, &wait) == FM_OK)
			(void)poll(&ready, 1, wait);
		_exit(1);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(child); i++) {
		child[i] = fork();
		REQUIRE(child[i] >= 0);
		if (child[i] == 0)
			storm_one(i + 1);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(child); i++) {
		int result = child_result(child[i]);

		CHECK_EQ(result == -SIGKILL ? 0 : result, 0);
	}
	kill_holder(reap);
	reaper = make_reaper(FM_LOCAL);
	(void)run_until(reaper, 8, &bytes);
	for (int i = 0; i < 6; i++)
		CHECK(!is_on_disk((char[]){ 's', (char)('0' + i), 0 }));
	fm_reaper_close(reaper);
}
