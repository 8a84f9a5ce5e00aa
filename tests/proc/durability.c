/* SPDX-License-Identifier: MIT */
/* What a power cut leaves after each level of flushing, on a disk that keeps only what was synced. */
#include "disk.h"
#include "lossy.h"
#include "make.h"

enum { PAGES = 4 };

/* A file of @pages pages of 1s that a cut does not touch. */
static const char *old_file(struct lossy *disk, const char *name, size_t pages)
{
	const char *path = lossy_path(disk, name);
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600), dir = open(disk->path, O_RDONLY | O_CLOEXEC);
	char page[PAGE];

	REQUIRE(fd >= 0 && dir >= 0);
	memset(page, 1, PAGE);
	for (size_t i = 0; i < pages; i++)
		REQUIRE_EQ(write(fd, page, PAGE), PAGE);
	REQUIRE(fsync(fd) == 0 && fsync(dir) == 0);
	close(dir);
	close(fd);
	return path;
}

/* The byte that all of page @page consists of; -1: of several; -2: there is no such page. */
static int page_of(const char *path, size_t page)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), result;
	char bytes[PAGE];

	REQUIRE(fd >= 0);
	result = pread(fd, bytes, PAGE, (off_t)(page * PAGE)) != (ssize_t)PAGE ? -2 : bytes[0];
	for (size_t i = 0; result >= 0 && i < PAGE; i++)
		if (bytes[i] != bytes[0])
			result = -1;
	close(fd);
	return result;
}

static off_t size_of(const char *path)
{
	struct stat st;

	REQUIRE_EQ(stat(path, &st), 0);
	return st.st_size;
}

/* Without a handle there is no way to hand over and no more. */
static const struct { const char *name; unsigned level; bool durable, durable_alone, metadata; } levels[] = {
	{ "START", FM_FLUSH_START, false, false, false }, { "WRITE", FM_FLUSH_WRITE, false, true, false },
	{ "DATA", FM_FLUSH_DATA, true, true, false },	  { "ALL", FM_FLUSH_ALL, true, true, true },
};

/* Views whose handles are open, and views that outlive them. */
static void flush_and_cut(struct lossy *disk, bool keep_handle)
{
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		bool durable = keep_handle ? levels[i].durable : levels[i].durable_alone;
		const char *path;
		fm_section *section;
		char *view;

		check_row("%s%s", levels[i].name, keep_handle ? "" : ", handles closed");
		lossy_format(disk);
		path = old_file(disk, "file", PAGES);
		section = make_file_section(path, 0);
		view = make_view(section, FM_WRITE, 0, 0);
		if (!keep_handle)
			fm_section_close(section);
		memset(view, 2, PAGES * PAGE);
		CHECK_EQ(fm_view_flush(view + PAGE, 2 * PAGE, levels[i].level), FM_OK);
		CHECK_EQ(fm_view_unmap(view), FM_OK);
		if (keep_handle)
			fm_section_close(section);
		lossy_cut(disk, LOSSY_NOTHING);
		CHECK_EQ(size_of(path), PAGES * PAGE);
		CHECK_EQ(page_of(path, 1), durable ? 2 : 1);
		CHECK_EQ(page_of(path, 2), durable ? 2 : 1);
	}
}

static void flush_with_handle(struct lossy *disk)
{
	flush_and_cut(disk, true);
}

static void flush_without_handle(struct lossy *disk)
{
	flush_and_cut(disk, false);
}

TEST(only_the_durable_levels_outlive_a_cut)
{
	with_lossy(flush_with_handle);
}

TEST(the_same_holds_when_the_handles_are_closed)
{
	with_lossy(flush_without_handle);
}

/* Whatever part of the rest the cut spares. */
static void flush_some(struct lossy *disk)
{
	static const struct { uint64_t survivors; int page; } cases[] = {
		{ LOSSY_NOTHING, 1 }, { LOSSY_EVERYTHING, 3 }, { 0x5555555555555555, -1 }, { 0x00ff00ff00ff00ff, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *path;
		fm_section *section;
		char *view;

		check_row("%#llx", (unsigned long long)cases[i].survivors);
		lossy_format(disk);
		path = old_file(disk, "file", PAGES);
		section = make_file_section(path, 0);
		view = make_view(section, FM_WRITE, 0, 0);
		memset(view, 2, 2 * PAGE);
		CHECK_EQ(fm_view_flush(view, 2 * PAGE, FM_FLUSH_DATA), FM_OK);
		memset(view + 2 * PAGE, 3, 2 * PAGE);
		CHECK_EQ(fm_view_flush(view + 2 * PAGE, 2 * PAGE, FM_FLUSH_WRITE), FM_OK);
		fm_section_close(section);
		CHECK_EQ(fm_view_unmap(view), FM_OK);
		lossy_cut(disk, cases[i].survivors);
		CHECK_EQ(page_of(path, 0), 2);
		CHECK_EQ(page_of(path, 1), 2);
		CHECK_EQ(page_of(path, 3), cases[i].page);
	}
}

TEST(flushed_pages_are_whole_whatever_becomes_of_the_others)
{
	with_lossy(flush_some);
}

static void weak_then_durable(struct lossy *disk)
{
	const char *path = old_file(disk, "file", PAGES);
	fm_section *section = make_file_section(path, 0);
	char *view = make_view(section, FM_WRITE, 0, 0);

	memset(view, 2, PAGE);
	CHECK_EQ(fm_view_flush(view, PAGE, FM_FLUSH_START), FM_OK);
	memset(view + PAGE, 2, PAGE);
	CHECK_EQ(fm_view_flush(view + PAGE, PAGE, FM_FLUSH_WRITE), FM_OK);
	CHECK_EQ(fm_view_flush(view, 2 * PAGE, FM_FLUSH_DATA), FM_OK);
	fm_section_close(section);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	lossy_cut(disk, LOSSY_NOTHING);
	CHECK_EQ(page_of(path, 0), 2);
	CHECK_EQ(page_of(path, 1), 2);
}

TEST(a_durable_flush_covers_what_a_weaker_one_has_written)
{
	with_lossy(weak_then_durable);
}

static void flush_times(struct lossy *disk)
{
	const struct timespec times[2] = { { 1000000, 0 }, { 1000000, 0 } };

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		const char *path;
		fm_section *section;
		struct stat st;
		char *view;

		check_row("%s", levels[i].name);
		lossy_format(disk);
		path = old_file(disk, "file", 1);
		section = make_file_section(path, 0);
		view = make_view(section, FM_WRITE, 0, 0);
		view[0] = 2;
		REQUIRE_EQ(utimensat(AT_FDCWD, path, times, 0), 0);
		CHECK_EQ(fm_view_flush(view, 0, levels[i].level), FM_OK);
		fm_section_close(section);
		CHECK_EQ(fm_view_unmap(view), FM_OK);
		lossy_cut(disk, LOSSY_NOTHING);
		REQUIRE_EQ(stat(path, &st), 0);
		CHECK_EQ(st.st_mtim.tv_sec == 1000000, levels[i].metadata);
	}
}

TEST(times_are_durable_after_the_highest_level_alone)
{
	with_lossy(flush_times);
}

/* The file grows with its section, or with a section made for it. */
static void flush_extended(struct lossy *disk)
{
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		fm_section_options options = { .size = 3 * PAGE + 7 };
		fm_section *section;
		char *view;

		check_row("%s", levels[i].name);
		lossy_format(disk);
		options.path = old_file(disk, "file", 1);
		section = make_section(&options);
		CHECK_EQ(fm_section_extend(section, 6 * PAGE), FM_OK);
		view = make_view(section, FM_WRITE, 0, 0);
		memset(view, 2, 6 * PAGE);
		CHECK_EQ(fm_view_flush(view, 0, levels[i].level), FM_OK);
		fm_section_close(section);
		CHECK_EQ(fm_view_unmap(view), FM_OK);
		lossy_cut(disk, LOSSY_NOTHING);
		CHECK_EQ(size_of(options.path), levels[i].durable ? 6 * PAGE : PAGE);
		CHECK_EQ(page_of(options.path, levels[i].durable ? 5 : 0), levels[i].durable ? 2 : 1);
	}
}

TEST(a_durable_flush_keeps_the_new_size)
{
	with_lossy(flush_extended);
}

static void unmap_first(struct lossy *disk)
{
	const char *path = old_file(disk, "file", PAGES);
	fm_section *section = make_file_section(path, 0);
	char *gone = make_view(section, FM_WRITE, 0, 0), *view;

	memset(gone, 2, PAGE);
	CHECK_EQ(fm_view_unmap(gone), FM_OK);
	view = make_view(section, FM_READ, 0, 0);
	CHECK_EQ(fm_view_flush(view, PAGE, FM_FLUSH_DATA), FM_OK);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	fm_section_close(section);
	lossy_cut(disk, LOSSY_NOTHING);
	CHECK_EQ(page_of(path, 0), 2);
}

TEST(a_flush_covers_what_was_written_through_a_view_that_is_gone)
{
	with_lossy(unmap_first);
}

static void never_flushed(struct lossy *disk)
{
	const char *path = old_file(disk, "file", PAGES);
	fm_section *section = make_file_section(path, 0);
	char *view = make_view(section, FM_WRITE, 0, 0);

	memset(view, 2, PAGE);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	fm_section_close(section);
	lossy_cut(disk, LOSSY_NOTHING);
	CHECK_EQ(page_of(path, 0), 1);
}

TEST(unmapping_promises_nothing)
{
	with_lossy(never_flushed);
}

static void flush_private(struct lossy *disk)
{
	const char *path = old_file(disk, "file", 1);
	fm_section *section = make_file_section(path, 0);
	char *view = make_view(section, FM_COPY, 0, 0);

	memset(view, 2, PAGE);
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		CHECK_EQ(fm_view_flush(view, 0, levels[i].level), FM_OK);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	fm_section_close(section);
	lossy_cut(disk, LOSSY_EVERYTHING);
	CHECK_EQ(page_of(path, 0), 1);
}

TEST(private_copies_never_reach_the_disk)
{
	with_lossy(flush_private);
}

/* ---- a log written ahead of its data ---- */

enum { RECORDS = 3 };

struct record {
	uint64_t number, check;
	char bytes[2 * PAGE - 16];
};

static uint64_t checksum(const struct record *record)
{
	uint64_t sum = 0xcbf29ce484222325 ^ record->number;

	for (size_t i = 0; i < sizeof(record->bytes); i++)
		sum = (sum ^ (unsigned char)record->bytes[i]) * 0x100000001b3;
	return sum;
}

/* The program: log a record, flush, tell that it is there, then the data. Ends where the machine does. */
static unsigned run_log(const char *log_path, const char *data_path)
{
	fm_section *log = make_file_section(log_path, 0), *data = make_file_section(data_path, 0);
	struct record *record = (struct record *)make_view(log, FM_WRITE, 0, 0);
	char *bytes = make_view(data, FM_WRITE, 0, 0);
	unsigned told = 0;

	for (unsigned i = 1; i <= RECORDS; i++) {
		record->number = i;
		memset(record->bytes, (int)i + 10, sizeof(record->bytes));
		record->check = checksum(record);
		if (fm_view_flush(record, 0, FM_FLUSH_DATA) != FM_OK)
			break;
		told = i;
		memset(bytes, (int)i + 10, PAGES * PAGE);
		if (fm_view_flush(bytes, 0, FM_FLUSH_DATA) != FM_OK)
			break;
	}
	fm_section_close(log);
	fm_section_close(data);
	CHECK_EQ(fm_view_unmap(record), FM_OK);
	CHECK_EQ(fm_view_unmap(bytes), FM_OK);
	return told;
}

/* What a start after the cut does: a whole record is done again. Which state is it then? */
static int recover(const char *log_path, const char *data_path)
{
	fm_section *log = make_file_section(log_path, FM_READ), *data = make_file_section(data_path, 0);
	const struct record *record = (const struct record *)make_view(log, FM_READ, 0, 0);
	char *bytes = make_view(data, FM_WRITE, 0, 0);
	int state;

	if (record->number && record->check == checksum(record))
		memset(bytes, record->bytes[0], PAGES * PAGE);
	state = (unsigned char)bytes[0];
	for (size_t i = 0; i < PAGES * PAGE; i++)
		if ((unsigned char)bytes[i] != state)
			state = -1;
	fm_section_close(log);
	fm_section_close(data);
	CHECK_EQ(fm_view_unmap((void *)(uintptr_t)record), FM_OK);
	CHECK_EQ(fm_view_unmap(bytes), FM_OK);
	return state;
}

static void cut_log(struct lossy *disk)
{
	static const uint64_t survivors[] = { LOSSY_NOTHING, LOSSY_EVERYTHING, 0x5555555555555555, 0xff00ff0000ffff00 };
	bool cut = true;

	for (unsigned nth = 1; cut; nth++)
		for (size_t i = 0; i < ARRAY_SIZE(survivors); i++) {
			const char *log, *data;
			unsigned told;
			int state;

			check_row("request %u, %#llx", nth, (unsigned long long)survivors[i]);
			lossy_format(disk);
			log = old_file(disk, "log", 2);
			data = old_file(disk, "data", PAGES);
			lossy_cut_at(disk, nth, survivors[i]);
			told = run_log(log, data);
			cut = disk->off;
			lossy_cut(disk, survivors[i]);
			CHECK(cut || told == RECORDS);
			CHECK(!cut || nth <= RECORDS * (2 + PAGES + 1)); /* page by page on old kernels */
			state = recover(log, data); /* what was told is there, or the one that was under way */
			CHECK(told ? state == (int)told + 10 || state == (int)told + 11 : state == 1 || state == 11);
		}
}

TEST(a_log_written_ahead_recovers_from_a_cut_at_any_request)
{
	with_lossy(cut_log);
}

/* ---- a second opinion: a journalling file system, and what its disk holds at that moment ---- */

static void copy_image(const char *from, const char *to)
{
	static char block[1 << 16];
	int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ssize_t got;

	REQUIRE(in >= 0 && out >= 0);
	while ((got = read(in, block, sizeof(block))) > 0)
		REQUIRE_EQ(write(out, block, (size_t)got), got);
	REQUIRE_EQ(got, 0);
	close(in);
	close(out);
}

TEST(a_copy_of_an_ext4_disk_after_a_durable_flush_has_the_bytes)
{
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		char image[600], copy[600], before[600], after[600], path[700];
		fm_section *section;
		char *view;
		int fd;

		if (!levels[i].durable)
			continue;
		check_row("%s", levels[i].name);
		snprintf(image, sizeof(image), "%s/disk%zu", check_directory(), i);
		snprintf(copy, sizeof(copy), "%s/copy%zu", check_directory(), i);
		snprintf(before, sizeof(before), "%s/before%zu", check_directory(), i);
		snprintf(after, sizeof(after), "%s/after%zu", check_directory(), i);
		disk_make(image, 8);
		small_unshare();
		REQUIRE(mkdir(before, 0700) == 0 && mkdir(after, 0700) == 0);
		disk_mount(image, before, NULL);
		snprintf(path, sizeof(path), "%s/file", before);
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		REQUIRE(fd >= 0 && write(fd, "", 1) == 1 && fsync(fd) == 0);
		section = make_file_section(path, 0);
		CHECK_EQ(fm_section_extend(section, PAGES * PAGE), FM_OK);
		view = make_view(section, FM_WRITE, 0, 0);
		memset(view, 2, PAGES * PAGE);
		CHECK_EQ(fm_view_flush(view, 0, levels[i].level), FM_OK);
		copy_image(image, copy);
		CHECK_EQ(fm_view_unmap(view), FM_OK);
		fm_section_close(section);
		close(fd);
		disk_mount(copy, after, NULL); /* the journal is gone through, as after a cut */
		snprintf(path, sizeof(path), "%s/file", after);
		CHECK_EQ(size_of(path), PAGES * PAGE);
		for (size_t page = 0; page < PAGES; page++)
			CHECK_EQ(page_of(path, page), 2);
		REQUIRE(umount(after) == 0 && umount(before) == 0);
	}
}
