/* SPDX-License-Identifier: MIT */
/* filemap show - one name, or what a process has: facts and the relation file, section, views, processes. */
#include <inttypes.h>
#include <stdio.h>

#include "tool.h"

void json_name(const char *key, const struct name_fact *fact, bool holders, bool views)
{
	const fm_entry *entry = &fact->entry;
	bool memory = entry->backing == FM_BACKING_MEMORY;
	char mode[8];

	json_object(key);
	json_text("name", entry->name);
	json_text("kind", entry->kind);
	json_bool("alive", entry->alive);
	json_text("backing", entry->backing == FM_BACKING_FILE ? "file" : memory ? "memory" : NULL);
	json_bool("paged", entry_paged(entry));
	json_text("path", entry->path);
	json_number("size", entry->size);
	json_number("resident", entry->resident);
	json_text("access", access_text(entry->protection));
	json_bool("reserve", (entry->flags & FM_SECTION_RESERVE) != 0);
	json_signed("created", entry->created);
	json_signed("creator", entry->creator);
	json_number("owner", entry->owner);
	snprintf(mode, sizeof(mode), "%04o", entry->mode & 07777);
	json_text("mode", mode);
	json_bool("listed", entry->listed);
	json_number("device", entry->device);
	json_number("inode", entry->inode);
	if (holders) {
		json_array("holders");
		for (size_t i = 0; i < fact->process_count; i++)
			json_process(&fact->processes[i], views);
		json_end();
	}
	json_end();
}

void json_process(const struct process_fact *process, bool views)
{
	const fm_holder *holder = &process->holder;

	json_object(NULL);
	json_signed("pid", holder->pid);
	json_text("command", holder->command);
	json_number("descriptors", holder->handles);
	json_number("views", holder->views);
	json_number("mapped", holder->mapped);
	json_number("resident", holder->resident);
	if (views) {
		json_array("mappings");
		for (size_t i = 0; i < process->view_count; i++) {
			const struct view_fact *view = &process->views[i];

			json_object(NULL);
			json_number("address", view->address);
			json_number("size", view->size);
			json_number("offset", view->offset);
			json_bool("read", view->readable);
			json_bool("write", view->writable);
			json_bool("execute", view->executable);
			json_bool("shared", view->shared);
			json_end();
		}
		json_end();
	}
	json_end();
}

static int show_name(const char *name, bool json)
{
	struct name_fact fact = { 0 };
	fm_status status = name_find(name, &fact);

	if (status < 0)
		return complain_status("show", name, status);
	if (fact.entry.alive)
		(void)name_add_holders(&fact, true); /* it may have ended meanwhile */
	if (json)
		json_name(NULL, &fact, true, true);
	else
		draw_relation(&fact, NULL);
	name_fact_free(&fact);
	return EXIT_DONE;
}

static void print_sections(const struct name_list *list, bool json)
{
	if (json)
		json_array(NULL);
	else if (list->count == 0)
		printf("No sections.\n");
	for (size_t i = 0; i < list->count; i++) {
		if (json) {
			json_name(NULL, &list->names[i], true, true);
			continue;
		}
		printf("%s", i ? "\n" : "");
		draw_relation(&list->names[i], NULL);
	}
	if (json)
		json_end();
}

static int show_process(uint64_t pid, bool json)
{
	struct name_list list = { 0 };
	fm_status status = pid <= INT32_MAX ? process_collect((int32_t)pid, &list) : FM_E_INVALID_PARAMETER;

	if (status == FM_E_INVALID_PARAMETER) {
		(void)complain("there is no process %" PRIu64, pid);
		return EXIT_NOT_FOUND;
	}
	if (status < 0)
		return complain_status("look into process", bytes_text(pid), status);
	print_sections(&list, json);
	name_list_free(&list);
	return EXIT_DONE;
}

static int run(const struct command *command, int argc, char **argv)
{
	uint64_t pid = 0;
	bool json = false;
	const struct option_spec specs[] = {
		{ "process", 'p', OPTION_COUNT, &pid, "PID", "the sections of this process, with and without names" },
		{ "json", 'j', OPTION_FLAG, &json, NULL, "print JSON, with every view" },
		{ 0 },
	};
	int first, code = options_parse(command, specs, argc, argv, 0, 1, &first);

	if (code >= 0)
		return code;
	if (!argv[first] == !pid)
		return usage_error(command, "a NAME or --process");
	return pid ? show_process(pid, json) : show_name(argv[first], json);
}

const struct command command_show = {
	.name = "show",
	.operands = "NAME | --process PID [--json]",
	.summary = "Show a section, or those of a process, what it lies on and who has it",
	.details = "A view's line gives its address, its size, its place in the section and its access: read, write, copy\n"
		   "(on write), exec. Descriptors are those on the name; a process may have two for one handle. Processes\n"
		   "of other users are seen only as far as /proc lets this user look.\n",
	.run = run,
};
