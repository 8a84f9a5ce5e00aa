#!/bin/sh
# SPDX-License-Identifier: MIT
# install.sh SOURCE BUILD - install into a staging tree and build strangers' programs against it.
set -u
. "$(dirname "$0")/../lib/check.sh"
source=$1 build=$2 consumer=$1/tests/abi/consumer
stage=$(mktemp -d) || exit 1
trap 'rm -rf "$stage"' EXIT
: "${CC:=cc}" "${CXX:=}"
prefix=$stage/usr

check installs cmake --install "$build" --prefix "$prefix"
libdir=$(dirname "$(find "$prefix" -name libfilemap.so)")
export LD_LIBRARY_PATH="$libdir" PKG_CONFIG_PATH="$libdir/pkgconfig"

# prints WANT PROGRAM - it runs and says exactly that
prints() { said=$("$2") && [ "$said" = "$1" ] || { echo "said: $said"; return 1; }; }
no_source_paths() { ! grep -rlF "$source" "$prefix" --include='*.pc' --include='*.cmake' --include='*.h'; }

with_cxx=OFF
[ -n "$CXX" ] && with_cxx=ON
check find_package_configures cmake -S "$consumer" -B "$stage/cmake" -DCMAKE_PREFIX_PATH="$prefix" \
	-DCMAKE_C_COMPILER="$CC" -DWITH_CXX=$with_cxx ${CXX:+-DCMAKE_CXX_COMPILER="$CXX"}
check find_package_builds cmake --build "$stage/cmake"
check find_package_shared_runs prints "0.1.0 mapped 42" "$stage/cmake/native_shared"
check find_package_static_runs prints "0.1.0 mapped 42" "$stage/cmake/native_static"
check find_package_win32_runs prints "windows.h mapped 42" "$stage/cmake/port"
check static_program_needs_no_library sh -c "! readelf -d '$stage/cmake/native_static' | grep libfilemap"

if command -v pkg-config >/dev/null; then
	check pkg_config_c_builds sh -c "$CC -std=c11 -Wall -Wextra -Werror -pedantic '$consumer/native.c' \
		\$(pkg-config --cflags --libs filemap) -o '$stage/pc_native'"
	check pkg_config_c_runs prints "0.1.0 mapped 42" "$stage/pc_native"
	check pkg_config_win32_builds sh -c "$CC -std=c11 -Wall -Werror '$consumer/port.c' \
		\$(pkg-config --cflags --libs filemap-win32) -o '$stage/pc_port'"
	check pkg_config_win32_runs prints "windows.h mapped 42" "$stage/pc_port"
else
	skip pkg_config "pkg-config is not installed"
fi

if [ $with_cxx = ON ]; then
	check find_package_cxx_runs prints "0.1.0 mapped 42" "$stage/cmake/native_cxx"
else
	skip cxx "no C++ compiler"
fi

# The programs that the README and the manual show.
awk '/^```c$/ { on = 1; next } /^```$/ { on = 0 } on' "$source/README.md" >"$stage/readme.c"
awk '/^#include <filemap.h>$/ { on = 1 } /^\.EE$/ { on = 0 } on' "$source/man/filemap.7" |
	sed 's/\\e/\\/g' >"$stage/manual.c"
for text in readme manual; do
	check ${text}_program_builds "$CC" -std=c11 -Wall -Wextra -Werror "$stage/$text.c" -I"$prefix/include" \
		-L"$libdir" -lfilemap -o "$stage/$text"
	check ${text}_program_runs sh -c "FILEMAP_ROOT='$stage' '$stage/$text' </dev/null | grep -qx 'visit 0'"
done

awk '/^#include <windows.h>$/ { on = 1 } /^\.EE$/ { on = 0 } on' "$source/man/filemap-win32.7" |
	sed 's/\\e/\\/g' >"$stage/port.c"
check port_program_builds "$CC" -std=c11 -Wall -Wextra -Werror "$stage/port.c" -I"$prefix/include/filemap/win32" \
	-L"$libdir" -lfilemap-port -lfilemap -o "$stage/port"
check port_program_runs sh -c "FILEMAP_ROOT='$stage' '$stage/port' </dev/null | grep -qx 'visit 0'"

check installed_files_name_no_source_path no_source_paths
check command_runs "$prefix/bin/filemap" --version
check manual_is_installed test -f "$prefix/share/man/man7/filemap.7"
finish
