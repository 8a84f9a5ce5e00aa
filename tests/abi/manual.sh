#!/bin/sh
# SPDX-License-Identifier: MIT
# manual.sh SOURCE - every public call has its page, and no page is about something else.
set -u
. "$(dirname "$0")/../lib/check.sh"
source=$1 man=$1/man
headers="$1/include/filemap.h $1/include/filemap/fault.h"

# The page itself, or the page that its .so line leads to.
page_of() {
	file=$man/$1.3
	[ -f "$file" ] || { echo "no $file"; return 1; }
	target=$(sed -n 's/^\.so man3\///p' "$file")
	[ -z "$target" ] || file=$man/$target
	cat "$file"
}
documents() {
	page=$(page_of "$1") || { echo "$page"; return 1; }
	echo "$page" | grep -qE "^\.(SH NAME|SH ERRORS)" &&
		echo "$page" | sed -n '/^\.SH NAME/,/^\.SH SYN/p' | grep -qwF "$1" &&
		echo "$page" | sed -n '/^\.SH SYN/,/^\.SH DESC/p' | grep -qF "$1(" &&
		echo "$page" | grep -q '^\.SH ERRORS'
}
# What the header promises, the page tells: each status of the comment before the declaration.
tells_header_errors() {
	page=$(page_of "$1")
	for status in $(awk -v call="$1(" '
			/^\/\*\*/ { text = "" }
			{ text = text $0 "\n" }
			/^FM_API/ { if (index($0, call)) { print text; exit } }' $headers |
			grep -oE '\bFM_E_[A-Z_]+' | sort -u); do
		echo "$page" | grep -qw "$status" || { echo "$status is missing"; return 1; }
	done
}
# ERRORS may only tell of statuses that exist.
known_statuses() {
	for status in $(grep -hoE '\bFM_E_[A-Z_]+' "$man"/*.[137] | sort -u); do
		grep -q "X($status," "$source/include/filemap/status.h" || { echo "unknown: $status"; return 1; }
	done
}
no_stray_page() {
	for file in "$man"/fm_*.3; do
		name=$(basename "$file" .3)
		cat $headers | grep -qw "$name" || { echo "stray: $file"; return 1; }
	done
}

for call in $(grep -ohE '^(FM_API .*)\bfm_[a-z_0-9]+\(' $headers | grep -oE 'fm_[a-z_0-9]+\($' | tr -d '('); do
	check "page_of_$call" documents "$call"
	check "errors_of_$call" tells_header_errors "$call"
done
check pages_name_known_statuses known_statuses
check pages_are_about_calls no_stray_page
if command -v man >/dev/null; then
	check pages_format sh -c "for f in '$man'/*.[137]; do
		grep -q '^\.so ' \"\$f\" || LC_ALL=C.UTF-8 MANROFFSEQ= man --warnings -l -E UTF-8 \"\$f\" 2>&1 >/dev/null; done | grep . && exit 1; true"
else
	skip pages_format "man is not installed"
fi
finish
