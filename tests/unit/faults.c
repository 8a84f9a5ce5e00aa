/* SPDX-License-Identifier: MIT */
/* Every public call with each of its system calls failing: a documented failure, nothing left, good again. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "fault.h"
#include "make.h"

enum backing { MEMORY, FILE_BACKED, NAMED, NAMED_FILE, RESERVED, NAMED_RESERVED, BACKINGS };

#define ALL ((1u << BACKINGS) - 1)
#define WITH_NAME (1u << NAMED | 1u << NAMED_FILE | 1u << NAMED_RESERVED)
#define WITHOUT_RESERVE (ALL & ~(1u << RESERVED | 1u << NAMED_RESERVED))
#define WITH_RESERVE (1u << RESERVED | 1u << NAMED_RESERVED)
#define WITH_FILE (1u << FILE_BACKED | 1u << NAMED_FILE)

enum { PAGES = 8 };

/* What stands before each call. */
static struct {
	enum backing backing;
	fm_section_options options;
	fm_section *section;
	char *view;
	int pair[2];
	/* what a call made, for its undo */
	fm_section *made;
	void *base;
} world;

/* What any call may say when the system refuses what it normally grants, and the injected error as itself. */
static const fm_status general[] = {
	FM_E_DISK_FULL, FM_E_INVALID_HANDLE,
	FM_E_NO_MEMORY, FM_E_TOO_MANY_OPENED_FILES, FM_E_INSUFFICIENT_RESOURCES, FM_E_IO_DEVICE_ERROR,
	FM_E_ACCESS_DENIED, FM_E_NOT_SUPPORTED, FM_E_TIMEOUT, FM_E_INVALID_PARAMETER, FM_E_UNSUCCESSFUL, 0,
};

#define MAKING                                                                                     \
	FM_E_COMMITMENT_LIMIT, FM_E_DISK_FULL, FM_E_SECTION_TOO_BIG, FM_E_INVALID_HANDLE,          \
		FM_E_CONFLICTING_ADDRESSES, FM_E_FILE_INVALID

static fm_status create(void)
{
	return fm_section_create(&world.options, &world.made);
}

static fm_status create_new(void)
{
	return fm_section_create_new(&world.options, &world.made);
}

static fm_status open_name(void)
{
	return fm_section_open(world.options.name, FM_WRITE, &world.made);
}

static fm_status duplicate(void)
{
	return fm_section_duplicate(world.section, 0, &world.made);
}

static fm_status narrow(void)
{
	return fm_section_duplicate(world.section, FM_READ, &world.made);
}

static void close_made(void)
{
	fm_section_close(world.made);
}

static fm_status query_section(void)
{
	fm_section_info info;

	return fm_section_query(world.section, &info);
}

static fm_status inherit(void)
{
	return fm_section_set_inheritable(world.section, true);
}

static fm_status extend(void)
{
	static uint64_t pages = PAGES;

	return fm_section_extend(world.section, ++pages * PAGE);
}

static fm_status send_section(void)
{
	return fm_section_send(world.section, world.pair[0], 0);
}

static void drain(void)
{
	fm_section *section;

	while (fm_section_receive(world.pair[1], &section) == FM_OK)
		fm_section_close(section);
}

/* A fault leaves the message in the socket or loses it: a fresh one each time. */
static fm_status receive(void)
{
	return fm_section_receive(world.pair[1], &world.made);
}

static fm_status map_read(void)
{
	return fm_view_map(world.section, FM_READ, 5, 5000, &world.base);
}

static fm_status map_write(void)
{
	return fm_view_map(world.section, FM_WRITE, 0, 0, &world.base);
}

static fm_status map_copy(void)
{
	return fm_view_map(world.section, FM_COPY, 0, 0, &world.base);
}

static fm_status map_populated(void)
{
	fm_map_options options = { .access = FM_READ, .flags = FM_MAP_POPULATE };

	return fm_view_map_with(world.section, &options, &world.base);
}

static void unmap_made(void)
{
	CHECK_EQ(fm_view_unmap(world.base), FM_OK);
}

static fm_status protect_read(void)
{
	return fm_view_protect(world.view + PAGE, 2 * PAGE, FM_READ, NULL);
}

static fm_status protect_copy(void)
{
	return fm_view_protect(world.view, 3 * PAGE, FM_COPY, NULL);
}

static void protect_back(void)
{
	CHECK_EQ(fm_view_protect(world.view, 3 * PAGE, FM_WRITE, NULL), FM_OK);
	CHECK_EQ(query_of(world.view).protection, FM_READ | FM_WRITE);
}

static fm_status commit(void)
{
	static size_t page = 3;

	return fm_view_commit(world.view + page++ % PAGES * PAGE, PAGE, FM_WRITE);
}

static fm_status query_view(void)
{
	fm_view_info info;

	return fm_view_query(world.view, &info);
}

static fm_status flush_each(void)
{
	fm_status status = FM_OK;

	for (unsigned level = FM_FLUSH_START; status == FM_OK && level <= FM_FLUSH_ALL; level++)
		status = fm_view_flush(world.view, PAGE, level);
	return status;
}

static fm_status hint_each(void)
{
	fm_status status = fm_view_prefetch(world.view, PAGE);

	if (status == FM_OK)
		status = fm_view_page_out(world.view, PAGE);
	return status == FM_OK ? fm_view_advise(world.view, PAGE, FM_ADVICE_RANDOM) : status;
}

static fm_status copy_both_ways(void)
{
	char bytes[100];
	fm_status status = fm_read(bytes, world.view, sizeof(bytes), NULL);

	return status == FM_OK ? fm_write(world.view, bytes, sizeof(bytes), NULL) : status;
}

static bool see_entry(const fm_entry *entry, void *context)
{
	(void)entry, (void)context;
	return true;
}

static bool see_holder(const fm_holder *holder, void *context)
{
	(void)holder, (void)context;
	return true;
}

static bool see_view(const fm_view_info *view, void *context)
{
	(void)view, (void)context;
	return true;
}

static fm_status list_names(void)
{
	return fm_namespace_list(FM_LOCAL, see_entry, NULL);
}

static fm_status list_holders(void)
{
	return fm_name_holders(world.options.name, see_holder, NULL);
}

static fm_status list_views(void)
{
	return fm_view_list(see_view, NULL);
}

static fm_status sweep(void)
{
	return fm_namespace_sweep(FM_LOCAL, NULL, NULL);
}

/* A name that exists is what some calls are about, others need it to be free. LONG ones make a call or more for
 * each process of the system: some of them fail. */
enum { HAS_SECTION = 1, HAS_VIEW = 2, SENT = 4, LONG = 8 };

static const struct operation {
	const char *name;
	fm_status (*call)(void);
	void (*undo)(void);
	unsigned backings, needs;
	fm_status documented[8];
} operations[] = {
	{ "create", create, close_made, ALL, 0, { MAKING } },
	{ "create existing", create, close_made, WITH_NAME, HAS_SECTION, { MAKING } },
	{ "create_new", create_new, close_made, ALL, 0, { MAKING } },
	{ "open", open_name, close_made, WITH_NAME, HAS_SECTION, { MAKING } },
	{ "duplicate", duplicate, close_made, ALL, HAS_SECTION, { MAKING } },
	{ "duplicate narrower", narrow, close_made, ALL, HAS_SECTION, { MAKING } },
	{ "query", query_section, NULL, ALL, HAS_SECTION, { 0 } },
	{ "set_inheritable", inherit, NULL, ALL, HAS_SECTION, { 0 } },
	{ "extend", extend, NULL, WITHOUT_RESERVE, HAS_SECTION, { MAKING } },
	{ "send", send_section, drain, ALL, HAS_SECTION, { MAKING } },
	{ "receive", receive, close_made, ALL, HAS_SECTION | SENT, { MAKING, FM_E_OBJECT_CORRUPT } },
	{ "map reading", map_read, unmap_made, ALL, HAS_SECTION, { FM_E_CONFLICTING_ADDRESSES } },
	{ "map writing", map_write, unmap_made, ALL, HAS_SECTION, { FM_E_CONFLICTING_ADDRESSES } },
	{ "map copying", map_copy, unmap_made, ALL, HAS_SECTION, { FM_E_CONFLICTING_ADDRESSES, FM_E_COMMITMENT_LIMIT } },
	{ "map populated", map_populated, unmap_made, WITHOUT_RESERVE, HAS_SECTION, { FM_E_CONFLICTING_ADDRESSES } },
	{ "protect", protect_read, protect_back, ALL, HAS_VIEW, { FM_E_CONFLICTING_ADDRESSES } },
	{ "protect copying", protect_copy, protect_back, ALL, HAS_VIEW, { FM_E_CONFLICTING_ADDRESSES, FM_E_IN_PAGE_ERROR } },
	{ "commit", commit, NULL, WITH_RESERVE, HAS_VIEW, { FM_E_COMMITMENT_LIMIT, FM_E_CONFLICTING_ADDRESSES } },
	{ "query view", query_view, NULL, ALL, HAS_VIEW, { 0 } },
	{ "flush", flush_each, NULL, ALL, HAS_VIEW, { FM_E_DISK_FULL, FM_E_FILE_INVALID } },
	{ "hints", hint_each, NULL, ALL, HAS_VIEW, { FM_E_CONFLICTING_ADDRESSES } },
	{ "copies", copy_both_ways, NULL, ALL, HAS_VIEW, { 0 } },
	{ "list names", list_names, NULL, WITH_NAME, HAS_SECTION, { MAKING } },
	{ "list holders", list_holders, NULL, WITH_NAME, HAS_SECTION | LONG, { MAKING } },
	{ "list views", list_views, NULL, 1u << MEMORY, HAS_VIEW, { 0 } },
	{ "sweep", sweep, NULL, WITH_NAME, HAS_SECTION, { MAKING } },
};

static bool is_in(const fm_status *list, size_t count, fm_status status)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == status)
			return true;
	return false;
}

static void prepare(enum backing backing)
{
	static const char *path;

	path = path ? path : make_file("backing", PAGES * PAGE);
	setenv("FILEMAP_ROOT", check_directory(), 1);
	warm_up();
	world.backing = backing;
	world.options = (fm_section_options){ .size = PAGES * PAGE };
	if (1u << backing & WITH_NAME)
		world.options.name = check_name("faults");
	if (1u << backing & WITH_FILE) {
		world.options.path = path;
		world.options.size = 0;
	}
	if (1u << backing & WITH_RESERVE)
		world.options.flags = FM_SECTION_RESERVE;
	REQUIRE_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, world.pair), 0);
}

static void enter(const struct operation *operation)
{
	if (!(operation->needs & (HAS_SECTION | HAS_VIEW)))
		return;
	world.section = make_section(&world.options);
	CHECK_EQ(fm_view_unmap(make_view(world.section, FM_READ, 0, 0)), FM_OK); /* what it opens once */
	if (!(operation->needs & HAS_VIEW))
		return;
	world.view = make_view(world.section, FM_WRITE, 0, 0);
	if (1u << world.backing & WITH_RESERVE) {
		REQUIRE_EQ(fm_view_commit(world.view, 3 * PAGE, FM_WRITE), FM_OK);
		REQUIRE_EQ(protect_copy(), FM_OK); /* mapped anew they are a mapping apart: the kernel watches the others */
		protect_back();
	}
}

static void leave(void)
{
	if (world.view)
		CHECK_EQ(fm_view_unmap(world.view), FM_OK);
	fm_section_close(world.section);
	world.view = NULL;
	world.section = NULL;
}

/* Is the world the same after a call under fault, and does the call work again? */
static void examine(const struct operation *operation, fm_status status, struct fault_world before, unsigned nth,
		    int error)
{
	int failures = check_failures;

	if (status >= 0 && operation->undo)
		operation->undo();
	if (operation->needs & SENT)
		drain();
	(void)fm_namespace_sweep(FM_LOCAL, NULL, NULL); /* what could not be buried under the fault is dead */
	CHECK_SAME_WORLD(before);
	if (status < 0 && !is_in(general, ARRAY_SIZE(general), status) &&
	    !is_in(operation->documented, ARRAY_SIZE(operation->documented), status))
		check_failed(__FILE__, __LINE__, "%s", fm_status_name(status));
	if (operation->needs & SENT)
		REQUIRE_EQ(send_section(), FM_OK);
	status = operation->call();
	if (status < 0)
		check_failed(__FILE__, __LINE__, "again: %s", fm_status_name(status));
	else if (operation->undo)
		operation->undo();
	if (check_failures > failures)
		check_fatal(__FILE__, __LINE__, "in \"%s\", backing %d, fault %u: %s", operation->name,
			    (int)world.backing, nth, strerror(error));
}

/* @arm arms the @nth fault. */
static void fail_each(const struct operation *operation, int error, void (*arm)(unsigned nth, int error))
{
	bool fired = true;

	for (unsigned nth = 1; fired; nth += operation->needs & LONG ? 1 + nth / 2 : 1) {
		struct fault_world before;
		fm_status status;

		if (operation->needs & SENT)
			REQUIRE_EQ(send_section(), FM_OK);
		if (operation->needs & SENT)
			drain();
		before = fault_world();
		if (operation->needs & SENT)
			REQUIRE_EQ(send_section(), FM_OK);
		world.made = NULL;
		arm(nth, error);
		status = operation->call();
		fired = fault_disarm();
		examine(operation, status, before, nth, error);
	}
}

static void arm_once(unsigned nth, int error)
{
	fault_arm("*", nth, FAULT_ONCE, error);
}

static void arm_from(unsigned nth, int error)
{
	fault_arm("*", nth, FAULT_FROM, error);
}

static void arm_allocation(unsigned nth, int error)
{
	(void)error;
	fault_arm_allocation(nth, FAULT_ONCE);
}

static void fail_all(enum backing backing)
{
	static const int errors[] = { ENOMEM, EMFILE, ENOSPC, EIO, EINTR, EINVAL, ENOSYS, EACCES };

	prepare(backing);
	for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
		if (!(operations[i].backings >> backing & 1))
			continue;
		enter(&operations[i]);
		for (size_t e = 0; e < ARRAY_SIZE(errors); e++) {
			fail_each(&operations[i], errors[e], arm_once);
			if (operations[i].needs & LONG)
				break;
			if (errors[e] != EACCES) /* for a lock that means waiting: a second for each */
				fail_each(&operations[i], errors[e], arm_from);
		}
		fail_each(&operations[i], ENOMEM, arm_allocation);
		leave();
	}
}

TEST(memory_survives_every_fault)
{
	fail_all(MEMORY);
}

TEST(file_survives_every_fault)
{
	fail_all(FILE_BACKED);
}

TEST(named_memory_survives_every_fault)
{
	fail_all(NAMED);
}

TEST(named_file_survives_every_fault)
{
	fail_all(NAMED_FILE);
}

TEST(reserved_memory_survives_every_fault)
{
	fail_all(RESERVED);
}

TEST(named_reserved_memory_survives_every_fault)
{
	fail_all(NAMED_RESERVED);
}
