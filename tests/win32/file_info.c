/* SPDX-License-Identifier: MIT */
/* What is told of files, by handle and by path, and what can be changed of it. */
#include "support.h"

#include <winioctl.h>

static BY_HANDLE_FILE_INFORMATION info_of(HANDLE file)
{
	BY_HANDLE_FILE_INFORMATION info;

	memset(&info, 0xee, sizeof(info));
	REQUIRE_WORKS(GetFileInformationByHandle(file, &info));
	return info;
}

static ULONGLONG time_of(FILETIME time)
{
	return (ULONGLONG)time.dwHighDateTime << 32 | time.dwLowDateTime;
}

static FILETIME filetime(ULONGLONG ticks)
{
	FILETIME time = { (DWORD)ticks, (DWORD)(ticks >> 32) };

	return time;
}

#define YEAR_2001 126227808000000000ull /* 2001-01-01, in steps of 100 ns since 1601 */

TEST(a_handle_tells_the_file)
{
	HANDLE first = file_of("one", 1234, GENERIC_RW), second = file_open("one", GENERIC_READ, SHARE_ALL);
	HANDLE other = file_of("two", 1, GENERIC_RW);
	BY_HANDLE_FILE_INFORMATION a = info_of(first), b = info_of(second), c = info_of(other);

	CHECK_EQ(a.nFileSizeLow, 1234);
	CHECK_EQ(a.nFileSizeHigh, 0);
	CHECK_EQ(a.nNumberOfLinks, 1);
	CHECK_EQ(a.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY, 0);
	CHECK_EQ(a.dwVolumeSerialNumber, b.dwVolumeSerialNumber);
	CHECK_EQ(a.nFileIndexLow, b.nFileIndexLow);
	CHECK_EQ(a.nFileIndexHigh, b.nFileIndexHigh);
	CHECK(a.nFileIndexLow != c.nFileIndexLow || a.nFileIndexHigh != c.nFileIndexHigh);
	CHECK(time_of(a.ftCreationTime) > YEAR_2001);
	CHECK(time_of(a.ftLastWriteTime) > YEAR_2001);
	CHECK(CloseHandle(first));
	CHECK(CloseHandle(second));
	CHECK(CloseHandle(other));
}

TEST(facts_need_no_right_to_the_data)
{
	HANDLE file;

	REQUIRE(CloseHandle(file_of("file", 10, GENERIC_RW)));
	file = file_open("file", FILE_READ_ATTRIBUTES, 0);
	REQUIRE(file != INVALID_HANDLE_VALUE);
	CHECK_EQ(info_of(file).nFileSizeLow, 10);
	CHECK(CloseHandle(file));
}

TEST(facts_of_no_file)
{
	BY_HANDLE_FILE_INFORMATION info;
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);

	CHECK_FAILS(GetFileInformationByHandle(section, &info), ERROR_INVALID_HANDLE);
	CHECK_FAILS(GetFileInformationByHandle(GARBAGE_HANDLE, &info), ERROR_INVALID_HANDLE);
	CHECK_FAILS(GetFileTime(section, NULL, NULL, NULL), ERROR_INVALID_HANDLE);
	CHECK(CloseHandle(section));
}

TEST(times_are_set_and_read)
{
	HANDLE file = file_of("file", 10, GENERIC_RW);
	FILETIME accessed = filetime(YEAR_2001 + 10000000), written = filetime(YEAR_2001 + 20000000), got, got_write;

	REQUIRE_WORKS(SetFileTime(file, NULL, &accessed, &written));
	REQUIRE_WORKS(GetFileTime(file, NULL, &got, &got_write));
	CHECK_EQ(time_of(got), time_of(accessed));
	CHECK_EQ(time_of(got_write), time_of(written));
	check_row("NULL and 0 change nothing");
	written = filetime(0);
	REQUIRE_WORKS(SetFileTime(file, NULL, NULL, &written));
	REQUIRE_WORKS(GetFileTime(file, NULL, &got, &got_write));
	CHECK_EQ(time_of(got), time_of(accessed));
	CHECK_EQ(time_of(got_write), YEAR_2001 + 20000000);
	CHECK(CloseHandle(file));
}

TEST(setting_times_needs_the_right)
{
	FILETIME time = filetime(YEAR_2001);
	HANDLE file;

	REQUIRE(CloseHandle(file_of("file", 10, GENERIC_RW)));
	file = file_open("file", GENERIC_READ, SHARE_ALL);
	CHECK_FAILS(SetFileTime(file, NULL, &time, &time), ERROR_ACCESS_DENIED);
	CHECK(CloseHandle(file));
	file = file_open("file", FILE_WRITE_ATTRIBUTES, SHARE_ALL);
	REQUIRE(file != INVALID_HANDLE_VALUE);
	CHECK_WORKS(SetFileTime(file, NULL, &time, &time));
	CHECK(CloseHandle(file));
}

TEST(classes_by_handle)
{
	HANDLE file = file_of("file", 1234, GENERIC_RW);
	FILE_STANDARD_INFO standard;
	FILE_BASIC_INFO basic;
	FILE_ATTRIBUTE_TAG_INFO tag;
	FILE_ID_INFO id, again;
	HANDLE second = file_open("file", GENERIC_READ, SHARE_ALL);

	REQUIRE_WORKS(GetFileInformationByHandleEx(file, FileStandardInfo, &standard, sizeof(standard)));
	CHECK_EQ(standard.EndOfFile.QuadPart, 1234);
	CHECK_EQ(standard.NumberOfLinks, 1);
	CHECK_EQ(standard.Directory, FALSE);
	CHECK_EQ(standard.DeletePending, FALSE);
	CHECK(standard.AllocationSize.QuadPart >= 1234);
	REQUIRE_WORKS(GetFileInformationByHandleEx(file, FileBasicInfo, &basic, sizeof(basic)));
	CHECK_EQ(basic.LastWriteTime.QuadPart, time_of(info_of(file).ftLastWriteTime));
	CHECK_EQ(basic.FileAttributes, info_of(file).dwFileAttributes);
	REQUIRE_WORKS(GetFileInformationByHandleEx(file, FileAttributeTagInfo, &tag, sizeof(tag)));
	CHECK_EQ(tag.FileAttributes, basic.FileAttributes);
	CHECK_EQ(tag.ReparseTag, 0);
	REQUIRE_WORKS(GetFileInformationByHandleEx(file, FileIdInfo, &id, sizeof(id)));
	REQUIRE_WORKS(GetFileInformationByHandleEx(second, FileIdInfo, &again, sizeof(again)));
	CHECK_EQ(memcmp(&id, &again, sizeof(id)), 0);
	CHECK(CloseHandle(second));
	CHECK(CloseHandle(file));
}

TEST(the_name_comes_with_its_length)
{
	HANDLE file = file_of("a-name", 1, GENERIC_RW);
	char space[2048];
	FILE_NAME_INFO *info = (FILE_NAME_INFO *)space;
	const WCHAR *end;

	REQUIRE_WORKS(GetFileInformationByHandleEx(file, FileNameInfo, info, sizeof(space)));
	REQUIRE(info->FileNameLength >= 7 * sizeof(WCHAR));
	end = info->FileName + info->FileNameLength / sizeof(WCHAR);
	CHECK_EQ(memcmp(end - 6, wide("a-name"), 6 * sizeof(WCHAR)), 0);
	check_row("no room");
	CHECK_FAILS(GetFileInformationByHandleEx(file, FileNameInfo, info, sizeof(FILE_NAME_INFO)), ERROR_MORE_DATA);
	CHECK(CloseHandle(file));
}

TEST(classes_are_checked)
{
	HANDLE file = file_of("file", 1, GENERIC_RW);
	FILE_STANDARD_INFO standard;
	LARGE_INTEGER end = { .QuadPart = 0 };

	CHECK_FAILS(GetFileInformationByHandleEx(file, FileStandardInfo, &standard, sizeof(standard) - 1),
		    ERROR_BAD_LENGTH);
	CHECK_FAILS(GetFileInformationByHandleEx(file, (FILE_INFO_BY_HANDLE_CLASS)999, &standard, sizeof(standard)),
		    ERROR_INVALID_PARAMETER);
	CHECK_FAILS(SetFileInformationByHandle(file, FileEndOfFileInfo, &end, 4), ERROR_BAD_LENGTH);
	CHECK_FAILS(SetFileInformationByHandle(file, FileStandardInfo, &standard, sizeof(standard)),
		    ERROR_INVALID_PARAMETER);
	CHECK(CloseHandle(file));
}

TEST(end_of_file_is_set_by_class)
{
	HANDLE file = file_of("file", 100, GENERIC_RW);
	LARGE_INTEGER end = { .QuadPart = 5000 };

	CHECK_EQ(SetFilePointer(file, 50, NULL, FILE_BEGIN), 50);
	REQUIRE_WORKS(SetFileInformationByHandle(file, FileEndOfFileInfo, &end, sizeof(end)));
	CHECK_EQ(file_length(file), 5000);
	CHECK_EQ(SetFilePointer(file, 0, NULL, FILE_CURRENT), 50);
	end.QuadPart = 10;
	REQUIRE_WORKS(SetFileInformationByHandle(file, FileEndOfFileInfo, &end, sizeof(end)));
	CHECK_EQ(file_length(file), 10);
	CHECK(CloseHandle(file));
}

TEST(mapped_file_is_not_cut_by_class)
{
	HANDLE file = file_of("file", 100, GENERIC_RW), section;
	LARGE_INTEGER end = { .QuadPart = 10 };

	section = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);
	REQUIRE(section != NULL);
	CHECK_FAILS(SetFileInformationByHandle(file, FileEndOfFileInfo, &end, sizeof(end)), ERROR_USER_MAPPED_FILE);
	CHECK(CloseHandle(section));
	CHECK_WORKS(SetFileInformationByHandle(file, FileEndOfFileInfo, &end, sizeof(end)));
	CHECK(CloseHandle(file));
}

TEST(attributes_by_path)
{
	WIN32_FILE_ATTRIBUTE_DATA data;

	REQUIRE(CloseHandle(file_of("file", 77, GENERIC_RW)));
	CHECK_EQ(GetFileAttributesA(path_of("file")) & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_READONLY), 0);
	CHECK(GetFileAttributesA(path_of("file")) != 0);
	CHECK_EQ(GetFileAttributesA(path_of(".")) & FILE_ATTRIBUTE_DIRECTORY, FILE_ATTRIBUTE_DIRECTORY);
	CHECK_EQ(GetFileAttributesW(wide(path_of("file"))), GetFileAttributesA(path_of("file")));
	REQUIRE_WORKS(GetFileAttributesExA(path_of("file"), GetFileExInfoStandard, &data));
	CHECK_EQ(data.nFileSizeLow, 77);
	CHECK_EQ(data.nFileSizeHigh, 0);
	REQUIRE_WORKS(GetFileAttributesExW(wide(path_of("file")), GetFileExInfoStandard, &data));
	CHECK_EQ(data.nFileSizeLow, 77);
	CHECK(time_of(data.ftLastWriteTime) > YEAR_2001);
}

TEST(attributes_of_what_is_not_there)
{
	WIN32_FILE_ATTRIBUTE_DATA data;

	SetLastError(UNTOUCHED);
	CHECK_EQ(GetFileAttributesA(path_of("none")), INVALID_FILE_ATTRIBUTES);
	CHECK_EQ(GetLastError(), ERROR_FILE_NOT_FOUND);
	SetLastError(UNTOUCHED);
	CHECK_EQ(GetFileAttributesA(path_of("none/none")), INVALID_FILE_ATTRIBUTES);
	CHECK_EQ(GetLastError(), ERROR_PATH_NOT_FOUND);
	CHECK_FAILS(GetFileAttributesExA(path_of("none"), GetFileExInfoStandard, &data), ERROR_FILE_NOT_FOUND);
	CHECK_FAILS(SetFileAttributesA(path_of("none"), FILE_ATTRIBUTE_NORMAL), ERROR_FILE_NOT_FOUND);
}

TEST(read_only_is_kept)
{
	HANDLE file;

	REQUIRE(CloseHandle(file_of("file", 10, GENERIC_RW)));
	REQUIRE_WORKS(SetFileAttributesA(path_of("file"), FILE_ATTRIBUTE_READONLY));
	CHECK_EQ(GetFileAttributesA(path_of("file")) & FILE_ATTRIBUTE_READONLY, FILE_ATTRIBUTE_READONLY);
	SetLastError(UNTOUCHED);
	CHECK(file_open("file", GENERIC_WRITE, SHARE_ALL) == INVALID_HANDLE_VALUE);
	CHECK_EQ(GetLastError(), ERROR_ACCESS_DENIED);
	CHECK_FAILS(DeleteFileA(path_of("file")), ERROR_ACCESS_DENIED);
	REQUIRE_WORKS(SetFileAttributesW(wide(path_of("file")), FILE_ATTRIBUTE_NORMAL));
	CHECK_EQ(GetFileAttributesA(path_of("file")) & FILE_ATTRIBUTE_READONLY, 0);
	file = file_open("file", GENERIC_WRITE, SHARE_ALL);
	CHECK(file != INVALID_HANDLE_VALUE);
	CHECK(CloseHandle(file));
}

TEST(room_on_the_disk)
{
	DWORD sectors = 0, bytes = 0, free_clusters = 0, clusters = 0;
	ULARGE_INTEGER available, total, free_bytes;

	REQUIRE_WORKS(GetDiskFreeSpaceA(NULL, &sectors, &bytes, &free_clusters, &clusters));
	CHECK(sectors > 0);
	CHECK_EQ(bytes & (bytes - 1), 0);
	CHECK(free_clusters <= clusters);
	REQUIRE_WORKS(GetDiskFreeSpaceExA(path_of("."), &available, &total, &free_bytes));
	CHECK(available.QuadPart <= total.QuadPart);
	CHECK(free_bytes.QuadPart <= total.QuadPart);
	REQUIRE_WORKS(GetDiskFreeSpaceExW(wide(path_of(".")), NULL, &total, NULL));
	CHECK_FAILS(GetDiskFreeSpaceExA(path_of("none"), &available, &total, &free_bytes), ERROR_PATH_NOT_FOUND);
}

TEST(a_hole_reads_as_zeros)
{
	HANDLE file = file_of("file", 0x30000, GENERIC_RW);
	FILE_ZERO_DATA_INFORMATION range;
	DWORD done = 77;

	REQUIRE_WORKS(DeviceIoControl(file, FSCTL_SET_SPARSE, NULL, 0, NULL, 0, &done, NULL));
	CHECK_EQ(done, 0);
	range.FileOffset.QuadPart = 0x10001;
	range.BeyondFinalZero.QuadPart = 0x20001;
	REQUIRE_WORKS(DeviceIoControl(file, FSCTL_SET_ZERO_DATA, &range, sizeof(range), NULL, 0, &done, NULL));
	CHECK_EQ(file_byte(file, 0x10000), pattern(0x10000));
	CHECK_EQ(file_byte(file, 0x10001), 0);
	CHECK_EQ(file_byte(file, 0x20000), 0);
	CHECK_EQ(file_byte(file, 0x20001), pattern(0x20001));
	CHECK_EQ(file_length(file), 0x30000);
	CHECK_FAILS(DeviceIoControl(file, FSCTL_SET_ZERO_DATA, &range, 4, NULL, 0, &done, NULL),
		    ERROR_INVALID_PARAMETER);
	CHECK(CloseHandle(file));
}
