/* SPDX-License-Identifier: MIT */
/* Dates, file times, clocks. */
#include "support.h"

#define SECOND 10000000ull

static ULONGLONG ticks(FILETIME time)
{
	return (ULONGLONG)time.dwHighDateTime << 32 | time.dwLowDateTime;
}

static FILETIME filetime(ULONGLONG value)
{
	FILETIME time = { .dwLowDateTime = (DWORD)value, .dwHighDateTime = (DWORD)(value >> 32) };

	return time;
}

TEST(dates_are_file_times_and_back)
{
	static const struct { SYSTEMTIME date; ULONGLONG ticks; } cases[] = {
		{ { 1601, 1, 1, 1, 0, 0, 0, 0 }, 0 },
		{ { 1601, 1, 1, 1, 0, 0, 0, 1 }, 10000 },
		{ { 1970, 1, 4, 1, 0, 0, 0, 0 }, 11644473600 * SECOND },
		{ { 2000, 2, 2, 29, 23, 59, 59, 999 }, 125963423999990000 },
		{ { 2038, 1, 2, 19, 3, 14, 7, 0 }, (11644473600 + 2147483647) * SECOND },
		{ { 2100, 3, 1, 1, 0, 0, 0, 0 }, (11644473600 + 4107542400) * SECOND },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		FILETIME time;
		SYSTEMTIME date;

		check_row("%u-%u-%u", cases[i].date.wYear, cases[i].date.wMonth, cases[i].date.wDay);
		REQUIRE_WORKS(SystemTimeToFileTime(&cases[i].date, &time));
		CHECK_EQ(ticks(time), cases[i].ticks);
		REQUIRE_WORKS(FileTimeToSystemTime(&time, &date));
		CHECK_EQ(memcmp(&date, &cases[i].date, sizeof(date)), 0);
	}
}

TEST(every_day_of_four_centuries_returns)
{
	ULONGLONG wrong = 0;

	for (ULONGLONG day = 0; day < 146097 * 2; day++) {
		FILETIME time = filetime(day * 86400 * SECOND), back;
		SYSTEMTIME date;

		if (!FileTimeToSystemTime(&time, &date) || !SystemTimeToFileTime(&date, &back) ||
		    ticks(back) != ticks(time) || date.wDayOfWeek != (day + 1) % 7)
			wrong++;
	}
	CHECK_EQ(wrong, 0);
}

TEST(dates_that_are_none_are_refused)
{
	static const struct { const char *name; SYSTEMTIME date; } cases[] = {
		{ "before 1601", { 1600, 1, 0, 1, 0, 0, 0, 0 } }, { "month 0", { 2000, 0, 0, 1, 0, 0, 0, 0 } },
		{ "month 13", { 2000, 13, 0, 1, 0, 0, 0, 0 } }, { "day 0", { 2000, 1, 0, 0, 0, 0, 0, 0 } },
		{ "30 February", { 2000, 2, 0, 30, 0, 0, 0, 0 } }, { "29 February", { 1900, 2, 0, 29, 0, 0, 0, 0 } },
		{ "24 o'clock", { 2000, 1, 0, 1, 24, 0, 0, 0 } }, { "minute 60", { 2000, 1, 0, 1, 0, 60, 0, 0 } },
		{ "second 60", { 2000, 1, 0, 1, 0, 0, 60, 0 } }, { "millisecond 1000", { 2000, 1, 0, 1, 0, 0, 0, 1000 } },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		FILETIME time;

		check_row("%s", cases[i].name);
		CHECK_FAILS(SystemTimeToFileTime(&cases[i].date, &time), ERROR_INVALID_PARAMETER);
	}
}

TEST(negative_file_times_are_no_dates)
{
	FILETIME time = filetime(1ull << 63);
	SYSTEMTIME date;

	CHECK_FAILS(FileTimeToSystemTime(&time, &date), ERROR_INVALID_PARAMETER);
}

TEST(file_times_compare_as_numbers)
{
	FILETIME early = filetime(0xffffffff), late = filetime(0x100000000);

	CHECK_EQ(CompareFileTime(&early, &late), -1);
	CHECK_EQ(CompareFileTime(&late, &early), 1);
	CHECK_EQ(CompareFileTime(&late, &late), 0);
}

TEST(local_file_times_return)
{
	FILETIME time = filetime(130000000000000000), local, back;

	REQUIRE_WORKS(FileTimeToLocalFileTime(&time, &local));
	REQUIRE_WORKS(LocalFileTimeToFileTime(&local, &back));
	CHECK_EQ(ticks(back), ticks(time));
	CHECK_EQ((ticks(local) - ticks(time)) % (900 * SECOND), 0); /* quarters of an hour */
}

TEST(clocks_agree)
{
	FILETIME before, of_date, after;
	SYSTEMTIME date;

	GetSystemTimeAsFileTime(&before);
	GetSystemTime(&date);
	GetSystemTimePreciseAsFileTime(&after);
	REQUIRE_WORKS(SystemTimeToFileTime(&date, &of_date));
	/* A date has milliseconds, and one of the clocks may be as coarse as 16 of them. */
	CHECK(ticks(of_date) + 20 * SECOND / 1000 >= ticks(before));
	CHECK(ticks(after) + 20 * SECOND / 1000 >= ticks(of_date));
}

TEST(counters_only_rise)
{
	LARGE_INTEGER frequency, last, present;
	ULONGLONG wrong = 0;

	REQUIRE_WORKS(QueryPerformanceFrequency(&frequency));
	CHECK(frequency.QuadPart >= 1000000);
	REQUIRE_WORKS(QueryPerformanceCounter(&last));
	for (unsigned i = 0; i < 10000; i++, last = present) {
		QueryPerformanceCounter(&present);
		wrong += present.QuadPart < last.QuadPart;
	}
	CHECK_EQ(wrong, 0);
}

TEST(ticks_are_milliseconds)
{
	LARGE_INTEGER frequency, start, present;
	ULONGLONG first = GetTickCount64();

	QueryPerformanceFrequency(&frequency);
	QueryPerformanceCounter(&start);
	do
		QueryPerformanceCounter(&present);
	while (present.QuadPart - start.QuadPart < frequency.QuadPart / 10);
	CHECK(GetTickCount64() - first >= 80 && GetTickCount64() - first < 60000);
	CHECK((DWORD)GetTickCount64() - GetTickCount() + 60000 < 120000);
}

TEST(memory_of_the_machine)
{
	MEMORYSTATUSEX status = { .dwLength = sizeof(status) };

	REQUIRE_WORKS(GlobalMemoryStatusEx(&status));
	CHECK(status.dwMemoryLoad <= 100);
	CHECK(status.ullAvailPhys <= status.ullTotalPhys);
	CHECK(status.ullTotalPhys <= status.ullTotalPageFile);
	CHECK(status.ullAvailVirtual < status.ullTotalVirtual);
}

TEST(memory_wants_the_structures_size)
{
	MEMORYSTATUSEX status = { .dwLength = sizeof(status) - 4 };

	CHECK_FAILS(GlobalMemoryStatusEx(&status), ERROR_INVALID_PARAMETER);
}
