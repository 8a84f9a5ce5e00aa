/* SPDX-License-Identifier: MIT */
#include "filemark.h"

#include <linux/magic.h>

#include "diskfile.h"
#include "os.h"

enum { ALL_USES = FILEMARK_USE_READ | FILEMARK_USE_WRITE | FILEMARK_USE_DELETE };

/* The lowest run of adjacent bits of @marks, taken out of it. */
static struct flock next_run(uint32_t *marks, short type)
{
	unsigned first = (unsigned)__builtin_ctz(*marks);
	unsigned length = (unsigned)__builtin_ctz(~(*marks >> first));
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = FILEMARK_BASE + first, .l_len = length };

	*marks &= ~(((1u << length) - 1) << first);
	return lock;
}

static int set(int fd, short type, uint32_t marks)
{
	int error = 0;

	while (marks && error >= 0) {
		struct flock lock = next_run(&marks, type);

		error = OS_RETRY(os.ofd_setlk(fd, &lock));
	}
	return error;
}

/* What stands in the way of a write lock on @run. A lock from below is some program's on the whole file. */
static short blocker(int fd, struct flock run)
{
	run.l_type = F_WRLCK;
	if (OS_RETRY(os.ofd_getlk(fd, &run)) < 0 || run.l_start < FILEMARK_BASE)
		return F_UNLCK;
	return run.l_type;
}

bool filemark_held(int fd, uint32_t marks)
{
	while (marks)
		if (blocker(fd, next_run(&marks, F_WRLCK)) != F_UNLCK)
			return true;
	return false;
}

void filemark_drop(int fd, uint32_t marks)
{
	(void)set(fd, F_UNLCK, marks); /* closing drops what this could not */
}

static uint32_t uses_of(uint32_t access)
{
	return (access & (DISKFILE_READ | DISKFILE_EXECUTE) ? FILEMARK_USE_READ : 0u) |
	       (access & (DISKFILE_WRITE | DISKFILE_APPEND) ? FILEMARK_USE_WRITE : 0u) |
	       (access & DISKFILE_DELETE ? FILEMARK_USE_DELETE : 0u);
}

static uint32_t denials_of(uint32_t share)
{
	return (share & DISKFILE_SHARE_READ ? 0u : FILEMARK_NO_READ) |
	       (share & DISKFILE_SHARE_WRITE ? 0u : FILEMARK_NO_WRITE) |
	       (share & DISKFILE_SHARE_DELETE ? 0u : FILEMARK_NO_DELETE);
}

/* What others must not have: for each use its denial, and the reverse. */
static uint32_t opposites(uint32_t marks)
{
	static const uint32_t pairs[][2] = { { FILEMARK_USE_READ, FILEMARK_NO_READ },
					     { FILEMARK_USE_WRITE, FILEMARK_NO_WRITE },
					     { FILEMARK_USE_DELETE, FILEMARK_NO_DELETE } };
	uint32_t result = 0;

	for (unsigned i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		result |= (marks & pairs[i][0] ? pairs[i][1] : 0) | (marks & pairs[i][1] ? pairs[i][0] : 0);
	return result;
}

/* Somewhere in [20, 270) microseconds, different for each process and try. */
static void wait_a_little(unsigned try)
{
	uint64_t mixed = (os_monotonic_ns() ^ ((uint64_t)os_tid() << 20)) * 0x9e3779b97f4a7c15u + try;
	struct timespec pause = { 0, (long)(20000 + (mixed >> 32) % 250000) };

	(void)os.nanosleep(&pause); /* shorter does no harm */
}

/*
 * Own marks are all set. FM_OK: nobody stands against them, so nobody who comes later can pass.
 * FM_E_TIMEOUT: somebody does who is himself still trying. The conflict is looked at once more after
 * nobody was seen trying, since the one seen first may have given up in between.
 */
static fm_status settle(int fd, uint32_t against)
{
	if (!filemark_held(fd, FILEMARK_ALL) || !filemark_held(fd, against))
		return FM_OK;
	if (filemark_held(fd, FILEMARK_TRYING))
		return FM_E_TIMEOUT;
	return filemark_held(fd, against) ? FM_E_SHARING_VIOLATION : FM_OK;
}

/*
 * All own marks first, then the look at the others': two opens that exclude each other cannot both miss
 * each other's marks. Both may meet them; so who meets one that is still trying steps back and comes again.
 */
fm_status filemark_open(int fd, uint32_t access, uint32_t share)
{
	uint32_t uses = uses_of(access), own = uses | denials_of(share);
	fm_status status = FM_E_TIMEOUT;

	if (!uses)
		return FM_OK;
	for (unsigned try = 0; status == FM_E_TIMEOUT && try < 200; try++) {
		if (try)
			wait_a_little(try);
		if (set(fd, F_RDLCK, FILEMARK_TRYING) < 0 || set(fd, F_RDLCK, own) < 0) {
			filemark_drop(fd, FILEMARK_ALL);
			return FM_OK; /* no such locks here */
		}
		status = settle(fd, opposites(own));
		filemark_drop(fd, status == FM_OK ? FILEMARK_TRYING : FILEMARK_ALL);
	}
	return status == FM_E_TIMEOUT ? FM_E_SHARING_VIOLATION : status;
}

/* F_RDLCK: a section. F_WRLCK: somebody cuts. */
static short section_blocker(int fd)
{
	uint32_t mark = FILEMARK_SECTION;

	return blocker(fd, next_run(&mark, F_WRLCK));
}

bool filemark_needs_descriptor(int fd)
{
	struct statfs st;

	return os.fstatfs(fd, &st) == 0 && st.f_type == OVERLAYFS_SUPER_MAGIC;
}

bool filemark_mapped(int fd)
{
	return section_blocker(fd) == F_RDLCK;
}

fm_status filemark_section(int fd, bool writable)
{
	uint32_t marks = FILEMARK_SECTION | (writable ? FILEMARK_USE_WRITE : 0u);

	for (unsigned try = 0; try < 1000; try++) {
		if (set(fd, F_RDLCK, marks) != -EAGAIN)
			return FM_OK; /* marked, or no such locks here */
		if (section_blocker(fd) == F_WRLCK)
			wait_a_little(try);
		else if (try > 10)
			return FM_OK; /* a program holds a lock on the whole file */
	}
	return FM_E_FILE_LOCK_CONFLICT;
}

fm_status filemark_cut(int fd)
{
	for (unsigned try = 0; try < 1000; try++) {
		short type;

		if (set(fd, F_WRLCK, FILEMARK_SECTION) != -EAGAIN)
			return FM_OK;
		type = section_blocker(fd);
		if (type == F_RDLCK)
			return FM_E_USER_MAPPED_FILE;
		if (type == F_WRLCK)
			wait_a_little(try);
		else if (try > 10)
			return FM_OK;
	}
	return FM_E_FILE_LOCK_CONFLICT;
}

void filemark_cut_end(int fd)
{
	filemark_drop(fd, FILEMARK_SECTION);
}

int filemark_extend(int fd)
{
	int guard = os_reopen(fd, O_RDWR), error = guard;

	for (unsigned try = 0; guard >= 0 && try < 1000; try++) {
		error = set(guard, F_RDLCK, FILEMARK_EXTENDING);
		if (error != -EAGAIN)
			break;
		wait_a_little(try); /* somebody gives back, or a program has a lock on the whole file */
	}
	if (error >= 0)
		return guard;
	os_close(guard);
	return -1;
}

bool filemark_extends_alone(int guard)
{
	return guard < 0 || set(guard, F_WRLCK, FILEMARK_EXTENDING) >= 0;
}
