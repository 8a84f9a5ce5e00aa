/* SPDX-License-Identifier: MIT */
/* What the demo checks: coherence, rights, a killed process, the life of names, and what is left. */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "demo.h"

enum { COUNTS = 200000 };

static const char *text; /* of the last answer */

static uint64_t counter_of(const struct demo *demo)
{
	return atomic_load((_Atomic uint64_t *)demo->board_view);
}

static bool found_all(struct demo_worker *worker, const char *where, unsigned seed)
{
	return worker_ask(worker, &text, "check %s 0 %u", where, seed) && strtoul(text, NULL, 10) == RECORDS;
}

static void check_board(struct demo *demo)
{
	bool good = worker_ask(&demo->a, &text, "write board 0 1") && found_all(&demo->b, "board", 1) &&
		    worker_ask(&demo->b, &text, "write board 0 2") && found_all(&demo->a, "board", 2);

	demo_check(demo, good, "%u records written by A in the memory are seen by B, and the other way", RECORDS);
	worker_send(&demo->a, "count - %d", COUNTS);
	worker_send(&demo->b, "count - %d", COUNTS);
	good = worker_answer(&demo->a, &text);
	good = worker_answer(&demo->b, &text) && good;
	demo_check(demo, good && counter_of(demo) == 2 * COUNTS,
		   "one counter, %d atomic additions by each at once: %" PRIu64, COUNTS, counter_of(demo));
}

/* Do read(2) and the views see one file? */
static bool file_has_records(const struct demo *demo, uint64_t seed)
{
	char *view, piece[RECORD_SIZE];
	unsigned right;

	if (fm_view_map(demo->file, FM_READ, 0, 0, (void **)&view) < 0)
		return false;
	right = records_check(view, demo->size, seed) == RECORDS ? 0 : RECORDS + 1;
	for (unsigned k = 0; k < RECORDS; k++) {
		uint64_t place = record_place(demo->size, seed, k);

		right += pread(demo->fd, piece, RECORD_SIZE, (off_t)place) == RECORD_SIZE &&
			 memcmp(piece, view + place, RECORD_SIZE) == 0;
	}
	(void)fm_view_unmap(view); /* just mapped, so it is there */
	return right == RECORDS;
}

/* Only a file of the demo's own is written, and then given its words back. */
static void check_file(struct demo *demo)
{
	bool good;

	if (!demo->ours)
		return;
	good = worker_ask(&demo->a, &text, "write file 0 3") && worker_ask(&demo->b, &text, "keep whole 0") &&
	       found_all(&demo->b, "file", 3) && file_has_records(demo, 3);
	demo_check(demo, good, "%u records written by A through its view of the file: B and read(2) see them", RECORDS);
	good = worker_ask(&demo->b, &text, "remove file 0 3");
	demo_check(demo, good, "B gave the file its own words back");
}

static void check_rights(struct demo *demo)
{
	demo_check(demo, worker_ask(&demo->b, &text, "copy"),
		   "B wrote 16 pages of a copy-on-write view; no other view changed");
	demo_check(demo, worker_ask(&demo->b, &text, "rights"),
		   "a read-only handle maps for reading only; mprotect() cannot widen it");
}

bool demo_coherence(struct demo *demo)
{
	demo_heading("Sharing");
	check_board(demo);
	check_rights(demo);
	check_file(demo);
	return demo->a.to && demo->b.to;
}

struct search {
	pid_t pid;
	bool found;
	unsigned holders;
};

static bool look_for(const fm_holder *holder, void *context)
{
	struct search *search = context;

	search->found = search->found || holder->pid == search->pid;
	search->holders++;
	return true;
}

static void check_kill(struct demo *demo)
{
	struct search search = { .pid = demo->a.pid };
	uint64_t before = counter_of(demo);
	bool good = worker_ask(&demo->a, &text, "scribble");

	for (unsigned turn = 0; good && turn < 10000 && counter_of(demo) < before + 10; turn++)
		usleep(1000); /* until it is in the midst of writing */
	good = good && counter_of(demo) >= before + 10 && worker_kill(&demo->a);
	demo_check(demo, good && fm_name_holders(demo->board_name, look_for, &search) == FM_OK && !search.found,
		   "A was killed by SIGKILL while it wrote: it holds nothing any more");
	demo_check(demo, worker_ask(&demo->b, &text, "write board 0 4") && found_all(&demo->b, "board", 4),
		   "B works on with the same memory and file");
}

static bool is_zero(const char *data, size_t length)
{
	return data[0] == 0 && memcmp(data, data + 1, length - 1) == 0;
}

/* This process lets go; B alone holds; then B closes its handle and keeps its view. */
static void check_name(struct demo *demo)
{
	fm_section_options options = { .name = demo->board_name, .size = BOARD_SIZE };
	fm_section *section;
	fm_status status;
	void *view;

	(void)fm_view_unmap(demo->board_view); /* mapped since the start */
	fm_section_close(demo->board);
	demo->board = NULL;
	status = fm_section_open(demo->board_name, FM_READ, &section);
	demo_check(demo, status == FM_OK, "its maker closed the memory; the name lives by B's handle");
	if (status == FM_OK)
		fm_section_close(section);
	demo_check(demo, worker_ask(&demo->b, &text, "close") &&
				 fm_section_open(demo->board_name, FM_READ, &section) == FM_E_NAME_NOT_FOUND,
		   "B closed the last handle and kept its view; the name is gone at once");
	status = fm_section_create(&options, &section);
	demo_check(demo, status == FM_OK && fm_view_map(section, FM_READ, 0, 0, &view) == FM_OK &&
				 is_zero(view, BOARD_SIZE) && found_all(&demo->b, "board", 4),
		   "the same name made anew is new memory, all zero; B's view has its bytes still");
	if (status == FM_OK) {
		(void)fm_view_unmap(view); /* if it was mapped */
		fm_section_close(section);
	}
}

static void check_last(struct demo *demo)
{
	fm_section *section;
	bool made = worker_ask(&demo->b, &text, "last %s", demo->last_name), killed;
	fm_status alive = fm_section_open(demo->last_name, FM_READ, &section);

	if (alive == FM_OK)
		fm_section_close(section);
	killed = worker_kill(&demo->b);
	demo_check(demo, made && killed && alive == FM_OK &&
				 fm_section_open(demo->last_name, FM_READ, &section) == FM_E_NAME_NOT_FOUND,
		   "B, the only holder of another name, was killed by SIGKILL: the name is gone at once");
}

bool demo_lifetime(struct demo *demo)
{
	demo_heading("Dying");
	check_kill(demo);
	check_name(demo);
	check_last(demo);
	return true;
}

struct remains {
	const char *const *names;
	unsigned entries;
	uint64_t bytes;
};

static bool count_remains(const fm_entry *entry, void *context)
{
	struct remains *remains = context;

	for (unsigned i = 0; i < 3; i++)
		if (strcmp(entry->name + strlen("Local\\"), remains->names[i]) == 0) {
			remains->entries++;
			remains->bytes += entry->resident;
		}
	return true;
}

void demo_clean(struct demo *demo)
{
	const char *const names[] = { demo->file_name, demo->board_name, demo->last_name };
	struct remains remains = { .names = names };
	fm_status status;
	uint64_t sum = 0;
	double seconds;

	demo_heading("Afterwards");
	demo_check(demo, sum_by_read(demo->fd, demo->size, &sum, &seconds) == 0 && sum == demo->sum,
		   "the file has the same bytes as before");
	fm_section_close(demo->file);
	demo->file = NULL;
	status = fm_namespace_sweep(FM_LOCAL, NULL, NULL);
	if (status >= 0)
		status = fm_namespace_list(FM_LOCAL, count_remains, &remains);
	demo_check(demo, status >= 0 && remains.entries == 0 && remains.bytes == 0,
		   "nothing is left: %u names, %s of memory", remains.entries, size_text(remains.bytes));
}
