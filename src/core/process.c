/* SPDX-License-Identifier: MIT */
/*
 * What sections a process has, told from outside. Descriptors come first: their links and headers say what they are.
 * Then mappings, each of a section found so, or of one whose handles are closed, if its own path tells.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "backing.h"
#include "procfs.h"
#include "status.h"

struct found {
	struct found *next;
	uint64_t identity; /* of a section of a file without a name, else 0 */
	fm_entry entry;
	fm_holder holder;
	char *name;        /* os_free() */
	char path[];
};

struct search {
	int process, descriptors; /* directories */
	fm_holder holder;
	uid_t owner;
	struct found *first, **end;
	uint64_t device;          /* asked about last */
	bool device_asked, on_names_device;
	char link[PATH_MAX];      /* of the descriptor looked at */
};

/* Errors of looking into a process. */
static fm_status status_of_look(int error)
{
	return error == -ENOENT || error == -ESRCH ? FM_E_INVALID_PARAMETER : status_of(OP_DESCRIPTOR, error);
}

static struct found *find(const struct search *search, uint64_t device, uint64_t inode, uint64_t identity)
{
	for (struct found *found = search->first; found; found = found->next)
		if (found->entry.inode == inode && found->entry.device == device && found->identity == identity)
			return found;
	return NULL;
}

/* With what the file alone tells. @path: copied; NULL for none. NULL: no memory. */
static struct found *add(struct search *search, const struct stat *st, uint64_t identity, const char *path)
{
	size_t size = path ? strlen(path) + 1 : 0;
	struct found *found = os_allocate(sizeof(*found) + size);

	if (!found)
		return NULL;
	*found = (struct found){ .identity = identity, .holder = search->holder };
	found->entry = (fm_entry){
		.kind = "section", .alive = true, .backing = FM_BACKING_MEMORY, .owner = st->st_uid,
		.mode = st->st_mode & 0777, .resident = (uint64_t)st->st_blocks * 512, .device = st->st_dev,
		.inode = st->st_ino,
	};
	if (path)
		found->entry.path = memcpy(found->path, path, size);
	*search->end = found;
	search->end = &found->next;
	return found;
}

static void tell(struct found *found, const struct section_text *text, uint64_t size)
{
	found->entry.protection = text->protection;
	found->entry.flags = text->attributes & (FM_SECTION_RESERVE | FM_SECTION_LAZY | FM_SECTION_PAGED);
	found->entry.size = size;
}

static ssize_t read_link(const struct search *search, const char *number, char *link, size_t size)
{
	ssize_t length = os.readlinkat(search->descriptors, number, link, size - 1);

	link[length < 0 ? 0 : length] = 0;
	return length;
}

static fm_status see_memory(struct search *search, const struct stat *st, const struct section_text *text)
{
	struct found *found = find(search, st->st_dev, st->st_ino, 0);

	if (!found)
		found = add(search, st, 0, NULL);
	if (!found)
		return FM_E_NO_MEMORY;
	tell(found, text, text->attributes & SECTION_RESERVE ? text->size : (uint64_t)st->st_size);
	found->holder.handles++;
	return FM_OK;
}

/* A record names the descriptor of its file, here as well as in its own process. */
static fm_status see_record(struct search *search, const struct section_text *text)
{
	bool paged = text->attributes & SECTION_PAGED;
	struct found *found;
	char number[16], *slash;
	struct stat st;

	(void)snprintf(number, sizeof(number), "%d", text->number); /* always fits */
	if (OS_RETRY(os.fstatat(search->descriptors, number, &st, 0)) < 0 || !S_ISREG(st.st_mode) ||
	    (paged && st.st_nlink) || read_link(search, number, search->link, sizeof(search->link)) < 0)
		return FM_OK; /* closed meanwhile, or no record of ours */
	found = find(search, st.st_dev, st.st_ino, text->identity);
	if (!found) {
		slash = strrchr(search->link, '/');
		if (paged && slash)
			*slash = '\0'; /* the file has no name, but its directory has */
		found = add(search, &st, text->identity, search->link);
		if (!found)
			return FM_E_NO_MEMORY;
		tell(found, text, text->size);
		if (!paged)
			found->entry.backing = FM_BACKING_FILE;
	}
	found->holder.handles++;
	return FM_OK;
}

/* @name: taken over, or freed. */
static fm_status add_named(struct search *search, int fd, const struct stat *st, const struct name_facts *facts, char *name,
			   struct found **ret_found)
{
	char *path = NULL;
	fm_status status = facts->backing == FM_BACKING_FILE ? name_path(fd, &path) : FM_OK;
	struct found *found = status_failed(status) ? NULL : add(search, st, 0, path);

	os_free(path);
	if (!found) {
		os_free(name);
		return status_failed(status) && status != FM_E_NO_MEMORY ? FM_OK : FM_E_NO_MEMORY; /* changed under our eyes */
	}
	name_describe(facts, name, found->entry.path, &found->entry);
	found->name = name;
	*ret_found = found;
	return FM_OK;
}

/* The facts of an object's file that was opened, without a lock: that makes nothing live. *ret_found: NULL if it is no
 * section. */
static fm_status see_named(struct search *search, int fd, const struct stat *st, struct found **ret_found)
{
	struct name_facts facts;
	char *name = NULL;
	fm_status status = name_inspect(fd, &facts, &name);

	*ret_found = NULL;
	if (status_failed(status))
		return status == FM_E_NO_MEMORY ? status : FM_OK; /* no object of ours */
	if (facts.kind == NAME_SECTION)
		*ret_found = find(search, facts.device, facts.inode, 0);
	if (facts.kind == NAME_SECTION && !*ret_found)
		return add_named(search, fd, st, &facts, name, ret_found);
	os_free(name);
	return FM_OK;
}

static fm_status see_named_descriptor(struct search *search, const char *number, const struct stat *st)
{
	OS_CLEANUP_FD int fd = os_open(search->descriptors, number, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	struct found *found;
	fm_status status;

	if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM)
		return status_of(OP_DESCRIPTOR, fd);
	if (fd < 0)
		return FM_OK; /* closed meanwhile, or not for this user to read */
	status = see_named(search, fd, st, &found);
	if (found)
		found->holder.handles++;
	return status;
}

static bool on_names_device(struct search *search, uint64_t device)
{
	if (!search->device_asked || search->device != device) {
		search->on_names_device = name_device(device);
		search->device = device;
		search->device_asked = true;
	}
	return search->on_names_device;
}

static fm_status see_descriptor(struct search *search, const char *number)
{
	struct section_text text;
	struct stat st;

	if (read_link(search, number, search->link, sizeof(search->link)) < 0)
		return FM_OK; /* closed meanwhile */
	if (record_text(search->link, &text))
		return see_record(search, &text);
	if (OS_RETRY(os.fstatat(search->descriptors, number, &st, 0)) < 0 || !S_ISREG(st.st_mode))
		return FM_OK;
	if (memory_text(search->link, &text))
		return see_memory(search, &st, &text);
	return on_names_device(search, st.st_dev) ? see_named_descriptor(search, number, &st) : FM_OK;
}

static fm_status see_descriptors(struct search *search)
{
	struct name_walk walk = { .any_type = true, .fd = search->descriptors };
	fm_status status = FM_OK;
	const char *name;
	int number, result = 1;

	while (!status_failed(status) && (result = number_next(&walk, &name, &number)) > 0)
		status = see_descriptor(search, name);
	return result < 0 ? status_of_look(result) : status;
}

/* ---- mappings of what no descriptor tells of ---- */

/* Is it a file without a name in the directory for paging? */
static bool is_paged(const char *path)
{
	const char *directory = os_environment("FILEMAP_PAGING_DIR");
	size_t length = directory ? strlen(directory) : 0;

	while (length > 1 && directory[length - 1] == '/')
		length--;
	return length > 0 && strncmp(path, directory, length) == 0 && strncmp(path + length, "/#", 2) == 0;
}

/* No name leads to it any more; its memory lasts as long as the view. @file: what it was opened by. */
static fm_status see_dead_view(struct search *search, const struct stat *st, const char *file, unsigned space,
			       struct found **ret_found)
{
	char text[NAME_FILE_SIZE], *name = NULL;
	struct found *found;

	if (file[0] != '#' && name_decode(file, text)) { /* its maker has opened it before it had a name */
		name = name_full(&(struct object_name){ space, text, strlen(text) });
		if (!name)
			return FM_E_NO_MEMORY;
	}
	found = add(search, st, 0, NULL);
	if (!found) {
		os_free(name);
		return FM_E_NO_MEMORY;
	}
	found->name = name;
	found->entry.name = name;
	found->entry.alive = false;
	*ret_found = found;
	return FM_OK;
}

/* The entry of @directory that is this file. -ENOENT: none; -errno. */
static int open_entry(const char *directory, const struct stat *st, struct stat *ret_st)
{
	struct name_walk walk = { .fd = os_open(AT_FDCWD, directory, O_RDONLY | O_DIRECTORY, 0) };
	int fd = walk.fd < 0 ? walk.fd : -ENOENT, result;
	uint64_t inode;
	const char *file;

	while (walk.fd >= 0 && (result = name_walk_next(&walk, &file, &inode)) != 0) {
		if (result > 0 && inode != st->st_ino)
			continue;
		fd = result < 0 ? result : os_open(walk.fd, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
		break;
	}
	os_close(walk.fd);
	if (fd >= 0 && (OS_RETRY(os.fstat(fd, ret_st)) < 0 || ret_st->st_ino != st->st_ino || ret_st->st_dev != st->st_dev)) {
		os_close(fd);
		return -ENOENT;
	}
	return fd;
}

/* A view of a file of a namespace, whose path is in search->link. */
static fm_status see_named_view(struct search *search, const struct stat *st, struct found **ret_found)
{
	static const char gone[] = " (deleted)";
	char *file = strrchr(search->link, '/'), *directory;
	OS_CLEANUP_FD int fd = -1;
	size_t length;
	struct stat now;

	*file++ = '\0';
	directory = strrchr(search->link, '/');
	if (!directory || strncmp(directory, "/filemap-", 9) != 0)
		return FM_OK;
	fd = open_entry(search->link, st, &now);
	if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM)
		return status_of(OP_DESCRIPTOR, fd);
	if (fd >= 0)
		return see_named(search, fd, &now, ret_found);
	length = strlen(file);
	if (length >= sizeof(gone) && strcmp(file + length + 1 - sizeof(gone), gone) == 0)
		file[length + 1 - sizeof(gone)] = '\0';
	return see_dead_view(search, st, file, strcmp(directory, "/filemap-global") == 0 ? FM_GLOBAL : FM_LOCAL, ret_found);
}

/* A section whose handles are closed. *ret_found: NULL if it is none. Owner and storage are taken for this process's. */
static fm_status see_new_mapping(struct search *search, const struct mapping *mapping, struct found **ret_found)
{
	const struct stat st = {
		.st_dev = mapping->device, .st_ino = mapping->inode, .st_uid = search->owner, .st_mode = 0600,
	};
	struct section_text text = { .attributes = SECTION_PAGED };
	bool memory = memory_text(mapping->path, &text);

	*ret_found = NULL;
	if (mapping->path[0] != '/' || strlen(mapping->path) >= sizeof(search->link))
		return FM_OK;
	strcpy(search->link, mapping->path);
	if (!memory && !is_paged(mapping->path))
		return on_names_device(search, mapping->device) ? see_named_view(search, &st, ret_found) : FM_OK;
	*strrchr(search->link, '/') = '\0';
	*ret_found = add(search, &st, 0, memory ? NULL : search->link);
	if (!*ret_found)
		return FM_E_NO_MEMORY;
	tell(*ret_found, &text, text.size);
	return FM_OK;
}

static bool is_of(const struct found *found, const struct mapping *mapping)
{
	return found->entry.inode == mapping->inode && found->entry.device == mapping->device;
}

/* Several sections may be of one file; whose view it is cannot be told then, and it is told of each. */
static fm_status see_mapping(struct search *search, const struct mapping *mapping)
{
	struct found *found = search->first;
	fm_status status = FM_OK;

	while (found && !is_of(found, mapping))
		found = found->next;
	if (!found && mapping->inode)
		status = see_new_mapping(search, mapping, &found);
	for (; found; found = found->next) {
		if (!is_of(found, mapping))
			continue;
		found->holder.views++;
		found->holder.mapped += mapping->end - mapping->start;
	}
	return status;
}

static void see_resident(const struct search *search, const struct mapping *mapping, uint64_t bytes)
{
	for (struct found *found = search->first; found; found = found->next)
		if (is_of(found, mapping))
			found->holder.resident += bytes;
}

static fm_status see_mappings(struct search *search)
{
	struct line_reader reader = { .fd = os_open(search->process, "smaps", O_RDONLY, 0) };
	struct mapping mapping = { 0 };
	fm_status status = FM_OK;
	uint64_t kilobytes;
	int result = 1;
	char *line;

	if (reader.fd < 0)
		return status_of_look(reader.fd);
	while (!status_failed(status) && (result = line_next(&reader, &line)) > 0) {
		if (mapping_parse(line, &mapping))
			status = see_mapping(search, &mapping);
		else if (sscanf(line, "Rss: %" SCNu64, &kilobytes) == 1)
			see_resident(search, &mapping, kilobytes * 1024);
	}
	os_close(reader.fd);
	return result < 0 ? status_of_look(result) : status;
}

/* ---- the call ---- */

/* What only its views tell of. */
static void complete(struct found *found)
{
	if (found->holder.handles > 0)
		return;
	if (found->entry.size == 0)
		found->entry.size = found->holder.mapped;
	if (found->entry.resident == 0)
		found->entry.resident = found->holder.resident;
}

static fm_status look_into(struct search *search)
{
	struct stat st;
	fm_status status;
	int error = OS_RETRY(os.fstat(search->process, &st));

	if (error < 0)
		return status_of_look(error);
	search->owner = st.st_uid;
	command_read(search->process, &search->holder);
	search->descriptors = os_open(search->process, "fd", O_RDONLY | O_DIRECTORY, 0);
	if (search->descriptors < 0)
		return status_of_look(search->descriptors);
	status = see_descriptors(search);
	os_close(search->descriptors);
	return status_failed(status) ? status : see_mappings(search);
}

static void search_free(struct search *search)
{
	for (struct found *found = search->first, *next; found; found = next) {
		next = found->next;
		os_free(found->name);
		os_free(found);
	}
	os_free(search);
}

fm_status fm_process_sections(int32_t pid, fm_section_visitor *visit, void *context)
{
	OS_CLEANUP_FD int process = -1;
	struct search *search;
	char path[32];
	fm_status status;

	if (pid <= 0 || !visit)
		return FM_E_INVALID_PARAMETER;
	(void)snprintf(path, sizeof(path), "/proc/%d", pid); /* always fits */
	process = os_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
	if (process < 0)
		return status_of_look(process);
	search = os_allocate(sizeof(*search));
	if (!search)
		return FM_E_NO_MEMORY;
	*search = (struct search){ .process = process, .holder = { .pid = pid } };
	search->end = &search->first;
	status = look_into(search);
	for (struct found *found = search->first; found && !status_failed(status); found = found->next) {
		complete(found);
		if (!visit(&found->entry, &found->holder, context))
			break;
	}
	search_free(search);
	return status;
}
