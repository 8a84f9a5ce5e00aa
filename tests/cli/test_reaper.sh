#!/bin/sh
# SPDX-License-Identifier: MIT
# filemap reaper: what a killed process held is freed at once, and it ends when told to.
. "$(dirname "$0")/common.sh"
now() { date +%s%N; }
used() { du -sk "$FILEMAP_ROOT" | cut -f 1; }

# hold NAME - a process in the background that holds 64 MiB of that name; $victim is its id
hold() {
	mkfifo "$work/held-in" "$work/held-out"
	"$filemap" create "$1" --size 64M <"$work/held-in" >"$work/held-out" &
	victim=$!
	exec 5>"$work/held-in" 6<"$work/held-out"
	read -r line <&6
	rm "$work/held-in" "$work/held-out"
}
murder() {
	kill -KILL $victim
	wait $victim 2>/dev/null
	exec 5>&- 6<&-
}

check once_with_nothing_to_do gives 0 "$filemap" reaper --once
hold early
murder
check once_tells_what_it_removed says "Local   1 dead name removed, 64" "$filemap" reaper --once --verbose
check then_nothing_is_left says "No names." "$filemap" list

start "$filemap" reaper --verbose
check it_says_that_it_watches [ "$first" = "Watching." ]
hold live
check it_is_not_shown_as_a_holder sh -c '[ "$("$filemap" list --json | grep -c \"pid\")" -eq 1 ]'
start_of_wait=$(now)
murder
read -r line <&4 # an event, not a pause: its line
took=$(($(now) - start_of_wait))
check the_killed_one_s_memory_is_freed sh -c 'case "$1" in "Local   1 dead name removed, 64"*) ;; *) echo "$1"; exit 1 ;; esac' sh "$line"
check nothing_of_it_is_stored [ "$(used)" -lt 1024 ]
echo "64 MiB freed $((took / 1000)) us after the kill, the kill, wait and date included"
hold second
check a_live_name_is_left "$filemap" show second
exec 5>&- # the end of its input: an orderly end
wait $victim
exec 6<&-
check an_orderly_end_leaves_nothing says "No names." "$filemap" list
stop TERM
check SIGTERM_ends_it_well [ $code -eq 0 ]
for signal in INT HUP; do
	start "$filemap" reaper --local --verbose
	stop $signal
	check "SIG${signal}_ends_it_well" [ $code -eq 0 ]
done

check no_root_is_a_failure sh -c 'FILEMAP_ROOT=/nonexistent "$filemap" reaper --once; [ $? -ne 0 ]'
mkdir -m 755 "$work/root"
mkdir -m 777 "$work/root/filemap-global"
export root2="$work/root"
check a_namespace_asked_for_must_be_had sh -c 'FILEMAP_ROOT="$root2" "$filemap" reaper --global --once; [ $? -eq 5 ]'
check one_that_is_refused_does_not_stop_the_other sh -c 'FILEMAP_ROOT="$root2" "$filemap" reaper --once'
check operand_is_wrong_use gives 2 "$filemap" reaper x
finish
