# Read by the suites that run on Python, in their folder: leaves with 77 when Python is missing or too old, and installs
# what requirements.txt names into .venv. $python is the interpreter with the SDK.
if ! python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    echo "Python 3.10 or newer with its venv module is not on the PATH"
    exit 77
fi
python=.venv/bin/python
if [ ! -e .venv/installed ] || [ requirements.txt -nt .venv/installed ]; then
    python3 -m venv --clear .venv
    $python -m pip install --quiet --disable-pip-version-check -r requirements.txt >&2
    touch .venv/installed
fi
