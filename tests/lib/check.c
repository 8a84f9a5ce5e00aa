/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static struct check_test *tests;
static struct check_test **tests_end = &tests;
static const char *running = "";
int check_failures;

void check_register(struct check_test *test)
{
	*tests_end = test;
	tests_end = &test->next;
}

static void report(const char *file, int line, const char *format, va_list arguments)
{
	fprintf(stderr, "FAIL %s: %s:%d: ", running, file, line);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	fflush(stderr);
	check_failures++;
}

void check_failed(const char *file, int line, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	report(file, line, format, arguments);
	va_end(arguments);
}

void check_fatal(const char *file, int line, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	report(file, line, format, arguments);
	va_end(arguments);
	check_leave(false);
}

void check_skip(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	printf("SKIP %s: ", running);
	vprintf(format, arguments);
	putchar('\n');
	fflush(stdout);
	va_end(arguments);
	check_leave(true);
}

static bool wanted(const struct check_test *test, int argc, char **argv, int first)
{
	if (first >= argc)
		return true;
	for (int i = first; i < argc; i++)
		if (strcmp(argv[i], test->name) == 0)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	unsigned seconds = 60;
	bool verbose = false;
	int first = 1, passed = 0, failed = 0, skipped = 0;

	for (; first < argc && argv[first][0] == '-'; first++) {
		if (strcmp(argv[first], "-v") == 0)
			verbose = true;
		else if (strcmp(argv[first], "-t") == 0 && first + 1 < argc)
			seconds = (unsigned)atoi(argv[++first]);
	}
	for (const struct check_test *test = tests; test; test = test->next) {
		struct check_outcome outcome = { 0, false };

		if (!wanted(test, argc, argv, first))
			continue;
		running = test->name;
		if (verbose)
			printf("RUN  %s\n", test->name);
		fflush(stdout);
		check_run_one(test, seconds, &outcome);
		if (outcome.skipped)
			skipped++;
		else if (outcome.failed)
			failed++;
		else
			passed++;
		if (outcome.failed)
			fprintf(stderr, "FAIL %s\n", test->name);
	}
	printf("%d passed, %d failed", passed, failed);
	if (skipped)
		printf(", %d skipped", skipped);
	putchar('\n');
	return failed > 0;
}
