/* SPDX-License-Identifier: MIT */
/* Locks of open file descriptions: they are shared by dup and fork, and death drops them. */
#include <stdio.h>

#include "names_internal.h"
#include "status.h"

#define WAIT_TOTAL_NS 1000000000u
#define WAIT_FIRST_NS 20000u
#define WAIT_LONGEST_NS 10000000u
#define ATTEMPTS_AT_ONCE 4u

static struct flock lock_of(int type, uint64_t start)
{
	return (struct flock){
		.l_type = (short)type,
		.l_whence = SEEK_SET,
		.l_start = (off_t)start,
		.l_len = 1,
	};
}

/* POSIX leaves the choice between EACCES and EAGAIN; where there are no such locks it is EINVAL. */
static int told(int error)
{
	return error == -EACCES ? -EAGAIN : error == -EINVAL ? -EOPNOTSUPP : error;
}

int name_lock_state(int fd)
{
	struct flock lock = lock_of(F_WRLCK, 0);
	int error = OS_RETRY(os.ofd_getlk(fd, &lock));

	return error < 0 ? told(error) : lock.l_type;
}

int name_lock_byte(int fd, int type, uint64_t start)
{
	struct flock lock = lock_of(type, start);

	return told(OS_RETRY(os.ofd_setlk(fd, &lock)));
}

int name_lock_wait(int fd, int type, uint64_t start)
{
	struct name_wait wait = { 0, 0 };
	int error;

	do
		error = name_lock_byte(fd, type, start);
	while (error == -EAGAIN && name_wait_more(&wait, true));
	return error;
}

bool name_wait_more(struct name_wait *wait, bool back_off)
{
	uint64_t now = os_monotonic_ns();
	unsigned attempts = wait->attempts++;
	struct timespec pause = { 0, WAIT_LONGEST_NS };

	if (attempts == 0)
		wait->deadline = now + WAIT_TOTAL_NS;
	else if (now > wait->deadline)
		return false;
	if (!back_off && attempts < ATTEMPTS_AT_ONCE)
		return true;
	if (attempts < 9) /* 20 us doubled nine times passes the longest */
		pause.tv_nsec = WAIT_FIRST_NS << attempts;
	(void)os.nanosleep(&pause); /* a shorter pause is as good; the deadline is on the clock */
	return true;
}

fm_status name_lock(int fd)
{
	int error = name_lock_byte(fd, F_RDLCK, 0);

	return error < 0 ? status_of(OP_OPEN_NAME, error) : FM_OK;
}
