#!/bin/sh
# SPDX-License-Identifier: MIT
# filemap map: size, checksum, throughput, and what cannot be mapped.
. "$(dirname "$0")/common.sh"

printf 123456789 >"$work/nine"
check crc_is_the_known_one json crc32 cbf43926 "$filemap" map "$work/nine" --json
check size_is_exact json size 9 "$filemap" map "$work/nine" --json
dd if=/dev/urandom of="$work/data" bs=1000 count=5001 2>/dev/null
crc=$(gzip -c "$work/data" | tail -c 8 | head -c 4 | od -An -tx1 | awk '{ print $4 $3 $2 $1 }')
check crc_is_gzip_s json crc32 "$crc" "$filemap" map "$work/data" --json
check crc_by_small_windows_is_the_same json crc32 "$crc" "$filemap" map "$work/data" --json --window 4096
check passes_are_as_asked json passes 3 "$filemap" map "$work/data" --json --passes 3
check read_is_measured_beside says "read(2), 256 KiB at a time" "$filemap" map "$work/data"
check cached_is_told says "cached    100 %" sh -c 'cat "$work/data" >/dev/null; "$filemap" map "$work/data"'
check cold_is_told says "dropped on purpose" "$filemap" map "$work/data" --cold --passes 1
check it_left_the_file sh -c '[ "$(gzip -c "$work/data" | tail -c 8 | head -c 4 | od -An -tx1 | tr -d " ")" = \
	"$(printf %s '"$crc"' | sed "s/\(..\)\(..\)\(..\)\(..\)/\4\3\2\1/")" ]'
check window_must_be_a_multiple_of_32 gives 2 "$filemap" map "$work/data" --window 100
: >"$work/empty"
check empty_file_fails gives 1 "$filemap" map "$work/empty"
check empty_file_is_told says "the file is empty" "$filemap" map "$work/empty"
check missing_file_is_not_found gives 3 "$filemap" map "$work/nothing"
check directory_fails gives 1 "$filemap" map "$work"
check device_fails gives 1 "$filemap" map /dev/zero
mkfifo "$work/fifo"
check pipe_fails_and_does_not_wait gives 1 timeout 10 "$filemap" map "$work/fifo"
if [ "$(id -u)" -ne 0 ]; then
	chmod 0 "$work/data"
	check unreadable_file_is_denied gives 5 "$filemap" map "$work/data"
else
	skip unreadable_file_is_denied "root may read everything"
fi
finish
