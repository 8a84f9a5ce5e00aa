/* SPDX-License-Identifier: MIT */
/* Making processes, for either width of text. */
#ifndef FM_PORT_CREATE_PROCESS_H
#define FM_PORT_CREATE_PROCESS_H

#include "port.h"

/* What CreateProcess asks for, all text UTF-8. */
struct process_call {
	const char *program;      /* lpApplicationName; NULL: the line's first word */
	const char *line;         /* NULL: the program's name alone */
	const char *directory;    /* NULL: this one's */
	const char *environment;  /* a block; NULL: this one's */
	const SECURITY_ATTRIBUTES *process_security, *thread_security;
	bool inherit;
	DWORD flags;
	DWORD startup_flags;      /* STARTF_* */
	HANDLE standard[3];       /* under STARTF_USESTDHANDLES */
};

BOOL process_create(const struct process_call *call, PROCESS_INFORMATION *ret_information);

#endif
