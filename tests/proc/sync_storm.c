/* SPDX-License-Identifier: MIT */
/*
 * Synchronisation objects under SIGKILL: processes take a mutex, a semaphore, either or both, and are
 * killed at any moment. SYNC_SECONDS=n or STORM_KILLS=n in the environment for more.
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "object.h"
/* after the library's own headers */
#include "check.h"
#include "fault.h"

#define WORKERS 6
#define TOKENS 2
#define STUCK_MS 20000

/* What all processes see; written before a call begins and after it has returned. */
struct oracle {
	_Atomic(pid_t) inside;         /* who has the mutex */
	_Atomic(uint64_t) turns;       /* successful waits */
	_Atomic(uint64_t) abandoned;   /* of them that said so */
	_Atomic(uint32_t) doubled;     /* two inside, or a death that nobody was told of */
	_Atomic(uint32_t) stuck;       /* waits that timed out */
	_Atomic(uint32_t) wrong;       /* other results */
};

static struct oracle *oracle;
static HANDLE mutex, semaphore;

static void enter_mutex(bool abandoned)
{
	pid_t before = atomic_exchange(&oracle->inside, getpid());

	if (abandoned)
		atomic_fetch_add(&oracle->abandoned, 1);
	else if (before != 0)
		atomic_fetch_add(&oracle->doubled, 1);
}

static void leave_mutex(HANDLE handle)
{
	atomic_store(&oracle->inside, 0);
	if (!ReleaseMutex(handle))
		atomic_fetch_add(&oracle->wrong, 1);
}

static void work(unsigned choice, const HANDLE *both, unsigned *seed)
{
	bool all = choice == 3, has_mutex, abandoned;
	DWORD result;

	if (choice < 2)
		result = WaitForSingleObject(both[choice], STUCK_MS);
	else
		result = WaitForMultipleObjects(2, both, all, STUCK_MS);
	abandoned = result == WAIT_ABANDONED;
	if (result == WAIT_TIMEOUT || (!abandoned && result > 1)) {
		atomic_fetch_add(result == WAIT_TIMEOUT ? &oracle->stuck : &oracle->wrong, 1);
		return;
	}
	has_mutex = abandoned || choice == 0 || (choice > 1 && result == WAIT_OBJECT_0);
	if (has_mutex)
		enter_mutex(abandoned);
	atomic_fetch_add(&oracle->turns, 1);
	if (has_mutex) {
		if (rand_r(seed) % 8 == 0)
			nanosleep(&(const struct timespec){ .tv_nsec = 50000 }, NULL); /* to be killed inside */
		leave_mutex(both[0]);
	}
	if (choice == 1 || all || result == WAIT_OBJECT_0 + 1)
		(void)ReleaseSemaphore(both[1], 1, NULL); /* 298 when the parent has replaced it meanwhile */
}

static _Noreturn void worker(unsigned number, const char *name, const char *other)
{
	HANDLE both[2] = { mutex, semaphore };
	unsigned seed = number * 7919u + 1;

	if (number % 2) { /* half with the parent's handles, half with their own */
		both[0] = OpenMutexA(MUTEX_ALL_ACCESS, FALSE, name);
		both[1] = OpenSemaphoreA(SEMAPHORE_ALL_ACCESS, FALSE, other);
	}
	if (number % 3) /* die right before or after a system call */
		fault_arm("*", (unsigned)rand_r(&seed) % 300 + 1, number % 2 ? FAULT_KILL_BEFORE : FAULT_KILL_AFTER, 0);
	if (!both[0] || !both[1])
		atomic_fetch_add(&oracle->wrong, 1);
	else
		while (oracle->stuck == 0)
			work((unsigned)rand_r(&seed) % 4, both, &seed);
	_exit(0);
}

static pid_t start(const char *name, const char *other)
{
	static unsigned number;
	pid_t child = fork();

	number++;
	if (child == 0)
		worker(number, name, other);
	REQUIRE(child > 0);
	return child;
}

static uint64_t semaphore_state(void)
{
	struct object_handle *handle;
	uint64_t state;

	REQUIRE_EQ(object_enter(semaphore, &semaphore_kind, 0, &handle), FM_OK);
	state = atomic_load(&handle->object->page->state);
	object_leave(handle);
	return state;
}

/* The killed take their tokens with them. Nothing moves although there is a token: a wake-up was lost. */
static void keep_moving(uint64_t *turns, unsigned *still)
{
	uint64_t now = atomic_load(&oracle->turns);

	*still = now == *turns ? *still + 1 : 0;
	*turns = now;
	if (*still < 2)
		return;
	if (*still > 2000 && (uint32_t)semaphore_state() > 0)
		check_fatal(__FILE__, __LINE__, "tokens lie there, and nobody comes for them");
	if ((uint32_t)semaphore_state() == 0)
		(void)ReleaseSemaphore(semaphore, 1, NULL);
}

/* One that has killed itself, else @victim. */
static unsigned dead_or(const pid_t *children, unsigned victim)
{
	siginfo_t info;

	for (unsigned i = 0; i < WORKERS; i++) {
		info.si_pid = 0;
		if (waitid(P_PID, (id_t)children[i], &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid)
			return i;
	}
	return victim;
}

/* For @seconds, and until there were @least kills. */
static void storm(unsigned seconds, unsigned least, const char *name, const char *other)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	uint64_t end = os_monotonic_ns() + seconds * (uint64_t)1000000000, turns = 0;
	unsigned still = 0, kills = 0;
	pid_t children[WORKERS];

	for (unsigned i = 0; i < WORKERS; i++)
		children[i] = start(name, other);
	while ((os_monotonic_ns() < end || kills < least) && oracle->stuck + oracle->doubled + oracle->wrong == 0) {
		unsigned victim = (unsigned)rand() % WORKERS;

		nanosleep(&pause, NULL); /* the rate of deaths, not a wait for anything */
		victim = dead_or(children, victim);
		REQUIRE_EQ(kill(children[victim], SIGKILL), 0);
		REQUIRE_EQ(waitpid(children[victim], NULL, 0), children[victim]);
		children[victim] = start(name, other);
		kills++;
		keep_moving(&turns, &still);
	}
	for (unsigned i = 0; i < WORKERS; i++) {
		REQUIRE_EQ(kill(children[i], SIGKILL), 0);
		REQUIRE_EQ(waitpid(children[i], NULL, 0), children[i]);
	}
	kills += WORKERS;
	printf("%llu turns, %u kills, %llu abandoned\n", (unsigned long long)oracle->turns, kills,
	       (unsigned long long)oracle->abandoned);
	CHECK(oracle->abandoned <= kills);
}

TEST(nobody_waits_for_the_dead)
{
	const char *name = check_name("storm-mutex"), *other = check_name("storm-semaphore");
	const char *seconds = getenv("SYNC_SECONDS"), *kills = getenv("STORM_KILLS");
	DWORD last;

	setenv("FILEMAP_ROOT", check_directory(), 1);
	oracle = mmap(NULL, sizeof(*oracle), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(oracle != MAP_FAILED);
	mutex = CreateMutexA(NULL, FALSE, name);
	semaphore = CreateSemaphoreA(NULL, TOKENS, TOKENS, other);
	REQUIRE(mutex && semaphore);
	storm(seconds ? (unsigned)atoi(seconds) : 5, kills ? (unsigned)atoi(kills) : 0, name, other);
	CHECK_EQ(oracle->doubled, 0);
	CHECK_EQ(oracle->stuck, 0);
	CHECK_EQ(oracle->wrong, 0);
	CHECK(oracle->turns > 0);
	last = WaitForSingleObject(mutex, 0);
	CHECK(last == WAIT_OBJECT_0 || oracle->inside != 0); /* abandoned only if somebody died inside */
	CHECK(ReleaseMutex(mutex));
	CHECK_EQ(WaitForSingleObject(mutex, 0), WAIT_OBJECT_0);
	CHECK(ReleaseMutex(mutex) && CloseHandle(mutex) && CloseHandle(semaphore));
	CHECK_EQ(fault_world().names, 0);
}
