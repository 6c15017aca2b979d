#!/usr/bin/env bash
# One scheduled run: the state out of the branch `state`, one pass of Paperwire, the state back. README.md says how to use it.
#
# The state is one file that gpg encrypts with STATE_KEY. The branch has one commit, which each run replaces. While messages
# may be on their way the file `sending` stands next to the state, so that the next run knows of one that was cut off. PAPERWIRE is the program, SETTINGS the folder of config.toml and subscriptions.txt, DOUBT what to do
# after a run that was cut off (send or drop), PAGES a folder for public pages and feeds
# that come to be at PAGES_URL, PING_URL an address to ask after a run that worked.
set -euo pipefail

here="$(cd "$(dirname "$0")" && pwd)"
paperwire="${PAPERWIRE:-paperwire}"
settings="$(cd "${SETTINGS:-$here}" && pwd)"
branch=state
most_mb=90       # GitHub refuses files of 100 MB
underway=3600    # seconds that another run may take
late=46800       # seconds between two runs after which one was missed: they come every six hours, and late
ref="refs/heads/$branch"
GIT_DIR="$(git rev-parse --absolute-git-dir)"
export GIT_DIR
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir "$work/branch" "$work/data"

say() { echo "$*" | tee -a "${GITHUB_STEP_SUMMARY:-/dev/null}"; }
stop() { say "Stopped: $*"; exit 1; }
age_of() { echo $(($(date +%s) - $(cat "$1"))); }

[ -n "${STATE_KEY:-}" ] || stop "the secret STATE_KEY is not set, and the state is not kept unencrypted."
STATE_KEY="${STATE_KEY%$'\n'}"
case "$STATE_KEY" in *$'\n'*) stop "the secret STATE_KEY has several lines, of which gpg would take the first alone." ;; esac
for file in config.toml subscriptions.txt; do # without one, every subscription in it would end
    [ -f "$settings/$file" ] || stop "$file is not in $settings; an empty one is fine."
done

# --- the branch ------------------------------------------------------------------------------------------------------

seen="" # the commit that this run goes on from; git refuses to replace another one
fetch() {
    local status=0
    git ls-remote --exit-code origin "$ref" > "$work/listed" || status=$?
    case $status in
        0) ;;
        2) return ;; # there is none yet
        *) stop "the branch $branch could not be asked for; beginning afresh would send papers again." ;;
    esac
    seen="$(cut -f 1 "$work/listed")"
    git fetch --quiet --depth=1 origin "$ref"
    git archive FETCH_HEAD | tar -x -C "$work/branch"
}

# A push that fails is tried again, as what was sent is known here alone.
push() {
    local tree commit there pause
    tree="$(cd "$work/branch" && export GIT_INDEX_FILE="$work/index" GIT_WORK_TREE=. && git add --all --force . && git write-tree)"
    commit="$(git -c user.name=paperwire -c user.email=paperwire@localhost commit-tree "$tree" -m "$1")"
    for pause in 10 60 0; do
        there="$commit"
        git push --quiet --force-with-lease="$ref:$seen" origin "$commit:$ref" && break
        there="$(git ls-remote origin "$ref" | cut -f 1)" || there="$seen"
        [ "$there" != "$commit" ] || break
        [ "$there" = "$seen" ] || stop "the branch $branch was changed meanwhile: another run is under way."
        sleep "$pause"
    done
    [ "$there" = "$commit" ] || stop "the branch $branch could not be pushed."
    seen="$commit"
}

crypt() { gpg --batch --quiet --yes --pinentry-mode loopback --passphrase-fd 3 "$@" 3<<< "$STATE_KEY"; }

unpack() {
    [ -e "$work/branch/state.tar.gz.gpg" ] || return 0
    crypt --decrypt "$work/branch/state.tar.gz.gpg" > "$work/state.tar.gz" 2> "$work/said" ||
        stop "the state could not be decrypted: STATE_KEY is another one, or the file is damaged."
    [ "$(megabytes)" -lt "$most_mb" ] || stop "$full" # before anything is sent that could not be kept
    tar -xzf "$work/state.tar.gz" -C "$work/data"
}

full="the state has more than $most_mb MB: collect fewer categories in a new one, or move to a server."
megabytes() { echo $(($(stat -c %s "$work/state.tar.gz" 2> /dev/null || stat -f %z "$work/state.tar.gz") / 1000000)); }

pack() {
    tar -czf "$work/state.tar.gz" -C "$work/data" .
    say "The state has $(megabytes) MB."
    crypt --symmetric --cipher-algo AES256 --output "$work/branch/state.tar.gz.gpg" "$work/state.tar.gz"
}

# --- what is wanted --------------------------------------------------------------------------------------------------

# Each line of subscriptions.txt is CHANNEL:ADDRESS QUERY; a line that was taken out since ends its subscription.
# Spaces at its ends and between the two, and the ends of lines that Windows writes, make it no other line.
lines() {
    sed -E $'1s/^\xef\xbb\xbf//; s/^[[:space:]]+//; s/[[:space:]]+$//; s/[[:space:]]+/ /' "$1" 2> /dev/null | grep -vE '^(#|$)' || true
}

apply_subscriptions() {
    local to query there text failed=0
    local -a others
    lines "$settings/subscriptions.txt" > "$work/wanted"
    lines "$work/data/subscriptions.txt" > "$work/before"
    : > "$work/applied"
    while read -r to query; do
        others=() # another line may have the same query, spelled otherwise
        while read -r there text; do [ "$there" != "$to" ] || others+=("--unless=$text"); done < "$work/wanted"
        # --if-there: it may have been ended in the chat
        if ! "$paperwire" unsubscribe --if-there --to "$to" ${others[@]+"${others[@]}"} -- "$query"; then
            say "This line was taken out of subscriptions.txt and could not be ended; the next run tries again: $to $query"
            echo "$to $query" >> "$work/applied"
            failed=1
        fi
    done < <(grep -vxFf "$work/wanted" "$work/before" || true)
    while read -r to query; do
        if "$paperwire" subscribe --to "$to" -- "$query"; then
            echo "$to $query" >> "$work/applied"
        else
            say "This line of subscriptions.txt was refused: $to $query"
            failed=1
        fi
    done < <(grep -vxFf "$work/before" "$work/wanted" || true)
    { grep -xFf "$work/wanted" "$work/before" || true; cat "$work/applied"; } > "$work/data/subscriptions.txt"
    return $failed
}

# --- the run ---------------------------------------------------------------------------------------------------------

fetch
if [ -e "$work/branch/sending" ] && [ "$(age_of "$work/branch/sending")" -lt "$underway" ]; then
    stop "another run began $(age_of "$work/branch/sending") seconds ago and has not ended."
fi
unpack
cd "$work/data"
export PAPERWIRE_CONFIG="$settings/config.toml" PAPERWIRE_DATABASE__URL=sqlite+aiosqlite:///paperwire.db

if [ -e last_run ] && [ "$(age_of last_run)" -gt "$late" ]; then
    say "The last run was $(($(age_of last_run) / 3600)) hours ago. Papers that were announced meanwhile are read now."
fi

held=""
if [ -e "$work/branch/sending" ]; then
    case "${DOUBT:-}" in
        send) "$paperwire" outbox --release ;;
        drop)
            "$paperwire" outbox drop --owed
            "$paperwire" outbox --release
            ;;
        *)
            "$paperwire" outbox --hold
            held="A run was cut off while it sent, so this state may be older than what was sent. Papers are read and
matched, and nothing is sent until you start the workflow by hand with \"send\" (some may come twice) or \"drop\"."
            ;;
    esac
fi
if [ -z "$held" ]; then
    date +%s > "$work/branch/sending"
    push "Sending"
fi

refused=0
apply_subscriptions || refused=$?
failed=0
"$paperwire" run --once || failed=$?
date +%s > last_run
[ -n "$held" ] || rm -f "$work/branch/sending"
published=0
if [ -n "${PAGES:-}" ]; then # elsewhere that address would lead to pages that need a server
    PAPERWIRE_PUBLIC_URL="$PAGES_URL" "$paperwire" pages "$PAGES" || published=$?
fi
pack
push "State"
"$paperwire" status || true
[ -z "$held" ] || stop "$held"
[ "$failed" -eq 0 ] || stop "not everything could be read or sent, which the log explains; the next run goes on."
[ "$refused" -eq 0 ] || stop "a line of subscriptions.txt was refused or could not be ended; the rest works."
[ "$published" -eq 0 ] || stop "the pages could not be written, which the log explains; the rest works."
[ "$(megabytes)" -lt "$most_mb" ] || stop "$full"
[ -z "${PING_URL:-}" ] || curl --fail --silent --show-error --max-time 10 --retry 3 "$PING_URL" > "$work/answer"
