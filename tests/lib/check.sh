# SPDX-License-Identifier: MIT
# The test library for shell: check NAME COMMAND..., skip NAME REASON, finish.
passed=0 failed=0 skipped=0

# check NAME COMMAND... - the command must succeed; what it says is shown if it does not.
check() {
	name=$1
	shift
	if said=$("$@" 2>&1); then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $name: $*"
		echo "$said" | tail -n 40
	fi
}

skip() {
	skipped=$((skipped + 1))
	echo "SKIP $1: $2"
}

finish() {
	line="$passed passed, $failed failed"
	[ $skipped -eq 0 ] || line="$line, $skipped skipped"
	echo "$line"
	[ $failed -eq 0 ]
	exit
}
