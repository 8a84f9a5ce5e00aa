/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "digest.h"
#include "names_internal.h"

#define DIGEST_MARK "%~"
#define DIGEST_BYTES 16u
#define DIGEST_TAIL (sizeof(DIGEST_MARK) - 1 + 2 * DIGEST_BYTES)

static const char hex[] = "0123456789ABCDEF";

/* Length of the well-formed UTF-8 sequence at @text (Unicode table 3-7), or 0. */
static unsigned utf8_length(const unsigned char *text, size_t left)
{
	unsigned char lowest = 0x80, highest = 0xbf;
	unsigned length;

	if (text[0] < 0x80)
		return 1;
	if (text[0] < 0xc2 || text[0] > 0xf4)
		return 0;
	length = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
	if (length > left)
		return 0;
	if (text[0] == 0xe0)
		lowest = 0xa0; /* overlong */
	else if (text[0] == 0xed)
		highest = 0x9f; /* surrogates */
	else if (text[0] == 0xf0)
		lowest = 0x90; /* overlong */
	else if (text[0] == 0xf4)
		highest = 0x8f; /* beyond U+10FFFF */
	if (text[1] < lowest || text[1] > highest)
		return 0;
	for (unsigned i = 2; i < length; i++)
		if (text[i] < 0x80 || text[i] > 0xbf)
			return 0;
	return length;
}

static bool is_control(unsigned char byte)
{
	return byte < 0x20 || byte == 0x7f;
}

static bool is_well_formed(const char *text, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)text;

	for (size_t i = 0; i < length;) {
		unsigned step = utf8_length(bytes + i, length - i);

		if (step == 0 || is_control(bytes[i]))
			return false;
		i += step;
	}
	return true;
}

static bool skip_prefix(const char **name, const char *prefix)
{
	size_t length = strlen(prefix);

	if (strncmp(*name, prefix, length) != 0)
		return false;
	*name += length;
	return true;
}

fm_status name_parse(const char *name, struct object_name *ret_name)
{
	struct object_name parsed = { .space = FM_LOCAL };

	if (!name)
		return FM_E_INVALID_PARAMETER;
	if (skip_prefix(&name, name_prefix(FM_GLOBAL)))
		parsed.space = FM_GLOBAL;
	else
		(void)skip_prefix(&name, name_prefix(FM_LOCAL)); /* no prefix means the same */
	parsed.text = name;
	parsed.length = strnlen(name, NAME_MAX_BYTES + 1u);
	if (parsed.length == 0 || parsed.length > NAME_MAX_BYTES)
		return FM_E_NAME_INVALID;
	if (memchr(name, '\\', parsed.length))
		return FM_E_PATH_NOT_FOUND;
	if (!is_well_formed(name, parsed.length))
		return FM_E_NAME_INVALID;
	*ret_name = parsed;
	return FM_OK;
}

/* Does the character at @text, @length bytes of it and none of ASCII's controls, stand for itself in a file name? */
static bool is_kept(const unsigned char *text, unsigned length, bool first)
{
	if (length == 1)
		return *text != '%' && *text != '/' && !(first && *text == '.');
	return !(length == 2 && text[0] == 0xc2 && text[1] < 0xa0); /* the controls U+0080 .. U+009F */
}

/* Encode one character of @length bytes; returns the bytes written, at most 12. */
static unsigned encode_one(const unsigned char *text, unsigned length, bool first, char *to)
{
	if (is_kept(text, length, first)) {
		memcpy(to, text, length);
		return length;
	}
	for (unsigned i = 0; i < length; i++) {
		*to++ = '%';
		*to++ = hex[text[i] >> 4];
		*to++ = hex[text[i] & 15];
	}
	return 3 * length;
}

static void append_digest(const struct object_name *name, char *to)
{
	unsigned char digest[DIGEST_FULL];

	digest_of(name->text, name->length, digest);
	memcpy(to, DIGEST_MARK, sizeof(DIGEST_MARK) - 1);
	to += sizeof(DIGEST_MARK) - 1;
	for (unsigned i = 0; i < DIGEST_BYTES; i++) {
		*to++ = hex[digest[i] >> 4];
		*to++ = hex[digest[i] & 15];
	}
	*to = '\0';
}

void name_encode(const struct object_name *name, char *buffer)
{
	const unsigned char *text = (const unsigned char *)name->text;
	size_t used = 0, short_used = 0; /* @short_used: what fits beside a digest */

	for (size_t i = 0; i < name->length;) {
		char one[12];
		unsigned step = utf8_length(text + i, name->length - i);
		unsigned size = encode_one(text + i, step, i == 0, one);

		if (used + size > NAME_FILE_SIZE - 1) {
			append_digest(name, buffer + short_used);
			return;
		}
		memcpy(buffer + used, one, size);
		used += size;
		if (used + DIGEST_TAIL < NAME_FILE_SIZE)
			short_used = used;
		i += step;
	}
	buffer[used] = '\0';
}

static int hex_value(char c)
{
	const char *at = c ? strchr(hex, c) : NULL;

	return at ? (int)(at - hex) : -1;
}

bool name_decode(const char *file, char *buffer)
{
	char again[NAME_FILE_SIZE];
	struct object_name name = { .text = buffer };
	const char *const whole = file;
	size_t used = 0;

	for (; *file; file++, used++) {
		int high, low;

		if (used == NAME_FILE_SIZE - 1)
			return false;
		buffer[used] = *file;
		if (*file != '%')
			continue;
		high = hex_value(file[1]);
		low = high < 0 ? -1 : hex_value(file[2]);
		if (low < 0)
			return false;
		buffer[used] = (char)(high << 4 | low);
		file += 2;
	}
	buffer[used] = '\0';
	/* Only what the encoder makes: no two files are one name. */
	if (strlen(buffer) != used || memchr(buffer, '\\', used) || !is_well_formed(buffer, used) || used == 0)
		return false;
	name.length = used;
	name_encode(&name, again);
	return strcmp(again, whole) == 0;
}

char *name_full(const struct object_name *name)
{
	const char *prefix = name_prefix(name->space);
	size_t length = strlen(prefix);
	char *full = os_allocate(length + name->length + 1);

	if (full) {
		memcpy(full, prefix, length);
		memcpy(full + length, name->text, name->length);
	}
	return full;
}
