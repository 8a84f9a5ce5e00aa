/* SPDX-License-Identifier: MIT */
/* Storage of threads at its limits: no memory, no index, a forked child, an end while the index goes. */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "fault.h"
#include "port.h"

static DWORD slot;
static _Atomic(unsigned) told;
static int pipes[2][2];

static VOID WINAPI note(PVOID value)
{
	(void)value;
	told++;
}

static void hear(int pipe)
{
	char byte;

	REQUIRE_EQ(read(pipes[pipe][0], &byte, 1), 1);
}

static void tell(int pipe)
{
	REQUIRE_EQ(write(pipes[pipe][1], "", 1), 1);
}

static void *hold_value(void *value)
{
	CHECK(FlsSetValue(slot, value));
	tell(0);
	hear(1);
	return NULL;
}

static pthread_t holder(void)
{
	pthread_t thread;

	REQUIRE_EQ(pipe(pipes[0]), 0);
	REQUIRE_EQ(pipe(pipes[1]), 0);
	REQUIRE_EQ(pthread_create(&thread, NULL, hold_value, &slot), 0);
	hear(0);
	return thread;
}

TEST(indexes_end)
{
	DWORD indexes[FLS_MAXIMUM_AVAILABLE];
	unsigned count = 0;

	while ((indexes[count] = FlsAlloc(NULL)) != FLS_OUT_OF_INDEXES)
		count++;
	CHECK_EQ(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
	CHECK_EQ(count, FLS_MAXIMUM_AVAILABLE - 1);
	for (unsigned i = 0; i < count; i++)
		CHECK(FlsFree(indexes[i]));
	CHECK(FlsAlloc(NULL) != FLS_OUT_OF_INDEXES);
}

TEST(value_without_memory)
{
	slot = FlsAlloc(note);
	fault_arm_allocation(1, FAULT_ONCE);
	CHECK(!FlsSetValue(slot, &slot));
	CHECK_EQ(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
	CHECK(fault_disarm());
	CHECK(FlsGetValue(slot) == NULL);
	CHECK(FlsFree(slot));
	CHECK_EQ(told, 0);
}

TEST(index_that_goes_takes_the_values_of_all_threads)
{
	pthread_t thread;

	slot = FlsAlloc(note);
	thread = holder();
	CHECK(FlsSetValue(slot, &slot));
	CHECK(FlsFree(slot));
	CHECK_EQ(told, 2);
	check_row("nothing is left for the thread's end");
	tell(1);
	REQUIRE_EQ(pthread_join(thread, NULL), 0);
	CHECK_EQ(told, 2);
}

TEST(child_has_its_own_thread_only)
{
	pthread_t thread;
	int status;
	pid_t child;

	slot = FlsAlloc(note);
	CHECK(FlsSetValue(slot, &slot));
	thread = holder();
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0)
		_exit(FlsGetValue(slot) == &slot && FlsFree(slot) && told == 1 ? 0 : 1);
	REQUIRE_EQ(waitpid(child, &status, 0), child);
	CHECK_EQ(status, 0);
	tell(1);
	REQUIRE_EQ(pthread_join(thread, NULL), 0);
	CHECK_EQ(told, 1);
}

TEST(end_of_the_process_tells_nothing)
{
	int status;
	pid_t child = fork();

	REQUIRE(child >= 0);
	if (child == 0) {
		slot = FlsAlloc(note);
		ExitProcess(FlsSetValue(slot, &slot) ? told : 9);
	}
	REQUIRE_EQ(waitpid(child, &status, 0), child);
	CHECK_EQ(status, 0);
}
