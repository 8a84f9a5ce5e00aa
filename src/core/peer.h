/* SPDX-License-Identifier: MIT */
/* Other processes as objects: a handle is a pidfd, so that its process cannot be mistaken for a later one. */
#ifndef FM_CORE_PEER_H
#define FM_CORE_PEER_H

#include <sys/types.h>

#include "handle.h"

/* Rights on a process, numbered as Windows numbers them; the others are kept and mean nothing here. */
enum peer_access { PEER_DUPLICATE_HANDLE = 0x40, PEER_ALL = 0x1fffff };

struct peer {
	struct handle handle; /* first */
	pid_t pid;            /* immutable, as the rest */
	uint32_t access;
	int fd;
	bool child;           /* child.h counts this handle */
};

extern const struct handle_kind process_kind;

/*
 * peer_open - a handle on a running process, or a child's that child.h knows, entered under *ret_number
 * FM_E_INVALID_PARAMETER: no such process, or it has ended; FM_E_ACCESS_DENIED: of another user.
 */
fm_status peer_open(pid_t pid, uint32_t access, bool inheritable, int *ret_number);

/* FM_E_PROCESS_IS_TERMINATING: it has ended. */
fm_status peer_running(const struct peer *peer);

/*
 * peer_take - a handle of this process on what is open under @number in the other
 * @ret_handle: not entered; its descriptor is *ret_number
 * FM_E_INVALID_HANDLE: not open there; FM_E_OBJECT_TYPE_MISMATCH: open, but nothing we know;
 * FM_E_ACCESS_DENIED: the kernel does not let this process look into the other.
 */
fm_status peer_take(struct peer *peer, int number, struct handle **ret_handle, int *ret_number);

#endif
