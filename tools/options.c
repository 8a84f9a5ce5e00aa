/* SPDX-License-Identifier: MIT */
/* Options of a subcommand: one table gives both getopt_long's and the help. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

enum { OPTIONS_MOST = 20, FIRST_LONG = 0x100 };

int usage_error(const struct command *command, const char *format, ...)
{
	va_list list;

	fprintf(stderr, "filemap %s: ", command->name);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fprintf(stderr, "\nUsage: filemap %s %s\n`filemap %s --help` tells more.\n", command->name,
		command->operands, command->name);
	return EXIT_USAGE;
}

bool parse_size(const char *text, uint64_t *ret_size)
{
	static const char units[] = "KMGT";
	unsigned long long value;
	const char *unit;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno != 0)
		return false;
	unit = *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
	if (unit) {
		unsigned shift = 10 * (unsigned)(unit - units + 1);

		if (value > UINT64_MAX >> shift)
			return false;
		value <<= shift;
		end++;
		if (strcmp(end, "iB") == 0)
			end += 2;
	}
	if (*end != '\0')
		return false;
	*ret_size = value;
	return true;
}

static bool parse_number(const char *text, int base, uint64_t most, uint64_t *ret_value)
{
	unsigned long long value;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	value = strtoull(text, &end, base);
	if (errno != 0 || *end != '\0' || value > most)
		return false;
	*ret_value = value;
	return true;
}

static bool set_value(const struct option_spec *spec, const char *text)
{
	uint64_t number;

	switch (spec->type) {
	case OPTION_FLAG:
		*(bool *)spec->value = true;
		return true;
	case OPTION_TEXT:
		*(const char **)spec->value = text;
		return true;
	case OPTION_SIZE:
		return parse_size(text, spec->value);
	case OPTION_COUNT:
		return parse_number(text, 10, UINT64_MAX, spec->value);
	case OPTION_OCTAL:
		if (!parse_number(text, 8, 0777, &number))
			return false;
		*(uint32_t *)spec->value = (uint32_t)number;
		return true;
	}
	return false;
}

static void print_option(int letter, const char *name, const char *argument, const char *help)
{
	char left[64], shown[8] = "    ";

	if (letter)
		snprintf(shown, sizeof(shown), "-%c, ", letter);
	snprintf(left, sizeof(left), "%s--%s%s%s", shown, name, argument ? " " : "", argument ? argument : "");
	printf("  %-24s %s\n", left, help);
}

static void print_help(const struct command *command, const struct option_spec *specs)
{
	printf("Usage: filemap %s %s\n\n%s.\n", command->name, command->operands, command->summary);
	if (command->details)
		printf("\n%s", command->details);
	printf("\nOptions:\n");
	for (const struct option_spec *spec = specs; spec->name; spec++)
		if (spec->help)
			print_option(spec->letter, spec->name, spec->argument, spec->help);
	print_option('h', "help", NULL, "this text");
}

/* getopt's tables. Every option has its place in @specs as value, short ones their letter besides. */
static void make_tables(const struct option_spec *specs, struct option *longs, char *letters)
{
	size_t i;

	*letters++ = ':';
	for (i = 0; i < OPTIONS_MOST && specs[i].name; i++) {
		bool takes = specs[i].type != OPTION_FLAG;

		longs[i] = (struct option){ specs[i].name, takes ? required_argument : no_argument, NULL,
					    FIRST_LONG + (int)i };
		if (specs[i].letter) {
			*letters++ = (char)specs[i].letter;
			if (takes)
				*letters++ = ':';
		}
	}
	longs[i] = (struct option){ "help", no_argument, NULL, 'h' };
	*letters++ = 'h';
	*letters = '\0';
}

static const struct option_spec *find_spec(const struct option_spec *specs, int found)
{
	if (found >= FIRST_LONG)
		return &specs[found - FIRST_LONG];
	while (specs->name && specs->letter != found)
		specs++;
	return specs;
}

int options_parse(const struct command *command, const struct option_spec *specs, int argc, char **argv, int least,
		  int most, int *ret_first)
{
	struct option longs[OPTIONS_MOST + 2] = { 0 };
	char letters[2 * OPTIONS_MOST + 4];
	int found;

	make_tables(specs, longs, letters);
	optind = 0; /* glibc: start afresh */
	while ((found = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		const struct option_spec *spec;

		if (found == 'h') {
			print_help(command, specs);
			return EXIT_DONE;
		}
		if (found == ':')
			return usage_error(command, "%s needs a value", clean_text(argv[optind - 1]));
		if (found == '?')
			return usage_error(command, "unknown option %s", clean_text(argv[optind - 1]));
		spec = find_spec(specs, found);
		if (!set_value(spec, optarg))
			return usage_error(command, "--%s: \"%s\" is not %s", spec->name, clean_text(optarg),
					   spec->type == OPTION_OCTAL ? "octal permission bits up to 777" :
					   spec->type == OPTION_COUNT ? "a number" :
									"a size like 4096, 64K, 1M or 2G");
	}
	if (argc - optind < least)
		return usage_error(command, "an operand is missing");
	if (argc - optind > most)
		return usage_error(command, "\"%s\" is one operand too many", clean_text(argv[optind + most]));
	*ret_first = optind;
	return -1;
}
