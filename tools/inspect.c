/* SPDX-License-Identifier: MIT */
/* What is known of a name: its entry and its holders from the library, each view from /proc/PID/maps. */
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include "tool.h"

/* Named memory: the section's byte 0 lies here in its file; a header is before it (filemap(7)). */
#define NAMED_DATA_START 0x10000u

static void *grow(void *array, size_t count, size_t size)
{
	void *grown;

	if (count & (count - 1))
		return array; /* grown in powers of two */
	grown = realloc(array, (count ? 2 * count : 1) * size);
	if (!grown)
		out_of_memory();
	return grown;
}

static bool add_entry(const fm_entry *entry, void *context)
{
	struct name_list *list = context;
	fm_entry *copy;

	list->names = grow(list->names, list->count, sizeof(*list->names));
	list->names[list->count] = (struct name_fact){ .entry = *entry };
	copy = &list->names[list->count++].entry;
	copy->name = entry->name ? strdup(entry->name) : NULL;
	copy->path = entry->path ? strdup(entry->path) : NULL;
	if ((entry->name && !copy->name) || (entry->path && !copy->path))
		out_of_memory();
	return true;
}

static int by_name(const void *a, const void *b)
{
	const struct name_fact *left = a, *right = b;

	return strcmp(left->entry.name, right->entry.name);
}

fm_status names_collect(unsigned which, struct name_list *list)
{
	size_t before = list->count;
	fm_status status = fm_namespace_list(which, add_entry, list);

	if (list->count > before)
		qsort(list->names + before, list->count - before, sizeof(*list->names), by_name);
	return status;
}

bool entry_paged(const fm_entry *entry)
{
	char directory[4096];
	struct statfs fs;

	if (!entry->name)
		return entry->flags & FM_SECTION_PAGED;
	if (entry->backing != FM_BACKING_MEMORY ||
	    fm_namespace_directory(strncmp(entry->name, "Global\\", 7) == 0 ? FM_GLOBAL : FM_LOCAL, directory,
				   sizeof(directory)) < 0)
		return false;
	return statfs(directory, &fs) == 0 && fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC;
}

void name_fact_free(struct name_fact *fact)
{
	for (size_t i = 0; i < fact->process_count; i++)
		free(fact->processes[i].views);
	free(fact->processes);
	free((char *)(uintptr_t)fact->entry.name);
	free((char *)(uintptr_t)fact->entry.path);
	*fact = (struct name_fact){ 0 };
}

void name_list_free(struct name_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		name_fact_free(&list->names[i]);
	free(list->names);
	*list = (struct name_list){ 0 };
}

fm_status name_find(const char *name, struct name_fact *ret_fact)
{
	unsigned which = strncmp(name, "Global\\", 7) == 0 ? FM_GLOBAL : FM_LOCAL;
	const char *rest = strncmp(name, "Local\\", 6) == 0 ? name + 6 : which == FM_GLOBAL ? name + 7 : name;
	struct name_list list = { 0 };
	fm_status status = names_collect(which, &list);

	if (status >= 0)
		status = FM_E_NAME_NOT_FOUND;
	for (size_t i = 0; i < list.count && status == FM_E_NAME_NOT_FOUND; i++)
		if (strcmp(strchr(list.names[i].entry.name, '\\') + 1, rest) == 0) {
			*ret_fact = list.names[i];
			list.names[i] = (struct name_fact){ 0 };
			status = FM_OK;
		}
	name_list_free(&list);
	return status;
}

/* A line of maps; true if it shows part of what the section's views map. */
static bool parse_view(const char *line, const fm_entry *entry, struct view_fact *ret_view)
{
	uint64_t start, end, offset, inode, data_start;
	unsigned major_number, minor_number;
	char rights[5];

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64, &start, &end, rights, &offset,
		   &major_number, &minor_number, &inode) != 7)
		return false;
	if (inode != entry->inode || makedev(major_number, minor_number) != entry->device)
		return false;
	data_start = entry->backing == FM_BACKING_MEMORY && entry->name ? NAMED_DATA_START : 0;
	if (offset < data_start || offset - data_start >= entry->size)
		return false; /* the header, the map of committed pages */
	*ret_view = (struct view_fact){
		.address = start, .size = end - start, .offset = offset - data_start,
		.readable = rights[0] == 'r', .writable = rights[1] == 'w', .executable = rights[2] == 'x',
		.shared = rights[3] == 's',
	};
	return true;
}

static void add_views(const fm_entry *entry, struct process_fact *process)
{
	char path[40], *line = NULL;
	struct view_fact view;
	size_t room = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%" PRId32 "/maps", process->holder.pid);
	maps = fopen(path, "re");
	while (maps && getline(&line, &room, maps) > 0)
		if (parse_view(line, entry, &view)) {
			process->views = grow(process->views, process->view_count, sizeof(view));
			process->views[process->view_count++] = view;
		}
	free(line);
	if (maps)
		fclose(maps);
}

static bool add_holder(const fm_holder *holder, void *context)
{
	struct name_fact *fact = context;

	fact->processes = grow(fact->processes, fact->process_count, sizeof(*fact->processes));
	fact->processes[fact->process_count++] = (struct process_fact){ .holder = *holder };
	return true;
}

static bool add_section(const fm_entry *entry, const fm_holder *holder, void *context)
{
	struct name_list *list = context;
	struct name_fact *fact;

	(void)add_entry(entry, list);
	fact = &list->names[list->count - 1];
	(void)add_holder(holder, fact);
	add_views(&fact->entry, fact->processes);
	return true;
}

fm_status process_collect(int32_t pid, struct name_list *list)
{
	return fm_process_sections(pid, add_section, list);
}

fm_status name_add_holders(struct name_fact *fact, bool views)
{
	fm_status status = fm_name_holders(fact->entry.name, add_holder, fact);

	for (size_t i = 0; views && i < fact->process_count; i++)
		add_views(&fact->entry, &fact->processes[i]);
	return status;
}
