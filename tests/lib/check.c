/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static struct check_test *tests;
static struct check_test **tests_end = &tests;
static struct check_test *children;
static const char *running = "";
static char row[128];
static int child_argc;
static char **child_argv;
int check_failures;

void check_register(struct check_test *test)
{
	*tests_end = test;
	tests_end = &test->next;
}

void check_register_child(struct check_test *child)
{
	child->next = children;
	children = child;
}

const char *check_argument(int n)
{
	return n < child_argc ? child_argv[n] : NULL;
}

void check_row(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(row, sizeof(row), format, arguments);
	va_end(arguments);
	if (getenv("CHECK_ROWS")) {
		printf("ROW %s %s\n", running, row);
		fflush(stdout);
	}
}

static void report(const char *file, int line, const char *format, va_list arguments)
{
	fprintf(stderr, "FAIL %s%s%s%s: %s:%d: ", running, row[0] ? " [" : "", row, row[0] ? "]" : "", file,
		line);
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

/* The reason given with -x for leaving it out, or NULL. */
static const char *left_out(const struct check_test *test, char **argv, int first)
{
	for (int i = 1; i + 2 < first; i++)
		if (strcmp(argv[i], "-x") == 0 && (strcmp(argv[i + 1], "*") == 0 || strcmp(argv[i + 1], test->name) == 0))
			return argv[i + 2];
	return NULL;
}

static int run_child(int argc, char **argv)
{
	running = argv[0];
	child_argc = argc - 1;
	child_argv = argv + 1;
	for (const struct check_test *child = children; child; child = child->next)
		if (strcmp(child->name, argv[0]) == 0) {
			child->run();
			return check_failures > 0;
		}
	fprintf(stderr, "no child named %s\n", argv[0]);
	return 2;
}

int main(int argc, char **argv)
{
	const char *patience = getenv("CHECK_SECONDS"); /* of whoever runs them on a slow machine */
	unsigned seconds = patience ? (unsigned)atoi(patience) : 60;
	bool verbose = false;
	int first = 1, passed = 0, failed = 0, skipped = 0;

	if (argc > 2 && strcmp(argv[1], "--child") == 0)
		return run_child(argc - 2, argv + 2);
	for (; first < argc && argv[first][0] == '-'; first++) {
		if (strcmp(argv[first], "-v") == 0)
			verbose = true;
		else if (strcmp(argv[first], "-x") == 0 && first + 2 < argc)
			first += 2;
	}
	for (const struct check_test *test = tests; test; test = test->next) {
		struct check_outcome outcome = { 0, false };
		const char *reason = left_out(test, argv, first);

		if (!wanted(test, argc, argv, first))
			continue;
		if (reason) {
			printf("SKIP %s: %s\n", test->name, reason);
			skipped++;
			continue;
		}
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
