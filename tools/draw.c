/* SPDX-License-Identifier: MIT */
/* The relation drawn: file or memory, the section over it, its views, the processes that have them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "tool.h"

enum { VIEWS_SHOWN = 8 }; /* of a process */

struct pen {
	const char *down, *branch, *last, *alone, *first, *middle, *end;
};

static const struct pen lines = { "│", "├──", "└──", "───", "─┬─", "─┤", "─┘" };
static const struct pen ascii = { "|", "|--", "`--", "---", "-+-", "-|", "-'" };

static const char *view_access(const struct view_fact *view)
{
	static const char *const words[2][4] = { { "none", "read", "write", "copy" },
						 { "exec", "read+exec", "write+exec", "copy+exec" } };

	return words[view->executable][view->writable ? (view->shared ? 2 : 3) : view->readable];
}

static void draw_backing(const fm_entry *entry)
{
	if (entry->backing == FM_BACKING_FILE)
		printf("file       %s\n", entry->path ? clean_text(entry->path) : "?");
	else
		printf("memory     %s of it %s\n", size_text(entry->resident), entry_paged(entry) ? "on disk" : "resident");
}

static void draw_section(const fm_entry *entry)
{
	printf("%-10s %s\n", entry->kind, entry->name ? clean_text(entry->name) : "without a name");
}

static const char *place_text(const fm_entry *entry)
{
	if (entry->backing == FM_BACKING_FILE)
		return "on disk";
	return entry->name ? "in the namespace" : entry_paged(entry) ? "in" : "in a memfd";
}

static void draw_process(const struct process_fact *process, process_label *label)
{
	const fm_holder *holder = &process->holder;
	const char *text = label ? label(holder->pid) : NULL;

	printf("%s %" PRId32 "  %u descriptor%s", text ? text : clean_text(holder->command), holder->pid,
	       holder->handles, holder->handles == 1 ? "" : "s");
	if (holder->views > 0)
		printf(", %s resident", size_text(holder->resident));
}

/* The branch, what hangs on it in a column, and the link to the process at its end. */
static void draw_line(const struct pen *pen, bool last, const char *text, size_t at, size_t of,
		      const struct process_fact *process, process_label *label)
{
	int blanks = 50 - text_width(text);

	printf("   %s %s%*s ", last ? pen->last : pen->branch, text, blanks > 0 ? blanks : 0, "");
	if (at > 0) {
		printf("%s\n", at + 1 < of ? pen->middle : pen->end);
		return;
	}
	printf("%s ", of > 1 ? pen->first : pen->alone);
	draw_process(process, label);
	printf("\n");
}

static void draw_process_views(const struct pen *pen, bool last_process, const struct process_fact *process,
			       process_label *label)
{
	size_t count = process->view_count, shown = count > VIEWS_SHOWN ? VIEWS_SHOWN - 1 : count;
	size_t of = count > shown ? shown + 1 : shown;
	uint64_t rest = 0;
	char text[160];

	if (count == 0) {
		if (process->holder.views > 0)
			snprintf(text, sizeof(text), "%u views, %s; not for this user to see", process->holder.views,
				 size_text(process->holder.mapped));
		draw_line(pen, last_process, process->holder.views > 0 ? text : "no view", 0, 1, process, label);
		return;
	}
	for (size_t i = 0; i < shown; i++) {
		const struct view_fact *view = &process->views[i];

		snprintf(text, sizeof(text), "view %012" PRIx64 " %9s at %8s  %s", view->address, size_text(view->size),
			 view->offset ? size_text(view->offset) : "0", view_access(view));
		draw_line(pen, last_process && i + 1 == of, text, i, of, process, label);
	}
	if (of == shown)
		return;
	for (size_t i = shown; i < count; i++)
		rest += process->views[i].size;
	snprintf(text, sizeof(text), "%zu more views, %s together", count - shown, size_text(rest));
	draw_line(pen, last_process, text, shown, of, process, label);
}

void draw_relation(const struct name_fact *fact, process_label *label)
{
	const struct pen *pen = text_utf8() ? &lines : &ascii;
	const fm_entry *entry = &fact->entry;
	const char *directory = entry->backing == FM_BACKING_MEMORY ? entry->path : NULL; /* for paging */

	draw_backing(entry);
	printf("   %s       %s%s%s, device %u:%u, inode %" PRIu64 "\n", pen->down, place_text(entry),
	       directory ? " " : "", directory ? clean_text(directory) : "", major(entry->device),
	       minor(entry->device), entry->inode);
	draw_section(entry);
	printf("   %s       %s, %s", pen->down, size_text(entry->size), access_text(entry->protection));
	if (entry->creator)
		printf(", made %s by process %" PRId32, time_text(entry->created), entry->creator);
	printf("\n");
	for (size_t i = 0; i < fact->process_count; i++)
		draw_process_views(pen, i + 1 == fact->process_count, &fact->processes[i], label);
	if (fact->process_count == 0)
		printf("   %s %s\n", pen->last, entry->alive ? "no process that this user may look into" :
							      "nobody: its last holder was killed; `filemap gc` removes it");
}
