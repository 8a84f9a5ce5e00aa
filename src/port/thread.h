/* SPDX-License-Identifier: MIT */
/*
 * Threads that have handles.
 *
 * Each holds a robust mutex from its first moment to its last. The kernel marks it when the thread dies,
 * after the mutexes that the thread took later, and that mark is the thread's end for those who wait.
 */
#ifndef FM_PORT_THREAD_H
#define FM_PORT_THREAD_H

#include <pthread.h>
#include <stdatomic.h>

#include "port.h"
#include "waitable.h"

/* LOCK_PORT guards what has no other note. */
struct thread {
	struct thread *next;
	pthread_mutex_t life;         /* the thread's own; others look at its word */
	uint32_t generation;          /* of the process that has this thread; immutable */
	unsigned references;          /* handles, and the making of the thread */
	_Atomic(uint32_t) id;         /* gettid(); 0: not running yet */
	_Atomic(uint32_t) suspended;  /* it waits to begin */
	_Atomic(uint32_t) exit_code;  /* counts once it is dead */
	LPTHREAD_START_ROUTINE start; /* immutable, as the argument */
	void *argument;
};

/* The first thread of a process that this one made is known by its process: @thread is NULL. */
struct thread_handle {
	struct handle handle; /* first */
	struct thread *thread;
	pid_t pid;            /* of that process */
	bool child;           /* child.h counts this handle */
	uint32_t access;      /* immutable */
	int fd;               /* of no use but its number; that process's pidfd */
};

extern const struct handle_kind thread_kind;
extern const struct waitable thread_waitable;

/* A handle on the first thread of the process behind @pidfd. Takes the descriptor over, on failure too. */
fm_status thread_of_process(int pidfd, pid_t pid, bool inheritable, int *ret_number);

/* ---- thread_life.c ---- */

/* A thread object with one reference, known to the sweep. NULL: no memory. */
struct thread *thread_new(void);
void thread_get(struct thread *thread);
/* A thread that nobody has a handle on is forgotten some time after its end. */
void thread_put(struct thread *thread);
/* Called by the thread itself, first of all. */
void thread_live(struct thread *thread);
bool thread_is_dead(struct thread *thread);

#endif
