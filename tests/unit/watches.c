/* SPDX-License-Identifier: MIT */
/* Written pages, asked of the kernel: what it refuses, what a child inherits, and what threads do at once. */
#include <errno.h>

#include "fault.h"
#include "os.h"
#include "vm_make.h"

enum { PAGES = 4 };

static fm_status try_watched(char **ret_memory)
{
	struct vm_request request = { .size = PAGES * PAGE, .type = VM_RESERVE | VM_COMMIT | VM_WRITE_WATCH,
				      .protection = RW, .extended = true };
	struct vm_range range = { 0, 0 };
	fm_status status = vm_allocate(&request, &range);

	if (status == FM_OK)
		*ret_memory = (char *)range.base;
	return status;
}

static char *watched(void)
{
	char *memory = NULL;

	need_watch();
	REQUIRE_EQ(try_watched(&memory), FM_OK);
	return memory;
}

static fm_status ask(char *memory, bool reset, size_t *ret_count)
{
	void *pages[PAGES];

	*ret_count = PAGES;
	return vm_written((uintptr_t)memory, PAGES * PAGE, reset, pages, ret_count);
}

TEST(what_the_kernel_refuses_is_told)
{
	static const struct {
		const char *call;
		unsigned nth;
		int error;
		enum fault_kind kind;
		fm_status status;
	} cases[] = {
		{ "userfaultfd", 1, EPERM, FAULT_FROM, FM_E_NOT_SUPPORTED },
		{ "userfaultfd", 1, EINVAL, FAULT_FROM, FM_E_NOT_SUPPORTED },
		{ "userfaultfd", 1, ENOMEM, FAULT_FROM, FM_E_NO_MEMORY },
		{ "ioctl", 1, EINVAL, FAULT_ONCE, FM_E_NOT_SUPPORTED }, /* what it can */
		{ "fstat", 1, ENOMEM, FAULT_ONCE, FM_E_NO_MEMORY },
		{ "ioctl", 2, ENOMEM, FAULT_ONCE, FM_E_NO_MEMORY },     /* the range */
		{ "ioctl", 1, EINVAL, FAULT_ONCE, FM_E_NOT_SUPPORTED }, /* the range: the descriptor is there now */
		{ "ioctl", 2, ENOMEM, FAULT_ONCE, FM_E_NO_MEMORY },     /* its first protection */
	};

	need_watch();
	(void)make_private(UNIT, VM_RESERVE, RW); /* what is made once */
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fault_world before = fault_world();
		char *memory = NULL;

		check_row("%zu", i);
		if (i == 5)
			before.descriptors++; /* from now on */
		fault_arm(cases[i].call, cases[i].nth, cases[i].kind, cases[i].error);
		CHECK_EQ(try_watched(&memory), cases[i].status);
		CHECK(fault_disarm());
		CHECK(memory == NULL);
		CHECK_SAME_WORLD(before);
	}
}

TEST(before_the_flag_for_users_root_is_asked_without_it)
{
	char *memory = NULL;

	if (geteuid() != 0)
		check_skip("vm.unprivileged_userfaultfd decides for others");
	need_watch();
	fault_arm("userfaultfd", 1, FAULT_ONCE, EINVAL);
	CHECK_EQ(try_watched(&memory), FM_OK);
	CHECK(fault_disarm());
}

TEST(a_look_that_fails_forgets_nothing)
{
	static const struct {
		const char *call;
		int error;
		fm_status status;
	} cases[] = {
		{ "openat", EMFILE, FM_E_TOO_MANY_OPENED_FILES },
		{ "ioctl", ENOMEM, FM_E_NO_MEMORY },
		{ "ioctl", EINTR, FM_OK },
	};
	char *memory = watched();
	size_t count;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s %d", cases[i].call, cases[i].error);
		memory[PAGE] = 1;
		fault_arm(cases[i].call, 1, FAULT_ONCE, cases[i].error);
		CHECK_EQ(ask(memory, false, &count), cases[i].status);
		CHECK(fault_disarm());
		CHECK_EQ(ask(memory, true, &count), FM_OK);
		CHECK_EQ(count, 1);
		CHECK_EQ(ask(memory, true, &count), FM_OK);
		CHECK_EQ(count, 0);
	}
}

TEST(a_reset_that_fails_is_told)
{
	char *memory = watched();
	size_t count;

	memory[0] = 1;
	fault_arm("ioctl", 1, FAULT_ONCE, ENOMEM);
	CHECK_EQ(vm_reset_written((uintptr_t)memory, PAGES * PAGE), FM_E_NO_MEMORY);
	CHECK(fault_disarm());
	CHECK_EQ(ask(memory, false, &count), FM_OK);
	CHECK_EQ(count, 1);
	fault_arm("ioctl", 1, FAULT_ONCE, EINTR);
	CHECK_EQ(vm_reset_written((uintptr_t)memory, PAGES * PAGE), FM_OK);
	CHECK(fault_disarm());
	CHECK_EQ(ask(memory, false, &count), FM_OK);
	CHECK_EQ(count, 0);
}

TEST(no_more_pages_are_told_than_there_is_room_for)
{
	char *memory = watched();
	void *pages[2];
	size_t count = 2;

	memset(memory, 1, PAGES * PAGE);
	CHECK_EQ(vm_written((uintptr_t)memory, PAGES * PAGE, true, pages, &count), FM_OK);
	CHECK_EQ(count, 2);
	CHECK(pages[0] == memory && pages[1] == memory + PAGE);
	CHECK_EQ(ask(memory, false, &count), FM_OK);
	CHECK_EQ(count, 2); /* those that were not told */
}

TEST(a_forked_child_watches_its_own)
{
	enum { LOOK, RESET, REFUSED, REFUSED_TWICE, WAYS };

	for (int way = 0; way < WAYS; way++) {
		char *memory = watched();
		size_t count = 0;
		pid_t child;

		memory[PAGE] = 1;
		child = fork();
		if (child == 0) {
			check_row("%d", way);
			if (way >= REFUSED)
				fault_arm("ioctl", way == REFUSED ? 3 : 4, FAULT_ONCE, ENOMEM);
			if (way == LOOK)
				CHECK_EQ(ask(memory, true, &count), FM_OK);
			else
				CHECK_EQ(vm_reset_written((uintptr_t)memory, PAGES * PAGE),
					 way == RESET ? FM_OK : FM_E_NO_MEMORY);
			if (way >= REFUSED)
				CHECK(fault_disarm());
			CHECK_EQ(ask(memory, true, &count), FM_OK);
			memory[2 * PAGE] = 1;
			CHECK_EQ(ask(memory, true, &count), FM_OK);
			CHECK_EQ(count, 1);
			check_leave(false);
		}
		CHECK_EQ(child_result(child), 0);
	}
}

static int (*real_ioctl)(int, unsigned long, void *);

/* Another thread opens the watcher meanwhile. */
static int ioctl_too_late(int fd, unsigned long request, void *argument)
{
	os.ioctl = real_ioctl;
	(void)watched();
	return real_ioctl(fd, request, argument);
}

TEST(of_two_threads_that_watch_first_one_opens)
{
	int before;

	(void)make_private(UNIT, VM_RESERVE, RW);
	before = fault_world().descriptors;
	real_ioctl = os.ioctl;
	os.ioctl = ioctl_too_late;
	(void)watched();
	CHECK_EQ(fault_world().descriptors, before + 1);
}

TEST(a_child_closes_what_it_inherited_unless_the_number_is_another_files)
{
	static const bool reused[] = { false, true };

	(void)watched();
	for (size_t i = 0; i < ARRAY_SIZE(reused); i++) {
		pid_t child = fork();

		if (child == 0) {
			struct fault_world before = fault_world();

			check_row("%zu", i);
			if (reused[i]) {
				for (int fd = 3; fd < 64; fd++) /* whichever it was */
					if (fcntl(fd, F_GETFD) == FD_CLOEXEC)
						(void)dup2(0, fd);
			}
			(void)watched();
			CHECK_EQ(fault_world().descriptors, before.descriptors + reused[i]);
			check_leave(false);
		}
		CHECK_EQ(child_result(child), 0);
	}
}
