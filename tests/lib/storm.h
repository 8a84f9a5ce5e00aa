/* SPDX-License-Identifier: MIT */
/*
 * Processes that take and give named objects at random and are killed at random, with an oracle.
 *
 * Every object that is made carries a number that no other ever had. What each process is about to do,
 * and holds, stands in memory shared by all, written before the call begins and after it has returned;
 * so what is concluded from it is certain:
 *   doubled      two objects of one name are held at once, or one is made while another is held
 *   lost         a name is not found although somebody held its object during the whole call
 *   resurrected  an object is opened of which nobody had a handle at some moment before the call
 *   stale        a new object has bytes of an old one
 */
#ifndef STORM_H
#define STORM_H

#include <stdbool.h>
#include <stdint.h>

enum storm_answer {
	STORM_MADE,    /* a new object; it carries the number given */
	STORM_OPENED,
	STORM_MISSING, /* may_create was false */
	STORM_BUSY,    /* the documented time-out */
	STORM_STALE,   /* made, but not empty */
	STORM_FAILED,  /* anything else */
};

/* What is stormed. All functions run in the children, one call at a time. */
struct storm_target {
	/* @number: for a new object. *@ret_handle and *@ret_number: set when made or opened. */
	enum storm_answer (*acquire)(unsigned name, bool may_create, uint64_t number, void **ret_handle,
				     uint64_t *ret_number);
	void (*release)(unsigned name, void *handle);
	/* Use the object; false: its bytes are wrong (counted as stale). May be NULL. */
	bool (*use)(void *handle, uint64_t number);
};

struct storm_options {
	unsigned processes; /* at most 64 */
	unsigned names;     /* at most 256 */
	uint64_t kills;
};

struct storm_result {
	uint64_t calls, kills, kills_inside; /* inside: before or after a system call of the protocol */
	uint64_t made, opened, missing;
	uint64_t busy, failed;
	uint64_t doubled, lost, resurrected, stale;
	uint64_t quiet; /* moments at which nobody had anything to do with a name, and so all must be dead */
};

/* Returns after @options->kills, with all children dead. */
void storm_run(const struct storm_target *target, const struct storm_options *options,
	       struct storm_result *ret_result);

#endif
