/* SPDX-License-Identifier: MIT */
/* Clocks, dates and file times. */
#include "filetime.h"

#include <time.h>

/* ---- dates ---- */

enum { DAYS_400_YEARS = 146097, YEAR_LEAST = 1601, YEAR_MOST = 30827 };

static bool is_leap(unsigned year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned days_of_month(unsigned year, unsigned month)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year) ? 1u : 0);
}

/* Days from 1601-01-01 to the first of a year: 1601 begins a cycle of 400 years. */
static uint64_t days_before_year(unsigned year)
{
	uint64_t years = year - YEAR_LEAST;

	return years * 365 + years / 4 - years / 100 + years / 400;
}

static bool is_date(const SYSTEMTIME *time)
{
	return time->wYear >= YEAR_LEAST && time->wYear <= YEAR_MOST && time->wMonth >= 1 && time->wMonth <= 12 &&
	       time->wDay >= 1 && time->wDay <= days_of_month(time->wYear, time->wMonth) && time->wHour < 24 &&
	       time->wMinute < 60 && time->wSecond < 60 && time->wMilliseconds < 1000;
}

static uint64_t ticks_of_date(const SYSTEMTIME *time)
{
	uint64_t days = days_before_year(time->wYear) + time->wDay - 1u;

	for (unsigned month = 1; month < time->wMonth; month++)
		days += days_of_month(time->wYear, month);
	return (((days * 24 + time->wHour) * 60 + time->wMinute) * 60 + time->wSecond) * TICKS_PER_SECOND +
	       time->wMilliseconds * (TICKS_PER_SECOND / 1000);
}

static SYSTEMTIME date_of_ticks(uint64_t ticks)
{
	uint64_t seconds = ticks / TICKS_PER_SECOND, days = seconds / 86400;
	unsigned year = (unsigned)(YEAR_LEAST + days * 400 / DAYS_400_YEARS), month = 1, left;

	while (days_before_year(year) > days) /* the quotient may be one year too far */
		year--;
	while (days_before_year(year + 1) <= days)
		year++;
	left = (unsigned)(days - days_before_year(year));
	for (; left >= days_of_month(year, month); month++)
		left -= days_of_month(year, month);
	return (SYSTEMTIME){
		.wYear = (WORD)year, .wMonth = (WORD)month, .wDay = (WORD)(left + 1),
		.wDayOfWeek = (WORD)((days + 1) % 7), /* 1601 began on a Monday */
		.wHour = (WORD)(seconds / 3600 % 24), .wMinute = (WORD)(seconds / 60 % 60),
		.wSecond = (WORD)(seconds % 60),
		.wMilliseconds = (WORD)(ticks / (TICKS_PER_SECOND / 1000) % 1000),
	};
}

BOOL WINAPI SystemTimeToFileTime(const SYSTEMTIME *lpSystemTime, LPFILETIME lpFileTime)
{
	if (!lpSystemTime || !lpFileTime || !is_date(lpSystemTime))
		return finish(FM_E_INVALID_PARAMETER);
	*lpFileTime = filetime_of_ticks(ticks_of_date(lpSystemTime));
	return TRUE;
}

BOOL WINAPI FileTimeToSystemTime(const FILETIME *lpFileTime, LPSYSTEMTIME lpSystemTime)
{
	if (!lpFileTime || !lpSystemTime || ticks_of(lpFileTime) > INT64_MAX)
		return finish(FM_E_INVALID_PARAMETER);
	*lpSystemTime = date_of_ticks(ticks_of(lpFileTime));
	return TRUE;
}

/* ---- the present ---- */

VOID WINAPI GetSystemTimePreciseAsFileTime(LPFILETIME lpSystemTimeAsFileTime)
{
	*lpSystemTimeAsFileTime = filetime_of_ticks(ticks_now());
}

VOID WINAPI GetSystemTimeAsFileTime(LPFILETIME lpSystemTimeAsFileTime)
{
	GetSystemTimePreciseAsFileTime(lpSystemTimeAsFileTime);
}

VOID WINAPI GetSystemTime(LPSYSTEMTIME lpSystemTime)
{
	*lpSystemTime = date_of_ticks(ticks_now());
}

/* What local time is ahead by, in ticks. */
static int64_t local_offset(void)
{
	time_t now = (time_t)os_realtime();
	struct tm local;

	tzset();
	return localtime_r(&now, &local) ? local.tm_gmtoff * (int64_t)TICKS_PER_SECOND : 0;
}

VOID WINAPI GetLocalTime(LPSYSTEMTIME lpSystemTime)
{
	*lpSystemTime = date_of_ticks(ticks_now() + (uint64_t)local_offset());
}

/* ---- file times ---- */

LONG WINAPI CompareFileTime(const FILETIME *lpFileTime1, const FILETIME *lpFileTime2)
{
	uint64_t first = ticks_of(lpFileTime1), second = ticks_of(lpFileTime2);

	return first < second ? -1 : first > second;
}

static BOOL shift(const FILETIME *time, int64_t by, FILETIME *ret_time)
{
	uint64_t ticks = time && ret_time ? ticks_of(time) : UINT64_MAX;

	if (ticks > INT64_MAX || (by < 0 && ticks < (uint64_t)-by))
		return finish(FM_E_INVALID_PARAMETER);
	*ret_time = filetime_of_ticks(ticks + (uint64_t)by);
	return TRUE;
}

BOOL WINAPI FileTimeToLocalFileTime(const FILETIME *lpFileTime, LPFILETIME lpLocalFileTime)
{
	return shift(lpFileTime, local_offset(), lpLocalFileTime);
}

BOOL WINAPI LocalFileTimeToFileTime(const FILETIME *lpLocalFileTime, LPFILETIME lpFileTime)
{
	return shift(lpLocalFileTime, -local_offset(), lpFileTime);
}

/* ---- intervals ---- */

ULONGLONG WINAPI GetTickCount64(VOID)
{
	return os_boot_ns() / 1000000;
}

DWORD WINAPI GetTickCount(VOID)
{
	return (DWORD)GetTickCount64();
}

BOOL WINAPI QueryPerformanceCounter(LARGE_INTEGER *lpPerformanceCount)
{
	if (!lpPerformanceCount)
		return finish(FM_E_ACCESS_VIOLATION);
	lpPerformanceCount->QuadPart = (LONGLONG)(os_monotonic_ns() / 100);
	return TRUE;
}

BOOL WINAPI QueryPerformanceFrequency(LARGE_INTEGER *lpFrequency)
{
	if (!lpFrequency)
		return finish(FM_E_ACCESS_VIOLATION);
	lpFrequency->QuadPart = TICKS_PER_SECOND;
	return TRUE;
}
