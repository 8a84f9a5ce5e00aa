/* SPDX-License-Identifier: MIT */
/* JSON (RFC 8259) on stdout, indented. Whatever a file is called, the output is valid UTF-8. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tool.h"

enum { DEPTH_MOST = 16 };

static struct {
	char close[DEPTH_MOST];
	bool filled[DEPTH_MOST];
	int depth;
} json;

/* Bytes of the well-formed sequence at @text, 0 if there is none (RFC 3629: no overlong, no surrogates). */
static size_t sequence_length(const unsigned char *text)
{
	unsigned char first = text[0], low = 0x80, high = 0xbf;
	size_t length;

	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	if (first == 0xe0)
		low = 0xa0;
	else if (first == 0xed)
		high = 0x9f;
	else if (first == 0xf0)
		low = 0x90;
	else if (first == 0xf4)
		high = 0x8f;
	for (size_t i = 1; i < length; i++, low = 0x80, high = 0xbf)
		if (text[i] < low || text[i] > high)
			return 0;
	return length;
}

static void print_string(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	putchar('"');
	while (*at) {
		size_t length = sequence_length(at);

		if (length == 0) {
			fputs("\\ufffd", stdout);
			at++;
			continue;
		}
		if (*at == '"' || *at == '\\')
			printf("\\%c", *at);
		else if (*at < 0x20 || *at == 0x7f)
			printf("\\u%04x", *at);
		else
			fwrite(at, 1, length, stdout);
		at += length;
	}
	putchar('"');
}

/* Comma, line, indentation and key before a value. */
static void begin(const char *key)
{
	if (json.depth > 0) {
		fputs(json.filled[json.depth - 1] ? ",\n" : "\n", stdout);
		json.filled[json.depth - 1] = true;
		printf("%*s", 2 * json.depth, "");
	}
	if (key) {
		print_string(key);
		fputs(": ", stdout);
	}
}

static void finish(void)
{
	if (json.depth == 0)
		putchar('\n');
}

static void nest(const char *key, char open, char close)
{
	begin(key);
	putchar(open);
	json.close[json.depth] = close;
	json.filled[json.depth] = false;
	json.depth++;
}

void json_object(const char *key)
{
	nest(key, '{', '}');
}

void json_array(const char *key)
{
	nest(key, '[', ']');
}

void json_end(void)
{
	json.depth--;
	if (json.filled[json.depth])
		printf("\n%*s", 2 * json.depth, "");
	putchar(json.close[json.depth]);
	finish();
}

void json_text(const char *key, const char *value)
{
	begin(key);
	if (value)
		print_string(value);
	else
		fputs("null", stdout);
	finish();
}

void json_number(const char *key, uint64_t value)
{
	begin(key);
	printf("%" PRIu64, value);
	finish();
}

void json_signed(const char *key, int64_t value)
{
	begin(key);
	printf("%" PRId64, value);
	finish();
}

void json_real(const char *key, double value)
{
	begin(key);
	if (isfinite(value))
		printf("%.6g", value);
	else
		fputs("null", stdout);
	finish();
}

void json_bool(const char *key, bool value)
{
	begin(key);
	fputs(value ? "true" : "false", stdout);
	finish();
}
