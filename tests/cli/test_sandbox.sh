#!/bin/sh
# SPDX-License-Identifier: MIT
# Names seen from a bubblewrap sandbox: those of a directory that it was given, and no others.
. "$(dirname "$0")/common.sh"

# sandboxed OPTION... -- COMMAND...: nothing of the machine but programs and what the options bind
sandboxed() {
	bwrap --unshare-all --die-with-parent --ro-bind / / --proc /proc --dev /dev "$@"
}

if ! command -v bwrap >/dev/null; then
	skip names_in_a_sandbox "bubblewrap is not installed"
	finish
fi
if ! sandboxed true 2>/dev/null; then
	skip names_in_a_sandbox "this user gets no sandbox here"
	finish
fi

start "$filemap" create held --size 64K
check outside_the_name_is_there "$filemap" show held
check with_its_own_file_system_it_is_not gives 3 sandboxed --tmpfs "$FILEMAP_ROOT" "$filemap" show held
check its_own_names_work sandboxed --tmpfs "$FILEMAP_ROOT" "$filemap" create held --size 1M -- "$filemap" show held
check the_directory_bound_it_is_shared sandboxed --bind "$FILEMAP_ROOT" "$FILEMAP_ROOT" "$filemap" show held
check what_is_written_inside_is_seen_outside sh -c 'echo inside | bwrap --unshare-all --ro-bind / / --proc /proc --dev /dev \
	--bind "$FILEMAP_ROOT" "$FILEMAP_ROOT" "$filemap" write held && [ "$("$filemap" cat held --length 6)" = inside ]'
check without_a_directory_there_is_no_namespace gives 3 sandboxed "$filemap" create other --size 64K
check read_only_the_names_are_seen sandboxed --ro-bind "$FILEMAP_ROOT" "$FILEMAP_ROOT" "$filemap" show held
check read_only_none_is_made gives 1 sandboxed --ro-bind "$FILEMAP_ROOT" "$FILEMAP_ROOT" "$filemap" create other --size 64K
check the_living_outside_survive_a_sweep_inside sandboxed --bind "$FILEMAP_ROOT" "$FILEMAP_ROOT" "$filemap" gc
check the_name_is_still_there "$filemap" show held
release
check a_name_made_inside_dies_with_the_sandbox sh -c 'bwrap --unshare-all --ro-bind / / --proc /proc --dev /dev \
	--bind "$FILEMAP_ROOT" "$FILEMAP_ROOT" "$filemap" create inner --size 64K </dev/null && ! "$filemap" show inner 2>/dev/null'
finish
