/* SPDX-License-Identifier: MIT */
/* Names taken apart, and their file names. */
#include <string.h>

#include "check.h"
#include "digest.h"
#include "names_internal.h"

static const char *encoded(const char *name)
{
	static char ring[4][NAME_FILE_SIZE];
	static unsigned next;
	char *buffer = ring[next++ % 4];
	struct object_name parsed;

	REQUIRE_EQ(name_parse(name, &parsed), FM_OK);
	name_encode(&parsed, buffer);
	return buffer;
}

static void check_text(const char *got, const char *want)
{
	if (strcmp(got, want) != 0)
		check_failed(__FILE__, __LINE__, "got \"%s\", expected \"%s\"", got, want);
}

TEST(prefixes_choose_the_namespace)
{
	static const struct {
		const char *name;
		int space;
		const char *text;
	} cases[] = {
		{ "a", FM_LOCAL, "a" },           { "Local\\a", FM_LOCAL, "a" },   { "Global\\a", FM_GLOBAL, "a" },
		{ "Global", FM_LOCAL, "Global" }, { "Local/a", FM_LOCAL, "Local/a" }, { " ", FM_LOCAL, " " },
		{ "Global\\Local", FM_GLOBAL, "Local" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct object_name name;

		CHECK_EQ(name_parse(cases[i].name, &name), FM_OK);
		CHECK_EQ(name.space, cases[i].space);
		CHECK_EQ(name.length, strlen(cases[i].text));
		check_text(name.text, cases[i].text);
	}
}

TEST(refused_names_have_their_status)
{
	static const struct {
		const char *name;
		fm_status status;
	} cases[] = {
		{ NULL, FM_E_INVALID_PARAMETER },
		{ "", FM_E_NAME_INVALID },
		{ "Local\\", FM_E_NAME_INVALID },
		{ "Global\\", FM_E_NAME_INVALID },
		{ "\\", FM_E_PATH_NOT_FOUND },
		{ "a\\b", FM_E_PATH_NOT_FOUND },
		{ "local\\a", FM_E_PATH_NOT_FOUND },
		{ "GLOBAL\\a", FM_E_PATH_NOT_FOUND },
		{ "Session\\1\\a", FM_E_PATH_NOT_FOUND },
		{ "Local\\Local\\a", FM_E_PATH_NOT_FOUND },
		{ "Local\\a\\", FM_E_PATH_NOT_FOUND },
		{ "a\x01", FM_E_NAME_INVALID },
		{ "\x1f", FM_E_NAME_INVALID },
		{ "a\nb", FM_E_NAME_INVALID },
		{ "a\x7f", FM_E_NAME_INVALID },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct object_name name = { .length = 77 };

		CHECK_EQ(name_parse(cases[i].name, &name), cases[i].status);
		CHECK_EQ(name.length, 77); /* untouched on failure */
	}
}

TEST(malformed_utf8_is_refused)
{
	static const char *const cases[] = {
		"\x80", "a\xc3", "\xc3(", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xed\xa0\x80",
		"\xe2\x82", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xe2\x28\xa1",
		"\xf0\x9f\x98", "\xf0\x9f\x28\x80", "\xe2\x82\xc0", "\xf0\x9f\x98\xff",
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct object_name name;

		CHECK_EQ(name_parse(cases[i], &name), FM_E_NAME_INVALID);
	}
}

TEST(well_formed_utf8_is_accepted)
{
	static const char *const cases[] = {
		"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
		"\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "stra\xc3\x9f",
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct object_name name;

		CHECK_EQ(name_parse(cases[i], &name), FM_OK);
	}
}

TEST(a_name_has_at_most_32766_bytes)
{
	static char text[NAME_MAX_BYTES + 8];
	struct object_name name;

	memset(text, 'n', NAME_MAX_BYTES);
	CHECK_EQ(name_parse(text, &name), FM_OK);
	CHECK_EQ(name.length, NAME_MAX_BYTES);
	text[NAME_MAX_BYTES] = 'n';
	CHECK_EQ(name_parse(text, &name), FM_E_NAME_INVALID);
}

TEST(readable_characters_stand_for_themselves)
{
	check_text(encoded("Local\\acpmf_physics"), "acpmf_physics");
	check_text(encoded("My Section (1) {a-b}: *?\"<>|~"), "My Section (1) {a-b}: *?\"<>|~");
	check_text(encoded("Stra\xc3\x9f" "e \xe2\x82\xac \xf0\x9f\x98\x80"), "Stra\xc3\x9f" "e \xe2\x82\xac \xf0\x9f\x98\x80");
	check_text(encoded("a.b.."), "a.b..");
}

TEST(the_rest_is_written_in_hex)
{
	check_text(encoded("a/b"), "a%2Fb");
	check_text(encoded("100%"), "100%25");
	check_text(encoded("."), "%2E");
	check_text(encoded(".."), "%2E.");
	check_text(encoded(".hidden"), "%2Ehidden");
	check_text(encoded("a\xc2\x85" "b"), "a%C2%85b"); /* a control character beyond ASCII */
}

TEST(a_name_of_255_bytes_is_its_own_file_name)
{
	char text[NAME_FILE_SIZE + 1] = { 0 };

	memset(text, 'x', 255);
	check_text(encoded(text), text);
}

/* printf %s NAME | sha256sum, the first 32 digits in capitals */
TEST(a_longer_name_ends_in_a_digest)
{
	char text[300] = { 0 }, want[NAME_FILE_SIZE] = { 0 };

	memset(text, 'x', 256);
	memset(want, 'x', 221);
	strcat(want, "%~85E62ACD750C4EB56B7B6A1D66DCA5BF");
	CHECK_EQ(strlen(encoded(text)), 255);
	check_text(encoded(text), want);
	text[255] = 'y';
	CHECK(strncmp(encoded(text), want, 223) == 0);
	CHECK(strcmp(encoded(text), want) != 0);
}

TEST(a_character_is_not_cut_before_the_digest)
{
	char text[400] = { 0 };
	const char *file;

	for (unsigned i = 0; i < 100; i++)
		memcpy(text + 3 * i, "\xe2\x82\xac", 3);
	file = encoded(text);
	CHECK_EQ(strlen(file), 219 + 34); /* 73 whole characters of 3 bytes are the most within 221 */
	CHECK(strncmp(file, text, 219) == 0);
	CHECK(strncmp(file + 219, "%~", 2) == 0);
}

TEST(the_digest_is_sha256)
{
	static const struct {
		const char *text;
		unsigned times;
		unsigned char start[4];
	} cases[] = { /* FIPS 180-4 and its examples */
		{ "", 1, { 0xe3, 0xb0, 0xc4, 0x42 } },
		{ "abc", 1, { 0xba, 0x78, 0x16, 0xbf } },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1, { 0x24, 0x8d, 0x6a, 0x61 } },
		{ "a", 55, { 0x9f, 0x43, 0x90, 0xf8 } },
		{ "a", 64, { 0xff, 0xe0, 0x54, 0xfe } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned char digest[DIGEST_FULL];
		char text[128] = { 0 };

		for (unsigned n = 0; n < cases[i].times; n++)
			strcat(text, cases[i].text);
		digest_of(text, strlen(text), digest);
		for (unsigned n = 0; n < 4; n++)
			CHECK_EQ(digest[n], cases[i].start[n]);
	}
}

TEST(encoding_is_reversible)
{
	static const char *const cases[] = { "plain", "a/b%c", "..", "stra\xc3\x9f", "a\xc2\x85", "x y" };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char back[NAME_FILE_SIZE];

		CHECK(name_decode(encoded(cases[i]), back));
		check_text(back, cases[i]);
	}
}

TEST(only_what_the_encoder_makes_is_decoded)
{
	static const char *const cases[] = {
		"", "%", "%2", "%2f", "%41", "%00", "%5C", "%0A", ".new-1-2", "a%~0123456789ABCDEF0123456789ABCDEF",
		"\xff", "%FF",
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char back[NAME_FILE_SIZE];

		if (name_decode(cases[i], back))
			check_failed(__FILE__, __LINE__, "\"%s\" was decoded", cases[i]);
	}
}

TEST(what_is_longer_than_a_file_name_is_none)
{
	char file[NAME_FILE_SIZE + 1], name[NAME_FILE_SIZE];

	memset(file, 'f', sizeof(file));
	file[NAME_FILE_SIZE] = '\0';
	CHECK(!name_decode(file, name));
	file[NAME_FILE_SIZE - 60] = '\0';
	CHECK(name_decode(file, name));
	check_text(name, file);
}

TEST(only_controls_of_unicode_are_encoded)
{
	check_text(encoded("\xc2\x9f"), "%C2%9F");
	check_text(encoded("\xc2\xa0"), "\xc2\xa0");
	check_text(encoded("\xc3\x80"), "\xc3\x80");
}
