#!/bin/sh
# SPDX-License-Identifier: MIT
# Names made, held, read, written, looked at and swept by the command.
. "$(dirname "$0")/common.sh"
random() { dd if=/dev/urandom bs=1024 count="$1" 2>/dev/null; }

# create
check nothing_at_first says "No names." "$filemap" list
check empty_list_in_json sh -c '[ "$("$filemap" list --json)" = "[]" ]'
check create_gives_the_command_s_code gives 7 "$filemap" create a --size 1M -- sh -c 'exit 7'
check create_gives_127_without_command gives 127 "$filemap" create a --size 1M -- /nonexistent
check create_gives_128_and_signal gives 143 "$filemap" create a --size 1M -- sh -c 'kill -TERM $$'
check name_lives_while_the_command_runs "$filemap" create a --size 1M -- "$filemap" show a
check name_dies_with_the_command gives 3 "$filemap" show a
check handle_is_inherited "$filemap" create a --size 1M -- sh -c 'ls -l /proc/self/fd/ | grep -q " $FILEMAP_HANDLE -> "'
check second_create_opens "$filemap" create a --size 1M -- \
	sh -c '"$filemap" create a --size 1M </dev/null | grep -q "there already"'
check new_refuses_what_exists "$filemap" create a --size 1M -- \
	sh -c '"$filemap" create a --size 1M --new; [ $? -eq 4 ]'
check size_is_whole_pages json size 4096 "$filemap" create a --size 1 --json
check backslash_in_name_is_not_found gives 3 "$filemap" create 'a\b' --size 1M
check control_in_name_fails gives 1 "$filemap" create "$(printf 'a\tb')" --size 1M

# hold
start "$filemap" create held --size 64K
check create_waits_for_its_input "$filemap" show held
release
check input_s_end_ends_it [ $code -eq 0 ]
check then_the_name_is_gone gives 3 "$filemap" show held
for signal in INT TERM HUP; do
	# A shell starts background processes with SIGINT ignored; signalfd takes it all the same.
	start "$filemap" create held --size 64K
	stop $signal
	check "SIG${signal}_ends_it_well" [ $code -eq 0 ]
	check "after_SIG${signal}_the_name_is_gone" gives 3 "$filemap" show held
done
check hold_of_no_name_is_not_found gives 3 "$filemap" hold nobody
start "$filemap" create held --size 64K -- "$filemap" hold held --map --write
check holders_are_listed json "0 holders 1 views" 1 "$filemap" list --json
check views_are_shown json "holders 1 mappings 0 write" ON "$filemap" show held --json
check view_s_place_is_the_section_s json "holders 1 mappings 0 offset" 0 "$filemap" show held --json
check view_s_size_is_shown json "holders 1 mappings 0 size" 65536 "$filemap" show held --json
check drawing_has_the_view says "64.0 KiB at        0  write" "$filemap" show held
check list_is_a_table says 'Local\held  section  memory   64.0 KiB' "$filemap" list
check list_without_holders says ' -' "$filemap" list --no-holders
check list_in_bytes says ' 65536 ' "$filemap" list --bytes
check list_of_global_has_it_not says 'No names.' "$filemap" list --global
release

# cat, write
random 3000 >"$work/data"
cat >"$work/copy" <<'END'
"$filemap" write io --offset 5 <"$work/data" || exit
"$filemap" cat io --offset 5 --length 3072000 | cmp - "$work/data" || exit
[ "$("$filemap" cat io --length 5 | od -An -tx1 | tr -d ' ')" = 0000000000 ] || exit
[ "$("$filemap" cat io | wc -c)" -eq 4194304 ]
END
check written_is_read_back "$filemap" create io --size 4M -- sh "$work/copy"
check input_too_long_is_told "$filemap" create io --size 4K -- \
	sh -c '"$filemap" write io <"$work/data" 2>&1 | grep -q "ends at byte 4096"'
check input_too_long_fails "$filemap" create io --size 4K -- sh -c '"$filemap" write io <"$work/data"; [ $? -eq 1 ]'
check what_fits_was_written "$filemap" create io --size 4K -- \
	sh -c '"$filemap" write io <"$work/data"; "$filemap" cat io | cmp -n 4096 - "$work/data"'
check cat_past_the_end_fails "$filemap" create io --size 4K -- sh -c '"$filemap" cat io --offset 4097; [ $? -eq 1 ]'
check cat_at_the_end_is_empty "$filemap" create io --size 4K -- sh -c '[ -z "$("$filemap" cat io --offset 4096)" ]'
check write_past_the_end_fails "$filemap" create io --size 4K -- sh -c '"$filemap" write io -o 4097; [ $? -eq 1 ]'
check read_only_section_is_not_written "$filemap" create io --size 4K --read-only -- \
	sh -c 'echo x | "$filemap" write io; [ $? -eq 5 ]'
check cat_of_no_name_is_not_found gives 3 "$filemap" cat nobody
check write_to_no_name_is_not_found gives 3 "$filemap" write nobody
check reserved_pages_are_committed_by_write "$filemap" create io --size 64K --reserve -- \
	sh -c 'echo hello | "$filemap" write io --offset 8K; [ "$("$filemap" cat io --offset 8K --length 5)" = hello ]'
check uncommitted_pages_are_an_error "$filemap" create io --size 64K --reserve -- sh -c '"$filemap" cat io >/dev/null; [ $? -eq 1 ]'
check closed_output_is_no_crash "$filemap" create io --size 8M -- sh -c '"$filemap" cat io | head -c 1 >/dev/null'

# files
random 100 >"$work/file"
cp "$work/file" "$work/same"
check file_s_size_is_exact json size 102400 "$filemap" create f --file "$work/file" --json
check file_is_read_through_the_name "$filemap" create f --file "$work/file" -- sh -c '"$filemap" cat f | cmp - "$work/file"'
check reading_left_the_file cmp "$work/file" "$work/same"
check file_is_written_through_the_name "$filemap" create f --file "$work/file" -- sh -c 'echo hello | "$filemap" write f --flush'
check then_the_file_has_it sh -c '[ "$(head -c 5 "$work/file")" = hello ]'
check file_is_shown "$filemap" create f --file "$work/file" -- sh -c '"$filemap" show f | grep -q "file  .*$work/file"'
check missing_file_is_not_found gives 3 "$filemap" create f --file "$work/nothing"
check missing_file_is_named says "$work/nothing" "$filemap" create f --file "$work/nothing"
check directory_is_no_file gives 1 "$filemap" create f --file "$work"

# names that are hard to print
check quotes_in_json json name 'a"b' "$filemap" create 'a"b' --size 1 --json
check utf8_in_json json name 'Größe' "$filemap" create 'Größe' --size 1 --json
bad=$(printf '\377')
printf x >"$work/$bad$(printf '\033')[31m"
check bad_bytes_make_good_json "$filemap" create f --file "$work/$bad$(printf '\033')[31m" -- \
	sh -c '"$filemap" show f --json | grep -q "ufffd.u001b.31m"'
check terminal_codes_are_not_printed "$filemap" create f --file "$work/$bad$(printf '\033')[31m" -- \
	sh -c '! "$filemap" show f | grep -q "$(printf "\033")"'

# what a process has
start "$filemap" create m --size 1M
check memory_is_memory json "paged" OFF "$filemap" show m --json
check sections_of_a_process_are_shown json "0 name" 'Local\m' "$filemap" show --process $holder --json
check sections_of_a_process_are_drawn says 'section    Local\m' "$filemap" show -p $holder
release
check a_process_without_sections_has_none says "No sections." "$filemap" show --process $$
check no_process_is_an_error gives 3 "$filemap" show --process 2147483647
check a_name_and_a_process_are_too_much gives 2 "$filemap" show m --process $$
check neither_is_too_little gives 2 "$filemap" show

# where memory lies
start env FILEMAP_PAGING_DIR="$work" "$sections" --child hold_paged
check paged_memory_without_a_name_is_shown json "0 paged" ON "$filemap" show --process $holder --json
check it_has_no_name json "0 name" "" "$filemap" show --process $holder --json
check its_directory_is_shown json "0 path" "$(cd "$work" && pwd -P)" "$filemap" show --process $holder --json
check its_directory_is_drawn says "in $(cd "$work" && pwd -P), device" "$filemap" show --process $holder
check its_view_is_drawn says "view " "$filemap" show --process $holder
release
case $(stat -f -c %T "$work") in
tmpfs | ramfs) skip names_on_a_disk "$work is no disk" ;;
*)
	check memory_of_a_namespace_on_a_disk_is_paged env FILEMAP_ROOT="$work" "$filemap" create m --size 1M -- \
		sh -c '"$filemap" list | grep -q " paged "'
	check it_is_drawn_as_such env FILEMAP_ROOT="$work" "$filemap" create m --size 1M -- \
		sh -c '"$filemap" show m | grep -q "of it on disk"'
	;;
esac

# the killed
start "$filemap" create dead --size 1M
stop KILL
check killed_holder_s_name_is_gone gives 3 "$filemap" hold dead
start "$filemap" create dead --size 1M
stop KILL
check dead_name_is_listed_as_dead says "nobody (dead)" "$filemap" list
check dead_name_is_shown_as_dead says "filemap gc" "$filemap" show dead
check gc_removes_it json "Local removed" 1 "$filemap" gc --json
check then_nothing_is_left says "No names." "$filemap" list
start "$filemap" create dead --size 1M
stop KILL
check gc_tells_the_bytes says "1 dead name removed, 1.0" "$filemap" gc
start "$filemap" create live --size 1M
check gc_leaves_the_living json "Local removed" 0 "$filemap" gc --json
check the_living_live "$filemap" show live
release
finish
