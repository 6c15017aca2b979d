#!/usr/bin/env bash
# Builds the image without a daemon and runs it: `.ci/image.sh PYTHON`. No registry is asked for the base: it is made of
# Debian and of that Python (3.13), which stand where the official image has them. Needs root, buildah and debootstrap
# (`apt-get install --no-install-recommends buildah debootstrap crun`) and says so where they are missing.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "$(id -u)" != 0 ] || ! command -v buildah > /dev/null || ! command -v debootstrap > /dev/null; then
    echo "image: not built, as that needs root, buildah and debootstrap"
    exit 75
fi
prefix="$("$1" -c 'import sys; print(sys.base_prefix)')"
if [ "$prefix" = /usr ]; then
    echo "image: not built, as that needs a Python in a folder of its own, which Debian's is not"
    exit 75
fi
base="$(sed -n 's/^ARG BASE=//p' Dockerfile)"
made="$(mktemp -d)" image="localhost/paperwire-proof:1.2.3" container=""
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=overlay
limits=(--ulimit "nofile=$(ulimit -Hn):$(ulimit -Hn)" --ulimit "nproc=$(ulimit -Hu):$(ulimit -Hu)")

finish() {
    [ -z "$container" ] || buildah rm "$container" > /dev/null
    buildah rmi --force "$image" > /dev/null 2>&1 || true
    buildah rmi "docker.io/library/$base" > /dev/null 2>&1 || true
    rm -rf "$made"
}
trap finish EXIT

echo "a base of Debian and $("$1" --version)"
libraries=(ca-certificates libbz2-1.0 libexpat1 libffi8 liblzma5 libncursesw6 libreadline8t64 libsqlite3-0 libssl3t64 libuuid1 netbase tzdata zlib1g)
debootstrap --variant=minbase --include="$(IFS=,; echo "${libraries[*]}")" trixie "$made/system" > "$made/log" || { cat "$made/log"; exit 1; }
tar -C "$prefix" --exclude=__pycache__ --exclude='site-packages/[!p]*' -c bin lib | tar -C "$made/system/usr/local" -x
find "$made/system/usr/local/bin" -type f -exec sed -i "1s|^#!$prefix|#!/usr/local|" {} +
chroot "$made/system" ldconfig
container="$(buildah from scratch)"
buildah add --quiet "$container" "$made/system" / > /dev/null
buildah config --env PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
buildah commit --quiet "$container" "docker.io/library/$base" > /dev/null
buildah rm "$container" > /dev/null
container=""

buildah build "${limits[@]}" --quiet --pull=never --format docker --build-arg VERSION=1.2.3 --tag "$image" .
buildah images --format '{{.Name}}:{{.Tag}} {{.Size}}' | grep paperwire-proof

echo "the image: its version, its user, a service that becomes healthy, what it writes, and how it stops"
container="$(buildah from "${limits[@]}" --pull=never "$image")"
buildah run "$container" -- sh -euc '
    test "$(paperwire --version)" = "paperwire 1.2.3"
    test "$(id -u):$(id -g)" = 10001:10001
    ! python -m pip --version 2> /dev/null
    ! touch /opt/paperwire/x 2> /dev/null
    export PAPERWIRE_WEB__PORT=18000 PAPERWIRE_OPS__PORT=18001 PAPERWIRE_SOURCES__ARXIV__ENABLED=false
    export PAPERWIRE_SOURCES__HUGGINGFACE__ENABLED=false PAPERWIRE_SOURCES__DEMO__ENABLED=true
    paperwire run & service=$!
    tries=0
    until paperwire health --ready 2> /dev/null; do
        tries=$((tries + 1))
        test $tries -lt 60
        sleep 1
    done
    paperwire status
    paperwire backup copy.tar.gz
    kill -TERM $service
    wait $service
    ls -ln'
