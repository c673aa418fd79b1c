# Sourced by ./try and ./test: finds what they need, and installs it from the system's packages or names it.

# need_rust: puts cargo on the PATH and checks that it is new enough for the pinned toolchain.
need_rust() {
	local wanted found
	if ! command -v cargo >/dev/null && [ -x "$HOME/.cargo/bin/cargo" ]; then
		PATH="$HOME/.cargo/bin:$PATH"
	fi
	if ! command -v cargo >/dev/null; then
		echo "Rust is missing. Install it as https://rustup.rs says, then run this again." >&2
		exit 1
	fi
	wanted=$(sed -n 's/^channel = "\(.*\)"$/\1/p' rust-toolchain.toml)
	found=$(rustc --version | cut -d' ' -f2)
	if [ "$(printf '%s\n' "$wanted" "$found" | sort -V | head -n 1)" != "$wanted" ]; then
		echo "Rust $wanted is needed, but this is $found. With rustup (https://rustup.rs) it comes by itself." >&2
		exit 1
	fi
}

# is_there PROBE: a path that exists, or a command on the PATH.
is_there() {
	case $1 in
	/*) [ -e "$1" ] ;;
	*) command -v "$1" >/dev/null ;;
	esac
}

# need_packages PROBE=PACKAGE...: installs the Debian package of every probe that is not there.
need_packages() {
	local pair missing=()
	for pair in "$@"; do
		if ! is_there "${pair%%=*}" && [[ " ${missing[*]} " != *" ${pair#*=} "* ]]; then
			missing+=("${pair#*=}")
		fi
	done
	if [ ${#missing[@]} -gt 0 ]; then
		install_packages "${missing[@]}"
	fi
}

# install_packages PACKAGE...: by apt-get, as root or through sudo; on other systems it names them and stops.
install_packages() {
	local answer as_root=()
	if ! command -v apt-get >/dev/null; then
		echo "Missing: $*. (These are Debian's names.) Install them, then run this again." >&2
		exit 1
	fi
	if [ "$(id -u)" -ne 0 ]; then
		as_root=(sudo)
		if ! command -v sudo >/dev/null; then
			echo "Missing: $*. As root: apt-get install $*" >&2
			exit 1
		fi
	fi
	echo "Missing packages: $*. They come from: ${as_root[*]:+sudo }apt-get install --no-install-recommends $*" >&2
	if [ "$(id -u)" -ne 0 ] && [ -t 0 ]; then
		read -rp "Install them now? [Y/n] " answer
		case $answer in
		[nN]*) exit 1 ;;
		esac
	fi
	"${as_root[@]}" apt-get update -q
	"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$@"
}

# What compiling Cellhouse takes: a C and C++ compiler, make, cmake, and the SIMDe headers.
# shellcheck disable=SC2034
for_the_build=(
	cc=build-essential
	c++=build-essential
	make=build-essential
	cmake=cmake
	/usr/include/simde/wasm/simd128.h=libsimde-dev
)
