/* SPDX-License-Identifier: MIT */
/*
 * Every interleaving of the naming protocol (docs/names.md), with a crash possible at every step.
 *
 * Processes take steps of one system call each on one name, for ever. A state is small: who has which
 * inode open, with which lock, and what the name refers to. All states that can be reached are visited;
 * each must satisfy the rules in violation(). The wrong variants are tempting simplifications, and the
 * model must find the flaw in each.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define PROCESSES_MAX 3
#define INODES (2 * PROCESSES_MAX + 2)
#define NONE 0

enum variant {
	RIGHT,
	FLOCK_SEMANTICS,    /* a lock one may not look at: exclusive granted means dead, else take a shared one */
	ANY_LOCK_IS_ALIVE,  /* not telling an undertaker's lock from a holder's */
	LOCK_FIRST,         /* take the read lock, then look whether somebody else has one */
	NO_LINK_CHECK,      /* believe that a locked file still has its name */
	UNLOCKED_UNLINK,    /* the last holder looks, and unlinks without a lock */
	UPGRADE_OWN_LOCK,   /* close by turning one's own read lock into a write lock; forks share it */
	LOOK_BEFORE_CLOSE,  /* close without burying if another lock was seen: both of two closers may */
};

enum step {
	IDLE,
	OPEN,          /* 1: openat of the name */
	LOOK,          /* 2: F_OFD_GETLK */
	CORPSE_LOCK,   /* 2: the write lock on a corpse */
	CORPSE_CHECK,  /*    fstat */
	CORPSE_UNLINK,
	CORPSE_CLOSE,
	JOIN_LOCK,     /* 3: the read lock */
	JOIN_CHECK,    /* 4: fstat */
	JOIN_LOOK,     /* LOCK_FIRST only */
	LINK,          /* 7: linkat of a complete, locked file */
	HOLD,          /* a handle is open */
	CLOSE,         /* the handle's descriptor */
	CLOSE_ONLY,    /* LOOK_BEFORE_CLOSE only: the same, and nothing after it */
	BURY_OPEN,     /* a fresh description */
	BURY_LOCK,
	BURY_CHECK,
	BURY_UNLINK,
	BURY_CLOSE,
};

enum lock { UNLOCKED, READ, WRITE };

struct process {
	uint8_t step, create;  /* create: a missing name is made, not reported */
	uint8_t inode, lock;   /* what its descriptor is open on */
	uint8_t claim;         /* it has seen this inode alive and may rightly join it */
	uint8_t shares;        /* 1 + the process whose description it inherited with a fork, while that has it */
};

struct state {
	struct process process[PROCESSES_MAX];
	uint8_t name;          /* inode that the name refers to, or NONE */
	uint8_t dead[INODES];  /* it had a name and there came a moment without holder or claim */
	uint8_t crashed;       /* somebody was killed on the way here */
};

struct model {
	enum variant variant;
	unsigned processes;
	bool crashes;
	struct state *states;
	size_t count, capacity, done;
	uint32_t *table;       /* 1 + index into states */
	size_t slots;
	const char *violation;
};

/* ---- the set of states ---- */

static uint64_t hash(const struct state *state)
{
	const unsigned char *bytes = (const unsigned char *)state;
	uint64_t value = 0xcbf29ce484222325u;

	for (size_t i = 0; i < sizeof(*state); i++)
		value = (value ^ bytes[i]) * 0x100000001b3u;
	return value ^ value >> 29;
}

static void grow_table(struct model *model)
{
	size_t slots = model->slots ? 2 * model->slots : 1 << 12;
	uint32_t *table = calloc(slots, sizeof(*table));

	REQUIRE(table);
	for (size_t i = 0; i < model->count; i++) {
		size_t at = hash(&model->states[i]) & (slots - 1);

		while (table[at])
			at = (at + 1) & (slots - 1);
		table[at] = (uint32_t)i + 1;
	}
	free(model->table);
	model->table = table;
	model->slots = slots;
}

static void append(struct model *model, const struct state *state)
{
	if (model->count == model->capacity) {
		model->capacity = model->capacity ? 2 * model->capacity : 1 << 12;
		model->states = realloc(model->states, model->capacity * sizeof(*model->states));
		REQUIRE(model->states);
	}
	model->states[model->count++] = *state;
}

/* Inodes that nothing refers to are forgotten, the others numbered in order: two states that differ only
 * in numbers are one. */
static struct state canonical(const struct model *model, const struct state *from)
{
	struct state to = *from;
	uint8_t number[INODES] = { 0 }, next = 1;

	memset(to.dead, 0, sizeof(to.dead));
#define RENUMBER(field)                                                                            \
	do {                                                                                        \
		if (to.field != NONE && !number[to.field]) {                                        \
			to.dead[next] = from->dead[to.field];                                       \
			number[to.field] = next++;                                                  \
		}                                                                                   \
		to.field = number[to.field];                                                        \
	} while (0)
	RENUMBER(name);
	for (unsigned p = 0; p < model->processes; p++)
		RENUMBER(process[p].inode);
	for (unsigned p = 0; p < model->processes; p++) /* a claim on what nobody has open means nothing */
		to.process[p].claim = number[to.process[p].claim];
#undef RENUMBER
	return to;
}

/* ---- the rules ---- */

static bool has_holder(const struct model *model, const struct state *state, uint8_t inode)
{
	for (unsigned p = 0; p < model->processes; p++) {
		const struct process *process = &state->process[p];
		bool open = process->step == HOLD || process->step == CLOSE || process->step == CLOSE_ONLY;

		if (process->claim == inode || (open && process->inode == inode))
			return true;
	}
	return false;
}

static bool all_idle(const struct model *model, const struct state *state)
{
	for (unsigned p = 0; p < model->processes; p++)
		if (state->process[p].step != IDLE)
			return false;
	return true;
}

static const char *violation(const struct model *model, const struct state *state)
{
	for (unsigned p = 0; p < model->processes; p++) {
		const struct process *process = &state->process[p];

		if (process->step != HOLD)
			continue;
		if (state->dead[process->inode])
			return "resurrected: a handle on an object that had died";
		if (state->name != process->inode)
			return "lost or double: a handle on an object that does not have the name";
	}
	if (!state->crashed && state->name != NONE && all_idle(model, state))
		return "left over: no handle, no crash, and the name is there";
	return NULL;
}

static void reach(struct model *model, struct state next)
{
	size_t at;

	for (unsigned p = 0; p < model->processes; p++) {
		struct process *child = &next.process[p];
		const struct process *parent = &next.process[(child->shares + PROCESSES_MAX - 1) % PROCESSES_MAX];

		if (child->shares && (parent->step < HOLD || parent->step > CLOSE_ONLY || parent->inode != child->inode))
			child->shares = 0;
	}
	if (next.name != NONE && !has_holder(model, &next, next.name))
		next.dead[next.name] = 1;
	for (unsigned p = 0; p < model->processes; p++) {
		uint8_t inode = next.process[p].inode;

		if (inode != NONE && next.process[p].step != LINK && !has_holder(model, &next, inode))
			next.dead[inode] = 1;
	}
	next = canonical(model, &next);
	at = hash(&next) & (model->slots - 1);
	for (; model->table[at]; at = (at + 1) & (model->slots - 1))
		if (memcmp(&model->states[model->table[at] - 1], &next, sizeof(next)) == 0)
			return;
	append(model, &next);
	model->table[at] = (uint32_t)model->count;
	if (!model->violation)
		model->violation = violation(model, &next);
	if (model->count * 2 > model->slots)
		grow_table(model);
}

/* ---- the kernel ---- */

/* The strongest lock that descriptions other than @self have on @inode. */
static enum lock others_lock(const struct model *model, const struct state *state, unsigned self, uint8_t inode)
{
	enum lock strongest = UNLOCKED;

	for (unsigned p = 0; p < model->processes; p++) {
		const struct process *process = &state->process[p];

		if (p == self || process->inode != inode || process->shares == self + 1 ||
		    state->process[self].shares == p + 1)
			continue;
		if (process->lock > strongest)
			strongest = process->lock;
	}
	return strongest;
}

static bool set_lock(const struct model *model, struct state *state, unsigned self, enum lock lock)
{
	struct process *process = &state->process[self];
	enum lock other = others_lock(model, state, self, process->inode);

	if (other == WRITE || (other == READ && lock == WRITE))
		return false;
	process->lock = (uint8_t)lock;
	return true;
}

/* Close its descriptor and go to @step. */
static void leave(struct process *process, enum step step)
{
	process->inode = NONE;
	process->lock = UNLOCKED;
	process->claim = NONE;
	process->shares = 0;
	process->step = (uint8_t)step;
	if (step == IDLE)
		process->create = 0;
}

static uint8_t unused_inode(const struct model *model, const struct state *state)
{
	for (uint8_t inode = 1; inode < INODES; inode++) {
		bool used = state->name == inode;

		for (unsigned p = 0; p < model->processes; p++)
			used |= state->process[p].inode == inode || state->process[p].claim == inode;
		if (!used)
			return inode;
	}
	abort(); /* there are more than descriptors and names */
}

/* ---- the protocol ---- */

static void look(const struct model *model, struct state *state, unsigned self)
{
	struct process *process = &state->process[self];
	enum lock other = others_lock(model, state, self, process->inode);

	if (model->variant == FLOCK_SEMANTICS) { /* an exclusive lock, tried */
		process->step = set_lock(model, state, self, WRITE) ? CORPSE_CHECK : JOIN_LOCK;
		if (process->step == JOIN_LOCK && !state->dead[process->inode])
			process->claim = process->inode;
		return;
	}
	if (other == WRITE && model->variant != ANY_LOCK_IS_ALIVE) {
		leave(process, OPEN);
	} else if (other == UNLOCKED) {
		process->step = CORPSE_LOCK;
	} else {
		process->step = JOIN_LOCK;
		if (!state->dead[process->inode]) /* its holder is there now; what follows may be called before */
			process->claim = process->inode;
	}
}

static void open_name(const struct model *model, struct state *state, unsigned self)
{
	struct process *process = &state->process[self];

	if (state->name != NONE) {
		process->inode = state->name;
		process->step = model->variant == LOCK_FIRST ? JOIN_LOCK : LOOK;
	} else if (process->create) {
		process->inode = unused_inode(model, state);
		state->dead[process->inode] = 0;
		process->lock = READ; /* made and locked while nobody can see it */
		process->step = LINK;
	} else {
		leave(process, IDLE); /* not found */
	}
}

static void acquire(const struct model *model, struct state *state, unsigned self)
{
	struct process *process = &state->process[self];

	switch (process->step) {
	case OPEN:
		open_name(model, state, self);
		break;
	case LOOK:
		look(model, state, self);
		break;
	case CORPSE_LOCK:
		if (set_lock(model, state, self, WRITE))
			process->step = CORPSE_CHECK;
		else
			leave(process, OPEN);
		break;
	case CORPSE_CHECK:
		process->step = state->name == process->inode || model->variant == NO_LINK_CHECK ? CORPSE_UNLINK :
												   CORPSE_CLOSE;
		break;
	case CORPSE_UNLINK:
		state->name = NONE; /* whatever it refers to */
		process->step = CORPSE_CLOSE;
		break;
	case CORPSE_CLOSE:
		leave(process, OPEN);
		break;
	case JOIN_LOCK:
		if (!set_lock(model, state, self, READ))
			leave(process, OPEN);
		else
			process->step = model->variant == LOCK_FIRST ? JOIN_LOOK : JOIN_CHECK;
		break;
	case JOIN_LOOK:
		process->step = others_lock(model, state, self, process->inode) == READ ? JOIN_CHECK : CORPSE_LOCK;
		if (process->step == JOIN_CHECK && !state->dead[process->inode])
			process->claim = process->inode;
		break;
	case JOIN_CHECK:
		if (state->name != process->inode && model->variant != NO_LINK_CHECK)
			leave(process, OPEN);
		else
			process->step = HOLD;
		break;
	case LINK:
		if (state->name == NONE) {
			state->name = process->inode;
			process->step = HOLD;
		} else {
			leave(process, OPEN);
		}
		break;
	}
	if (process->step == HOLD)
		process->claim = NONE;
}

static void close_handle(const struct model *model, struct state *state, unsigned self)
{
	struct process *process = &state->process[self];

	if (model->variant == UPGRADE_OWN_LOCK) { /* other owners of the description are not seen */
		if (set_lock(model, state, self, WRITE))
			process->step = BURY_CHECK;
		else
			leave(process, IDLE);
	} else if (model->variant == LOOK_BEFORE_CLOSE && others_lock(model, state, self, process->inode) == READ) {
		process->step = CLOSE_ONLY;
	} else {
		leave(process, BURY_OPEN);
	}
}

static void release(const struct model *model, struct state *state, unsigned self)
{
	struct process *process = &state->process[self];

	switch (process->step) {
	case CLOSE:
		close_handle(model, state, self);
		break;
	case BURY_OPEN:
		process->inode = state->name;
		process->step = state->name == NONE ? IDLE : BURY_LOCK;
		break;
	case BURY_LOCK:
		if (model->variant == UNLOCKED_UNLINK ? others_lock(model, state, self, process->inode) == UNLOCKED :
							set_lock(model, state, self, WRITE))
			process->step = BURY_CHECK;
		else
			leave(process, IDLE);
		break;
	case BURY_CHECK:
		process->step = state->name == process->inode || model->variant == NO_LINK_CHECK ? BURY_UNLINK :
												   BURY_CLOSE;
		break;
	case BURY_UNLINK:
		state->name = NONE;
		process->step = BURY_CLOSE;
		break;
	case BURY_CLOSE:
	case CLOSE_ONLY:
		leave(process, IDLE);
		break;
	}
}

/* ---- the search ---- */

static void begin(struct model *model, const struct state *state, unsigned self)
{
	static const struct { uint8_t step, create; } starts[] = {
		{ OPEN, 1 }, { OPEN, 0 }, { BURY_OPEN, 0 } /* a sweep */
	};

	for (unsigned i = 0; i < ARRAY_SIZE(starts); i++) {
		struct state next = *state;

		next.process[self].step = starts[i].step;
		next.process[self].create = starts[i].create;
		reach(model, next);
	}
}

/* A child that has the handle of its parent, and so its description. */
static void fork_handle(struct model *model, const struct state *state, unsigned self)
{
	for (unsigned p = 0; p < model->processes; p++) {
		struct state next = *state;

		if (state->process[p].step != IDLE || state->process[self].shares)
			continue;
		next.process[p] = state->process[self];
		next.process[p].shares = (uint8_t)(self + 1);
		reach(model, next);
	}
}

static void advance(struct model *model, const struct state *state, unsigned self)
{
	struct state next = *state;

	switch (state->process[self].step) {
	case IDLE:
		begin(model, state, self);
		return;
	case HOLD:
		if (model->variant == RIGHT || model->variant == UPGRADE_OWN_LOCK)
			fork_handle(model, state, self);
		next.process[self].step = CLOSE;
		break;
	case CLOSE:
	case CLOSE_ONLY:
	case BURY_OPEN:
	case BURY_LOCK:
	case BURY_CHECK:
	case BURY_UNLINK:
	case BURY_CLOSE:
		release(model, &next, self);
		break;
	case JOIN_CHECK: { /* it may find that the object is of another type, and then has the same duty */
		struct state refused = *state;

		if (state->name == state->process[self].inode) {
			leave(&refused.process[self], BURY_OPEN);
			reach(model, refused);
		}
		acquire(model, &next, self);
		break;
	}
	default:
		acquire(model, &next, self);
	}
	reach(model, next);
}

static void crash(struct model *model, const struct state *state, unsigned self)
{
	struct state next = *state;

	if (state->process[self].step == IDLE)
		return;
	leave(&next.process[self], IDLE);
	next.crashed = 1;
	reach(model, next);
}

static void explore(struct model *model)
{
	struct state first = { 0 };

	grow_table(model);
	reach(model, first);
	while (model->done < model->count && !model->violation) {
		struct state state = model->states[model->done++]; /* a copy: the array moves */

		for (unsigned p = 0; p < model->processes; p++) {
			advance(model, &state, p);
			if (model->crashes)
				crash(model, &state, p);
		}
	}
	free(model->states);
	free(model->table);
}

static void expect_right(unsigned processes)
{
	struct model model = { .variant = RIGHT, .processes = processes, .crashes = true };

	explore(&model);
	if (model.violation)
		check_failed(__FILE__, __LINE__, "%s (state %zu)", model.violation, model.count);
	printf("%u processes: %zu states\n", processes, model.count);
}

static void expect_wrong(enum variant variant, const char *flaw)
{
	struct model model = { .variant = variant, .processes = 3, .crashes = true };

	explore(&model);
	CHECK(model.violation != NULL);
	if (model.violation && strncmp(model.violation, flaw, strlen(flaw)) != 0)
		check_failed(__FILE__, __LINE__, "found \"%s\", expected \"%s\"", model.violation, flaw);
}

TEST(two_processes_keep_every_rule)
{
	expect_right(2);
}

TEST(three_processes_keep_every_rule)
{
	expect_right(3);
}

TEST(flock_resurrects)
{
	expect_wrong(FLOCK_SEMANTICS, "resurrected");
}

TEST(taking_any_lock_for_life_resurrects)
{
	expect_wrong(ANY_LOCK_IS_ALIVE, "resurrected");
}

TEST(locking_before_looking_resurrects)
{
	expect_wrong(LOCK_FIRST, "resurrected");
}

TEST(without_the_link_check_objects_are_lost)
{
	expect_wrong(NO_LINK_CHECK, "lost");
}

TEST(an_unlocked_unlink_loses_objects)
{
	expect_wrong(UNLOCKED_UNLINK, "lost");
}

TEST(upgrading_the_own_lock_loses_what_a_fork_shares)
{
	expect_wrong(UPGRADE_OWN_LOCK, "lost");
}

TEST(closing_on_a_look_alone_leaves_names)
{
	expect_wrong(LOOK_BEFORE_CLOSE, "left over");
}
