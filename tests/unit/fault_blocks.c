/* SPDX-License-Identifier: MIT */
/* Faults as errors: guard blocks, guarded copies, zero pages, handlers before and after, hosts of their own. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <filemap/fault.h>

#include "fault.h"
#include "vm_make.h"

/* As another process would. */
static void cut(const char *path, off_t size)
{
	pid_t child = fork();

	if (child == 0)
		_exit(truncate(path, size) != 0);
	REQUIRE_EQ(child_result(child), 0);
}

/* A view of a file of 8 pages of which only the first one is left. */
static char *cut_view(uint32_t access)
{
	const char *path = make_file(check_name("cut"), 8 * PAGE);
	fm_section *section = make_file_section(path, 0);
	char *view = make_view(section, access, 0, 0);

	fm_section_close(section);
	cut(path, (off_t)PAGE);
	return view;
}

/* What a guard block says of a touch. */
static fm_status block_says(volatile char *at, bool write)
{
	FM_GUARD_BEGIN(guard) {
		char byte = *at;

		if (write)
			*at = byte;
	} FM_GUARD_CAUGHT {
		CHECK_EQ((uintptr_t)guard.address, (uintptr_t)at);
		return guard.status;
	} FM_GUARD_END
	return FM_OK;
}

static fm_status block_says_of_write(volatile char *at)
{
	FM_GUARD_BEGIN(guard) {
		*at = 1;
	} FM_GUARD_CAUGHT {
		CHECK_EQ(guard.access, FM_WRITE);
		return guard.status;
	} FM_GUARD_END
	return FM_OK;
}

TEST(a_block_turns_a_fault_into_a_status)
{
	char *view = cut_view(FM_WRITE);
	char *memory = make_private(2 * UNIT, VM_RESERVE, FM_NOACCESS);

	CHECK_EQ(fm_fault_enable(0), FM_OK);
	CHECK_EQ(block_says(view, true), FM_OK);
	CHECK_EQ(block_says(view + PAGE, false), FM_E_IN_PAGE_ERROR);
	CHECK_EQ(block_says_of_write(view + 2 * PAGE), FM_E_IN_PAGE_ERROR);
	CHECK_EQ(block_says(memory, false), FM_E_ACCESS_VIOLATION);
	CHECK_EQ(fm_view_protect(view, PAGE, FM_READ, NULL), FM_OK);
	CHECK_EQ(block_says_of_write(view), FM_E_ACCESS_VIOLATION);
	CHECK_EQ(block_says(view, false), FM_OK);
}

static int left_by_return(volatile char *at)
{
	FM_GUARD_BEGIN(guard) {
		return *at;
	} FM_GUARD_CAUGHT {
		return -1;
	} FM_GUARD_END
}

TEST(blocks_nest_and_may_be_left_in_any_way)
{
	char *view = cut_view(FM_READ);
	volatile int caught = 0;

	CHECK_EQ(fm_fault_enable(0), FM_OK);
	for (int i = 0; i < 3; i++) {
		FM_GUARD_BEGIN(outer) {
			CHECK_EQ(left_by_return(view), 1);
			for (;;) {
				FM_GUARD_BEGIN(inner) {
					break;
				} FM_GUARD_CAUGHT {
					caught = caught + 100;
				} FM_GUARD_END
			}
			CHECK_EQ(left_by_return(view + PAGE), -1);
			FM_GUARD_BEGIN(inner) {
				(void)*(volatile char *)(view + 2 * PAGE);
			} FM_GUARD_CAUGHT { /* a fault here is the outer one's */
				caught = caught + 1;
				(void)*(volatile char *)(view + 3 * PAGE);
			} FM_GUARD_END
		} FM_GUARD_CAUGHT {
			CHECK_EQ((uintptr_t)outer.address, (uintptr_t)(view + 3 * PAGE));
			caught = caught + 10;
		} FM_GUARD_END
	}
	CHECK_EQ(caught, 33);
}

static void add_up(void *context)
{
	volatile char *at = context;

	for (size_t i = 0; i < 4 * PAGE; i++)
		(void)at[i];
}

TEST(guard_run_tells_status_and_address)
{
	char *view = cut_view(FM_READ);
	void *address = NULL;

	CHECK_EQ(fm_fault_enable(0), FM_OK);
	CHECK_EQ(fm_guard_run(add_up, view, &address), FM_E_IN_PAGE_ERROR);
	CHECK_EQ((uintptr_t)address, (uintptr_t)(view + PAGE));
	CHECK_EQ(fm_guard_run(add_up, view, NULL), FM_E_IN_PAGE_ERROR);
}

static void *faults_for_a_while(void *context)
{
	intptr_t wrong = 0;

	for (int i = 0; i < 2000; i++)
		wrong += block_says((char *)context + PAGE, false) != FM_E_IN_PAGE_ERROR;
	return (void *)wrong;
}

TEST(each_thread_has_its_blocks)
{
	char *view = cut_view(FM_READ);
	pthread_t threads[4];

	CHECK_EQ(fm_fault_enable(0), FM_OK);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		REQUIRE_EQ(pthread_create(&threads[i], NULL, faults_for_a_while, view), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		void *wrong = NULL;

		pthread_join(threads[i], &wrong);
		CHECK_EQ((intptr_t)wrong, 0);
	}
}

TEST(a_forked_child_handles_faults_too)
{
	char *view = cut_view(FM_READ);
	pid_t child;

	CHECK_EQ(fm_fault_enable(0), FM_OK);
	child = fork();
	if (child == 0)
		_exit(block_says(view + PAGE, false) == FM_E_IN_PAGE_ERROR ? 0 : 1);
	CHECK_EQ(child_result(child), 0);
}

/* ---- copies ---- */

static char buffer[16 * 4096];

TEST(copies_are_exact_to_the_byte)
{
	static const size_t lengths[] = { 1, 7, 8, 15, 16, 63, 64, 65, 100, 511, 512, 513, 3000 };
	static const size_t before[] = { 0, 1, 5, 15, 16, 17, 63, 64, 130, 600 };
	char *view = cut_view(FM_WRITE);

	CHECK_EQ(fm_fault_enable(0), FM_OK);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++)
		for (size_t k = 0; k < ARRAY_SIZE(before); k++) {
			size_t done = 999, want = lengths[i] < before[k] ? lengths[i] : before[k];
			fm_status status = want < lengths[i] ? FM_E_IN_PAGE_ERROR : FM_OK;

			check_row("%zu of %zu", lengths[i], before[k]);
			memset(buffer, 0x55, sizeof(buffer));
			CHECK_EQ(fm_read(buffer, view + PAGE - before[k], lengths[i], &done), status);
			CHECK_EQ(done, want);
			CHECK(want == 0 || (buffer[0] == 1 && buffer[want - 1] == 1));
			CHECK_EQ(buffer[want], 0x55);
			memset(buffer, 1, sizeof(buffer));
			CHECK_EQ(fm_write(view + PAGE - before[k], buffer, lengths[i], &done), status);
			CHECK_EQ(done, want);
		}
}

TEST(copies_know_their_own_side_from_the_other)
{
	fm_section *section = make_memory(2 * PAGE, 0);
	char *view = make_view(section, FM_WRITE, 0, 0);
	char *nothing = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t done = 9;

	CHECK_EQ(fm_fault_enable(0), FM_OK);
	CHECK_EQ(fm_read(nothing, view, 5, &done), FM_E_ACCESS_VIOLATION);
	CHECK_EQ(done, 0);
	CHECK_EQ(fm_write(view, nothing, 5, &done), FM_E_ACCESS_VIOLATION);
	CHECK_EQ(fm_read(buffer, NULL, 1, &done), FM_E_ACCESS_VIOLATION);
	CHECK_EQ(fm_read(buffer, (void *)(uintptr_t)0x8000000000000000u, 1, &done), FM_E_ACCESS_VIOLATION);
	CHECK_EQ(fm_view_protect(view, PAGE, FM_READ, NULL), FM_OK);
	CHECK_EQ(fm_write(view, buffer, 600, &done), FM_E_ACCESS_VIOLATION);
	CHECK_EQ(fm_read(buffer, view, 600, &done), FM_OK);
	fm_section_close(section);
}

TEST(copies_make_no_system_call_once_faults_are_handled)
{
	fm_section *section = make_memory(2 * PAGE, 0);
	char *view = make_view(section, FM_WRITE, 0, 0);

	CHECK_EQ(fm_read(buffer, view, PAGE, NULL), FM_OK);
	fault_count_reset();
	CHECK_EQ(fm_read(buffer, view, PAGE, NULL), FM_OK);
	CHECK_EQ(fault_count("*"), 1);
	CHECK_EQ(fm_fault_enable(0), FM_OK);
	fault_count_reset();
	CHECK_EQ(fm_read(buffer, view, PAGE, NULL), FM_OK);
	CHECK_EQ(fm_write(view, buffer, PAGE, NULL), FM_OK);
	CHECK_EQ(fault_count("*"), 0);
	fm_fault_disable(0);
	CHECK_EQ(fm_read(buffer, view, PAGE, NULL), FM_OK);
	CHECK_EQ(fault_count("*") > 0, 1);
	fm_section_close(section);
}

/* ---- zero pages ---- */

TEST(zeros_take_the_place_and_flush_tells_once)
{
	char *view = cut_view(FM_WRITE);

	CHECK_EQ(fm_fault_enable(0), FM_OK);
	CHECK_EQ(fm_view_set_fault_policy(view + 5 * PAGE, FM_FAULT_ZERO_PAGE), FM_OK);
	CHECK_EQ(fm_read(buffer, view + PAGE, 1, NULL), FM_E_IN_PAGE_ERROR);
	CHECK(!query_of(view).failed);
	CHECK_EQ(view[0], 1);
	CHECK_EQ(view[PAGE + 5], 0);
	view[2 * PAGE] = 7;
	CHECK_EQ(view[2 * PAGE], 7);
	CHECK(query_of(view).failed);
	CHECK_EQ(query_of(view + 2 * PAGE).protection, FM_READ | FM_WRITE);
	CHECK_EQ(fm_view_flush(view, 0, FM_FLUSH_DATA), FM_E_IN_PAGE_ERROR);
	CHECK_EQ(fm_view_flush(view, 0, FM_FLUSH_DATA), FM_OK);
	CHECK(query_of(view).failed);
	CHECK_EQ(view[3 * PAGE], 0);
	CHECK_EQ(fm_view_flush(view, 0, FM_FLUSH_START), FM_E_IN_PAGE_ERROR);
	CHECK_EQ(fm_view_set_fault_policy(view, FM_FAULT_SIGNAL), FM_OK);
	CHECK_EQ(block_says(view + 4 * PAGE, false), FM_E_IN_PAGE_ERROR);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
}

TEST(zeros_are_the_policy_of_one_view)
{
	char *one = cut_view(FM_WRITE), *two = cut_view(FM_WRITE);

	CHECK_EQ(fm_fault_enable(0), FM_OK);
	CHECK_EQ(fm_view_set_fault_policy(one, FM_FAULT_ZERO_PAGE), FM_OK);
	CHECK_EQ(block_says(one + PAGE, false), FM_OK);
	CHECK_EQ(block_says(two + PAGE, false), FM_E_IN_PAGE_ERROR);
	CHECK(!query_of(two).failed);
	CHECK_EQ(fm_view_flush(two, 0, FM_FLUSH_WRITE), FM_OK);
}

TEST(policies_that_are_none)
{
	char *view = cut_view(FM_WRITE);

	CHECK_EQ(fm_view_set_fault_policy(view, 2), FM_E_INVALID_PARAMETER);
	CHECK_EQ(fm_view_set_fault_policy(buffer, FM_FAULT_ZERO_PAGE), FM_E_NOT_MAPPED_VIEW);
	CHECK_EQ(fm_view_set_fault_policy(NULL, FM_FAULT_SIGNAL), FM_E_NOT_MAPPED_VIEW);
}

static void *writes_down(void *context)
{
	char *view = context;

	for (size_t page = 1; page < 8; page++)
		__atomic_fetch_add(&view[page * PAGE], 1, __ATOMIC_RELAXED);
	return NULL;
}

TEST(threads_at_one_page_lose_no_write)
{
#ifdef __SANITIZE_THREAD__
	check_skip("ThreadSanitizer takes the mmap() of zeros for a write to them");
#endif
	for (int round = 0; round < 30; round++) {
		char *view = cut_view(FM_WRITE);
		pthread_t threads[3];

		CHECK_EQ(fm_fault_enable(0), FM_OK);
		CHECK_EQ(fm_view_set_fault_policy(view, FM_FAULT_ZERO_PAGE), FM_OK);
		for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
			REQUIRE_EQ(pthread_create(&threads[i], NULL, writes_down, view), 0);
		for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
			pthread_join(threads[i], NULL);
		for (size_t page = 1; page < 8; page++)
			CHECK_EQ(view[page * PAGE], 3);
		fm_fault_disable(0);
		CHECK_EQ(fm_view_unmap(view), FM_OK);
	}
}

/* ---- causes ---- */

TEST(the_cause_is_told)
{
	char *view = cut_view(FM_WRITE);
	fm_section *section = make_memory(PAGE, 0);

	CHECK_EQ(fm_fault_cause(view), FM_OK);
	CHECK_EQ(fm_fault_cause(view + PAGE), FM_E_END_OF_FILE);
	CHECK_EQ(fm_fault_cause(buffer), FM_E_NOT_MAPPED_VIEW);
	CHECK_EQ(fm_fault_cause(make_view(section, FM_READ, 0, 0)), FM_OK);
	fm_section_close(section);
}

/* ---- guards ---- */

TEST(a_guard_is_met_once)
{
	fm_section *section = make_memory(2 * PAGE, 0);
	char *view = make_view(section, FM_WRITE, 0, 0);
	char *memory = make_private(UNIT, VM_RESERVE | VM_COMMIT, RW | FM_GUARD);

	CHECK_EQ(fm_fault_enable(0), FM_OK);
	CHECK_EQ(protect_at(view, PAGE, RW | FM_GUARD), FM_OK);
	CHECK_EQ(block_says(view + 5, false), FM_E_GUARD_PAGE);
	CHECK_EQ(query_of(view).protection, RW);
	CHECK_EQ(block_says(view + 5, true), FM_OK);
	CHECK_EQ(block_says(memory + PAGE, true), FM_E_GUARD_PAGE);
	CHECK_EQ(block_says(memory + PAGE, true), FM_OK);
	CHECK_EQ(vm_info_of(memory).protection, RW | FM_GUARD);
	CHECK_EQ(vm_info_of(memory + PAGE).protection, RW);
	CHECK_EQ(block_says(memory, true), FM_E_GUARD_PAGE);
	fm_section_close(section);
}

TEST(a_guard_that_nobody_asks_about_stays)
{
	char *memory = make_private(UNIT, VM_RESERVE | VM_COMMIT, RW | FM_GUARD);

	CHECK_EQ(touch(memory, false), SIGSEGV);
	CHECK_EQ(vm_info_of(memory).protection, RW | FM_GUARD);
}

/* ---- the chain ---- */

static sigjmp_buf host_return;
static volatile int host_signal, host_calls;

static void host_jumps(int number)
{
	host_signal = number;
	siglongjmp(host_return, 1);
}

static void host_counts(int number, siginfo_t *info, void *context)
{
	(void)info, (void)context;
	host_signal = number;
	host_calls++;
}

static int host_sees(volatile char *at)
{
	host_signal = 0;
	if (sigsetjmp(host_return, 1) == 0)
		(void)*at;
	return host_signal;
}

TEST(the_hosts_handler_gets_what_is_not_ours)
{
	struct sigaction host = { .sa_handler = host_jumps }, now;
	char *view = cut_view(FM_READ);
	char *nothing = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	sigaction(SIGSEGV, &host, NULL);
	sigaction(SIGBUS, &host, NULL);
	CHECK_EQ(fm_fault_enable(0), FM_OK);
	CHECK_EQ(fm_fault_enable(0), FM_OK);
	CHECK_EQ(host_sees(nothing), SIGSEGV);
	CHECK_EQ(host_sees(view + PAGE), SIGBUS); /* in no block */
	CHECK_EQ(block_says(view + PAGE, false), FM_E_IN_PAGE_ERROR);
	fm_fault_disable(0);
	CHECK_EQ(block_says(view + PAGE, false), FM_E_IN_PAGE_ERROR);
	fm_fault_disable(0);
	sigaction(SIGBUS, NULL, &now);
	CHECK(now.sa_handler == host_jumps);
	CHECK_EQ(host_sees(view + PAGE), SIGBUS);
}

TEST(signals_that_were_sent_are_the_hosts)
{
	struct sigaction host = { .sa_sigaction = host_counts, .sa_flags = SA_SIGINFO };

	sigaction(SIGSEGV, &host, NULL);
	CHECK_EQ(fm_fault_enable(0), FM_OK);
	raise(SIGSEGV);
	CHECK_EQ(host_calls, 1);
	CHECK_EQ(host_signal, SIGSEGV);
}

static int child_ends_by(char *at, bool send)
{
	pid_t child = fork();

	if (child == 0) {
		struct sigaction plain = { .sa_handler = SIG_DFL }; /* a sanitizer's would report */

		sigaction(SIGBUS, &plain, NULL);
		sigaction(SIGSEGV, &plain, NULL);
		if (fm_fault_enable(0) != FM_OK)
			_exit(100);
		if (send)
			raise(SIGBUS);
		else
			(void)*(volatile char *)at;
		_exit(0);
	}
	return child_result(child);
}

TEST(the_default_action_is_the_end)
{
	char *view = cut_view(FM_READ);
	char *nothing = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK_EQ(child_ends_by(view + PAGE, false), -SIGBUS);
	CHECK_EQ(child_ends_by(nothing, false), -SIGSEGV);
	CHECK_EQ(child_ends_by(NULL, true), -SIGBUS);
}

static struct sigaction below;

static void host_on_top(int number, siginfo_t *info, void *context)
{
	host_calls++;
	below.sa_sigaction(number, info, context);
}

TEST(a_handler_on_top_may_pass_on_to_us)
{
	struct sigaction host = { .sa_sigaction = host_on_top, .sa_flags = SA_SIGINFO | SA_NODEFER }, now;
	char *view = cut_view(FM_READ);

	CHECK_EQ(fm_fault_enable(0), FM_OK);
	sigaction(SIGBUS, &host, &below);
	CHECK_EQ(block_says(view + PAGE, false), FM_E_IN_PAGE_ERROR);
	CHECK_EQ(host_calls, 1);
	fm_fault_disable(0);
	sigaction(SIGBUS, NULL, &now);
	CHECK(now.sa_sigaction == host_on_top);
	CHECK_EQ(fm_fault_enable(0), FM_OK); /* and no circle */
	CHECK_EQ(block_says(view + PAGE, false), FM_E_IN_PAGE_ERROR);
	CHECK_EQ(host_calls, 2);
}

static void hosts_own(int number, siginfo_t *info, void *context)
{
	host_calls++;
	if (!fm_fault_handle(number, info, context))
		host_jumps(number);
}

TEST(a_host_may_keep_its_handler)
{
	struct sigaction host = { .sa_sigaction = hosts_own, .sa_flags = SA_SIGINFO }; /* blocks its signal */
	char *view = cut_view(FM_READ);
	char *nothing = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	sigaction(SIGSEGV, &host, NULL);
	sigaction(SIGBUS, &host, NULL);
	CHECK_EQ(fm_fault_enable(FM_FAULT_HOSTED), FM_OK);
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(block_says(view + PAGE, false), FM_E_IN_PAGE_ERROR);
		CHECK_EQ(fm_read(buffer, view, PAGE + 1, NULL), FM_E_IN_PAGE_ERROR);
		CHECK_EQ(host_sees(nothing), SIGSEGV);
	}
	CHECK_EQ(host_calls, 9);
}

TEST(only_one_signal_may_be_wanted)
{
	struct sigaction now;
	char *view = cut_view(FM_READ);

	CHECK_EQ(fm_fault_enable(FM_FAULT_BUS), FM_OK);
	sigaction(SIGBUS, NULL, &now);
	CHECK(now.sa_flags & SA_NODEFER);
	sigaction(SIGSEGV, NULL, &now);
	CHECK(!(now.sa_flags & SA_NODEFER) || now.sa_handler != SIG_DFL);
	CHECK_EQ(block_says(view + PAGE, false), FM_E_IN_PAGE_ERROR);
	fault_count_reset();
	CHECK_EQ(fm_read(buffer, view, 1, NULL), FM_OK);
	CHECK_EQ(fault_count("*"), 1);
}

TEST(flags_that_are_none)
{
	CHECK_EQ(fm_fault_enable(8), FM_E_INVALID_PARAMETER);
	CHECK_EQ(fm_fault_enable(FM_FAULT_HOSTED | FM_FAULT_BUS), FM_E_INVALID_PARAMETER);
	fm_fault_disable(0); /* of nothing: nothing */
	fm_fault_disable(8);
}

TEST(a_refused_handler_leaves_none)
{
	struct sigaction before[2], after[2];
	unsigned failures = 0;

	REQUIRE_EQ(fm_fault_enable(0), FM_OK);
	fm_fault_disable(0);
	sigaction(SIGBUS, NULL, &before[0]);
	sigaction(SIGSEGV, NULL, &before[1]);
	for (unsigned nth = 1;; nth++) {
		fm_status status;

		fault_arm("sigaction", nth, FAULT_ONCE, EINVAL);
		status = fm_fault_enable(0);
		if (!fault_disarm()) {
			CHECK_EQ(status, FM_OK);
			break;
		}
		failures++;
		CHECK_EQ(status, FM_E_UNSUCCESSFUL);
		sigaction(SIGBUS, NULL, &after[0]);
		sigaction(SIGSEGV, NULL, &after[1]);
		CHECK(before[0].sa_handler == after[0].sa_handler);
		CHECK(before[1].sa_handler == after[1].sa_handler);
	}
	CHECK_EQ(failures, 4);
}

/* ---- FM_TRY ---- */

TEST(try_catches_any_fault_and_enables_by_itself)
{
	volatile uintptr_t nowhere = 16;
	volatile uint32_t code = 0;

	FM_TRY {
		(void)*(volatile char *)nowhere;
	} FM_EXCEPT {
		code = FM_EXCEPTION_CODE();
	} FM_END_TRY
	CHECK_EQ(code, 0xC0000005u);
}

TEST(a_block_on_an_alternate_stack)
{
	static char stack[65536];
	stack_t own = { .ss_sp = stack, .ss_size = sizeof(stack) }, now;
	char *view = cut_view(FM_READ);

	REQUIRE_EQ(sigaltstack(&own, NULL), 0);
	CHECK_EQ(fm_fault_enable(0), FM_OK);
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(block_says(view + PAGE, false), FM_E_IN_PAGE_ERROR);
		REQUIRE_EQ(sigaltstack(NULL, &now), 0);
		CHECK_EQ(now.ss_flags & SS_ONSTACK, 0);
	}
}
