#!/bin/sh
# A till's client in shell: one `loyalty batch` kept open behind two pipes.
#   till.sh LEDGER FOLDER < requests     one JSON object a line; answers to standard output
# FOLDER is this till's own: `anchor` (the newest checkpoint) and `till.spool` live there.
# Exit status 7: the ledger is not the one that this till has seen. Tell whoever runs it.
ledger=$1 folder=$2 spool=$2/till.spool pipes=

stop() {
    [ -n "$pipes" ] || return 0
    exec 3>&- 4<&-
    wait "$child"
    rm -rf "$pipes"
    pipes=
}
start() {
    stop
    pipes=$(mktemp -d) && mkfifo "$pipes/in" "$pipes/out" || exit 1
    set --
    [ ! -s "$folder/anchor" ] || set -- --anchor "$folder/anchor"
    loyalty --db "$ledger" batch "$@" <"$pipes/in" >"$pipes/out" 2>>"$folder/log" &
    child=$!
    exec 3>"$pipes/in" 4<"$pipes/out"
}
# One line out, one line back, after its commit. Not 0 where the other end is gone.
ask() {
    { printf '%s\n' "$1" >&3; } 2>/dev/null
    IFS= read -r answer <&4
}
# Is it worth the same request later: the machine's fault, or somebody else's turn?
passes() {
    case $answer in
    *'"code":"ledger_restored"'* | *'"code":"fork"'*) printf '%s\n' "$answer" >&2 && exit 7 ;;
    *'"retry":"same_ref"'* | *'"code":"busy"'* | *'"code":"no_such_file"'*) return 0 ;;
    esac
    return 1
}
record() {
    for attempt in 1 2 3; do
        [ -n "$pipes" ] || start
        ask "$1" && ! passes && return
        stop
    done
    return 1
}
keep_anchor() {
    note=$(printf '%s\n' "$answer" | sed -n 's/.*"note":"\([^"]*\)".*/\1/p')
    [ -z "$note" ] || { printf '%b' "$note" >"$folder/anchor.new" && mv "$folder/anchor.new" "$folder/anchor"; }
}

trap '' PIPE
while IFS= read -r request; do
    record "$request" && keep_anchor || answer=$(printf '%s\n' "$request" | loyalty --json spool add --file "$spool")
    printf '%s\n' "$answer"
    # What had to wait goes as soon as the ledger is there again.
    [ ! -s "$spool" ] || [ -z "$pipes" ] || loyalty --db "$ledger" spool replay --file "$spool" >>"$folder/log" 2>&1
done
stop
