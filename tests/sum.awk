# SPDX-License-Identifier: MIT
# Reads `ctest -V`; prints a line a program and the sum of the programs' closing lines. A program that
# leaves without one, or fails although its line says none failed, counts as one failure.

/^[0-9]+: / {
	n = $0
	sub(/:.*/, "", n)
	line = substr($0, length(n) + 3)
	sub(/^ /, "", line)
	if (line ~ /^(Test command|Working Directory|Test timeout computed|Environment variables)/)
		next
	if (line ~ /^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$/)
		closing[n] = line
	else if (line ~ /^SKIP /)
		skips[n] = skips[n] "    " line "\n"
	said[n] = said[n] "    " line "\n"
	next
}

/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: / {
	match($0, /#[0-9]+: /)
	n = substr($0, RSTART + 1, RLENGTH - 3)
	rest = substr($0, RSTART + RLENGTH)
	split(rest, word, " ")
	seconds = rest
	sub(/ sec.*/, "", seconds)
	sub(/.* /, "", seconds)
	judge(n, word[1], rest, seconds)
	fflush()
}

function judge(n, name, rest, seconds,    part, good, verdict) {
	programs++
	good = rest ~ /[. ]Passed /
	if (rest ~ /\*\*\*Skipped/) {
		skipped++
		printf "skip  %-28s\n%s", name, said[n]
		return
	}
	split(closing[n], part, /[^0-9]+/)
	passed += part[1]
	failed += part[2]
	skipped += part[3]
	verdict = closing[n]
	if (closing[n] == "") {
		verdict = "no closing line"
		good = 0
	}
	if (!good && part[2] + 0 == 0) {
		failed++
		if (match(rest, /\*\*\*.*/))
			verdict = verdict "; " substr(rest, RSTART + 3)
	}
	printf "%s  %-28s %s (%s s)\n%s", good ? "ok  " : "FAIL", name, verdict, seconds, good ? skips[n] : said[n]
}

END {
	if (!programs) {
		print "no test program ran"
		failed++
	}
	printf "%d passed, %d failed%s\n", passed, failed, skipped ? ", " skipped " skipped" : ""
	exit failed > 0
}
