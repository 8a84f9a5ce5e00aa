/* SPDX-License-Identifier: MIT */
/*
 * Records of a file under SIGKILL: written through views by processes that are killed at any byte. A record
 * has two slots that are written in turn, each with its generation and a checksum over all of it; it is
 * committed when its slot is whole. What was committed must stay so, in the file and in everybody's views,
 * without any flush: the page cache outlives processes. STORM_KILLS=n in the environment for more than the
 * short form.
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "make.h"
#include "storm.h"

#define KILLS_SHORT 1000u
#define PLACES 16u
#define RECORDS (4 * PLACES) /* four of each place, which alone writes them */
#define BYTES 520u

struct slot {
	uint64_t generation, check;
	unsigned char bytes[BYTES];
};

/* Not a divisor of the page: most views begin and end within pages, and some records lie in two. */
struct record {
	struct slot slots[2];
};

struct oracle {
	_Atomic uint64_t begun[RECORDS], committed[RECORDS]; /* generations, told before and after */
	_Atomic uint64_t written, read, torn, wrong;
};

static struct oracle *oracle;
static char path[512];
static int file = -1;        /* the supervisor's, to look past all views */

/* Of one process. */
static fm_section *section;
static struct record *whole; /* a view of all records that stays */

static uint64_t check_of(const struct slot *slot)
{
	uint64_t sum = 0xcbf29ce484222325u ^ slot->generation;

	for (unsigned i = 0; i < BYTES; i++)
		sum = (sum ^ slot->bytes[i]) * 0x100000001b3u;
	return sum;
}

static void fill(struct slot *slot, unsigned record, uint64_t generation)
{
	uint64_t random = (generation << 8 | record) * 0x9e3779b97f4a7c15u | 1;

	slot->generation = generation;
	for (unsigned i = 0; i < BYTES; i++)
		slot->bytes[i] = (unsigned char)storm_random(&random, 256);
	slot->check = check_of(slot);
}

/* ---- reading ---- */

/* The highest whole generation, 0: none. */
static uint64_t generation_of(const struct record *copy, unsigned record)
{
	struct slot right;
	uint64_t found = 0;

	for (unsigned i = 0; i < 2; i++) {
		const struct slot *slot = &copy->slots[i];

		if (slot->generation == 0 || slot->check != check_of(slot)) {
			oracle->torn += slot->generation != 0;
			continue;
		}
		fill(&right, record, slot->generation);
		if (memcmp(&right, slot, sizeof(right)) != 0)
			return UINT64_MAX; /* whole, but not what anybody wrote */
		if (slot->generation > found)
			found = slot->generation;
	}
	return found;
}

/* @copy was made between reading @committed and now, with no writing begun in between. */
static void judge(const struct record *copy, unsigned record, uint64_t committed)
{
	uint64_t found = generation_of(copy, record);

	oracle->read++;
	if (found < committed || found > oracle->begun[record])
		oracle->wrong++;
}

static bool read_through_view(unsigned record, struct record *copy, bool guarded)
{
	void *view;
	bool read = true;

	if (fm_view_map(section, FM_READ, record * sizeof(*copy), sizeof(*copy), &view) != FM_OK)
		return false;
	if (guarded)
		read = fm_read(copy, view, sizeof(*copy), NULL) == FM_OK;
	else
		memcpy(copy, view, sizeof(*copy));
	return fm_view_unmap(view) == FM_OK && read;
}

/* Its writer may be writing at this moment: look again if so. */
static void look_at(struct storm_life *life, unsigned record)
{
	uint64_t begun = oracle->begun[record], committed = oracle->committed[record];
	struct record copy;
	bool read;

	storm_enter(life);
	read = read_through_view(record, &copy, storm_random(&life->random, 2));
	storm_leave(life);
	if (!read)
		oracle->wrong++;
	else if (oracle->begun[record] == begun)
		judge(&copy, record, committed);
}

/* ---- writing ---- */

/* Plain stores; now and then the last ones, or with a pause of any length in between. */
static void store(struct storm_life *life, struct slot *to, const struct slot *from)
{
	size_t at = storm_random(&life->random, 20 * sizeof(*to));

	if (at >= sizeof(*to)) {
		memcpy(to, from, sizeof(*to));
		return;
	}
	memcpy(to, from, at);
	(void)kill(getpid(), storm_random(&life->random, 2) ? SIGKILL : SIGSTOP);
	memcpy((char *)to + at, (const char *)from + at, sizeof(*to) - at);
}

static bool write_through_view(struct storm_life *life, unsigned record, const struct slot *slot)
{
	unsigned way = storm_random(&life->random, 4);
	uint64_t offset = record * sizeof(struct record) + slot->generation % 2 * sizeof(*slot);
	bool wrote = true;
	void *view;

	if (way == 0) {
		store(life, &whole[record].slots[slot->generation % 2], slot);
		return true;
	}
	if (fm_view_map(section, FM_WRITE, offset, sizeof(*slot), &view) != FM_OK)
		return false;
	if (way == 1)
		wrote = fm_write(view, slot, sizeof(*slot), NULL) == FM_OK;
	else
		store(life, view, slot);
	if (storm_random(&life->random, 8) == 0)
		wrote = fm_view_flush(view, sizeof(*slot), FM_FLUSH_START) == FM_OK && wrote;
	return fm_view_unmap(view) == FM_OK && wrote;
}

static void write_record(struct storm_life *life, unsigned record)
{
	struct slot slot;
	bool wrote;

	fill(&slot, record, oracle->committed[record] + 1);
	oracle->begun[record] = slot.generation;
	storm_enter(life);
	wrote = write_through_view(life, record, &slot);
	storm_leave(life);
	if (!wrote) {
		oracle->wrong++;
		return;
	}
	oracle->committed[record] = slot.generation;
	oracle->written++;
}

/* ---- processes ---- */

static void leave_file(void)
{
	if (fm_view_unmap(whole) != FM_OK)
		oracle->wrong++;
	fm_section_close(section);
	section = NULL;
}

static bool map_whole(void)
{
	void *view;
	bool mapped = fm_view_map(section, FM_WRITE, 0, RECORDS * sizeof(struct record), &view) == FM_OK;

	whole = mapped ? view : NULL;
	return mapped;
}

/* By its path, or by a name that half of the others use, too. */
static bool open_file(struct storm_life *life)
{
	fm_section_options options = { .path = path, .name = storm_random(&life->random, 2) ? "records" : NULL };
	bool opened;

	storm_enter(life);
	opened = fm_section_create(&options, &section) >= 0 && map_whole();
	storm_leave(life);
	return opened;
}

static void idle(struct storm_life *life)
{
	(void)life;
	if (section)
		(void)query_of(whole);
}

static pid_t start_heir(struct storm_life *life)
{
	char arguments[STORM_HEIR_ARGUMENTS][24], number[16] = "-1";
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	storm_heir_arguments(life, arguments);
	if (section && fm_section_set_inheritable(section, true) == FM_OK)
		(void)snprintf(number, sizeof(number), "%d", fm_section_number(section));
	(void)execl(check_program(), "heir", "--child", "storm_heir", arguments[0], arguments[1], arguments[2],
		    number, (char *)NULL);
	_exit(127);
}

/* Between a death and the first deed of who comes next: all of the place's records, past every view. */
static void buried(unsigned place, bool inherited)
{
	struct record copy;

	(void)inherited;
	for (unsigned record = place; record < RECORDS; record += PLACES) {
		REQUIRE_EQ(pread(file, &copy, sizeof(copy), (off_t)(record * sizeof(copy))), sizeof(copy));
		judge(&copy, record, oracle->committed[record]);
	}
}

static void live(struct storm_life *life);

static const struct storm_body body = { .live = live, .idle = idle, .exec = start_heir, .buried = buried };

static void live(struct storm_life *life)
{
	for (;;) {
		storm_turn(&body, life);
		if (!section && !open_file(life)) {
			oracle->wrong++;
			section = NULL;
			continue;
		}
		if (storm_random(&life->random, 3))
			write_record(life, storm_random(&life->random, RECORDS / PLACES) * PLACES + life->place);
		else
			look_at(life, storm_random(&life->random, RECORDS));
		if (storm_random(&life->random, 12) == 0) {
			storm_enter(life);
			leave_file();
			storm_leave(life);
		}
	}
}

static void find_file(void)
{
	(void)snprintf(path, sizeof(path), "%s/file", getenv("FILEMAP_ROOT"));
}

CHILD(storm_heir)
{
	struct storm_life life;
	int number;

	oracle = storm_join(&life);
	find_file();
	number = atoi(check_argument(STORM_HEIR_ARGUMENTS));
	if (number >= 0 && (fm_section_adopt(number, &section) != FM_OK || !map_whole())) {
		oracle->wrong++;
		section = NULL;
	}
	storm_succeed(&body, &life);
	live(&life);
}

TEST(no_kill_tears_a_committed_record)
{
	struct storm_ground before;
	struct storm_deaths deaths;

	(void)storm_ground_make();
	before = storm_ground_look();
	find_file();
	file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	REQUIRE(file >= 0);
	REQUIRE_EQ(ftruncate(file, RECORDS * sizeof(struct record)), 0);
	oracle = storm_begin(sizeof(*oracle));
	storm_crowd(&body, PLACES, storm_kills(KILLS_SHORT), 350, &deaths);
	storm_print_deaths("records", &deaths);
	printf("%llu records written, %llu read, %llu slots torn and written again; %llu wrong\n",
	       (unsigned long long)oracle->written, (unsigned long long)oracle->read,
	       (unsigned long long)oracle->torn, (unsigned long long)oracle->wrong);
	CHECK(oracle->written > 0);
	CHECK_EQ(oracle->wrong, 0);
	close(file);
	REQUIRE_EQ(unlink(path), 0);
	storm_ground_check(before);
}
