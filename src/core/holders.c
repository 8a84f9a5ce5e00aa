/* SPDX-License-Identifier: MIT */
/* Who holds a name: found in /proc by device and inode, since nobody keeps a list. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "procfs.h"
#include "status.h"

/* What to look for. */
struct quarry {
	dev_t record_device, view_device;
	ino_t record_inode, view_inode;
};

/* Is this line of maps or smaps the head of a mapping? Then is it of the quarry, and how long? */
static bool parse_mapping(const char *line, const struct quarry *quarry, bool *ret_ours, uint64_t *ret_size)
{
	struct mapping mapping;

	if (!mapping_parse(line, &mapping))
		return false;
	*ret_size = mapping.end - mapping.start;
	*ret_ours = mapping.inode == quarry->view_inode && mapping.device == quarry->view_device;
	return true;
}

/* smaps costs a walk of the page tables, so only for those that map it. */
static void add_resident(int process, const struct quarry *quarry, fm_holder *holder)
{
	struct line_reader reader = { .fd = os_open(process, "smaps", O_RDONLY, 0) };
	bool ours = false;
	uint64_t size, kilobytes;
	char *line;

	while (reader.fd >= 0 && line_next(&reader, &line) > 0) {
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

	while (reader.fd >= 0 && line_next(&reader, &line) > 0) {
		if (!parse_mapping(line, quarry, &ours, &size) || !ours)
			continue;
		holder->views++;
		holder->mapped += size;
	}
	os_close(reader.fd);
	if (holder->views > 0)
		add_resident(process, quarry, holder);
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
	while (!found && line_next(&reader, &line) > 0)
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

	while (walk.fd >= 0 && number_next(&walk, &name, &number) > 0) {
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
	command_read(process, &holder);
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
	struct quarry quarry = { 0 };
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
	while ((result = number_next(&walk, &entry, &pid)) > 0)
		if (!visit_process(walk.fd, entry, pid, &quarry, visit, context))
			break;
	os_close(walk.fd);
	return result < 0 ? status_of(OP_DESCRIPTOR, result) : FM_OK;
}
