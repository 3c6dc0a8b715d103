#!/usr/bin/env bash
# Installs the built packages as a user would, looks that every program starts, and removes them.
# By hand, as root, in a throw-away Debian 12 system (container, virtual machine):
#   installer/smoke_install.sh [FOLDER-OF-PACKAGES]
set -euo pipefail

root=$(CDPATH='' cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd -P)
folder=$(realpath -- "${1:-$root/build-release/packages}")

fail() {
    printf 'smoke_install: %s\n' "$*" >&2
    exit 1
}

[[ $EUID -eq 0 ]] || fail "not root: apt-get needs it: run it in a container or with sudo"
shopt -s nullglob
packages=("$folder"/*.deb)
[[ ${#packages[@]} -gt 0 ]] || fail "no packages in $folder: not built yet: ./dev package"

names=()
for package in "${packages[@]}"; do
    name=$(dpkg-deb --field "$package" Package)
    ! dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null | grep -qx installed \
        || fail "$name is installed already: this is not a fresh system: remove it first"
    names+=("$name")
done

data=$(mktemp -d)
cleanup() {
    rm -rf -- "$data"
    apt-get remove -y -- "${names[@]}" >/dev/null 2>&1 || true
}
trap cleanup EXIT

echo "==> installing ${names[*]}"
apt-get install -y --no-install-recommends -- "${packages[@]}"

echo "==> starting"
export QT_QPA_PLATFORM=offscreen
cd / # Nothing may depend on the checkout.
for program in foreshard foreshard-console; do
    if [[ " ${names[*]} " == *" $program "* ]]; then
        "$program" --version || fail "$program --version failed"
    fi
done
if [[ " ${names[*]} " == *" foreshard-predictor "* ]]; then
    plugin=/usr/lib/foreshard/libforeshard_predictor.so
    [[ -f $plugin ]] || fail "$plugin is not there: wrong install path: see installer/CMakeLists.txt"
    ! ldd "$plugin" | grep -F 'not found' || fail "$plugin misses a library: Depends are incomplete"
fi

if [[ " ${names[*]} " == *" foreshard "* ]]; then
    echo "==> a stream in, the same stream out"
    printf 'key,value\na,1\nb,2\na,3\n' >"$data/in.csv"
    foreshard run --source "csv:$data/in.csv" --key key --value value --operator aggregate \
        --data "$data/engine" --until-end
    foreshard rebuild --data "$data/engine" | cmp - "$data/in.csv" || fail "rebuild differs"
    foreshard results --data "$data/engine" --format csv
fi

echo "==> removing"
apt-get remove -y -- "${names[@]}" >/dev/null
hash -r # The shell remembers where it found them.
for program in foreshard foreshard-console; do
    ! command -v "$program" >/dev/null || fail "$program is still there after removal"
done
echo "smoke_install: passed"
