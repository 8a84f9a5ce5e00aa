#!/bin/sh
# SPDX-License-Identifier: MIT
# kills.sh SOURCE - every public function is killed at each of its system calls by a table of tests/unit, or
# tests/abi/leave_nothing.txt says why it needs not be.
set -u
. "$(dirname "$0")/../lib/check.sh"
source=$1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

either_width() { sed -E 's/(.*[a-z0-9])[AW]$/\1/' | sort -u; }
{
	grep -hE '^FM_API' "$source/include/filemap.h" "$source/include/filemap/fault.h" |
		grep -oE '\bfm_[a-z0-9_]+\(' | tr -d '('
	sed ':join; /\\$/ { N; s/\\\n//; b join; }' "$source"/include/filemap/win32/*.h |
		grep -E '^#[[:space:]]*define ' | grep -v 'define FM_' |
		sed -nE 's/.*[[:space:]]FM_WIN32(_WIDE)?\(([A-Za-z0-9_]*)\).*/\2/p'
} | either_width >"$work/public"
sed 's,/[*].*[*]/,,' "$source"/tests/unit/*kills*.c | grep -oE '\b[A-Za-z_][A-Za-z0-9_]+\(' | tr -d '(' |
	either_width >"$work/killed"
grep -v '^#' "$source/tests/abi/leave_nothing.txt" | tr -s ' ' '\n' | grep . | sort -u >"$work/harmless"
sort -u "$work/killed" "$work/harmless" >"$work/known"

subset() { [ -z "$(comm -23 "$1" "$2" | tee /dev/stderr)" ]; }
check every_public_function_is_killed_or_harmless subset "$work/public" "$work/known"
check every_harmless_function_is_public subset "$work/harmless" "$work/public"
finish
