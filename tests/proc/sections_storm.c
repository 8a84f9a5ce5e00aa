/* SPDX-License-Identifier: MIT */
/*
 * Sections and views under SIGKILL: named ones with the oracle of storm_objects.h, unnamed ones given from
 * hand to hand. STORM_KILLS=n in the environment for more than the short form.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "fault.h"
#include "make.h"
#include "storm.h"
#include "storm_objects.h"

#define KILLS_SHORT 1000u
#define NAMES 24u
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

/* ---- unnamed sections: whoever takes one from the market finds it whole, wherever its makers are ---- */

struct market {
	_Atomic uint64_t given, taken, wrong;
};

static struct market *market;
static int market_ends[2], market_fd;

static void open_market(void)
{
	char numbers[64];

	REQUIRE_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, market_ends), 0);
	market_fd = memfd_create("market", 0);
	REQUIRE_EQ(ftruncate(market_fd, sizeof(*market)), 0);
	(void)snprintf(numbers, sizeof(numbers), "%d %d %d", market_fd, market_ends[0], market_ends[1]);
	REQUIRE_EQ(setenv("STORM_MARKET", numbers, 1), 0); /* all of them stay open over exec */
}

static void visit_market(void)
{
	const char *numbers = getenv("STORM_MARKET");

	REQUIRE(numbers && sscanf(numbers, "%d %d %d", &market_fd, &market_ends[0], &market_ends[1]) == 3);
	market = mmap(NULL, sizeof(*market), PROT_READ | PROT_WRITE, MAP_SHARED, market_fd, 0);
	REQUIRE(market != MAP_FAILED);
}

/* In each page how many there are, and which one it is. */
static uint64_t stamp_of(uint64_t pages, uint64_t page)
{
	return pages << 32 | (page + 1);
}

static bool give_new(uint64_t pages)
{
	fm_section_options options = { .size = pages * PAGE };
	fm_section *section;
	fm_status status = fm_section_create(&options, &section);
	void *view;

	if (status != FM_OK)
		return false;
	status = fm_view_map(section, FM_WRITE, 0, 0, &view);
	if (status == FM_OK) {
		for (uint64_t page = 0; page < pages; page++)
			*(uint64_t *)((char *)view + page * PAGE) = stamp_of(pages, page);
		status = fm_section_send(section, market_ends[0], pages % 2 ? FM_READ : FM_WRITE);
		if (fm_view_unmap(view) != FM_OK)
			status = FM_E_UNSUCCESSFUL;
	}
	fm_section_close(section);
	market->given += status == FM_OK;
	return status == FM_OK || status == FM_E_TIMEOUT; /* the market is full */
}

static bool is_whole(fm_section *section)
{
	fm_section_info info = { 0 };
	bool whole = fm_section_query(section, &info) == FM_OK && info.size >= PAGE;
	uint64_t pages = info.size / PAGE;
	void *view;

	if (!whole || fm_view_map(section, FM_READ, 0, 0, &view) != FM_OK)
		return false;
	for (uint64_t page = 0; page < pages; page++)
		whole = whole && *(uint64_t *)((char *)view + page * PAGE) == stamp_of(pages, page);
	return fm_view_unmap(view) == FM_OK && whole;
}

/* Every other one goes back: by then it has had several holders, most of them dead. */
static bool take_and_pass_on(bool pass_on)
{
	fm_section *section;
	fm_status status = fm_section_receive(market_ends[1], &section);
	bool whole;

	if (status != FM_OK)
		return status == FM_E_TIMEOUT; /* the market is empty */
	market->taken++;
	whole = is_whole(section);
	if (pass_on)
		status = fm_section_send(section, market_ends[0], FM_READ);
	fm_section_close(section);
	return whole && (status == FM_OK || status == FM_E_TIMEOUT);
}

static void trade(unsigned turn)
{
	if (!market)
		visit_market();
	if (!(turn % 2 ? give_new(1 + turn / 2 % 5) : take_and_pass_on(turn / 2 % 2)))
		market->wrong++;
}

/* ---- a view that stays when its handle is closed ---- */

static const _Atomic uint64_t *kept;
static uint64_t kept_number;

/* Its page holds the creator's number, or nothing if that one never came to write it; and no other's. */
static bool keep_view(const struct hand *hand, uint64_t number)
{
	uint64_t found = kept ? *kept : 0;
	bool right = found == 0 || found == kept_number;
	void *view;

	if (kept && fm_view_unmap((const void *)kept) != FM_OK)
		return false;
	kept = NULL;
	if (hand->kind == PLAIN && fm_view_map(hand->section, FM_READ, 0, sizeof(*kept), &view) == FM_OK) {
		kept = view;
		kept_number = number;
	}
	return right;
}

/* ---- named ones ---- */

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

	trade(hand->uses + (unsigned)number);
	if (++hand->uses % 2 && fm_section_duplicate(hand->section, number % 2 ? 0 : FM_WRITE, &other) == FM_OK) {
		fm_section_close(hand->section);
		hand->section = other;
	}
	if (!keep_view(hand, number))
		return false;
	if (hand->kind == OF_FILE) /* whose bytes outlive every object */
		return found != UINT64_MAX;
	return (found == 0 || found == number) && record_of(hand, number, false) != UINT64_MAX;
}

static int bequeath(void *handle)
{
	struct hand *hand = handle;

	return fm_section_set_inheritable(hand->section, true) == FM_OK ? fm_section_number(hand->section) : -1;
}

static void *adopt(unsigned name, int number)
{
	struct hand *hand = calloc(1, sizeof(*hand));

	hand->kind = kind_of(name);
	if (fm_section_adopt(number, &hand->section) == FM_OK)
		return hand;
	free(hand);
	return NULL;
}

static const struct storm_target target = { "sections", acquire, release, use, bequeath, adopt };

static void find_backing(void)
{
	(void)snprintf(backing, sizeof(backing), "%s/backing", getenv("FILEMAP_ROOT"));
}

CHILD(storm_heir)
{
	find_backing();
	storm_objects_heir(&target, NAMES);
}

/* A file of words, whose length is the number of the section; and the market. */
static struct storm_ground make_world(void)
{
	int fd;

	(void)storm_ground_make();
	find_backing();
	fd = open(backing, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	REQUIRE(fd >= 0);
	REQUIRE_EQ(ftruncate(fd, FILE_SIZE), 0);
	close(fd);
	open_market();
	return storm_ground_look();
}

TEST(no_kill_doubles_loses_or_resurrects_a_section)
{
	struct storm_ground before = make_world();

	storm_objects(&target, NAMES, storm_kills(KILLS_SHORT), 300);
	visit_market();
	printf("unnamed sections: %llu given, %llu taken, %llu wrong\n", (unsigned long long)market->given,
	       (unsigned long long)market->taken, (unsigned long long)market->wrong);
	CHECK(market->taken > 0);
	CHECK_EQ(market->wrong, 0);
	REQUIRE_EQ(truncate(backing, 0), 0); /* its bytes are the records' */
	storm_ground_check(before);
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
			execl(check_program(), "heir", (char *)NULL);
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
	struct storm_ground before = make_world();
	unsigned seed = 7;

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
	storm_ground_check(before);
}
