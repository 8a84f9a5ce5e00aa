#!/bin/sh
# SPDX-License-Identifier: MIT
# documents.sh SOURCE - what the documents name is there: tests, files, links between them.
set -u
. "$(dirname "$0")/../lib/check.sh"
source=$1
cd "$source" || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# exists PROGRAM TEST - unit_x, proc_x, model_x or win32_x (also built as win32_x_short) has it
exists() {
	group=${1%%_*} name=${1#*_}
	grep -qE "^TEST\($2\)" "tests/$group/$name.c" 2>/dev/null ||
		{ [ "$group" = win32 ] && grep -qE "^TEST\($2\)" "tests/win32/${name%_short}.c" 2>/dev/null; }
}
tests_named() { # tests_named FILE - every `program:test` in it exists
	grep -oE '`(unit|proc|model|win32)_[a-z0-9_]+:[a-z0-9_]+`' "$1" | tr -d '`' | sort -u | {
		bad=0
		while IFS=: read -r program test; do
			exists "$program" "$test" || { echo "$1: no $program:$test"; bad=1; }
		done
		return $bad
	}
}
# So do the whole programs `fuzz_x` and `cli_x`.
programs_named() {
	grep -oE '`(fuzz|cli)_[a-z0-9_]+`' "$1" | tr -d '`' | sort -u | {
		bad=0
		while read -r program; do
			case $program in fuzz_*) file=fuzz/${program#fuzz_}.c ;; *) file=tests/cli/test_${program#cli_}.sh ;; esac
			[ -e "$file" ] || { echo "$1: no $file"; bad=1; }
		done
		return $bad
	}
}
# Each row of a table with a column of tests names some, or says that there is none.
rows_have_tests() {
	awk -F' *[|] *' '/\| test \|$/ { on = 1; next } !/^\|/ { on = 0 }
		on && !/^\|---/ && $(NF - 1) !~ /^(-|`[a-z0-9_]+[: ]?[a-z0-9_]+`([,;] `[a-z0-9_]+[: ]?[a-z0-9_]+`)*)$/ {
			print FILENAME ": " $0; bad = 1 }
		END { exit bad }' "$1"
}
links_lead() { # links_lead FILE - to files of the tree
	directory=$(dirname "$1")
	grep -oE '\]\([^)#]+' "$1" | sed 's/^](//' | grep -vE '^[a-z]+:' | sort -u | {
		bad=0
		while read -r target; do
			[ -e "$directory/$target" ] || { echo "$1: no $target"; bad=1; }
		done
		return $bad
	}
}
paths_exist() { # paths_exist FILE - files of the tree in backquotes
	grep -oE '`(src|tests|include|docs|tools|bench|examples|cmake|man)/[A-Za-z0-9_./-]+`' "$1" | tr -d '`' | sort -u | {
		bad=0
		while read -r target; do
			[ -e "$target" ] || { echo "$1: no $target"; bad=1; }
		done
		return $bad
	}
}

# The order of locks stands in the architecture document as it is.
lock_order() {
	sed -n '/^enum lock_name/,/^}/p' src/core/lock.h | grep -oE '^[[:space:]]LOCK_[A-Z]+' | tr -d '\t' |
		grep -vE '^LOCK_(STRIPES|COUNT)$' >"$work/code"
	sed -n '/^## Locks/,/^## /p' docs/architecture.md | grep -oE '^[|] `LOCK_[A-Z]+' | tr -d '|` ' >"$work/document"
	diff "$work/code" "$work/document"
}

check lock_order_is_as_documented lock_order
for file in *.md docs/*.md; do
	page=$(echo "$file" | tr './' '__')
	check "tests_named_in_$page" tests_named "$file"
	check "programs_named_in_$page" programs_named "$file"
	check "rows_have_tests_in_$page" rows_have_tests "$file"
	check "links_lead_in_$page" links_lead "$file"
	check "paths_exist_in_$page" paths_exist "$file"
done
finish
