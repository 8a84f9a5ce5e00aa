/* SPDX-License-Identifier: MIT */
/* The C library's descriptors as file handles, and back: what a program with its own open() maps through. */
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <unistd.h>

#include "support.h"

/* A stream on a file of @size bytes. */
static FILE *stream_of(const char *name, const char *mode, DWORD size)
{
	FILE *stream;

	CHECK(CloseHandle(file_of(name, size, GENERIC_RW)));
	stream = fopen(path_of(name), mode);
	REQUIRE(stream != NULL);
	return stream;
}

static HANDLE handle_behind(FILE *stream)
{
	return (HANDLE)_get_osfhandle(fileno(stream));
}

TEST(descriptor_is_a_file_handle)
{
	FILE *stream = stream_of("stream", "r+b", 0x1800);
	HANDLE file = handle_behind(stream);
	LARGE_INTEGER size;

	REQUIRE(file != INVALID_HANDLE_VALUE);
	CHECK_EQ(GetFileType(file), FILE_TYPE_DISK);
	CHECK_WORKS(GetFileSizeEx(file, &size));
	CHECK_EQ(size.QuadPart, 0x1800);
	CHECK_EQ(file_byte(file, 0x1234), pattern(0x1234));
	CHECK(handle_behind(stream) == file);
	fclose(stream);
}

TEST(descriptor_is_mapped) /* and the section outlives the stream */
{
	FILE *stream = stream_of("mapped", "r+b", 0x1800);
	HANDLE section = CreateFileMappingA(handle_behind(stream), NULL, PAGE_READWRITE, 0, 0, NULL);
	unsigned char *view;

	REQUIRE(section != NULL);
	fclose(stream);
	view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
	REQUIRE(view != NULL);
	CHECK_EQ(view[0x1234], pattern(0x1234));
	view[0] = 77;
	CHECK_WORKS(UnmapViewOfFile(view));
	CHECK_WORKS(CloseHandle(section));
	stream = fopen(path_of("mapped"), "rb");
	REQUIRE(stream != NULL);
	CHECK_EQ(fgetc(stream), 77);
	fclose(stream);
}

TEST(descriptor_for_reading_grants_no_writing)
{
	FILE *stream = stream_of("reading", "rb", 0x1000);
	HANDLE file = handle_behind(stream), section;
	DWORD done;

	CHECK_FAILS(WriteFile(file, "x", 1, &done, NULL), ERROR_ACCESS_DENIED);
	CHECK_FAILS(SetEndOfFile(file), ERROR_ACCESS_DENIED);
	CHECK_FAILS(CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL), ERROR_ACCESS_DENIED);
	section = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);
	REQUIRE(section != NULL);
	CHECK(CloseHandle(section));
	fclose(stream);
}

TEST(handle_ends_with_its_descriptor)
{
	FILE *stream = stream_of("ends", "rb", 0x1000);
	HANDLE file = handle_behind(stream);

	fclose(stream);
	CHECK_FAILS(GetFileType(file) != FILE_TYPE_UNKNOWN, ERROR_INVALID_HANDLE);
	CHECK_FAILS(CloseHandle(file), ERROR_INVALID_HANDLE);
}

TEST(handle_becomes_a_descriptor) /* which takes it over */
{
	HANDLE file = file_of("becomes", 0x1000, GENERIC_RW);
	int descriptor = _open_osfhandle((intptr_t)file, 0);
	unsigned char byte = 0;

	REQUIRE(descriptor >= 0);
	CHECK_EQ(lseek(descriptor, 100, SEEK_SET), 100);
	CHECK_EQ(read(descriptor, &byte, 1), 1);
	CHECK_EQ(byte, pattern(100));
	CHECK((HANDLE)_get_osfhandle(descriptor) == file);
	CHECK_EQ(SetFilePointer(file, 0, NULL, FILE_CURRENT), 101);
	CHECK_EQ(close(descriptor), 0);
	CHECK_FAILS(CloseHandle(file), ERROR_INVALID_HANDLE);
}

TEST(share_mode_ends_with_the_descriptor)
{
	HANDLE file, other;
	int descriptor;

	CHECK(CloseHandle(file_of("shared", 0x1000, GENERIC_RW)));
	file = file_open("shared", GENERIC_READ, 0);
	REQUIRE(file != INVALID_HANDLE_VALUE);
	descriptor = _open_osfhandle((intptr_t)file, 0);
	REQUIRE(descriptor >= 0);
	CHECK_FAILS(file_open("shared", GENERIC_READ, SHARE_ALL) != INVALID_HANDLE_VALUE, ERROR_SHARING_VIOLATION);
	CHECK_EQ(close(descriptor), 0);
	other = file_open("shared", GENERIC_READ, SHARE_ALL);
	CHECK(other != INVALID_HANDLE_VALUE);
	CHECK(CloseHandle(other));
}
