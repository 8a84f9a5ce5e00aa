/* SPDX-License-Identifier: MIT */
/* MultiByteToWideChar and its reverse: UTF-8, and the two code pages that are one table. */
#include "codepage.h"

#include <string.h>

#define REPLACEMENT 0xfffdu
#define BAD UINT32_MAX

enum page { PAGE_NONE, PAGE_UTF8, PAGE_1252, PAGE_LATIN1 };

/* 0x80 to 0x9f of Windows-1252; the rest of it is Latin-1, and so are its five holes. */
static const uint16_t high_1252[32] = {
	0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039,
	0x0152, 0x008d, 0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
	0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
};

static enum page page_of_number(UINT codepage)
{
	switch (codepage) {
	case CP_ACP:
	case CP_OEMCP:
	case CP_THREAD_ACP:
	case CP_UTF8:
		return PAGE_UTF8;
	case 1252:
		return PAGE_1252;
	case 28591:
		return PAGE_LATIN1;
	default:
		return PAGE_NONE;
	}
}

static int fail(DWORD error)
{
	SetLastError(error);
	return 0;
}

/* ---- one character ---- */

/* How many bytes the character that begins with @first has, and the range of its second byte; 0: none. */
static unsigned utf8_length(unsigned char first, unsigned char *ret_least, unsigned char *ret_most)
{
	*ret_least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	*ret_most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
	if (first < 0x80)
		return 1;
	return first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
}

/* The character at *at, which moves past it. BAD: past what could have begun one, and past a second byte that
 * no character with this lead has, as Windows goes. */
static uint32_t next_utf8(const unsigned char **at, const unsigned char *end)
{
	unsigned char least, most, first = *(*at)++;
	unsigned length = utf8_length(first, &least, &most);
	uint32_t character = length < 2 ? first : first & (0x7fu >> length);

	if (length == 0)
		return BAD;
	for (unsigned i = 1; i < length; i++) {
		unsigned char byte = *at == end ? 0 : **at;

		if ((byte & 0xc0) != 0x80)
			return BAD;
		++*at;
		if (i == 1 && (byte < least || byte > most))
			return BAD;
		character = character << 6 | (byte & 0x3f);
	}
	return character;
}

static uint32_t next_byte(enum page page, const unsigned char **at, const unsigned char *end)
{
	unsigned char byte;

	if (page == PAGE_UTF8)
		return next_utf8(at, end);
	byte = *(*at)++;
	return page == PAGE_1252 && byte >= 0x80 && byte < 0xa0 ? high_1252[byte - 0x80] : byte;
}

static uint32_t unit_at(const void *wide, size_t index, unsigned width)
{
	return width == 2 ? ((const uint16_t *)wide)[index] : ((const uint32_t *)wide)[index];
}

/* The character at *index, which moves past it; a pair of surrogates is one in either width. */
static uint32_t next_unit(const struct encode_call *call, size_t count, size_t *index)
{
	uint32_t unit = unit_at(call->wide, (*index)++, call->width), low;

	if (unit < 0xd800 || (unit > 0xdfff && unit <= 0x10ffff))
		return unit;
	if (unit > 0xdbff || *index == count)
		return BAD;
	low = unit_at(call->wide, *index, call->width);
	if (low < 0xdc00 || low > 0xdfff)
		return BAD;
	++*index;
	return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
}

static unsigned put_utf8(uint32_t character, char to[4])
{
	unsigned more = character < 0x80 ? 0 : character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
	static const unsigned char lead[] = { 0, 0xc0, 0xe0, 0xf0 };

	to[0] = (char)(lead[more] | character >> (6 * more));
	for (unsigned i = 1; i <= more; i++)
		to[i] = (char)(0x80 | (character >> (6 * (more - i)) & 0x3f));
	return more + 1;
}

/* The byte for @character; false: the code page has none. */
static bool byte_of(enum page page, uint32_t character, char *ret_byte)
{
	*ret_byte = (char)character;
	if (page == PAGE_LATIN1 || character < 0x80 || (character > 0x9f && character < 0x100))
		return character < 0x100;
	for (unsigned i = 0; i < RTL_NUMBER_OF(high_1252); i++) {
		if (high_1252[i] == character) {
			*ret_byte = (char)(0x80 + i);
			return true;
		}
	}
	return false;
}

/* ---- to wide ---- */

/* The flags that mean nothing to UTF-8 are taken where the program did not ask for UTF-8 by its number. */
static DWORD decode_flags(UINT codepage)
{
	return codepage == CP_UTF8 ? MB_ERR_INVALID_CHARS : MB_ERR_INVALID_CHARS | MB_PRECOMPOSED | MB_USEGLYPHCHARS;
}

static DWORD check_decode(const struct decode_call *call, enum page page)
{
	if (!call->text || call->count == 0 || call->count < -1 || call->capacity < 0)
		return ERROR_INVALID_PARAMETER;
	if (call->capacity > 0 && (!call->wide || call->wide == call->text))
		return ERROR_INVALID_PARAMETER;
	if (page == PAGE_NONE)
		return ERROR_INVALID_PARAMETER;
	return call->flags & ~decode_flags(call->codepage) ? ERROR_INVALID_FLAGS : ERROR_SUCCESS;
}

/* Append one character; false: it does not fit. */
static bool put_wide(const struct decode_call *call, size_t *used, uint32_t character)
{
	bool pair = call->width == 2 && character > 0xffff;
	size_t at = *used;

	*used += pair ? 2 : 1;
	if (call->capacity == 0)
		return true;
	if (*used > (size_t)call->capacity)
		return false;
	if (call->width == 4) {
		((uint32_t *)call->wide)[at] = character;
	} else if (pair) {
		((uint16_t *)call->wide)[at] = (uint16_t)(0xd800 + ((character - 0x10000) >> 10));
		((uint16_t *)call->wide)[at + 1] = (uint16_t)(0xdc00 + ((character - 0x10000) & 0x3ff));
	} else {
		((uint16_t *)call->wide)[at] = (uint16_t)character;
	}
	return true;
}

int codepage_decode(const struct decode_call *call)
{
	enum page page = page_of_number(call->codepage);
	const unsigned char *at = (const unsigned char *)call->text, *end;
	DWORD error = check_decode(call, page);
	size_t used = 0;

	if (error)
		return fail(error);
	end = at + (call->count < 0 ? strlen(call->text) + 1 : (size_t)call->count);
	while (at < end) {
		uint32_t character = next_byte(page, &at, end);

		if (character == BAD && (call->flags & MB_ERR_INVALID_CHARS))
			return fail(ERROR_NO_UNICODE_TRANSLATION);
		if (!put_wide(call, &used, character == BAD ? REPLACEMENT : character))
			return fail(ERROR_INSUFFICIENT_BUFFER);
	}
	return used > INT_MAX ? fail(ERROR_INVALID_PARAMETER) : (int)used;
}

/* ---- from wide ---- */

static DWORD check_encode(const struct encode_call *call, enum page page)
{
	if (!call->wide || call->count == 0 || call->count < -1 || call->capacity < 0)
		return ERROR_INVALID_PARAMETER;
	if (call->capacity > 0 && (!call->text || call->text == call->wide))
		return ERROR_INVALID_PARAMETER;
	if (page == PAGE_NONE || (call->codepage == CP_UTF8 && (call->fallback || call->used_fallback)))
		return ERROR_INVALID_PARAMETER;
	if (call->flags & ~(DWORD)(call->codepage == CP_UTF8 ? WC_ERR_INVALID_CHARS
							     : WC_ERR_INVALID_CHARS | WC_NO_BEST_FIT_CHARS))
		return ERROR_INVALID_FLAGS;
	return page != PAGE_UTF8 && (call->flags & WC_ERR_INVALID_CHARS) ? ERROR_INVALID_FLAGS : ERROR_SUCCESS;
}

/* The bytes for one character; *ret_missing: they stand for something else. */
static unsigned encode_one(const struct encode_call *call, enum page page, uint32_t character, char to[4],
			   bool *ret_missing)
{
	*ret_missing = character == BAD;
	if (page == PAGE_UTF8)
		return put_utf8(character == BAD ? REPLACEMENT : character, to);
	if (character == BAD || !byte_of(page, character, to)) {
		*ret_missing = true;
		to[0] = '?';
		if (call->fallback)
			to[0] = call->fallback[0];
	}
	return 1;
}

int codepage_encode(const struct encode_call *call)
{
	enum page page = page_of_number(call->codepage);
	DWORD error = check_encode(call, page);
	size_t count, used = 0;
	bool missing, any = false;
	char bytes[4];

	if (error)
		return fail(error);
	count = call->count < 0 ? fm_internal_text_wide_length(call->wide, call->width) + 1 : (size_t)call->count;
	for (size_t i = 0; i < count;) {
		unsigned length = encode_one(call, page, next_unit(call, count, &i), bytes, &missing);

		if (missing && (call->flags & WC_ERR_INVALID_CHARS))
			return fail(ERROR_NO_UNICODE_TRANSLATION);
		any = any || missing;
		if (call->capacity > 0) {
			if (used + length > (size_t)call->capacity)
				return fail(ERROR_INSUFFICIENT_BUFFER);
			memcpy(call->text + used, bytes, length);
		}
		used += length;
	}
	if (call->used_fallback)
		*call->used_fallback = any;
	return used > INT_MAX ? fail(ERROR_INVALID_PARAMETER) : (int)used;
}

/* ---- facts ---- */

UINT WINAPI GetACP(VOID)
{
	return CP_UTF8;
}

UINT WINAPI GetOEMCP(VOID)
{
	return CP_UTF8;
}

BOOL WINAPI IsValidCodePage(UINT CodePage)
{
	return CodePage > CP_THREAD_ACP && page_of_number(CodePage) != PAGE_NONE;
}

BOOL WINAPI IsDBCSLeadByte(BYTE TestChar)
{
	(void)TestChar;
	return FALSE;
}

BOOL WINAPI IsDBCSLeadByteEx(UINT CodePage, BYTE TestChar)
{
	(void)CodePage, (void)TestChar;
	return FALSE;
}
