/* SPDX-License-Identifier: MIT */
#include "storm.h"

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "fault.h"
#include "os.h"

#define PROCESSES_MAX 64u
#define NAMES_MAX 256u
#define HANDS 2u /* handles that a process may have at a time */
#define SLOTS (PROCESSES_MAX * HANDS)

enum hand_state { IDLE, ACQUIRING, HOLDING, RELEASING };

/* One word, so that it can be read whole: what a hand is doing. @turn tells equal stays apart. */
#define WORD(state, name, turn, number)                                                            \
	((uint64_t)(state) | (uint64_t)(name) << 2 | (uint64_t)((turn) & 0xffff) << 12 | (uint64_t)(number) << 28)
#define STATE_OF(word) ((enum hand_state)((word) & 3))
#define NAME_OF(word) ((unsigned)((word) >> 2 & 0x3ff))
#define NUMBER_OF(word) ((word) >> 28)

struct shared {
	_Atomic uint64_t slot[SLOTS];
	/* It may be dead already, so its slots prove nothing. The parent's word and the child's own: with one
	 * flag for both a child that survived would take back what the parent has said. */
	atomic_bool doomed[PROCESSES_MAX], tempted[PROCESSES_MAX];
	_Atomic uint64_t next_number;
	_Atomic uint64_t dead_below[NAMES_MAX];  /* objects of the name with a smaller number are dead */
	_Atomic uint64_t calls, made, opened, missing, busy, failed, doubled, lost, resurrected, stale, quiet;
};

struct child {
	const struct storm_target *target;
	const struct storm_options *options;
	unsigned process;
	uint64_t random;
	uint16_t turn;
	void *handle[HANDS];
};

static struct shared *shared;

static unsigned random_below(uint64_t *state, unsigned limit)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (unsigned)((*state >> 33) % limit);
}

/* ---- the oracle ---- */

static bool is_on(uint64_t word, unsigned name)
{
	return STATE_OF(word) != IDLE && NAME_OF(word) == name;
}

static void read_slots(const struct storm_options *options, uint64_t words[SLOTS])
{
	for (unsigned i = 0; i < options->processes * HANDS; i++)
		words[i] = shared->slot[i];
}

/* If two readings agree that no other hand has to do with @name, then at the moment between them every
 * object of that name was dead, and numbers drawn later are not smaller than the one read there. */
static void note_quiet(const struct storm_options *options, unsigned self, unsigned name)
{
	uint64_t first[SLOTS], second[SLOTS], next, known;

	read_slots(options, first);
	next = shared->next_number;
	for (unsigned i = 0; i < options->processes * HANDS; i++)
		if (i != self && is_on(first[i], name))
			return;
	read_slots(options, second);
	if (memcmp(first, second, options->processes * HANDS * sizeof(first[0])) != 0)
		return;
	shared->quiet++;
	known = shared->dead_below[name];
	while (known < next && !atomic_compare_exchange_weak(&shared->dead_below[name], &known, next))
		continue;
}

/* Is the owner of slot @i alive, and still at what @word says? The word is read last: it is cleared before
 * the flags are. */
static bool is_certain(unsigned i, uint64_t word)
{
	return !shared->doomed[i / HANDS] && !shared->tempted[i / HANDS] && shared->slot[i] == word;
}

/* Number of the object that another hand held during the whole call, or 0. */
static uint64_t held_throughout(const struct child *child, unsigned self, unsigned name, const uint64_t before[SLOTS])
{
	for (unsigned i = 0; i < child->options->processes * HANDS; i++) {
		if (i == self || STATE_OF(before[i]) != HOLDING || NAME_OF(before[i]) != name)
			continue;
		if (is_certain(i, before[i]))
			return NUMBER_OF(before[i]);
	}
	return 0;
}

static void judge(const struct child *child, unsigned self, unsigned name, enum storm_answer answer, uint64_t number,
		  const uint64_t before[SLOTS], uint64_t floor)
{
	uint64_t held = held_throughout(child, self, name, before);

	if (held && answer == STORM_MISSING)
		shared->lost++;
	if (held && (answer == STORM_MADE || (answer == STORM_OPENED && number != held)))
		shared->doubled++;
	if (answer == STORM_OPENED && number < floor)
		shared->resurrected++;
}

/* Now that this hand's stay is published: does another hold another object of the name? */
static void judge_company(const struct child *child, unsigned self, unsigned name, uint64_t number)
{
	for (unsigned i = 0; i < child->options->processes * HANDS; i++) {
		uint64_t word = shared->slot[i];

		if (i != self && STATE_OF(word) == HOLDING && NAME_OF(word) == name && NUMBER_OF(word) != number &&
		    is_certain(i, word))
			shared->doubled++;
	}
}

/* ---- the weather: any system call may come after those of others ---- */

static struct os_calls calm;
static uint64_t gusts = 1;

static void blow(void)
{
	if (random_below(&gusts, 4) == 0)
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
	if (calm.close)
		return;
	calm = os;
#define INSTALL(type, name, params, args, expression) os.name = gust_##name;
	OS_CALLS(INSTALL)
#undef INSTALL
}

/* ---- a child ---- */

static void count(enum storm_answer answer)
{
	_Atomic uint64_t *const table[] = { &shared->made, &shared->opened, &shared->missing,
					    &shared->busy, &shared->stale,  &shared->failed };

	(*table[answer])++;
	shared->calls++;
}

/* Now and then die before or after a system call of the coming call of the library. */
static bool tempt_fate(struct child *child)
{
	if (random_below(&child->random, 24) != 0)
		return false;
	shared->tempted[child->process] = true;
	fault_arm(random_below(&child->random, 4) ? "*" : "close", 1 + random_below(&child->random, 14),
		  random_below(&child->random, 2) ? FAULT_KILL_BEFORE : FAULT_KILL_AFTER, 0);
	return true;
}

static void survive(const struct child *child, bool tempted)
{
	if (!tempted)
		return;
	(void)fault_disarm();
	shared->tempted[child->process] = false;
}

static void take(struct child *child, unsigned hand)
{
	unsigned self = child->process * HANDS + hand, name = random_below(&child->random, child->options->names);
	uint64_t before[SLOTS], floor, number, got = 0;
	enum storm_answer answer;
	bool tempted;

	shared->slot[self] = WORD(ACQUIRING, name, ++child->turn, 0);
	note_quiet(child->options, self, name);
	floor = shared->dead_below[name];
	number = shared->next_number++;
	read_slots(child->options, before);
	tempted = tempt_fate(child);
	answer = child->target->acquire(name, random_below(&child->random, 10) < 7, number, &child->handle[hand], &got);
	survive(child, tempted);
	judge(child, self, name, answer, got, before, floor);
	count(answer);
	if (answer != STORM_MADE && answer != STORM_OPENED) {
		shared->slot[self] = 0;
		return;
	}
	shared->slot[self] = WORD(HOLDING, name, child->turn, got);
	judge_company(child, self, name, got);
	if (child->target->use && !child->target->use(child->handle[hand], got))
		shared->stale++;
}

static void give(struct child *child, unsigned hand)
{
	unsigned self = child->process * HANDS + hand, name = NAME_OF(shared->slot[self]);
	bool tempted;

	shared->slot[self] = WORD(RELEASING, name, child->turn, 0);
	tempted = tempt_fate(child);
	child->target->release(name, child->handle[hand]);
	survive(child, tempted);
	shared->slot[self] = 0;
}

static _Noreturn void live(struct child *child)
{
	for (;;) {
		unsigned hand = random_below(&child->random, HANDS);

		if (STATE_OF(shared->slot[child->process * HANDS + hand]) == IDLE)
			take(child, hand);
		else
			give(child, hand);
	}
}

/* ---- the parent ---- */

static pid_t spawn(const struct storm_target *target, const struct storm_options *options, unsigned process,
		   uint64_t random)
{
	struct child child = { .target = target, .options = options, .process = process, .random = random | 1, .turn = (uint16_t)random };
	pid_t pid = fork();

	REQUIRE(pid >= 0);
	if (pid == 0) {
		raise_wind();
		gusts = child.random;
		live(&child);
	}
	return pid;
}

/* It has been reaped, so the kernel has closed what it had. */
static void forget(unsigned process)
{
	for (unsigned hand = 0; hand < HANDS; hand++)
		shared->slot[process * HANDS + hand] = 0;
	shared->doomed[process] = false;
	shared->tempted[process] = false;
}

struct crowd {
	pid_t pid[PROCESSES_MAX];
	struct storm_result *result;
};

static void doom(struct crowd *crowd, unsigned process)
{
	shared->doomed[process] = true;
	REQUIRE_EQ(kill(crowd->pid[process], SIGKILL), 0);
}

/* Reap who is dead, or with @all everybody. */
static void reap(struct crowd *crowd, const struct storm_options *options, bool all)
{
	for (unsigned i = 0; i < options->processes; i++) {
		int status;

		if (crowd->pid[i] == 0 || waitpid(crowd->pid[i], &status, all ? 0 : WNOHANG) != crowd->pid[i])
			continue;
		REQUIRE(WIFSIGNALED(status));
		REQUIRE_EQ(WTERMSIG(status), SIGKILL);
		crowd->result->kills++;
		crowd->result->kills_inside += !shared->doomed[i];
		crowd->pid[i] = 0;
		forget(i);
	}
}

static void collect(struct storm_result *result)
{
	result->calls = shared->calls;
	result->made = shared->made;
	result->opened = shared->opened;
	result->missing = shared->missing;
	result->busy = shared->busy;
	result->failed = shared->failed;
	result->doubled = shared->doubled;
	result->lost = shared->lost;
	result->resurrected = shared->resurrected;
	result->stale = shared->stale;
	result->quiet = shared->quiet;
}

void storm_run(const struct storm_target *target, const struct storm_options *options,
	       struct storm_result *ret_result)
{
	struct storm_result result = { 0 };
	struct crowd crowd = { .result = &result };
	uint64_t random = (uint64_t)time(NULL) * 0x9e3779b97f4a7c15u ^ (uint64_t)getpid();

	REQUIRE(options->processes <= PROCESSES_MAX && options->names <= NAMES_MAX);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(shared != MAP_FAILED);
	shared->next_number = 1;
	while (result.kills < options->kills) {
		const struct timespec pause = { 0, 100000 + random_below(&random, 400000) };

		for (unsigned i = 0; i < options->processes; i++)
			if (crowd.pid[i] == 0)
				crowd.pid[i] = spawn(target, options, i, random ^ (uint64_t)random_below(&random, ~0u) << 32);
		(void)nanosleep(&pause, NULL); /* the pace of killing; nothing is waited for */
		if (random_below(&random, 64) == 0)
			for (unsigned i = 0; i < options->processes; i++)
				doom(&crowd, i);
		else
			doom(&crowd, random_below(&random, options->processes));
		reap(&crowd, options, false);
	}
	for (unsigned i = 0; i < options->processes; i++)
		if (crowd.pid[i])
			doom(&crowd, i);
	reap(&crowd, options, true);
	collect(&result);
	munmap(shared, sizeof(*shared));
	*ret_result = result;
}
