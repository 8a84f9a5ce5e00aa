/* SPDX-License-Identifier: MIT */
/*
 * The test library. TEST(name) { ... } defines and registers a test; each runs in its own process with
 * a time limit (POSIX), or in turn (Windows). The program prints one line per failure, one for each
 * skipped test with its reason, and closes with "N passed, N failed".
 *
 * program [-v] [-x NAME REASON] [NAME ...]   only the named tests, and not those left out; "*": all
 * program --child NAME [ARGUMENT ...]      not a test, but what a CHILD(name) does
 *
 * With CHECK_ROWS in the environment each row of a table is printed as it begins: "ROW test row"; CHECK_SECONDS
 * is what a test may take, instead of 60 seconds.
 */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct check_test {
	const char *name;
	void (*run)(void);
	struct check_test *next;
};

void check_register(struct check_test *test);
/* Note a failure and go on. */
void check_failed(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Note a failure and leave the test. */
_Noreturn void check_fatal(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Leave the test as skipped; the reason is printed. */
_Noreturn void check_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A private directory of this test, made at first use and removed after the test (POSIX). */
const char *check_directory(void);
/* A name no other test or run uses: "<prefix>-<pid>-<n>" in a static ring of buffers. */
const char *check_name(const char *prefix);

/* The row of a table that is tried now, named in every failure until the next one or the test's end. */
void check_row(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The path of this program, for exec (POSIX); that of /proc would be valgrind's. */
const char *check_program(void);
/* Is the kernel Linux @major.@minor or a later one? For what it does otherwise since, and does not tell. */
bool check_kernel(unsigned major, unsigned minor);
/* In a child: its @n-th argument (from 0), or NULL. */
const char *check_argument(int n);
void check_register_child(struct check_test *child);

#define TEST(test_name)                                                                            \
	static void test_##test_name(void);                                                        \
	static struct check_test entry_##test_name = { #test_name, test_##test_name, NULL };       \
	__attribute__((constructor)) static void register_##test_name(void)                        \
	{                                                                                           \
		check_register(&entry_##test_name);                                                 \
	}                                                                                           \
	static void test_##test_name(void)

/* What another process of this program does; its exit code is 0 if no check failed. */
#define CHILD(child_name)                                                                          \
	static void child_##child_name(void);                                                      \
	static struct check_test entry_child_##child_name = { #child_name, child_##child_name, NULL }; \
	__attribute__((constructor)) static void register_child_##child_name(void)                 \
	{                                                                                           \
		check_register_child(&entry_child_##child_name);                                    \
	}                                                                                           \
	static void child_##child_name(void)

/* Failures are noted and the test goes on. */
#define CHECK(condition)                                                                           \
	do {                                                                                        \
		if (!(condition))                                                                   \
			check_failed(__FILE__, __LINE__, "%s", #condition);                         \
	} while (0)
#define CHECK_EQ(got, want)                                                                        \
	do {                                                                                        \
		long long got_ = (long long)(got), want_ = (long long)(want);                       \
		if (got_ != want_)                                                                  \
			check_failed(__FILE__, __LINE__, "%s is %lld (%#llx), expected %s = %lld (%#llx)", \
				     #got, got_, got_, #want, want_, want_);                        \
	} while (0)
/* As CHECK and CHECK_EQ, but the test ends: what follows would be meaningless. */
#define REQUIRE(condition)                                                                         \
	do {                                                                                        \
		if (!(condition))                                                                   \
			check_fatal(__FILE__, __LINE__, "%s", #condition);                          \
	} while (0)
#define REQUIRE_EQ(got, want)                                                                      \
	do {                                                                                        \
		long long got_ = (long long)(got), want_ = (long long)(want);                       \
		if (got_ != want_)                                                                  \
			check_fatal(__FILE__, __LINE__, "%s is %lld (%#llx), expected %s = %lld (%#llx)", \
				    #got, got_, got_, #want, want_, want_);                         \
	} while (0)

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

/* Internal: the platform's half. */
struct check_outcome {
	int failed;      /* number of noted failures, or 1 for a crash or time-out */
	bool skipped;
};
extern int check_failures;
void check_run_one(const struct check_test *test, unsigned seconds, struct check_outcome *ret_outcome);
_Noreturn void check_leave(bool skipped);

#endif
