/* SPDX-License-Identifier: MIT */
/* filemap list - the names of both namespaces. */
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

struct list_options {
	bool local, global, json, bytes, no_holders;
};

static const char *backing_text(const fm_entry *entry)
{
	if (entry_paged(entry))
		return "paged";
	return entry->backing == FM_BACKING_FILE ? "file" : entry->backing == FM_BACKING_MEMORY ? "memory" : "-";
}

static const char *owner_text(uint32_t owner)
{
	const struct passwd *user = getpwuid(owner);

	return user ? clean_text(user->pw_name) : bytes_text(owner);
}

/* "812 demo, 813 demo and 3 more" */
static void holders_text(const struct name_fact *fact, bool looked, char *buffer, size_t size)
{
	const size_t shown = 3;
	size_t used = 0;

	snprintf(buffer, size, "%s", !fact->entry.alive ? "nobody (dead)" : looked ? "?" : "-");
	for (size_t i = 0; i < fact->process_count && used < size; i++) {
		const fm_holder *holder = &fact->processes[i].holder;

		if (i == shown) {
			snprintf(buffer + used, size - used, " and %zu more", fact->process_count - shown);
			return;
		}
		used += (size_t)snprintf(buffer + used, size - used, "%s%" PRId32 " %s", i ? ", " : "", holder->pid,
					 holder->command);
	}
}

static void print_table(const struct name_list *list, const struct list_options *options)
{
	static const char *const headings[] = { "<NAME", "<KIND", "<BACKING", ">SIZE", ">RESIDENT", "<MADE", "<OWNER",
						"<HELD BY" };
	struct table *table = table_new(headings, ARRAY_SIZE(headings));
	const char *(*size)(uint64_t) = options->bytes ? bytes_text : size_text;
	char holders[320];

	for (size_t i = 0; i < list->count; i++) {
		const fm_entry *entry = &list->names[i].entry;
		bool memory = entry->backing == FM_BACKING_MEMORY;

		table_cell(table, entry->name);
		table_cell(table, entry->kind);
		table_cell(table, backing_text(entry));
		table_cell(table, entry->backing ? size(entry->size) : "-");
		table_cell(table, memory ? size(entry->resident) : "-");
		table_cell(table, time_text(entry->created));
		table_cell(table, owner_text(entry->owner));
		holders_text(&list->names[i], !options->no_holders, holders, sizeof(holders));
		table_cell(table, holders);
	}
	table_print(table);
}

static void print_json(const struct name_list *list, bool holders)
{
	json_array(NULL);
	for (size_t i = 0; i < list->count; i++)
		json_name(NULL, &list->names[i], holders, false);
	json_end();
}

/* A namespace that this machine does not have is empty. */
static int collect(unsigned which, const char *title, struct name_list *list)
{
	fm_status status = names_collect(which, list);

	if (status >= 0 || status == FM_E_PATH_NOT_FOUND || status == FM_E_NAME_NOT_FOUND)
		return EXIT_DONE;
	return complain_status("list the namespace", title, status);
}

static int run(const struct command *command, int argc, char **argv)
{
	struct list_options options = { 0 };
	const struct option_spec specs[] = {
		{ "local", 'l', OPTION_FLAG, &options.local, NULL, "only this user's names" },
		{ "global", 'g', OPTION_FLAG, &options.global, NULL, "only machine-wide names" },
		{ "bytes", 'b', OPTION_FLAG, &options.bytes, NULL, "sizes in bytes" },
		{ "no-holders", 'n', OPTION_FLAG, &options.no_holders, NULL, "do not search /proc for who holds each" },
		{ "json", 'j', OPTION_FLAG, &options.json, NULL, "print JSON" },
		{ 0 },
	};
	struct name_list list = { 0 };
	int first, code = options_parse(command, specs, argc, argv, 0, 0, &first);

	if (code >= 0)
		return code;
	code = EXIT_DONE;
	if (options.local || !options.global)
		code = collect(FM_LOCAL, "Local", &list);
	if (code == EXIT_DONE && (options.global || !options.local))
		code = collect(FM_GLOBAL, "Global", &list);
	for (size_t i = 0; i < list.count && !options.no_holders; i++)
		if (list.names[i].entry.alive)
			(void)name_add_holders(&list.names[i], false); /* it may have ended meanwhile */
	if (code == EXIT_DONE && options.json)
		print_json(&list, !options.no_holders);
	else if (code == EXIT_DONE && list.count > 0)
		print_table(&list, &options);
	else if (code == EXIT_DONE)
		printf("No names.\n");
	name_list_free(&list);
	return code;
}

const struct command command_list = {
	.name = "list",
	.operands = "[OPTION ...]",
	.summary = "List the names, what they are and who holds them",
	.details = "BACKING is a file, memory, or paged: memory in a namespace that lies on a disk (FILEMAP_ROOT).\n"
		   "RESIDENT is the storage that named memory uses. A dead name is one whose last holder was killed:\n"
		   "nobody can open it, and `filemap gc` gives its storage back.\n",
	.run = run,
};
