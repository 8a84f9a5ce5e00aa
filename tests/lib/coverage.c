/* SPDX-License-Identifier: MIT */
/* For builds that count branches: a process that ends by _exit() writes its counts down, too. */
#include <sys/syscall.h>
#include <unistd.h>

void __gcov_dump(void);

void _exit(int code)
{
	__gcov_dump();
	for (;;)
		syscall(SYS_exit_group, code);
}
