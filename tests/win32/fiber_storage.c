/* SPDX-License-Identifier: MIT */
/* Storage that tells when its thread ends. */
#include "support.h"

static DWORD slot;
static volatile LONG told;
static void *last;

static VOID WINAPI note(PVOID value)
{
	last = value;
	InterlockedIncrement(&told);
}

static VOID WINAPI put_again(PVOID value)
{
	(void)value;
	InterlockedIncrement(&told);
	FlsSetValue(slot, NULL);
}

static DWORD WINAPI set_and_end(void *value)
{
	return FlsGetValue(slot) == NULL && FlsSetValue(slot, value) && FlsGetValue(slot) == value ? 0 : 1;
}

static void run(LPTHREAD_START_ROUTINE start, void *argument)
{
	HANDLE thread = CreateThread(NULL, 0, start, argument, 0, NULL);
	DWORD code = 99;

	REQUIRE(thread != NULL);
	CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
	CHECK_WORKS(GetExitCodeThread(thread, &code));
	CHECK_EQ(code, 0);
	CHECK(CloseHandle(thread));
}

TEST(each_thread_has_its_value)
{
	int mine;

	slot = FlsAlloc(NULL);
	REQUIRE(slot != FLS_OUT_OF_INDEXES);
	CHECK(FlsGetValue(slot) == NULL);
	CHECK_WORKS(FlsSetValue(slot, &mine));
	run(set_and_end, &slot);
	CHECK(FlsGetValue(slot) == &mine);
	CHECK_WORKS(FlsFree(slot));
}

TEST(function_gets_the_value_when_its_thread_ends)
{
	int value;

	slot = FlsAlloc(note);
	REQUIRE(slot != FLS_OUT_OF_INDEXES);
	run(set_and_end, &value);
	CHECK_EQ(told, 1);
	CHECK(last == &value);
	check_row("not for a thread without");
	run(set_and_end, NULL);
	CHECK_EQ(told, 1);
	CHECK_WORKS(FlsFree(slot));
	CHECK_EQ(told, 1);
}

TEST(function_gets_the_values_when_the_index_goes)
{
	int mine;

	slot = FlsAlloc(note);
	REQUIRE(slot != FLS_OUT_OF_INDEXES);
	CHECK_WORKS(FlsSetValue(slot, &mine));
	CHECK_WORKS(FlsFree(slot));
	CHECK_EQ(told, 1);
	CHECK(last == &mine);
	check_row("and the next one has none");
	slot = FlsAlloc(NULL);
	CHECK(FlsGetValue(slot) == NULL);
	CHECK_WORKS(FlsFree(slot));
}

TEST(function_may_set_the_value)
{
	slot = FlsAlloc(put_again);
	REQUIRE(slot != FLS_OUT_OF_INDEXES);
	run(set_and_end, &slot);
	CHECK_EQ(told, 1);
	CHECK_WORKS(FlsFree(slot));
}

TEST(no_such_index)
{
	static const DWORD indexes[] = { 0, 0x10000, FLS_OUT_OF_INDEXES };

	for (size_t i = 0; i < ARRAY_SIZE(indexes); i++) {
		check_row("%#x", (unsigned)indexes[i]);
		CHECK_FAILS(FlsGetValue(indexes[i]) != NULL, ERROR_INVALID_PARAMETER);
		CHECK_FAILS(FlsSetValue(indexes[i], &slot), ERROR_INVALID_PARAMETER);
		CHECK_FAILS(FlsFree(indexes[i]), ERROR_INVALID_PARAMETER);
	}
	check_row("freed twice");
	slot = FlsAlloc(NULL);
	CHECK_WORKS(FlsFree(slot));
	CHECK_FAILS(FlsFree(slot), ERROR_INVALID_PARAMETER);
}
