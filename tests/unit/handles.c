/* SPDX-License-Identifier: MIT */
/* Numbers as handles: entered, closed once, never found again. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "fault.h"
#include "handle.h"
#include "lock.h"
#include "make.h"
#include "os.h"
#include "section.h"

/* An entered section; returns its number. */
static int publish(fm_section *section)
{
	REQUIRE_EQ(handle_publish(&section->handle, section->fd), FM_OK);
	return section->fd;
}

static fm_status enter(int number, fm_section **ret_section)
{
	struct handle *handle = NULL;
	fm_status status = handle_enter(number, &section_kind, &handle);

	CHECK_EQ(handle != NULL, status == FM_OK);
	*ret_section = (fm_section *)handle;
	return status;
}

static fm_status look(int number)
{
	fm_section *section;
	fm_status status = enter(number, &section);

	if (status == FM_OK)
		handle_leave(&section->handle);
	return status;
}

TEST(number_is_valid_until_closed_once)
{
	int number = publish(make_memory(PAGE, 0));
	fm_section *section;

	REQUIRE_EQ(enter(number, &section), FM_OK);
	CHECK_EQ(section->fd, number);
	(void)make_view(section, FM_WRITE, 0, 0);
	handle_leave(&section->handle);
	CHECK_EQ(handle_close(number), FM_OK);
	CHECK_EQ(look(number), FM_E_INVALID_HANDLE);
	CHECK_EQ(handle_close(number), FM_E_INVALID_HANDLE);
	CHECK(fcntl(number, F_GETFD) < 0);
}

TEST(numbers_that_are_nothing_are_invalid)
{
	static const int numbers[] = { -1, -1000, 9999, 1 << 20, 1 << 30, INT32_MAX };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		CHECK_EQ(look(numbers[i]), FM_E_INVALID_HANDLE);
		CHECK_EQ(handle_close(numbers[i]), FM_E_INVALID_HANDLE);
	}
}

TEST(other_descriptors_are_no_sections)
{
	int fd = open("/dev/null", O_RDWR), pipes[2];

	REQUIRE_EQ(pipe(pipes), 0);
	CHECK_EQ(look(fd), FM_E_OBJECT_TYPE_MISMATCH);
	CHECK_EQ(look(pipes[0]), FM_E_OBJECT_TYPE_MISMATCH);
	CHECK(fcntl(fd, F_GETFD) >= 0);
}

TEST(document_that_looks_like_a_name_is_a_file)
{
	fm_section_options options = { .name = check_name("handles-document"), .path = make_file("victim", PAGE) };
	fm_section *section = make_section(&options);
	static char image[0x10000];
	int number = fm_section_number(section), document = open(make_file("document", 0), O_RDWR);
	struct stat here, there;

	REQUIRE(fstat(number, &there) == 0 && fstat(document, &here) == 0);
	if (here.st_dev == there.st_dev)
		check_skip("the test directory lies on the device of the namespace");
	REQUIRE_EQ(pread(number, image, sizeof(image), 0), sizeof(image));
	REQUIRE_EQ(pwrite(document, image, sizeof(image), 0), sizeof(image));
	CHECK_EQ(look(document), FM_E_OBJECT_TYPE_MISMATCH);
	fm_section_close(section);
}

/* The first number may stay open, because views are mapped through it; it is no handle any more. */
TEST(closed_number_is_invalid_while_a_duplicate_lives)
{
	static const bool inherits[] = { false, true };

	for (size_t i = 0; i < ARRAY_SIZE(inherits); i++) {
		fm_section *first = make_memory(PAGE, 0), *second;
		int number, other;

		REQUIRE_EQ(fm_section_set_inheritable(first, inherits[i]), FM_OK);
		REQUIRE_EQ(fm_section_duplicate(first, 0, &second), FM_OK);
		number = publish(first);
		other = publish(second);
		CHECK(number != other);
		CHECK_EQ(handle_close(number), FM_OK);
		CHECK_EQ(look(number), FM_E_INVALID_HANDLE);
		CHECK_EQ(handle_close(number), FM_E_INVALID_HANDLE);
		REQUIRE_EQ(enter(other, &second), FM_OK);
		(void)make_view(second, FM_WRITE, 0, 0);
		handle_leave(&second->handle);
		CHECK_EQ(handle_close(other), FM_OK);
		CHECK(fcntl(number, F_GETFD) < 0);
		CHECK(fcntl(other, F_GETFD) < 0);
	}
}

TEST(closed_number_of_a_reserved_section_is_invalid_while_a_view_lives)
{
	fm_section_options options = { .size = PAGE, .flags = FM_SECTION_RESERVE | FM_SECTION_INHERITABLE };
	fm_section *section = make_section(&options);
	char *view = make_view(section, FM_WRITE, 0, 0);
	int number = publish(section);

	CHECK_EQ(handle_close(number), FM_OK);
	CHECK_EQ(look(number), FM_E_INVALID_HANDLE);
	CHECK_EQ(fm_view_commit(view, PAGE, FM_WRITE), FM_OK);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
}

TEST(closing_waits_for_who_is_inside)
{
	static const bool inherits[] = { false, true };

	for (size_t i = 0; i < ARRAY_SIZE(inherits); i++) {
		fm_section *section = make_memory(PAGE, 0);
		int number;

		REQUIRE_EQ(fm_section_set_inheritable(section, inherits[i]), FM_OK);
		number = publish(section);
		REQUIRE_EQ(enter(number, &section), FM_OK);
		CHECK_EQ(handle_close(number), FM_OK);
		CHECK_EQ(look(number), FM_E_INVALID_HANDLE);
		(void)make_view(section, FM_WRITE, 0, 0);
		handle_leave(&section->handle);
		CHECK(fcntl(number, F_GETFD) < 0);
	}
}

/* A file may be adopted whatever its flags, so the table must remember that this one was closed. */
TEST(closed_while_somebody_is_inside_is_not_adopted_again)
{
	fm_section_options filed = { .path = make_file("a", PAGE) };
	int numbers[] = { open(make_file("b", PAGE), O_RDWR | O_CLOEXEC), publish(make_memory(PAGE, 0)),
			  publish(make_section(&filed)) };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		struct handle *inside = NULL, *other;

		REQUIRE_EQ(handle_enter(numbers[i], NULL, &inside), FM_OK);
		REQUIRE_EQ(handle_close(numbers[i]), FM_OK);
		CHECK_EQ(handle_enter(numbers[i], NULL, &other), FM_E_INVALID_HANDLE);
		CHECK_EQ(handle_close(numbers[i]), FM_E_INVALID_HANDLE);
		CHECK(fcntl(numbers[i], F_GETFD) >= 0);
		handle_leave(inside);
		CHECK(fcntl(numbers[i], F_GETFD) < 0);
		CHECK_EQ(handle_close(numbers[i]), FM_E_INVALID_HANDLE);
	}
}

TEST(who_is_inside_outlives_the_reuse_of_a_number_closed_behind_our_back)
{
	int number = publish(make_memory(PAGE, 0));
	fm_section *inside, *fresh;

	REQUIRE_EQ(enter(number, &inside), FM_OK);
	REQUIRE_EQ(close(number), 0);
	fresh = make_memory(2 * PAGE, 0);
	REQUIRE_EQ(publish(fresh), number);
	CHECK_EQ(inside->section->size, PAGE);
	handle_leave(&inside->handle);
	CHECK(fcntl(number, F_GETFD) >= 0);
	CHECK_EQ(section_size(fresh), 2 * PAGE);
	CHECK_EQ(handle_close(number), FM_OK);
}

/* Threads that use a number while another closes it are what is tested here: no race of the library's. */
__attribute__((visibility("default"))) const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
	return "race:call_close\n";
}

static atomic_int shared_number;
static atomic_uint closed, invalid, entered;
static pthread_barrier_t together;

static void *closer(void *context)
{
	for (int round = 0; round < 500; round++) {
		fm_status status;
		int serial;

		serial = pthread_barrier_wait(&together);
		if (serial == PTHREAD_BARRIER_SERIAL_THREAD)
			shared_number = publish(make_memory(PAGE, 0));
		(void)pthread_barrier_wait(&together);
		if (look(shared_number) == FM_OK)
			entered++;
		status = handle_close(shared_number);
		closed += status == FM_OK;
		invalid += status == FM_E_INVALID_HANDLE;
	}
	return context;
}

TEST(of_many_closers_exactly_one_succeeds)
{
	pthread_t threads[4];

	REQUIRE_EQ(pthread_barrier_init(&together, NULL, ARRAY_SIZE(threads)), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		REQUIRE_EQ(pthread_create(&threads[i], NULL, closer, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		REQUIRE_EQ(pthread_join(threads[i], NULL), 0);
	CHECK_EQ(closed, 500);
	CHECK_EQ(invalid, 500 * (ARRAY_SIZE(threads) - 1));
	CHECK(entered >= 500);
}

static atomic_bool stop;

static void *user(void *context)
{
	intptr_t mapped = 0;

	(void)context;
	while (!stop) {
		fm_section *section;
		void *view;

		if (handle_enter(shared_number, &section_kind, (struct handle **)&section) != FM_OK)
			continue;
		CHECK_EQ(fm_view_map(section, FM_READ, 0, 0, &view), FM_OK);
		CHECK_EQ(fm_view_unmap(view), FM_OK);
		handle_leave(&section->handle);
		mapped++;
	}
	return (void *)mapped;
}

TEST(users_and_a_closer_do_not_disturb_one_another)
{
	pthread_t threads[2];
	struct fault_world before;

	warm_up();
	before = fault_world();
	shared_number = publish(make_memory(PAGE, 0));
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		REQUIRE_EQ(pthread_create(&threads[i], NULL, user, NULL), 0);
	for (int round = 0; round < 3000; round++) {
		int number = shared_number;

		shared_number = publish(make_memory(PAGE, 0));
		CHECK_EQ(handle_close(number), FM_OK);
	}
	stop = true;
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		REQUIRE_EQ(pthread_join(threads[i], NULL), 0);
	CHECK_EQ(handle_close(shared_number), FM_OK);
	CHECK_EQ(fault_world().descriptors, before.descriptors);
}

TEST(publish_without_memory_keeps_the_handle)
{
	fm_section *section = make_memory(PAGE, 0);

	fault_arm_allocation(1, FAULT_ONCE);
	CHECK_EQ(handle_publish(&section->handle, section->fd), FM_E_NO_MEMORY);
	CHECK(fault_disarm());
	CHECK_EQ(handle_publish(&section->handle, section->fd), FM_OK);
	CHECK_EQ(handle_close(section->fd), FM_OK);
}

TEST(child_has_its_parents_numbers)
{
	int number = publish(make_memory(PAGE, 0));
	pid_t child = fork();

	if (child == 0)
		_exit(look(number) != FM_OK || handle_close(number) != FM_OK || look(number) != FM_E_INVALID_HANDLE);
	CHECK_EQ(child_result(child), 0);
	CHECK_EQ(look(number), FM_OK);
	CHECK_EQ(handle_close(number), FM_OK);
}

/* Run by itself after exec: the number was inherited, nobody has entered it. */
static int after_exec(int number)
{
	fm_section *section;

	if (enter(number, &section) != FM_OK)
		return 1;
	if (make_view(section, FM_READ, 0, 0)[5] != 55)
		return 2;
	handle_leave(&section->handle);
	return handle_close(number) == FM_OK ? 0 : 3;
}

__attribute__((constructor)) static void maybe_after_exec(void)
{
	const char *number = getenv("FILEMAP_TEST_NUMBER");

	if (number)
		_exit(after_exec(atoi(number)));
}

TEST(number_works_after_exec)
{
	fm_section_options named = { .name = check_name("handles-exec"), .size = PAGE };
	fm_section_options filed = { .path = make_file("a", PAGE) };
	fm_section *sections[] = { make_memory(PAGE, 0), make_section(&named), make_section(&filed) };

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		pid_t child;

		make_view(sections[i], FM_WRITE, 0, 0)[5] = 55;
		REQUIRE_EQ(fm_section_set_inheritable(sections[i], true), FM_OK);
		child = fork();
		if (child == 0) {
			char number[16];

			snprintf(number, sizeof(number), "%d", fm_section_number(sections[i]));
			setenv("FILEMAP_TEST_NUMBER", number, 1);
			execl(check_program(), "handles", (char *)NULL);
			_exit(127);
		}
		CHECK_EQ(child_result(child), 0);
		fm_section_close(sections[i]);
	}
}

TEST(record_of_a_file_keeps_the_rights_of_its_handle)
{
	fm_section_options options = { .path = make_file("a", PAGE), .access = FM_READ | FM_WRITE | FM_EXEC };
	fm_section *section = make_section(&options), *reader = NULL, *again = NULL;
	void *view;

	REQUIRE_EQ(fm_section_duplicate(section, FM_READ, &reader), FM_OK);
	REQUIRE_EQ(fm_section_set_inheritable(reader, true), FM_OK);
	REQUIRE_EQ(fm_section_adopt(dup(fm_section_number(reader)), &again), FM_OK);
	CHECK_EQ(fm_view_map(again, FM_READ | FM_EXEC, 0, 0, &view), FM_E_ACCESS_DENIED);
	CHECK_EQ(fm_view_map(again, FM_READ, 0, 0, &view), FM_OK);
}

static int inheritable_descriptors(void)
{
	int count = 0;

	for (int fd = 3; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) == 0;
	return count;
}

/* What else a child kept would hold the file as mapped for as long as the child lives. */
TEST(only_what_a_child_uses_is_inherited)
{
	fm_section_options named = { .name = check_name("handles-inherit"), .path = make_file("a", PAGE),
				     .flags = FM_SECTION_INHERITABLE };
	fm_section_options unnamed = { .path = make_file("b", PAGE), .flags = FM_SECTION_INHERITABLE };
	int before = inheritable_descriptors();
	fm_section *section = make_section(&named), *copy = NULL;

	CHECK_EQ(inheritable_descriptors(), before + 1);
	CHECK_EQ(fm_section_set_inheritable(section, true), FM_OK);
	CHECK_EQ(inheritable_descriptors(), before + 1);
	fm_section_close(section);
	section = make_section(&unnamed);
	CHECK_EQ(inheritable_descriptors(), before + 2);
	REQUIRE_EQ(fm_section_duplicate(section, 0, &copy), FM_OK);
	CHECK_EQ(fm_section_set_inheritable(copy, false), FM_OK);
	CHECK_EQ(inheritable_descriptors(), before + 2);
	fm_section_close(copy);
	CHECK_EQ(fm_section_set_inheritable(section, false), FM_OK);
	CHECK_EQ(inheritable_descriptors(), before);
}

/* ---- kinds of the test's own: what happens between two steps, made exact ---- */

struct toy {
	struct handle handle; /* first */
	int number;
};
static unsigned toys_closed, toys_forgotten;
static bool (*toy_lost)(struct handle *handle);

static void close_toy(struct handle *handle)
{
	(void)close(((struct toy *)handle)->number);
	toys_closed++;
}

static void forget_toy(struct handle *handle)
{
	free(handle);
	toys_forgotten++;
}

static bool is_toy_lost(struct handle *handle)
{
	return toy_lost && toy_lost(handle);
}

static const struct handle_kind toy_kind = { .name = "toy", .close = close_toy, .forget = forget_toy, .lost = is_toy_lost };

/* A toy under a number that is open. */
static struct handle *make_toy(int number)
{
	struct toy *toy = calloc(1, sizeof(*toy));

	REQUIRE(toy != NULL && dup2(0, number) == number);
	handle_init(&toy->handle, &toy_kind);
	toy->number = number;
	return &toy->handle;
}

static struct handle *publish_toy(int number)
{
	struct handle *toy = make_toy(number);

	REQUIRE_EQ(handle_publish(toy, number), FM_OK);
	return toy;
}

TEST(numbers_beyond_the_table_cannot_be_entered)
{
	static const int numbers[] = { -1, INT32_MIN, 1 << 20, INT32_MAX };
	struct toy toy = { .number = -1 };

	handle_init(&toy.handle, &toy_kind);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		CHECK_EQ(handle_publish(&toy.handle, numbers[i]), FM_E_NO_MEMORY);
	fault_arm_allocation(1, FAULT_ONCE);
	CHECK_EQ(handle_publish(&toy.handle, 700), FM_E_NO_MEMORY);
	CHECK(fault_disarm());
}

TEST(kinds_beyond_the_last_place_are_left_out)
{
	const struct handle_kind *more[EXTRA_KINDS + 2] = { 0 };
	uint32_t count = 0;

	for (int i = 0; i <= EXTRA_KINDS; i++)
		more[i] = &toy_kind;
	handle_add_kinds(more);
	while (handle_kind_at(count))
		count++;
	CHECK_EQ(count, 3 + EXTRA_KINDS);
}

TEST(a_number_entered_anew_forgets_who_had_it)
{
	struct handle *handle = NULL;
	int number = 600;

	REQUIRE_EQ(lock_ready(), FM_OK);
	(void)publish_toy(number);
	(void)publish_toy(number); /* the program had closed the first behind our back */
	grace_settle();
	CHECK_EQ(toys_forgotten, 1);
	CHECK_EQ(toys_closed, 0);
	REQUIRE_EQ(handle_enter(number, &toy_kind, &handle), FM_OK);
	handle_leave(handle);
	CHECK_EQ(handle_close(number), FM_OK);
	CHECK_EQ(toys_closed, 1);
}

static void *(*real_allocate)(size_t size);

/* Another thread enters a number of the same piece of the table meanwhile. */
static void *allocate_too_late(size_t size)
{
	os_allocate_hook = real_allocate;
	(void)publish_toy(601);
	return real_allocate(size);
}

TEST(two_threads_make_one_piece_of_the_table)
{
	struct handle *toy = make_toy(600), *handle = NULL;

	REQUIRE_EQ(lock_ready(), FM_OK);
	real_allocate = os_allocate_hook;
	os_allocate_hook = allocate_too_late;
	CHECK_EQ(handle_publish(toy, 600), FM_OK);
	for (int number = 600; number <= 601; number++) {
		REQUIRE_EQ(handle_enter(number, &toy_kind, &handle), FM_OK);
		CHECK_EQ(handle->number, number);
		handle_leave(handle);
	}
}

/* Whoever looks between the last user's leave and the end of the grace period. */
TEST(a_handle_whose_last_user_has_left_is_not_entered)
{
	struct handle *toy, *handle = NULL;
	int number = dup(fm_section_number(make_memory(PAGE, 0))); /* as if inherited: it could be adopted */

	REQUIRE_EQ(lock_ready(), FM_OK);
	toy = calloc(1, sizeof(struct toy));
	REQUIRE(toy != NULL);
	handle_init(toy, &toy_kind);
	REQUIRE_EQ(handle_publish(toy, number), FM_OK);
	atomic_store(&toy->users, 0);
	CHECK_EQ(handle_enter(number, NULL, &handle), FM_E_INVALID_HANDLE);
	CHECK(handle == NULL);
	CHECK(fcntl(number, F_GETFD) >= 0);
}

/* The program has closed the number. */
static bool lose_it(struct handle *handle)
{
	(void)close(handle->number);
	return true;
}

/* Two threads find it lost. */
static bool lose_it_twice(struct handle *handle)
{
	toy_lost = lose_it;
	(void)look(handle->number);
	return true;
}

TEST(a_lost_handle_leaves_the_table_once)
{
	static bool (*const ways[])(struct handle *) = { lose_it, lose_it_twice };

	REQUIRE_EQ(lock_ready(), FM_OK);
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		unsigned before = toys_closed;

		check_row("%zu", i);
		(void)publish_toy(600);
		toy_lost = ways[i];
		CHECK_EQ(look(600), FM_E_INVALID_HANDLE);
		CHECK_EQ(toys_closed, before + 1);
	}
}

/* Another thread closes it between the look and the removal. */
static bool close_it_first(struct handle *handle)
{
	toy_lost = NULL;
	CHECK_EQ(handle_close(handle->number), FM_OK);
	return false;
}

TEST(of_two_threads_that_close_a_number_one_does)
{
	REQUIRE_EQ(lock_ready(), FM_OK);
	(void)publish_toy(600);
	toy_lost = close_it_first;
	CHECK_EQ(handle_close(600), FM_E_INVALID_HANDLE);
	CHECK_EQ(toys_closed, 1);
}

static int (*real_fstat)(int, struct stat *);
static int (*real_get_seals)(int);
static pthread_t second_thread;

static void *second_look(void *number)
{
	return (void *)(intptr_t)look((int)(intptr_t)number);
}

/* Another thread meets the same unknown number. */
static int fstat_and_second_look(int fd, struct stat *st)
{
	os.fstat = real_fstat;
	REQUIRE_EQ(pthread_create(&second_thread, NULL, second_look, (void *)(intptr_t)fd), 0);
	return real_fstat(fd, st);
}

TEST(two_threads_that_meet_an_unknown_number_enter_it_once)
{
	int number = dup(fm_section_number(make_memory(PAGE, 0)));
	struct fault_world before;
	void *status = NULL;

	REQUIRE_EQ(lock_ready(), FM_OK);
	before = fault_world();
	real_fstat = os.fstat;
	os.fstat = fstat_and_second_look;
	CHECK_EQ(look(number), FM_OK);
	CHECK(os.fstat == real_fstat);
	REQUIRE_EQ(pthread_join(second_thread, &status), 0);
	CHECK_EQ((fm_status)(intptr_t)status, FM_OK);
	CHECK_EQ(fault_world().descriptors, before.descriptors);
	CHECK_EQ(handle_close(number), FM_OK);
	CHECK_EQ(fault_world().descriptors, before.descriptors - 1);
}

/* It was closed, and its number is that of another handle now. */
static int fstat_and_reuse(int fd, struct stat *st)
{
	os.fstat = real_fstat;
	(void)publish_toy(fd);
	return real_fstat(fd, st);
}

TEST(what_enters_a_number_that_is_being_looked_at_stays)
{
	int number = dup(fm_section_number(make_memory(PAGE, 0)));
	struct handle *handle = NULL;

	REQUIRE_EQ(lock_ready(), FM_OK);
	real_fstat = os.fstat;
	os.fstat = fstat_and_reuse;
	REQUIRE_EQ(handle_enter(number, NULL, &handle), FM_OK);
	CHECK(os.fstat == real_fstat);
	CHECK(handle->kind == &toy_kind);
	handle_leave(handle);
	CHECK_EQ(handle_close(number), FM_OK);
	CHECK_EQ(toys_closed, 1);
}

static int fstat_of_a_closed_one(int fd, struct stat *st)
{
	os.fstat = real_fstat;
	(void)close(fd);
	return real_fstat(fd, st);
}

static int get_seals_of_a_closed_one(int fd)
{
	os.get_seals = real_get_seals;
	(void)close(fd);
	return real_get_seals(fd);
}

static int fstat_before_the_second_seals(int fd, struct stat *st)
{
	static int calls;

	if (++calls == 2)
		os.get_seals = get_seals_of_a_closed_one;
	return real_fstat(fd, st);
}

/* By the program, with close(2), in the middle of our looking at it. */
TEST(unknown_number_closed_while_it_is_looked_at_is_invalid)
{
	int (*const fstats[])(int, struct stat *) = { fstat_of_a_closed_one, fstat_before_the_second_seals };
	fm_section *section = make_memory(PAGE, 0);

	REQUIRE_EQ(lock_ready(), FM_OK);
	real_fstat = os.fstat;
	real_get_seals = os.get_seals;
	for (size_t i = 0; i < ARRAY_SIZE(fstats); i++) {
		int number = dup(fm_section_number(section));

		check_row("%zu", i);
		os.fstat = fstats[i];
		CHECK_EQ(look(number), FM_E_INVALID_HANDLE);
		CHECK(fcntl(number, F_GETFD) < 0);
		os.fstat = real_fstat;
	}
	CHECK(os.get_seals == real_get_seals);
}

TEST(an_unknown_number_without_memory_for_the_table_stays_the_programs)
{
	bool fired = true;
	int number;

	make_room_for_descriptors(2000);
	number = fcntl(fm_section_number(make_memory(PAGE, 0)), F_DUPFD, 2000);
	REQUIRE_EQ(number, 2000);
	for (unsigned nth = 1; fired; nth++) {
		fm_status status;

		fault_arm_allocation(nth, FAULT_ONCE);
		status = look(number);
		fired = fault_disarm();
		check_row("%u", nth);
		CHECK_EQ(status, fired ? FM_E_NO_MEMORY : FM_OK);
		CHECK(fcntl(number, F_GETFD) >= 0);
	}
}

TEST(what_a_kind_cannot_is_not_supported)
{
	struct toy toy = { .number = -1 };
	bool inheritable = true;
	int number = -1;

	handle_init(&toy.handle, &toy_kind);
	CHECK_EQ(handle_duplicate(&toy.handle, NULL, false, &number), FM_E_NOT_SUPPORTED);
	toy.handle.number = 900; /* not open */
	CHECK_EQ(handle_inheritable(&toy.handle, &inheritable), FM_E_INVALID_HANDLE);
	CHECK_EQ(handle_set_inheritable(&toy.handle, true), FM_E_INVALID_HANDLE);
	CHECK(inheritable);
	CHECK_EQ(number, -1);
}

TEST(without_kcmp_two_handles_on_one_inode_are_the_same)
{
	struct handle *first = make_toy(600), *second = make_toy(601), *other = make_toy(602), *gone = make_toy(603);
	const struct {
		struct handle *a, *b;
		bool same, known; /* known: the kernel tells */
	} cases[] = {
		{ first, second, true, true }, { first, other, false, true }, { first, second, true, false },
		{ first, other, false, false }, { first, gone, false, false }, { gone, first, false, false },
	};

	REQUIRE_EQ(dup2(open("/dev/zero", O_RDONLY), 602), 602);
	REQUIRE_EQ(close(603), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cases[i].a->number = ((struct toy *)cases[i].a)->number;
		cases[i].b->number = ((struct toy *)cases[i].b)->number;
		check_row("%zu", i);
		if (!cases[i].known)
			fault_arm("kcmp_file", 1, FAULT_ONCE, ENOSYS);
		CHECK_EQ(handle_same(cases[i].a, cases[i].b), cases[i].same);
		CHECK_EQ(fault_disarm(), !cases[i].known);
	}
}
