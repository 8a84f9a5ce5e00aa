/* SPDX-License-Identifier: MIT */
/* Looking at a namespace from outside: its entries, alive or dead, and swept. holders.c: who holds them. */
#include <string.h>

#include "names_internal.h"
#include "status.h"

static const char *kind_text(enum name_kind kind)
{
	switch (kind) {
	case NAME_SECTION:
		return "section";
	case NAME_MUTEX:
		return "mutex";
	case NAME_EVENT:
		return "event";
	case NAME_SEMAPHORE:
		return "semaphore";
	}
	return "unknown";
}

/* What the directory alone tells of it; for those that this user may not read, and malformed ones. */
static bool describe_outside(const struct name_dir *dir, const char *file, fm_entry *entry, char *name)
{
	const char *prefix = name_prefix(dir->space);
	struct stat st;

	if (OS_RETRY(os.fstatat(dir->fd, file, &st, AT_SYMLINK_NOFOLLOW)) < 0 || !S_ISREG(st.st_mode))
		return false; /* gone meanwhile, or nothing that could be an object */
	strcpy(name, prefix);
	if (!name_decode(file, name + strlen(prefix)))
		strcpy(name + strlen(prefix), file); /* a digest, or no name of ours */
	*entry = (fm_entry){
		.name = name,
		.kind = kind_text(0),
		.alive = true, /* nothing says that it is dead */
		.owner = st.st_uid,
		.mode = st.st_mode & 0777,
		.resident = (uint64_t)st.st_blocks * 512,
		.created = st.st_ctim.tv_sec,
		.device = st.st_dev,
		.inode = st.st_ino,
	};
	return true;
}

void name_describe(const struct name_facts *facts, const char *name, const char *path, fm_entry *entry)
{
	entry->name = name;
	entry->kind = kind_text(facts->kind);
	entry->backing = facts->backing;
	entry->size = facts->size;
	entry->created = facts->created;
	entry->creator = facts->creator;
	entry->protection = facts->protection;
	entry->flags = facts->attributes & (FM_SECTION_RESERVE | FM_SECTION_LAZY);
	entry->path = path;
	entry->device = facts->device;
	entry->inode = facts->inode;
	if (facts->backing == FM_BACKING_FILE)
		entry->resident = 0;
}

/* Does the file lie under the name that its header carries? A hard link may lie elsewhere. */
static bool is_at_home(const struct name_dir *dir, const char *file, const char *full)
{
	char encoded[NAME_FILE_SIZE];
	struct object_name name;

	if (name_parse(full, &name) != FM_OK || name.space != dir->space)
		return false;
	name_encode(&name, encoded);
	return strcmp(encoded, file) == 0;
}

/* Fill in what an open descriptor tells; the texts are to be freed. */
static void describe(const struct name_dir *dir, const char *file, int fd, fm_entry *entry, char **name, char **path)
{
	struct name_facts facts;
	struct stat st;
	int state = name_lock_state(fd);

	if (state >= 0)
		entry->alive = state == F_RDLCK;
	if (OS_RETRY(os.fstat(fd, &st)) < 0 || !name_entry_acceptable(dir, &st) ||
	    status_failed(name_header_read(fd, &st, NULL, &facts)) ||
	    status_failed(name_header_text(fd, name, path)))
		return;
	if (entry->mode & 0070)
		entry->listed = acl_look(fd, &entry->mode);
	if (is_at_home(dir, file, *name))
		name_describe(&facts, *name, *path, entry);
}

/* @ret_more: the visitor's answer. */
static fm_status visit_entry(const struct name_dir *dir, const char *file, fm_entry_visitor *visit, void *context,
			     bool *ret_more)
{
	char outside[NAME_FILE_SIZE + 8], *name = NULL, *path = NULL;
	fm_entry entry;
	int fd;

	if (!describe_outside(dir, file, &entry, outside))
		return FM_OK;
	fd = os_open(dir->fd, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
	if (fd == -ENOENT)
		return FM_OK;
	if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM)
		return status_of(OP_OPEN_NAME, fd);
	if (fd >= 0)
		describe(dir, file, fd, &entry, &name, &path);
	os_close(fd);
	*ret_more = visit(&entry, context);
	os_free(name);
	os_free(path);
	return FM_OK;
}

fm_status fm_namespace_list(unsigned which, fm_entry_visitor *visit, void *context)
{
	struct name_walk walk = { .fd = -1 };
	struct name_dir *dir;
	const char *file;
	uint64_t inode;
	fm_status status;
	bool more = true;
	int result = 1;

	if (which > FM_GLOBAL || !visit)
		return FM_E_INVALID_PARAMETER;
	status = name_dir_get(which, &dir);
	if (status_failed(status))
		return status;
	walk.fd = result = name_dir_open_list(dir);
	while (!status_failed(status) && more && result >= 0) {
		result = name_walk_next(&walk, &file, &inode);
		if (result <= 0)
			break;
		if (file[0] != '.') /* one under its working name is no object yet */
			status = visit_entry(dir, file, visit, context, &more);
	}
	if (result < 0)
		status = status_of(OP_OPEN_NAME, result);
	os_close(walk.fd);
	name_dir_put(dir);
	return status;
}

fm_status fm_namespace_sweep(unsigned which, unsigned *ret_removed, uint64_t *ret_bytes)
{
	struct name_buried buried;
	struct name_dir *dir;
	fm_status status;
	int error;

	if (which > FM_GLOBAL)
		return FM_E_INVALID_PARAMETER;
	status = name_dir_get(which, &dir);
	if (status_failed(status))
		return status;
	error = name_sweep(dir, &buried);
	name_dir_put(dir);
	if (error < 0)
		return status_of(OP_OPEN_NAME, error);
	if (ret_removed)
		*ret_removed = buried.count;
	if (ret_bytes)
		*ret_bytes = buried.bytes;
	return FM_OK;
}
