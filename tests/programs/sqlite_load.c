/* SPDX-License-Identifier: MIT */
/*
 * SQLite's load for bench.sh, built with its Windows or its Unix layer:
 *   sqlite_load DATABASE ROWS READS    inserts in transactions of 100, point reads, ten scans; prints of each
 *                                      the seconds that passed and those that the processor worked
 * Reads and scans have a connection of their own: the Windows layer maps a file once, as large as it is then.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sqlite3.h"

static sqlite3 *db;

static void check(int result)
{
	if (result == SQLITE_OK || result == SQLITE_DONE || result == SQLITE_ROW)
		return;
	(void)fprintf(stderr, "%s\n", sqlite3_errmsg(db));
	exit(1);
}

static void run(const char *sql)
{
	check(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static sqlite3_stmt *prepare(const char *sql)
{
	sqlite3_stmt *statement;

	check(sqlite3_prepare_v2(db, sql, -1, &statement, NULL));
	return statement;
}

static void open_database(const char *name)
{
	check(sqlite3_open(name, &db));
	run("PRAGMA journal_mode=WAL; PRAGMA mmap_size=268435456");
}

static double read_clock(clockid_t clock)
{
	struct timespec time;

	(void)clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Of a phase: seconds that passed, and those that the processor worked. */
struct phase {
	double passed, worked;
};

static struct phase begin_phase(void)
{
	return (struct phase){ read_clock(CLOCK_MONOTONIC), read_clock(CLOCK_PROCESS_CPUTIME_ID) };
}

static void end_phase(struct phase began)
{
	struct phase now = begin_phase();

	(void)printf("%.3f %.3f ", now.passed - began.passed, now.worked - began.worked);
}

static void insert(int rows)
{
	sqlite3_stmt *statement = prepare("INSERT INTO t VALUES(?, 'a row of some sixty bytes, as many tables have them')");

	for (int i = 0; i < rows; i++) {
		if (i % 100 == 0)
			run("BEGIN");
		check(sqlite3_bind_int64(statement, 1, i));
		check(sqlite3_step(statement));
		check(sqlite3_reset(statement));
		if (i % 100 == 99)
			run("COMMIT");
	}
	check(sqlite3_finalize(statement));
}

static int64_t read_rows(int rows, int reads)
{
	sqlite3_stmt *statement = prepare("SELECT length(text) FROM t WHERE id = ?");
	uint64_t state = 88172645463325252u;
	int64_t sum = 0;

	for (int i = 0; i < reads; i++) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		check(sqlite3_bind_int64(statement, 1, (int64_t)(state >> 33) % rows));
		if (sqlite3_step(statement) != SQLITE_ROW) {
			(void)fprintf(stderr, "a row is missing\n");
			exit(1);
		}
		sum += sqlite3_column_int64(statement, 0);
		check(sqlite3_reset(statement));
	}
	check(sqlite3_finalize(statement));
	return sum;
}

int main(int argc, char **argv)
{
	struct phase phase;
	int rows, reads;

	if (argc != 4) {
		(void)fputs("usage: sqlite_load DATABASE ROWS READS\n", stderr);
		return 2;
	}
	rows = atoi(argv[2]);
	reads = atoi(argv[3]);
	open_database(argv[1]);
	run("CREATE TABLE t(id INTEGER PRIMARY KEY, text TEXT)");
	phase = begin_phase();
	insert(rows);
	end_phase(phase);
	check(sqlite3_close(db));
	open_database(argv[1]);
	phase = begin_phase();
	(void)read_rows(rows, reads);
	end_phase(phase);
	phase = begin_phase();
	for (int i = 0; i < 10; i++) /* one is too short to be measured */
		run("SELECT sum(length(text)) FROM t");
	end_phase(phase);
	check(sqlite3_close(db));
	(void)puts("");
	return 0;
}
