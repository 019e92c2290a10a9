#!/bin/sh
# Make .venv with the first Python that can: $PYTHON, then python3, then the newest by name.
set -eu

usable='import sys, ensurepip; sys.exit(sys.version_info < (3, 10))'

if [ -x .venv/bin/python ] && .venv/bin/python -c "$usable" 2>/dev/null; then
    exit 0
fi
for python in "${PYTHON:-python3}" python3 python3.14 python3.13 python3.12 python3.11 python3.10; do
    if "$python" -c "$usable" 2>/dev/null; then
        echo "Making .venv with $("$python" --version)"
        exec "$python" -m venv --clear .venv
    fi
done

cat >&2 <<'END'
Found no Python 3.10 or later that can make a virtual environment.
On Debian and Ubuntu: apt install python3-venv. Elsewhere: install Python, or name one: make setup PYTHON=/path/to/python3
END
exit 1
