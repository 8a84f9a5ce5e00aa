/* SPDX-License-Identifier: MIT */
/* Wide text of either width to UTF-8 and back. The C library's functions know one width only. */
#include "os.h"
#include "win32.h"

#define REPLACEMENT 0xfffdu
#define BAD UINT32_MAX

static uint32_t unit_at(const void *wide, size_t index, unsigned width)
{
	return width == 2 ? ((const uint16_t *)wide)[index] : ((const uint32_t *)wide)[index];
}

size_t text_wide_length(const void *wide, unsigned width)
{
	size_t length = 0;

	while (unit_at(wide, length, width))
		length++;
	return length;
}

static bool is_high(uint32_t unit)
{
	return unit >= 0xd800 && unit < 0xdc00;
}

static bool is_low(uint32_t unit)
{
	return unit >= 0xdc00 && unit < 0xe000;
}

/* The character at *index, which moves past it; BAD if it is none. Pairs are read in either width. */
static uint32_t next_wide(const void *wide, size_t count, unsigned width, size_t *index)
{
	uint32_t unit = unit_at(wide, (*index)++, width);

	if (is_high(unit) && *index < count && is_low(unit_at(wide, *index, width)))
		return 0x10000 + ((unit - 0xd800) << 10) + (unit_at(wide, (*index)++, width) - 0xdc00);
	return is_high(unit) || is_low(unit) || unit > 0x10ffff ? BAD : unit;
}

static unsigned put_utf8(uint32_t character, char *to)
{
	if (character < 0x80) {
		to[0] = (char)character;
		return 1;
	}
	if (character < 0x800) {
		to[0] = (char)(0xc0 | character >> 6);
		to[1] = (char)(0x80 | (character & 0x3f));
		return 2;
	}
	if (character < 0x10000) {
		to[0] = (char)(0xe0 | character >> 12);
		to[1] = (char)(0x80 | (character >> 6 & 0x3f));
		to[2] = (char)(0x80 | (character & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | character >> 18);
	to[1] = (char)(0x80 | (character >> 12 & 0x3f));
	to[2] = (char)(0x80 | (character >> 6 & 0x3f));
	to[3] = (char)(0x80 | (character & 0x3f));
	return 4;
}

fm_status text_narrow(const void *wide, size_t count, unsigned width, char **ret_text)
{
	char *text = os_allocate(count * 4 + 1);
	size_t used = 0;

	if (!text)
		return FM_E_NO_MEMORY;
	for (size_t i = 0; i < count;) {
		uint32_t character = next_wide(wide, count, width, &i);

		if (character == BAD || character == 0) { /* a counted string may hold a NUL: no name does */
			os_free(text);
			return FM_E_NAME_INVALID;
		}
		used += put_utf8(character, text + used);
	}
	*ret_text = text;
	return FM_OK;
}

/* The character at *text, which moves past it; one bad byte is one replacement. */
static uint32_t next_utf8(const char **text)
{
	const unsigned char *at = (const unsigned char *)*text;
	unsigned more = at[0] < 0x80 ? 0 : at[0] < 0xe0 ? 1 : at[0] < 0xf0 ? 2 : 3;
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	uint32_t character = more ? at[0] & (0x3fu >> more) : at[0];

	*text += 1;
	if (at[0] >= 0x80 && (at[0] < 0xc2 || at[0] > 0xf4))
		return REPLACEMENT;
	for (unsigned i = 1; i <= more; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return REPLACEMENT;
		character = character << 6 | (at[i] & 0x3f);
	}
	if (character < least[more] || character > 0x10ffff || is_high(character) || is_low(character))
		return REPLACEMENT;
	*text += more;
	return character;
}

size_t text_widened_length(const char *text, unsigned width)
{
	size_t length = 0;

	while (*text)
		length += next_utf8(&text) > 0xffff && width == 2 ? 2 : 1;
	return length;
}

static void put_unit(void *wide, size_t index, unsigned width, uint32_t unit)
{
	if (width == 2)
		((uint16_t *)wide)[index] = (uint16_t)unit;
	else
		((uint32_t *)wide)[index] = unit;
}

size_t text_widen(const char *text, void *wide, size_t capacity, unsigned width)
{
	size_t used = 0;

	while (*text) {
		uint32_t character = next_utf8(&text);
		bool pair = character > 0xffff && width == 2;

		if (capacity - used < (pair ? 2u : 1u))
			break;
		if (pair) {
			put_unit(wide, used++, width, 0xd800 + ((character - 0x10000) >> 10));
			character = 0xdc00 + ((character - 0x10000) & 0x3ff);
		}
		put_unit(wide, used++, width, character);
	}
	return used;
}
