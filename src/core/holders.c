/* SPDX-License-Identifier: MIT */
/* Who holds a name: found in /proc by device and inode, since nobody keeps a list. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "names_internal.h"
#include "status.h"

/* What to look for. */
struct quarry {
	dev_t record_device, view_device;
	ino_t record_inode, view_inode;
};

/* Lines of a file of /proc, read in order. */
struct line_reader {
	int fd;
	uint64_t offset;
	size_t at, end;
	char buffer[8192];
};

/* 1: a line of at most the buffer's size, without its end (longer ones are cut); 0: the end; -errno. */
static int next_line(struct line_reader *reader, char **ret_line)
{
	char *newline;

	while (!(newline = memchr(reader->buffer + reader->at, '\n', reader->end - reader->at))) {
		ssize_t got;

		memmove(reader->buffer, reader->buffer + reader->at, reader->end - reader->at);
		reader->end -= reader->at;
		reader->at = 0;
		if (reader->end == sizeof(reader->buffer)) {
			newline = reader->buffer + reader->end - 1;
			break;
		}
		got = OS_RETRY(os.pread(reader->fd, reader->buffer + reader->end,
					sizeof(reader->buffer) - reader->end, reader->offset));
		if (got <= 0)
			return (int)got;
		reader->end += (size_t)got;
		reader->offset += (uint64_t)got;
	}
	*newline = '\0';
	*ret_line = reader->buffer + reader->at;
	reader->at = (size_t)(newline - reader->buffer) + 1;
	return 1;
}

/* Is this line of maps or smaps the head of a mapping? Then is it of the quarry, and how long? */
static bool parse_mapping(const char *line, const struct quarry *quarry, bool *ret_ours, uint64_t *ret_size)
{
	uint64_t start, end, inode;
	unsigned major_number, minor_number;

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*4s %*x %x:%x %" SCNu64, &start, &end, &major_number,
		   &minor_number, &inode) != 5)
		return false;
	*ret_size = end - start;
	*ret_ours = inode == quarry->view_inode && makedev(major_number, minor_number) == quarry->view_device;
	return true;
}

/* smaps costs a walk of the page tables, so only for those that map it. */
static void add_resident(int process, const struct quarry *quarry, fm_holder *holder)
{
	struct line_reader reader = { .fd = os_open(process, "smaps", O_RDONLY, 0) };
	bool ours = false;
	uint64_t size, kilobytes;
	char *line;

	while (reader.fd >= 0 && next_line(&reader, &line) > 0) {
		if (parse_mapping(line, quarry, &ours, &size) || !ours)
			continue;
		if (sscanf(line, "Rss: %" SCNu64, &kilobytes) == 1)
			holder->resident += kilobytes * 1024;
	}
	os_close(reader.fd);
}

static void add_views(int process, const struct quarry *quarry, fm_holder *holder)
{
	struct line_reader reader = { .fd = os_open(process, "maps", O_RDONLY, 0) };
	bool ours;
	uint64_t size;
	char *line;

	while (reader.fd >= 0 && next_line(&reader, &line) > 0) {
		if (!parse_mapping(line, quarry, &ours, &size) || !ours)
			continue;
		holder->views++;
		holder->mapped += size;
	}
	os_close(reader.fd);
	if (holder->views > 0)
		add_resident(process, quarry, holder);
}

/* Entries of a directory whose names are numbers. 1 and the number; 0: the end; -errno. */
static int next_number(struct name_walk *walk, const char **ret_name, int *ret_number)
{
	uint64_t inode;
	int result;

	while ((result = name_walk_next(walk, ret_name, &inode)) > 0) {
		char *end;
		long number = strtol(*ret_name, &end, 10);

		if (end != *ret_name && *end == '\0') {
			*ret_number = (int)number;
			return 1;
		}
	}
	return result;
}

/* Has the process's descriptor a lock, as handles have? One that cannot be looked at may have. */
static bool is_locked(int process, const char *number)
{
	struct line_reader reader = { .fd = -1 };
	bool found = false;
	char path[32], *line;

	(void)snprintf(path, sizeof(path), "fdinfo/%s", number); /* a number fits */
	reader.fd = os_open(process, path, O_RDONLY, 0);
	if (reader.fd < 0)
		return true;
	while (!found && next_line(&reader, &line) > 0)
		found = strncmp(line, "lock:", 5) == 0;
	os_close(reader.fd);
	return found;
}

/* A process none of whose descriptors has a lock only looks: a reaper. */
static void add_handles(int process, const struct quarry *quarry, fm_holder *holder)
{
	struct name_walk walk = { .any_type = true, .fd = os_open(process, "fd", O_RDONLY | O_DIRECTORY, 0) };
	bool locked = false;
	const char *name;
	struct stat st;
	int number;

	while (walk.fd >= 0 && next_number(&walk, &name, &number) > 0) {
		if (OS_RETRY(os.fstatat(walk.fd, name, &st, 0)) != 0 || st.st_ino != quarry->record_inode ||
		    st.st_dev != quarry->record_device)
			continue;
		locked = locked || is_locked(process, name);
		holder->handles++;
	}
	if (!locked)
		holder->handles = 0;
	os_close(walk.fd);
}

static void read_command(int process, fm_holder *holder)
{
	OS_CLEANUP_FD int fd = os_open(process, "comm", O_RDONLY, 0);
	ssize_t got = fd < 0 ? 0 : OS_RETRY(os.pread(fd, holder->command, sizeof(holder->command) - 1, 0));

	holder->command[got > 0 ? got : 0] = '\0';
	holder->command[strcspn(holder->command, "\n")] = '\0';
}

/* False: the visitor wants no more. A process that ends meanwhile holds nothing. */
static bool visit_process(int proc, const char *name, int pid, const struct quarry *quarry, fm_holder_visitor *visit,
			  void *context)
{
	OS_CLEANUP_FD int process = os_open(proc, name, O_RDONLY | O_DIRECTORY, 0);
	fm_holder holder = { .pid = pid };

	if (process < 0)
		return true;
	add_handles(process, quarry, &holder);
	add_views(process, quarry, &holder);
	if (holder.handles == 0 && holder.views == 0)
		return true;
	read_command(process, &holder);
	return visit(&holder, context);
}

/* Look without a lock: that would make the object live, if only for a moment. */
static fm_status find_object(const struct object_name *name, struct quarry *ret_quarry)
{
	OS_CLEANUP_FD int fd = -1;
	char file[NAME_FILE_SIZE];
	struct name_facts facts;
	struct name_dir *dir;
	struct stat st;
	fm_status status = name_dir_get(name->space, &dir);
	int state;

	if (status_failed(status))
		return status;
	name_encode(name, file);
	fd = os_open(dir->fd, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
	name_dir_put(dir);
	if (fd < 0)
		return fd == -ELOOP ? FM_E_ACCESS_DENIED : status_of(OP_OPEN_NAME, fd);
	state = name_lock_state(fd);
	if (state == F_RDLCK)
		state = OS_RETRY(os.fstat(fd, &st)) < 0 ? -EIO : F_RDLCK;
	if (state < 0)
		return status_of(OP_OPEN_NAME, state);
	if (state != F_RDLCK || st.st_nlink == 0)
		return FM_E_NAME_NOT_FOUND; /* dead: whoever has views has no name for them */
	status = name_header_read(fd, &st, name, &facts);
	if (status_failed(status))
		return status;
	*ret_quarry = (struct quarry){ st.st_dev, facts.device, st.st_ino, facts.inode };
	return FM_OK;
}

fm_status fm_name_holders(const char *name, fm_holder_visitor *visit, void *context)
{
	struct name_walk walk = { .any_type = true };
	struct object_name parsed;
	struct quarry quarry;
	const char *entry;
	int pid, result;
	fm_status status;

	if (!visit)
		return FM_E_INVALID_PARAMETER;
	status = name_parse(name, &parsed);
	if (!status_failed(status))
		status = find_object(&parsed, &quarry);
	if (status_failed(status))
		return status;
	walk.fd = os_open(AT_FDCWD, "/proc", O_RDONLY | O_DIRECTORY, 0);
	if (walk.fd < 0)
		return status_of(OP_DESCRIPTOR, walk.fd);
	while ((result = next_number(&walk, &entry, &pid)) > 0)
		if (!visit_process(walk.fd, entry, pid, &quarry, visit, context))
			break;
	os_close(walk.fd);
	return result < 0 ? status_of(OP_DESCRIPTOR, result) : FM_OK;
}
