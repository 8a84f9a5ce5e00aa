/* SPDX-License-Identifier: MIT */
/* Share modes and the rules of mapped files between processes: all pairs, races, death, inheritance. */
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "diskfile.h"
#include "make.h"
#include "os.h"

static const uint32_t rights[] = { DISKFILE_READ, DISKFILE_WRITE, DISKFILE_DELETE };

/* The rights of a three-bit set, numbered as share modes number them. */
static uint32_t access_of(unsigned set)
{
	uint32_t access = DISKFILE_READ_ATTRIBUTES;

	for (unsigned i = 0; i < ARRAY_SIZE(rights); i++)
		access |= set >> i & 1 ? rights[i] : 0;
	return access;
}

static fm_status open_as(const char *path, uint32_t access, uint32_t share, uint32_t disposition, int *ret_number)
{
	struct diskfile_request request = { .path = path, .access = access, .share = share,
					    .disposition = disposition };

	return diskfile_open(&request, ret_number);
}

/* Open and close again: the status. */
static fm_status attempt(const char *path, uint32_t access, uint32_t share, uint32_t disposition)
{
	int number;
	fm_status status = open_as(path, access, share, disposition, &number);

	if (status >= 0)
		REQUIRE_EQ(handle_close(number), FM_OK);
	return status;
}

/* A process that does what it is told through a pipe, one answer for each order. */
struct worker {
	pid_t pid;
	int orders, answers;
};

struct order {
	enum { ORDER_OPEN, ORDER_CLOSE, ORDER_VIEW, ORDER_UNMAP, ORDER_LEAVE } what;
	uint32_t access, share, disposition;
	char path[256];
};

static void *worker_view;

static fm_status obey(const struct order *order, int *number)
{
	fm_section *section;
	fm_status status = FM_OK;

	switch (order->what) {
	case ORDER_OPEN:
		return open_as(order->path, order->access, order->share, order->disposition, number);
	case ORDER_CLOSE:
		status = *number >= 0 ? handle_close(*number) : FM_OK;
		*number = -1;
		return status;
	case ORDER_VIEW:
		status = fm_section_create(&(fm_section_options){ .path = order->path, .access = order->access },
					   &section);
		if (status >= 0)
			status = fm_view_map(section, order->access, 0, 0, &worker_view);
		if (status >= 0)
			fm_section_close(section);
		return status;
	default:
		return fm_view_unmap(worker_view);
	}
}

static struct worker start_worker(void)
{
	struct worker worker;
	int orders[2], answers[2];

	REQUIRE_EQ(pipe(orders), 0);
	REQUIRE_EQ(pipe(answers), 0);
	worker.pid = fork();
	REQUIRE(worker.pid >= 0);
	if (worker.pid == 0) {
		struct order order;
		int number = -1;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(orders[1]);
		while (read(orders[0], &order, sizeof(order)) == sizeof(order)) {
			fm_status status;

			if (order.what == ORDER_LEAVE)
				break; /* a later worker holds this one's pipe too: it never ends */
			status = obey(&order, &number);
			if (write(answers[1], &status, sizeof(status)) != sizeof(status))
				_exit(1);
		}
		_exit(0);
	}
	close(orders[0]);
	close(answers[1]);
	worker.orders = orders[1];
	worker.answers = answers[0];
	return worker;
}

static void tell(const struct worker *worker, const struct order *order)
{
	REQUIRE_EQ(write(worker->orders, order, sizeof(*order)), sizeof(*order));
}

static fm_status answer_of(const struct worker *worker)
{
	fm_status status;

	REQUIRE_EQ(read(worker->answers, &status, sizeof(status)), sizeof(status));
	return status;
}

static fm_status ask(const struct worker *worker, const struct order *order)
{
	tell(worker, order);
	return answer_of(worker);
}

static void end_worker(const struct worker *worker)
{
	tell(worker, &(struct order){ .what = ORDER_LEAVE });
	CHECK_EQ(child_result(worker->pid), 0);
	close(worker->orders);
	close(worker->answers);
}

static struct order order_on(const char *path)
{
	struct order order = { .what = ORDER_OPEN };

	snprintf(order.path, sizeof(order.path), "%s", path);
	return order;
}

static const struct order close_order = { .what = ORDER_CLOSE }, unmap_order = { .what = ORDER_UNMAP };

/* Windows' rule: each shares what the other uses, unless one of them uses nothing. */
static fm_status expected(unsigned uses, unsigned share, unsigned other_uses, unsigned other_share)
{
	if (!uses || !other_uses || !((uses & ~other_share) | (other_uses & ~share)))
		return FM_OK;
	return FM_E_SHARING_VIOLATION;
}

TEST(all_pairs_of_rights_and_share_modes) /* 64 holders in another process x 64 openers */
{
	const char *path = make_file("pairs", 100);
	struct worker worker = start_worker();
	struct order order = order_on(path);

	order.disposition = DISKFILE_OPEN_EXISTING;
	for (unsigned holder = 0; holder < 64; holder++) {
		order.access = access_of(holder & 7);
		order.share = holder >> 3;
		REQUIRE_EQ(ask(&worker, &order), FM_OK);
		for (unsigned opener = 0; opener < 64; opener++) {
			check_row("holder uses %u shares %u, opener uses %u shares %u", holder & 7, holder >> 3,
				  opener & 7, opener >> 3);
			CHECK_EQ(attempt(path, access_of(opener & 7), opener >> 3, DISKFILE_OPEN_EXISTING),
				 expected(opener & 7, opener >> 3, holder & 7, holder >> 3));
		}
		REQUIRE_EQ(ask(&worker, &close_order), FM_OK);
		CHECK_EQ(attempt(path, access_of(7), 0, DISKFILE_OPEN_EXISTING), FM_OK);
	}
	end_worker(&worker);
}

TEST(handles_of_one_process_count_too)
{
	const char *path = make_file("one", 100);
	int number;

	REQUIRE_EQ(open_as(path, DISKFILE_READ, DISKFILE_SHARE_READ, DISKFILE_OPEN_EXISTING, &number), FM_OK);
	CHECK_EQ(attempt(path, DISKFILE_READ, 7, DISKFILE_OPEN_EXISTING), FM_OK);
	CHECK_EQ(attempt(path, DISKFILE_WRITE, 7, DISKFILE_OPEN_EXISTING), FM_E_SHARING_VIOLATION);
	CHECK_EQ(attempt(path, DISKFILE_READ, 0, DISKFILE_OPEN_EXISTING), FM_E_SHARING_VIOLATION);
	REQUIRE_EQ(handle_close(number), FM_OK);
}

/*
 * Openers at once, in the worst order: in each round everybody has set his marks before anybody looks at
 * the others'. The first look of a round waits for all.
 */
struct arena {
	atomic_uint looked, finished, closed; /* sums over all rounds */
	atomic_uint winners;                  /* of this round */
	unsigned count;
};

static struct arena *arena;
static int (*real_getlk)(int fd, struct flock *lock);
static bool first_look;

static void wait_for(const atomic_uint *sum, unsigned all)
{
	while (atomic_load(sum) < all)
		sched_yield();
}

static int getlk_together(int fd, struct flock *lock)
{
	if (first_look) {
		unsigned round = atomic_fetch_add(&arena->looked, 1) / arena->count;

		first_look = false;
		wait_for(&arena->looked, (round + 1) * arena->count);
	}
	return real_getlk(fd, lock);
}

static int compete(const char *path, uint32_t access, unsigned rounds)
{
	real_getlk = os.ofd_getlk;
	os.ofd_getlk = getlk_together;
	for (unsigned round = 1; round <= rounds; round++) {
		fm_status status;
		int number = -1;

		first_look = true;
		status = open_as(path, access, 0, DISKFILE_OPEN_EXISTING, &number);
		if (status >= 0)
			atomic_fetch_add(&arena->winners, 1);
		else
			CHECK_EQ(status, FM_E_SHARING_VIOLATION);
		if (atomic_fetch_add(&arena->finished, 1) + 1 == round * arena->count)
			CHECK_EQ(atomic_exchange(&arena->winners, 0), 1);
		wait_for(&arena->finished, round * arena->count);
		if (number >= 0)
			CHECK_EQ(handle_close(number), FM_OK);
		atomic_fetch_add(&arena->closed, 1);
		wait_for(&arena->closed, round * arena->count);
	}
	return check_failures != 0;
}

static void race(unsigned count, unsigned rounds, uint32_t access)
{
	const char *path = make_file("race", 100);
	pid_t pids[4];

	arena = mmap(NULL, sizeof(*arena), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(arena != MAP_FAILED);
	arena->count = count;
	for (unsigned i = 0; i < count; i++) {
		pids[i] = fork();
		REQUIRE(pids[i] >= 0);
		if (pids[i] == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			_exit(compete(path, access, rounds));
		}
	}
	for (unsigned i = 0; i < count; i++)
		CHECK_EQ(child_result(pids[i]), 0);
}

TEST(one_of_two_simultaneous_openers_wins)
{
	race(2, 1000, DISKFILE_READ | DISKFILE_WRITE);
}

TEST(one_of_four_simultaneous_readers_wins) /* through read-only descriptions, which can lock nobody out */
{
	race(4, 250, DISKFILE_READ);
}

TEST(a_killed_holder_leaves_nothing)
{
	const char *path = make_file("killed", 100);
	struct worker worker = start_worker();
	struct order order = order_on(path);

	order.access = DISKFILE_READ | DISKFILE_WRITE | DISKFILE_DELETE;
	order.disposition = DISKFILE_OPEN_EXISTING;
	REQUIRE_EQ(ask(&worker, &order), FM_OK);
	CHECK_EQ(attempt(path, DISKFILE_READ, 7, DISKFILE_OPEN_EXISTING), FM_E_SHARING_VIOLATION);
	kill(worker.pid, SIGKILL);
	CHECK_EQ(child_result(worker.pid), -SIGKILL);
	CHECK_EQ(attempt(path, DISKFILE_READ | DISKFILE_WRITE, 0, DISKFILE_OPEN_EXISTING), FM_OK);
}

TEST(an_inherited_handle_keeps_its_share_mode) /* until both have closed it */
{
	const char *path = make_file("inherited", 100);
	int number, go[2];
	pid_t child;

	REQUIRE_EQ(pipe(go), 0);
	REQUIRE_EQ(open_as(path, DISKFILE_READ, 0, DISKFILE_OPEN_EXISTING, &number), FM_OK);
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0) {
		char byte;

		close(go[1]);
		_exit(read(go[0], &byte, 1) != 0);
	}
	REQUIRE_EQ(handle_close(number), FM_OK);
	CHECK_EQ(attempt(path, DISKFILE_READ, 7, DISKFILE_OPEN_EXISTING), FM_E_SHARING_VIOLATION);
	close(go[1]);
	CHECK_EQ(child_result(child), 0);
	CHECK_EQ(attempt(path, DISKFILE_READ, 7, DISKFILE_OPEN_EXISTING), FM_OK);
}

/* ---- mapped files ---- */

static fm_status cut_to(const char *path, uint64_t size)
{
	uint64_t position;
	int number;
	fm_status status;

	REQUIRE_EQ(open_as(path, DISKFILE_READ | DISKFILE_WRITE, 7, DISKFILE_OPEN_EXISTING, &number), FM_OK);
	REQUIRE_EQ(diskfile_seek(number, (int64_t)size, DISKFILE_BEGIN, INT64_MAX, &position), FM_OK);
	status = diskfile_set_end(number);
	REQUIRE_EQ(handle_close(number), FM_OK);
	return status;
}

TEST(a_view_in_another_process_holds_the_file) /* its file and section handles are closed */
{
	static const struct {
		uint32_t access;
		fm_status without_share_write;
	} cases[] = { { FM_READ, FM_OK }, { FM_READ | FM_WRITE, FM_E_SHARING_VIOLATION } };
	struct worker worker = start_worker();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *path = make_file("held", 8192);
		struct order order = order_on(path);

		check_row("access %u", cases[i].access);
		order.what = ORDER_VIEW;
		order.access = cases[i].access;
		REQUIRE_EQ(ask(&worker, &order), FM_OK);
		CHECK_EQ(cut_to(path, 100), FM_E_USER_MAPPED_FILE);
		CHECK_EQ(cut_to(path, 8191), FM_E_USER_MAPPED_FILE);
		CHECK_EQ(cut_to(path, 8192), FM_OK); /* nothing is cut */
		CHECK_EQ(cut_to(path, 10000), FM_OK);
		CHECK_EQ(attempt(path, DISKFILE_WRITE, 7, DISKFILE_CREATE_ALWAYS), FM_E_USER_MAPPED_FILE);
		CHECK_EQ(attempt(path, DISKFILE_WRITE, 7, DISKFILE_TRUNCATE_EXISTING), FM_E_USER_MAPPED_FILE);
		CHECK_EQ(attempt(path, DISKFILE_READ, 5, DISKFILE_OPEN_EXISTING), cases[i].without_share_write);
		CHECK_EQ(attempt(path, DISKFILE_READ | DISKFILE_WRITE, 7, DISKFILE_OPEN_EXISTING), FM_OK);
		CHECK_EQ(attempt(path, 0, 0, DISKFILE_OPEN_EXISTING), FM_OK);
		CHECK_EQ(diskfile_delete(path), FM_E_CANNOT_DELETE);
		REQUIRE_EQ(ask(&worker, &unmap_order), FM_OK);
		CHECK_EQ(cut_to(path, 100), FM_OK);
		CHECK_EQ(attempt(path, DISKFILE_READ, 0, DISKFILE_OPEN_EXISTING), FM_OK);
		CHECK_EQ(attempt(path, DISKFILE_WRITE, 0, DISKFILE_CREATE_ALWAYS), FM_NAME_EXISTS);
		CHECK_EQ(diskfile_delete(path), FM_OK);
	}
	end_worker(&worker);
}

/* Another file system over the test's directory, seen by this process alone. */
static void mount_overlay(char *ret_path, size_t size)
{
	char base[300], options[1000];

	snprintf(base, sizeof(base), "%s/overlay", check_directory());
	REQUIRE_EQ(mkdir(base, 0700), 0);
	if (unshare(CLONE_NEWNS) || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", base, "tmpfs", 0, NULL))
		check_skip("needs the privilege to mount");
	snprintf(options, sizeof(options), "lowerdir=%s/lower,upperdir=%s/upper,workdir=%s/work", base, base, base);
	snprintf(ret_path, size, "%s/merged", base);
	REQUIRE_EQ(chdir(base), 0);
	REQUIRE_EQ(mkdir("lower", 0700) | mkdir("upper", 0700) | mkdir("work", 0700) | mkdir("merged", 0700), 0);
	if (mount("overlay", ret_path, "overlay", 0, options))
		check_skip("needs overlayfs");
}

TEST(a_view_holds_the_file_on_overlayfs_too) /* where a mapping does not keep the description it was made from */
{
	char path[400];
	fm_section *section;
	char *views[2];
	int fd;

	mount_overlay(path, sizeof(path) - 10);
	strcat(path, "/x");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	REQUIRE_EQ(ftruncate(fd, 4096), 0);
	close(fd);
	section = make_file_section(path, FM_READ | FM_WRITE);
	views[0] = make_view(section, FM_READ, 0, 0);
	views[1] = make_view(section, FM_WRITE, 0, 0);
	fm_section_close(section);
	REQUIRE_EQ(fm_view_unmap(views[0]), FM_OK);
	CHECK_EQ(cut_to(path, 0), FM_E_USER_MAPPED_FILE);
	CHECK_EQ(attempt(path, DISKFILE_READ, 5, DISKFILE_OPEN_EXISTING), FM_E_SHARING_VIOLATION);
	REQUIRE_EQ(fm_view_unmap(views[1]), FM_OK);
	CHECK_EQ(cut_to(path, 0), FM_OK);
}

TEST(a_section_without_views_holds_the_file)
{
	const char *path = make_file("section", 4096);
	fm_section *section = make_file_section(path, FM_READ);

	CHECK_EQ(cut_to(path, 0), FM_E_USER_MAPPED_FILE);
	CHECK_EQ(diskfile_delete(path), FM_E_CANNOT_DELETE);
	fm_section_close(section);
	CHECK_EQ(cut_to(path, 0), FM_OK);
}

TEST(a_named_section_opened_elsewhere_holds_the_file) /* after its maker has gone */
{
	const char *path = make_file("named", 4096), *name = check_name("share-modes");
	fm_section *made = make_section(&(fm_section_options){ .path = path, .name = name }), *opened;
	char *view;

	REQUIRE_EQ(fm_section_open(name, FM_READ, &opened), FM_OK);
	fm_section_close(made);
	CHECK_EQ(cut_to(path, 0), FM_E_USER_MAPPED_FILE);
	CHECK_EQ(attempt(path, DISKFILE_READ, 5, DISKFILE_OPEN_EXISTING), FM_E_SHARING_VIOLATION);
	view = make_view(opened, FM_READ, 0, 0);
	fm_section_close(opened);
	CHECK_EQ(cut_to(path, 0), FM_E_USER_MAPPED_FILE);
	REQUIRE_EQ(fm_view_unmap(view), FM_OK);
	CHECK_EQ(cut_to(path, 0), FM_OK);
}

TEST(a_forked_view_holds_the_file)
{
	const char *path = make_file("forked", 4096);
	fm_section *section = make_file_section(path, FM_READ | FM_WRITE);
	char *view = make_view(section, FM_WRITE, 0, 0);
	int go[2];
	pid_t child;

	REQUIRE_EQ(pipe(go), 0);
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0) {
		char byte;

		fm_section_close(section);
		close(go[1]);
		_exit(read(go[0], &byte, 1) != 0);
	}
	fm_section_close(section);
	REQUIRE_EQ(fm_view_unmap(view), FM_OK);
	CHECK_EQ(cut_to(path, 0), FM_E_USER_MAPPED_FILE);
	close(go[1]);
	CHECK_EQ(child_result(child), 0);
	CHECK_EQ(cut_to(path, 0), FM_OK);
}

TEST(a_killed_mapper_leaves_nothing)
{
	const char *path = make_file("mapper", 4096);
	struct worker worker = start_worker();
	struct order order = order_on(path);

	order.what = ORDER_VIEW;
	order.access = FM_READ | FM_WRITE;
	REQUIRE_EQ(ask(&worker, &order), FM_OK);
	CHECK_EQ(cut_to(path, 0), FM_E_USER_MAPPED_FILE);
	kill(worker.pid, SIGKILL);
	CHECK_EQ(child_result(worker.pid), -SIGKILL);
	CHECK_EQ(cut_to(path, 0), FM_OK);
}

/* One try: 1 a section, 0 the file was empty; *cut: it was mapped, and smaller than the section. */
static unsigned map_once(const char *path, bool *cut)
{
	fm_section *section;
	fm_section_info info;
	fm_status status = fm_section_create(&(fm_section_options){ .path = path, .access = FM_READ }, &section);
	int fd;

	if (status != FM_OK) {
		CHECK_EQ(status, FM_E_MAPPED_FILE_SIZE_ZERO);
		return 0;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	CHECK_EQ(fm_section_query(section, &info), FM_OK);
	*cut = *cut || lseek(fd, 0, SEEK_END) < (off_t)info.size;
	close(fd);
	fm_section_close(section);
	return 1;
}

TEST(cutting_and_mapping_at_once_never_meet) /* a section is never larger than its file */
{
	const char *path = make_file("meet", 8192);
	pid_t child = fork();
	unsigned counts[2] = { 0, 0 };
	bool cut = false;

	REQUIRE(child >= 0);
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			(void)cut_to(path, 0);
			(void)cut_to(path, 8192);
		}
	}
	while (counts[0] < 500 || counts[1] < 500)
		counts[map_once(path, &cut)]++;
	kill(child, SIGKILL);
	CHECK_EQ(child_result(child), -SIGKILL);
	CHECK(!cut);
}
