#!/bin/sh
# Prints the command of a Python that the shop runs on: `find_python.sh`, or `find_python.sh COMMAND` to have a certain one.
# Where there is none, it says what is wrong with those that there are, and how to get one on this system.

set -u

VERSIONS=$(sed -n 's/.*"Programming Language :: Python :: \(3\.[0-9]*\)".*/\1/p' "$(dirname "$0")/../pyproject.toml" |
    sort -t . -k 2 -nr)
NEWEST=$(echo "$VERSIONS" | head -n 1)
OLDEST=$(echo "$VERSIONS" | tail -n 1)

there() {
    command -v "$1" >/dev/null
}

version_of() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null
}

supported() {
    echo "$VERSIONS" | grep -qx "$1"
}

# Debian's Python comes without ensurepip.
has_venv() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null
}

# What is wrong with a command; nothing if it is usable. Version managers leave commands behind that do not run.
fault() {
    version=$(version_of "$1") || { echo "does not run"; return; }
    supported "$version" || { echo "is Python $version"; return; }
    has_venv "$1" || echo "is Python $version without venv"
}

# For a system without a Python, or whose Python lacks its venv module.
install_python() {
    if there apt-get; then echo "apt install python3 python3-venv"
    elif there dnf; then echo "dnf install python3"
    elif there pacman; then echo "pacman -S python"
    else install_another
    fi
}

# For a system whose own Python is too old or too new.
install_another() {
    if [ "$(uname)" = Darwin ]; then echo "brew install python@$NEWEST"; return; fi
    echo "uv python install $NEWEST (https://docs.astral.sh/uv/), or: pyenv install $NEWEST"
    echo "Then name it: make run PYTHON=\"\$(uv python find $NEWEST)\""
}

remedy() {
    case $faults in
        *"without venv"*) install_python ;;
        *"is Python"*) install_another ;;
        *) install_python ;;
    esac
}

NAMED=${1:-}
# shellcheck disable=SC2046 # one word for each
[ "$NAMED" ] || set -- python3 $(for version in $VERSIONS; do echo "python$version"; done)

faults=
for python in "$@"; do
    there "$python" || continue
    fault=$(fault "$python")
    [ -n "$fault" ] || { echo "$python"; exit 0; }
    faults="$faults $python $fault."
done

cat >&2 <<END
The shop needs Python $OLDEST to $NEWEST with its venv module.
Looked for $*:${faults:- none found.}
END
if [ "$NAMED" ]; then
    echo "Without PYTHON=$NAMED, another one is looked for." >&2
else
    echo "To get one: $(remedy)" >&2
fi
exit 1
