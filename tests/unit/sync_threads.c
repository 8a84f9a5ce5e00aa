/* SPDX-License-Identifier: MIT */
/* Threads: who is released by what, counters, timeouts, locks of one process, calls that make no system call. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "object.h"
/* after the library's own headers */
#include "check.h"
#include "fault.h"

#define POLL(handle) WaitForSingleObject(handle, 0)
#define LONG_ENOUGH 20000
#define THREADS 4

/* What each thread of a test does; its argument is the test's. */
static pthread_t threads[THREADS];

static void run(unsigned count, void *(*body)(void *argument), void *argument)
{
	for (unsigned i = 0; i < count; i++)
		REQUIRE_EQ(pthread_create(&threads[i], NULL, body, argument), 0);
}

static void join(unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		REQUIRE_EQ(pthread_join(threads[i], NULL), 0);
}

static struct object_page *page_of(HANDLE handle)
{
	struct handle *entered;
	struct object_page *page;

	REQUIRE_EQ(enter(handle, NULL, &entered), FM_OK);
	page = object_of(entered)->page;
	object_leave((struct object_handle *)entered);
	return page;
}

/* Until so many are queued for it. */
static void await_queued(HANDLE handle, uint32_t count)
{
	struct object_page *page = page_of(handle);

	while (atomic_load(&page->state) >> 32 != count)
		sched_yield();
}

static _Atomic(unsigned) released;

static void *wait_once(void *argument)
{
	CHECK_EQ(WaitForSingleObject(argument, LONG_ENOUGH), WAIT_OBJECT_0);
	atomic_fetch_add(&released, 1);
	return NULL;
}

/* ---- who is released ---- */

TEST(two_settings_release_two_who_wait)
{
	HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);

	run(2, wait_once, event);
	await_queued(event, 2);
	CHECK(SetEvent(event) && SetEvent(event));
	join(2);
	CHECK_EQ(POLL(event), WAIT_TIMEOUT);
}

TEST(settings_beyond_those_who_wait_are_one)
{
	HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);

	run(1, wait_once, event);
	await_queued(event, 1);
	for (int i = 0; i < 5; i++)
		CHECK(SetEvent(event));
	join(1);
	(void)POLL(event);
	CHECK_EQ(POLL(event), WAIT_TIMEOUT);
}

TEST(signal_belongs_to_who_was_waiting)
{
	HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);

	for (int i = 0; i < 200; i++) {
		run(1, wait_once, event);
		await_queued(event, 1);
		CHECK(SetEvent(event));
		CHECK_EQ(POLL(event), WAIT_TIMEOUT);
		join(1);
	}
}

TEST(reset_after_set_takes_nothing_from_who_was_waiting)
{
	static const BOOL manual[] = { FALSE, TRUE };

	for (size_t i = 0; i < ARRAY_SIZE(manual); i++) {
		HANDLE event = CreateEventA(NULL, manual[i], FALSE, NULL);

		check_row(manual[i] ? "manual" : "auto");
		for (int k = 0; k < 200; k++) {
			run(1, wait_once, event);
			await_queued(event, 1);
			CHECK(SetEvent(event) && ResetEvent(event));
			join(1);
			CHECK_EQ(POLL(event), WAIT_TIMEOUT);
		}
	}
}

TEST(pulse_releases_who_waits)
{
	HANDLE manual = CreateEventA(NULL, TRUE, FALSE, NULL), automatic = CreateEventA(NULL, FALSE, FALSE, NULL);

	run(3, wait_once, manual);
	await_queued(manual, 3);
	CHECK(PulseEvent(manual));
	join(3);
	CHECK_EQ(POLL(manual), WAIT_TIMEOUT);
	atomic_store(&released, 0);
	run(2, wait_once, automatic);
	await_queued(automatic, 2);
	CHECK(PulseEvent(automatic));
	await_queued(automatic, 1);
	CHECK(PulseEvent(automatic));
	join(2);
	CHECK(PulseEvent(automatic));
	CHECK_EQ(POLL(automatic), WAIT_TIMEOUT);
}

TEST(semaphore_gives_to_who_waits_before_it_counts)
{
	HANDLE semaphore = CreateSemaphoreA(NULL, 0, 2, NULL);
	LONG before = -1;

	run(1, wait_once, semaphore);
	await_queued(semaphore, 1);
	CHECK(ReleaseSemaphore(semaphore, 2, &before));
	CHECK_EQ(before, 0);
	join(1);
	CHECK_EQ(POLL(semaphore), WAIT_OBJECT_0);
	CHECK_EQ(POLL(semaphore), WAIT_TIMEOUT);
}

static void *own_and_end(void *argument)
{
	CHECK_EQ(WaitForSingleObject(argument, LONG_ENOUGH), WAIT_OBJECT_0);
	return NULL;
}

TEST(mutex_of_a_thread_that_ended_is_abandoned)
{
	HANDLE mutex = CreateMutexA(NULL, FALSE, NULL);

	run(1, own_and_end, mutex);
	join(1);
	CHECK_EQ(WaitForSingleObject(mutex, LONG_ENOUGH), WAIT_ABANDONED);
	CHECK(ReleaseMutex(mutex));
	CHECK_EQ(POLL(mutex), WAIT_OBJECT_0);
	CHECK(ReleaseMutex(mutex));
}

static void *not_mine(void *argument)
{
	CHECK_EQ(POLL(argument), WAIT_TIMEOUT);
	CHECK(!ReleaseMutex(argument));
	CHECK_EQ(GetLastError(), ERROR_NOT_OWNER);
	return NULL;
}

TEST(mutex_is_the_threads_not_the_processes)
{
	HANDLE mutex = CreateMutexA(NULL, TRUE, NULL);

	run(1, not_mine, mutex);
	join(1);
	CHECK(ReleaseMutex(mutex));
}

TEST(mutexes_live_beside_those_of_libc)
{
	HANDLE mutexes[3] = { CreateMutexA(NULL, TRUE, NULL) };
	pthread_mutexattr_t robust;
	pthread_mutex_t own[2];

	pthread_mutexattr_init(&robust);
	pthread_mutexattr_setrobust(&robust, PTHREAD_MUTEX_ROBUST);
	for (int i = 0; i < 2; i++) {
		pthread_mutex_init(&own[i], &robust);
		CHECK_EQ(pthread_mutex_lock(&own[i]), 0);
		mutexes[i + 1] = CreateMutexA(NULL, TRUE, NULL);
	}
	CHECK(ReleaseMutex(mutexes[1]));
	CHECK_EQ(pthread_mutex_unlock(&own[0]), 0);
	CHECK(ReleaseMutex(mutexes[0]));
	CHECK_EQ(pthread_mutex_unlock(&own[1]), 0);
	CHECK(ReleaseMutex(mutexes[2]));
	CHECK_EQ(pthread_mutex_lock(&own[0]), 0);
	CHECK_EQ(pthread_mutex_unlock(&own[0]), 0);
}


TEST(a_word_that_denies_its_owner_is_not_believed)
{
	static const uint32_t words[] = { 0, 0x40000000u /* owner died */ };
	HANDLE mutex = CreateMutexA(NULL, TRUE, NULL);

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		atomic_store(&page_of(mutex)->lock, words[i]);
		run(1, not_mine, mutex);
		join(1);
	}
	CHECK(ReleaseMutex(mutex));
	CHECK_EQ(POLL(mutex), WAIT_OBJECT_0);
	CHECK(ReleaseMutex(mutex) && CloseHandle(mutex));
}

/* ---- counters ---- */

struct counter {
	HANDLE mutex, all[2];
	unsigned plain;
};

static void *count_mutex(void *argument)
{
	struct counter *counter = argument;

	for (int i = 0; i < 5000; i++) {
		REQUIRE_EQ(WaitForSingleObject(counter->mutex, LONG_ENOUGH), WAIT_OBJECT_0);
		counter->plain++;
		REQUIRE(ReleaseMutex(counter->mutex));
	}
	return NULL;
}

TEST(mutex_excludes)
{
	struct counter counter = { .mutex = CreateMutexA(NULL, FALSE, NULL) };

	run(THREADS, count_mutex, &counter);
	join(THREADS);
	CHECK_EQ(counter.plain, THREADS * 5000);
}

static void *count_all(void *argument)
{
	struct counter *counter = argument;

	for (int i = 0; i < 2000; i++) {
		REQUIRE_EQ(WaitForMultipleObjects(2, counter->all, TRUE, LONG_ENOUGH), WAIT_OBJECT_0);
		counter->plain++;
		REQUIRE(SetEvent(counter->all[1]));
		REQUIRE(ReleaseMutex(counter->all[0]));
	}
	return NULL;
}

TEST(waits_for_all_exclude)
{
	struct counter counter = { .all = { CreateMutexA(NULL, FALSE, NULL), CreateEventA(NULL, FALSE, TRUE, NULL) } };

	run(THREADS, count_all, &counter);
	join(THREADS);
	CHECK_EQ(counter.plain, THREADS * 2000);
}

static void *take_any(void *argument)
{
	const HANDLE *handles = argument;
	DWORD result = WAIT_OBJECT_0;

	while (result != WAIT_OBJECT_0 + 1) {
		result = WaitForMultipleObjects(2, handles, FALSE, LONG_ENOUGH);
		REQUIRE(result <= WAIT_OBJECT_0 + 1);
		if (result == WAIT_OBJECT_0)
			atomic_fetch_add(&released, 1);
	}
	return NULL;
}

static void check_any(void)
{
	HANDLE handles[2] = { CreateSemaphoreA(NULL, 0, 100000, NULL), CreateEventA(NULL, TRUE, FALSE, NULL) };

	atomic_store(&released, 0);
	run(THREADS, take_any, handles);
	for (int i = 0; i < 10000; i++)
		REQUIRE(ReleaseSemaphore(handles[0], 1, NULL));
	while (atomic_load(&released) < 10000)
		sched_yield();
	CHECK(SetEvent(handles[1]));
	join(THREADS);
	CHECK_EQ(released, 10000);
}

TEST(every_token_is_taken_once)
{
	check_any();
}

static int no_call(struct futex_waitv *waiters, unsigned count, const struct timespec *end)
{
	(void)waiters, (void)count, (void)end;
	return -ENOSYS;
}

TEST(every_token_is_taken_once_on_an_older_kernel)
{
	os.futex_waitv = no_call;
	check_any();
}

/* ---- time ---- */

TEST(timeouts_are_not_early)
{
	HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL), two[2] = { event, CreateMutexA(NULL, FALSE, NULL) };
	uint64_t start = os_monotonic_ns();

	CHECK_EQ(WaitForSingleObject(event, 30), WAIT_TIMEOUT);
	CHECK(os_monotonic_ns() - start >= 30000000);
	start = os_monotonic_ns();
	CHECK_EQ(WaitForMultipleObjects(2, two, TRUE, 30), WAIT_TIMEOUT);
	CHECK(os_monotonic_ns() - start >= 30000000);
	start = os_monotonic_ns();
	two[1] = CreateEventA(NULL, TRUE, FALSE, NULL);
	CHECK_EQ(WaitForMultipleObjects(2, two, FALSE, 30), WAIT_TIMEOUT);
	CHECK(os_monotonic_ns() - start >= 30000000);
	start = os_monotonic_ns();
	Sleep(30);
	CHECK(os_monotonic_ns() - start >= 30000000);
	CHECK_EQ(SleepEx(0, TRUE), 0);
}

TEST(nothing_contended_makes_no_system_call)
{
	HANDLE mutex = CreateMutexA(NULL, FALSE, check_name("quiet")), event = CreateEventA(NULL, FALSE, FALSE, NULL);
	HANDLE semaphore = CreateSemaphoreA(NULL, 0, 1, NULL);
	CRITICAL_SECTION section;

	InitializeCriticalSection(&section);
	CHECK_EQ(POLL(mutex), WAIT_OBJECT_0); /* the first asks who this thread is */
	CHECK(ReleaseMutex(mutex));
	fault_arm("*", 1000000, FAULT_ONCE, EIO); /* counts */
	fault_count_reset();
	for (int i = 0; i < 100; i++) {
		CHECK_EQ(WaitForSingleObject(mutex, INFINITE), WAIT_OBJECT_0);
		CHECK(ReleaseMutex(mutex));
		CHECK(SetEvent(event) && WaitForSingleObject(event, 1000) == WAIT_OBJECT_0);
		CHECK(ReleaseSemaphore(semaphore, 1, NULL) && WaitForSingleObject(semaphore, 1000) == WAIT_OBJECT_0);
		EnterCriticalSection(&section);
		LeaveCriticalSection(&section);
	}
	CHECK_EQ(fault_count("*"), 0);
}

/* ---- locks of one process ---- */

struct local {
	CRITICAL_SECTION section;
	SRWLOCK lock;
	CONDITION_VARIABLE filled, emptied;
	INIT_ONCE once;
	unsigned plain, items, taken;
	uint8_t byte;
};

static void *count_section(void *argument)
{
	struct local *local = argument;

	for (int i = 0; i < 20000; i++) {
		EnterCriticalSection(&local->section);
		REQUIRE(TryEnterCriticalSection(&local->section));
		local->plain++;
		LeaveCriticalSection(&local->section);
		LeaveCriticalSection(&local->section);
	}
	return NULL;
}

TEST(critical_sections_exclude)
{
	struct local local = { 0 };

	InitializeCriticalSection(&local.section);
	run(THREADS, count_section, &local);
	join(THREADS);
	CHECK_EQ(local.plain, THREADS * 20000);
	DeleteCriticalSection(&local.section);
}

static void *count_slim(void *argument)
{
	struct local *local = argument;
	unsigned seen;

	for (int i = 0; i < 20000; i++) {
		AcquireSRWLockShared(&local->lock);
		seen = local->plain;
		CHECK_EQ(seen, local->plain);
		ReleaseSRWLockShared(&local->lock);
		AcquireSRWLockExclusive(&local->lock);
		local->plain++;
		ReleaseSRWLockExclusive(&local->lock);
	}
	return NULL;
}

TEST(slim_locks_exclude)
{
	struct local local = { .lock = SRWLOCK_INIT };

	run(THREADS, count_slim, &local);
	join(THREADS);
	CHECK_EQ(local.plain, THREADS * 20000);
	CHECK(TryAcquireSRWLockShared(&local.lock) && TryAcquireSRWLockShared(&local.lock));
	CHECK(!TryAcquireSRWLockExclusive(&local.lock));
	ReleaseSRWLockShared(&local.lock);
	ReleaseSRWLockShared(&local.lock);
	CHECK(TryAcquireSRWLockExclusive(&local.lock) && !TryAcquireSRWLockShared(&local.lock));
	ReleaseSRWLockExclusive(&local.lock);
}

static void *consume(void *argument)
{
	struct local *local = argument;

	for (int i = 0; i < 2000; i++) {
		EnterCriticalSection(&local->section);
		while (local->items == 0)
			REQUIRE(SleepConditionVariableCS(&local->filled, &local->section, LONG_ENOUGH));
		local->items--;
		local->taken++;
		LeaveCriticalSection(&local->section);
		WakeConditionVariable(&local->emptied);
	}
	return NULL;
}

TEST(condition_variables_miss_nothing)
{
	struct local local = { 0 };

	InitializeCriticalSection(&local.section);
	run(2, consume, &local);
	for (int i = 0; i < 4000; i++) {
		EnterCriticalSection(&local.section);
		while (local.items == 2)
			REQUIRE(SleepConditionVariableCS(&local.emptied, &local.section, LONG_ENOUGH));
		local.items++;
		LeaveCriticalSection(&local.section);
		WakeConditionVariable(&local.filled);
	}
	join(2);
	CHECK_EQ(local.taken, 4000);
	AcquireSRWLockExclusive(&local.lock);
	SetLastError(0);
	CHECK(!SleepConditionVariableSRW(&local.filled, &local.lock, 10, 0));
	CHECK_EQ(GetLastError(), ERROR_TIMEOUT);
	ReleaseSRWLockExclusive(&local.lock);
}

static void *await_byte(void *argument)
{
	struct local *local = argument;
	uint8_t zero = 0;

	while (__atomic_load_n(&local->byte, __ATOMIC_SEQ_CST) == 0)
		REQUIRE(WaitOnAddress(&local->byte, &zero, 1, LONG_ENOUGH));
	return NULL;
}

TEST(addresses_wake)
{
	struct local local = { 0 };
	uint8_t other = 1;
	uint32_t three = 0;

	CHECK(WaitOnAddress(&local.byte, &other, 1, INFINITE));
	CHECK(!WaitOnAddress(&three, &three, 3, 0));
	CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
	CHECK(!WaitOnAddress(&three, &(uint32_t){ 0 }, 4, 10));
	CHECK_EQ(GetLastError(), ERROR_TIMEOUT);
	run(THREADS, await_byte, &local);
	__atomic_store_n(&local.byte, 1, __ATOMIC_SEQ_CST);
	WakeByAddressAll(&local.byte);
	join(THREADS);
}

static BOOL WINAPI first(PINIT_ONCE once, PVOID parameter, PVOID *context)
{
	static unsigned calls;

	(void)once;
	((struct local *)parameter)->plain++;
	*context = parameter;
	return ++calls > 1; /* the first one fails */
}

static void *initialise(void *argument)
{
	struct local *local = argument;
	void *context = NULL;

	while (!InitOnceExecuteOnce(&local->once, first, local, &context))
		;
	CHECK(context == local);
	return NULL;
}

TEST(once_is_once)
{
	static struct local local __attribute__((aligned(64)));

	run(THREADS, initialise, &local);
	join(THREADS);
	CHECK_EQ(local.plain, 2);
}
