#!/bin/sh
# SPDX-License-Identifier: MIT
# exports.sh SOURCE LIBRARY ARCHIVE PORT-LIBRARY PORT-ARCHIVE - the names others see are the headers', and no
# foreign one.
set -u
. "$(dirname "$0")/../lib/check.sh"
source=$1 shared=$2 archive=$3 port=$4 port_archive=$5
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# Functions that headers declare: "FM_API type name(" in filemap.h, and the symbols behind the Win32
# names: FM_WIN32(x) is one, FM_WIN32_WIDE(x) one for each width of wchar_t.
symbols='s/.*[[:space:]]FM_WIN32(\([A-Za-z0-9_]*\)).*/fm_win32_\1/p
	s/.*[[:space:]]FM_WIN32_WIDE(\([A-Za-z0-9_]*\)).*/fm_win32_\116\nfm_win32_\132/p'
{
	grep -hE '^FM_API' "$source/include/filemap.h" "$source/include/filemap/fault.h" | grep -oE '\bfm_[a-z0-9_]+\(' | tr -d '('
	sed ':join; /\\$/ { N; s/\\\n//; b join; }' "$source"/include/filemap/win32/*.h | grep -E '^#[[:space:]]*define ' | grep -v 'define FM_' | sed -n "$symbols"
} | sort -u >"$work/declared"
# What the port library uses of the first one, and nobody else may.
cat "$source"/src/core/*.h "$source"/src/win32/*.h | grep -E '^FM_API' |
	grep -oE '\bfm_internal_[a-z0-9_]+\(' | tr -d '(' | sort -u >"$work/private"

exported() { nm -D --defined-only "$1" | awk '$2 != "A" { print $3 }' | sort; }
plain() { sed 's/@.*//' | sort -u; }
archived() { nm -g --defined-only "$1" | awk 'NF == 3 { print $3 }' | sort -u; }
exported "$shared" >"$work/versioned"
plain <"$work/versioned" >"$work/exported"
exported "$port" >"$work/port_versioned"
plain <"$work/port_versioned" >"$work/port_exported"
grep '@FILEMAP_PRIVATE' "$work/versioned" | plain >"$work/private_exported"
sort -u "$work/exported" "$work/port_exported" | grep -v '^fm_internal_' >"$work/public_exported"
archived "$archive" >"$work/archived"
archived "$port_archive" >"$work/port_archived"

none() { ! grep -vE "$1" "$2"; }
subset() { [ -z "$(comm -23 "$1" "$2" | tee /dev/stderr)" ]; }
disjoint() { [ -z "$(comm -12 "$1" "$2" | tee /dev/stderr)" ]; }
needs_only() { ! readelf -d "$1" | grep NEEDED | grep -vE "$2"; }
hardened() {
	readelf -lW "$1" | grep GNU_STACK | grep -q 'RW ' && readelf -lW "$1" | grep -q GNU_RELRO &&
		readelf -dW "$1" | grep -q NOW
}

check shared_object_exports_only_fm_names none '^fm_' "$work/exported"
check port_exports_only_win32_names none '^fm_win32_' "$work/port_exported"
check exports_carry_a_version_node none '@@?FILEMAP_([0-9.]+|PRIVATE)$' "$work/versioned"
check version_nodes_are_those_of_the_map sh -c "sed 's/.*@//' '$work/versioned' | sort -u |
	while read -r node; do grep -q \"^\$node {\" '$source/src/filemap.map' || exit 1; done"
check every_declared_function_is_exported subset "$work/declared" "$work/public_exported"
check every_export_is_in_a_header subset "$work/public_exported" "$work/declared"
check no_function_is_exported_twice disjoint "$work/exported" "$work/port_exported"
check private_node_is_the_internal_headers cmp "$work/private" "$work/private_exported"
check archive_has_the_same_global_names cmp "$work/exported" "$work/archived"
check port_archive_has_the_same_global_names cmp "$work/port_exported" "$work/port_archived"
check needs_only_the_c_library needs_only "$shared" 'libc\.so|ld-linux'
check port_needs_only_the_two needs_only "$port" 'libc\.so|ld-linux|libfilemap\.so'
check library_is_hardened hardened "$shared"
check port_library_is_hardened hardened "$port"
finish
