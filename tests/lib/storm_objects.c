/* SPDX-License-Identifier: MIT */
#include "storm_objects.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "storm.h"

#define PLACES 16u
#define NAMES_MAX 256u
#define HANDS 2u /* handles that a process may have at a time */
#define SLOTS (PLACES * HANDS)

enum hand_state { IDLE, ACQUIRING, HOLDING, RELEASING };

/* One word, so that it can be read whole: what a hand is doing. @turn tells equal stays apart. */
#define WORD(state, name, turn, number)                                                            \
	((uint64_t)(state) | (uint64_t)(name) << 2 | (uint64_t)((turn) & 0xffff) << 12 | (uint64_t)(number) << 28)
#define STATE_OF(word) ((enum hand_state)((word) & 3))
#define NAME_OF(word) ((unsigned)((word) >> 2 & 0x3ff))
#define NUMBER_OF(word) ((word) >> 28)

struct oracle {
	_Atomic uint64_t slot[SLOTS];
	_Atomic uint64_t next_number;
	_Atomic uint64_t dead_below[NAMES_MAX]; /* objects of the name with a smaller number are dead */
	/* Moments at which nobody had anything to do with a name, and so all its objects must be dead. */
	_Atomic uint64_t quiet;
	_Atomic uint64_t calls, made, opened, missing, busy, failed, doubled, lost, resurrected, stale;
};

/* Of one process; an heir by fork has it from its parent. */
static struct oracle *oracle;
static const struct storm_target *target;
static unsigned names;
static void *handles[HANDS];
static uint16_t stay;

/* ---- what is certain ---- */

static bool is_on(uint64_t word, unsigned name)
{
	return STATE_OF(word) != IDLE && NAME_OF(word) == name;
}

static void read_slots(uint64_t words[SLOTS])
{
	for (unsigned i = 0; i < SLOTS; i++)
		words[i] = oracle->slot[i];
}

/* If two readings agree that no other hand has to do with @name, then at the moment between them every
 * object of that name was dead, and numbers drawn later are not smaller than the one read there. */
static void note_quiet(unsigned self, unsigned name)
{
	uint64_t first[SLOTS], second[SLOTS], next, known;

	read_slots(first);
	next = oracle->next_number;
	for (unsigned i = 0; i < SLOTS; i++)
		if (i != self && is_on(first[i], name))
			return;
	read_slots(second);
	if (memcmp(first, second, sizeof(first)) != 0)
		return;
	oracle->quiet++;
	known = oracle->dead_below[name];
	while (known < next && !atomic_compare_exchange_weak(&oracle->dead_below[name], &known, next))
		continue;
}

/* Is the owner of slot @i alive, and still at what @word says? The word is read last: it is cleared before
 * the owner's place is. */
static bool is_certain(unsigned i, uint64_t word)
{
	return !storm_may_be_dead(i / HANDS) && oracle->slot[i] == word;
}

/* Number of the object that another hand held during the whole call, or 0. */
static uint64_t held_throughout(unsigned self, unsigned name, const uint64_t before[SLOTS])
{
	for (unsigned i = 0; i < SLOTS; i++) {
		if (i == self || STATE_OF(before[i]) != HOLDING || NAME_OF(before[i]) != name)
			continue;
		if (is_certain(i, before[i]))
			return NUMBER_OF(before[i]);
	}
	return 0;
}

static void judge(unsigned self, unsigned name, enum storm_answer answer, uint64_t number,
		  const uint64_t before[SLOTS], uint64_t floor)
{
	uint64_t held = held_throughout(self, name, before);

	if (held && answer == STORM_MISSING)
		oracle->lost++;
	if (held && (answer == STORM_MADE || (answer == STORM_OPENED && number != held)))
		oracle->doubled++;
	if (answer == STORM_OPENED && number < floor)
		oracle->resurrected++;
}

/* Now that this hand's stay is published: does another hold another object of the name? */
static void judge_company(unsigned self, unsigned name, uint64_t number)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		uint64_t word = oracle->slot[i];

		if (i != self && STATE_OF(word) == HOLDING && NAME_OF(word) == name && NUMBER_OF(word) != number &&
		    is_certain(i, word))
			oracle->doubled++;
	}
}

/* ---- a process ---- */

static void count(enum storm_answer answer)
{
	_Atomic uint64_t *const table[] = { &oracle->made, &oracle->opened, &oracle->missing,
					    &oracle->busy, &oracle->stale,  &oracle->failed };

	(*table[answer])++;
	oracle->calls++;
}

static void take(struct storm_life *life, unsigned hand)
{
	unsigned self = life->place * HANDS + hand, name = storm_random(&life->random, names);
	uint64_t before[SLOTS], floor, number, got = 0;
	bool may_create = storm_random(&life->random, 10) < 7;
	enum storm_answer answer;

	oracle->slot[self] = WORD(ACQUIRING, name, ++stay, 0);
	note_quiet(self, name);
	floor = oracle->dead_below[name];
	number = oracle->next_number++;
	read_slots(before);
	storm_enter(life);
	answer = target->acquire(name, may_create, number, &handles[hand], &got);
	storm_leave(life);
	judge(self, name, answer, got, before, floor);
	count(answer);
	if (answer != STORM_MADE && answer != STORM_OPENED) {
		oracle->slot[self] = 0;
		return;
	}
	oracle->slot[self] = WORD(HOLDING, name, stay, got);
	judge_company(self, name, got);
}

static void give(struct storm_life *life, unsigned hand)
{
	unsigned self = life->place * HANDS + hand, name = NAME_OF(oracle->slot[self]);

	oracle->slot[self] = WORD(RELEASING, name, stay, 0);
	storm_enter(life);
	target->release(name, handles[hand]);
	storm_leave(life);
	oracle->slot[self] = 0;
}

static void use(unsigned place, unsigned hand)
{
	uint64_t word = oracle->slot[place * HANDS + hand];

	if (STATE_OF(word) == HOLDING && !target->use(handles[hand], NUMBER_OF(word)))
		oracle->stale++;
}

static void idle(struct storm_life *life)
{
	for (unsigned hand = 0; hand < HANDS; hand++)
		use(life->place, hand);
}

/* By its number in the exec'd program; -1: an empty hand. */
static pid_t start_heir(struct storm_life *life)
{
	char arguments[STORM_HEIR_ARGUMENTS][24], numbers[HANDS][16];
	char *line[4 + STORM_HEIR_ARGUMENTS + HANDS] = { "heir", "--child", "storm_heir" }, **at = line + 3;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	storm_heir_arguments(life, arguments);
	for (unsigned i = 0; i < STORM_HEIR_ARGUMENTS; i++)
		*at++ = arguments[i];
	for (unsigned hand = 0; hand < HANDS; hand++) {
		bool holds = STATE_OF(oracle->slot[life->place * HANDS + hand]) == HOLDING;

		(void)snprintf(numbers[hand], sizeof(numbers[hand]), "%d", holds ? target->bequeath(handles[hand]) : -1);
		*at++ = numbers[hand];
	}
	(void)execv(check_program(), line);
	_exit(127);
}

static void live(struct storm_life *life);

static void buried(unsigned place, bool inherited)
{
	for (unsigned hand = 0; !inherited && hand < HANDS; hand++)
		oracle->slot[place * HANDS + hand] = 0;
}

static struct storm_body body = { .live = live, .idle = idle, .buried = buried };

static void live(struct storm_life *life)
{
	stay = (uint16_t)life->random;
	for (;;) {
		unsigned hand = storm_random(&life->random, HANDS);

		storm_turn(&body, life);
		if (STATE_OF(oracle->slot[life->place * HANDS + hand]) == IDLE) {
			take(life, hand);
		} else if (storm_random(&life->random, 2)) {
			storm_enter(life);
			use(life->place, hand);
			storm_leave(life);
		} else {
			give(life, hand);
		}
	}
}

void storm_objects_heir(const struct storm_target *what, unsigned count_of_names)
{
	struct storm_life life;

	target = what;
	names = count_of_names;
	oracle = storm_join(&life);
	body.exec = target->bequeath ? start_heir : NULL;
	for (unsigned hand = 0; hand < HANDS; hand++) {
		int number = atoi(check_argument(STORM_HEIR_ARGUMENTS + (int)hand));

		if (number >= 0)
			handles[hand] = target->adopt(NAME_OF(oracle->slot[life.place * HANDS + hand]), number);
		if (number >= 0 && !handles[hand]) {
			oracle->failed++;
			oracle->slot[life.place * HANDS + hand] = 0;
		}
	}
	storm_succeed(&body, &life);
	live(&life);
}

void storm_objects(const struct storm_target *what, unsigned count_of_names, uint64_t kills, unsigned pace)
{
	struct storm_deaths deaths;

	REQUIRE(count_of_names <= NAMES_MAX);
	target = what;
	names = count_of_names;
	oracle = storm_begin(sizeof(*oracle));
	oracle->next_number = 1;
	body.exec = target->bequeath ? start_heir : NULL;
	storm_crowd(&body, PLACES, kills, pace, &deaths);
	storm_print_deaths(target->title, &deaths);
	printf("%llu calls: %llu made, %llu opened, %llu missing, %llu timed out, %llu failed; %llu quiet moments; "
	       "doubled %llu, lost %llu, resurrected %llu, stale %llu\n",
	       (unsigned long long)oracle->calls, (unsigned long long)oracle->made,
	       (unsigned long long)oracle->opened, (unsigned long long)oracle->missing,
	       (unsigned long long)oracle->busy, (unsigned long long)oracle->failed,
	       (unsigned long long)oracle->quiet, (unsigned long long)oracle->doubled,
	       (unsigned long long)oracle->lost, (unsigned long long)oracle->resurrected,
	       (unsigned long long)oracle->stale);
	CHECK_EQ(oracle->doubled, 0);
	CHECK_EQ(oracle->lost, 0);
	CHECK_EQ(oracle->resurrected, 0);
	CHECK_EQ(oracle->stale, 0);
	CHECK_EQ(oracle->busy, 0);
	CHECK_EQ(oracle->failed, 0);
	CHECK(oracle->quiet > 0);
}
