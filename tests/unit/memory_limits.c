/* SPDX-License-Identifier: MIT */
/* Control groups and limits of the process: what is beyond them is an error when it is asked for, and not a kill. */
#include <stdlib.h>
#include <sys/resource.h>

#include "fault.h"
#include "os.h"
#include "small.h"

#define MIB ((uint64_t)1 << 20)
#define NONE UINT64_MAX

static char root[600]; /* stands for the root of the file system where control groups are looked for */
static int (*real_openat)(int dir, const char *path, int flags, unsigned mode);
static uint64_t swap_pages;

static int redirected(int dir, const char *path, int flags, unsigned mode)
{
	char there[5000];

	if (strncmp(path, "/sys/fs/cgroup", 14) != 0 && strcmp(path, "/proc/self/cgroup") != 0)
		return real_openat(dir, path, flags, mode);
	snprintf(there, sizeof(there), "%s%s", root, path);
	return real_openat(dir, there, flags, mode);
}

static int large_machine(struct sysinfo *info)
{
	*info = (struct sysinfo){ .totalram = 1024 * MIB / PAGE, .totalswap = swap_pages, .mem_unit = PAGE };
	return 0;
}

/* "/a/b/file" below @root, with the directories on the way. */
static void put(const char *path, const char *text)
{
	char there[1200], *slash;
	int fd;

	snprintf(there, sizeof(there), "%s%s", root, path);
	for (slash = there + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = 0;
		(void)mkdir(there, 0700); /* or it is there */
		*slash = '/';
	}
	fd = open(there, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	REQUIRE(fd >= 0);
	REQUIRE_EQ(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void pretend(const char *name, uint64_t swap)
{
	snprintf(root, sizeof(root), "%s/%s", check_directory(), name);
	REQUIRE_EQ(mkdir(root, 0700), 0);
	swap_pages = swap / PAGE;
	if (!real_openat) {
		real_openat = os.openat;
		os.openat = redirected;
		os.sysinfo = large_machine;
	}
}

static fm_status create(uint64_t size, const char *name)
{
	fm_section_options options = { .size = size, .name = name };
	fm_section *section = NULL;
	fm_status status = fm_section_create(&options, &section);

	CHECK_EQ(section != NULL, status >= 0);
	fm_section_close(section);
	return status;
}

/* The largest section that can be had, of whole MiB; NONE: 512 MiB at least. */
static uint64_t largest(void)
{
	uint64_t low = 0, high = 512;

	if (create(high * MIB, NULL) == FM_OK)
		return NONE;
	while (high - low > 1) {
		uint64_t middle = (low + high) / 2;
		fm_status status = create(middle * MIB, NULL);

		if (status != FM_OK)
			CHECK_EQ(status, FM_E_COMMITMENT_LIMIT);
		*(status == FM_OK ? &low : &high) = middle;
	}
	return low;
}

struct group_case {
	const char *name, *group, *files[3][2];
	uint64_t largest;
};

static void try_groups(const struct group_case *cases, size_t count, uint64_t swap)
{
	for (size_t i = 0; i < count; i++) {
		char name[16];

		check_row("%s", cases[i].name);
		snprintf(name, sizeof(name), "root%zu", i);
		pretend(name, swap);
		put("/proc/self/cgroup", cases[i].group);
		for (size_t file = 0; file < 3 && cases[i].files[file][0]; file++)
			put(cases[i].files[file][0], cases[i].files[file][1]);
		CHECK_EQ(largest(), cases[i].largest);
	}
}

TEST(no_control_group_promises_more_than_it_may)
{
	static const struct group_case cases[] = {
		{ "none", "", { { NULL } }, NONE },
		{ "own", "0::/a/b\n", { { "/sys/fs/cgroup/a/b/memory.max", "67108864\n" } }, 64 },
		{ "parent", "0::/a/b\n", { { "/sys/fs/cgroup/a/memory.max", "67108864\n" } }, 64 },
		{ "lowest", "0::/a/b\n", { { "/sys/fs/cgroup/a/memory.max", "67108864\n" },
					   { "/sys/fs/cgroup/a/b/memory.max", "134217728\n" } }, 64 },
		{ "max", "0::/a\n", { { "/sys/fs/cgroup/a/memory.max", "max\n" } }, NONE },
		{ "a container's own", "0::/\n", { { "/sys/fs/cgroup/memory.max", "67108864\n" } }, 64 },
		{ "a path of outside", "0::/../a\n", { { "/sys/fs/cgroup/memory.max", "67108864\n" } }, 64 },
		{ "another group's", "0::/a\n", { { "/sys/fs/cgroup/b/memory.max", "67108864\n" } }, NONE },
		{ "no number", "0::/a\n", { { "/sys/fs/cgroup/a/memory.max", "\n" } }, NONE },
		{ "version 1", "3:cpu:/x\n4:memory:/a\n0::/\n",
		  { { "/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "67108864\n" } }, 64 },
		{ "version 1, unlimited", "4:memory:/a\n",
		  { { "/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "9223372036854771712\n" } }, NONE },
	};

	try_groups(cases, ARRAY_SIZE(cases), 0);
}

TEST(swap_helps_as_far_as_the_group_may_have_it)
{
	static const struct group_case cases[] = {
		{ "all", "0::/a\n", { { "/sys/fs/cgroup/a/memory.max", "67108864\n" } }, 96 },
		{ "none", "0::/a\n", { { "/sys/fs/cgroup/a/memory.max", "67108864\n" },
				       { "/sys/fs/cgroup/a/memory.swap.max", "0\n" } }, 64 },
		{ "some", "0::/a\n", { { "/sys/fs/cgroup/a/memory.max", "67108864\n" },
				       { "/sys/fs/cgroup/a/memory.swap.max", "16777216\n" } }, 80 },
		{ "together", "4:memory:/a\n",
		  { { "/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "67108864\n" },
		    { "/sys/fs/cgroup/memory/a/memory.memsw.limit_in_bytes", "75497472\n" } }, 72 },
	};

	try_groups(cases, ARRAY_SIZE(cases), 32 * MIB);
}

static void limited(void)
{
	pretend("root", 0);
	put("/proc/self/cgroup", "0::/a\n");
	put("/sys/fs/cgroup/a/memory.max", "33554432\n");
}

TEST(a_name_beyond_the_group_leaves_nothing)
{
	const char *name = check_name("cgroup");
	struct fault_world before;
	fm_section_options options = { .size = MIB, .name = name };
	fm_section *section;

	limited();
	warm_up();
	before = fault_world();
	CHECK_EQ(create(64 * MIB, name), FM_E_COMMITMENT_LIMIT);
	CHECK_SAME_WORLD(before);
	section = make_section(&options);
	CHECK_EQ(fm_section_extend(section, 64 * MIB), FM_E_COMMITMENT_LIMIT);
	CHECK_EQ(fm_section_extend(section, 2 * MIB), FM_OK);
	fm_section_close(section);
	CHECK_EQ(fault_world().names, before.names);
}

TEST(private_copies_are_promised_by_the_group_too)
{
	fm_section_options options = { .size = 64 * MIB, .flags = FM_SECTION_LAZY };
	fm_section *section;
	void *view = NULL;

	limited();
	section = make_section(&options); /* no promise */
	CHECK_EQ(fm_view_map(section, FM_COPY, 0, 0, &view), FM_E_COMMITMENT_LIMIT);
	CHECK_EQ(fm_view_map(section, FM_COPY, 0, 32 * MIB, &view), FM_OK);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	fm_section_close(section);
}

/* Of a process: private memory counts there, what is shared does not. */
TEST(data_limit_is_an_error_of_private_views)
{
	struct rlimit limit;
	fm_section *section;
	void *view = NULL;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	check_skip("a sanitizer's own memory is beyond any limit");
#endif
	section = make_memory(64 * MIB, 0);
	REQUIRE_EQ(getrlimit(RLIMIT_DATA, &limit), 0);
	limit.rlim_cur = 32 * MIB;
	REQUIRE_EQ(setrlimit(RLIMIT_DATA, &limit), 0);
	CHECK_EQ(fm_view_map(section, FM_COPY, 0, 0, &view), FM_E_NO_MEMORY);
	CHECK(view == NULL);
	view = make_view(section, FM_WRITE, 0, 0);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	fm_section_close(section);
}

/* ---- a real one ---- */

static char group[600];

static void remove_group(void)
{
	(void)rmdir(group);
}

static bool try_group(const char *parent, const char *file)
{
	char path[700];
	int fd;

	snprintf(group, sizeof(group), "%s/filemap-test-%d", parent, (int)getpid());
	snprintf(path, sizeof(path), "%s/%s", group, file);
	if (mkdir(group, 0700) < 0)
		return false;
	atexit(remove_group);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "67108864", 8) != 8) {
		(void)rmdir(group);
		return false;
	}
	close(fd);
	return true;
}

TEST(a_real_control_group_is_minded)
{
	char members[700], number[32];
	pid_t child;
	int fd, result;

	if (!try_group("/sys/fs/cgroup", "memory.max") &&
	    !try_group("/sys/fs/cgroup/memory", "memory.limit_in_bytes"))
		check_skip("no control group with a limit of memory can be made");
	snprintf(members, sizeof(members), "%s/cgroup.procs", group);
	child = fork();
	if (child == 0) {
		fd = open(members, O_WRONLY | O_CLOEXEC);
		snprintf(number, sizeof(number), "%d", (int)getpid());
		if (fd < 0 || write(fd, number, strlen(number)) < 0)
			_exit(77);
		CHECK_EQ(create(2048 * MIB, NULL), FM_E_COMMITMENT_LIMIT);
		CHECK_EQ(create(2048 * MIB, check_name("group")), FM_E_COMMITMENT_LIMIT);
		CHECK_EQ(create(48 * MIB, NULL), FM_OK);
		fflush(NULL);
		_exit(check_failures > 0);
	}
	result = child_result(child);
	REQUIRE_EQ(rmdir(group), 0);
	if (result == 77)
		check_skip("the control group cannot be joined");
	CHECK_EQ(result, 0);
}
