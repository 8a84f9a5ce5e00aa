/* SPDX-License-Identifier: MIT */
/* filemap show - one name: its facts and the relation file, section, views, processes. */
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

static int run(const struct command *command, int argc, char **argv)
{
	bool json = false;
	const struct option_spec specs[] = {
		{ "json", 'j', OPTION_FLAG, &json, NULL, "print JSON, with every view" },
		{ 0 },
	};
	int first, code = options_parse(command, specs, argc, argv, 1, 1, &first);
	struct name_fact fact = { 0 };
	fm_status status;

	if (code >= 0)
		return code;
	status = name_find(argv[first], &fact);
	if (status < 0)
		return complain_status("show", argv[first], status);
	if (fact.entry.alive)
		(void)name_add_holders(&fact, true); /* it may have ended meanwhile */
	if (json)
		json_name(NULL, &fact, true, true);
	else
		draw_relation(&fact, NULL);
	name_fact_free(&fact);
	return EXIT_DONE;
}

const struct command command_show = {
	.name = "show",
	.operands = "NAME [--json]",
	.summary = "Show a section, what it lies on, its views and who has them",
	.details = "A view's line gives its address, its size, its place in the section and its access: read, write, copy\n"
		   "(on write), exec. Descriptors are those on the name; a process may have two for one handle. Processes\n"
		   "of other users are seen only as far as /proc lets this user look.\n",
	.run = run,
};
