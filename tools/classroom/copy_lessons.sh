#!/bin/sh
# Brings the lessons into a student's home when a server starts: copy_lessons.sh FROM TO
#
# What is there stays as it is. A lesson is copied under another name first and then renamed, so
# that a full disk or a server that is stopped in between leaves no cut lesson. Whatever fails is
# said and left out: the end is always 0, since a hook that fails would stop the student's server.
from=$1
to=$2

say() {
    echo "lessons: $1" >&2
}

if ! mkdir -p "$to" 2>/dev/null; then
    say "$to cannot be a folder here (a file of that name, or a home that nobody may write)"
    exit 0
fi
rm -f "$to"/.*.copying 2>/dev/null
for lesson in "$from"/*.ipynb; do
    name=${lesson##*/}
    if [ -e "$to/$name" ] || [ -L "$to/$name" ]; then continue; fi
    part=$to/.$name.copying
    if ! { cp "$lesson" "$part" && mv "$part" "$to/$name"; } 2>/dev/null; then
        rm -f "$part" 2>/dev/null
        say "$name could not be copied (a full disk, or a folder that nobody may write)"
    fi
done
exit 0
