/* SPDX-License-Identifier: MIT */
/*
 * A storm of processes that take and give named objects at random, with an oracle.
 *
 * Every object that is made carries a number that no other ever had. What each process is about to do,
 * and holds, stands in memory shared by all, written before the call begins and after it has returned;
 * so what is concluded from it is certain:
 *   doubled      two objects of one name are held at once, or one is made while another is held
 *   lost         a name is not found although somebody held its object during the whole call
 *   resurrected  an object is opened of which nobody had a handle at some moment before the call
 *   stale        a new object has bytes of an old one
 * A process and its heir are one holder: the object lives on while the one dies and the other goes on.
 */
#ifndef STORM_OBJECTS_H
#define STORM_OBJECTS_H

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

/* What is stormed. All functions run in the processes of the crowd, one call at a time. */
struct storm_target {
	const char *title;
	/* @number: for a new object. *@ret_handle and *@ret_number: set when made or opened. */
	enum storm_answer (*acquire)(unsigned name, bool may_create, uint64_t number, void **ret_handle,
				     uint64_t *ret_number);
	void (*release)(unsigned name, void *handle);
	/* Use the object; false: its bytes are wrong (counted as stale). */
	bool (*use)(void *handle, uint64_t number);
	/* A descriptor that the coming exec leaves open, and the handle it is there. NULL: heirs are forked only. */
	int (*bequeath)(void *handle);
	void *(*adopt)(unsigned name, int number); /* NULL: it cannot be had */
};

/*
 * storm_objects - 16 processes, @names (at most 256), until @kills at a @pace; its figures are printed
 * Objects that were doubled, lost, resurrected or stale, and calls that failed, fail the test.
 */
void storm_objects(const struct storm_target *target, unsigned names, uint64_t kills, unsigned pace);
/* A program that storms such objects has a CHILD(storm_heir) that calls this. */
void storm_objects_heir(const struct storm_target *target, unsigned names);

#endif
