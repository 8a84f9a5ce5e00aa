# SPDX-License-Identifier: MIT
# What check.sh and bench.sh share: fetching, installing, building. Sourced; sets
#   source   the repository        build   the build directory that holds the library
#   work     everything of these programs: sources, prefix, bin/win, bin/unix
set -u
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
[ $# -ge 1 ] || { echo "usage: $0 BUILD-DIRECTORY" >&2; exit 2; }
build=$(cd "$1" && pwd) || exit 2
work=$build/programs
unset MAKEFLAGS MAKELEVEL CFLAGS LD_LIBRARY_PATH
mkdir -p "$work/bin/win" "$work/bin/unix" || exit 1
lmdb=$work/src/lmdb/libraries/liblmdb
sqlite=$work/src/sqlite3
cc=${CC:-cc}
optimise=-O2

prepare() {
	sh "$source/tests/programs/fetch.sh" "$work/src" || return 1
	PATH=$PATH:$work/src/tools/usr/bin
	local library
	library=$(find "$work/src/tools" -name 'liblmdb.so*' 2>/dev/null | head -n 1)
	[ -n "$library" ] && tool_libraries=$(dirname "$library")
	rm -rf "$work/prefix"
	cmake --install "$build" --prefix "$work/prefix" >"$work/install.log" 2>&1 ||
		{ echo "cmake --install failed: $(tail -n 1 "$work/install.log")" >&2; return 1; }
	libdir=$(dirname "$(find "$work/prefix" -name libfilemap-port.so | head -n 1)")
	win_flags=(-isystem "$work/prefix/include/filemap/win32")
	win_libraries=("-L$libdir" "-Wl,-rpath,$libdir" -lfilemap-port -lfilemap)
}

# distribution COMMAND...: its own program, with the libraries that came with it.
distribution() {
	LD_LIBRARY_PATH=${tool_libraries:-} "$@"
}

# The Windows sources know the system by _WIN32; the fdatasync of old Linux kernels is not theirs.
lmdb_windows=(-D_WIN32 -D_WIN64 -DMDB_FDATASYNC_WORKS)
# Also that the C library is not Microsoft's; wchar_t as on Windows, so that both widths are tried.
sqlite_windows=(-D_WIN32=1 -DSQLITE_OS_WIN=1 -DSQLITE_OS_UNIX=0 -D__MINGW32__ -fshort-wchar)

# compile_all KIND PROGRAM:SOURCE... with the arrays flags, objects and libraries
compile_all() {
	local kind=$1 program
	shift
	for program; do
		$cc $optimise -w "${flags[@]}" "${program#*:}" "${objects[@]}" -o "$work/bin/$kind/${program%%:*}" \
			"${libraries[@]}" || return 1
	done
}

# build_lmdb win|unix PROGRAM...
build_lmdb() {
	local kind=$1 file flags=("-I$lmdb") libraries=(-lpthread) objects=() program sources=()
	shift
	[ "$kind" = win ] && flags+=("${lmdb_windows[@]}" "${win_flags[@]}") &&
		libraries=("${win_libraries[@]}" -lpthread)
	for file in mdb midl; do
		$cc $optimise -w "${flags[@]}" -c "$lmdb/$file.c" -o "$work/bin/$kind/$file.o" || return 1
		objects+=("$work/bin/$kind/$file.o")
	done
	for program; do
		file=$lmdb/$program.c
		[ -f "$file" ] || file=$source/tests/programs/$program.c
		sources+=("$program:$file")
	done
	compile_all "$kind" "${sources[@]}"
}

# build_sqlite win|unix PROGRAM...
build_sqlite() {
	local kind=$1 flags=("-I$sqlite" -DSQLITE_THREADSAFE=1) program sources=()
	local libraries=(-lpthread -ldl -lm) objects=("$work/bin/$1/sqlite3.o")
	shift
	[ "$kind" = win ] && flags+=("${sqlite_windows[@]}" "${win_flags[@]}") &&
		libraries=("${win_libraries[@]}" "${libraries[@]}")
	$cc $optimise -w "${flags[@]}" -c "$sqlite/sqlite3.c" -o "$work/bin/$kind/sqlite3.o" || return 1
	for program; do
		case $program in
		shell) sources+=("shell:$sqlite/shell.c") ;;
		mptest) sources+=("mptest:$sqlite/mptest/mptest.c") ;;
		*) sources+=("$program:$source/tests/programs/$program.c") ;;
		esac
	done
	# Windows declares unlink() in <stdio.h>: mptest counts on that.
	flags+=(-include unistd.h)
	compile_all "$kind" "${sources[@]}"
}
