#!/bin/sh
# SPDX-License-Identifier: MIT
# exports.sh SOURCE SHARED-OBJECT ARCHIVE - the names others see are the header's, and no foreign one.
set -u
. "$(dirname "$0")/../lib/check.sh"
source=$1 shared=$2 archive=$3
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# Functions that headers declare: "FM_API type name(" in filemap.h, and the symbols behind the Win32
# names: FM_WIN32(x) is one, FM_WIN32_WIDE(x) one for each width of wchar_t.
symbols='s/.*[[:space:]]FM_WIN32(\([A-Za-z0-9_]*\)).*/fm_win32_\1/p
	s/.*[[:space:]]FM_WIN32_WIDE(\([A-Za-z0-9_]*\)).*/fm_win32_\116\nfm_win32_\132/p'
{
	grep -hE '^FM_API' "$source/include/filemap.h" | grep -oE '\bfm_[a-z0-9_]+\(' | tr -d '('
	cat "$source"/include/filemap/win32/*.h | grep -E '^#[[:space:]]*define ' | grep -v 'define FM_' | sed -n "$symbols"
} | sort -u >"$work/declared"
nm -D --defined-only "$shared" | awk '$2 != "A" { print $3 }' | sort >"$work/versioned"
sed 's/@.*//' "$work/versioned" | sort -u >"$work/exported"
nm -g --defined-only "$archive" | awk 'NF == 3 { print $3 }' | sort -u >"$work/archived"

none() { ! grep -vE "$1" "$2"; }
subset() { [ -z "$(comm -23 "$1" "$2" | tee /dev/stderr)" ]; }

check shared_object_exports_only_fm_names none '^fm_' "$work/exported"
check exports_carry_a_version_node none '@@?FILEMAP_[0-9.]+$' "$work/versioned"
check version_nodes_are_those_of_the_map sh -c "sed 's/.*@//' '$work/versioned' | sort -u |
	while read -r node; do grep -q \"^\$node {\" '$source/src/filemap.map' || exit 1; done"
check every_declared_function_is_exported subset "$work/declared" "$work/exported"
check every_export_is_in_a_header subset "$work/exported" "$work/declared"
check archive_has_the_same_global_names cmp "$work/exported" "$work/archived"
check needs_only_the_c_library sh -c "! readelf -d '$shared' | grep NEEDED | grep -vE 'libc\.so|ld-linux'"
check stack_is_not_executable sh -c "readelf -lW '$shared' | grep GNU_STACK | grep -q 'RW '"
check relocations_are_read_only sh -c "readelf -lW '$shared' | grep -q GNU_RELRO && readelf -dW '$shared' | grep -q NOW"
finish
