#!/bin/sh
# SPDX-License-Identifier: MIT
# filemap demo, with small files.
. "$(dirname "$0")/common.sh"
export TMPDIR="$work"

check demo_holds_on_a_file_it_makes sh -c '"$filemap" demo --file "$work/made" --make 4M --windows 1M >"$work/out" 2>&1'
check it_passes_all_18 grep -qx "18 passed, 0 failed" "$work/out"
check it_draws_the_relation grep -q "A [0-9]*  1 descriptor, 4.00 MiB resident" "$work/out"
check no_terminal_codes_in_a_log sh -c '! grep -q "$(printf "\033")" "$work/out"'
check the_file_stays sh -c '[ "$(wc -c <"$work/made")" -eq 4194304 ]'
check demo_holds_on_it_again sh -c '"$filemap" demo --file "$work/made" --make 4M --windows 1M'
dd if=/dev/urandom of="$work/given" bs=1001 count=2003 2>/dev/null
cp "$work/given" "$work/same"
check demo_holds_on_a_given_file sh -c '"$filemap" demo --file "$work/given"'
check given_file_is_not_changed cmp "$work/given" "$work/same"
rm -f "$work/given" "$work/same" "$work/made" "$work/out"
check demo_holds_on_a_temporary_file sh -c '"$filemap" demo --make 2M >/dev/null'
check temporary_file_is_removed sh -c '[ -z "$(ls "$work")" ]'
# Interrupted in the midst: at its first check it has the file, both names and both processes.
start "$filemap" demo --make 64M
while read -r line <&4; do
	case $line in ok*) break ;; esac
done
stop TERM
check interrupted_it_gives_128_and_signal [ $code -eq 143 ]
check then_its_file_is_removed sh -c '! ls "$work" | grep -q filemap-demo'
check nothing_is_left_in_the_namespace says "No names." "$filemap" list
check missing_file_is_not_found gives 3 "$filemap" demo --file "$work/nothing"
printf x >"$work/small"
check small_file_is_refused gives 1 "$filemap" demo --file "$work/small"
check windows_must_be_pages gives 2 "$filemap" demo --windows 100
finish
