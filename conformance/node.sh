# Read by the suites that run on Node, in their folder: leaves with 77 when Node is missing or too old, installs what package-lock.json names.
major=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p')
if [ "${major:-0}" -lt 20 ]; then
    echo "Node 20 or newer is not on the PATH"
    exit 77
fi
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    npm ci --no-audit --no-fund >&2
fi
