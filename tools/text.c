/* SPDX-License-Identifier: MIT */
/* Numbers, times and tables for people. */
#include <inttypes.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#include "tool.h"

enum { RING = 16, RING_SIZE = 64 };

static char *ring_buffer(void)
{
	static char ring[RING][RING_SIZE];
	static unsigned next;

	return ring[next++ % RING];
}

const char *size_text(uint64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double value = (double)bytes / 1024;
	char *buffer = ring_buffer();
	size_t unit = 0;

	if (bytes < 1024) {
		snprintf(buffer, RING_SIZE, "%" PRIu64 " B", bytes);
		return buffer;
	}
	while (value >= 1023.95 && unit + 1 < ARRAY_SIZE(units)) {
		value /= 1024;
		unit++;
	}
	snprintf(buffer, RING_SIZE, "%.*f %s", value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value, units[unit]);
	return buffer;
}

const char *bytes_text(uint64_t bytes)
{
	char *buffer = ring_buffer();

	snprintf(buffer, RING_SIZE, "%" PRIu64, bytes);
	return buffer;
}

const char *rate_text(uint64_t bytes, double seconds)
{
	char *buffer = ring_buffer();
	double rate = seconds > 0 ? (double)bytes / seconds : 0;

	if (rate >= 1e9)
		snprintf(buffer, RING_SIZE, "%.2f GB/s", rate / 1e9);
	else if (rate >= 1e6)
		snprintf(buffer, RING_SIZE, "%.0f MB/s", rate / 1e6);
	else
		snprintf(buffer, RING_SIZE, "%.1f kB/s", rate / 1e3);
	return buffer;
}

const char *time_text(int64_t seconds)
{
	time_t when = (time_t)seconds, now = time(NULL);
	struct tm then, today;
	char *buffer = ring_buffer();

	if (!localtime_r(&when, &then) || !localtime_r(&now, &today))
		return "?";
	if (then.tm_year == today.tm_year && then.tm_yday == today.tm_yday)
		strftime(buffer, RING_SIZE, "%H:%M:%S", &then);
	else
		strftime(buffer, RING_SIZE, "%Y-%m-%d %H:%M", &then);
	return buffer;
}

const char *access_text(uint32_t access)
{
	static const struct {
		uint32_t bit;
		const char *text;
	} words[] = { { FM_READ, "read" }, { FM_WRITE, "write" }, { FM_COPY, "copy-on-write" }, { FM_EXEC, "execute" } };
	char *buffer = ring_buffer();

	buffer[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (access & words[i].bit) {
			if (buffer[0])
				strcat(buffer, ", ");
			strcat(buffer, words[i].text);
		}
	return buffer[0] ? buffer : "no access";
}

const char *clean_text(const char *text)
{
	static char *copies[4];
	static unsigned next;
	char **copy = &copies[next++ % ARRAY_SIZE(copies)];

	free(*copy);
	*copy = strdup(text);
	if (!*copy)
		out_of_memory();
	for (char *at = *copy; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			*at = '?';
		else if ((unsigned char)at[0] == 0xc2 && (unsigned char)at[1] >= 0x80 && (unsigned char)at[1] < 0xa0)
			at[0] = at[1] = '?'; /* U+0080 .. U+009F control terminals too */
	return *copy;
}

int text_width(const char *text)
{
	mbstate_t state = { 0 };
	int width = 0;
	wchar_t wide;
	size_t used, left = strlen(text);

	while (left > 0) {
		int columns;

		used = mbrtowc(&wide, text, left, &state);
		if (used == 0 || used > left)
			return width + (int)left; /* no text of this locale: a column a byte */
		columns = wcwidth(wide);
		width += columns < 0 ? 1 : columns;
		text += used;
		left -= used;
	}
	return width;
}

bool text_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
