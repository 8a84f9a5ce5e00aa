/* SPDX-License-Identifier: MIT */
/* The files a mapping needs: CreateFile's matrices, reading, sizes, mapped-file rules (win32-semantics 11). */
#include "support.h"

static DWORD open_error(const char *name, DWORD access, DWORD share, DWORD disposition, DWORD flags)
{
	HANDLE file;

	SetLastError(UNTOUCHED);
	file = CreateFileA(path_of(name), access, share, NULL, disposition, flags, NULL);
	if (file == INVALID_HANDLE_VALUE)
		return GetLastError();
	CHECK(CloseHandle(file));
	return ERROR_SUCCESS;
}

TEST(dispositions)
{
	static const struct { const char *name; DWORD disposition, error, last, length; } cases[] = {
		/* no such file: error, or last error and length after success */
		{ "new CREATE_NEW", CREATE_NEW, 0, 0, 0 },
		{ "new CREATE_ALWAYS", CREATE_ALWAYS, 0, 0, 0 },
		{ "new OPEN_EXISTING", OPEN_EXISTING, ERROR_FILE_NOT_FOUND, 0, 0 },
		{ "new OPEN_ALWAYS", OPEN_ALWAYS, 0, 0, 0 },
		{ "new TRUNCATE_EXISTING", TRUNCATE_EXISTING, ERROR_FILE_NOT_FOUND, 0, 0 },
		/* a file of 10 bytes */
		{ "old CREATE_NEW", CREATE_NEW, ERROR_FILE_EXISTS, 0, 10 },
		{ "old CREATE_ALWAYS", CREATE_ALWAYS, 0, ERROR_ALREADY_EXISTS, 0 },
		{ "old OPEN_EXISTING", OPEN_EXISTING, 0, 0, 10 },
		{ "old OPEN_ALWAYS", OPEN_ALWAYS, 0, ERROR_ALREADY_EXISTS, 10 },
		{ "old TRUNCATE_EXISTING", TRUNCATE_EXISTING, 0, 0, 0 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		HANDLE file;

		check_row("%s", cases[i].name);
		(void)DeleteFileA(path_of("file"));
		if (cases[i].name[0] == 'o')
			REQUIRE(CloseHandle(file_of("file", 10, GENERIC_READ)));
		SetLastError(UNTOUCHED);
		file = CreateFileA(path_of("file"), GENERIC_RW, 0, NULL, cases[i].disposition, 0, NULL);
		if (file == INVALID_HANDLE_VALUE) {
			CHECK_EQ(GetLastError(), cases[i].error);
			continue;
		}
		CHECK_EQ(0, cases[i].error);
		CHECK_EQ(GetLastError(), cases[i].last);
		CHECK_EQ(file_length(file), cases[i].length);
		CHECK(CloseHandle(file));
	}
}

TEST(files_are_opened_with_what_is_more)
{
	CREATEFILE2_EXTENDED_PARAMETERS more;
	HANDLE file;

	check_row("nothing more");
	file = CreateFile2(wide(path_of("file")), GENERIC_RW, 0, CREATE_NEW, NULL);
	REQUIRE(file != INVALID_HANDLE_VALUE);
	CHECK(CloseHandle(file));
	check_row("taken");
	CHECK_FAILS(CreateFile2(wide(path_of("file")), GENERIC_RW, 0, CREATE_NEW, NULL) != INVALID_HANDLE_VALUE,
		    ERROR_FILE_EXISTS);
	check_row("flags");
	memset(&more, 0, sizeof(more));
	more.dwSize = sizeof(more);
	more.dwFileFlags = FILE_FLAG_DELETE_ON_CLOSE;
	file = CreateFile2(wide(path_of("file")), GENERIC_READ | DELETE, 0, OPEN_EXISTING, &more);
	REQUIRE(file != INVALID_HANDLE_VALUE);
	CHECK(CloseHandle(file));
	CHECK_EQ(GetFileAttributesA(path_of("file")), INVALID_FILE_ATTRIBUTES);
	check_row("attributes");
	more.dwFileFlags = 0;
	more.dwFileAttributes = FILE_ATTRIBUTE_READONLY;
	file = CreateFile2(wide(path_of("file")), GENERIC_RW, 0, CREATE_NEW, &more);
	REQUIRE(file != INVALID_HANDLE_VALUE);
	CHECK(CloseHandle(file));
	CHECK(GetFileAttributesA(path_of("file")) & FILE_ATTRIBUTE_READONLY);
	CHECK_WORKS(SetFileAttributesA(path_of("file"), FILE_ATTRIBUTE_NORMAL));
}

TEST(open_refuses_wrong_arguments)
{
	REQUIRE(CloseHandle(file_of("some", 1, GENERIC_READ)));
	check_row("disposition 0");
	CHECK_EQ(open_error("some", GENERIC_READ, SHARE_ALL, 0, 0), ERROR_INVALID_PARAMETER);
	check_row("disposition 6");
	CHECK_EQ(open_error("some", GENERIC_READ, SHARE_ALL, 6, 0), ERROR_INVALID_PARAMETER);
	check_row("share unknown");
	CHECK_EQ(open_error("some", GENERIC_READ, 0x10, OPEN_EXISTING, 0), ERROR_INVALID_PARAMETER);
	check_row("truncating without GENERIC_WRITE");
	CHECK_EQ(open_error("some", GENERIC_READ, SHARE_ALL, TRUNCATE_EXISTING, 0), ERROR_INVALID_PARAMETER);
	check_row("no such directory");
	CHECK_EQ(open_error("none/some", GENERIC_READ, SHARE_ALL, OPEN_EXISTING, 0), ERROR_PATH_NOT_FOUND);
	check_row("directory");
	CHECK_EQ(open_error(".", GENERIC_READ, SHARE_ALL, OPEN_EXISTING, 0), ERROR_ACCESS_DENIED);
	check_row("name NULL");
	SetLastError(UNTOUCHED);
	CHECK(CreateFileA(NULL, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL) == INVALID_HANDLE_VALUE);
	CHECK_EQ(GetLastError(), ERROR_PATH_NOT_FOUND);
	check_row("name empty");
	SetLastError(UNTOUCHED);
	CHECK(CreateFileA("", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL) == INVALID_HANDLE_VALUE);
	CHECK_EQ(GetLastError(), ERROR_PATH_NOT_FOUND);
}

/* Is a second open with this access compatible with the first one's share mode, and the reverse? */
static bool compatible(DWORD access, DWORD share)
{
	return (!(access & GENERIC_READ) || share & FILE_SHARE_READ) &&
	       (!(access & GENERIC_WRITE) || share & FILE_SHARE_WRITE) &&
	       (!(access & DELETE) || share & FILE_SHARE_DELETE);
}

TEST(share_modes) /* 4 accesses and 8 share modes, twice: 1,024 pairs */
{
	static const DWORD accesses[] = { 0, GENERIC_READ, GENERIC_WRITE, GENERIC_RW };

	REQUIRE(CloseHandle(file_of("shared", 10, GENERIC_READ)));
	for (unsigned first = 0; first < 32; first++) {
		DWORD access = accesses[first / 8], share = first % 8;
		HANDLE file = file_open("shared", access, share);

		check_row("access %#x share %u", (unsigned)access, (unsigned)share);
		REQUIRE(file != INVALID_HANDLE_VALUE);
		for (unsigned second = 0; second < 32; second++) {
			DWORD other = accesses[second / 8], other_share = second % 8;
			/* An open for no data takes no part. */
			bool works = !access || !other ||
				     (compatible(other, share) && compatible(access, other_share));
			DWORD error = open_error("shared", other, other_share, OPEN_EXISTING, 0);

			if (error != (works ? 0 : ERROR_SHARING_VIOLATION))
				check_failed(__FILE__, __LINE__, "then access %#x share %u: error %u",
					     (unsigned)other, (unsigned)other_share, (unsigned)error);
		}
		CHECK(CloseHandle(file));
	}
}

TEST(access_is_enforced)
{
	static const struct { const char *name; DWORD access, read, write; } cases[] = {
		{ "READ", GENERIC_READ, 0, ERROR_ACCESS_DENIED }, { "WRITE", GENERIC_WRITE, ERROR_ACCESS_DENIED, 0 },
		{ "both", GENERIC_RW, 0, 0 }, { "none", 0, ERROR_ACCESS_DENIED, ERROR_ACCESS_DENIED },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		HANDLE file = file_of("access", 10, cases[i].access);
		char byte = 'x';
		DWORD done;

		check_row("%s", cases[i].name);
		SetLastError(UNTOUCHED);
		CHECK_EQ(ReadFile(file, &byte, 1, &done, NULL) ? 0 : GetLastError(), cases[i].read);
		SetLastError(UNTOUCHED);
		CHECK_EQ(WriteFile(file, &byte, 1, &done, NULL) ? 0 : GetLastError(), cases[i].write);
		CHECK(CloseHandle(file));
	}
}

TEST(read_and_write_move_the_pointer)
{
	HANDLE file = file_of("pointer", 10, GENERIC_RW);
	char bytes[20];
	DWORD done = UNTOUCHED;

	check_row("short at the end");
	CHECK(ReadFile(file, bytes, 20, &done, NULL));
	CHECK_EQ(done, 10);
	check_row("nothing at the end");
	CHECK(ReadFile(file, bytes, 20, &done, NULL));
	CHECK_EQ(done, 0);
	check_row("append");
	CHECK(WriteFile(file, "xyz", 3, &done, NULL));
	CHECK_EQ(done, 3);
	CHECK_EQ(SetFilePointer(file, 0, NULL, FILE_CURRENT), 13);
	CHECK_EQ(file_length(file), 13);
	CHECK(CloseHandle(file));
}

TEST(overlapped_offset_positions)
{
	HANDLE file = file_of("overlapped", 10, GENERIC_RW);
	OVERLAPPED at;
	unsigned char byte = 0;
	DWORD done = 0;

	memset(&at, 0, sizeof(at));
	at.Offset = 5;
	check_row("read");
	CHECK_WORKS(ReadFile(file, &byte, 1, &done, &at));
	CHECK_EQ(byte, pattern(5));
	check_row("read at the end");
	at.Offset = 10;
	CHECK_FAILS(ReadFile(file, &byte, 1, &done, &at), ERROR_HANDLE_EOF);
	check_row("write");
	CHECK_WORKS(WriteFile(file, "q", 1, &done, &at));
	CHECK_EQ(file_length(file), 11);
	CHECK(CloseHandle(file));
}

TEST(file_pointer_moves)
{
	static const struct { LONG low; LONG high; DWORD method; long long result; DWORD error; } cases[] = {
		{ 5, 0, FILE_BEGIN, 5, 0 }, { 3, 0, FILE_CURRENT, 8, 0 }, { -8, -1, FILE_CURRENT, 0, 0 },
		{ -1, -1, FILE_END, 9, 0 }, { 0, 1, FILE_BEGIN, 1ll << 32, 0 }, { 100, 0, FILE_END, 110, 0 },
		{ -1, -1, FILE_BEGIN, 110, ERROR_NEGATIVE_SEEK }, { -11, -1, FILE_END, 110, ERROR_NEGATIVE_SEEK },
		{ 0, 0, 3, 110, ERROR_INVALID_PARAMETER },
	};
	HANDLE file = file_of("seek", 10, GENERIC_READ);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		LARGE_INTEGER to, now;
		LONG high = cases[i].high;
		DWORD low;

		check_row("%u", (unsigned)i);
		to.LowPart = (DWORD)cases[i].low;
		to.HighPart = high;
		SetLastError(UNTOUCHED);
		if (SetFilePointerEx(file, to, &now, cases[i].method))
			CHECK_EQ(now.QuadPart, cases[i].result);
		else
			CHECK_EQ(GetLastError(), cases[i].error);
		if (cases[i].method == FILE_CURRENT)
			continue; /* a second step from there would go on */
		SetLastError(UNTOUCHED);
		low = SetFilePointer(file, cases[i].low, &high, cases[i].method);
		if (cases[i].error) {
			CHECK_EQ(low, INVALID_SET_FILE_POINTER);
			CHECK_EQ(GetLastError(), cases[i].error);
		} else {
			CHECK_EQ((long long)high << 32 | low, cases[i].result);
		}
	}
	CHECK(CloseHandle(file));
}

TEST(end_of_file_is_set)
{
	HANDLE file = file_of("end", 10, GENERIC_RW);

	check_row("cut");
	CHECK(SetFilePointer(file, 4, NULL, FILE_BEGIN) == 4);
	CHECK_WORKS(SetEndOfFile(file));
	CHECK_EQ(file_length(file), 4);
	check_row("extended with zero");
	CHECK(SetFilePointer(file, 100, NULL, FILE_BEGIN) == 100);
	CHECK_WORKS(SetEndOfFile(file));
	CHECK_EQ(file_length(file), 100);
	CHECK_EQ(file_byte(file, 50), 0);
	CHECK(CloseHandle(file));
	check_row("without GENERIC_WRITE");
	file = file_open("end", GENERIC_READ, SHARE_ALL);
	CHECK_FAILS(SetEndOfFile(file), ERROR_ACCESS_DENIED);
	CHECK(CloseHandle(file));
}

TEST(size_in_two_halves)
{
	HANDLE file = file_of("halves", 10, GENERIC_RW);
	LONG high = 1;
	DWORD size_high = UNTOUCHED;

	CHECK_EQ(GetFileSize(file, &size_high), 10);
	CHECK_EQ(size_high, 0);
	CHECK_EQ(GetFileSize(file, NULL), 10);
	CHECK(SetFilePointer(file, 7, &high, FILE_BEGIN) == 7);
	if (!SetEndOfFile(file) && GetLastError() == ERROR_DISK_FULL)
		check_skip("4 GiB of disk are not free");
	CHECK_EQ(GetFileSize(file, &size_high), 7);
	CHECK_EQ(size_high, 1);
	CHECK(CloseHandle(file));
}

/* Whether a mapped file of two pages may be cut to, or grown to, so many bytes. */
TEST(mapped_file_is_not_cut)
{
	static const struct { DWORD protection, length, error; } cases[] = {
		{ PAGE_READWRITE, 0, 1224 }, { PAGE_READWRITE, 1, 1224 }, { PAGE_READWRITE, PAGE, 1224 },
		{ PAGE_READWRITE, 2 * PAGE - 1, 1224 }, { PAGE_READWRITE, 2 * PAGE, 0 }, { PAGE_READWRITE, 3 * PAGE, 0 },
		{ PAGE_READONLY, PAGE, 1224 }, { PAGE_WRITECOPY, PAGE, 1224 }, { PAGE_READONLY, 3 * PAGE, 0 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		HANDLE file = file_of("mapped", 2 * PAGE, GENERIC_RW);
		HANDLE section = CreateFileMappingA(file, NULL, cases[i].protection, 0, 0, NULL);
		unsigned char *view = map_all(section, FILE_MAP_READ);

		CHECK(CloseHandle(section));
		check_row("protection %#x to %u", (unsigned)cases[i].protection, (unsigned)cases[i].length);
		CHECK(SetFilePointer(file, (LONG)cases[i].length, NULL, FILE_BEGIN) == cases[i].length);
		SetLastError(UNTOUCHED);
		CHECK_EQ(SetEndOfFile(file) ? 0 : GetLastError(), cases[i].error);
		CHECK_EQ(file_length(file), cases[i].error ? 2 * PAGE : cases[i].length);
		CHECK(UnmapViewOfFile(view));
		check_row("unmapped %#x to %u", (unsigned)cases[i].protection, (unsigned)cases[i].length);
		CHECK_WORKS(SetEndOfFile(file));
		CHECK_EQ(file_length(file), cases[i].length);
		CHECK(CloseHandle(file));
	}
}

TEST(cut_bytes_come_back_as_zero)
{
	HANDLE file = file_of("zero", 6, GENERIC_RW), section;
	unsigned char *view;

	CHECK(SetFilePointer(file, 4, NULL, FILE_BEGIN) == 4 && SetEndOfFile(file));
	section = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);
	view = map_all(section, FILE_MAP_READ);
	CHECK_EQ(view[3], pattern(3));
	CHECK_EQ(view[4], 0);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section) && CloseHandle(file));
}

/* The section is open without a view, the file handle closed: what a new open meets (11.2). */
TEST(section_alone_decides_over_new_opens)
{
	static const struct { const char *name; DWORD protection, access, share, disposition, flags, error; } cases[] = {
		{ "READONLY, shares nothing", PAGE_READONLY, GENERIC_RW, 0, OPEN_EXISTING, 0, 0 },
		{ "WRITECOPY, shares nothing", PAGE_WRITECOPY, GENERIC_RW, 0, OPEN_EXISTING, 0, 0 },
		{ "READWRITE, shares nothing", PAGE_READWRITE, GENERIC_READ, 0, OPEN_EXISTING, 0, 32 },
		{ "READWRITE, shares reading", PAGE_READWRITE, GENERIC_READ, FILE_SHARE_READ, OPEN_EXISTING, 0, 32 },
		{ "READWRITE, shares deleting", PAGE_READWRITE, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE,
		  OPEN_EXISTING, 0, 32 },
		{ "READWRITE, shares writing", PAGE_READWRITE, GENERIC_RW, FILE_SHARE_WRITE, OPEN_EXISTING, 0, 0 },
		{ "READWRITE, shares all", PAGE_READWRITE, GENERIC_RW, SHARE_ALL, OPEN_EXISTING, 0, 0 },
		{ "READWRITE, OPEN_ALWAYS", PAGE_READWRITE, GENERIC_RW, SHARE_ALL, OPEN_ALWAYS, 0, 0 },
		{ "READONLY, CREATE_ALWAYS", PAGE_READONLY, GENERIC_RW, SHARE_ALL, CREATE_ALWAYS, 0, 1224 },
		{ "WRITECOPY, CREATE_ALWAYS", PAGE_WRITECOPY, GENERIC_RW, SHARE_ALL, CREATE_ALWAYS, 0, 1224 },
		{ "READWRITE, CREATE_ALWAYS", PAGE_READWRITE, GENERIC_RW, SHARE_ALL, CREATE_ALWAYS, 0, 1224 },
		{ "READWRITE, TRUNCATE_EXISTING", PAGE_READWRITE, GENERIC_RW, SHARE_ALL, TRUNCATE_EXISTING, 0, 1224 },
		{ "READONLY, DELETE_ON_CLOSE", PAGE_READONLY, GENERIC_READ | DELETE, SHARE_ALL, OPEN_EXISTING,
		  FILE_FLAG_DELETE_ON_CLOSE, 0 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char name[32];
		HANDLE file, section;

		snprintf(name, sizeof(name), "held%u", (unsigned)i);
		file = file_of(name, PAGE, GENERIC_RW);
		section = CreateFileMappingA(file, NULL, cases[i].protection, 0, 0, NULL);
		REQUIRE(section && CloseHandle(file));
		check_row("%s", cases[i].name);
		CHECK_EQ(open_error(name, cases[i].access, cases[i].share, cases[i].disposition, cases[i].flags),
			 cases[i].error);
		CHECK(CloseHandle(section));
	}
}

TEST(delete_takes_the_name_away)
{
	REQUIRE(CloseHandle(file_of("gone", 1, GENERIC_READ)));
	CHECK_WORKS(DeleteFileA(path_of("gone")));
	CHECK_EQ(open_error("gone", GENERIC_READ, SHARE_ALL, OPEN_EXISTING, 0), ERROR_FILE_NOT_FOUND);
	check_row("again");
	CHECK_FAILS(DeleteFileA(path_of("gone")), ERROR_FILE_NOT_FOUND);
	check_row("directory");
	CHECK_FAILS(DeleteFileA(check_directory()), ERROR_ACCESS_DENIED);
	check_row("no such directory");
	CHECK_FAILS(DeleteFileA(path_of("none/x")), ERROR_PATH_NOT_FOUND);
	check_row("wide");
	REQUIRE(CloseHandle(file_of("wide", 1, GENERIC_READ)));
	CHECK_WORKS(DeleteFileW(wide(path_of("wide"))));
}

TEST(open_file_is_not_deleted_unless_shared)
{
	HANDLE file = file_of("busy", 1, GENERIC_READ);

	REQUIRE(CloseHandle(file));
	file = file_open("busy", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE);
	check_row("not shared");
	CHECK_FAILS(DeleteFileA(path_of("busy")), ERROR_SHARING_VIOLATION);
	CHECK(CloseHandle(file));
	check_row("closed");
	CHECK_WORKS(DeleteFileA(path_of("busy")));
}

TEST(mapped_file_is_not_deleted)
{
	HANDLE file = file_of("mappeddelete", PAGE, GENERIC_RW);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
	unsigned char *view = map_all(section, FILE_MAP_READ);

	REQUIRE(CloseHandle(file));
	CHECK_FAILS(DeleteFileA(path_of("mappeddelete")), ERROR_ACCESS_DENIED);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
	CHECK_WORKS(DeleteFileA(path_of("mappeddelete")));
}

TEST(delete_on_close_deletes)
{
	HANDLE file = CreateFileA(path_of("temporary"), GENERIC_RW | DELETE, SHARE_ALL, NULL, CREATE_NEW,
				  FILE_FLAG_DELETE_ON_CLOSE, NULL);

	REQUIRE(file != INVALID_HANDLE_VALUE);
	CHECK(CloseHandle(file));
	CHECK_EQ(open_error("temporary", GENERIC_READ, SHARE_ALL, OPEN_EXISTING, 0), ERROR_FILE_NOT_FOUND);
}

TEST(temporary_names_are_made)
{
	char path[600], name[600];
	DWORD length = GetTempPathA(sizeof(path), path);
	UINT number;
	HANDLE file;

	check_row("path");
	CHECK(length > 0 && length == strlen(path));
	CHECK(path[length - 1] == '\\' || path[length - 1] == '/');
	check_row("path, short buffer");
	CHECK_EQ(GetTempPathA(2, name), length + 1);
	check_row("file");
	number = GetTempFileNameA(check_directory(), "fmt", 0, name);
	CHECK(number != 0);
	file = CreateFileA(name, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
	CHECK(file != INVALID_HANDLE_VALUE);
	CHECK(CloseHandle(file));
	CHECK_WORKS(DeleteFileA(name));
	check_row("given number makes no file");
	CHECK_EQ(GetTempFileNameA(check_directory(), "fmt", 0x12, name), 0x12);
	CHECK_FAILS(DeleteFileA(name), ERROR_FILE_NOT_FOUND);
	check_row("no such directory");
	CHECK(GetTempFileNameA(path_of("none"), "fmt", 0, name) == 0);
}

TEST(temporary_names_are_made_wide)
{
	WCHAR path[600], name[600];
	DWORD length = GetTempPathW(600, path);

	check_row("path");
	CHECK(length > 0 && path[length] == 0);
	check_row("file");
	CHECK(GetTempFileNameW(wide(check_directory()), wide("fmt"), 0, name) != 0);
	CHECK_WORKS(DeleteFileW(name));
}

TEST(wide_path_opens_the_same_file)
{
	HANDLE file = file_of("wide", 10, GENERIC_READ), again;

	again = CreateFileW(wide(path_of("wide")), GENERIC_READ, SHARE_ALL, NULL, OPEN_EXISTING, 0, NULL);
	REQUIRE(again != INVALID_HANDLE_VALUE);
	CHECK_EQ(file_length(again), 10);
	CHECK(CloseHandle(file) && CloseHandle(again));
}

TEST(type_of_handles)
{
	HANDLE file = file_of("type", 1, GENERIC_READ);

	check_row("disk");
	CHECK_EQ(GetFileType(file), FILE_TYPE_DISK);
	CHECK(CloseHandle(file));
	check_row("closed");
	SetLastError(UNTOUCHED);
	CHECK_EQ(GetFileType(file), FILE_TYPE_UNKNOWN);
	CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
}

TEST(file_calls_need_a_file)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	const struct { const char *name; HANDLE handle; } cases[] = {
		{ "NULL", NULL }, { "INVALID_HANDLE_VALUE", INVALID_HANDLE_VALUE }, { "garbage", GARBAGE_HANDLE },
		{ "section", section },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		LARGE_INTEGER size, zero;
		HANDLE handle = cases[i].handle;
		char byte;
		DWORD done;

		zero.QuadPart = 0;
		check_row("ReadFile %s", cases[i].name);
		CHECK_FAILS(ReadFile(handle, &byte, 1, &done, NULL), ERROR_INVALID_HANDLE);
		check_row("WriteFile %s", cases[i].name);
		CHECK_FAILS(WriteFile(handle, "x", 1, &done, NULL), ERROR_INVALID_HANDLE);
		check_row("GetFileSizeEx %s", cases[i].name);
		CHECK_FAILS(GetFileSizeEx(handle, &size), ERROR_INVALID_HANDLE);
		check_row("GetFileSize %s", cases[i].name);
		CHECK_FAILS(GetFileSize(handle, NULL) != INVALID_FILE_SIZE, ERROR_INVALID_HANDLE);
		check_row("SetFilePointerEx %s", cases[i].name);
		CHECK_FAILS(SetFilePointerEx(handle, zero, NULL, FILE_BEGIN), ERROR_INVALID_HANDLE);
		check_row("SetEndOfFile %s", cases[i].name);
		CHECK_FAILS(SetEndOfFile(handle), ERROR_INVALID_HANDLE);
		check_row("FlushFileBuffers %s", cases[i].name);
		CHECK_FAILS(FlushFileBuffers(handle), ERROR_INVALID_HANDLE);
	}
	CHECK(CloseHandle(section));
}
