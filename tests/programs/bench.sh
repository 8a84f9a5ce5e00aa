#!/bin/bash
# SPDX-License-Identifier: MIT
# bench.sh BUILD-DIRECTORY [ROUNDS] - the databases' Windows sources on Filemap against their Unix sources: same
# machine, same run, in turn. Prints the medians' ratios; exits 1 if one is above the target.
. "$(dirname "$0")/common.sh"
rounds=${2:-5}
target=1.15
# One place in memory for code of both: by chance alone the same loop was a quarter slower in one of them.
optimise="-O2 -falign-functions=64 -falign-loops=64 -falign-jumps=16"
prepare || exit 1
build_lmdb win lmdb_user && build_lmdb unix lmdb_user && build_sqlite win sqlite_load &&
	build_sqlite unix sqlite_load || exit 1
run=$work/bench
rm -rf "$run" && mkdir -p "$run/names" || exit 1
export FILEMAP_ROOT=$run/names
trap 'rm -rf "$run"' EXIT

# measure KIND FILE PROGRAM ARGUMENT...: a line of seconds added to FILE. The disk is idle when it begins.
measure() {
	local file=$run/$2.$1
	rm -rf "$run/db" && mkdir "$run/db" && sync
	"$work/bin/$1/$3" "${@:4}" >>"$file" || { echo "$3 ($1) failed" >&2; exit 1; }
}

for ((round = 1; round <= rounds; round++)); do
	[ $((round % 2)) -eq 0 ] && order="unix win" || order="win unix"
	for kind in $order; do
		measure $kind sqlite sqlite_load "$run/db/db" 200000 1000000
		measure $kind lmdb lmdb_user random "$run/db" 1000000 1000
	done
	echo "round $round of $rounds" >&2
done

median() { awk -v column="$2" '{ print $column }' "$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

over=0
row() {
	local windows unix ratio work verdict=
	windows=$(median "$run/$2.win" "$3")
	unix=$(median "$run/$2.unix" "$3")
	ratio=$(awk -v a="$windows" -v b="$unix" 'BEGIN { printf "%.2f", a / b }')
	work=$(awk -v a="$(median "$run/$2.win" $(($3 + 1)))" -v b="$(median "$run/$2.unix" $(($3 + 1)))" \
		'BEGIN { printf "%.2f", a / b }')
	awk -v r="$ratio" -v t=$target 'BEGIN { exit !(r > t) }' && verdict=" over" && over=$((over + 1))
	printf '%-44s %8s %8s %6s %6s %6s%s\n' "$1" "$windows" "$unix" "$ratio" "$target" "$work" "$verdict"
}
# The last column is the ratio of processor seconds: the same, whatever else the machine does meanwhile.
printf '%-44s %8s %8s %6s %6s %6s\n' "medians of $rounds rounds, seconds" Windows Unix ratio target work
row "SQLite, 200,000 inserts, 100 a transaction" sqlite 1
row "SQLite, 1,000,000 point reads" sqlite 3
row "SQLite, 10 full scans" sqlite 5
row "LMDB, 1,000,000 random puts, 1,000 a batch" lmdb 1
row "LMDB, 1,000,000 random gets" lmdb 3
[ $over -eq 0 ]
