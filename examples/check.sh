#!/bin/sh
# SPDX-License-Identifier: MIT
# check.sh DIRECTORY [SUFFIX [WRAPPER]] - run the examples there; for Wine: check.sh build/wine .exe wine64
set -u
. "$(dirname "$0")/../tests/lib/check.sh"
directory=$(cd "$1" && pwd) suffix=${2-} wrapper=${3-}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
FILEMAP_ROOT=$work/names # the names of others stay out of this
export FILEMAP_ROOT
mkdir -m 700 "$FILEMAP_ROOT"

run() { $wrapper "$directory/$1$suffix" ${2+"$2"}; }
says() { # says FILE TEXT - is it there? Wine ends lines with a carriage return
	tr -d '\r' <"$work/$1" | grep -qxF "$2"
}

# The first process waits at the one pipe and tells by the other that the message is there.
trap '' PIPE # a first process that failed reads nothing
mkfifo "$work/in" "$work/told"
run share_first <"$work/in" >"$work/told" &
first=$!
exec 3>"$work/in" 4<"$work/told"
read -r line <&4
run share_second >"$work/second" </dev/null
check second_process_reads_the_message says second "Message from the first process."
echo >&3
wait $first
check first_process_ends_well [ $? -eq 0 ]
run share_second >"$work/third" 2>"$work/error" </dev/null
check memory_is_gone_with_the_first_process says error "OpenFileMapping: error 2"

cd "$work" || exit 1
run view_within >"$work/view" </dev/null
check view_within_ends_well [ $? -eq 0 ]
check view_within_finds_its_number says view "The number there is 34560, that is byte 138240 of the file."
check view_within_begins_at_a_unit says view \
	"The view begins at 131072 of the file and has 8192 bytes; wanted is what lies 7168 bytes in it."
check view_within_leaves_no_file [ ! -e view_within.tmp ]
finish
