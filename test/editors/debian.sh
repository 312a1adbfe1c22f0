# Editors from Debian's packages, for scripts that source this: downloaded from sid and unpacked into a cache folder. They
# are not installed: an editor runs through the loader in that folder, so that neither root, nor a chroot, nor a mount is
# needed, and the machine's own packages stay as they are.

# The mirror that the machine itself takes Debian's packages from.
debian_mirror() {
  local mirror=${CURSORCORE_DEBIAN_MIRROR:-}
  [ -n "$mirror" ] || mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -E '/debian/?$' | head -n 1)
  [ -n "$mirror" ] || { echo 'apt-get names no Debian mirror; set CURSORCORE_DEBIAN_MIRROR.' >&2; return 1; }
  echo "$mirror"
}

# Unpacks packages, and all that they need, into a folder: unpack FOLDER PACKAGE...
unpack() {
  local into=$1 apt mirror package
  shift
  mirror=$(debian_mirror)
  mkdir -p "$into/apt/lists/partial" "$into/apt/archives/partial"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" > "$into/apt/sources.list"
  # A state of its own: as if nothing were installed, so that the C library and the loader come too.
  apt=(apt-get -qq
    -o "Dir::Etc::sourcelist=$into/apt/sources.list" -o Dir::Etc::sourceparts=-
    -o "Dir::State=$into/apt" -o Dir::State::status=/dev/null
    -o "Dir::Cache=$into/apt" -o "Dir::Cache::archives=$into/apt/archives"
    -o Debug::NoLocking=true -o APT::Sandbox::User= -o Acquire::Retries=3 -o Acquire::Languages=none)
  "${apt[@]}" update >&2
  "${apt[@]}" install --yes --no-install-recommends --download-only "$@" >&2
  for package in "$into"/apt/archives/*.deb; do
    dpkg-deb --extract "$package" "$into"
  done
  rm -rf "$into/apt"
}

# The loader among what was unpacked in a folder.
loader_in() {
  find "$1"/usr/lib*/ -maxdepth 2 -name 'ld-linux*.so*' 2>/dev/null | sort | head -n 1
}
