#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh BUILD-DIRECTORY [TEST ...] - the conformance tests, built by mingw, on Debian's Wine.
#
# Wine is a second opinion on the tests, not their judge: where it is known to differ from Windows,
# tests/wine/differences.txt names the program, the test, the row and the reason. A failure that is not
# listed fails here; a listed one that passes is reported. Exit code: 0 agreed, 1 not, 77 tools missing.
set -u

# one NAME - a program built and run; what compare.awk reads of it goes to NAME.results. The caller's variables are exported.
one() {
	$compile "$source/tests/win32/$1.c" $common -lpsapi -lntdll -o "$build/$1.exe" || return 1
	timeout 300 "$wine" "$build/$1.exe" -v </dev/null >"$build/$1.out" 2>"$build/$1.err"
	code=$?
	closing=$(tr -d '\r' <"$build/$1.out" | tail -n 1)
	{
		case $closing in
		*" passed, "*) echo "$1: $closing" >&2 ;;
		*) echo "$1: no closing line, exit code $code" >&2 && echo "END $1" ;;
		esac
		tr -d '\r' <"$build/$1.out" | sed -n "s/^\(RUN\|ROW\|SKIP\) */\1 $1\//p"
		tr -d '\r' <"$build/$1.err" | sed -n "s/^FAIL /FAIL $1\//p"
	} 2>&1 >"$build/$1.results"
}
if [ "${1:-}" = --one ]; then
	one "$2"
	exit
fi

source=$(cd "$(dirname "$0")/../.." && pwd)
[ $# -gt 0 ] || { echo "usage: run.sh BUILD-DIRECTORY [TEST ...]" >&2; exit 2; }
mkdir -p "$1/wine" || exit 1
build=$(cd "$1/wine" && pwd)
shift

missing=
cc=${MINGW_CC:-x86_64-w64-mingw32-gcc}
command -v "$cc" >/dev/null || missing="$missing gcc-mingw-w64-x86-64"
wine= server=
for directory in /usr/lib/wine /usr/bin; do # Debian keeps both out of the path
	[ -z "$wine" ] && [ -x $directory/wine64 ] && wine=$directory/wine64
	[ -z "$server" ] && [ -x $directory/wineserver64 ] && server=$directory/wineserver64
	[ -z "$server" ] && [ -x $directory/wineserver ] && server=$directory/wineserver
done
[ -n "$wine" ] && [ -n "$server" ] || missing="$missing wine64 wine"
if [ -n "$missing" ]; then
	echo "SKIP check-wine: missing; apt-get install -y --no-install-recommends$missing"
	exit 77
fi

# Nothing may keep our standard output open, or a pipe on it never ends: hence /dev/null everywhere.
export WINEPREFIX="$build/prefix" WINEDEBUG=-all DISPLAY=
WINEDLLOVERRIDES='mscoree,mshtml=;winedbg.exe=d'
export WINEDLLOVERRIDES
if [ ! -f "$WINEPREFIX/ready" ]; then
	echo "creating the Wine prefix (about 700 MB in $WINEPREFIX)"
	rm -rf "$WINEPREFIX"
	timeout 300 "$wine" wineboot -i </dev/null >/dev/null 2>&1
	"$server" -w </dev/null >/dev/null 2>&1
	touch "$WINEPREFIX/ready" || exit 1
fi
"$server" -p </dev/null >/dev/null 2>&1
trap '"$server" -k </dev/null >/dev/null 2>&1' EXIT
off=winemenubuilder.exe,services.exe,explorer.exe,plugplay.exe,winedevice.exe,svchost.exe,rpcss.exe
WINEDLLOVERRIDES="mscoree,mshtml,$off,winedbg.exe=d"

# Windows 10's declarations; gcc takes printf's formats for those of the old C library.
compile="$cc -std=gnu11 -O1 -D__USE_MINGW_ANSI_STDIO=1 -D_WIN32_WINNT=0x0A00 -DNTDDI_VERSION=0x0A00000B
	-Wall -Wextra -Wno-format -I$source/tests/lib -I$source/tests/win32/lib"
common=
for file in tests/lib/check.c tests/lib/check_windows.c tests/win32/lib/support.c \
	tests/win32/lib/support_windows.c; do
	object=$build/$(basename "$file" .c).o
	$compile -c "$source/$file" -o "$object" || exit 1
	common="$common $object"
done

results=$build/results.txt
export CHECK_ROWS=1 compile common source build wine
for file in "$source"/tests/win32/*.c; do
	name=$(basename "$file" .c)
	case " ${*:-$name} " in *" $name "*) echo "$name" ;; esac
done >"$build/names"
xargs -n 1 -P "${JOBS:-$(nproc)}" sh "$0" --one <"$build/names" || exit 1
while read -r name; do cat "$build/$name.results"; done <"$build/names" >"$results"
# The examples: the same sources, the same check.
if [ $# -eq 0 ]; then
	for name in share_first share_second view_within; do
		$compile "$source/examples/$name.c" -o "$build/$name.exe" || exit 1
	done
	"$source/examples/check.sh" "$build" .exe "$wine" >"$build/examples.out" 2>&1
	echo "examples: $(tail -n 1 "$build/examples.out")"
	sed -n 's/^FAIL /FAIL examples\//p' "$build/examples.out" >>"$results"
fi
awk -v selected="${*:-}" -f "$source/tests/wine/compare.awk" "$source/tests/wine/differences.txt" "$results"
