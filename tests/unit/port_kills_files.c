/* SPDX-License-Identifier: MIT */
/*
 * Calls on files, killed before and after each of their system calls (kill_rows.h). Of the dead nothing keeps
 * others away: no share mode, no lock, no mapping. A file is as it was or as it was to become; a copy, which is
 * many steps on Windows too, may be a part, but what it is a copy of is whole.
 */
#include <windows.h>

#include <winioctl.h>

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

/* after Windows' headers */
#include "kill_rows.h"

#define ALL_SHARED (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
#define OLD 100   /* bytes of the file "one", all 1 */
#define OTHER 300 /* of "two" */

static HANDLE file = INVALID_HANDLE_VALUE, other = INVALID_HANDLE_VALUE;
static char one[512], two[512], three[512], far_away[512], bytes[200];
static DWORD done;

/* ---- what is prepared ---- */

static void no_file(void)
{
	snprintf(one, sizeof(one), "%s/one", check_directory());
	snprintf(two, sizeof(two), "%s/two", check_directory());
	snprintf(three, sizeof(three), "%s/three", check_directory());
	memset(bytes, 2, sizeof(bytes));
}

static void one_file(void)
{
	no_file();
	(void)make_file("one", OLD);
	REQUIRE_EQ(truncate(one, OLD), 0);
}

static void two_files(void)
{
	one_file();
	(void)make_file("two", OTHER);
	REQUIRE_EQ(truncate(two, OTHER), 0);
}

/* One that lives in another file system, so that a move is a copy. */
static void a_far_file(void)
{
	one_file();
	snprintf(far_away, sizeof(far_away), "/dev/shm/filemap-test-%d", (int)getpid());
}

static HANDLE open_one(DWORD share, DWORD disposition, DWORD flags)
{
	return CreateFileA(one, GENERIC_READ | GENERIC_WRITE | DELETE, share, NULL, disposition, flags, NULL);
}

static void open_it(void)
{
	file = open_one(ALL_SHARED, OPEN_EXISTING, 0);
	REQUIRE(file != INVALID_HANDLE_VALUE);
}

/* ---- what is found ---- */

static off_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : -1;
}

/* Nobody uses the file, has locked a byte of it, or maps it: then it goes. */
static void nobody_uses(const char *path)
{
	OVERLAPPED from = { 0 };
	HANDLE mine;

	if (size_of(path) < 0)
		return;
	(void)chmod(path, 0600);
	mine = CreateFileA(path, GENERIC_READ | GENERIC_WRITE | DELETE, 0, NULL, OPEN_EXISTING, 0, NULL);
	CHECK(mine != INVALID_HANDLE_VALUE);
	CHECK(LockFileEx(mine, LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, MAXDWORD, MAXDWORD >> 1, &from));
	CHECK(UnlockFileEx(mine, 0, MAXDWORD, MAXDWORD >> 1, &from));
	CHECK(SetEndOfFile(mine));
	CHECK(CloseHandle(mine));
	CHECK(DeleteFileA(path));
}

static void nothing_is_used(void)
{
	nobody_uses(one);
	nobody_uses(two);
	nobody_uses(three);
}

static bool all_bytes_are(const char *path, char byte)
{
	char read_back[5000];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t count = fd < 0 ? -1 : read(fd, read_back, sizeof(read_back));

	if (fd >= 0)
		close(fd);
	for (ssize_t i = 0; i < count; i++)
		if (read_back[i] != byte)
			return false;
	return count >= 0;
}

static void old_or(off_t size)
{
	off_t now = size_of(one);

	CHECK(now == OLD || now == size);
	nothing_is_used();
}

static void old_or_none(void)
{
	old_or(-1);
}

static void old_or_empty(void)
{
	old_or(0);
}

static void old_or_40(void)
{
	old_or(40);
}

static void old_or_5000(void)
{
	old_or(5000);
}

static void old_or_longer(void)
{
	CHECK(all_bytes_are(one, 1) == (size_of(one) == OLD)); /* all or nothing was appended */
	old_or(OLD + (off_t)sizeof(bytes));
}

static void a_hole_or_none(void)
{
	char byte = 9;
	int fd = open(one, O_RDONLY | O_CLOEXEC);

	CHECK_EQ(pread(fd, &byte, 1, 49), 1);
	CHECK(byte == 0 || byte == 1);
	CHECK_EQ(pread(fd, &byte, 1, 50), 1);
	CHECK_EQ(byte, 1);
	close(fd);
	old_or(OLD);
}

static void unchanged(void)
{
	CHECK(all_bytes_are(one, 1));
	old_or(OLD);
}

static void none_or_empty(void)
{
	CHECK(size_of(one) <= 0);
	nothing_is_used();
}

/* ---- opening and making ---- */

static void create_new(void)
{
	REQUIRE((file = open_one(0, CREATE_NEW, 0)) != INVALID_HANDLE_VALUE && CloseHandle(file));
}

static void open_always(void)
{
	REQUIRE((file = open_one(FILE_SHARE_READ, OPEN_ALWAYS, 0)) != INVALID_HANDLE_VALUE && CloseHandle(file));
}

static void create_always(void)
{
	REQUIRE((file = open_one(0, CREATE_ALWAYS, 0)) != INVALID_HANDLE_VALUE && CloseHandle(file));
}

static void truncate_existing(void)
{
	REQUIRE((file = open_one(0, TRUNCATE_EXISTING, 0)) != INVALID_HANDLE_VALUE && CloseHandle(file));
}

static void delete_on_close(void)
{
	REQUIRE((file = open_one(0, OPEN_EXISTING, FILE_FLAG_DELETE_ON_CLOSE)) != INVALID_HANDLE_VALUE);
	REQUIRE(CloseHandle(file));
}

static void open_exclusively(void)
{
	REQUIRE((file = open_one(0, OPEN_EXISTING, 0)) != INVALID_HANDLE_VALUE);
	REQUIRE(ReadFile(file, bytes, sizeof(bytes), &done, NULL));
	REQUIRE(DuplicateHandle(GetCurrentProcess(), file, GetCurrentProcess(), &other, 0, TRUE, DUPLICATE_SAME_ACCESS));
	REQUIRE(CloseHandle(file) && CloseHandle(other));
}

static void temporary(void)
{
	char name[MAX_PATH];

	REQUIRE(GetTempFileNameA(check_directory(), "kil", 0, name) != 0);
}

static void temporaries_go(void)
{
	DIR *directory = opendir(check_directory());
	char path[800];

	for (struct dirent *entry; (entry = readdir(directory));) {
		if (strncmp(entry->d_name, "kil", 3) != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", check_directory(), entry->d_name);
		CHECK_EQ(size_of(path), 0);
		nobody_uses(path);
	}
	closedir(directory);
}

TEST(an_opener_who_is_killed_keeps_nobody_away)
{
	static const struct kill_row rows[] = {
		{ "CREATE_NEW", no_file, NULL, create_new, none_or_empty },
		{ "OPEN_ALWAYS, new", no_file, NULL, open_always, none_or_empty },
		{ "OPEN_ALWAYS", one_file, NULL, open_always, unchanged },
		{ "CREATE_ALWAYS", one_file, NULL, create_always, old_or_empty },
		{ "TRUNCATE_EXISTING", one_file, NULL, truncate_existing, old_or_empty },
		{ "FILE_FLAG_DELETE_ON_CLOSE", one_file, NULL, delete_on_close, old_or_none },
		{ "OPEN_EXISTING", one_file, NULL, open_exclusively, unchanged },
		{ "GetTempFileName", no_file, NULL, temporary, temporaries_go },
	};

	kill_rows_run(rows, ARRAY_SIZE(rows));
}

/* ---- with an open file ---- */

static void append(void)
{
	OVERLAPPED end = { .Offset = 0xffffffff, .OffsetHigh = 0xffffffff };

	REQUIRE(WriteFile(file, bytes, sizeof(bytes), &done, &end) && FlushFileBuffers(file) && CloseHandle(file));
}

static void cut_to_40(void)
{
	REQUIRE_EQ(SetFilePointer(file, 40, NULL, FILE_BEGIN), 40);
	REQUIRE(SetEndOfFile(file) && CloseHandle(file));
}

static void grow(void)
{
	FILE_END_OF_FILE_INFO info = { .EndOfFile = { .QuadPart = 5000 } };

	REQUIRE(SetFileInformationByHandle(file, FileEndOfFileInfo, &info, sizeof(info)) && CloseHandle(file));
}

static void allocate(void)
{
	FILE_ALLOCATION_INFO info = { .AllocationSize = { .QuadPart = 40 } };

	REQUIRE(SetFileInformationByHandle(file, FileAllocationInfo, &info, sizeof(info)) && CloseHandle(file));
}

static void set_facts(void)
{
	static const FILETIME some_time = { 0, 0x01d00000 };

	REQUIRE(SetFileTime(file, NULL, &some_time, &some_time) && CloseHandle(file));
	REQUIRE(SetFileAttributesA(one, FILE_ATTRIBUTE_READONLY) && SetFileAttributesA(one, FILE_ATTRIBUTE_NORMAL));
}

static void dispose(void)
{
	FILE_DISPOSITION_INFO info = { TRUE };

	REQUIRE(SetFileInformationByHandle(file, FileDispositionInfo, &info, sizeof(info)) && CloseHandle(file));
}

static void make_a_hole(void)
{
	FILE_ZERO_DATA_INFORMATION range = { .FileOffset = { .QuadPart = 0 }, .BeyondFinalZero = { .QuadPart = 50 } };

	REQUIRE(DeviceIoControl(file, FSCTL_SET_SPARSE, NULL, 0, NULL, 0, &done, NULL));
	REQUIRE(DeviceIoControl(file, FSCTL_SET_ZERO_DATA, &range, sizeof(range), NULL, 0, &done, NULL));
	REQUIRE(CloseHandle(file));
}

static void lock_and_unlock(void)
{
	OVERLAPPED at = { .Offset = 20 };

	REQUIRE(LockFileEx(file, LOCKFILE_EXCLUSIVE_LOCK, 0, 10, 0, &at) && LockFile(file, 50, 0, 5, 0));
	REQUIRE(UnlockFileEx(file, 0, 10, 0, &at) && UnlockFile(file, 50, 0, 5, 0));
	REQUIRE(LockFile(file, 0, 0, 5, 0) && CloseHandle(file)); /* closed while it is locked */
}

static void map_and_close(void)
{
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 5000, NULL);
	char *view = section ? MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0) : NULL;

	REQUIRE(view && FlushViewOfFile(view, 0) && CloseHandle(file) && CloseHandle(section));
	REQUIRE(UnmapViewOfFile(view));
}

TEST(a_file_is_as_it_was_or_as_it_was_to_become)
{
	static const struct kill_row rows[] = {
		{ "WriteFile", one_file, open_it, append, old_or_longer },
		{ "SetEndOfFile", one_file, open_it, cut_to_40, old_or_40 },
		{ "FileEndOfFileInfo", one_file, open_it, grow, old_or_5000 },
		{ "FileAllocationInfo", one_file, open_it, allocate, old_or_40 },
		{ "times and attributes", one_file, open_it, set_facts, unchanged },
		{ "FileDispositionInfo", one_file, open_it, dispose, old_or_none },
		{ "DeviceIoControl", one_file, open_it, make_a_hole, a_hole_or_none },
		{ "LockFileEx, UnlockFileEx", one_file, open_it, lock_and_unlock, unchanged },
		{ "CreateFileMapping, larger", one_file, open_it, map_and_close, old_or_5000 },
	};

	kill_rows_run(rows, ARRAY_SIZE(rows));
}

/* ---- names ---- */

static void move(void)
{
	REQUIRE(MoveFileExA(one, two, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH));
}

static void move_new(void)
{
	REQUIRE(MoveFileA(one, two));
}

static void rename_by_handle(void)
{
	char room[4096] = { 0 };
	FILE_RENAME_INFO *info = (FILE_RENAME_INFO *)room;
	DWORD length = 0;

	for (; two[length]; length++)
		info->FileName[length] = (WCHAR)two[length];
	info->ReplaceIfExists = TRUE;
	info->FileNameLength = length * (DWORD)sizeof(WCHAR);
	REQUIRE(SetFileInformationByHandle(file, FileRenameInfo, info, sizeof(room)) && CloseHandle(file));
}

static void move_away(void)
{
	REQUIRE(MoveFileExA(one, far_away, MOVEFILE_COPY_ALLOWED | MOVEFILE_REPLACE_EXISTING));
}

static void copy(void)
{
	REQUIRE(CopyFileA(one, two, FALSE));
}

static void delete(void)
{
	REQUIRE(DeleteFileA(one));
}

static void replace(void)
{
	REQUIRE(ReplaceFileA(two, one, NULL, 0, NULL, NULL));
}

static void replace_with_backup(void)
{
	REQUIRE(ReplaceFileA(two, one, three, 0, NULL, NULL));
}

static void make_directory(void)
{
	REQUIRE(CreateDirectoryA(one, NULL) && RemoveDirectoryA(one));
}

/* The file has one of the names, and the other name is what it was. */
static void moved_or_not(void)
{
	if (size_of(one) == OLD)
		CHECK(size_of(two) == -1 || size_of(two) == OTHER);
	else
		CHECK(size_of(one) == -1 && size_of(two) == OLD);
	nothing_is_used();
}

/* The source goes when the copy is whole. */
static void here_or_there(void)
{
	if (size_of(one) == -1)
		CHECK(size_of(far_away) == OLD && all_bytes_are(far_away, 1));
	else
		CHECK(size_of(one) == OLD && all_bytes_are(one, 1));
	nobody_uses(far_away);
	nothing_is_used();
}

static void source_is_whole(void)
{
	off_t size = size_of(two);

	CHECK(size == -1 || size == 0 || size == OLD || size == OTHER);
	unchanged();
}

/* Between its two steps the replaced file has the backup's name alone, as on Windows. */
static void replaced_or_backed_up(void)
{
	off_t replacement = size_of(one), replaced = size_of(two), backup = size_of(three);

	if (replacement == OLD)
		CHECK((replaced == OTHER && backup == -1) || (replaced == -1 && backup == OTHER));
	else
		CHECK(replacement == -1 && replaced == OLD && backup == OTHER);
	nothing_is_used();
}

static void a_directory_or_none(void)
{
	CHECK(rmdir(one) == 0 || errno == ENOENT);
}

TEST(a_file_has_one_of_its_names)
{
	static const struct kill_row rows[] = {
		{ "MoveFileEx", two_files, NULL, move, moved_or_not },
		{ "MoveFile", one_file, NULL, move_new, moved_or_not },
		{ "FileRenameInfo", two_files, open_it, rename_by_handle, moved_or_not },
		{ "MoveFileEx to another file system", a_far_file, NULL, move_away, here_or_there },
		{ "CopyFile", two_files, NULL, copy, source_is_whole },
		{ "DeleteFile", one_file, NULL, delete, old_or_none },
		{ "ReplaceFile", two_files, NULL, replace, moved_or_not },
		{ "ReplaceFile with a backup", two_files, NULL, replace_with_backup, replaced_or_backed_up },
		{ "directories", no_file, NULL, make_directory, a_directory_or_none },
	};

	kill_rows_run(rows, ARRAY_SIZE(rows));
}

/* ---- a peer's handle, and its copy in a child ---- */

static void held_by_us(void)
{
	one_file();
	file = open_one(0, OPEN_EXISTING, 0);
	REQUIRE(file != INVALID_HANDLE_VALUE);
	REQUIRE(LockFile(file, 20, 0, 10, 0));
}

static void use_and_close(void)
{
	REQUIRE(ReadFile(file, bytes, 10, &done, NULL) && CloseHandle(file));
}

static void still_ours(void)
{
	CHECK(open_one(ALL_SHARED, OPEN_EXISTING, 0) == INVALID_HANDLE_VALUE);
	CHECK_EQ(GetLastError(), ERROR_SHARING_VIOLATION);
	CHECK(UnlockFile(file, 20, 0, 10, 0));
	CHECK(CloseHandle(file));
	unchanged();
}

TEST(share_mode_and_locks_outlive_a_killed_child)
{
	static const struct kill_row rows[] = {
		{ "use and close", held_by_us, NULL, use_and_close, still_ours },
	};

	kill_rows_run(rows, ARRAY_SIZE(rows));
}
