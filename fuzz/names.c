/* SPDX-License-Identifier: MIT */
/* Names as files: injective, reversible, at most 255 bytes. Two names, parted by a byte 0xff. */
#include "fuzz.h"

#include <string.h>

#include "names_internal.h"

/* A well-formed name and the file it becomes; false: refused. */
static bool encoded(const char *text, struct object_name *name, char *file)
{
	char again[NAME_FILE_SIZE];

	if (name_parse(text, name) != FM_OK)
		return false;
	ENSURE(name->length >= 1 && name->length <= NAME_MAX_BYTES);
	name_encode(name, file);
	ENSURE(strlen(file) >= 1 && strlen(file) < NAME_FILE_SIZE);
	ENSURE(!strchr(file, '/') && file[0] != '.');
	for (const char *at = file; *at; at++)
		ENSURE((unsigned char)*at >= 0x20 && *at != 0x7f);
	if (strstr(file, "%~")) {
		ENSURE(!name_decode(file, again)); /* a digest leads nowhere */
	} else {
		ENSURE(name_decode(file, again));
		ENSURE(strlen(again) == name->length && memcmp(again, name->text, name->length) == 0);
	}
	return true;
}

static void check_pair(const char *first, const char *second)
{
	char file[2][NAME_FILE_SIZE];
	struct object_name name[2];
	bool good = encoded(first, &name[0], file[0]), same;

	good = encoded(second, &name[1], file[1]) && good;
	if (!good)
		return;
	same = name[0].length == name[1].length && memcmp(name[0].text, name[1].text, name[0].length) == 0;

	ENSURE(same == (strcmp(file[0], file[1]) == 0));
}

/* Any file name that decodes is the encoding of what it decodes to. */
static void check_file(const char *file)
{
	char text[NAME_FILE_SIZE], again[NAME_FILE_SIZE];
	struct object_name name = { .text = text };

	if (strlen(file) >= NAME_FILE_SIZE || !name_decode(file, text))
		return;
	name.length = strlen(text);
	name_encode(&name, again);
	ENSURE(strcmp(again, file) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *first = malloc(size + 1), *second;

	ENSURE(first);
	if (size)
		memcpy(first, data, size);
	first[size] = '\0';
	second = memchr(first, 0xff, size);
	if (second)
		*second++ = '\0';
	check_pair(first, second ? second : "other");
	check_file(first);
	free(first);
	return 0;
}
