/* SPDX-License-Identifier: MIT */
/*
 * For builds that count branches: a process that ends by _exit() writes its counts and those of its shared
 * libraries down, which they do as they are finished. What its parent left unwritten in stdio is not its own to write.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

void _exit(int code)
{
	static bool leaving;

	if (!leaving) {
		leaving = true;
		__fpurge(stdout);
		exit(code);
	}
	for (;;)
		syscall(SYS_exit_group, code);
}
