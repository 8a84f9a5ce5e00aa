/* SPDX-License-Identifier: MIT */
/* What of Windows' calls a power cut leaves: flushes, write-through, moves; and who is told of failures. */
#include <errno.h>

#include <windows.h>

#include "lossy.h"
#include "make.h"

enum { SIZE = 2 * 4096 };

static HANDLE open_file(const char *path, DWORD disposition, DWORD flags)
{
	HANDLE file = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, disposition,
				  flags, NULL);

	REQUIRE(file != INVALID_HANDLE_VALUE);
	return file;
}

static void write_bytes(HANDLE file, int byte)
{
	char bytes[SIZE];
	DWORD done = 0;

	memset(bytes, byte, SIZE);
	CHECK(WriteFile(file, bytes, SIZE, &done, NULL));
	CHECK_EQ(done, SIZE);
}

/* A file of @byte that a cut does not touch. */
static const char *old_file(struct lossy *disk, const char *name, int byte)
{
	const char *path = lossy_path(disk, name);
	HANDLE file = open_file(path, CREATE_NEW, 0);
	int dir = open(disk->path, O_RDONLY | O_CLOEXEC);

	write_bytes(file, byte);
	CHECK(FlushFileBuffers(file));
	REQUIRE_EQ(fsync(dir), 0);
	close(dir);
	CHECK(CloseHandle(file));
	return path;
}

/* The byte that the file consists of; -1: of several, or of another number; -2: there is none. */
static int byte_of(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), result;
	char bytes[SIZE + 1];

	if (fd < 0)
		return -2;
	result = read(fd, bytes, sizeof(bytes)) == SIZE ? bytes[0] : -1;
	for (size_t i = 0; result >= 0 && i < SIZE; i++)
		if (bytes[i] != result)
			result = -1;
	close(fd);
	return result;
}

static void flush_view(struct lossy *disk)
{
	for (int buffers = 0; buffers <= 1; buffers++) {
		const char *path;
		HANDLE file, section;
		char *view;

		check_row("%s FlushFileBuffers", buffers ? "with" : "without");
		lossy_format(disk);
		path = old_file(disk, "file", 1);
		file = open_file(path, OPEN_EXISTING, 0);
		section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
		view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
		REQUIRE(view != NULL);
		memset(view, 2, SIZE);
		CHECK(FlushViewOfFile(view, 0));
		if (buffers)
			CHECK(FlushFileBuffers(file));
		CHECK(UnmapViewOfFile(view) && CloseHandle(section) && CloseHandle(file));
		lossy_cut(disk, LOSSY_NOTHING);
		CHECK_EQ(byte_of(path), buffers ? 2 : 1);
	}
}

TEST(a_view_is_durable_after_both_flushes)
{
	with_lossy(flush_view);
}

static void flush_new(struct lossy *disk)
{
	const char *path = lossy_path(disk, "new");
	HANDLE file = open_file(path, CREATE_NEW, 0), copy = NULL;

	CHECK(DuplicateHandle(GetCurrentProcess(), file, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
	write_bytes(file, 2);
	CHECK(FlushFileBuffers(copy));
	CHECK(CloseHandle(file) && CloseHandle(copy));
	lossy_cut(disk, LOSSY_NOTHING);
	CHECK_EQ(byte_of(path), 2);
}

TEST(a_flush_keeps_the_name_of_a_file_that_its_handle_made)
{
	with_lossy(flush_new);
}

static void write_through(struct lossy *disk)
{
	for (int made = 0; made <= 1; made++) {
		const char *path;
		HANDLE file;

		check_row("%s", made ? "CREATE_ALWAYS" : "OPEN_EXISTING");
		lossy_format(disk);
		path = made ? lossy_path(disk, "file") : old_file(disk, "file", 1);
		file = open_file(path, made ? CREATE_ALWAYS : OPEN_EXISTING, FILE_FLAG_WRITE_THROUGH);
		write_bytes(file, 2);
		lossy_cut(disk, LOSSY_NOTHING);
		CHECK_EQ(byte_of(path), 2);
		CHECK(CloseHandle(file));
	}
}

TEST(what_is_written_through_needs_no_flush)
{
	with_lossy(write_through);
}

static void move_and_cut(struct lossy *disk)
{
	static const struct { const char *name; DWORD flags; int from, to; } cases[] = {
		{ "plain", MOVEFILE_REPLACE_EXISTING, 2, 1 },
		{ "through", MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH, -2, 2 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *from, *to;

		check_row("%s", cases[i].name);
		lossy_format(disk);
		to = old_file(disk, "file", 1);
		from = old_file(disk, "file.new", 2);
		CHECK(MoveFileExA(from, to, cases[i].flags));
		CHECK_EQ(byte_of(to), 2);
		lossy_cut(disk, LOSSY_NOTHING);
		CHECK_EQ(byte_of(from), cases[i].from);
		CHECK_EQ(byte_of(to), cases[i].to);
	}
}

TEST(a_move_is_durable_if_it_is_written_through)
{
	with_lossy(move_and_cut);
}

static void rename_and_cut(struct lossy *disk)
{
	for (int through = 0; through <= 1; through++) {
		char room[4096] = { 0 };
		FILE_RENAME_INFO *request = (FILE_RENAME_INFO *)(void *)room;
		const char *from, *to;
		HANDLE file;

		check_row("%s", through ? "through" : "plain");
		lossy_format(disk);
		to = old_file(disk, "file", 1);
		from = old_file(disk, "file.new", 2);
		request->ReplaceIfExists = TRUE;
		for (size_t i = 0; i < strlen(to); i++)
			request->FileName[i] = (WCHAR)to[i];
		request->FileNameLength = (DWORD)(strlen(to) * sizeof(WCHAR));
		file = CreateFileA(from, DELETE, FILE_SHARE_READ, NULL, OPEN_EXISTING, through ? FILE_FLAG_WRITE_THROUGH : 0, NULL);
		SetLastError(0);
		CHECK_EQ(SetFileInformationByHandle(file, FileRenameInfo, request, sizeof(room)) ? 0 : GetLastError(), 0);
		CHECK(CloseHandle(file));
		lossy_cut(disk, LOSSY_NOTHING);
		CHECK_EQ(byte_of(to), through ? 2 : 1);
	}
}

TEST(a_rename_by_a_handle_that_writes_through_is_durable)
{
	with_lossy(rename_and_cut);
}

static void move_here_and_cut(struct lossy *disk)
{
	const char *to = lossy_path(disk, "file");
	char from[600];
	HANDLE file;

	snprintf(from, sizeof(from), "%s/elsewhere", check_directory());
	file = open_file(from, CREATE_NEW, 0);
	write_bytes(file, 2);
	CHECK(CloseHandle(file));
	CHECK(MoveFileExA(from, to, MOVEFILE_COPY_ALLOWED | MOVEFILE_WRITE_THROUGH));
	lossy_cut(disk, LOSSY_NOTHING);
	CHECK_EQ(byte_of(to), 2);
	CHECK_EQ(byte_of(from), -2);
}

TEST(a_move_to_another_disk_keeps_the_copy_before_the_old_file_goes)
{
	with_lossy(move_here_and_cut);
}

/* As programs save: a new file, written and flushed, takes the name of the old one. */
static BOOL save(const char *path, const char *new_path, int byte)
{
	HANDLE file = CreateFileA(new_path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
	char bytes[SIZE];
	DWORD done;
	BOOL saved;

	if (file == INVALID_HANDLE_VALUE)
		return FALSE;
	memset(bytes, byte, SIZE);
	saved = WriteFile(file, bytes, SIZE, &done, NULL) && FlushFileBuffers(file);
	CHECK(CloseHandle(file));
	return saved && MoveFileExA(new_path, path, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH);
}

static void cut_save(struct lossy *disk)
{
	static const uint64_t survivors[] = { LOSSY_NOTHING, LOSSY_EVERYTHING, 0x5555555555555555, 0xaaaaaaaaaaaaaaaa };
	bool cut = true;

	for (unsigned nth = 1; cut; nth++)
		for (size_t i = 0; i < ARRAY_SIZE(survivors); i++) {
			const char *path;
			BOOL saved;
			int byte;

			check_row("request %u, %#llx", nth, (unsigned long long)survivors[i]);
			lossy_format(disk);
			path = old_file(disk, "file", 1);
			lossy_cut_at(disk, nth, survivors[i]);
			saved = save(path, lossy_path(disk, "file.new"), 2);
			cut = disk->off;
			lossy_cut(disk, survivors[i]);
			CHECK(cut || saved);
			byte = byte_of(path);
			CHECK(saved ? byte == 2 : byte == 1 || byte == 2);
		}
}

TEST(a_saved_file_is_the_old_or_the_new_one_after_a_cut_at_any_request)
{
	with_lossy(cut_save);
}

static void tell_both(struct lossy *disk)
{
	HANDLE file = open_file(lossy_path(disk, "file"), CREATE_NEW, 0), section;
	char *view;

	write_bytes(file, 1);
	section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
	view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
	REQUIRE(view != NULL);
	lossy_fail_write(disk, 1, EIO);
	view[0] = 2;
	CHECK(!FlushViewOfFile(view, 0));
	CHECK_EQ(GetLastError(), ERROR_IO_DEVICE);
	CHECK(FlushViewOfFile(view, 0));
	CHECK(!FlushFileBuffers(file));
	CHECK_EQ(GetLastError(), ERROR_IO_DEVICE);
	CHECK(FlushFileBuffers(file));
	CHECK(UnmapViewOfFile(view) && CloseHandle(section) && CloseHandle(file));
}

TEST(a_view_and_its_file_are_both_told_of_a_failed_write_back)
{
	need_write_backs_that_last();
	with_lossy(tell_both);
}
