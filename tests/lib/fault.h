/* SPDX-License-Identifier: MIT */
/*
 * Faults on purpose, through the system-call table (src/os/os.h). For tests that link the static library.
 *
 */
#ifndef FAULT_H
#define FAULT_H

#include <stdbool.h>

enum fault_kind {
	FAULT_ONCE,       /* the N-th call fails */
	FAULT_FROM,       /* the N-th and all after it fail */
	FAULT_KILL_BEFORE,/* SIGKILL instead of the N-th call */
	FAULT_KILL_AFTER, /* SIGKILL right after it */
	FAULT_STOP_BEFORE,/* SIGSTOP, so that it begins once somebody has sent SIGCONT */
	FAULT_STOP_AFTER,
};

/* Arm: the @nth (from 1) call of @name ("*": of any but close and munmap, "**": of any) fails with @error (positive
 * errno). Replaces what was armed. Counting is process-wide and atomic. */
void fault_arm(const char *name, unsigned nth, enum fault_kind kind, int error);
/* Arm for allocations: the @nth os_allocate() returns NULL (once or from then on). */
void fault_arm_allocation(unsigned nth, enum fault_kind kind);
/* Disarm; true if it fired. */
bool fault_disarm(void);
/* Calls of @name ("*": any) since the last arm or fault_count_reset(). */
unsigned fault_count(const char *name);
void fault_count_reset(void);
unsigned fault_allocations(void); /* since then, once fault_arm_allocation() was called */
/* The @nth (from 1) of those calls, and which one of its name it is (from 1). NULL: there were fewer. */
const char *fault_call(unsigned nth, unsigned *ret_occurrence);

/* Descriptors, mappings (lines of /proc/self/maps) and entries of the two namespaces: to show that nothing leaked.
 * Entries under FILEMAP_ROOT only: elsewhere others come and go. */
struct fault_world {
	int descriptors;
	int mappings;
	int names;
};
struct fault_world fault_world(void);
#define CHECK_SAME_WORLD(before)                                                                   \
	do {                                                                                        \
		struct fault_world now_ = fault_world();                                            \
		CHECK_EQ(now_.descriptors, (before).descriptors);                                   \
		CHECK_EQ(now_.mappings, (before).mappings);                                         \
		CHECK_EQ(now_.names, (before).names);                                               \
	} while (0)

#endif
