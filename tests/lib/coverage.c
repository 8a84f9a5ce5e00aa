/* SPDX-License-Identifier: MIT */
/*
 * For builds that count branches: a process that ends by _exit() writes its counts and those of its shared
 * libraries down, which they do as they are finished. What its parent left unwritten in stdio is not its own to write.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What a test took from itself. */
static void raise_limit(__rlimit_resource_t resource)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(resource, &limit);
}

void _exit(int code)
{
	static bool leaving;

	if (!leaving) {
		leaving = true;
		__fpurge(stdout);
		raise_limit(RLIMIT_FSIZE);
		raise_limit(RLIMIT_NOFILE);
		exit(code);
	}
	for (;;)
		syscall(SYS_exit_group, code);
}
