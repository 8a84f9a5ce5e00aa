#!/bin/bash
# SPDX-License-Identifier: MIT
# check.sh BUILD-DIRECTORY - two databases on their Windows sources, unmodified, against the installed headers
# and libraries: their own tests, two processes, kill -9, files exchanged with the distribution's builds.
# Prints what ran and one closing line; a download that fails is a failure.
. "$(dirname "$0")/common.sh"
optimise=-O1 # SQLite's one file takes its time

passed=0 failed=0
run=$work/run
rm -rf "$run" && mkdir -p "$run" || exit 1
export FILEMAP_ROOT=$run/names
mkdir -p "$FILEMAP_ROOT"

closing() {
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
	exit
}
trap 'kill -9 $(jobs -p) 2>/dev/null' EXIT

# check NAME COMMAND...: in an empty directory of its own; what it prints is shown if it fails.
check() {
	local name=$1 log start=$SECONDS
	shift
	mkdir -p "$run/$name" && cd "$run/$name" || exit 1
	log=$run/$name/log
	# Not as a condition, in which set -e would not count.
	( set -e; "$@" ) >"$log" 2>&1 </dev/null
	if [ $? -eq 0 ]; then
		passed=$((passed + 1))
		echo "ok   $name ($((SECONDS - start)) s)"
	else
		failed=$((failed + 1))
		echo "FAIL $name (in $run/$name)"
		tail -n 8 "$log" | sed 's/^/     /'
	fi
}

win=$work/bin/win
within() { timeout --kill-after=5 "$@"; }

# same WANT GOT WHAT
same() {
	[ "$1" = "$2" ] && return
	echo "$3: expected $1, got $2"
	return 1
}

# ---- LMDB ----

# An LMDB test of its own: it exits 0, and its data file has the size of its map, which the section gave it.
lmdb_test() {
	mkdir testdb
	within 120 "$win/$1"
	same "$2" "$(stat -c %s testdb/data.mdb)" "size of data.mdb"
	distribution mdb_stat -e testdb
}

entries() { distribution mdb_stat "$1" | sed -n 's/^ *Entries: //p'; }

two_writers() {
	mkdir env
	"$win/lmdb_user" put env a 10000 10 &
	first=$!
	"$win/lmdb_user" put env b 10000 10
	wait $first
	same 20000 "$(entries env)" entries
}

# Another process has the environment open when the writer dies: its mutex is found abandoned.
killed_writer() {
	local ready count
	mkdir env
	"$win/lmdb_user" put env a 1000 100
	mkfifo go opened block held
	"$win/lmdb_user" open env <go >opened &
	witness=$!
	exec 7>go 8<opened
	read -r ready <&8
	"$win/lmdb_user" hold env <block >held &
	writer=$!
	exec 9>block
	read -r ready <held
	same ready "$ready" "the writer"
	kill -9 $writer
	within 30 "$win/lmdb_user" put env b 1000 100
	echo >&7
	read -r count <&8
	wait $witness
	same 2000 "$count" "entries that the witness sees"
	distribution mdb_dump -p env >dump
	if grep -q held dump; then echo "what the killed writer wrote is there"; return 1; fi
}

# dump, load, copy and stat of either build on the other's files give the same text.
lmdb_tools() {
	mkdir env ours theirs copy
	"$win/lmdb_user" put env key 5000 500
	"$win/mdb_dump" env >dump.ours
	distribution mdb_dump env >dump.theirs
	cmp dump.ours dump.theirs
	distribution mdb_load -f dump.ours theirs
	"$win/mdb_load" -f dump.theirs ours
	"$win/mdb_dump" theirs >dump.2
	distribution mdb_dump ours >dump.3
	cmp dump.ours dump.2
	cmp dump.ours dump.3
	"$win/mdb_copy" ours copy
	"$win/mdb_copy" ours >copy.mdb
	distribution mdb_dump copy >dump.4
	distribution mdb_dump -n copy.mdb >dump.5
	cmp dump.ours dump.4
	cmp dump.ours dump.5
	"$win/mdb_stat" -e ours >stat.ours
	distribution mdb_stat -e ours >stat.theirs
	same "$(grep Entries stat.theirs)" "$(grep Entries stat.ours)" mdb_stat
}

check_lmdb() {
	check lmdb-build build_lmdb win mtest mtest2 mtest3 mtest4 mtest5 mdb_stat mdb_dump mdb_load mdb_copy lmdb_user
	[ -x "$win/lmdb_user" ] || return
	for test in mtest mtest2 mtest3 mtest4 mtest5; do
		check "lmdb-$test" lmdb_test $test 10485760
	done
	check lmdb-two-writers two_writers
	check lmdb-killed-writer killed_writer
	check lmdb-tools lmdb_tools
}

# ---- SQLite ----

sql() { within 120 "$win/shell" -batch "$@"; }
summary='SELECT count(*), sum(id), sum(length(text)) FROM t; PRAGMA integrity_check;'
rows() {
	echo "WITH RECURSIVE n(i) AS (SELECT $1 UNION ALL SELECT i+1 FROM n WHERE i<$2)
	INSERT INTO t SELECT i, printf('row %d of many', i) FROM n;"
}
wal='PRAGMA journal_mode=WAL; PRAGMA mmap_size=268435456;'
table='CREATE TABLE t(id INTEGER PRIMARY KEY, text TEXT);'

sqlite_ours() {
	sql db "$wal $table $(rows 1 200000)"
	sql db "$wal $summary" >ours
	grep -qx ok ours
	grep -q '^200000|' ours
	distribution sqlite3 db "$wal $summary" >theirs
	cmp ours theirs
}

sqlite_theirs() {
	distribution sqlite3 db "$wal $table $(rows 1 200000)"
	sql db "$wal $(rows 200001 210000) $summary" >ours
	distribution sqlite3 db "$wal $summary" >theirs
	cmp ours theirs
	grep -q '^210000|' ours
}

mptester() {
	cp "$sqlite"/mptest/*.test "$sqlite"/mptest/*.subtest .
	within 240 "$win/mptest" db "$1" 2>&1 | tee out
	grep -q '^Summary: 0 errors out of ' out
}

two_shells() {
	sql db "$wal CREATE TABLE t(id INTEGER PRIMARY KEY, text TEXT);"
	for who in a b; do
		{
			echo ".timeout 30000"
			echo "PRAGMA mmap_size=268435456;"
			for ((i = 0; i < 300; i++)); do echo "INSERT INTO t(text) VALUES('$who $i');"; done
		} >input.$who
	done
	sql db <input.a &
	first=$!
	sql db <input.b
	wait $first
	same "600
ok" "$(sql db 'SELECT count(*) FROM t; PRAGMA integrity_check;')" "after both"
}

# kill -9 with a transaction half written: what was committed is there, and nothing else.
killed_shell() {
	sql db "PRAGMA journal_mode=$1; $table $(rows 1 1000)"
	mkfifo in out
	"$win/shell" -batch db <in >out &
	shell=$!
	exec 8>in 9<out
	echo "PRAGMA cache_size=5; PRAGMA mmap_size=268435456; BEGIN; $(rows 1001 20000) UPDATE t SET text='gone'; SELECT 'ready';" >&8
	until [ "${line:-}" = ready ]; do read -r line <&9; done
	kill -9 $shell
	wait $shell || true
	exec 8>&- 9<&-
	same "1000|500500|$(sql :memory: "$table $(rows 1 1000) SELECT sum(length(text)) FROM t;")
ok" "$(sql db "$summary")" "after the kill"
	[ "$1" != delete ] || [ ! -s db-journal ]
	distribution sqlite3 db "$summary"
}

check_sqlite() {
	check sqlite-build build_sqlite win shell mptest
	[ -x "$win/mptest" ] || return
	check sqlite-ours-read-by-theirs sqlite_ours
	check sqlite-theirs-read-by-ours sqlite_theirs
	check sqlite-two-shells two_shells
	check sqlite-killed-wal killed_shell wal
	check sqlite-killed-journal killed_shell delete
	check sqlite-mptest-crash01 mptester crash01.test
	check sqlite-mptest-multiwrite01 mptester multiwrite01.test
}

if prepare; then
	passed=1
	echo "ok   fetch and install"
else
	failed=1
	echo "FAIL fetch and install: nothing was checked"
	closing
fi
check_lmdb
check_sqlite
closing
