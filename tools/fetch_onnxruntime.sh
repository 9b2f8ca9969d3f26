#!/usr/bin/env bash
# Puts ONNX Runtime where the build and the program look for it:
#   FOLDER/include/onnxruntime_c_api.h        from Debian 13's libonnxruntime-dev
#   FOLDER/lib/libonnxruntime.so.<version>    from the PyPI wheel of onnxruntime
# Nothing is installed; both downloads are checked against the hashes pinned here and in
# onnxruntime-requirements.txt. Files are replaced by rename, so a build or a program that uses FOLDER
# meanwhile goes on. docs/decisions/0001-onnxruntime-from-the-wheel.md says why it is done so.
#
# usage: tools/fetch_onnxruntime.sh FOLDER [--header-only]
set -euo pipefail

header_package=libonnxruntime-dev
header_version=1.21.0+dfsg-1
declare -A header_sha256=(
  [amd64]=14f7d959d5deacbcf1504830d4189f91fc67382b399ed9ae9d3aa9c4050ced08
  [arm64]=d4b1967893865756c0fa8536be165259a8eb0e9068e60d322ba707ef4527e44e
)
header_suite=trixie
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

tools=$(dirname -- "$(readlink -f -- "$0")")

fail() {
  printf 'fetch_onnxruntime: %s\n' "$*" >&2
  exit 1
}

# The address of the Debian archive that this machine itself uses (its mirror, its proxy).
debian_archive() {
  # shellcheck disable=SC2016 # apt's own placeholders
  apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' 'Component: main' |
    awk '$1 ~ /^(bookworm|trixie|oldstable|stable)$/ { print $2; exit }'
}

# Downloads the one package into the working folder. apt gets a state of its own there, so the
# machine's lists, sources and pins stay as they are.
download_header_package() {
  local work=$1 arch=$2 archive
  archive=$(debian_archive)
  [[ -n $archive ]] || fail "no Debian archive in this machine's apt sources: expected a source of suite" \
    "bookworm or trixie with component main, to take $header_package from the same mirror"
  mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial"
  echo "deb [signed-by=$keyring] $archive $header_suite main" > "$work/apt/sources.list"
  local options=(
    -o "Dir::State::lists=$work/apt/lists" -o "Dir::Cache=$work/apt/cache"
    -o "Dir::Etc::sourcelist=$work/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "APT::Architecture=$arch" -o "APT::Architectures=$arch" -o "APT::Sandbox::User=$(id -un)"
    -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false -o Acquire::Retries=3
  )
  apt-get "${options[@]}" -q update
  (cd "$work" && apt-get "${options[@]}" -q download "$header_package=$header_version")
}

fetch_header() {
  local work=$1 folder=$2 arch packages
  arch=$(dpkg --print-architecture)
  [[ -n ${header_sha256[$arch]:-} ]] || fail "no pinned $header_package for architecture '$arch':" \
    "known are ${!header_sha256[*]}; put onnxruntime_c_api.h into '$folder/include' by hand"
  download_header_package "$work" "$arch"
  packages=("$work/$header_package"_*.deb)
  echo "${header_sha256[$arch]}  ${packages[0]}" | sha256sum --check --quiet
  dpkg-deb --extract "${packages[0]}" "$work/header"
  replace "$work/header/usr/include/onnxruntime/onnxruntime_c_api.h" "$folder/include"
}

fetch_library() {
  local work=$1 folder=$2 library
  # 3.11 whatever runs here: the library inside is the same for every Python, and one wheel per
  # architecture is pinned.
  /usr/bin/python3 -m pip download --quiet --disable-pip-version-check --no-cache-dir --no-deps \
    --only-binary=:all: --python-version 3.11 --require-hashes \
    --requirement "$tools/onnxruntime-requirements.txt" --dest "$work"
  /usr/bin/python3 -m zipfile --extract "$work"/onnxruntime-*.whl "$work/wheel"
  library=("$work"/wheel/onnxruntime/capi/libonnxruntime.so.*)
  replace "${library[0]}" "$folder/lib"
  replace "$work/wheel/onnxruntime/LICENSE" "$folder"
  replace "$work/wheel/onnxruntime/ThirdPartyNotices.txt" "$folder"
  # A library of another version would be found beside the new one.
  find "$folder/lib" -name 'libonnxruntime.so.*' ! -name "$(basename "${library[0]}")" -delete
}

# Moves a file into a folder of the same file system; leaves it alone if the same bytes are there, so
# that nothing is rebuilt.
replace() {
  local file=$1 folder=$2
  mkdir -p "$folder"
  cmp --silent "$file" "$folder/$(basename "$file")" || mv -f "$file" "$folder/"
}

main() {
  local folder=${1:-} what=${2:-}
  [[ -n $folder && ($what == "" || $what == --header-only) ]] ||
    fail "usage: tools/fetch_onnxruntime.sh FOLDER [--header-only]"
  mkdir -p "$folder"
  work=$(mktemp -d "$(readlink -f "$folder")/.fetch.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  fetch_header "$work" "$folder"
  if [[ $what != --header-only ]]; then
    fetch_library "$work" "$folder"
  fi
}

main "$@"
