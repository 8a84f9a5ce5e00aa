/* SPDX-License-Identifier: MIT */
/* Handlers of faults called with what signals seldom say, under locks, without memory, and with files that changed. */
#include <errno.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "fault.h"
#include "faulting.h"
#include "lock.h"
#include "os.h"
#include "view.h"
#include "vm_make.h"

/* ---- signals made up: what the host's own handler would hand on ---- */

static bool handle(int number, int code, const void *address)
{
	siginfo_t info = { .si_signo = number, .si_code = code };
	ucontext_t context;

	info.si_addr = (void *)(uintptr_t)address;
	REQUIRE_EQ(getcontext(&context), 0);
	return fm_fault_handle(number, &info, &context);
}

static char *memory_view(fm_section **ret_section)
{
	*ret_section = make_memory(2 * PAGE, 0);
	return make_view(*ret_section, FM_WRITE, 0, 0);
}

TEST(what_no_access_has_met_is_not_handled)
{
	static const struct {
		int number, code;
	} cases[] = {
		{ SIGSEGV, SI_USER }, { SIGSEGV, SI_TKILL }, { SIGBUS, SI_QUEUE }, { SIGBUS, BUS_ADRALN },
		{ SIGBUS, BUS_OBJERR }, { SIGBUS, BUS_MCEERR_AO }, { SIGILL, ILL_ILLOPC },
	};
	fm_section *section;
	char *view = memory_view(&section);

	REQUIRE_EQ(fm_view_set_fault_policy(view, FM_FAULT_ZERO_PAGE), FM_OK);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%zu", i);
		CHECK(!handle(cases[i].number, cases[i].code, view));
	}
	CHECK(handle(SIGBUS, BUS_ADRERR, view));
	CHECK(handle(SIGBUS, BUS_MCEERR_AR, view + PAGE));
}

TEST(storage_that_fails_where_there_is_none_is_the_hosts)
{
	char *memory = make_private(UNIT, VM_RESERVE | VM_COMMIT, RW), *placeholder = make_placeholder(UNIT);
	char stack;

	CHECK(!handle(SIGBUS, BUS_ADRERR, memory));
	CHECK(!handle(SIGBUS, BUS_ADRERR, placeholder));
	CHECK(!handle(SIGSEGV, SEGV_MAPERR, placeholder));
	CHECK(!handle(SIGSEGV, SEGV_MAPERR, &stack));
	CHECK(!handle(SIGSEGV, SI_KERNEL, memory)); /* the address is not told */
}

TEST(an_access_that_is_allowed_by_now_is_tried_again_once)
{
	char *memory = make_private(UNIT, VM_RESERVE | VM_COMMIT, RW);

	REQUIRE_EQ(protect_at(memory, PAGE, FM_READ), FM_OK); /* so that the states of pages exist */
	for (int round = 0; round < 2; round++) {
		check_row("%d", round);
		CHECK(handle(SIGSEGV, SEGV_ACCERR, memory + PAGE));
		CHECK(!handle(SIGSEGV, SEGV_ACCERR, memory + PAGE));
	}
}

TEST(what_an_access_may_is_what_the_page_allows)
{
	static const struct {
		uint32_t protection;
		enum os_access access;
		enum repair repair;
	} cases[] = {
		{ RW, OS_ACCESS_READ, REPAIR_AGAIN }, { RW, OS_ACCESS_WRITE, REPAIR_AGAIN },
		{ RW, OS_ACCESS_EXECUTE, REPAIR_NONE }, { FM_READ, OS_ACCESS_WRITE, REPAIR_NONE },
		{ FM_READ | FM_EXEC, OS_ACCESS_EXECUTE, REPAIR_AGAIN }, { FM_NOACCESS, OS_ACCESS_READ, REPAIR_NONE },
		{ RW | FM_GUARD, OS_ACCESS_READ, REPAIR_GUARD },
	};
	char *memory = make_private(UNIT, VM_RESERVE, RW);

	REQUIRE_EQ(allocate_at(memory, PAGE, VM_COMMIT, RW), FM_OK);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fault fault = { .address = (uintptr_t)memory, .access = cases[i].access };
		unsigned token = grace_enter();

		check_row("%zu", i);
		REQUIRE_EQ(protect_at(memory, PAGE, cases[i].protection), FM_OK);
		CHECK_EQ(fault_take_guard(region_find(fault.address), &fault), cases[i].repair);
		fault.address += PAGE; /* reserved only */
		CHECK_EQ(fault_take_guard(region_find(fault.address), &fault), REPAIR_NONE);
		grace_leave(token);
	}
}

/* ---- pages that cannot be put right ---- */

static bool zero(const void *address)
{
	unsigned token = grace_enter();
	bool done = fault_zero_page(region_find((uintptr_t)address), (uintptr_t)address) == REPAIR_AGAIN;

	grace_leave(token);
	return done;
}

TEST(a_handler_waits_for_no_lock_of_the_code_that_it_interrupted)
{
	fm_section *section;
	char *view = memory_view(&section);
	struct region *region = region_find((uintptr_t)view);

	REQUIRE_EQ(fm_view_set_fault_policy(view, FM_FAULT_ZERO_PAGE), FM_OK);
	lock_take(lock_stripe(LOCK_REGION, region));
	CHECK(!zero(view));
	lock_drop(lock_stripe(LOCK_REGION, region));
	CHECK(zero(view));
}

TEST(a_view_that_ends_meanwhile_is_not_touched)
{
	fm_section *section;
	char *view = memory_view(&section);
	struct region *region = region_find((uintptr_t)view);

	REQUIRE_EQ(fm_view_set_fault_policy(view, FM_FAULT_ZERO_PAGE), FM_OK);
	view[0] = 7;
	atomic_store(&region->gone, true);
	CHECK(!zero(view));
	CHECK_EQ(fm_view_set_fault_policy(view, FM_FAULT_SIGNAL), FM_E_NOT_MAPPED_VIEW);
	atomic_store(&region->gone, false);
	CHECK_EQ(view[0], 7);
}

TEST(zeros_that_cannot_be_mapped_leave_the_page)
{
	static const int errors[] = { ENOMEM, EINVAL }; /* EINVAL: of a huge page, which this view has none */
	fm_section *section;
	char *view = memory_view(&section);

	REQUIRE_EQ(fm_view_set_fault_policy(view, FM_FAULT_ZERO_PAGE), FM_OK);
	view[0] = 7;
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		check_row("%d", errors[i]);
		fault_arm("mmap", 1, FAULT_ONCE, errors[i]);
		CHECK(!zero(view));
		CHECK(fault_disarm());
		CHECK_EQ(view[0], 7);
	}
	CHECK(zero(view));
	CHECK_EQ(view[0], 0);
}

static int (*real_mprotect)(void *, size_t, int);

/* As of a part of a huge page. */
static int refuse_to_protect(void *start, size_t size, int protection)
{
	(void)start, (void)size, (void)protection;
	os.mprotect = real_mprotect;
	return -EINVAL;
}

/* The kernel gives up a huge page as a whole. */
TEST(of_a_huge_page_all_becomes_zeros_where_the_view_has_it_whole)
{
	static const struct {
		size_t offset; /* of the view's begin before a huge page's */
		size_t touched;
		int error;
		bool refuses, done;  /* refuses: to protect a part as well */
	} cases[] = {
		{ 0, 5 * PAGE, EINVAL, false, true },
		{ 0, 5 * PAGE, ENOMEM, true, true },                     /* kernels that say so of huge pages */
		{ 0, 5 * PAGE, ENOMEM, false, false },                   /* there is no memory */
		{ 0, 5 * PAGE, EPERM, false, false },
		{ PAGE, 0, EINVAL, false, false },                       /* it begins before the view */
		{ PAGE, VM_LARGE_PAGE + 2 * PAGE, EINVAL, false, false },/* it ends behind the view */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fm_section *section = make_memory(2 * VM_LARGE_PAGE, 0);
		char *whole = make_private(4 * VM_LARGE_PAGE, VM_RESERVE, FM_NOACCESS), *view = NULL;
		uintptr_t at = ((uintptr_t)whole + 2 * VM_LARGE_PAGE - 1) & ~(uintptr_t)(VM_LARGE_PAGE - 1);
		fm_map_options options = { .access = FM_WRITE, .length = VM_LARGE_PAGE + 4 * PAGE };

		check_row("%zu", i);
		REQUIRE_EQ(free_at(whole, 0, VM_RELEASE), FM_OK);
		options.address = (void *)(at - (cases[i].offset ? UNIT : 0));
		REQUIRE_EQ(fm_view_map_with(section, &options, (void **)&view), FM_OK);
		REQUIRE_EQ(fm_view_set_fault_policy(view, FM_FAULT_ZERO_PAGE), FM_OK);
		memset(view, 7, VM_LARGE_PAGE + 4 * PAGE);
		fault_arm("mmap", 1, FAULT_ONCE, cases[i].error);
		real_mprotect = os.mprotect;
		if (cases[i].refuses)
			os.mprotect = refuse_to_protect;
		CHECK_EQ(zero(view + cases[i].touched), cases[i].done);
		CHECK(os.mprotect == real_mprotect);
		CHECK(fault_disarm());
		CHECK_EQ(view[cases[i].touched], cases[i].done ? 0 : 7);
		CHECK_EQ(view[VM_LARGE_PAGE], 7);
		CHECK_EQ(view[0], cases[i].done ? 0 : 7);
		REQUIRE_EQ(fm_view_unmap(view), FM_OK);
		fm_section_close(section);
	}
}

TEST(policies_need_a_view_and_memory)
{
	fm_section *section;
	char *view = memory_view(&section), *memory = make_private(UNIT, VM_RESERVE | VM_COMMIT, RW);

	CHECK_EQ(fm_view_set_fault_policy(memory, FM_FAULT_ZERO_PAGE), FM_E_NOT_MAPPED_VIEW);
	fault_arm_allocation(1, FAULT_ONCE);
	CHECK_EQ(fm_view_set_fault_policy(view, FM_FAULT_ZERO_PAGE), FM_E_NO_MEMORY);
	CHECK(fault_disarm());
}

TEST(a_guard_that_cannot_be_taken_stays)
{
	char *memory = make_private(UNIT, VM_RESERVE | VM_COMMIT, RW | FM_GUARD);

	fault_arm("mprotect", 1, FAULT_ONCE, ENOMEM);
	CHECK(!handle(SIGSEGV, SEGV_ACCERR, memory));
	CHECK(fault_disarm());
	CHECK_EQ(vm_info_of(memory).protection, RW | FM_GUARD);
}

static bool filter_nothing(const struct fault *fault)
{
	(void)fault;
	return false;
}

TEST(a_guard_that_nobody_wanted_to_know_of_is_put_back)
{
	char *memory = make_private(UNIT, VM_RESERVE | VM_COMMIT, RW | FM_GUARD);
	fm_section *section;
	char *view = memory_view(&section);

	fault_set_filters(filter_nothing, filter_nothing);
	REQUIRE_EQ(protect_at(view, PAGE, RW | FM_GUARD), FM_OK);
	CHECK(!handle(SIGSEGV, SEGV_ACCERR, memory));
	CHECK_EQ(vm_info_of(memory).protection, RW | FM_GUARD);
	CHECK(!handle(SIGSEGV, SEGV_ACCERR, view));
	CHECK_EQ(query_of(view).protection, RW | FM_GUARD);
	fault_return_guard(16); /* where nothing is */
}

/* ---- why storage failed ---- */

static int (*real_fstat)(int, struct stat *);
static int (*real_fstatfs)(int, struct statfs *);
static struct {
	int stat_error, other_inode, other_device, statfs_error;
	unsigned looks; /* bit n: the n-th fstat() says so */
	uint64_t blocks, available;
	long type;
} said;

static int say_fstat(int fd, struct stat *st)
{
	int result = real_fstat(fd, st);
	bool lies = said.looks & 1;

	said.looks >>= 1;
	if (!lies)
		return result;
	st->st_ino += (ino_t)said.other_inode;
	st->st_dev += (dev_t)said.other_device;
	return said.stat_error;
}

static int say_fstatfs(int fd, struct statfs *st)
{
	(void)fd;
	*st = (struct statfs){ .f_blocks = said.blocks, .f_bavail = said.available };
	st->f_type = said.type;
	return said.statfs_error;
}

static fm_status cause(const void *address, enum os_access access)
{
	struct fault fault = { .address = (uintptr_t)address, .access = access };
	fm_status status;

	real_fstat = os.fstat;
	real_fstatfs = os.fstatfs;
	os.fstat = say_fstat;
	os.fstatfs = say_fstatfs;
	status = fault_cause(&fault);
	os.fstat = real_fstat;
	os.fstatfs = real_fstatfs;
	return status;
}

TEST(the_cause_is_what_the_file_and_its_file_system_say)
{
	static const struct {
		int stat_error, other_inode, other_device, statfs_error;
		unsigned looks;
		uint64_t blocks, available;
		long type;
		enum os_access access;
		fm_status status;
	} cases[] = {
		{ .blocks = 9, .available = 1, .status = FM_E_IO_DEVICE_ERROR },
		{ .blocks = 9, .available = 0, .status = FM_E_DISK_FULL },
		{ .blocks = 0, .available = 0, .status = FM_E_IO_DEVICE_ERROR }, /* one that counts none */
		{ .blocks = 9, .available = 1, .access = OS_ACCESS_WRITE, .status = FM_E_DISK_FULL }, /* it reads */
		{ .type = HUGETLBFS_MAGIC, .status = FM_E_INSUFFICIENT_RESOURCES },
		{ .statfs_error = -EIO, .status = FM_E_IO_DEVICE_ERROR },
		/* Another thread closed it, and the number is another file's: it is asked by its path. */
		{ .looks = 1, .stat_error = -EBADF, .status = FM_E_IO_DEVICE_ERROR },
		{ .looks = 1, .other_inode = 1, .status = FM_E_IO_DEVICE_ERROR },
		{ .looks = 1, .other_device = 1, .status = FM_E_IO_DEVICE_ERROR },
		{ .looks = 3, .other_inode = 1, .status = FM_E_END_OF_FILE }, /* and that is another file's, too */
		{ .looks = 5, .stat_error = -EIO, .status = FM_E_IO_DEVICE_ERROR },
	};
	fm_section *section = make_file_section(make_file("cause", 2 * PAGE), 0);
	char *view = make_view(section, FM_WRITE, 0, 0);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%zu", i);
		said.looks = cases[i].looks;
		said.stat_error = cases[i].stat_error;
		said.other_inode = cases[i].other_inode;
		said.other_device = cases[i].other_device;
		said.statfs_error = cases[i].statfs_error;
		said.blocks = cases[i].blocks;
		said.available = cases[i].available;
		said.type = cases[i].type;
		CHECK_EQ(cause(view, cases[i].access), cases[i].status);
	}
}

TEST(the_cause_of_what_has_no_file_is_told_too)
{
	fm_section_options named = { .name = check_name("cause"), .size = PAGE };
	fm_section *section, *memory, *name = make_section(&named);
	char *view = make_view(name, FM_WRITE, 0, 0), *anonymous = memory_view(&memory), *gone;
	struct fault poisoned = { .address = (uintptr_t)view, .poisoned = true, .access = OS_ACCESS_WRITE };
	const char *path = make_file("gone", PAGE);
	char *own = make_private(UNIT, VM_RESERVE | VM_COMMIT, RW);

	memset(&said, 0, sizeof(said));
	said.blocks = said.available = 9;
	section = make_file_section(path, 0);
	gone = make_view(section, FM_WRITE, 0, 0);
	fm_section_close(section);
	REQUIRE_EQ(unlink(path), 0);
	CHECK_EQ(cause(gone, OS_ACCESS_READ), FM_E_END_OF_FILE); /* nobody can be asked any more */
	CHECK_EQ(cause(view, OS_ACCESS_READ), FM_E_IO_DEVICE_ERROR);
	CHECK_EQ(cause(anonymous, OS_ACCESS_READ), FM_E_IO_DEVICE_ERROR);
	fm_section_close(memory);
	CHECK_EQ(cause(anonymous, OS_ACCESS_READ), FM_E_IO_DEVICE_ERROR);
	fm_section_close(name);
	CHECK_EQ(cause(view, OS_ACCESS_READ), FM_E_END_OF_FILE);
	CHECK_EQ(fault_cause(&poisoned), FM_E_IO_DEVICE_ERROR);
	CHECK_EQ(cause(own, OS_ACCESS_READ), FM_E_END_OF_FILE); /* what others mapped, for all that is known */
	CHECK_EQ(cause(&said, OS_ACCESS_READ), FM_E_END_OF_FILE);
	CHECK_EQ(fm_fault_cause(own), FM_E_NOT_MAPPED_VIEW);
}

/* ---- the chain of handlers, called as the kernel would ---- */

static int (*real_sigaction)(int, const struct sigaction *, struct sigaction *);
static int (*real_tgkill)(pid_t, pid_t, int);
static int defaults, sent;

/* What ends this process is counted instead. */
static int count_default(int number, const struct sigaction *action, struct sigaction *ret_old)
{
	if (action && !(action->sa_flags & SA_SIGINFO) && action->sa_handler == SIG_DFL && !ret_old) {
		defaults++;
		return 0;
	}
	return real_sigaction(number, action, ret_old);
}

static int count_sent(pid_t pid, pid_t tid, int number)
{
	(void)pid, (void)tid, (void)number;
	sent++;
	return 0;
}

static int host_calls, host_blocked;

static void host_plain(int number)
{
	sigset_t blocked;

	host_calls++;
	(void)sigprocmask(SIG_BLOCK, NULL, &blocked);
	host_blocked = sigismember(&blocked, number);
}

static void set_host(void (*handler)(int), int flags)
{
	struct sigaction host = { .sa_handler = handler, .sa_flags = flags };

	REQUIRE_EQ(sigaction(SIGBUS, &host, NULL), 0);
}

/* Our handler of SIGBUS, called with a signal that somebody sent or that an access met where nothing of ours is. */
static void call_ours(void (*ours)(int, siginfo_t *, void *), bool access)
{
	siginfo_t info = { .si_signo = SIGBUS, .si_code = access ? BUS_ADRERR : SI_USER };
	ucontext_t context;

	REQUIRE_EQ(getcontext(&context), 0);
	defaults = sent = host_calls = 0;
	os.sigaction = count_default;
	os.tgkill = count_sent;
	ours(SIGBUS, &info, &context);
	os.sigaction = real_sigaction;
	os.tgkill = real_tgkill;
}

TEST(who_handled_the_signal_before_gets_what_is_not_ours)
{
	static const struct {
		void (*host)(int);
		int flags;
		bool access;
		int defaults, sent, calls, blocked;
	} cases[] = {
		{ SIG_DFL, 0, true, 1, 0, 0, 0 }, /* it comes again, and then ends the process */
		{ SIG_DFL, 0, false, 1, 1, 0, 0 },
		{ SIG_IGN, 0, true, 1, 0, 0, 0 }, /* nobody can ignore a fault */
		{ SIG_IGN, 0, false, 0, 0, 0, 0 },
		{ host_plain, 0, true, 0, 0, 1, 1 },
		{ host_plain, SA_NODEFER, true, 0, 0, 1, 0 },
	};

	real_sigaction = os.sigaction;
	real_tgkill = os.tgkill;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sigaction now;

		check_row("%zu", i);
		set_host(cases[i].host, cases[i].flags);
		REQUIRE_EQ(fm_fault_enable(FM_FAULT_BUS), FM_OK);
		REQUIRE_EQ(sigaction(SIGBUS, NULL, &now), 0);
		host_blocked = 0;
		call_ours(now.sa_sigaction, cases[i].access);
		CHECK_EQ(defaults, cases[i].defaults);
		CHECK_EQ(sent, cases[i].sent);
		CHECK_EQ(host_calls, cases[i].calls);
		CHECK_EQ(host_blocked, cases[i].blocked);
		fm_fault_disable(FM_FAULT_BUS);
		call_ours(now.sa_sigaction, true); /* a thread that was on its way: nobody stands before us any more */
		CHECK_EQ(defaults, 1);
	}
}

TEST(a_handler_that_cannot_be_put_back_passes_on)
{
	static const unsigned nths[] = { 1, 2 };

	for (size_t i = 0; i < ARRAY_SIZE(nths); i++) {
		struct sigaction now;

		check_row("%u", nths[i]);
		set_host(host_plain, 0);
		REQUIRE_EQ(fm_fault_enable(FM_FAULT_BUS), FM_OK);
		REQUIRE_EQ(sigaction(SIGBUS, NULL, &now), 0);
		fault_arm("sigaction", nths[i], FAULT_ONCE, EINVAL);
		fm_fault_disable(FM_FAULT_BUS);
		CHECK(fault_disarm());
		real_sigaction = os.sigaction;
		real_tgkill = os.tgkill;
		call_ours(now.sa_sigaction, true);
		CHECK_EQ(host_calls, 1);
		REQUIRE_EQ(fm_fault_enable(FM_FAULT_BUS), FM_OK); /* it stands there still */
		fm_fault_disable(FM_FAULT_BUS);
		REQUIRE_EQ(sigaction(SIGBUS, NULL, &now), 0);
		CHECK(now.sa_handler == host_plain);
	}
}

TEST(a_host_that_took_the_signal_over_keeps_it)
{
	struct sigaction now;

	set_host(SIG_DFL, 0);
	REQUIRE_EQ(fm_fault_enable(FM_FAULT_BUS), FM_OK);
	set_host(host_plain, 0); /* a plain one, which has no place for us to pass on to */
	fm_fault_disable(FM_FAULT_BUS);
	REQUIRE_EQ(sigaction(SIGBUS, NULL, &now), 0);
	CHECK(now.sa_handler == host_plain);
}

TEST(hosting_is_counted)
{
	REQUIRE_EQ(fm_fault_enable(FM_FAULT_HOSTED), FM_OK);
	REQUIRE_EQ(fm_fault_enable(FM_FAULT_HOSTED), FM_OK);
	fm_fault_disable(FM_FAULT_HOSTED);
	CHECK(fault_guards_copies);
	fm_fault_disable(FM_FAULT_HOSTED);
	CHECK(!fault_guards_copies);
	fm_fault_disable(FM_FAULT_HOSTED); /* one too many */
	REQUIRE_EQ(fm_fault_enable(FM_FAULT_HOSTED), FM_OK);
	CHECK(fault_guards_copies);
}

/* ---- probing ---- */

TEST(a_probe_tells_failed_storage_from_no_access)
{
	const char *path = make_file("probe", 2 * PAGE);
	fm_section *section = make_file_section(path, 0);
	char *view = make_view(section, FM_WRITE, 0, 0), *placeholder = make_placeholder(UNIT);
	pid_t child = fork(); /* as another process would */

	if (child == 0)
		_exit(truncate(path, (off_t)PAGE) != 0);
	REQUIRE_EQ(child_result(child), 0);
	CHECK_EQ(fault_probe(view + PAGE, 1, false), FM_E_IN_PAGE_ERROR);
	CHECK_EQ(fault_probe(placeholder, 1, false), FM_E_ACCESS_VIOLATION);
	CHECK_EQ(fault_probe(view, 3 * PAGE, true), FM_E_IN_PAGE_ERROR); /* the first that fails */
	fault_arm("process_vm_readv", 1, FAULT_ONCE, EINTR);
	CHECK(fault_had((uintptr_t)view, false));
	CHECK(fault_disarm());
}

/* Kernels before 6.9 never come back from making writable what cannot be read. */
TEST(only_what_can_be_read_is_asked_to_be_written)
{
	static const struct { int error; bool asked; } cases[] = {
		{ EFAULT, false }, { EHWPOISON, false }, { EPERM, true }, { ENOSYS, true }, /* a filter says so */
	};
	fm_section *section;
	char *view = memory_view(&section);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%d", cases[i].error);
		fault_arm("process_vm_readv", 1, FAULT_ONCE, cases[i].error);
		CHECK_EQ(fault_had((uintptr_t)view, true), cases[i].asked);
		CHECK_EQ(fault_count("madvise"), cases[i].asked);
		CHECK(fault_disarm());
	}
	CHECK(fault_had((uintptr_t)view, true));
	CHECK_EQ(fm_fault_cause(view), FM_OK);
}

TEST(a_text_is_probed_in_whole_characters)
{
	char *memory = make_private(UNIT, VM_RESERVE, FM_NOACCESS);
	const unsigned width = 4;

	REQUIRE_EQ(allocate_at(memory, 2 * PAGE, VM_COMMIT, RW), FM_OK);
	memset(memory, 'x', 2 * PAGE);
	memset(memory + PAGE + 2, 0, width);
	CHECK_EQ(fault_probe_text(memory + PAGE - 6, SIZE_MAX, width), FM_OK); /* a character lies across the pages */
	memset(memory + PAGE + 2, 'x', width);
	CHECK_EQ(fault_probe_text(memory + PAGE - 6, 3, width), FM_OK);
	CHECK_EQ(fault_probe_text(memory + PAGE - 6, SIZE_MAX, width), FM_E_ACCESS_VIOLATION);
	CHECK_EQ(fault_probe_text(memory + 2 * PAGE - 4, SIZE_MAX, width), FM_E_ACCESS_VIOLATION);
}

/* ---- copies by the kernel ---- */

static ssize_t copy_nothing(pid_t pid, const struct iovec *local, const struct iovec *remote)
{
	(void)pid, (void)local, (void)remote;
	return 0;
}

TEST(a_copy_that_the_kernel_cuts_short_has_its_reason)
{
	fm_section *section;
	char *view = memory_view(&section), buffer[16];
	size_t done = 9;

	fault_arm("process_vm_readv", 1, FAULT_ONCE, EHWPOISON);
	CHECK_EQ(fm_read(buffer, view, sizeof(buffer), &done), FM_E_IN_PAGE_ERROR);
	CHECK_EQ(done, 0);
	fault_arm("process_vm_readv", 1, FAULT_ONCE, EPERM);
	CHECK_EQ(fm_read(buffer, view, sizeof(buffer), &done), FM_E_ACCESS_DENIED);
	fault_arm("process_vm_readv", 1, FAULT_ONCE, EINTR);
	CHECK_EQ(fm_read(buffer, view, sizeof(buffer), &done), FM_OK);
	CHECK(fault_disarm());
	REQUIRE_EQ(protect_at(view, PAGE, RW | FM_GUARD), FM_OK);
	CHECK_EQ(fm_read(buffer, view, sizeof(buffer), &done), FM_E_ACCESS_VIOLATION); /* no storage is lost */
	os.process_vm_readv = copy_nothing;
	CHECK_EQ(fm_read(buffer, view + PAGE, sizeof(buffer), &done), FM_E_IN_PAGE_ERROR);
	CHECK_EQ(done, 0);
}

TEST(a_block_tells_execution_from_reading)
{
	char *memory = make_private(UNIT, VM_RESERVE | VM_COMMIT, RW);
	void (*function)(void) = (void (*)(void))(uintptr_t)memory;
	volatile uint32_t access = 0;

	REQUIRE_EQ(fm_fault_enable(0), FM_OK);
	FM_GUARD_BEGIN(guard) {
		function();
	} FM_GUARD_CAUGHT {
		access = guard.access;
	} FM_GUARD_END
	CHECK_EQ(access, FM_EXEC);
}
