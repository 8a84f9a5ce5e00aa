# SPDX-License-Identifier: MIT
# For the scripts beside: $filemap is the command, $work a directory of this run, and a namespace of its own.
filemap=$1
cmake=$2
sections=$3 # `$sections --child hold_paged`: a process with memory that lies on a disk
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/check.sh"

root=/dev/shm
[ -w $root ] || root=${TMPDIR:-/tmp}
FILEMAP_ROOT=$(mktemp -d "$root/filemap-cli.XXXXXX") || exit 1
work=$(mktemp -d) || exit 1
export FILEMAP_ROOT filemap work
trap 'rm -rf "$FILEMAP_ROOT" "$work"' EXIT
trap 'exit 1' INT TERM HUP

# gives CODE COMMAND... - it must leave with that exit code.
gives() {
	want=$1
	shift
	"$@" </dev/null
	got=$?
	[ $got -eq "$want" ] || { echo "exit code $got, expected $want"; return 1; }
}

# says TEXT COMMAND... - its output or message must have the text.
says() {
	text=$1
	shift
	out=$("$@" 2>&1 </dev/null)
	case $out in
	*"$text"*) ;;
	*) echo "\"$text\" is not in: $out"; return 1 ;;
	esac
}

# json PATH WANT COMMAND... - its output must be JSON and have this value there ("0 name").
json() {
	keys=$1
	want=$2
	shift 2
	"$@" >"$work/json" </dev/null || return 1
	printf '%s\n' 'file(READ "${FILE}" text)' 'separate_arguments(keys UNIX_COMMAND "${KEYS}")' \
		'string(JSON value GET "${text}" ${keys})' 'file(WRITE "${FILE}.value" "${value}")' >"$work/json.cmake"
	"$cmake" -DFILE="$work/json" -DKEYS="$keys" -P "$work/json.cmake" || { cat "$work/json"; return 1; }
	got=$(cat "$work/json.value")
	[ "$got" = "$want" ] || { echo "$keys is \"$got\", expected \"$want\""; return 1; }
}

# start COMMAND... - in the background, with an input that stays open until release; waits for its first line.
start() {
	rm -f "$work/in" "$work/out"
	mkfifo "$work/in" "$work/out" || return 1
	"$@" <"$work/in" >"$work/out" 2>&1 &
	holder=$!
	exec 3>"$work/in" 4<"$work/out"
	read -r first <&4
}

# release - end its input and wait; $code is its exit code.
release() {
	exec 3>&-
	wait "$holder"
	code=$?
	exec 4<&-
}

# stop SIGNAL - send it a signal and wait; $code is its exit code.
stop() {
	kill "-$1" "$holder"
	wait "$holder" 2>/dev/null
	code=$?
	exec 3>&- 4<&-
}
