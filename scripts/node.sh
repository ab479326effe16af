# Finds Node for the scripts that source it, in the folder of the project: the one that scripts/setup installed, if it did.

# The oldest version that builds and tests the console.
node_min=20.19
readonly node_path=scripts/.node

[ ! -d "$node_path" ] || PATH=$PWD/$node_path:$PATH

# Whether there is a Node that is new enough.
has_node() {
    local version
    command -v npm >/dev/null && version=$(node --version 2>/dev/null) || return 1
    printf '%s\n' "$node_min" "${version#v}" | sort --check --version-sort 2>/dev/null
}
