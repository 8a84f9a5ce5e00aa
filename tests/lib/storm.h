/* SPDX-License-Identifier: MIT */
/*
 * A crowd of processes that are killed at random, stopped for a while, and inherited from.
 *
 * The processes take places, at any moment one a place. One that is killed leaves its place to a fresh one,
 * or to its heir: a process that it forked, or another program that it started, which goes on with the
 * handles that it got. An heir waits until its parent is dead, so that a place is always in one hand. All
 * this is done by one supervisor, the process that calls storm_crowd().
 */
#ifndef STORM_H
#define STORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define STORM_PLACES 64u

enum storm_origin { STORM_FRESH, STORM_FORKED, STORM_EXECED, STORM_ORIGINS };

/* A process of the crowd, as it knows itself. */
struct storm_life {
	unsigned place;
	uint64_t random;
	enum storm_origin origin;
};

/* What the processes do. */
struct storm_body {
	/* For ever; storm_turn() once in each round. A fresh process has nothing, an heir its parent's. */
	void (*live)(struct storm_life *life);
	/* In a parent and in its heir while both live: use what is there, take and give nothing. May be NULL. */
	void (*idle)(struct storm_life *life);
	/* Start CHILD(...) of this program with the arguments of storm_heir_arguments() first; it inherits and
	 * calls storm_join(). Its pid. NULL: heirs are forked only. */
	pid_t (*exec)(struct storm_life *life);
	/* In the supervisor: the process of the place is dead and the kernel has closed all it had. @inherited: it
	 * has an heir, which has done nothing yet. */
	void (*buried)(unsigned place, bool inherited);
	/* In the supervisor, at each of its turns. May be NULL. */
	void (*tick)(void);
};

struct storm_deaths {
	uint64_t kills;               /* in total */
	uint64_t inside;              /* of processes within a call of the library (storm_enter) */
	uint64_t stopped;             /* of stopped ones */
	uint64_t of[STORM_ORIGINS];   /* by how they came into being */
	uint64_t stops;               /* processes stopped, those before or after a system call included */
};

/* Shared memory of @size zero bytes for the storm's own use, in every process of the crowd. Call it first. */
void *storm_begin(size_t size);
/*
 * storm_crowd - returns after @kills, with all processes dead
 * @pace: kills in a second, if the machine can do it. The slower, the more calls in a life.
 */
void storm_crowd(const struct storm_body *body, unsigned places, uint64_t kills, unsigned pace,
		 struct storm_deaths *ret_deaths);

/* In an heir that is another program, first of all: its life, and that memory. */
void *storm_join(struct storm_life *ret_life);
enum { STORM_HEIR_ARGUMENTS = 3 };
void storm_heir_arguments(const struct storm_life *life, char text[STORM_HEIR_ARGUMENTS][24]);
/* In it, when it has adopted what it inherited: wait until it is its turn, then live. */
void storm_succeed(const struct storm_body *body, struct storm_life *life);

/* A process may be succeeded here; returns in it or, after its death, in its heir. */
void storm_turn(const struct storm_body *body, struct storm_life *life);
/* Around a call of the library: now and then die, or stop, before or after one of its system calls. */
void storm_enter(struct storm_life *life);
void storm_leave(const struct storm_life *life);
/* It may be dead already, so nothing that it said proves anything. False if it dies and an heir goes on. */
bool storm_may_be_dead(unsigned place);

unsigned storm_random(uint64_t *state, unsigned limit);

/* ---- the ground: a root for names and files that shows what is left there ---- */

struct storm_ground {
	uint64_t bytes, inodes;
	int descriptors;
};

/* Make it, with both namespaces empty, and FILEMAP_ROOT its directory, which is returned. A file system of its
 * own where the system lets us mount one, so that every byte is known. */
const char *storm_ground_make(void);
struct storm_ground storm_ground_look(void);
/* Sweep once. What there is more than before is printed, and is nothing. */
void storm_ground_check(struct storm_ground before);
/* How many kills: STORM_KILLS of the environment, or @few. */
uint64_t storm_kills(uint64_t few);
void storm_print_deaths(const char *what, const struct storm_deaths *deaths);

#endif
