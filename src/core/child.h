/* SPDX-License-Identifier: MIT */
/*
 * Processes that this one made: their exit codes, and no zombies.
 *
 * A child that ended stays a zombie while a handle on it is open here, so that its number is no other
 * process's and its exit code can be asked for again and again, as on Windows. When the last handle is
 * closed it is reaped; if it runs on then, by the first call here after its end. There is no signal handler.
 */
#ifndef FM_CORE_CHILD_H
#define FM_CORE_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <filemap/status.h>

/* What a process that runs has for an exit code. */
#define CHILD_RUNS 259u

/* A child was made; it counts as one handle, for child_close(). FM_E_NO_MEMORY and errors of descriptors: it is
 * not known. */
fm_status child_add(pid_t pid);
/* One handle more on the process; false: it is not known here. */
bool child_open(pid_t pid);
void child_close(pid_t pid);
/* It is about to be ended with this code. */
void child_ending(pid_t pid, uint32_t code);

/*
 * child_exit_code - of the process behind @pidfd
 * The exit status; for a signal the code that Windows has for the like, see child.c.
 * FM_E_NOT_SUPPORTED: it ended and was not this process's child, or is reaped by someone else.
 */
fm_status child_exit_code(int pidfd, pid_t pid, uint32_t *ret_code);

#endif
