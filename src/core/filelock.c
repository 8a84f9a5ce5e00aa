/* SPDX-License-Identifier: MIT */
#include "filelock.h"

#include "diskfile_internal.h"
#include "filemark.h"
#include "lock.h"
#include "os.h"
#include "status.h"

struct range {
	struct range *next;
	uint64_t offset, length;
	bool exclusive;
};

struct filelocks {
	atomic_uint handles;
	_Atomic uint32_t generation;   /* lock_generation() of the process whose locks these are */
	_Atomic int fd;                /* the description that holds them; -1: none yet */
	_Atomic(struct range *) first; /* guarded by the stripe of LOCK_RANGES, as the rest from here */
	struct range *spare;           /* memory for the next one: many lock and release in turn */
	bool writable;                 /* of @fd */
	bool stale;                    /* the kernel may hold more than the list asks for */
};

/* ---- ranges as the kernel sees them ---- */

/* Offsets to here are the kernel's own. Beyond lie no data, and sixteen share one of the kernel's. */
#define EXACT ((uint64_t)1 << 61)
_Static_assert(EXACT + ((UINT64_MAX - EXACT) >> 4) < (uint64_t)FILEMARK_BASE - 1, "below the marks");

static uint64_t place_of(uint64_t offset)
{
	return offset < EXACT ? offset : EXACT + ((offset - EXACT) >> 4);
}

static uint64_t last_place(const struct range *range)
{
	return place_of(range->offset + range->length - 1);
}

static struct flock lock_of(short type, uint64_t first, uint64_t last)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)first,
			       .l_len = (off_t)(last - first + 1) };
}

/* What the ranges of the list ask for at @place, and up to where that is so. */
static short type_at(struct range *list, uint64_t place, uint64_t *last)
{
	short type = F_UNLCK;

	for (struct range *range = list; range; range = range->next) {
		if (range->length == 0)
			continue;
		if (place_of(range->offset) > place) {
			if (place_of(range->offset) <= *last)
				*last = place_of(range->offset) - 1;
		} else if (last_place(range) >= place) {
			if (last_place(range) < *last)
				*last = last_place(range);
			if (type != F_WRLCK)
				type = range->exclusive ? F_WRLCK : F_RDLCK;
		}
	}
	return type;
}

/* Make the kernel's locks on the places of @changed what the list asks for. */
static int apply(struct filelocks *locks, int fd, const struct range *changed)
{
	uint64_t place = place_of(changed->offset), end;
	int error = 0;

	if (changed->length == 0)
		return 0;
	end = last_place(changed);
	while (place <= end && error >= 0) {
		uint64_t last = end;
		short type = type_at(locks->first, place, &last);
		struct flock lock = lock_of(type, place, last);

		error = OS_RETRY(os.ofd_setlk(fd, &lock));
		place = last + 1;
	}
	return error;
}

/* ---- the record ---- */

static struct filelocks *new_locks(void)
{
	struct filelocks *locks = os_allocate(sizeof(*locks));

	if (!locks)
		return NULL;
	atomic_init(&locks->handles, 1);
	atomic_init(&locks->fd, -1);
	return locks;
}

static fm_status ensure(struct diskfile *file, struct filelocks **ret_locks)
{
	struct filelocks *present = atomic_load_explicit(&file->locks, memory_order_acquire), *fresh;

	if (!present) {
		fresh = new_locks();
		if (!fresh)
			return FM_E_NO_MEMORY;
		if (atomic_compare_exchange_strong(&file->locks, &present, fresh))
			present = fresh;
		else
			os_free(fresh);
	}
	*ret_locks = present;
	return FM_OK;
}

static void empty(struct filelocks *locks)
{
	struct range *range = locks->first;

	locks->first = NULL;
	while (range) {
		struct range *next = range->next;

		os_free(range);
		range = next;
	}
	os_close(atomic_exchange(&locks->fd, -1));
}

fm_status filelock_share(struct diskfile *file, struct filelocks **ret_locks)
{
	fm_status status = ensure(file, ret_locks);

	if (!status_failed(status))
		atomic_fetch_add_explicit(&(*ret_locks)->handles, 1, memory_order_relaxed);
	return status;
}

void filelock_leave(struct filelocks *locks)
{
	if (!locks || atomic_fetch_sub_explicit(&locks->handles, 1, memory_order_acq_rel) > 1)
		return;
	empty(locks);
	os_free(locks->spare);
	os_free(locks);
}

/* A forked child's copy speaks of its parent's locks: it lets go of them. Under the stripe. */
static void begin(struct filelocks *locks)
{
	static const struct range everything = { .offset = 0, .length = UINT64_MAX };

	if (locks->generation != lock_generation()) {
		empty(locks);
		locks->generation = lock_generation();
	}
	if (locks->stale)
		locks->stale = locks->fd >= 0 && apply(locks, locks->fd, &everything) < 0;
}

/*
 * The description for the locks, able to hold an exclusive one if @writable. A description of their own
 * makes a handle that another process inherited another owner, as on Windows; where /proc cannot reopen
 * the file, the handle's. What a weaker one holds is taken over before it goes. Under the stripe.
 */
static int description(struct filelocks *locks, const struct diskfile *file, bool writable)
{
	int mode, fd, error = 0;

	if (locks->fd >= 0 && (locks->writable || !writable))
		return locks->fd;
	mode = os.getfl(file->fd);
	if (mode < 0)
		return mode;
	writable |= (mode & O_ACCMODE) != O_RDONLY;
	fd = os_reopen(file->fd, writable ? O_RDWR : O_RDONLY);
	if (fd == -ENOENT || ((fd == -EACCES || fd == -EPERM) && (mode & O_ACCMODE) != O_RDONLY))
		fd = os.dupfd(file->fd, 0);
	if (fd < 0)
		return fd;
	for (struct range *range = locks->first; range && error >= 0; range = range->next)
		error = apply(locks, fd, range);
	if (error < 0) {
		os_close(fd);
		return error;
	}
	os_close(atomic_exchange(&locks->fd, fd));
	locks->writable = writable;
	return fd;
}

/* ---- taking and releasing ---- */

/* An empty range lies before its offset, strictly inside whatever it meets. */
static bool overlap(const struct range *a, const struct range *b)
{
	uint64_t a_last = a->offset + a->length - 1, b_last = b->offset + b->length - 1;

	if (a->length == 0 && b->length == 0)
		return false;
	if (a->length == 0)
		return b->offset < a->offset && a->offset <= b_last;
	if (b->length == 0)
		return a->offset < b->offset && b->offset <= a_last;
	return a->offset <= b_last && b->offset <= a_last;
}

/* Does the handle itself stand in its way? */
static bool excluded(struct range *list, const struct range *wanted)
{
	for (struct range *range = list; range; range = range->next)
		if (wanted->exclusive && overlap(range, wanted))
			return true;
	return false;
}

static fm_status refused(int error, bool exclusive)
{
	switch (error) {
	case -EAGAIN:
	case -EACCES:
		return FM_E_LOCK_NOT_GRANTED;
	case -EBADF:
		return exclusive ? FM_E_ACCESS_DENIED : FM_E_INVALID_HANDLE;
	case -EINVAL:
	case -EOPNOTSUPP:
		return FM_E_NOT_SUPPORTED;
	default:
		return status_of(OP_TRANSFER, error);
	}
}

/* Memory for one more range, under the stripe; unused it stays for the next. */
static struct range *new_range(struct filelocks *locks)
{
	if (!locks->spare)
		locks->spare = os_allocate(sizeof(*locks->spare));
	return locks->spare;
}

/* One attempt. */
static fm_status try_take(struct filelocks *locks, struct diskfile *file, const struct range *wanted)
{
	struct range *range;
	int fd, error;
	LOCK_SCOPE(lock_stripe(LOCK_RANGES, locks));

	begin(locks);
	fd = description(locks, file, wanted->exclusive);
	if (fd < 0)
		return fd == -EACCES ? FM_E_ACCESS_DENIED : status_of(OP_DESCRIPTOR, fd);
	if (excluded(locks->first, wanted))
		return FM_E_LOCK_NOT_GRANTED;
	range = new_range(locks);
	if (!range)
		return FM_E_NO_MEMORY;
	*range = *wanted;
	range->next = locks->first;
	locks->first = range;
	error = apply(locks, fd, range);
	if (error >= 0) {
		locks->spare = NULL;
		return FM_OK;
	}
	locks->first = range->next;
	locks->stale = apply(locks, fd, range) < 0; /* back to what was there before, at the latest with the next call */
	return refused(error, range->exclusive);
}

/*
 * Until the range looks free: on a description that holds nothing, so that the handle's own locks, which
 * another thread may release, are waited for like others'. An own exclusive range below a shared one is no
 * obstacle, but would be there: then, and where nothing can be reopened, a pause.
 */
static void wait_for(const struct diskfile *file, struct filelocks *locks, const struct range *range, unsigned try)
{
	struct flock lock = lock_of(range->exclusive ? F_WRLCK : F_RDLCK, place_of(range->offset), last_place(range));
	struct timespec pause = { 0, try < 10 ? 100000L << try : 100000000L };
	OS_CLEANUP_FD int fd = -1;

	if (range->length && (range->exclusive || !atomic_load(&locks->first)))
		fd = os_reopen(file->fd, range->exclusive ? O_RDWR : O_RDONLY);
	if (fd < 0 || os.ofd_setlkw(fd, &lock) < 0)
		(void)os.nanosleep(&pause); /* shorter does no harm */
}

/* A file that has had a lock can have more. */
static fm_status check(struct diskfile *file, uint64_t offset, uint64_t length)
{
	struct filelocks *locks = atomic_load_explicit(&file->locks, memory_order_acquire);
	struct stat st;
	int error;

	if (length > 1 && length - 1 > UINT64_MAX - offset)
		return FM_E_INVALID_LOCK_RANGE;
	if (locks && locks->fd >= 0)
		return FM_OK;
	error = os.fstat(file->fd, &st);
	if (error < 0)
		return status_of(OP_DESCRIPTOR, error);
	if (S_ISDIR(st.st_mode))
		return FM_E_INVALID_PARAMETER;
	return S_ISREG(st.st_mode) ? FM_OK : FM_E_INVALID_DEVICE_REQUEST;
}

static fm_status take(struct diskfile *file, const struct range *range, bool waits)
{
	const bool here = waits && !(file->flags & DISKFILE_OVERLAPPED);
	struct filelocks *locks;
	fm_status status = check(file, range->offset, range->length);

	if (!status_failed(status))
		status = ensure(file, &locks);
	if (status_failed(status))
		return status;
	status = try_take(locks, file, range);
	for (unsigned try = 0; here && status == FM_E_LOCK_NOT_GRANTED; try++) {
		wait_for(file, locks, range, try);
		status = try_take(locks, file, range);
	}
	return status;
}

fm_status filelock_take(int number, uint64_t offset, uint64_t length, unsigned flags)
{
	const struct range range = { .offset = offset, .length = length, .exclusive = flags & FILELOCK_EXCLUSIVE };
	struct diskfile *file;
	fm_status status = diskfile_enter(number, DISKFILE_READ | DISKFILE_WRITE, &file);

	if (status_failed(status))
		return status;
	status = take(file, &range, flags & FILELOCK_WAIT);
	diskfile_leave(file);
	return status;
}

/* Take the range out of the list, the exclusive one of two; NULL: there is none. Under the stripe. */
static struct range *unlink_range(struct filelocks *locks, uint64_t offset, uint64_t length)
{
	struct range *found = NULL;

	for (struct range *range = locks->first; range; range = range->next)
		if (range->offset == offset && range->length == length && (!found || range->exclusive))
			found = range;
	if (found && locks->first == found)
		locks->first = found->next;
	else if (found)
		for (struct range *range = locks->first; range; range = range->next)
			if (range->next == found)
				range->next = found->next;
	return found;
}

static fm_status release(struct filelocks *locks, uint64_t offset, uint64_t length)
{
	struct range *range;
	int error;
	LOCK_SCOPE(lock_stripe(LOCK_RANGES, locks));

	begin(locks);
	range = unlink_range(locks, offset, length);
	if (!range)
		return FM_E_RANGE_NOT_LOCKED;
	error = apply(locks, locks->fd, range);
	if (error < 0) { /* a lock that is cut in two may need memory: it stays */
		range->next = locks->first;
		locks->first = range;
		return refused(error, false);
	}
	os_free(locks->spare);
	locks->spare = range;
	return FM_OK;
}

fm_status filelock_release(int number, uint64_t offset, uint64_t length)
{
	struct diskfile *file;
	struct filelocks *locks;
	fm_status status = diskfile_enter(number, DISKFILE_READ | DISKFILE_WRITE, &file);

	if (status_failed(status))
		return status;
	status = check(file, offset, length);
	locks = atomic_load_explicit(&file->locks, memory_order_acquire);
	if (!status_failed(status))
		status = locks ? release(locks, offset, length) : FM_E_RANGE_NOT_LOCKED;
	diskfile_leave(file);
	return status;
}

/* ---- transfers ---- */

/* A shared lock keeps its own owner from writing, too. Under the stripe. */
static bool shared_by_self(struct filelocks *locks, const struct range *bytes)
{
	for (struct range *range = locks->first; range; range = range->next)
		if (!range->exclusive && range->length && overlap(range, bytes))
			return true;
	return false;
}

/* Does a lock of another description than @fd's stand against it? */
static bool stands_against(int fd, const struct range *bytes, bool writes)
{
	struct flock lock = lock_of(writes ? F_WRLCK : F_RDLCK, place_of(bytes->offset), last_place(bytes));

	return OS_RETRY(os.ofd_getlk(fd, &lock)) >= 0 && lock.l_type != F_UNLCK; /* an error: no such locks here */
}

/* The stripe keeps the description, so that no other file is asked under its number. */
static bool refuses(struct filelocks *locks, const struct diskfile *file, const struct range *bytes, bool writes)
{
	LOCK_SCOPE(lock_stripe(LOCK_RANGES, locks));

	if (locks->generation != lock_generation() || locks->fd < 0)
		return stands_against(file->fd, bytes, writes);
	return (writes && shared_by_self(locks, bytes)) || stands_against(locks->fd, bytes, writes);
}

fm_status filelock_check(struct diskfile *file, uint64_t offset, uint64_t size, bool writes)
{
	struct filelocks *locks = atomic_load_explicit(&file->locks, memory_order_acquire);
	const struct range bytes = { .offset = offset, .length = size };

	if (size == 0)
		return FM_OK;
	if (locks ? refuses(locks, file, &bytes, writes) : stands_against(file->fd, &bytes, writes))
		return FM_E_FILE_LOCK_CONFLICT;
	return FM_OK;
}
