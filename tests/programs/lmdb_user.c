/* SPDX-License-Identifier: MIT */
/*
 * A user of LMDB, built with its Windows or its Unix sources, for check.sh and bench.sh:
 *   lmdb_user put ENV NAME COUNT BATCH    COUNT entries NAME-<n>, BATCH in a transaction
 *   lmdb_user hold ENV                    write an entry "held", say "ready", and wait inside the transaction
 *   lmdb_user open ENV                    say "ready", keep the environment open until told, then read it whole
 *   lmdb_user random ENV COUNT BATCH      COUNT random puts in batches, then COUNT random gets; prints of each
 *                                         the seconds that passed and those that the processor worked
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lmdb.h"

static void check(int error, const char *what)
{
	if (error == 0)
		return;
	(void)fprintf(stderr, "%s: %s\n", what, mdb_strerror(error));
	exit(1);
}

static MDB_env *open_env(const char *path, size_t size, unsigned flags)
{
	MDB_env *env;

	check(mdb_env_create(&env), "mdb_env_create");
	check(mdb_env_set_mapsize(env, size), "mdb_env_set_mapsize");
	check(mdb_env_open(env, path, flags, 0644), "mdb_env_open");
	return env;
}

static MDB_txn *begin(MDB_env *env, unsigned flags, MDB_dbi *ret_dbi)
{
	MDB_txn *txn;

	check(mdb_txn_begin(env, NULL, flags, &txn), "mdb_txn_begin");
	check(mdb_dbi_open(txn, NULL, 0, ret_dbi), "mdb_dbi_open");
	return txn;
}

static void put_text(MDB_txn *txn, MDB_dbi dbi, const char *text)
{
	MDB_val key = { strlen(text), (void *)(uintptr_t)text }, value = key;

	check(mdb_put(txn, dbi, &key, &value, 0), "mdb_put");
}

static void say(const char *word)
{
	(void)puts(word);
	(void)fflush(stdout);
}

static int put(char **argv)
{
	MDB_env *env = open_env(argv[0], 64 << 20, 0);
	int count = atoi(argv[2]), batch = atoi(argv[3]);
	MDB_dbi dbi;

	for (int i = 0; i < count;) {
		MDB_txn *txn = begin(env, 0, &dbi);

		for (int end = i + batch; i < count && i < end; i++) {
			char key[64];

			(void)snprintf(key, sizeof(key), "%s-%d", argv[1], i);
			put_text(txn, dbi, key);
		}
		check(mdb_txn_commit(txn), "mdb_txn_commit");
	}
	mdb_env_close(env);
	return 0;
}

static int hold(char **argv)
{
	MDB_env *env = open_env(argv[0], 64 << 20, 0);
	MDB_dbi dbi;
	MDB_txn *txn = begin(env, 0, &dbi);

	put_text(txn, dbi, "held");
	say("ready");
	(void)getchar(); /* until killed */
	mdb_txn_abort(txn);
	return 1;
}

static int keep_open(char **argv)
{
	MDB_env *env = open_env(argv[0], 64 << 20, 0);
	MDB_val key, value;
	MDB_cursor *cursor;
	MDB_txn *txn;
	MDB_dbi dbi;
	long count = 0;
	int error;

	say("ready");
	(void)getchar();
	txn = begin(env, MDB_RDONLY, &dbi);
	check(mdb_cursor_open(txn, dbi, &cursor), "mdb_cursor_open");
	while ((error = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0)
		count += key.mv_size == value.mv_size && memcmp(key.mv_data, value.mv_data, key.mv_size) == 0;
	check(error == MDB_NOTFOUND ? 0 : error, "mdb_cursor_get");
	(void)printf("%ld\n", count);
	mdb_cursor_close(cursor);
	mdb_txn_abort(txn);
	mdb_env_close(env);
	return 0;
}

/* ---- random puts and gets, timed ---- */

static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
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

static int random_load(char **argv)
{
	MDB_env *env = open_env(argv[0], (size_t)1 << 30, MDB_NOSYNC);
	int count = atoi(argv[1]), batch = atoi(argv[2]);
	uint64_t state = 88172645463325252u;
	char bytes[100] = "";
	struct phase phase = begin_phase();
	MDB_txn *txn;
	MDB_dbi dbi;

	for (int i = 0; i < count;) {
		txn = begin(env, 0, &dbi);
		for (int end = i + batch; i < count && i < end; i++) {
			uint64_t number = next(&state);
			MDB_val key = { sizeof(number), &number }, value = { sizeof(bytes), bytes };

			check(mdb_put(txn, dbi, &key, &value, 0), "mdb_put");
		}
		check(mdb_txn_commit(txn), "mdb_txn_commit");
	}
	end_phase(phase);
	phase = begin_phase();
	state = 88172645463325252u;
	txn = begin(env, MDB_RDONLY, &dbi);
	for (int i = 0; i < count; i++) {
		uint64_t number = next(&state);
		MDB_val key = { sizeof(number), &number }, value;

		check(mdb_get(txn, dbi, &key, &value), "mdb_get");
	}
	mdb_txn_abort(txn);
	end_phase(phase);
	(void)puts("");
	mdb_env_close(env);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct { const char *name; int arguments; int (*run)(char **); } commands[] = {
		{ "put", 4, put }, { "hold", 1, hold }, { "open", 1, keep_open }, { "random", 3, random_load },
	};

	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i].name) == 0 && argc == commands[i].arguments + 2)
			return commands[i].run(argv + 2);
	(void)fputs("usage: lmdb_user put|hold|open|random ENV ...\n", stderr);
	return 2;
}
