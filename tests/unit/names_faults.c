/* SPDX-License-Identifier: MIT */
/* Every system call of the protocol failed or survived by nobody, and the next caller served rightly. */
#include <errno.h>

#include "fault.h"
#include "name_help.h"

static const int errors[] = { ENOSPC, EMFILE, ENOMEM, EINTR, EACCES, EIO, ENOLCK, EPERM, ENOSYS };

/* What one call under fault does; each leaves @name without holders of this process. */
static fm_status create_one(void)
{
	struct name_request request = name_ask("x");
	struct name_facts facts;
	fm_status status;
	int fd;

	request.reserve_storage = true;
	request.facts.extra_size = 8;
	status = name_acquire(&request, &fd, &facts);
	if (status >= 0)
		name_give("x", fd);
	return status;
}

static fm_status create_unreserved(void)
{
	int fd;
	fm_status status = name_take("x", &fd);

	if (status >= 0)
		name_give("x", fd);
	return status;
}

static fm_status open_one(void)
{
	int fd;
	fm_status status = name_open_only("x", &fd);

	if (status >= 0)
		name_give("x", fd);
	return status;
}

/* ---- failing ---- */

/* @run fails at each of its calls in turn; afterwards the same without faults must give @want. */
static void fail_each(fm_status (*run)(void), fm_status want, enum fault_kind kind)
{
	for (size_t e = 0; e < ARRAY_SIZE(errors); e++) {
		bool fired = true;

		for (unsigned nth = 1; fired; nth++) {
			struct fault_world before = fault_world();
			fm_status status;

			fault_arm("*", nth, kind, errors[e]);
			status = run();
			fired = fault_disarm();
			if (status >= 0 && status != want)
				check_failed(__FILE__, __LINE__, "call %u, errno %d: success %#x", nth, errors[e], (unsigned)status);
			if (errors[e] == EINTR && kind == FAULT_ONCE && status != want)
				check_failed(__FILE__, __LINE__, "call %u was not repeated: %#x", nth, (unsigned)status);
			CHECK_EQ(run(), want);
			CHECK_SAME_WORLD(before);
			REQUIRE(nth < 200);
		}
	}
}

TEST(each_failed_call_of_a_create_leaves_nothing)
{
	name_settled_world();
	fail_each(create_one, FM_OK, FAULT_ONCE);
	fail_each(create_unreserved, FM_OK, FAULT_ONCE);
}

TEST(persistent_failures_of_a_create_leave_nothing)
{
	name_settled_world();
	fail_each(create_one, FM_OK, FAULT_FROM);
}

TEST(each_failed_call_of_an_open_leaves_nothing)
{
	int holder;

	name_settled_world();
	REQUIRE_EQ(name_take("x", &holder), FM_OK);
	fail_each(open_one, FM_NAME_EXISTS, FAULT_ONCE);
	fail_each(open_one, FM_NAME_EXISTS, FAULT_FROM);
	name_give("x", holder);
	CHECK(!name_is_on_disk("x"));
}

TEST(each_failed_call_of_an_open_beside_another_process_leaves_nothing)
{
	pid_t holder;

	name_settled_world();
	holder = name_holder("x");
	fail_each(open_one, FM_NAME_EXISTS, FAULT_ONCE);
	fail_each(open_one, FM_NAME_EXISTS, FAULT_FROM);
	name_kill(holder);
}

/* A first call opens and makes the directory; so each in a process of its own, in a root of its own. */
TEST(each_failed_call_of_a_first_use_leaves_a_working_namespace)
{
	for (size_t e = 0; e < ARRAY_SIZE(errors); e++) {
		int fired = 1;

		for (unsigned nth = 1; fired; nth++) {
			char root[NAME_DIR_PATH];
			pid_t child;

			(void)snprintf(root, sizeof(root), "%s/%zu-%u", check_directory(), e, nth);
			REQUIRE_EQ(mkdir(root, 0700), 0);
			REQUIRE_EQ(setenv("FILEMAP_ROOT", root, 1), 0);
			child = fork();
			REQUIRE(child >= 0);
			if (child == 0) {
				int before = fault_world().descriptors;

				fault_arm("*", nth, FAULT_ONCE, errors[e]);
				(void)create_one(); /* may fail */
				fired = fault_disarm();
				CHECK_EQ(create_one(), FM_OK);
				CHECK_EQ(fault_world().descriptors, before + 1); /* the directory */
				CHECK_EQ(fault_world().names, 0);
				_exit(check_failures ? 2 : fired);
			}
			REQUIRE_EQ(waitpid(child, &fired, 0), child);
			REQUIRE(WIFEXITED(fired));
			fired = WEXITSTATUS(fired);
			if (fired == 2)
				check_fatal(__FILE__, __LINE__, "call %u, errno %d", nth, errors[e]);
			REQUIRE(nth < 200);
		}
	}
}

TEST(failures_have_their_status)
{
	static const struct {
		const char *call;
		unsigned nth;
		int error;
		fm_status status;
	} cases[] = {
		{ "openat", 1, EMFILE, FM_E_TOO_MANY_OPENED_FILES },
		{ "openat", 2, EMFILE, FM_E_TOO_MANY_OPENED_FILES },
		{ "openat", 1, ENFILE, FM_E_TOO_MANY_OPENED_FILES },
		{ "openat", 1, EACCES, FM_E_ACCESS_DENIED },
		{ "openat", 2, ENOSPC, FM_E_COMMITMENT_LIMIT },
		{ "openat", 2, EROFS, FM_E_MEDIA_WRITE_PROTECTED },
		{ "fchmodat", 1, EIO, FM_OK }, /* the directory is there: not called */
		{ "ftruncate", 1, ENOSPC, FM_E_COMMITMENT_LIMIT },
		{ "ftruncate", 1, ENOMEM, FM_E_COMMITMENT_LIMIT },
		{ "ftruncate", 1, EFBIG, FM_E_FILE_TOO_LARGE },
		{ "fallocate", 1, ENOSPC, FM_E_COMMITMENT_LIMIT },
		{ "fallocate", 1, EDQUOT, FM_E_COMMITMENT_LIMIT },
		{ "fallocate", 1, ENOMEM, FM_E_COMMITMENT_LIMIT },
		{ "pwrite", 1, ENOSPC, FM_E_COMMITMENT_LIMIT },
		{ "pwrite", 1, EIO, FM_E_IO_DEVICE_ERROR },
		{ "ofd_setlk", 1, ENOLCK, FM_E_INSUFFICIENT_RESOURCES },
		{ "linkat", 1, ENOSPC, FM_E_COMMITMENT_LIMIT },
		{ "linkat", 1, EIO, FM_E_IO_DEVICE_ERROR },
		{ "getrlimit", 1, EIO, FM_E_IO_DEVICE_ERROR },
	};

	name_settled_world();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fault_world before = fault_world();
		fm_status status;

		fault_arm(cases[i].call, cases[i].nth, FAULT_FROM, cases[i].error);
		status = create_one();
		(void)fault_disarm();
		if (status != cases[i].status)
			check_failed(__FILE__, __LINE__, "%s, errno %d: %#x", cases[i].call, cases[i].error, (unsigned)status);
		CHECK_SAME_WORLD(before);
	}
}

TEST(a_full_file_system_is_swept_once_before_giving_up)
{
	name_settled_world();
	name_corpse("dead");
	fault_arm("ftruncate", 1, FAULT_ONCE, ENOSPC);
	CHECK_EQ(create_one(), FM_OK);
	CHECK(fault_disarm());
	CHECK(!name_is_on_disk("dead"));
}

TEST(a_lock_never_granted_is_a_timeout)
{
	int holder;

	name_settled_world();
	REQUIRE_EQ(name_take("x", &holder), FM_OK);
	fault_arm("ofd_setlk", 1, FAULT_FROM, EAGAIN);
	CHECK_EQ(open_one(), FM_E_TIMEOUT);
	(void)fault_disarm();
	name_give("x", holder);
}

/* ---- what old kernels and odd file systems lack ---- */

TEST(without_linking_by_descriptor_proc_serves)
{
	name_settled_world();
	fault_arm("linkat", 1, FAULT_ONCE, ENOENT); /* AT_EMPTY_PATH */
	CHECK_EQ(create_one(), FM_OK);
	CHECK(fault_disarm());
}

TEST(without_proc_a_working_name_serves)
{
	struct fault_world before;

	name_settled_world();
	before = fault_world();
	fault_arm("linkat", 1, FAULT_FROM, ENOENT);
	CHECK_EQ(create_one(), FM_OK);
	CHECK_EQ(fault_count("renameat2"), 1);
	CHECK(fault_disarm());
	CHECK_SAME_WORLD(before);
}

TEST(without_unlinked_files_a_working_name_serves)
{
	static const int unsupported[] = { EOPNOTSUPP, EISDIR, EINVAL };

	name_settled_world();
	for (size_t i = 0; i < ARRAY_SIZE(unsupported); i++) {
		fault_arm("openat", 2, FAULT_ONCE, unsupported[i]); /* O_TMPFILE */
		CHECK_EQ(create_one(), FM_OK);
		CHECK_EQ(fault_count("renameat2"), 1);
		CHECK(fault_disarm());
	}
}

static fm_status create_without_unlinked_files(void)
{
	static int (*real)(int, const char *, int, const char *, int);
	fm_status status;

	if (!real)
		real = os.linkat;
	os.linkat = NULL; /* must not be reached */
	status = create_one();
	os.linkat = real;
	return status;
}

static int (*real_openat)(int dir, const char *path, int flags, unsigned mode);

static int openat_without_unlinked(int dir, const char *path, int flags, unsigned mode)
{
	return (flags & O_TMPFILE) == O_TMPFILE ? -EOPNOTSUPP : real_openat(dir, path, flags, mode);
}

TEST(failures_under_a_working_name_leave_nothing)
{
	name_settled_world();
	real_openat = os.openat;
	os.openat = openat_without_unlinked; /* below the faults, which wrap what they find */
	fail_each(create_without_unlinked_files, FM_OK, FAULT_ONCE);
}

/* ---- dying ---- */

/* A child dies at its @nth call of @call in @run. False: it had fewer. */
static bool die_at(fm_status (*run)(void), const char *call, unsigned nth, enum fault_kind kind)
{
	pid_t child = fork();
	int status;

	REQUIRE(child >= 0);
	if (child == 0) {
		fault_arm(call, nth, kind, 0);
		(void)run();
		_exit(0);
	}
	REQUIRE_EQ(waitpid(child, &status, 0), child);
	if (WIFSIGNALED(status))
		REQUIRE_EQ(WTERMSIG(status), SIGKILL);
	return WIFSIGNALED(status);
}

/* After each death the next create makes a new object, and a sweep leaves nothing. */
static void die_everywhere(fm_status (*run)(void), bool corpse, fm_status want)
{
	static const char *const calls[] = { "*", "close" };

	for (size_t c = 0; c < ARRAY_SIZE(calls); c++)
		for (enum fault_kind kind = FAULT_KILL_BEFORE; kind <= FAULT_KILL_AFTER; kind++)
			for (unsigned nth = 1;; nth++) {
				struct fault_world before = fault_world();

				if (corpse)
					name_corpse("x");
				if (!die_at(run, calls[c], nth, kind))
					break;
				CHECK_EQ(create_one(), want);
				REQUIRE_EQ(fm_namespace_sweep(FM_LOCAL, NULL, NULL), FM_OK);
				CHECK_SAME_WORLD(before);
				REQUIRE(nth < 200);
			}
	(void)create_one(); /* the last corpse was buried by a child that lived */
}

TEST(a_creator_may_die_anywhere)
{
	name_settled_world();
	die_everywhere(create_one, false, FM_OK);
}

TEST(an_undertaker_may_die_anywhere)
{
	name_settled_world();
	die_everywhere(create_one, true, FM_OK);
	die_everywhere(open_one, true, FM_OK);
}

TEST(an_opener_may_die_anywhere)
{
	int holder;

	name_settled_world();
	REQUIRE_EQ(name_take("x", &holder), FM_OK);
	die_everywhere(open_one, false, FM_NAME_EXISTS);
	name_give("x", holder);
	CHECK(!name_is_on_disk("x"));
}

TEST(a_creator_under_a_working_name_may_die_anywhere)
{
	name_settled_world();
	real_openat = os.openat;
	os.openat = openat_without_unlinked;
	die_everywhere(create_one, false, FM_OK);
}

TEST(the_maker_of_the_directory_may_die_anywhere)
{
	for (enum fault_kind kind = FAULT_KILL_BEFORE; kind <= FAULT_KILL_AFTER; kind++) {
		bool died = true;

		for (unsigned nth = 1; died; nth++) {
			char root[NAME_DIR_PATH];

			(void)snprintf(root, sizeof(root), "%s/%d-%u", check_directory(), (int)kind, nth);
			REQUIRE_EQ(mkdir(root, 0700), 0);
			REQUIRE_EQ(setenv("FILEMAP_ROOT", root, 1), 0);
			died = die_at(create_one, "*", nth, kind);
			CHECK_EQ(create_one(), FM_OK);
			CHECK_EQ(fault_world().names, 0);
		}
	}
}

/* ---- memory ---- */

static fm_status create_long(void)
{
	static char name[2000];
	int fd;
	fm_status status;

	memset(name, 'n', sizeof(name) - 1);
	status = name_take(name, &fd);
	if (status >= 0)
		name_give(name, fd);
	return status;
}

TEST(long_names_need_no_memory)
{
	name_settled_world();
	fault_arm_allocation(1, FAULT_FROM);
	CHECK_EQ(create_long(), FM_OK);
	CHECK(!fault_disarm());
}

TEST(exhausted_memory_on_first_use_is_an_error)
{
	name_world();
	fault_arm_allocation(1, FAULT_FROM);
	CHECK_EQ(create_one(), FM_E_NO_MEMORY);
	CHECK(fault_disarm());
	CHECK_EQ(create_one(), FM_OK);
}

TEST(exhausted_memory_in_an_inspection_is_an_error)
{
	struct name_facts facts;
	char *name = NULL;
	int fd;

	name_settled_world();
	REQUIRE_EQ(name_take("x", &fd), FM_OK);
	fault_arm_allocation(1, FAULT_ONCE);
	CHECK_EQ(name_inspect(fd, &facts, &name), FM_E_NO_MEMORY);
	CHECK(fault_disarm());
	CHECK(name == NULL);
	name_give("x", fd);
}
