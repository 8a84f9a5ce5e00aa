/* SPDX-License-Identifier: MIT */
/* Sections under SIGKILL. STORM_KILLS=n in the environment for more than the short form. */
#include <stdlib.h>

#include "fault.h"
#include "make.h"
#include "storm.h"

#define KILLS_SHORT 4000u
#define FILE_SIZE ((off_t)1 << 40)

/* An object's number is its size: in pages of memory, in words of a sparse file. It can be known from the first moment. */
enum kind { PLAIN, OF_FILE, RESERVED, KINDS };

struct hand {
	fm_section *section;
	enum kind kind;
	unsigned uses;
};

static char backing[512];

static enum kind kind_of(unsigned name)
{
	return name % KINDS;
}

static uint64_t number_of(const fm_section *section, enum kind kind)
{
	fm_section_info info = { 0 };

	(void)fm_section_query(section, &info); /* 0 is nobody's number */
	return info.size / (kind == OF_FILE ? sizeof(uint64_t) : PAGE);
}

static fm_section_options options_of(unsigned name, uint64_t number, char text[32])
{
	enum kind kind = kind_of(name);
	fm_section_options options = { .name = text };

	(void)snprintf(text, 32, "%s\\sections %u", name % 4 ? "Local" : "Global", name);
	options.size = number * (kind == OF_FILE ? sizeof(uint64_t) : PAGE);
	options.path = kind == OF_FILE ? backing : NULL;
	options.flags = kind == PLAIN ? FM_SECTION_LAZY : kind == RESERVED ? FM_SECTION_RESERVE : 0;
	return options;
}

/* The record in the first bytes: the number, or 0 while the creator has not written it. */
static uint64_t record_of(struct hand *hand, uint64_t number, bool write)
{
	_Atomic uint64_t *record;
	void *view;
	uint64_t found = UINT64_MAX;

	if (fm_view_map(hand->section, FM_WRITE, 0, sizeof(*record), &view) != FM_OK)
		return found;
	record = view;
	if (hand->kind != RESERVED || fm_view_commit(view, sizeof(*record), FM_WRITE) == FM_OK) {
		found = *record;
		if (write)
			*record = number;
	}
	return fm_view_unmap(view) == FM_OK ? found : UINT64_MAX;
}

static enum storm_answer acquire(unsigned name, bool may_create, uint64_t number, void **ret_handle, uint64_t *ret_number)
{
	char text[32];
	fm_section_options options = options_of(name, number, text);
	struct hand *hand = calloc(1, sizeof(*hand));
	fm_status status;

	hand->kind = kind_of(name);
	status = may_create ? fm_section_create(&options, &hand->section)
			    : fm_section_open(options.name, FM_WRITE, &hand->section);
	if (status < 0) {
		free(hand);
		return status == FM_E_NAME_NOT_FOUND && !may_create ? STORM_MISSING
		       : status == FM_E_TIMEOUT			     ? STORM_BUSY
								     : STORM_FAILED;
	}
	*ret_number = number_of(hand->section, hand->kind);
	*ret_handle = hand;
	if (!may_create || status == FM_NAME_EXISTS)
		return STORM_OPENED;
	if (*ret_number != number)
		return STORM_FAILED;
	return hand->kind != OF_FILE && record_of(hand, number, true) != 0 ? STORM_STALE : STORM_MADE;
}

static void release(unsigned name, void *handle)
{
	struct hand *hand = handle;

	(void)name;
	fm_section_close(hand->section);
	free(hand);
}

/* The record again and again, now and then through another handle that takes the first one's place. */
static bool use(void *handle, uint64_t number)
{
	struct hand *hand = handle;
	fm_section *other;
	uint64_t found = record_of(hand, number, false);

	if (++hand->uses % 2 && fm_section_duplicate(hand->section, number % 2 ? 0 : FM_WRITE, &other) == FM_OK) {
		fm_section_close(hand->section);
		hand->section = other;
	}
	if (hand->kind == OF_FILE) /* whose bytes outlive every object */
		return found != UINT64_MAX;
	return (found == 0 || found == number) && record_of(hand, number, false) != UINT64_MAX;
}

static void make_world(void)
{
	int fd;

	if (!getenv("TMPDIR") && access("/dev/shm", W_OK) == 0) /* where names usually live */
		REQUIRE_EQ(setenv("TMPDIR", "/dev/shm", 1), 0);
	REQUIRE_EQ(setenv("FILEMAP_ROOT", check_directory(), 1), 0);
	(void)snprintf(backing, sizeof(backing), "%s/backing", check_directory());
	fd = open(backing, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	REQUIRE(fd >= 0);
	REQUIRE_EQ(ftruncate(fd, FILE_SIZE), 0);
	close(fd);
}

static void nothing_is_left(void)
{
	for (unsigned space = FM_LOCAL; space <= FM_GLOBAL; space++)
		CHECK_EQ(fm_namespace_sweep(space, NULL, NULL), FM_OK);
	CHECK_EQ(fault_world().names, 0);
}

TEST(no_kill_doubles_loses_or_resurrects_a_section)
{
	static const struct storm_target target = { acquire, release, use };
	const char *kills = getenv("STORM_KILLS");
	struct storm_options options = { .processes = 16, .names = 24, .kills = KILLS_SHORT };
	struct storm_result result;

	make_world();
	if (kills)
		options.kills = strtoull(kills, NULL, 10);
	storm_run(&target, &options, &result);
	printf("%llu kills, %llu of them inside a call; %llu calls: %llu made, %llu opened, %llu missing, %llu timed out; "
	       "%llu quiet moments; doubled %llu, lost %llu, resurrected %llu, stale %llu\n",
	       (unsigned long long)result.kills, (unsigned long long)result.kills_inside,
	       (unsigned long long)result.calls, (unsigned long long)result.made, (unsigned long long)result.opened,
	       (unsigned long long)result.missing, (unsigned long long)result.busy, (unsigned long long)result.quiet,
	       (unsigned long long)result.doubled, (unsigned long long)result.lost,
	       (unsigned long long)result.resurrected, (unsigned long long)result.stale);
	CHECK_EQ(result.doubled, 0);
	CHECK_EQ(result.lost, 0);
	CHECK_EQ(result.resurrected, 0);
	CHECK_EQ(result.stale, 0);
	CHECK_EQ(result.busy, 0);
	CHECK_EQ(result.failed, 0);
	CHECK(result.quiet > 0);
	nothing_is_left();
}

/* ---- handles that are inherited: by fork, and by exec under their number ---- */

enum { HEIRS = 6 };

/* Run by itself after exec: hold the section until killed. */
static void hold_after_exec(int number)
{
	fm_section *section;

	if (fm_section_adopt(number, &section) != FM_OK || number_of(section, PLAIN) == 0 ||
	    write(STDOUT_FILENO, "h", 1) != 1)
		_exit(1);
	for (;;)
		(void)pause();
}

__attribute__((constructor)) static void maybe_after_exec(void)
{
	const char *number = getenv("FILEMAP_TEST_HEIR");

	if (number)
		hold_after_exec(atoi(number));
}

/* Each heir holds the section in its own way, and says so. */
static _Noreturn void inherit(fm_section *section, int way, int said)
{
	fm_section *other = section;
	char number[16];

	if (way == 0) {
		(void)snprintf(number, sizeof(number), "%d", fm_section_number(section));
		if (fm_section_set_inheritable(section, true) == FM_OK && dup2(said, STDOUT_FILENO) >= 0 &&
		    setenv("FILEMAP_TEST_HEIR", number, 1) == 0)
			execl("/proc/self/exe", "heir", (char *)NULL);
		_exit(127);
	}
	if (way == 1 && fm_section_duplicate(section, FM_READ, &other) != FM_OK)
		_exit(1);
	if (way == 1)
		fm_section_close(section);
	(void)make_view(other, FM_READ, 0, PAGE);
	if (write(said, "h", 1) != 1)
		_exit(1);
	for (;;)
		(void)pause();
}

static void name_lives(const char *name, fm_status expected)
{
	fm_section *section = NULL;
	fm_status status = fm_section_open(name, FM_READ, &section);

	CHECK_EQ(status, expected);
	if (status == FM_OK)
		fm_section_close(section);
}

TEST(name_lives_until_the_last_heir_is_killed)
{
	unsigned seed = 7;

	make_world();
	for (unsigned round = 0; round < 40; round++) {
		char text[32], byte;
		fm_section_options options = options_of(round, 5 * PAGE, text);
		fm_section *section = make_section(&options);
		pid_t heirs[HEIRS];
		int pipes[2];

		REQUIRE_EQ(pipe(pipes), 0);
		for (int i = 0; i < HEIRS; i++) {
			heirs[i] = fork();
			if (heirs[i] == 0)
				inherit(section, i % 3, pipes[1]);
			REQUIRE_EQ(read(pipes[0], &byte, 1), 1);
		}
		fm_section_close(section);
		for (int left = HEIRS; left > 0; left--) {
			int i = rand_r(&seed) % left;

			name_lives(options.name, FM_OK);
			REQUIRE_EQ(kill(heirs[i], SIGKILL), 0);
			CHECK_EQ(child_result(heirs[i]), -SIGKILL);
			heirs[i] = heirs[left - 1];
		}
		name_lives(options.name, FM_E_NAME_NOT_FOUND);
		close(pipes[0]);
		close(pipes[1]);
	}
	nothing_is_left();
}
