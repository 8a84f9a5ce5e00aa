#!/bin/sh
# SPDX-License-Identifier: MIT
# fetch.sh DIRECTORY - get what `make check-programs` builds and compares with, into DIRECTORY:
#   lmdb/ sqlite3/   Debian's source packages as released, without Debian's patches; sqlite3.c and shell.c made
#   tools/           sqlite3 and lmdb-utils of the distribution, and tclsh, unless the machine has them
#
# apt runs with a configuration of its own: the machine's Debian sources, binary and source, and lists,
# caches and state below DIRECTORY, so it needs no root and leaves the machine's apt as it was.
# Exit code: 0 all is there, 1 not, with the reason.
set -u
[ $# -eq 1 ] || { echo "usage: fetch.sh DIRECTORY" >&2; exit 2; }
mkdir -p "$1" || exit 1
cd "$1" || exit 1
here=$(pwd)
[ -f complete ] && exit 0

die() {
	echo "fetch: $1" >&2
	[ -f apt.log ] && tail -n 5 apt.log >&2
	exit 1
}
command -v apt-get >/dev/null || die "apt-get is missing: the sources come from Debian's archive"

# The entries for binaries in one line each: "deb [options] URI suite components".
sources() {
	cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | grep '^deb[[:space:]]'
	cat /etc/apt/sources.list.d/*.sources 2>/dev/null | awk '
		function flush(   i, j, u, s) {
			u = split(uris, uri, " "); s = split(suites, suite, " ")
			option = signed != "" ? "[signed-by=" signed "] " : ""
			for (i = 1; i <= u; i++)
				for (j = 1; j <= s; j++)
					print "deb " option uri[i], suite[j], components
			uris = suites = components = signed = ""
		}
		{ key = tolower($1) }
		/^[[:space:]]*$/ { if (uris != "") flush(); next }
		/^#/ { next }
		key == "uris:" { $1 = ""; uris = $0 }
		key == "suites:" { $1 = ""; suites = $0 }
		key == "components:" { $1 = ""; components = $0 }
		key == "signed-by:" { signed = $2 }
		END { if (uris != "") flush() }'
}
mkdir -p state/lists/partial cache/archives/partial empty
sources | grep -E '[/.]debian\.org/|/debian(-security)?/? ' | sort -u | sed 'p; s/^deb /deb-src /' >sources.list
[ -s sources.list ] || die "no Debian source in /etc/apt"
cat >apt.conf <<END
Dir::Etc::SourceList "$here/sources.list";
Dir::Etc::SourceParts "$here/empty";
Dir::State "$here/state";
Dir::State::Lists "$here/state/lists";
Dir::Cache "$here/cache";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "3";
END
export APT_CONFIG="$here/apt.conf"
apt-get -q update >apt.log 2>&1 || die "apt-get update failed"

# released NAME DIRECTORY: the released archive alone; dpkg-dev need not be there.
released() {
	apt-get -q source --download-only "$1" >apt.log 2>&1 || die "apt-get source $1 failed"
	for archive in "$1"_*.orig.tar.*; do
		case $archive in *.asc) continue ;; esac
		[ -f "$archive" ] || die "$1: no .orig.tar among what apt-get brought"
		rm -rf "$2" && mkdir -p "$2" && tar -xf "$archive" -C "$2" --strip-components=1 ||
			die "$archive cannot be unpacked (is xz-utils there?)"
	done
}

# tool COMMAND PACKAGE...: from packages, unpacked below tools/, where the machine has no such command.
tool() {
	command -v "$1" >/dev/null && return
	command=$1
	shift
	(mkdir -p packages && cd packages && apt-get -q download "$@") >apt.log 2>&1 || die "apt-get download $* failed"
	for package; do
		dpkg-deb -x packages/"$package"_*.deb tools || die "$package cannot be unpacked"
	done
	PATH=$here/tools/usr/bin:$PATH
	LD_LIBRARY_PATH=$(dirname "$(find "$here/tools" -name '*.so*' | head -n 1)"):${LD_LIBRARY_PATH:-}
	export PATH LD_LIBRARY_PATH
	command -v "$command" >/dev/null || die "$command is not in $*"
}

released lmdb lmdb
released sqlite3 sqlite3
tool sqlite3 sqlite3 libsqlite3-0 libreadline8 libtinfo6
tool mdb_stat lmdb-utils liblmdb0
tool tclsh8.6 tcl8.6 libtcl8.6

# SQLite's one file, as its own makefile makes it. Tcl finds its library beside its program.
mkdir -p bin && ln -sf "$(command -v tclsh8.6)" bin/tclsh
[ -d tools/usr/share/tcltk/tcl8.6 ] && export TCL_LIBRARY="$here/tools/usr/share/tcltk/tcl8.6"
(cd sqlite3 && PATH=$here/bin:$PATH make -s -f main.mk TOP=. TCC=cc BCC=cc sqlite3.c shell.c) >make.log 2>&1 ||
	die "SQLite's one file cannot be made: $(tail -n 1 make.log)"
: >complete
