/* SPDX-License-Identifier: MIT */
#include "storm.h"

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "fault.h"
#include "names_internal.h"

#define CALLS_PER_KILL 3u /* at least: on a busy machine the pace falls, not what each death may hit */

/* What a process shall do at its next turn; the last two: it is at it, and cannot be told otherwise. */
enum order { LIVE_ON, FORK_HEIR, EXEC_HEIR, FORKING, EXECING };

struct place {
	/* The supervisor's word and the process's own: with one flag for both a process that survived would
	 * take back what the supervisor has said. */
	atomic_bool doomed, tempted;
	atomic_bool inside;
	_Atomic(enum order) order;
	_Atomic pid_t heir;  /* who waits for the owner's death */
	_Atomic pid_t owner; /* once it was an heir */
};

struct shared {
	struct place place[STORM_PLACES];
	_Atomic uint64_t calls; /* begun */
	_Alignas(64) char own[]; /* of the storm */
};

static struct shared *shared;
static int shared_fd;

unsigned storm_random(uint64_t *state, unsigned limit)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (unsigned)((*state >> 33) % limit);
}

/* ---- the weather: any system call may come after those of others ---- */

static struct os_calls calm;
static uint64_t gusts = 1;

static void blow(void)
{
	if (storm_random(&gusts, 8) == 0)
		(void)sched_yield(); /* cannot fail */
}

#define GUST(type, name, params, args, expression)                                                 \
	static type gust_##name params                                                              \
	{                                                                                           \
		blow();                                                                             \
		return calm.name args;                                                              \
	}
OS_CALLS(GUST)
#undef GUST

static void raise_wind(void)
{
	uint64_t pause = name_look_pause; /* which faults that are counted do without */

	calm = os;
#define INSTALL(type, name, params, args, expression) os.name = gust_##name;
	OS_CALLS(INSTALL)
#undef INSTALL
	fault_count_reset(); /* installs itself, once for all children */
	name_look_pause = pause;
}

/* ---- a process ---- */

static void attach(int fd, size_t size)
{
	shared_fd = fd;
	shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	REQUIRE(shared != MAP_FAILED);
}

void *storm_begin(size_t size)
{
	int fd = memfd_create("storm", 0); /* not closed by exec */

	REQUIRE(fd >= 0);
	REQUIRE_EQ(ftruncate(fd, (off_t)(sizeof(*shared) + size)), 0);
	attach(fd, sizeof(*shared) + size);
	return shared->own;
}

void storm_heir_arguments(const struct storm_life *life, char text[STORM_HEIR_ARGUMENTS][24])
{
	(void)snprintf(text[0], sizeof(text[0]), "%d", shared_fd);
	(void)snprintf(text[1], sizeof(text[1]), "%u", life->place);
	(void)snprintf(text[2], sizeof(text[2]), "%llu", (unsigned long long)life->random);
}

void *storm_join(struct storm_life *ret_life)
{
	struct stat st;
	int fd = atoi(check_argument(0));

	REQUIRE_EQ(fstat(fd, &st), 0);
	attach(fd, (size_t)st.st_size);
	ret_life->place = (unsigned)atoi(check_argument(1));
	ret_life->random = strtoull(check_argument(2), NULL, 10) * 0x9e3779b97f4a7c15u | 1;
	ret_life->origin = STORM_EXECED;
	gusts = ret_life->random;
	raise_wind();
	return shared->own;
}

static void wait_a_moment(const struct storm_body *body, struct storm_life *life)
{
	if (body->idle)
		body->idle(life);
	(void)nanosleep(&(const struct timespec){ .tv_nsec = 50000 }, NULL); /* not to burn the processor */
}

void storm_succeed(const struct storm_body *body, struct storm_life *life)
{
	while (shared->place[life->place].owner != getpid())
		wait_a_moment(body, life);
}

void storm_turn(const struct storm_body *body, struct storm_life *life)
{
	struct place *place = &shared->place[life->place];
	enum order order = place->order;
	pid_t heir;

	if (order == LIVE_ON || !atomic_compare_exchange_strong(&place->order, &order, order + 2))
		return;
	heir = order == EXEC_HEIR ? body->exec(life) : fork();
	if (heir == 0) {
		life->origin = STORM_FORKED;
		life->random ^= 0x9e3779b97f4a7c15u;
		gusts ^= life->random;
		storm_succeed(body, life);
		return;
	}
	if (heir < 0)
		_exit(1);
	place->heir = heir;
	for (;;)
		wait_a_moment(body, life);
}

void storm_enter(struct storm_life *life)
{
	struct place *place = &shared->place[life->place];
	unsigned fate = storm_random(&life->random, 32);
	bool after = storm_random(&life->random, 2);

	place->inside = true;
	shared->calls++;
	if (fate > 1)
		return;
	place->tempted = fate == 0;
	fault_arm(storm_random(&life->random, 4) ? "*" : "close", 1 + storm_random(&life->random, 14),
		  fate == 0 ? after ? FAULT_KILL_AFTER : FAULT_KILL_BEFORE : after ? FAULT_STOP_AFTER : FAULT_STOP_BEFORE, 0);
}

void storm_leave(const struct storm_life *life)
{
	struct place *place = &shared->place[life->place];

	(void)fault_disarm();
	if (place->tempted)
		place->tempted = false;
	place->inside = false;
}

bool storm_may_be_dead(unsigned place)
{
	return shared->place[place].doomed || shared->place[place].tempted;
}

/* ---- the supervisor ---- */

struct member {
	pid_t pid;           /* 0: the place is empty */
	enum storm_origin origin;
	bool stopped;
	uint64_t until;      /* the turn at which it goes on, or dies */
};

struct crowd {
	const struct storm_body *body;
	unsigned places;
	uint64_t random, turn;
	struct member member[STORM_PLACES];
	struct storm_deaths deaths;
};

static void spawn(struct crowd *crowd, unsigned i)
{
	struct storm_life life = { .place = i, .origin = STORM_FRESH };
	pid_t pid;

	life.random = (crowd->random ^ (uint64_t)storm_random(&crowd->random, ~0u) << 32) | 1;
	pid = fork();
	REQUIRE(pid >= 0);
	if (pid == 0) {
		gusts = life.random;
		(void)nice(10); /* the supervisor comes first, or it would not keep its pace */
		crowd->body->live(&life);
		_exit(1); /* it never ends by itself */
	}
	crowd->member[i] = (struct member){ .pid = pid, .origin = STORM_FRESH };
}

static void stop_over(struct crowd *crowd, unsigned i)
{
	crowd->member[i].stopped = false;
	REQUIRE_EQ(kill(crowd->member[i].pid, SIGCONT), 0);
}

/* It has been reaped, so the kernel has closed what it had. */
static void bury(struct crowd *crowd, unsigned i)
{
	struct member *member = &crowd->member[i];
	struct place *place = &shared->place[i];
	pid_t heir = place->heir;

	crowd->deaths.kills++;
	crowd->deaths.of[member->origin]++;
	crowd->deaths.stopped += member->stopped;
	crowd->deaths.inside += place->inside;
	*member = (struct member){ .pid = heir, .origin = place->order == EXECING ? STORM_EXECED : STORM_FORKED };
	place->inside = false;
	place->heir = 0;
	crowd->body->buried(i, heir);
	place->doomed = false;
	place->tempted = false;
	place->order = LIVE_ON;
	place->owner = heir;
}

/* Who has died or stopped since. */
static void notice(struct crowd *crowd)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		unsigned i = 0;

		while (i < crowd->places && crowd->member[i].pid != pid)
			i++;
		REQUIRE(i < crowd->places);
		if (WIFSTOPPED(status)) {
			crowd->member[i].stopped = true;
			crowd->member[i].until = crowd->turn + storm_random(&crowd->random, 16);
			crowd->deaths.stops++;
			continue;
		}
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
			check_fatal(__FILE__, __LINE__, "a process ended with status %#x", (unsigned)status);
		bury(crowd, i);
	}
}

/* Kill it, unless it is just making an heir: then we must know that one first. */
static void end(struct crowd *crowd, unsigned i)
{
	struct place *place = &shared->place[i];

	if (crowd->member[i].pid == 0)
		return;
	if (place->order != LIVE_ON && !place->heir) {
		if (crowd->member[i].stopped)
			stop_over(crowd, i);
		return;
	}
	if (!place->heir) /* who has one leaves its handles to it: what it holds is held on */
		place->doomed = true;
	REQUIRE_EQ(kill(crowd->member[i].pid, SIGKILL), 0);
}

static void strike(struct crowd *crowd)
{
	unsigned i = storm_random(&crowd->random, crowd->places), how = storm_random(&crowd->random, 64);

	if (how == 0) {
		for (i = 0; i < crowd->places; i++)
			end(crowd, i);
	} else if (crowd->member[i].pid == 0 || shared->place[i].order != LIVE_ON || how > 16) {
		end(crowd, i);
	} else if (how > 8) {
		REQUIRE_EQ(kill(crowd->member[i].pid, SIGSTOP), 0);
	} else {
		shared->place[i].order = crowd->body->exec && how > 5 ? EXEC_HEIR : FORK_HEIR;
	}
}

/* Stopped processes go on, or die; parents die once they have heirs. */
static void settle(struct crowd *crowd)
{
	for (unsigned i = 0; i < crowd->places; i++) {
		if (shared->place[i].heir)
			end(crowd, i);
		else if (crowd->member[i].stopped && crowd->turn >= crowd->member[i].until)
			(storm_random(&crowd->random, 2) ? stop_over : end)(crowd, i);
	}
}

/* How many are to die, or to be stopped or inherited from, at this turn. */
static unsigned due(const struct crowd *crowd, uint64_t start, unsigned pace)
{
	uint64_t most = (os_monotonic_ns() - start) * pace / 1000000000u, kills = crowd->deaths.kills;

	if (most > shared->calls / CALLS_PER_KILL)
		most = shared->calls / CALLS_PER_KILL;
	if (most <= kills)
		return 0;
	return most - kills < crowd->places / 4 ? (unsigned)(most - kills) : crowd->places / 4;
}

static void finish(struct crowd *crowd)
{
	bool any = true;

	for (unsigned i = 0; i < crowd->places; i++) {
		enum order order = shared->place[i].order;

		if (order == FORK_HEIR || order == EXEC_HEIR)
			(void)atomic_compare_exchange_strong(&shared->place[i].order, &order, LIVE_ON); /* else it is at it */
	}
	while (any) {
		any = false;
		for (unsigned i = 0; i < crowd->places; i++) {
			end(crowd, i);
			any = any || crowd->member[i].pid;
		}
		(void)nanosleep(&(const struct timespec){ .tv_nsec = 100000 }, NULL); /* not to burn the processor */
		notice(crowd);
	}
}

void storm_crowd(const struct storm_body *body, unsigned places, uint64_t kills, unsigned pace,
		 struct storm_deaths *ret_deaths)
{
	struct crowd crowd = { .body = body, .places = places };
	uint64_t start = os_monotonic_ns();

	REQUIRE(places <= STORM_PLACES);
	raise_wind();
	REQUIRE_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0); /* heirs are ours when their parents are dead */
	crowd.random = (os_realtime_ns() * 0x9e3779b97f4a7c15u ^ (uint64_t)getpid()) | 1;
	for (; crowd.deaths.kills < kills; crowd.turn++) {
		const struct timespec pause = { 0, 100000 + storm_random(&crowd.random, 400000) };

		for (unsigned i = 0; i < places; i++)
			if (crowd.member[i].pid == 0)
				spawn(&crowd, i);
		(void)nanosleep(&pause, NULL); /* the pace of killing; nothing is waited for */
		for (unsigned n = due(&crowd, start, pace); n > 0; n--)
			strike(&crowd);
		notice(&crowd);
		settle(&crowd);
		if (body->tick)
			body->tick();
	}
	finish(&crowd);
	close(shared_fd);
	*ret_deaths = crowd.deaths;
}
