#!/bin/sh
# SPDX-License-Identifier: MIT
# Options, help, exit codes for wrong use.
. "$(dirname "$0")/common.sh"
commands="list show create hold cat write map gc reaper demo"
manual=$here/../../man/filemap.1

check no_command_is_wrong_use gives 2 "$filemap"
check unknown_command_is_wrong_use gives 2 "$filemap" frobnicate
check unknown_option_is_wrong_use gives 2 "$filemap" list --frobnicate
check unknown_option_is_named says "unknown option --frobnicate" "$filemap" list --frobnicate
check missing_operand_is_wrong_use gives 2 "$filemap" show
check operand_too_many_is_wrong_use gives 2 "$filemap" list x
check memory_without_size_is_wrong_use gives 2 "$filemap" create x
check empty_name_is_wrong_use gives 2 "$filemap" create "" --size 1M
for size in "" -1 1Q 1.5M 0x10 18446744073709551616 17179869184G 1Mi 1MiBx; do
	check "size_${size}_is_wrong_use" gives 2 "$filemap" create x --size "$size"
done
for size in 4096 4k 4K 4KiB; do
	check "size_${size}_is_4096" json size 4096 "$filemap" create "size-$size" --json --size "$size"
done
check mode_must_be_octal gives 2 "$filemap" create x --size 1 --mode 888
check help_lists_all_commands sh -c 'for c in '"$commands"'; do "$filemap" --help | grep -q "^  $c " || exit 1; done'
for command in $commands; do
	check "${command}_has_help" says "Usage: filemap $command" "$filemap" "$command" --help
	check "help_of_${command}_succeeds" gives 0 "$filemap" "$command" --help
	check "help_${command}_is_the_same" says "Usage: filemap $command" "$filemap" help "$command"
done

# in_manual COMMAND - the page names it and each option of its help.
in_manual() {
	grep -q "^\.SS $1" "$manual" || { echo "no .SS $1"; return 1; }
	for option in $("$filemap" "$1" --help | sed -n 's/^  .*--\([a-z-]*\).*/\1/p'); do
		tr -d '\\' <"$manual" | grep -q -e "--$option" || { echo "no --$option"; return 1; }
	done
}
for command in $commands; do
	check "manual_tells_of_${command}" in_manual "$command"
done
check version_is_the_library_s says "filemap 0." "$filemap" --version
if [ -w /dev/full ]; then
	check full_output_is_a_failure sh -c '"$filemap" --help >/dev/full; [ $? -eq 1 ]'
else
	skip full_output_is_a_failure "there is no /dev/full"
fi
finish
