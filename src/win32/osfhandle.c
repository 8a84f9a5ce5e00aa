/* SPDX-License-Identifier: MIT */
/* The C library's descriptors as handles, and back. */
#include <errno.h>
#include <io.h>

#include "diskfile.h"
#include "win32.h"

intptr_t __cdecl _get_osfhandle(int fd)
{
	struct handle *handle;

	if (status_failed(handle_enter(fd, NULL, &handle))) {
		errno = EBADF;
		return -1;
	}
	handle_leave(handle);
	return (intptr_t)handle_of(fd);
}

int __cdecl _open_osfhandle(intptr_t osfhandle, int flags)
{
	int number = number_of((HANDLE)osfhandle);

	(void)flags; /* text mode and the rest are the C library's, which knows none */
	if (status_failed(diskfile_hand_over(number))) {
		errno = EBADF;
		return -1;
	}
	return number;
}
