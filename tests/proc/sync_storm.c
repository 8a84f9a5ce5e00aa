/* SPDX-License-Identifier: MIT */
/*
 * The Win32 face under SIGKILL: processes take a mutex, a semaphore, either or both, make and open mutexes by
 * name and read a section, with handles that they opened, or inherited by fork or by CreateProcess, and are
 * killed at any moment. STORM_KILLS=n in the environment for more than the short form.
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "object.h"
/* after the library's own headers */
#include "check.h"
#include "storm.h"

#define KILLS_SHORT 1000u
#define PLACES 16u
#define TOKENS 2
#define STUCK_MS 20000
#define STUCK_NS ((uint64_t)STUCK_MS * 1000000u)
#define WORD 0x5ec7104du /* what stands in the section */

/* What all processes see; written before a call begins and after it has returned. */
struct oracle {
	_Atomic(pid_t) inside;         /* who has the mutex */
	_Atomic(uint64_t) turns;       /* successful waits */
	_Atomic(uint64_t) abandoned;   /* of them that said so */
	_Atomic(uint64_t) doubled;     /* two inside, or a death that nobody was told of */
	_Atomic(uint64_t) stuck;       /* waits that timed out */
	_Atomic(uint64_t) wrong;       /* other results */
	_Atomic(uint64_t) names;       /* mutexes made or opened by a name of their own */
	char mutex[64], semaphore[64], others[64];
};

/* The supervisor's and, by fork, of its children; or a process's own. */
enum { MUTEX, SEMAPHORE, SECTION, HANDLES };
static HANDLE handles[HANDLES];
static struct oracle *oracle;

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

static void work(unsigned choice, struct storm_life *life)
{
	bool all = choice == 3, has_mutex, abandoned;
	DWORD result;

	if (choice < 2)
		result = WaitForSingleObject(handles[choice], STUCK_MS);
	else
		result = WaitForMultipleObjects(2, handles, all, STUCK_MS);
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
		if (storm_random(&life->random, 8) == 0)
			nanosleep(&(const struct timespec){ .tv_nsec = 50000 }, NULL); /* to be killed inside */
		leave_mutex(handles[MUTEX]);
	}
	if (choice == 1 || all || result == WAIT_OBJECT_0 + 1)
		(void)ReleaseSemaphore(handles[SEMAPHORE], 1, NULL); /* 298 when the parent has replaced it meanwhile */
}

/* A mutex of a name that a few others use, too; whoever made it may be dead, and its owner, too. */
static void visit_name(struct storm_life *life)
{
	char name[80];
	HANDLE visited;
	DWORD result;

	(void)snprintf(name, sizeof(name), "%s %u", oracle->others, storm_random(&life->random, 8));
	visited = CreateMutexA(NULL, (BOOL)storm_random(&life->random, 2), name);
	result = visited ? WaitForSingleObject(visited, 0) : WAIT_FAILED;
	if (result == WAIT_FAILED) {
		oracle->wrong++;
		return;
	}
	if (result != WAIT_TIMEOUT && storm_random(&life->random, 4)) /* else it is abandoned soon */
		while (ReleaseMutex(visited))
			continue; /* also that of the maker */
	if (!CloseHandle(visited))
		oracle->wrong++;
	oracle->names++;
}

static void read_section(void)
{
	const uint32_t *view = MapViewOfFile(handles[SECTION], FILE_MAP_READ, 0, 0, 0);

	if (!view || *view != WORD || !UnmapViewOfFile(view))
		oracle->wrong++;
}

static void idle(struct storm_life *life)
{
	(void)life;
	read_section();
}

/* Another program that gets every handle that may be inherited, under its number. */
static pid_t start_heir(struct storm_life *life)
{
	STARTUPINFOA startup = { .cb = sizeof(startup) };
	PROCESS_INFORMATION process;
	char arguments[STORM_HEIR_ARGUMENTS][24], line[5000];

	for (unsigned i = 0; i < HANDLES; i++)
		if (!SetHandleInformation(handles[i], HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT))
			return -1;
	storm_heir_arguments(life, arguments);
	(void)snprintf(line, sizeof(line), "heir --child storm_heir %s %s %s %p %p %p", arguments[0], arguments[1],
		       arguments[2], handles[MUTEX], handles[SEMAPHORE], handles[SECTION]);
	if (!CreateProcessA(check_program(), line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process))
		return -1;
	return (pid_t)process.dwProcessId;
}

static void buried(unsigned place, bool inherited)
{
	(void)place;
	(void)inherited;
}

static uint64_t semaphore_state(void)
{
	struct object_handle *handle;
	uint64_t state;

	REQUIRE_EQ(object_enter(handles[SEMAPHORE], &semaphore_kind, 0, &handle), FM_OK);
	state = atomic_load(&handle->object->page->state);
	object_leave(handle);
	return state;
}

/* The killed take their tokens with them. Nothing moves although there is a token: a wake-up was lost. */
static void keep_moving(void)
{
	static uint64_t turns, since;
	uint64_t now = oracle->turns, time = os_monotonic_ns();

	if (now != turns || since == 0)
		since = time;
	else if ((uint32_t)semaphore_state() == 0)
		(void)ReleaseSemaphore(handles[SEMAPHORE], 1, NULL);
	else if (time - since > STUCK_NS)
		check_fatal(__FILE__, __LINE__, "tokens lie there, and nobody comes for them");
	turns = now;
	if (oracle->stuck + oracle->doubled + oracle->wrong > 0)
		check_fatal(__FILE__, __LINE__, "%llu stuck, %llu doubled, %llu wrong",
			    (unsigned long long)oracle->stuck, (unsigned long long)oracle->doubled,
			    (unsigned long long)oracle->wrong);
}

static void live(struct storm_life *life);

static const struct storm_body body = {
	.live = live, .idle = idle, .exec = start_heir, .buried = buried, .tick = keep_moving,
};

/* Half of the fresh ones go on with the supervisor's handles, the others open their own. */
static void open_objects(struct storm_life *life)
{
	if (life->origin != STORM_FRESH || life->random % 2)
		return;
	storm_enter(life);
	handles[MUTEX] = OpenMutexA(MUTEX_ALL_ACCESS, FALSE, oracle->mutex);
	handles[SEMAPHORE] = OpenSemaphoreA(SEMAPHORE_ALL_ACCESS, FALSE, oracle->semaphore);
	storm_leave(life);
	if (!handles[MUTEX] || !handles[SEMAPHORE])
		oracle->wrong++;
}

static void live(struct storm_life *life)
{
	open_objects(life);
	for (;;) {
		unsigned choice = storm_random(&life->random, 20);

		storm_turn(&body, life);
		storm_enter(life);
		if (choice == 0)
			read_section();
		else if (choice < 4)
			visit_name(life);
		else
			work(choice % 4, life);
		storm_leave(life);
	}
}

CHILD(storm_heir)
{
	struct storm_life life;

	oracle = storm_join(&life);
	for (unsigned i = 0; i < HANDLES; i++)
		handles[i] = (HANDLE)(uintptr_t)strtoull(check_argument(STORM_HEIR_ARGUMENTS + (int)i), NULL, 16);
	storm_succeed(&body, &life);
	live(&life);
}

static void make_objects(void)
{
	uint32_t *view;

	oracle = storm_begin(sizeof(*oracle));
	(void)snprintf(oracle->mutex, sizeof(oracle->mutex), "%s", check_name("storm-mutex"));
	(void)snprintf(oracle->semaphore, sizeof(oracle->semaphore), "%s", check_name("storm-semaphore"));
	(void)snprintf(oracle->others, sizeof(oracle->others), "%s", check_name("storm-other"));
	handles[MUTEX] = CreateMutexA(NULL, FALSE, oracle->mutex);
	handles[SEMAPHORE] = CreateSemaphoreA(NULL, TOKENS, TOKENS, oracle->semaphore);
	handles[SECTION] = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4096, NULL);
	REQUIRE(handles[MUTEX] && handles[SEMAPHORE] && handles[SECTION]);
	view = MapViewOfFile(handles[SECTION], FILE_MAP_WRITE, 0, 0, 0);
	REQUIRE(view != NULL);
	*view = WORD;
	REQUIRE(UnmapViewOfFile(view));
}

TEST(nobody_waits_for_the_dead)
{
	struct storm_ground before;
	struct storm_deaths deaths;
	DWORD last;

	(void)storm_ground_make();
	REQUIRE(CloseHandle(CreateMutexA(NULL, FALSE, check_name("warm")))); /* what stays once for all */
	before = storm_ground_look();
	make_objects();
	storm_crowd(&body, PLACES, storm_kills(KILLS_SHORT), 450, &deaths);
	storm_print_deaths("mutexes and semaphores", &deaths);
	printf("%llu turns, %llu mutexes found abandoned, %llu made or opened by name; doubled %llu, stuck %llu, "
	       "wrong %llu\n",
	       (unsigned long long)oracle->turns, (unsigned long long)oracle->abandoned,
	       (unsigned long long)oracle->names, (unsigned long long)oracle->doubled,
	       (unsigned long long)oracle->stuck, (unsigned long long)oracle->wrong);
	CHECK_EQ(oracle->doubled, 0);
	CHECK_EQ(oracle->stuck, 0);
	CHECK_EQ(oracle->wrong, 0);
	CHECK(oracle->turns > 0);
	CHECK(oracle->abandoned <= deaths.kills);
	last = WaitForSingleObject(handles[MUTEX], 0);
	/* Abandoned if somebody died inside; and by whom death met before he said so, or after he had said the contrary. */
	CHECK(last == WAIT_ABANDONED || (last == WAIT_OBJECT_0 && oracle->inside == 0));
	CHECK(ReleaseMutex(handles[MUTEX]));
	CHECK_EQ(WaitForSingleObject(handles[MUTEX], 0), WAIT_OBJECT_0);
	CHECK(ReleaseMutex(handles[MUTEX]));
	for (unsigned i = 0; i < HANDLES; i++)
		CHECK(CloseHandle(handles[i]));
	storm_ground_check(before);
}
