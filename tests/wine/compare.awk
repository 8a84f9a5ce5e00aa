# SPDX-License-Identifier: MIT
# compare.awk differences.txt results.txt - what failed under Wine against what is listed.
#
# differences.txt: "program/test | row | reason"; row "-" is the test outside any row, "*" all of it.
# results.txt: "RUN program/test", "ROW program/test row", "FAIL program/test [row]: message",
# "FAIL program/test" (the test failed as a whole), "END program" (it did not reach its end).

function trim(text) {
	gsub(/^[ \t]+|[ \t]+$/, "", text)
	return text
}

FNR == NR {
	if ($0 ~ /^[ \t]*(#|$)/)
		next
	split($0, part, "|")
	listed[trim(part[1]) SUBSEP trim(part[2])] = trim(part[3])
	next
}

$1 == "RUN" {
	tests[$2] = 1
	ntests++
	split($2, part, "/")
	programs[part[1]] = 1
}
$1 == "ROW" { nrows++ }
$1 == "SKIP" { nskipped++ }
$1 == "END" {
	printf "UNLISTED %s: it did not reach its end\n", $2
	unlisted++
}
$1 == "FAIL" {
	line = substr($0, 6)
	test = line
	sub(/[: ].*/, "", test)
	row = "-"
	if (match(line, /^[^ :]+ \[[^]]*\]: /))
		row = substr(line, length(test) + 3, RLENGTH - length(test) - 5)
	else if (line == test) {
		whole[test] = 1
		next
	}
	detailed[test] = 1
	fail(test, row, line)
}

function fail(test, row, line,    key) {
	bad[test] = 1
	if (!((test, row) in seen))
		nbad++
	seen[test, row] = 1
	key = test SUBSEP row
	if (!(key in listed))
		key = test SUBSEP "*"
	if (key in listed) {
		used[key] = 1
		return
	}
	printf "UNLISTED %s\n", line
	unlisted++
}

END {
	for (test in whole)
		if (!(test in detailed))
			fail(test, "-", test)
	for (key in listed) {
		split(key, part, SUBSEP)
		split(part[1], name, "/")
		if (!(key in used) && (name[1] in programs)) {
			printf "PASSES NOW %s | %s | %s\n", part[1], part[2], listed[key]
			now++
		}
	}
	for (test in bad)
		nfailed++
	for (key in used)
		nused++
	printf "%d tests, %d rows on Wine; %d tests differ in %d places, %d listed differences used\n",
		ntests, nrows, nfailed, nbad, nused
	printf "%d passed, %d failed%s\n", ntests - nfailed - nskipped, unlisted,
		nskipped ? ", " nskipped " skipped" : ""
	exit unlisted > 0
}
