/* SPDX-License-Identifier: MIT */
/*
 * Burying at once what was killed: told by the kernel, idle otherwise.
 *
 * The directory tells of new entries, each entry's inode of closed descriptors and of its last name gone.
 * A descriptor without a lock is kept on each entry, for asking who is alive: opening one for each question
 * would end with a close that is itself an event, and that the kernel may merge with one that counts.
 *
 * The kernel tells of a close before it drops the description's locks. So an entry that still seems alive
 * is looked at again, after pauses that add up to more than a second, and then not before the next event.
 */
#include <string.h>
#include <sys/inotify.h>

#include "names_internal.h"
#include "status.h"

#define BUCKETS 4096u
#define RECHECKS 6u                /* after 1, 4, 16, ... ms */
#define BLIND_PAUSE_NS 1000000000u /* between sweeps where not every entry can be watched */
#define NS_PER_MS 1000000u

/* An entry that is watched. */
struct watched {
	struct watched *next;     /* in its bucket */
	struct watched *next_due, *previous_due; /* in the list of those to be looked at again */
	uint64_t due;             /* if @looks > 0 */
	unsigned looks;           /* still to come */
	int watch, fd;
	char file[];
};

struct fm_reaper {
	struct name_dir *dir;
	int events;               /* the inotify descriptor */
	int watch, root_watch;    /* on the directory, and on where it lies: its removal is told only there */
	bool lost;                /* the directory is gone */
	uint64_t blind;           /* when to sweep next, since not all could be watched; 0: all are */
	struct watched *due;
	struct watched *bucket[BUCKETS];
	unsigned removed;         /* that nobody was told of yet */
	uint64_t bytes;
};

static struct watched **place_of(fm_reaper *reaper, int watch)
{
	struct watched **place = &reaper->bucket[(unsigned)watch % BUCKETS];

	while (*place && (*place)->watch != watch)
		place = &(*place)->next;
	return place;
}

static void disarm(fm_reaper *reaper, struct watched *entry)
{
	if (entry->looks == 0)
		return;
	if (entry->previous_due)
		entry->previous_due->next_due = entry->next_due;
	else
		reaper->due = entry->next_due;
	if (entry->next_due)
		entry->next_due->previous_due = entry->previous_due;
	entry->looks = 0;
}

static void arm(fm_reaper *reaper, struct watched *entry)
{
	if (entry->looks == 0) {
		entry->next_due = reaper->due;
		entry->previous_due = NULL;
		if (reaper->due)
			reaper->due->previous_due = entry;
		reaper->due = entry;
	}
	entry->looks = RECHECKS;
	entry->due = os_monotonic_ns() + NS_PER_MS;
}

static void forget(fm_reaper *reaper, struct watched *entry)
{
	disarm(reaper, entry);
	*place_of(reaper, entry->watch) = entry->next;
	(void)os.inotify_rm_watch(reaper->events, entry->watch); /* gone with the inode, if it was the last name */
	os_close(entry->fd);
	os_free(entry);
}

/* Nobody holds it. False: somebody came in between. */
static bool bury(fm_reaper *reaper, struct watched *entry)
{
	uint64_t size = 0;
	int result = name_bury_entry(reaper->dir, entry->file, 0, &size);

	if (result == -EAGAIN)
		return false;
	if (result > 0) {
		reaper->removed++;
		reaper->bytes += size;
	}
	reaper->lost |= result == -ESTALE;
	forget(reaper, entry); /* also what this user may not bury: looking at it again would change nothing */
	return true;
}

/* Is it dead, or its name gone? Then nothing is left of it here. */
static bool settle(fm_reaper *reaper, struct watched *entry)
{
	struct stat st;

	if (os.fstat(entry->fd, &st) < 0 || st.st_nlink == 0) {
		forget(reaper, entry);
		return true;
	}
	return name_lock_state(entry->fd) == F_UNLCK && bury(reaper, entry);
}

static struct watched *watched_new(const char *file, int watch, int fd)
{
	size_t size = strlen(file) + 1;
	struct watched *entry = os_allocate(sizeof(*entry) + size);

	if (!entry)
		return NULL;
	memcpy(entry->file, file, size);
	entry->watch = watch;
	entry->fd = fd;
	return entry;
}

/*
 * Watch the entry @file, of which @fd is a description, which is taken over. -errno.
 * The same inode has the same watch: then this is what a working name was renamed to, or a hard link.
 */
static int watch_inode(fm_reaper *reaper, const char *file, int fd)
{
	const uint32_t what = IN_CLOSE | IN_ATTRIB;
	struct watched *entry, **place;
	char path[OS_FD_PATH];
	int watch;

	os_fd_path(fd, path);
	watch = OS_RETRY(os.inotify_add_watch(reaper->events, path, what));
	if (watch < 0) {
		os_close(fd);
		return watch;
	}
	entry = watched_new(file, watch, fd);
	if (!entry) {
		os_close(fd); /* the watch stays, and its events are of nobody */
		return -ENOMEM;
	}
	place = place_of(reaper, watch);
	if (*place) { /* what is known of it stands under its former name */
		struct watched *old = *place;

		disarm(reaper, old);
		*place = old->next;
		os_close(old->fd);
		os_free(old);
	}
	entry->next = *place;
	*place = entry;
	arm(reaper, entry);
	return 0;
}

/* An entry that may be new. -errno if it cannot be watched although it should. */
static int track(fm_reaper *reaper, const char *file)
{
	struct stat st;
	int error, fd = os_open(reaper->dir->fd, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);

	if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM)
		return fd;
	if (fd < 0)
		return 0; /* gone, or not this user's to bury */
	error = OS_RETRY(os.fstat(fd, &st));
	if (error < 0 || !name_entry_acceptable(reaper->dir, &st) || st.st_nlink == 0) {
		os_close(fd);
		return error;
	}
	return watch_inode(reaper, file, fd);
}

/* Everything anew: at first, when events were lost, and now and then while not everything can be watched. */
static int survey(fm_reaper *reaper)
{
	struct name_walk walk = { .fd = name_dir_open_list(reaper->dir) };
	struct name_buried buried = { 0 };
	const char *file;
	uint64_t inode;
	int result = walk.fd, error = 0;

	if (result >= 0)
		result = name_sweep(reaper->dir, &buried);
	reaper->removed += buried.count;
	reaper->bytes += buried.bytes;
	while (result >= 0 && error >= 0) {
		result = name_walk_next(&walk, &file, &inode);
		if (result <= 0)
			break;
		error = track(reaper, file);
	}
	os_close(walk.fd);
	reaper->blind = error < 0 ? os_monotonic_ns() + BLIND_PAUSE_NS : 0;
	reaper->lost |= !name_dir_verify(reaper->dir);
	return result < 0 ? result : 0;
}

static void notice_directory(fm_reaper *reaper, const struct inotify_event *event)
{
	if (event->mask & (IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT))
		reaper->lost = true;
	else if (event->len > 0 && track(reaper, event->name) < 0)
		reaper->blind = os_monotonic_ns() + BLIND_PAUSE_NS;
}

static int notice(fm_reaper *reaper, const struct inotify_event *event)
{
	struct watched *entry;

	if (event->mask & IN_Q_OVERFLOW)
		return survey(reaper);
	if (event->wd == reaper->watch) {
		notice_directory(reaper, event);
		return 0;
	}
	if (event->wd == reaper->root_watch) {
		reaper->lost |= !name_dir_verify(reaper->dir);
		return 0;
	}
	entry = *place_of(reaper, event->wd);
	if (entry && !settle(reaper, entry))
		arm(reaper, entry);
	return 0;
}

static int read_events(fm_reaper *reaper)
{
	char buffer[4096] __attribute__((aligned(8)));
	ssize_t got;
	int error = 0;

	while (error == 0 && (got = OS_RETRY(os.read(reaper->events, buffer, sizeof(buffer)))) > 0) {
		for (char *at = buffer; error == 0 && at < buffer + got;) {
			const struct inotify_event *event = (const struct inotify_event *)at;

			error = notice(reaper, event);
			at += sizeof(*event) + event->len;
		}
	}
	return error < 0 ? error : got == -EAGAIN ? 0 : (int)got;
}

/* Look at those whose time has come. The time of the earliest that is left, or 0. */
static uint64_t look_again(fm_reaper *reaper)
{
	struct watched *entry, *next;
	uint64_t now = os_monotonic_ns(), earliest = 0;

	for (entry = reaper->due; entry; entry = next) {
		next = entry->next_due;
		if (entry->due <= now) {
			if (settle(reaper, entry))
				continue;
			if (entry->looks == 1) {
				disarm(reaper, entry);
				continue;
			}
			entry->looks--;
			entry->due = now + ((uint64_t)NS_PER_MS << 2 * (RECHECKS - entry->looks));
		}
		if (earliest == 0 || entry->due < earliest)
			earliest = entry->due;
	}
	return earliest;
}

static int wait_of(const fm_reaper *reaper, uint64_t due)
{
	uint64_t now = os_monotonic_ns();

	if (reaper->blind && (due == 0 || reaper->blind < due))
		due = reaper->blind;
	if (due == 0)
		return -1;
	return due <= now ? 0 : (int)((due - now) / NS_PER_MS) + 1;
}

fm_status fm_reaper_run(fm_reaper *reaper, unsigned *ret_removed, uint64_t *ret_bytes, int *ret_wait)
{
	uint64_t due;
	int error;

	if (!reaper || !ret_wait)
		return FM_E_INVALID_PARAMETER;
	error = read_events(reaper);
	due = look_again(reaper);
	if (error == 0 && reaper->blind && reaper->blind <= os_monotonic_ns())
		error = survey(reaper);
	if (error < 0)
		return status_of(OP_OPEN_NAME, error);
	if (reaper->lost)
		return FM_E_PATH_NOT_FOUND;
	if (ret_removed)
		*ret_removed = reaper->removed;
	if (ret_bytes)
		*ret_bytes = reaper->bytes;
	reaper->removed = 0;
	reaper->bytes = 0;
	*ret_wait = wait_of(reaper, due);
	return FM_OK;
}

static int reaper_start(fm_reaper *reaper)
{
	char path[OS_FD_PATH];

	reaper->events = os.inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (reaper->events < 0)
		return reaper->events;
	os_fd_path(reaper->dir->fd, path);
	reaper->watch = OS_RETRY(os.inotify_add_watch(reaper->events, path,
						      IN_CREATE | IN_MOVED_TO | IN_MOVE_SELF | IN_ONLYDIR));
	if (reaper->watch < 0)
		return reaper->watch;
	reaper->root_watch = OS_RETRY(os.inotify_add_watch(reaper->events, reaper->dir->root, IN_DELETE | IN_ONLYDIR));
	if (reaper->root_watch < 0)
		return reaper->root_watch;
	return survey(reaper);
}

fm_status fm_reaper_open(unsigned which, fm_reaper **ret_reaper)
{
	fm_reaper *reaper;
	fm_status status;
	int error;

	if (which > FM_GLOBAL || !ret_reaper)
		return FM_E_INVALID_PARAMETER;
	reaper = os_allocate(sizeof(*reaper));
	if (!reaper)
		return FM_E_NO_MEMORY;
	reaper->events = -1;
	status = name_dir_get(which, &reaper->dir);
	if (!status_failed(status)) {
		error = reaper_start(reaper);
		if (error == -ENOSPC) /* fs.inotify.max_user_watches */
			error = -EMFILE;
		if (error < 0)
			status = status_of(OP_OPEN_NAME, error);
	}
	if (status_failed(status)) {
		fm_reaper_close(reaper);
		return status;
	}
	*ret_reaper = reaper;
	return FM_OK;
}

int fm_reaper_fd(const fm_reaper *reaper)
{
	return reaper->events;
}

void fm_reaper_close(fm_reaper *reaper)
{
	if (!reaper)
		return;
	for (unsigned i = 0; i < BUCKETS; i++)
		while (reaper->bucket[i])
			forget(reaper, reaper->bucket[i]);
	os_close(reaper->events);
	if (reaper->dir)
		name_dir_put(reaper->dir);
	os_free(reaper);
}
