/* SPDX-License-Identifier: MIT */
/* Messages: where their text comes from, inserts and escapes. */
#include "message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modules.h"
#include "os.h"

enum { MOST = 65535 /* characters, as on Windows */, INSERTS = 99 };

/* Text that grows. A failure sticks. */
struct text {
	char *bytes;
	size_t used, size;
	fm_status status;
};

static void append(struct text *text, const char *bytes, size_t length)
{
	if (status_failed(text->status) || length > MOST - text->used) {
		text->status = FM_E_NO_MEMORY;
		return;
	}
	if (text->used + length + 1 > text->size) {
		size_t size = (text->used + length + 1) * 2;
		char *grown = os_allocate(size);

		if (!grown) {
			text->status = FM_E_NO_MEMORY;
			return;
		}
		if (text->used)
			memcpy(grown, text->bytes, text->used);
		os_free(text->bytes);
		text->bytes = grown;
		text->size = size;
	}
	memcpy(text->bytes + text->used, bytes, length);
	text->used += length;
	text->bytes[text->used] = 0;
}

/* ---- inserts ---- */

/* The arguments: each takes a slot of pointer size, read in order and kept, since %2 may come before %1. */
struct inserts {
	const struct message_call *call;
	va_list list;
	bool from_list;
	unsigned count;
	DWORD_PTR values[INSERTS];
};

static DWORD_PTR insert_value(struct inserts *inserts, unsigned index)
{
	if (index >= INSERTS || !inserts->call->arguments)
		return 0;
	if (!inserts->from_list)
		return ((const DWORD_PTR *)(const void *)inserts->call->arguments)[index];
	while (inserts->count <= index)
		inserts->values[inserts->count++] = va_arg(inserts->list, DWORD_PTR);
	return inserts->values[index];
}

/* A printf specification between exclamation marks. */
struct spec {
	char flags[8];
	int width, precision; /* -1: none */
	unsigned wide;        /* 0: as the caller's text, 1: bytes, 2: wide */
	bool long_long;
	char type;
};

static int read_number(const char **at, struct inserts *inserts, unsigned *index)
{
	long value;
	char *end;

	if (**at == '*') {
		++*at;
		return (int)insert_value(inserts, (*index)++);
	}
	value = strtol(*at, &end, 10);
	*at = end;
	return value > MOST ? MOST : (int)value;
}

/* At the character after the first '!'; ends behind the second. False: none is there. */
static bool read_spec(const char **at, struct inserts *inserts, unsigned *index, struct spec *spec)
{
	const char *from = *at;
	size_t flags = 0;

	*spec = (struct spec){ .width = -1, .precision = -1 };
	for (; *from && strchr("-+ #0", *from); from++)
		if (flags < sizeof(spec->flags) - 1)
			spec->flags[flags++] = *from;
	if (*from == '*' || (*from >= '1' && *from <= '9'))
		spec->width = read_number(&from, inserts, index);
	if (*from == '.') {
		from++;
		spec->precision = read_number(&from, inserts, index);
	}
	if (strncmp(from, "I64", 3) == 0 || strncmp(from, "ll", 2) == 0) {
		spec->long_long = true;
		from += *from == 'I' ? 3 : 2;
	} else if (*from == 'h' || *from == 'l' || *from == 'w') {
		spec->wide = *from++ == 'h' ? 1 : 2;
	}
	spec->type = *from;
	if (!spec->type || from[1] != '!')
		return false;
	*at = from + 2;
	return true;
}

/* Bytes of the first @count characters of UTF-8. */
static size_t bytes_of(const char *text, size_t count)
{
	size_t at = 0;

	while (text[at] && count--)
		do
			at++;
		while (((unsigned char)text[at] & 0xc0) == 0x80);
	return at;
}

static size_t characters_of(const char *text, size_t bytes)
{
	size_t count = 0;

	for (size_t i = 0; i < bytes; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	return count;
}

static void pad(struct text *text, int width, size_t present)
{
	for (size_t i = present; width > 0 && i < (size_t)width && !status_failed(text->status); i++)
		append(text, " ", 1);
}

static void put_string(struct text *text, const struct spec *spec, const char *string)
{
	size_t bytes = spec->precision < 0 ? strlen(string) : bytes_of(string, (size_t)spec->precision);
	size_t characters = characters_of(string, bytes);
	bool left = strchr(spec->flags, '-') || spec->width < -1;
	int width = spec->width < -1 ? -spec->width : spec->width;

	if (!left)
		pad(text, width, characters);
	append(text, string, bytes);
	if (left)
		pad(text, width, characters);
}

/* Is the text wide? %s is as the caller's, %S the other; h and l say it. */
static bool is_wide(const struct spec *spec, unsigned width)
{
	bool upper = spec->type == 'S' || spec->type == 'C';

	return spec->wide ? spec->wide == 2 : (width > 1) != upper;
}

static void put_text(struct text *text, const struct spec *spec, unsigned width, DWORD_PTR value)
{
	unsigned wide_width = width > 1 ? width : (unsigned)sizeof(WCHAR);
	bool wide = is_wide(spec, width);
	char *narrowed = NULL, byte[2] = { (char)value, 0 };
	uint32_t unit = (uint32_t)value;
	const void *string = (const void *)value;
	fm_status status = FM_OK;

	if (spec->type == 'c' || spec->type == 'C') {
		string = wide ? (const void *)&unit : byte;
		if (wide)
			status = text_narrow(&unit, 1, wide_width, &narrowed); /* little endian: either width */
	} else if (value && wide) {
		status = text_narrow(string, text_wide_length(string, wide_width), wide_width, &narrowed);
	}
	if (status_failed(status))
		text->status = status;
	else
		put_string(text, spec, narrowed ? narrowed : string ? string : "(null)");
	os_free(narrowed);
}

static void put_integer(struct text *text, const struct spec *spec, DWORD_PTR value)
{
	char format[32], digits[128];
	bool is_signed = spec->type == 'd' || spec->type == 'i';
	int width = spec->width > 100 ? 100 : spec->width, precision = spec->precision > 100 ? 100 : spec->precision;
	int length;

	(void)snprintf(format, sizeof(format), "%%%s*.*ll%c", spec->flags, spec->type); /* always fits */
	if (!spec->long_long)
		value = is_signed ? (DWORD_PTR)(int32_t)value : (uint32_t)value;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	length = snprintf(digits, sizeof(digits), format, width < 0 ? 0 : width, precision, (long long)value);
#pragma GCC diagnostic pop
	append(text, digits, (size_t)length);
}

static void put_insert(struct text *text, struct inserts *inserts, unsigned index, struct spec *spec)
{
	DWORD_PTR value = insert_value(inserts, index);

	if (strchr("cCsS", spec->type)) {
		put_text(text, spec, inserts->call->width, value);
	} else if (strchr("diouxX", spec->type)) {
		put_integer(text, spec, value);
	} else if (spec->type == 'p') {
		*spec = (struct spec){ .flags = "0", .width = 16, .precision = -1, .long_long = true, .type = 'X' };
		put_integer(text, spec, value);
	} else {
		text->status = FM_E_INVALID_PARAMETER;
	}
}

/* At the digits behind a '%'. */
static const char *format_insert(const char *at, struct inserts *inserts, struct text *text)
{
	unsigned index = (unsigned)(*at++ - '0');
	struct spec spec = { .width = -1, .precision = -1, .type = 's' };

	if (*at >= '0' && *at <= '9')
		index = index * 10 + (unsigned)(*at++ - '0');
	index--;
	if (*at == '!') {
		const char *inside = at + 1;

		if (read_spec(&inside, inserts, &index, &spec))
			at = inside;
		else
			text->status = FM_E_INVALID_PARAMETER;
	}
	put_insert(text, inserts, index, &spec);
	return at;
}

/* ---- the message as a whole ---- */

/* A line end of the source: kept, or a space when lines are to be joined. */
static const char *format_line_end(const char *at, DWORD flags, struct text *text)
{
	at += at[0] == '\r' && at[1] == '\n' ? 2 : 1;
	if (flags & FORMAT_MESSAGE_MAX_WIDTH_MASK)
		append(text, " ", 1);
	else
		append(text, "\r\n", 2);
	return at;
}

/* Behind a '%' that begins no insert. NULL: the message ends here. */
static const char *format_escape(const char *at, struct text *text)
{
	switch (*at) {
	case '0':
		return NULL;
	case 'n':
		append(text, "\r\n", 2);
		return at + 1;
	case 'r':
		append(text, "\r", 1);
		return at + 1;
	case 't':
		append(text, "\t", 1);
		return at + 1;
	case 'b':
		append(text, " ", 1);
		return at + 1;
	case 0:
		append(text, "%", 1);
		return at;
	default:
		append(text, at, 1);
		return at + 1;
	}
}

static void format(const char *source, struct inserts *inserts, struct text *text)
{
	DWORD flags = inserts->call->flags;

	for (const char *at = source; at && *at && !status_failed(text->status);) {
		if (*at == '\r' || *at == '\n') {
			at = format_line_end(at, flags, text);
		} else if (*at != '%') {
			append(text, at++, 1);
		} else if (at[1] < '1' || at[1] > '9') {
			at = format_escape(at + 1, text);
		} else if (flags & FORMAT_MESSAGE_IGNORE_INSERTS) {
			append(text, at, 2);
			at += 2;
		} else {
			at = format_insert(at + 1, inserts, text);
		}
	}
}

/* Break lines at the last space before @width characters. */
static void wrap(char *text, size_t width)
{
	char *space = NULL;
	size_t column = 0;

	for (char *at = text; *at; at++) {
		column += ((unsigned char)*at & 0xc0) != 0x80;
		if (*at == ' ')
			space = at;
		else if (*at == '\n')
			column = 0, space = NULL;
		if (column > width && space) {
			*space = '\n';
			column = characters_of(space + 1, (size_t)(at - space));
			space = NULL;
		}
	}
}

static fm_status check(const struct message_call *call)
{
	DWORD from = call->flags & (FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_FROM_HMODULE | FORMAT_MESSAGE_FROM_SYSTEM);

	if (!call->buffer)
		return call->flags & FORMAT_MESSAGE_ALLOCATE_BUFFER ? FM_E_NO_MEMORY : FM_E_INVALID_PARAMETER;
	if (!from || ((from & FORMAT_MESSAGE_FROM_STRING) && (from != FORMAT_MESSAGE_FROM_STRING || !call->string)))
		return FM_E_INVALID_PARAMETER;
	return FM_OK;
}

/* The source text, ended by a line end as all messages of modules are; NULL and the last error. */
static const char *source_of(const struct message_call *call, char ended[512])
{
	const char *text = NULL;

	if (call->flags & FORMAT_MESSAGE_FROM_STRING)
		return call->string;
	if ((call->flags & FORMAT_MESSAGE_FROM_HMODULE) && module_of_handle((HMODULE)(uintptr_t)call->module) == MODULE_NT &&
	    fm_status_name((fm_status)call->id))
		text = fm_status_text((fm_status)call->id);
	if (!text && (call->flags & FORMAT_MESSAGE_FROM_SYSTEM))
		text = message_text(call->id);
	if (!text) {
		SetLastError(ERROR_MR_MID_NOT_FOUND);
		return NULL;
	}
	if ((call->language & 0x3ff) != LANG_NEUTRAL && (call->language & 0x3ff) != LANG_ENGLISH) {
		SetLastError(ERROR_RESOURCE_LANG_NOT_FOUND);
		return NULL;
	}
	(void)snprintf(ended, 512, "%s\r\n", text); /* always fits */
	return ended;
}

BOOL message_format(const struct message_call *call, char **ret_text)
{
	struct inserts inserts = { .call = call };
	struct text text = { .status = FM_OK };
	char ended[512];
	const char *source;
	DWORD width = call->flags & FORMAT_MESSAGE_MAX_WIDTH_MASK;

	if (!finish(check(call)))
		return FALSE;
	source = source_of(call, ended);
	if (!source)
		return FALSE;
	/* Whoever has inserts ignored may give anything for them: LMDB does. */
	inserts.from_list = call->arguments &&
			    !(call->flags & (FORMAT_MESSAGE_ARGUMENT_ARRAY | FORMAT_MESSAGE_IGNORE_INSERTS));
	if (inserts.from_list)
		va_copy(inserts.list, *call->arguments);
	append(&text, "", 0);
	format(source, &inserts, &text);
	if (inserts.from_list)
		va_end(inserts.list);
	if (status_failed(text.status)) {
		os_free(text.bytes);
		return finish(text.status);
	}
	if (width && width != FORMAT_MESSAGE_MAX_WIDTH_MASK)
		wrap(text.bytes, width);
	*ret_text = text.bytes;
	return TRUE;
}

void *message_allocate(size_t size)
{
	void *memory = os_allocate(size);

	return finish_pointer(memory ? FM_OK : FM_E_NO_MEMORY, memory);
}

HLOCAL WINAPI LocalFree(HLOCAL hMem)
{
	os_free(hMem);
	return NULL;
}

DWORD WINAPI FormatMessageA(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId, DWORD dwLanguageId, LPSTR lpBuffer,
			    DWORD nSize, va_list *Arguments)
{
	struct message_call call = { .flags = dwFlags, .module = lpSource, .string = lpSource, .id = dwMessageId,
				     .language = dwLanguageId, .width = 1, .buffer = lpBuffer, .arguments = Arguments };
	char *text, *to = lpBuffer;
	size_t length;

	if (!message_format(&call, &text))
		return 0;
	length = strlen(text);
	if (dwFlags & FORMAT_MESSAGE_ALLOCATE_BUFFER) {
		to = message_allocate(length + 1 > nSize ? length + 1 : nSize);
		*(char **)(void *)lpBuffer = to;
	} else if (length >= nSize) {
		SetLastError(ERROR_INSUFFICIENT_BUFFER);
		to = NULL;
	}
	if (to)
		memcpy(to, text, length + 1);
	os_free(text);
	return to ? (DWORD)length : 0;
}
